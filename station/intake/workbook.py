"""XLSX, ODS, XLS and XLSB as grids: one for each sheet, merged cells filled."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import python_calamine as calamine

from station.intake import workbook_markup
from station.intake.grid import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, Grid
from station.intake.unreadable_file import (
    UnreadableError,
    locked,
    no_workbook,
    too_large,
    too_many_columns,
    too_many_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.intake.grid import Span, Value
    from station.intake.workbook_markup import SheetFlags

SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How a ZIP (XLSX, ODS, XLSB) and an OLE file (XLS) begin."""
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The stream of an OLE file in which Excel puts an XLSX that has a password."""


def read(raw: bytes, name: str) -> list[Grid]:
    """The sheets of a workbook in their order; formulas as last calculated.

    Raises:
        UnreadableError: no sound workbook, one with a password, or one too large.
    """
    if raw.startswith(SIGNATURES[1]) and _ENCRYPTED in raw:
        raise UnreadableError(*locked(name))
    facts = workbook_markup.read(raw, name)
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
        return [
            _grid(workbook, sheet, name, facts)
            for sheet in workbook.sheets_metadata
            if sheet.typ is calamine.SheetTypeEnum.WorkSheet
        ]
    except calamine.PasswordError as error:
        raise UnreadableError(*locked(name)) from error
    except UnreadableError:
        raise
    except BaseException as error:
        # The reader's own panics on broken files are no Exception.
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
            raise
        raise UnreadableError(*no_workbook(name, error)) from error


def _grid(
    workbook: calamine.CalamineWorkbook,
    sheet: calamine.SheetMetadata,
    name: str,
    facts: dict[str, SheetFlags] | None,
) -> Grid:
    """A sheet's cells.

    Raises:
        UnreadableError: it has more of them than any plan.
    """
    known = (
        workbook_markup.SheetFlags()
        if facts is None
        else facts.get(sheet.name, workbook_markup.SheetFlags())
    )
    read_sheet = workbook.get_sheet_by_name(sheet.name)
    if facts is None:
        # The XML was not read (XLS, XLSB): the size is known only now.
        _check_size(read_sheet, name)
    rows: list[list[Value]] = [
        list(row) for row in read_sheet.to_python(skip_empty_area=False)
    ]
    for (row, column), shown in known.errors.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = shown
    merged = _fill(rows, known.merged or read_sheet.merged_cell_ranges or (), name)
    return Grid(
        file=name,
        sheet=sheet.name,
        rows=rows,
        numbers=range(1, len(rows) + 1),
        hidden=sheet.visible is not calamine.SheetVisibleEnum.Visible,
        hidden_rows=frozenset(known.hidden_rows),
        hidden_columns=frozenset(known.hidden_columns),
        hidden_known=facts is not None,
        uncalculated=frozenset(known.uncalculated),
        merged=merged,
    )


def _check_size(sheet: calamine.CalamineSheet, name: str) -> None:
    if sheet.total_height > MOST_ROWS:
        raise UnreadableError(*too_many_rows(name, sheet.name, MOST_ROWS + 1))
    if sheet.total_width > MOST_COLUMNS:
        raise UnreadableError(*too_many_columns(name, sheet.total_width))
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        raise UnreadableError(*too_large(name))


def _fill(
    rows: list[list[Value]], merged: Iterable[Span], name: str
) -> dict[tuple[int, int], Span]:
    """Put a merged cell's value in every cell that it covers; which those are.

    Raises:
        UnreadableError: they lie over one another more often than a sheet has cells.
    """
    covered: dict[tuple[int, int], Span] = {}
    filled = 0
    for span in merged:
        (top, left), (bottom, right) = span
        if top >= len(rows) or left >= len(rows[top]) or rows[top][left] == "":
            continue
        value = rows[top][left]
        for number, row in enumerate(rows[top : bottom + 1], start=top):
            last = min(right + 1, len(row))
            filled += last - left
            if filled > MOST_CELLS:
                raise UnreadableError(*too_large(name))
            row[left:last] = [value] * (last - left)
            covered.update(((number, place), span) for place in range(left, last))
    return covered
