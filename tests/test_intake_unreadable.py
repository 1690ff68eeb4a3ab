"""Files of which nothing can be read, or too much: a sentence that says what to do."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest

from station.custody.plan import record_plan
from station.custody.plan.record_plan import Upload
from station.errors import StationError
from station.intake import problem
from station.intake.problem import ProblemKind
from tests.plan_books import AREAS, CODE, HEADER, csv, ods, ods_row, read, row, xlsx

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet


def refused(content: bytes | str, name: str) -> str:
    with pytest.raises(StationError) as error:
        read(content, name)
    assert "\n" not in str(error.value)
    return str(error.value)


# --- too much -------------------------------------------------------------------


@pytest.mark.parametrize(
    "cells",
    [["x"], ["", "", "", "-"], ['<table:table-cell office:value="1"/>']],
)
def test_a_row_of_an_ods_repeated_to_its_end_is_one_sentence(cells: list[str]) -> None:
    last = ods_row(cells, 'table:number-rows-repeated="1048570"')

    sentence = refused(ods([ods_row(HEADER), ods_row(row(1)), last]), "x.ods")

    assert "50000 baris di lembar TPS" in sentence
    assert "lihat baris 3; hapus semua baris di bawah" in sentence


def test_a_row_repeated_a_few_times_is_read_as_so_many() -> None:
    again = ods_row(row(2), 'table:number-rows-repeated="3"')

    found = read(ods([ods_row(HEADER), ods_row(row(1)), again]), "x.ods")

    assert [p.trouble for p in found.problems] == [ProblemKind.TPS_TWICE] * 3
    assert list(found.stations) == [f"{CODE}/001"]


def test_a_cell_repeated_over_the_sheets_width_is_one_sentence() -> None:
    wide = (
        '<table:table-cell table:number-columns-repeated="16384"{}</table:table-cell>'
    )
    cell = wide.format(' office:value-type="string"><text:p>x</text:p>')

    rows = [ods_row(HEADER), *[ods_row(row(n)) for n in range(1, 300)]]
    assert "paling banyak" in refused(ods([*rows, ods_row([cell])]), "x.ods")


def test_a_sheet_or_text_wider_than_any_plan_is_one_sentence() -> None:
    def far(_: Workbook, sheet: Worksheet) -> None:
        sheet.write(3, 16_383, "x")

    for content in (xlsx([HEADER, row(1)], far), csv([[*HEADER, *["DPT"] * 16_375]])):
        sentence = refused(content, "x")
        assert "paling banyak 500 kolom" in sentence
        assert "terbaca 16384 kolom, sampai kolom XFD" in sentence


def test_a_column_filled_to_the_end_of_an_xlsx_is_one_sentence() -> None:
    def far(_: Workbook, sheet: Worksheet) -> None:
        sheet.write(60_000, 0, "-")

    assert "lihat baris 60001" in refused(xlsx([HEADER, row(1)], far), "x.xlsx")


def test_a_text_of_more_lines_than_any_plan_is_one_sentence() -> None:
    assert "lihat baris 50001" in refused(csv([HEADER]) + "x\r\n" * 60_000, "x.csv")


def test_of_very_many_problems_the_first_are_told_and_how_many_more() -> None:
    rows = [[*row(n % 900 + 1)[:3], "", *[9] * 5] for n in range(problem.MOST + 7)]

    found = read(csv([HEADER, *rows]))

    every = 2 * (problem.MOST + 7)  # no voters, and each TPS stands twice or more
    assert len(found.problems) == problem.MOST + 1
    assert found.problems[-1].trouble is ProblemKind.MORE
    assert f"{every - problem.MOST} masalah lagi" in str(found.problems[-1])
    assert found.held_rows == problem.MOST + 7


# --- a password -----------------------------------------------------------------


def compound(*streams: str) -> bytes:
    """An OLE compound file as small as can be: its directory names these streams."""
    free, end, chain = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    head = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6),
        *(0, 1, 1, 0, 4096, end, 0, end, 0, 0),
    )
    head += struct.pack("<I", free) * 108
    table = struct.pack("<128I", chain, end, *[free] * 126)
    entries = b"".join(
        struct.pack(
            "<64sHBBIII16xI8x8xIQ",
            *(name.encode("utf-16-le"), 2 * len(name) + 2, kind, 1),
            *(free, free, 1 if kind == 5 else free, 0, end, 0),
        )
        for name, kind in [("Root Entry", 5), *((stream, 2) for stream in streams)]
    )
    return head + table + entries.ljust(512, b"\0")


def test_a_workbook_with_a_password_is_told_as_that() -> None:
    sentence = refused(compound("EncryptionInfo", "EncryptedPackage"), "x.xlsx")

    assert "dilindungi kata sandi" in sentence
    assert "simpan tanpa kata sandi" in sentence
    assert "rusak" in refused(compound("Nothing"), "x.xls")


def test_an_ods_with_a_password_is_told_as_that() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("content.xml", bytes(range(256)))
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:file-entry manifest:full-path="content.xml">'
            "<manifest:encryption-data/></manifest:file-entry>",
        )

    assert "dilindungi kata sandi" in refused(file.getvalue(), "x.ods")


# --- quotes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoilt", "where"),
    [
        ('"Pagar Dewa', "di baris 3 ("),
        ('"Pagar" Dewa', "di baris 3 ("),
    ],
)
def test_a_stray_quote_is_told_with_its_line(spoilt: str, where: str) -> None:
    lines = csv([HEADER, *map(row, range(1, 90))]).split("\r\n")
    lines[2] = lines[2].replace("Pagar Dewa", spoilt)

    assert where in refused("\r\n".join(lines), "x.csv")


def test_two_stray_quotes_are_told_with_both_their_lines() -> None:
    lines = csv([HEADER, *map(row, range(1, 9))]).split("\r\n")
    lines[2] = lines[2].replace("Pagar Dewa", '"Pagar Dewa')
    lines[5] = lines[5].replace("Pagar Dewa", 'Pagar" Dewa')

    assert "di baris 3 sampai 6 (" in refused("\r\n".join(lines), "x.csv")


# --- beside others ------------------------------------------------------------------


def test_an_unreadable_file_does_not_hide_the_problems_of_the_others() -> None:
    files = [
        Upload("broken.xlsx", b"PK\x03\x04 nothing"),
        Upload("tps.csv", csv([HEADER, row(1), [*row(2)[:3], "", *[9] * 5]]).encode()),
        Upload("notes.csv", b"a,b\n1,2\n"),
    ]

    found = record_plan.read(files, AREAS, regency="1771")

    assert [(p.file, p.row, p.trouble) for p in found.problems] == [
        ("broken.xlsx", None, ProblemKind.UNREADABLE),
        ("notes.csv", None, ProblemKind.UNREADABLE),
        ("tps.csv", 3, ProblemKind.DPT_EMPTY),
    ]
    assert "rusak" in str(found.problems[0])
    assert "judul kolom" in str(found.problems[1])
    assert list(found.stations) == [f"{CODE}/001"]
    assert (found.held_rows, list(found.sha256)) == (3, ["tps.csv"])


# --- other forms ---------------------------------------------------------------------


EXCEL_2003 = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("<html><table><tr><td>Kode</td></tr></table></html>", "halaman web (HTML)"),
        ("\r\n<!DOCTYPE HTML PUBLIC><html></html>", "halaman web (HTML)"),
        (
            "<table border=1><tr><td>Kode;TPS;DPT</td></tr></table>",
            "halaman web (HTML)",
        ),
        ("MIME-Version: 1.0\r\nContent-Type: multipart/related", "halaman web (MHTML)"),
        (EXCEL_2003, "Excel 2003 XML"),
        ('<?xml version="1.0"?><office:document/>', "berkas XML"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_another_form_named_xls_is_told_as_what_it_is(
    text: str, form: str, encoding: str
) -> None:
    sentence = refused(text.encode(encoding), "data.xls")

    assert f"terbaca {form} dengan akhiran .xls" in sentence
    assert "simpan sebagai .xlsx" in sentence


def test_a_files_name_steers_no_terminal() -> None:
    found = read(csv([HEADER, row(1)]), "a\x1b[2J\u202eb.csv")

    assert list(found.sha256) == ["a\ufffd[2J\ufffdb.csv"]
    assert "a\ufffd[2J" in refused("a,b\n", "a\x1b[2J.csv")
