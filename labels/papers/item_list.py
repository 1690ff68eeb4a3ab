"""The list of a waybill: every item by kelurahan, TPS and kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from labels.papers.number_words import grouped
from labels.papers.page import (
    CAPTION,
    END,
    LEFT,
    LINE,
    MIDDLE,
    RIGHT,
    SMALL,
    STRONG,
    STRONG_SMALL,
    THIN,
    TOP,
    wrapped,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from labels.papers.page import Page
    from labels.papers.waybill_facts import LoadedItem, Waybill

START, STOP = TOP + 14, 276.0
"""Between these the rows stand."""
_ROW, _MORE = 4.3, 3.2
"""Height of an item, and of each further line of its seals."""
_HEADING = 7.0
_GAP = 4.4
_TICK = 2.6


@dataclass(frozen=True, slots=True)
class _Columns:
    """How many on a page, and where the parts of a row begin from the left of one."""

    many: int
    tick: float
    kind: float
    code: float
    notes: float
    """Condition and seals, to the end of the column."""

    @property
    def width(self) -> float:
        return (RIGHT - LEFT - _GAP * (self.many - 1)) / self.many

    def left(self, place: int) -> float:
        return LEFT + place % self.many * (self.width + _GAP)


_TWO = _Columns(2, 9, 13, 33, 60)
_ONE = _Columns(1, 14, 19, 48, 78)
"""For items with so many seals that their list takes less paper side by side."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Items of one TPS, which stay together."""

    kelurahan: str
    tps: str
    rows: tuple[tuple[LoadedItem, tuple[str, ...]], ...]
    """Each item with its condition and seals in lines."""

    @property
    def high(self) -> float:
        return sum(_high(notes) for _, notes in self.rows)


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where a block stands."""

    column: int
    """Counts over all pages."""
    y: float
    """Its upper edge; that of its heading where it has one."""
    heading: str
    block: _Block


def draw_list(new_page: Callable[[], Page], bill: Waybill) -> None:
    """Draw every item, on as few pages as the seals allow."""
    ways = [(columns, _placed(bill, columns)) for columns in (_TWO, _ONE)]
    columns, placed = min(ways, key=lambda way: way[1][-1].column // way[0].many)
    page, drawn = None, -1
    for one in placed:
        if page is None or one.column // columns.many != drawn:
            drawn = one.column // columns.many
            page = new_page()
            title = f"Daftar isi: {grouped(len(bill.items))} {bill.unit}"
            list_title(page, title, bill)
            for place in range(columns.many):
                _captions(page, columns, columns.left(place))
        left = columns.left(one.column)
        y = one.y
        if one.heading:
            page.write(one.heading, (left, y + 4.6), columns.width, STRONG)
            page.rule(y + 6, left, left + columns.width)
            y += _HEADING
        y = _draw(page, one.block, columns, (left, y))
        if one is placed[-1]:
            end = f"Akhir daftar: {grouped(len(bill.items))} {bill.unit}"
            page.write(end, (left, y + 3.6), columns.width, SMALL, MIDDLE)


def list_title(page: Page, title: str, bill: Waybill) -> None:
    """Draw the title of a list and, at the end of its line, where the load goes."""
    page.write(title, (LEFT, TOP + 4), 90, STRONG)
    beside = " · ".join(
        text for text in (bill.note, bill.goods_of or bill.goes_to) if text.strip()
    )
    page.write(beside, (LEFT + 94, TOP + 4), RIGHT - LEFT - 94, SMALL, END)
    page.rule(TOP + 6, LEFT, RIGHT)


def _captions(page: Page, columns: _Columns, left: float) -> None:
    y = TOP + 10.5
    page.write("TPS", (left, y), columns.tick - 1, CAPTION)
    page.write("Jenis", (left + columns.kind, y), 20, CAPTION)
    page.write("Kode", (left + columns.code, y), 20, CAPTION)
    width = columns.width - columns.notes
    page.write("Kondisi · segel", (left + columns.notes, y), width, CAPTION)
    page.rule(y + 1.6, left, left + columns.width, THIN)


def _draw(
    page: Page, block: _Block, columns: _Columns, at: tuple[float, float]
) -> float:
    """Draw a block; gives the height below it."""
    left, y = at
    page.write(block.tps.strip() or "-", (left, y + 3.2), columns.tick - 1, STRONG)
    for item, notes in block.rows:
        page.box((left + columns.tick, y + 0.7), (_TICK, _TICK), LINE)
        width = columns.code - columns.kind - 1
        page.write(item.kind, (left + columns.kind, y + 3.1), width, SMALL)
        width = columns.notes - columns.code - 1
        at = (left + columns.code, y + 3.1)
        page.write(item.item.as_hri(), at, width, STRONG_SMALL)
        for place, note in enumerate(notes):
            at = (left + columns.notes, y + 3.1 + place * _MORE)
            page.write(note, at, columns.width - columns.notes, CAPTION)
        y += _high(notes)
    page.rule(y, left, left + columns.width, THIN)
    return y


def _high(notes: tuple[str, ...]) -> float:
    return _ROW + _MORE * max(0, len(notes) - 1)


def _placed(bill: Waybill, columns: _Columns) -> list[_Placed]:
    """Every block in its place; none is cut by the end of a column."""
    counts = Counter(item.kelurahan for item in bill.items)
    column, y, last = 0, START, None
    found = []
    for block in _blocks(bill, columns):
        name = block.kelurahan.strip() or "Tanpa kelurahan"
        heading = ""
        if block.kelurahan != last:
            heading = f"{name} · {grouped(counts[block.kelurahan])} {bill.unit}"
        if y + block.high + _HEADING * bool(heading) > STOP:
            column, y = column + 1, START
            heading = heading or f"{name} (lanjutan)"
        found.append(_Placed(column, y, heading, block))
        y += block.high + _HEADING * bool(heading)
        last = block.kelurahan
    return found


def _blocks(bill: Waybill, columns: _Columns) -> Iterator[_Block]:
    """The items by kelurahan and TPS, in pieces that a column can hold."""
    width = columns.width - columns.notes
    for (kelurahan, tps), items in groupby(
        bill.items, lambda item: (item.kelurahan, item.tps)
    ):
        rows: list[tuple[LoadedItem, tuple[str, ...]]] = []
        high = 0.0
        for item in items:
            notes = tuple(_notes(item, width))
            high += _high(notes)
            if high > STOP - START - _HEADING:
                yield _Block(kelurahan, tps, tuple(rows))
                rows, high = [], _high(notes)
            rows.append((item, notes))
        yield _Block(kelurahan, tps, tuple(rows))


def _notes(item: LoadedItem, width: float) -> list[str]:
    """Condition and seals in as many lines as they need."""
    seals = ", ".join(seal for seal in item.seals if seal.strip())
    said = " · ".join(part for part in (item.condition.strip(), seals) if part)
    return wrapped(said, width, CAPTION, 40)
