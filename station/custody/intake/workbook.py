"""XLSX, ODS, XLS and XLSB as grids: one for each sheet, merged cells filled."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import python_calamine as calamine

from station.custody.intake import markup
from station.custody.intake.grid import Grid
from station.model import StationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.custody.intake.grid import Value
    from station.custody.intake.markup import Facts, Span

SIGNATURES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
"""How a ZIP (XLSX, ODS, XLSB) and an OLE file (XLS) begin."""


def read(raw: bytes, name: str) -> list[Grid]:
    """The sheets of a workbook in their order; formulas as last calculated.

    Raises:
        StationError: no sound workbook, one with a password, or one too large.
    """
    facts = markup.read(raw, name)
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
        return [
            _grid(workbook, sheet, name, facts)
            for sheet in workbook.sheets_metadata
            if sheet.typ is calamine.SheetTypeEnum.WorkSheet
        ]
    except calamine.PasswordError as error:
        message = (
            f"{name}: diharapkan buku kerja tanpa kata sandi, terbaca yang terkunci;"
            " simpan ulang tanpa kata sandi."
        )
        raise StationError(message) from error
    except StationError:
        raise
    except BaseException as error:
        # The reader's own panics on broken files are no Exception.
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
            raise
        message = (
            f"{name}: diharapkan buku kerja XLSX, ODS atau XLS, terbaca berkas yang"
            f" rusak ({error}); simpan ulang dari Excel atau LibreOffice."
        )
        raise StationError(message) from error


def _grid(
    workbook: calamine.CalamineWorkbook,
    sheet: calamine.SheetMetadata,
    name: str,
    facts: dict[str, Facts] | None,
) -> Grid:
    known = markup.Facts() if facts is None else facts.get(sheet.name, markup.Facts())
    read_sheet = workbook.get_sheet_by_name(sheet.name)
    rows: list[list[Value]] = [
        list(row) for row in read_sheet.to_python(skip_empty_area=False)
    ]
    for (row, column), shown in known.errors.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = shown
    _fill(rows, known.merged or read_sheet.merged_cell_ranges or ())
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
    )


def _fill(rows: list[list[Value]], merged: Iterable[Span]) -> None:
    """A merged cell's value holds for every cell that it covers."""
    for (top, left), (bottom, right) in merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        value = rows[top][left]
        for row in rows[top : bottom + 1]:
            last = min(right + 1, len(row))
            row[left:last] = [value] * (last - left)
