"""A rectangle of cells as it lies in a file, each still knowing its place."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Value: TypeAlias = (
    str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta
)
"""A cell; the empty text where it is empty. Text files hold texts only."""

MOST_ROWS = 50_000
"""Of a text or a sheet; Kab. Bogor has 15,228 TPS."""
MOST_COLUMNS = 500
"""Of the same; a plan has about 15."""
MOST_CELLS = 2_000_000
"""Rows x columns of a sheet; Kab. Bogor's 15,228 TPS with 15 columns are 228,420."""
_LETTERS = 26
_WIDTHLESS = dict.fromkeys(map(ord, "\ufeff\u200b\u00ad"))


Span = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell, (row, column) from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The cells of a text file or of one sheet; merged cells are filled."""

    file: str
    sheet: str | None = None
    """None for a text file."""
    rows: Sequence[Sequence[Value]]
    """All of one width."""
    numbers: Sequence[int]
    """Of each row: the line or row of the file, from 1."""
    widths: Sequence[int] | None = None
    """Of each row of a text file: how many cells it had; None for a sheet."""
    hidden: bool = False
    """The whole sheet is hidden."""
    hidden_rows: frozenset[int] = frozenset()
    """Rows of the sheet, from 1."""
    hidden_columns: frozenset[int] = frozenset()
    """From 0."""
    hidden_known: bool = True
    """False where the file's form does not let it be known."""
    uncalculated: frozenset[tuple[int, int]] = frozenset()
    """Row from 1 and column from 0 of formulas whose result is not in the file."""

    merged: Mapping[tuple[int, int], Span] = field(default_factory=dict)
    """By each cell of a merged one that holds something, row and column from 0."""

    @property
    def width(self) -> int:
        """Cells of a row."""
        return len(self.rows[0]) if self.rows else 0

    def cell(self, row: int, column: int) -> str | None:
        """The name of a cell of a sheet, such as ``F19``; None in a text file."""
        if self.sheet is None:
            return None
        return f"{letters(column)}{self.numbers[row]}"


def span_name(span: Span) -> str:
    """A merged cell's name in a sheet.

    >>> span_name(((5, 3), (8, 3)))
    'D6:D9'
    """
    return ":".join(f"{letters(column)}{row + 1}" for row, column in span)


def letters(column: int) -> str:
    """A column's name in a sheet.

    >>> letters(0), letters(25), letters(26)
    ('A', 'Z', 'AA')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, _LETTERS)
        name = chr(ord("A") + rest) + name
    return name


def text(value: Value) -> str:
    r"""A cell as a text in one line, without blanks around it.

    Whole numbers lose the ``.0`` that spreadsheets put behind every number.

    >>> text(1771061001.0), text("\xa0 Teluk\xa0Segara ")
    ('1771061001', 'Teluk Segara')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    # Blanks of every kind, the one that does not break too; and those of no width.
    return " ".join(str(value).translate(_WIDTHLESS).split())
