"""A table of a grid: its rows, its totals rows, and what in it was passed over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.intake.grid import letters, text
from station.intake.header_recognition import Field
from station.intake.problem import SENTENCES, Problem, ProblemKind, Weight, filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.intake.grid import Grid, Span, Value
    from station.intake.header_recognition import Column, Header

_KECAMATAN = re.compile(
    r"\bkec(?:amatan|\.)\s*:?\s*(.+?)(?:\s*[-,;(/]|$)", re.IGNORECASE
)

_FILLED_DOWN = frozenset(
    {
        *(Field.CODE, Field.NAME, Field.KECAMATAN, Field.KECAMATAN_CODE, Field.DAPIL),
        *(Field.LEVEL, Field.PARENT, Field.NOTE, Field.NUMBER),
    }
)
"""Columns in which a merged cell holds for every row that it covers."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table."""

    table: Table
    index: int
    """Of the row in its grid."""

    def value(self, column: Column) -> Value:
        """The cell of a column; the empty text where there is no such column."""
        places = self.table.header.columns.get(column, ())
        return self.table.grid.rows[self.index][places[0]] if places else ""

    def text(self, column: Column) -> str:
        """The same as a text in one line."""
        return text(self.value(column))

    def merged(self, column: Column) -> Span | None:
        """The merged cell that makes one figure of a column stand more than once.

        Names and codes hold for all that such a cell covers, a figure for one TPS; a
        cell merged over columns that have one title says it once.
        """
        if column in _FILLED_DOWN:
            return None
        columns = self.table.header.columns
        for place in columns.get(column, ()):
            span = self.table.grid.merged.get((self.index, place))
            if span is None:
                continue
            (top, left), (bottom, right) = span
            across = {
                one
                for one, at in columns.items()
                if any(left <= other <= right for other in at)
            }
            if bottom > top or len(across) > 1:
                return span
        return None

    @property
    def where(self) -> str:
        """How another problem names this row: ``a.csv baris 32``."""
        grid = self.table.grid
        sheet = "" if grid.sheet is None else f" lembar {grid.sheet}"
        return f"{grid.file}{sheet} baris {grid.numbers[self.index]}"

    def problem(
        self, trouble: ProblemKind, column: Column | None = None, **facts: object
    ) -> Problem:
        """What is wrong with this row, in the cell of ``column``."""
        places = self.table.header.columns.get(column, ()) if column else ()
        return self.problem_at(trouble, places[0] if places else None, **facts)

    def problem_at(
        self, trouble: ProblemKind, place: int | None, **facts: object
    ) -> Problem:
        """The same with the column's place in the grid; None for the row as a whole."""
        grid = self.table.grid
        weight = facts.pop("weight", Weight.HELD)
        expected, mend = SENTENCES[trouble]
        row = grid.rows[self.index]
        read = facts.pop("read", None)
        if read is None:
            cells = row if place is None else row[place : place + 1]
            read = " ".join(filter(None, map(text, cells)))
        return Problem(
            weight=Weight(str(weight)),
            trouble=trouble,
            file=grid.file,
            sheet=grid.sheet,
            row=grid.numbers[self.index],
            cell=None if place is None else grid.cell(self.index, place),
            column=None if place is None else self.table.title(place),
            read=str(read),
            expected=filled(expected, facts),
            mend=filled(mend, facts),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A grid whose header was found."""

    grid: Grid
    header: Header

    def title(self, place: int) -> str:
        """A column as its header names it, else its letter or number."""
        title = self.header.titles[place]
        if title:
            return title
        return letters(place) if self.grid.sheet is not None else str(place + 1)

    def problem(self, trouble: ProblemKind, weight: Weight, **facts: object) -> Problem:
        """What is wrong with the table as a whole."""
        expected, mend = SENTENCES[trouble]
        return Problem(
            weight=weight,
            trouble=trouble,
            file=self.grid.file,
            sheet=self.grid.sheet,
            column=str(facts.pop("title", "")) or None,
            read=str(facts.pop("read", "")),
            expected=filled(expected, facts),
            mend=filled(mend, facts),
        )

    @property
    def stated_kecamatan(self) -> str:
        """The kecamatan that a title over the table names, or nothing."""
        for row in self.grid.rows[: self.header.start]:
            for value in row:
                match = _KECAMATAN.search(text(value))
                if match is not None:
                    return match[1].strip()
        return ""

    def lines(self) -> Iterator[TableRow]:
        """The rows under the header that hold anything."""
        for index in range(self.header.body, len(self.grid.rows)):
            if any(text(value) for value in self.grid.rows[index]):
                yield TableRow(self, index)
