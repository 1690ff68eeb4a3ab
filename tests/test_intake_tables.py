"""Tables as a whole: what is no row, sums, recapitulations, kinds and the formula."""

from __future__ import annotations

from typing import Any

import pytest

from station.custody.plan import plan_records, record_plan
from station.custody.plan.record_plan import Upload
from station.errors import StationError
from station.intake.problem import ProblemKind
from station.model import Ballot
from station.settings.election_profiles import PROFILES
from tests.plan_books import AREAS, CODE, HEADER, KINDS, TITLES, csv, read, row

ROWS: list[Any] = [HEADER, row(1), row(2, 250, 255)]


def troubles(found: plan_records.Plan) -> list[tuple[ProblemKind, int | None]]:
    return [(p.trouble, p.row) for p in found.problems]


def test_titles_numbering_subtotals_and_signatures_are_no_rows() -> None:
    rows = [
        ["KEBUTUHAN SURAT SUARA", *[""] * 8],
        ["KECAMATAN SELEBAR", *[""] * 8],
        [""] * 9,
        HEADER,
        [f"({n})" for n in range(1, 10)],
        row(1),
        row(2),
        ["", "Sub Jumlah", 2, 456, *[466] * 5],
        HEADER,
        row(3),
        ["", "Jumlah", 1, 228, *[233] * 5],
        ["TOTAL", "", "3 TPS", 684, *[699] * 5],
        ["", "", "", "Bengkulu, 12 Januari 2024", *[""] * 5],
        ["Ketua KPU", *[""] * 8],
    ]

    found = read(csv(rows))

    assert [key[-3:] for key in found.stations] == ["001", "002", "003"]
    assert found.problems == []
    assert len(found.notes) == 1
    assert "baris 5, 9, 13-14" in str(found.notes[0])
    assert len(found.checks) == 21
    assert all(check.agrees for check in found.checks)


SIGNED = [
    ["", "", "", "", "", "", "Bengkulu, 12 Januari 2024", "", ""],
    ["Mengetahui,", "", "", "", "", "", "KPU KOTA BENGKULU", "", ""],
    ["", "", "Ketua", "", "", "", "Sekretaris,", "", ""],
    ["", "", "", "", "(.............)", "", "ttd", "", ""],
    ["", "", "", "Drs. H. Budi, M.Si", "", "", "Rina Dewi", "", ""],
    ["", "", "", "*) angka sementara", "", "", "", "", ""],
    ["", "", "", "NIP. 19700101 199003 1 001", "", "", "197001011990031002", "", ""],
]


@pytest.mark.parametrize("total", [[], [["", "JUMLAH", 2, 478, *[488] * 5]]])
def test_signatures_under_a_table_are_one_note(total: list[list[Any]]) -> None:
    found = read(csv([*ROWS, *total, ["\xa0"] * 9, *SIGNED]))

    assert found.problems == []
    assert len(found.stations) == 2
    (note,) = found.notes
    assert note.trouble is ProblemKind.ROWS_LEFT_OUT
    first = 5 + len(total)
    assert f"baris {first}-{first + 6}" in str(note)


@pytest.mark.parametrize(
    "words", ["*) angka sementara", "Catatan: termasuk cadangan", "Sumber: Sidalih"]
)
def test_a_footnote_in_a_column_of_counts_is_one_note(words: str) -> None:
    found = read(csv([*ROWS, ["", "", "", words, *[""] * 5]]))

    assert found.problems == []
    assert [note.trouble for note in found.notes] == [ProblemKind.ROWS_LEFT_OUT]


def test_signatures_under_a_table_of_areas_are_no_areas() -> None:
    rows = [
        ["Tingkat", "Kode", "Nama"],
        ["kelurahan", "17.71.01.1003", "Betungan"],
        ["", "", "Bengkulu, 12 Januari 2024"],
        ["", "Ketua KPU", ""],
        ["", "", "Budi"],
    ]

    found = read(csv(rows))

    assert found.problems == []
    assert list(found.areas) == ["17.71.01.1003"]
    # A row that only lost its code is still held.
    held = read(csv([*rows[:2], ["kelurahan", "", "Kandang"]]))
    assert troubles(held) == [(ProblemKind.CODE_EMPTY, 3)]


@pytest.mark.parametrize(
    "last",
    [
        ["", "", "", 250, *[""] * 5],
        ["", "", "3", *[""] * 6],
        ["", "", "TPS 3", *[""] * 6],
        ["", "", "", "#REF!", *[""] * 5],
        ["", "", "", "dua ratus", *[""] * 5],
        ["", "Pagar Dewa", "tiga", "dua", "tiga", "tiga", "", "", ""],
        [CODE, "", "Ketua", *[""] * 6],
    ],
)
@pytest.mark.parametrize("signed", [[], SIGNED])
def test_a_row_that_is_badly_wrong_is_no_signature(
    last: list[Any], signed: list[list[str]]
) -> None:
    found = read(csv([*ROWS, last, *signed]))

    assert {p.row for p in found.problems} == {4}


def test_a_total_that_does_not_agree_is_a_doubt_that_stops_the_plan() -> None:
    rows = [*ROWS, ["", "JUMLAH", "3", "478", *["488"] * 5]]

    found = read(csv(rows))

    assert troubles(found) == [(ProblemKind.TOTAL_DIFFERS, 4)]
    assert "diharapkan 2, jumlah baris-baris di atasnya" in str(found.problems[0])
    assert len(found.stations) == 2


def test_a_check_column_that_does_not_agree_holds_its_row() -> None:
    rows = [
        [*cells, total]
        for cells, total in zip(ROWS, ("Jumlah", "1.165", "1.270"), strict=True)
    ]

    found = read(csv(rows))

    assert troubles(found) == [(ProblemKind.SUM_DIFFERS, 3)]
    assert "1275" in str(found.problems[0])


@pytest.mark.parametrize(
    ("titles", "cells", "result"),
    [
        (["L", "P", "Jumlah"], [114, 114, 228], 228),
        (["DPT L", "DPT P", "DPT Total"], [114, 114, 228], 228),
        (["Laki-laki", "Perempuan"], [114, 114], 228),
        (["DPT L", "DPT P", "DPT"], [114, 115, 228], ProblemKind.PARTS_DIFFER),
        (["L", "P"], [114, ""], ProblemKind.DPT_EMPTY),
    ],
)
def test_men_and_women_are_summed_and_compared(
    titles: list[str], cells: list[object], result: int | ProblemKind
) -> None:
    rows = [
        [*TITLES[:3], *titles, *KINDS, "Jumlah"],
        [CODE, "Pagar Dewa", "1", *cells, *[233] * 5, "1.165"],
    ]

    found = read(csv(rows))

    if isinstance(result, int):
        assert found.problems == []
        assert found.stations[f"{CODE}/001"].dpt == result
    else:
        assert troubles(found) == [(result, 2)]


def test_men_and_women_together_are_no_more_than_a_tps_has() -> None:
    rows = [
        [*TITLES[:3], "L", "P", *KINDS],
        [CODE, "Pagar Dewa", "1", 500, 500, *[1_020] * 5],
        [CODE, "Pagar Dewa", "2", 114, 114, *[233] * 5],
    ]

    found = read(csv(rows))

    assert troubles(found) == [(ProblemKind.COUNT_LARGE, 2)]
    assert '"500 + 500"' in str(found.problems[0])
    assert list(found.stations) == [f"{CODE}/002"]


def test_men_and_women_are_compared_with_a_stated_sum_of_voters() -> None:
    rows = [
        [*TITLES[:3], "L", "P", *KINDS],
        [CODE, "Pagar Dewa", "1", 114, 114, *[233] * 5],
        ["", "JUMLAH", 1, 114, 115, *[233] * 5],
    ]

    assert [(p.trouble, p.column) for p in read(csv(rows)).problems] == [
        (ProblemKind.TOTAL_DIFFERS, "P"),
    ]


SECOND, OTHER = "17.71.01.1002", "17.71.02.1001"


SUMS: list[Any] = [
    HEADER,
    [CODE, "Pagar Dewa", 2, 478, *[488] * 5],
    [SECOND, "Sukarami", 3, 300, *[306] * 5],
    [OTHER, "Padang Harapan", 1, 228, *[233] * 5],
]


def test_a_small_recapitulation_with_its_total_is_no_list_of_tps() -> None:
    with pytest.raises(StationError, match="rekap tiap kelurahan saja"):
        read(csv([*SUMS, ["", "JUMLAH", 6, 1_006, *[1_027] * 5]]))
    # The same where the totals row counts the rows: they are TPS, and are held below.
    assert read(csv([*SUMS, ["", "JUMLAH", 3, 1_006, *[1_027] * 5]])).held_rows == 2


def test_a_small_recapitulation_without_total_is_held() -> None:
    found = read(csv(SUMS))

    assert troubles(found) == [(ProblemKind.LIKE_RECAP, 2), (ProblemKind.LIKE_RECAP, 3)]
    assert list(found.stations) == [f"{OTHER}/001"]
    assert "satu baris tiap TPS; TPS 002 sendirian" in str(found.problems[0])
    # Not where other TPS of that kelurahan are registered, nor in a second vote.
    upload = [Upload("x.csv", csv(SUMS).encode())]
    there = {f"{CODE}/001", f"{SECOND}/001", f"{SECOND}/002"}
    more = record_plan.read(upload, AREAS, regency="1771", registered=there)
    assert more.problems == []
    assert read(csv(SUMS), election=PROFILES["psu"]).problems == []


def test_special_tps_and_tps_with_others_are_no_recapitulation() -> None:
    rows = [
        HEADER,
        row(901),
        [SECOND, "Sukarami", 902, 300, *[306] * 5],
    ]
    assert read(csv(rows)).problems == []
    rows = [HEADER, row(2), row(3), [SECOND, "Sukarami", 4, 300, *[306] * 5]]
    assert read(csv(rows)).problems == []


@pytest.mark.parametrize(
    ("profile", "kinds", "cells", "doubts"),
    [
        ("pemilu", KINDS[:4], [233] * 4, []),
        ("pemilu-dki", KINDS[:4], [233] * 4, []),
        ("pilkada-kota", ["Gubernur", "Walikota"], [234] * 2, []),
        ("pilkada-kota", ["Gubernur", "Bupati"], [234] * 2, [ProblemKind.KIND_OUTSIDE]),
        ("pemilu", [*KINDS, "Gubernur"], [233] * 6, [ProblemKind.KIND_OUTSIDE]),
        ("psu", KINDS, [233, "", "", "", ""], []),
        ("pemilu", KINDS, [233, "", 233, 233, 233], [ProblemKind.KIND_EMPTY]),
        ("pemilu", KINDS, [233, "-", 233, 233, 233], [ProblemKind.KIND_NONE]),
        ("pemilu", KINDS, [233, 233, 233, 233, 0], [ProblemKind.KIND_NONE]),
        ("psu", KINDS, [233, "-", 0, "", 233], []),
    ],
)
def test_the_profile_says_which_kinds_are_expected(
    profile: str, kinds: list[str], cells: list[object], doubts: list[ProblemKind]
) -> None:
    rows: list[Any] = [
        [*TITLES, *kinds],
        [CODE, "Pagar Dewa", "1", 228, *cells],
    ]

    found = read(csv(rows), election=PROFILES[profile])

    assert [p.trouble for p in found.problems] == doubts
    missing = (profile, len(kinds)) == ("pemilu", 4) or kinds[-1] == "Bupati"
    notes = [ProblemKind.KIND_MISSING] if missing else []
    assert [n.trouble for n in found.notes] == notes


def test_one_empty_count_is_held_and_a_dash_is_none() -> None:
    found = read(csv([HEADER, row(1), [*row(2)[:8], ""], [*row(3)[:8], "-"]]))

    assert troubles(found) == [(ProblemKind.COUNT_EMPTY, 3), (ProblemKind.KIND_NONE, 4)]
    assert Ballot.DPRD_KOTA not in found.stations[f"{CODE}/003"].sheets


def test_kpus_own_counts_win_and_the_formula_only_warns() -> None:
    found = read(csv([HEADER, row(1, 228, 238), row(2), row(3, 228, 228)]))

    assert found.problems == []
    assert set(found.stations[f"{CODE}/001"].sheets.values()) == {238}
    (note,) = found.notes
    assert note.trouble is ProblemKind.FORMULA_DIFFERS
    assert "233 = DPT 228 + cadangan 2 %" in str(note)
    # How many they are, and where the first of them stand.
    first = "begitu pula baris 2 DPR RI, baris 2 DPD RI, baris 2 DPRD Prov"
    assert first in str(note)
    assert "baris 4 DPR RI dan 3 lain (10 angka)" in str(note)


@pytest.mark.parametrize(
    ("papers", "trouble", "sentence"),
    [
        (227, ProblemKind.FEWER_THAN_DPT, "diharapkan paling sedikit DPT 228; periksa"),
        (23, ProblemKind.FEWER_THAN_DPT, "surat suara kurang"),
        (239, ProblemKind.FAR_OVER_DPT, "233 = DPT 228 + cadangan 2 %"),
        (2_330, ProblemKind.FAR_OVER_DPT, "lebih dari dua kali cadangan"),
    ],
)
def test_a_count_that_cannot_be_meant_stops_the_plan_and_names_its_cells(
    papers: int, trouble: ProblemKind, sentence: str
) -> None:
    wrong = [*row(2)[:7], papers, papers]

    found = read(csv([HEADER, row(1), wrong, row(3, 228, 235), wrong]))
    assert {p.trouble for p in found.problems} == {ProblemKind.TPS_TWICE}

    found = read(csv([HEADER, row(1), wrong, row(3, 228, 235)]))

    assert troubles(found) == [(trouble, 3)]
    assert sentence in str(found.problems[0])
    assert "begitu pula baris 3 DPRD Kota" in str(found.problems[0])
    assert [n.trouble for n in found.notes] == [ProblemKind.FORMULA_DIFFERS]
    assert len(found.stations) == 3, "the clerk may still choose to record it"


@pytest.mark.parametrize(
    ("there", "stops"),
    [(None, False), ([], True), ([1], True), ([1, 2], False), ([1, 2, 3], False)],
)
def test_a_kind_without_a_column_stops_the_first_import_of_a_tps(
    there: list[int] | None, *, stops: bool
) -> None:
    text = csv([cells[:8] for cells in ROWS])
    registered = None if there is None else {f"{CODE}/00{n}" for n in there}
    upload = Upload("x.csv", text.encode())

    found = record_plan.read([upload], AREAS, regency="1771", registered=registered)

    told = [p.trouble for p in (found.problems if stops else found.notes)]
    assert told == [ProblemKind.KIND_MISSING]
    assert bool(found.problems) is stops
