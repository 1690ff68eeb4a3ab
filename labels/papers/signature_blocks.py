"""The blocks of a paper in which people sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels.papers.page import (
    CAPTION,
    LEFT,
    MIDDLE,
    RIGHT,
    SMALL,
    STRONG_SMALL,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labels.papers.page import Page


def signatures(page: Page, top: float, blocks: Sequence[tuple[str, str]]) -> None:
    """Draw a row of blocks to sign in: what the signer is, and the name if known."""
    wide, high = (RIGHT - LEFT) / len(blocks), 39.0
    for place, (role, name) in enumerate(blocks):
        x = LEFT + place * wide
        page.box((x, top), (wide, high))
        page.write(role, (x + 1.5, top + 4.4), wide - 3, STRONG_SMALL, MIDDLE)
        page.dots(top + 30.5, x + 3, x + wide - 3)
        known = name.strip()
        style = SMALL if known else CAPTION
        page.write(
            known or "nama jelas", (x + 1.5, top + 33.7), wide - 3, style, MIDDLE
        )
        page.write("pukul", (x + 3, top + 37.4), 8, CAPTION)
        page.dots(top + 37.4, x + 11, x + wide - 3)
