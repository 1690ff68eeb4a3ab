"""What a clerk should know of how a file was read, though nothing is in the way."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from station.intake.grid import letters, text
from station.intake.header_recognition import Field, TableKind
from station.intake.plan_values import TableReading
from station.intake.problem import (
    SENTENCES,
    Problem,
    ProblemKind,
    Weight,
    printable,
    shown,
)
from station.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from station.intake.findings import Findings
    from station.intake.grid import Grid
    from station.intake.row_sorting import Rows
    from station.intake.table import Table
    from station.intake.unreadable_file import Why
    from station.intake.uploaded_file import PlanFile

_FIRST = 3
_NAMED = 12
"""Rows or titles that a note names before it says how many more there are."""


def left_out(grid: Grid) -> Iterator[Problem]:
    """That a sheet was not read; nothing for an empty one."""
    filled = any(text(value) for row in grid.rows for value in row)
    if grid.sheet is None or not filled:
        return
    why = (
        Text(": tersembunyi")
        if grid.hidden
        else Text(": tidak ada judul kolom yang dikenal")
    )
    expected, mend = SENTENCES[ProblemKind.SHEET_LEFT_OUT]
    yield Problem(
        weight=Weight.NOTE,
        trouble=ProblemKind.SHEET_LEFT_OUT,
        file=grid.file,
        sheet=grid.sheet,
        read=grid.sheet,
        expected=Text(expected),
        mend=Text(mend, why=why),
    )


def no_table(opened: PlanFile, *, recap: bool) -> Why:
    """For a file that says nothing of a plan, or sums only."""
    if recap:
        return (
            opened.name,
            Text("rincian tiap TPS"),
            Text("rekap tiap kelurahan saja"),
            Text("kirim berkas dengan satu baris untuk setiap TPS"),
        )
    titles = [
        text(value)
        for grid in opened.grids
        for row in grid.rows[:1]
        for value in row
        if text(value)
    ]
    read = shown(", ".join(titles)) if titles else "tidak ada"
    expected = (
        "judul kolom tabel TPS (kode kelurahan, TPS, DPT, surat suara tiap jenis) atau"
        " tabel wilayah (tingkat, kode, nama)"
    )
    return (
        opened.name,
        expected,
        read,
        Text("periksa judul kolomnya, lalu impor lagi"),
    )


def understood(table: Table, found: Findings) -> tuple[str, ...]:
    """The first sound rows of a table, each in a line."""
    stations = (row.station for row in found.stations if row.line.table is table)
    areas = (row.area for row in found.areas if row.line.table is table)
    sound = (str(one) for one in chain(areas, stations) if one is not None)
    return tuple(islice(sound, _FIRST))


def reading(
    opened: PlanFile, table: Table, rows: Rows, understood: tuple[str, ...]
) -> TableReading:
    """How a table was understood."""
    meanings = {
        place: column.value
        for column, places in table.header.columns.items()
        for place in places
    }
    return TableReading(
        file=opened.name,
        sheet=table.grid.sheet,
        kind=table.header.kind,
        form=opened.form,
        header_row=table.grid.numbers[table.header.body - 1],
        columns=tuple(
            (printable(table.title(place)), meanings.get(place, ""))
            for place in range(table.grid.width)
        ),
        first=tuple(
            tuple(map(text, table.grid.rows[line.index])) for line in rows.data[:_FIRST]
        ),
        rows=len(rows.data),
        understood=understood,
    )


def of_table(opened: PlanFile, table: Table, rows: Rows) -> Iterator[Problem]:
    """Encoding, what is hidden, and what was left out of a table."""
    encoding = opened.encoding or ""
    if encoding == "cp1252" or "rusak" in encoding:
        yield table.problem(
            ProblemKind.ENCODING, Weight.NOTE, read="bukan UTF-8", encoding=encoding
        )
    if not table.grid.hidden_known:
        yield table.problem(ProblemKind.HIDDEN_UNKNOWN, Weight.NOTE, read=opened.form)
    yield from _hidden(table)
    known = {place for places in table.header.columns.values() for place in places}
    notes = table.header.columns.get(Field.NOTE, ())
    for place in range(table.grid.width):
        used = place in known and place not in notes
        if (
            used
            or place in table.grid.hidden_columns
            or not any(text(table.grid.rows[r.index][place]) for r in rows.data)
        ):
            continue
        title = table.title(place)
        yield table.problem(
            ProblemKind.COLUMN_LEFT_OUT, Weight.NOTE, title=title, read=title
        )
    if rows.left_out and table.header.kind is not TableKind.RECAP:
        numbers = [table.grid.numbers[line.index] for line in rows.left_out]
        yield table.problem(
            ProblemKind.ROWS_LEFT_OUT,
            Weight.NOTE,
            read=Text("baris %(listed)s", listed=_listed(numbers)),
        )


def _hidden(table: Table) -> Iterator[Problem]:
    grid = table.grid
    first = grid.numbers[table.header.start]
    rows = sorted(row for row in grid.hidden_rows if first <= row <= len(grid.rows))
    if rows:
        yield table.problem(
            ProblemKind.HIDDEN_ROWS,
            Weight.NOTE,
            read=Text("baris %(listed)s", listed=_listed(rows)),
        )
    used = {place for places in table.header.columns.values() for place in places}
    for place in sorted(grid.hidden_columns):
        if place >= grid.width or not any(text(row[place]) for row in grid.rows):
            continue
        use = (
            Text("kolom ini ikut dibaca")
            if place in used
            else Text("kolom ini tidak dibaca")
        )
        yield table.problem(
            ProblemKind.HIDDEN_COLUMNS,
            Weight.NOTE,
            title=table.title(place),
            read=Text("kolom %(letters)s", letters=letters(place)),
            use=use,
        )


def _listed(numbers: Iterable[int]) -> str:
    """Numbers with what follows one another drawn together: ``3-5, 9``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    told = ["-".join(map(str, span)) for span in spans[:_NAMED]]
    more = f" dan {len(spans) - _NAMED} lain" if len(spans) > _NAMED else ""
    return ", ".join(told) + more
