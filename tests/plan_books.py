"""Workbooks that clerks send, made on the spot."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

from station.custody.plan import record_plan
from station.custody.plan.record_plan import Upload
from station.settings.election_profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from station.custody.plan.plan_records import Plan
    from station.settings.election_profiles import Election

AREAS = {
    "17.71": "Kota Bengkulu",
    "17.71.01": "Selebar",
    "17.71.02": "Gading Cempaka",
    "17.71.01.1001": "Pagar Dewa",
    "17.71.01.1002": "Sukarami",
    "17.71.02.1001": "Padang Harapan",
    "17.71.02.1002": "Sukarami",
}
"""Sukarami lies in both kecamatan: names repeat."""
TITLES = ["Kode Kelurahan", "Kelurahan", "No. TPS", "DPT"]
KINDS = ["PPWP", "DPR RI", "DPD RI", "DPRD Prov", "DPRD Kota"]
HEADER = [*TITLES, *KINDS]
CODE = "17.71.01.1001"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"


def row(tps: object, dpt: int = 228, papers: object = 233) -> list[Any]:
    """A sound row of Pagar Dewa."""
    return [CODE, "Pagar Dewa", tps, dpt, *[papers] * 5]


def read(
    content: bytes | str,
    name: str = "x.csv",
    election: Election = PROFILES["pemilu"],
) -> Plan:
    raw = content.encode() if isinstance(content, str) else content
    return record_plan.read([Upload(name, raw)], AREAS, election, "1771")


def csv(rows: Sequence[Any], delimiter: str = ";") -> str:
    return "".join(delimiter.join(map(str, cells)) + "\r\n" for cells in rows)


def xlsx(
    rows: Sequence[Sequence[Any]],
    change: Callable[[Workbook, Worksheet], None] | None = None,
) -> bytes:
    """A workbook of one sheet; ``change`` gets the workbook and the sheet."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet("TPS")
    fill(sheet, rows)
    if change is not None:
        change(book, sheet)
    book.close()
    return file.getvalue()


def fill(sheet: Worksheet, rows: Sequence[Sequence[Any]]) -> None:
    for number, cells in enumerate(rows):
        for place, value in enumerate(cells):
            if value is not None:
                sheet.write(number, place, value)


def ods(rows: Sequence[str], columns: str = "") -> bytes:
    """A workbook whose rows are given as XML, for what LibreOffice writes."""
    content = (
        f"<office:document-content xmlns:office={quoteattr(OFFICE)}"
        f" xmlns:table={quoteattr(TABLE)} xmlns:text={quoteattr(TEXT)}"
        f" xmlns:calcext={quoteattr(CALC)}"
        ' office:version="1.3"><office:body><office:spreadsheet>'
        f'<table:table table:name="TPS">{columns}{"".join(rows)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return file.getvalue()


def ods_row(cells: Sequence[object], more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(map(ods_cell, cells))}</table:table-row>"


def ods_cell(value: object) -> str:
    if isinstance(value, str) and value.startswith("<"):
        return value
    if isinstance(value, int | float):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    return (
        '<table:table-cell office:value-type="string">'
        f"<text:p>{escape(str(value))}</text:p></table:table-cell>"
    )
