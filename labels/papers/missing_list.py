"""The items of a waybill that did not depart, each with what becomes of it and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels.papers.item_list import START, STOP, list_title
from labels.papers.number_words import grouped
from labels.papers.page import (
    CAPTION,
    LEFT,
    RIGHT,
    SMALL,
    STRONG_SMALL,
    THIN,
    TOP,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from labels.papers.page import Page
    from labels.papers.waybill_facts import MissingItem, Waybill

_LINE = 3.7
_COLUMNS = (
    ("Kelurahan", 0, 36),
    ("TPS", 37, 9),
    ("Jenis", 47, 21),
    ("Kode", 69, 27),
    ("Keputusan", 97, 28),
    ("Alasan", 126, 56),
)
"""Caption, left edge and width."""
_REASON_LINES = 12


def draw_missing(new_page: Callable[[], Page], bill: Waybill) -> None:
    """Draw all of them, on as many pages as they need."""
    page, y = None, STOP
    count = f"{grouped(len(bill.missing))} {bill.unit}"
    for item in bill.missing:
        cells = _cells(item)
        high = _LINE * max(map(len, cells)) + 1.6
        if page is None or y + high > STOP:
            page, y = new_page(), START
            title = f"Kurang: {count} tidak berangkat"
            list_title(page, title, bill)
            for caption, left, width in _COLUMNS:
                page.write(caption, (LEFT + left, TOP + 10.5), width, CAPTION)
            page.rule(TOP + 12.1, LEFT, RIGHT, THIN)
        for (caption, left, width), lines in zip(_COLUMNS, cells, strict=True):
            style = STRONG_SMALL if caption == "Kode" else SMALL
            for place, line in enumerate(lines):
                at = (LEFT + left, y + 3.6 + place * _LINE)
                page.write(line, at, width, style)
        y += high
        page.rule(y, LEFT, RIGHT, THIN)
        if item is bill.missing[-1]:
            page.write(f"Akhir daftar: {count}", (LEFT, y + 4), RIGHT - LEFT, SMALL)


def _cells(item: MissingItem) -> list[list[str]]:
    """What stands in each column, in lines."""
    _, _, wide = _COLUMNS[-1]
    return [
        [item.kelurahan],
        [item.tps],
        [item.kind],
        [item.item.as_hri()],
        wrapped(item.disposition, _COLUMNS[-2][2], SMALL, 2),
        wrapped(item.reason, wide, SMALL, _REASON_LINES),
    ]
