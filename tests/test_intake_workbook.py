"""Workbooks: what is merged, hidden, calculated, and what numbers do to codes."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING

import pytest

from station.errors import StationError
from station.intake.problem import ProblemKind
from tests.plan_books import (
    CODE,
    HEADER,
    KINDS,
    TITLES,
    csv,
    fill,
    ods,
    ods_row,
    read,
    row,
    xlsx,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from station.custody.plan.plan_records import Plan

EMPTY_END = (
    '<table:table-row table:number-rows-repeated="1048000">'
    '<table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
)
TWO = [HEADER, row(1), row(2, 250, 255)]


def keys(found: Plan) -> list[str]:
    return [key.removeprefix(f"{CODE}/") for key in found.stations]


def troubles(found: Plan) -> list[tuple[ProblemKind, str | None]]:
    return [(p.trouble, p.cell) for p in found.problems]


def notes(found: Plan) -> set[ProblemKind]:
    return {note.trouble for note in found.notes}


@pytest.mark.parametrize(
    "code", [1771011001, 1771011001.0, "1771011001", "17.71.01.1001", "17-71-01-1001"]
)
@pytest.mark.parametrize("tps", [1, 1.0, "1", "001", "TPS 1", "TPS 001", "No. 1"])
def test_codes_and_numbers_are_read_in_every_form_a_sheet_gives_them(
    code: object, tps: object
) -> None:
    found = read(xlsx([HEADER, [code, "x", tps, *row(1)[3:]]]), "x.xlsx")

    assert list(found.stations) == ["17.71.01.1001/001"]
    assert found.problems == []


@pytest.mark.parametrize(
    ("rows", "level", "code"),
    [
        ([["Kode", "Nama", "Tingkat"], [17.71, "Kota", "kota"]], "kota", "17.71"),
        ([["Kode", "Nama", "Tingkat"], [1771.0, "Kota", "kota"]], "kota", "17.71"),
        (
            [["Kode", "Nama", "Dapil"], [177105.0, "Kampung Melayu", 3.0]],
            "kecamatan",
            "17.71.05",
        ),
        (
            [["Kode", "Nama", "Dapil"], [1771012001.0, "Desa", ""]],
            "desa",
            "17.71.01.2001",
        ),
    ],
)
def test_area_codes_may_be_numbers(
    rows: list[list[Any]], level: str, code: str
) -> None:
    found = read(xlsx(rows), "x.xlsx")

    assert found.problems == []
    (area,) = found.areas.values()
    assert (area.level, area.code) == (level, code)


def test_a_merged_cell_holds_for_every_row_that_it_covers() -> None:
    def merge(book: Workbook, sheet: Worksheet) -> None:
        bold = book.add_format({"bold": True})
        sheet.merge_range(0, 0, 0, 8, "KEBUTUHAN SURAT SUARA", bold)
        for place, title in enumerate(TITLES):
            sheet.merge_range(1, place, 2, place, title.upper(), bold)
        sheet.merge_range(1, 4, 1, 8, "SURAT SUARA (DPT + 2%)", bold)
        fill_row(sheet, 2, 4, KINDS)
        sheet.merge_range(3, 0, 5, 0, "1771011001")
        sheet.merge_range(3, 1, 5, 1, "PAGAR DEWA")
        for number in (1, 2, 3):
            fill_row(sheet, 2 + number, 2, row(number)[2:])
        sheet.merge_range(6, 0, 6, 2, "JUMLAH", bold)
        fill_row(sheet, 6, 3, [684, *[699] * 5])

    found = read(xlsx([], merge), "x.xlsx")

    assert keys(found) == ["001", "002", "003"]
    assert found.problems == []
    assert len(found.checks) == 6
    assert all(check.agrees for check in found.checks)


@pytest.mark.parametrize(
    ("merged", "column"),
    [(("D2:D4", 684), "D"), (("G2:G4", 699), "G"), (("C2:C4", 1), "C")],
)
def test_a_merged_count_is_no_count_of_each_row_that_it_covers(
    merged: tuple[str, object], column: str
) -> None:
    def merge(_: Workbook, sheet: Worksheet) -> None:
        sheet.merge_range(merged[0], merged[1])

    rows = [HEADER, row(1), row(2), row(3), row(4)]
    rows.append(["JUMLAH", "", "", 912, *[932] * 5])

    found = read(xlsx(rows, merge), "x.xlsx")

    assert keys(found) == ["004"]
    told = [p for p in found.problems if p.trouble is ProblemKind.MERGED]
    assert [p.cell for p in told] == [f"{column}{n}" for n in (2, 3, 4)]
    assert merged[0] in str(told[0])
    assert not any(p.trouble is ProblemKind.TOTAL_DIFFERS for p in found.problems)
    if column != "C":
        assert found.problems == told
        assert list(found.waiting) == [f"{CODE}/00{n}" for n in (1, 2, 3)]


def test_a_count_merged_over_two_kinds_is_held_and_over_one_title_is_not() -> None:
    def two_kinds(_: Workbook, sheet: Worksheet) -> None:
        sheet.merge_range("E3:F3", 255)

    found = read(xlsx(TWO, two_kinds), "x.xlsx")
    assert troubles(found) == [(ProblemKind.MERGED, "E3"), (ProblemKind.MERGED, "F3")]

    def one_title(_: Workbook, sheet: Worksheet) -> None:
        sheet.merge_range("J1:K1", "DPRD Kota")
        sheet.merge_range("J2:K2", 233)
        sheet.merge_range("J3:K3", 255)

    rows = [[*cells[:8], None, *cells[9:]] for cells in TWO]
    found = read(xlsx(rows, one_title), "x.xlsx")
    assert found.problems == []
    assert keys(found) == ["001", "002"]


def test_merged_cells_that_lie_over_one_another_do_not_stop_the_station() -> None:
    covers = (
        '<table:table-cell office:value-type="string" table:number-rows-spanned="9000"'
        ' table:number-columns-spanned="9"><text:p>x</text:p></table:table-cell>'
    )
    rows = [ods_row(HEADER), *[ods_row([covers, *row(1)[1:]]) for _ in range(4_000)]]

    with pytest.raises(StationError, match="paling banyak"):
        read(ods(rows), "x.ods")


def fill_row(sheet: Worksheet, number: int, place: int, cells: list[Any]) -> None:
    for offset, value in enumerate(cells):
        sheet.write(number, place + offset, value)


def test_calculated_formulas_count_as_what_they_show() -> None:
    def calculate(_: Workbook, sheet: Worksheet) -> None:
        for place in range(4, 9):
            sheet.write_formula(1, place, "=D2+ROUNDUP(D2*0.02,0)", None, 233)

    found = read(xlsx([HEADER, row(1, papers=None)], calculate), "x.xlsx")

    assert found.problems == []
    assert set(found.stations[f"{CODE}/001"].sheets.values()) == {233}


@pytest.mark.parametrize("result", [0, ""])
def test_formulas_nobody_calculated_are_held_not_taken_for_nothing(
    result: object,
) -> None:
    def calculate(_: Workbook, sheet: Worksheet) -> None:
        sheet.write_formula(1, 6, "=D2+5", None, result)

    found = read(xlsx([HEADER, row(1), row(2)], calculate), "x.xlsx")

    assert troubles(found) == [(ProblemKind.UNCALCULATED, "G2")]
    assert keys(found) == ["002"]
    assert found.waiting == [f"{CODE}/001"]


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!"])
def test_a_formula_that_failed_is_held(error: str) -> None:
    def fail(_: Workbook, sheet: Worksheet) -> None:
        sheet.write_formula(1, 3, "=1/0", None, error)

    found = read(xlsx(TWO, fail), "x.xlsx")

    assert troubles(found) == [(ProblemKind.COUNT_FORM, "D2")]


def test_a_date_or_a_fraction_is_no_count_and_no_number() -> None:
    def spoil(book: Workbook, sheet: Worksheet) -> None:
        day = book.add_format({"num_format": "d/m/yy"})
        sheet.write_datetime(1, 2, dt.datetime(2024, 1, 2), day)  # noqa: DTZ001 - as in a sheet
        sheet.write_boolean(2, 4, True)  # noqa: FBT003 - the library's own
        sheet.write_number(2, 5, 1.165)

    found = read(xlsx(TWO, spoil), "x.xlsx")

    assert troubles(found) == [
        (ProblemKind.TPS_FORM, "C2"),
        (ProblemKind.COUNT_FORM, "E3"),
        (ProblemKind.COUNT_FRACTION, "F3"),
    ]
    assert "1.165" in str(found.problems[2])


def test_hidden_rows_are_read_and_told() -> None:
    def hide(_: Workbook, sheet: Worksheet) -> None:
        sheet.set_row(2, None, None, {"hidden": True})

    found = read(xlsx(TWO, hide), "x.xlsx")

    assert keys(found) == ["001", "002"]
    assert ProblemKind.HIDDEN_ROWS in notes(found)
    assert 'terbaca "baris 3"' in " ".join(map(str, found.notes))


def test_a_hidden_row_that_says_otherwise_holds_both() -> None:
    def hide(_: Workbook, sheet: Worksheet) -> None:
        sheet.set_row(2, None, None, {"hidden": True})

    found = read(xlsx([HEADER, row(1), row(1, 250, 255)], hide), "x.xlsx")

    assert troubles(found) == [
        (ProblemKind.TPS_TWICE, "C2"),
        (ProblemKind.TPS_TWICE, "C3"),
    ]


def test_a_hidden_code_column_is_used_and_told() -> None:
    def hide(_: Workbook, sheet: Worksheet) -> None:
        sheet.set_column(0, 0, None, None, {"hidden": True})

    found = read(xlsx(TWO, hide), "x.xlsx")

    assert keys(found) == ["001", "002"]
    assert "kolom ini ikut dibaca" in " ".join(map(str, found.notes))


def test_of_two_equal_titles_the_visible_column_counts() -> None:
    rows = [
        [*cells[:3], old, *cells[3:]]
        for cells, old in zip(TWO, ("DPT", 999, 999), strict=True)
    ]

    def hide(_: Workbook, sheet: Worksheet) -> None:
        sheet.set_column(3, 3, None, None, {"hidden": True})

    found = read(xlsx(rows, hide), "x.xlsx")

    assert [s.dpt for s in found.stations.values()] == [228, 250]
    assert len(found.notes) == 1
    assert "kolom ini tidak dibaca" in " ".join(map(str, found.notes))


def test_two_visible_columns_that_differ_hold_the_row() -> None:
    rows = [
        [*cells, last]
        for cells, last in zip(TWO, ("Jumlah DPT", 228, 251), strict=True)
    ]

    found = read(xlsx(rows), "x.xlsx")

    assert troubles(found) == [(ProblemKind.COLUMNS_DIFFER, "J3")]
    assert keys(found) == ["001"]


def test_hidden_sheets_are_left_out_and_told() -> None:
    def add(book: Workbook, _: Worksheet) -> None:
        old = book.add_worksheet("LAMA")
        fill(old, [HEADER, row(1, 100, 102)])
        old.hide()

    found = read(xlsx(TWO, add), "x.xlsx")

    assert keys(found) == ["001", "002"]
    assert found.stations[f"{CODE}/001"].dpt == 228
    assert ProblemKind.SHEET_LEFT_OUT in notes(found)


def test_details_may_lie_on_several_sheets_and_notes_on_others() -> None:
    def add(book: Workbook, _: Worksheet) -> None:
        fill(book.add_worksheet("LAIN"), [HEADER, row(3)])
        fill(book.add_worksheet("Catatan"), [["Dibuat oleh bagian logistik"]])

    found = read(xlsx(TWO, add), "x.xlsx")

    assert keys(found) == ["001", "002", "003"]
    assert [note.sheet for note in found.notes] == ["Catatan"]


@pytest.mark.parametrize("title", ["Jumlah TPS", "TPS"])
def test_a_recapitulation_is_a_check_and_no_tps(title: str) -> None:
    def add(book: Workbook, _: Worksheet) -> None:
        recap: list[list[object]] = [
            ["Kelurahan", title, "DPT", "PPWP"],
            ["Pagar Dewa", 2, 9_478, 9_488],
        ]
        fill(book.add_worksheet("REKAP"), recap)

    found = read(xlsx(TWO, add), "x.xlsx")

    assert keys(found) == ["001", "002"]
    assert troubles(found) == [
        (ProblemKind.RECAP_DIFFERS, "C2"),
        (ProblemKind.RECAP_DIFFERS, "D2"),
    ]
    assert "478, jumlah rincian TPS Pagar Dewa" in str(found.problems[0])


def test_a_small_recapitulation_beside_its_details_is_a_check() -> None:
    def add(book: Workbook, _: Worksheet) -> None:
        recap: list[list[Any]] = [HEADER, [CODE, "Pagar Dewa", 2, 478, *[488] * 5]]
        fill(book.add_worksheet("REKAP"), recap)

    found = read(xlsx(TWO, add), "x.xlsx")

    assert found.problems == []
    assert keys(found) == ["001", "002"]
    assert [c.sheet for c in found.checks] == ["REKAP"] * 7
    assert all(check.agrees for check in found.checks)


def test_a_recapitulation_of_voters_is_compared_with_men_and_women() -> None:
    def add(book: Workbook, _: Worksheet) -> None:
        recap: list[list[Any]] = [
            ["Kelurahan", "Jumlah TPS", "DPT"],
            ["Pagar Dewa", 1, 230],
        ]
        fill(book.add_worksheet("REKAP"), recap)

    rows = [[*TITLES[:3], "L", "P", *KINDS], [*row(1)[:3], 114, 114, *[233] * 5]]
    found = read(xlsx(rows, add), "x.xlsx")

    assert troubles(found) == [(ProblemKind.RECAP_DIFFERS, "C2")]


def test_an_ods_is_read_with_what_it_hides_and_merges() -> None:
    covered = "<table:covered-table-cell/>"
    merged = (
        '<table:table-cell office:value-type="string" table:number-rows-spanned="2">'
        f"<text:p>{CODE}</text:p></table:table-cell>"
    )
    formula = '<table:table-cell table:formula="of:=1+1"/>'
    error = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string"'
        ' office:string-value="" calcext:value-type="error">'
        "<text:p>#DIV/0!</text:p></table:table-cell>"
    )
    found = read(
        ods(
            [
                ods_row(HEADER),
                ods_row([merged, *row(1)[1:]]),
                ods_row([covered, *row(2)[1:]], 'table:visibility="collapse"'),
                ods_row([*row(3)[:8], formula]),
                ods_row([*row(4)[:8], error]),
                EMPTY_END,
            ],
            '<table:table-column table:visibility="collapse"/>',
        ),
        "x.ods",
    )

    assert keys(found) == ["001", "002"]
    assert troubles(found) == [
        (ProblemKind.UNCALCULATED, "I4"),
        (ProblemKind.COUNT_FORM, "I5"),
    ]
    assert "#DIV/0!" in str(found.problems[1])
    assert {ProblemKind.HIDDEN_ROWS, ProblemKind.HIDDEN_COLUMNS} <= notes(found)


def test_the_form_is_found_from_the_bytes_not_from_the_name() -> None:
    assert keys(read(xlsx(TWO), "x.csv")) == ["001", "002"]
    assert keys(read(csv(TWO), "x.xlsx")) == ["001", "002"]


def far_away(_: Workbook, sheet: Worksheet) -> None:
    sheet.write(1_048_575, 16_383, "x")


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(401_000_000))
    return file.getvalue()


def entities() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "content.xml",
            '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
        )
    return file.getvalue()


def unknown_encoding() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("content.xml", '<?xml version="1.0" encoding="TF-8"?><x/>')
    return file.getvalue()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: xlsx(TWO, far_away), "paling banyak"),
        (bomb, "paling banyak"),
        (entities, "rusak"),
        (unknown_encoding, "rusak"),
        (lambda: xlsx(TWO)[:-400], "rusak"),
        (lambda: xlsx([["a", "b"], [1, 2]]), "diharapkan judul kolom"),
    ],
    ids=[
        "a cell far away",
        "zip bomb",
        "entities",
        "encoding",
        "cut short",
        "no header",
    ],
)
def test_a_workbook_that_cannot_be_read_is_one_sentence(
    make: Callable[[], bytes], sentence: str
) -> None:
    with pytest.raises(StationError, match=sentence) as refused:
        read(make(), "x.xlsx")

    assert "\n" not in str(refused.value)
