"""Labels read back from their dots before anybody is offered them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from station.custody.paper import PaperCode, PaperError

if TYPE_CHECKING:
    from labels.artwork import Artwork

Decode: TypeAlias = Callable[[NDArray[np.uint8]], Sequence[str]]
"""The QR texts in a grey picture (height, width), one for each symbol."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a printer will print, and what should stand on it."""

    dots: NDArray[np.uint8]
    """Brightness, shape (height, width)."""
    labels: Sequence[Artwork]
    copies: int = 1


def check(page: Page, number: int, decode: Decode) -> None:
    """Let a page pass whose labels all read, each as itself, and nothing else does.

    Args:
        page: Its dots and labels; copies beside each other are named each.
        number: The page's, from 1, for the sentence.
        decode: The station's own reader.

    Raises:
        PaperError: A label does not read, or something else does; it is named.
    """
    drawn = Counter(str(label.code) for label in page.labels)
    found = Counter(decode(page.dots))
    for label in page.labels:
        if found[str(label.code)] < drawn[str(label.code)]:
            hri = label.code.item.as_hri()
            message = (
                f"Expected label {hri} on page {number} to read "
                "back, it does not; nothing was printed: choose a larger stock, "
                "another offset, or report this label."
            )
            raise PaperError(PaperCode.UNREAD, message, label=hri, page=number)
    if strange := found - drawn:
        message = (
            f"Expected only the labels drawn on page {number}, read also "
            f"{next(iter(strange))!a}; nothing was printed: report this job."
        )
        raise PaperError(PaperCode.STRANGE, message, page=number)
