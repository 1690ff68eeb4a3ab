"""Text files: encodings, separators, header words, names, totals, and every fault."""

from __future__ import annotations

from typing import Any

import pytest

from station.custody.plan import plan_records, record_plan
from station.custody.plan.record_plan import Upload
from station.errors import StationError
from station.intake import cell_values, header_recognition
from station.intake.cell_values import CellError
from station.intake.header_recognition import Field, recognise
from station.intake.problem import SENTENCES, ProblemKind
from station.model import Ballot
from tests.plan_books import AREAS, CODE, HEADER, KINDS, TITLES, csv, read, row

ROWS: list[Any] = [HEADER, row(1), row(2, 250, 255)]


def troubles(found: plan_records.Plan) -> list[tuple[ProblemKind, int | None]]:
    return [(p.trouble, p.row) for p in found.problems]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_every_encoding_and_separator_is_found(encoding: str, delimiter: str) -> None:
    rows = [
        [*cells, note]
        for cells, note in zip(
            ROWS,
            ("Keterangan", "Aula \u2013 lantai 1", "Masjid Jami\u2019"),
            strict=True,
        )
    ]

    found = read(csv(rows, delimiter).encode(encoding))

    assert found.problems == []
    assert list(found.stations) == [f"{CODE}/001", f"{CODE}/002"]
    (reading,) = found.readings
    assert reading.first[1][-1] == "Masjid Jami\u2019"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Jami\u2019".encode() + b"\xff", "Jami\u2019\ufffd"),
        (b"Jami\x92", "Jami\u2019"),
        (b"Jami\x81\x92", "Jami\ufffd\u2019"),
    ],
)
def test_a_broken_byte_spoils_one_letter_and_is_told(raw: bytes, name: str) -> None:
    text = csv([[*HEADER, "Ket"], [*row(1), "@"]])

    found = read(text.encode().replace(b"@", raw))

    assert found.readings[0].first[0][-1] == name
    assert found.notes[0].trouble is ProblemKind.ENCODING
    areas = b"tingkat;kode;nama\nkelurahan;17.71.01.1003;@\n"
    assert len(read(areas.replace(b"@", raw)).problems) == name.count("\ufffd")


@pytest.mark.parametrize("code", ["'1771011001", '"=""1771011001"""'])
@pytest.mark.parametrize("tps", ["'001", '"=""001"""'])
def test_marks_that_keep_digits_as_text_are_no_part_of_them(
    code: str, tps: str
) -> None:
    found = read(csv([HEADER, [code, "", tps, *row(1)[3:]]]))

    assert list(found.stations) == [f"{CODE}/001"]


def test_a_code_may_stand_in_two_columns() -> None:
    rows: list[Any] = [
        ["Kode Kec", "Kode Kel", *HEADER[1:]],
        ["17.71.01", "1001", *row(1)[1:]],
        ["17.71.02", "1001", "Padang Harapan", *row(1)[2:]],
        ["", "1001", *row(2)[1:]],
    ]

    found = read(csv(rows))

    assert list(found.stations) == [f"{CODE}/001", "17.71.02.1001/001"]
    assert troubles(found) == [(ProblemKind.CODE_NO_VILLAGE, 4)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_and_excels_own_first_line(end: str) -> None:
    text = "sep=;\r\n" + csv(ROWS)

    found = read(text.replace("\r\n", end) + end + ";;" + "\xa0" + end)

    assert found.problems == []
    assert len(found.stations) == 2


@pytest.mark.parametrize(
    ("title", "column"),
    [
        ("Kode Kelurahan", Field.CODE),
        ("KODE DESA/KEL.", Field.CODE),
        ("kelurahan_code", Field.CODE),
        ("Kode Wilayah", Field.CODE),
        ("Kd. Kel", Field.CODE),
        ("Kelurahan", Field.NAME),
        ("Nama Desa / Kelurahan", Field.NAME),
        ("Kecamatan", Field.KECAMATAN),
        ("No. TPS", Field.TPS),
        ("NOMOR\nTPS", Field.TPS),
        ("TPS\xa0", Field.TPS),
        ("Jml TPS", Field.TPS_COUNT),
        ("DPT L+P", Field.DPT),
        ("Total DPT", Field.DPT),
        ("Jumlah Pemilih", Field.DPT),
        ("DPT (Laki-laki)", Field.DPT_L),
        ("DPT P", Field.DPT_P),
        ("DPT + 2%", None),
        ("PPWP", Ballot.PPWP),
        ("Surat Suara Presiden dan Wakil Presiden", Ballot.PPWP),
        ("SS DPR RI", Ballot.DPR),
        ("Jumlah Surat Suara DPD", Ballot.DPD),
        ("Jumlah Pemilih Tetap (DPT)", Field.DPT),
        ("Jumlah Kelurahan", None),
        ("DPD (+2%)", Ballot.DPD),
        ("DPRD Prop.", Ballot.DPRD_PROV),
        ("DPRD Kab/Kota Dapil 3", Ballot.DPRD_KOTA),
        ("ballots_dprd_kota", Ballot.DPRD_KOTA),
        ("Gubernur dan Wakil Gubernur", Ballot.PILGUB),
        ("Walikota", Ballot.PILWALI),
        ("Bupati & Wakil Bupati", Ballot.PILBUP),
        ("Jumlah Surat Suara", Field.TOTAL),
        ("Ket.", Field.NOTE),
        ("No", Field.NUMBER),
        ("Ketua KPPS", None),
        ("", None),
    ],
)
def test_header_words_of_clerks_are_known(
    title: str, column: Field | Ballot | None
) -> None:
    assert header_recognition.recognise(title) is column


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1.165", 1165),
        ("1,165", 1165),
        ("1 165", 1165),
        ("1\xa0165", 1165),
        ("233", 233),
        ("233.0", 233),
        ("233,00", 233),
        ("  0 ", 0),
        (233.0, 233),
        ("1.165.000", ProblemKind.COUNT_LARGE),
        ("1.165,5", ProblemKind.COUNT_FORM),
        ("11,65", ProblemKind.COUNT_FRACTION),
        (1.165, ProblemKind.COUNT_FRACTION),
        (float("inf"), ProblemKind.COUNT_FRACTION),
        (float("nan"), ProblemKind.COUNT_FRACTION),
        ("\u2212299", ProblemKind.COUNT_NEGATIVE),
        ("(299)", ProblemKind.COUNT_NEGATIVE),
        ("-299", ProblemKind.COUNT_NEGATIVE),
        (-1.0, ProblemKind.COUNT_NEGATIVE),
        ("", ProblemKind.COUNT_EMPTY),
        ("\xa0", ProblemKind.COUNT_EMPTY),
        ("dua ratus", ProblemKind.COUNT_FORM),
        ("1e3", ProblemKind.COUNT_FORM),
        ("²", ProblemKind.COUNT_FORM),
        (True, ProblemKind.COUNT_FORM),
    ],
)
def test_a_count_is_whole_and_nothing_is_guessed(
    value: str | float, number: int | ProblemKind
) -> None:
    found: int | ProblemKind
    try:
        found = cell_values.count(value)
    except CellError as error:
        found = error.trouble

    assert found == number


def test_a_header_over_two_lines_without_merged_cells() -> None:
    rows = [
        [*TITLES[:3], "DPT", "", "", "SURAT SUARA (DPT + 2 %)", "", "", "", ""],
        ["", "", "", "L", "P", "JML", *KINDS],
        [CODE, "Pagar Dewa", "1", 114, 114, 228, *[233] * 5],
    ]

    found = read(csv(rows))

    assert found.problems == []
    assert found.stations[f"{CODE}/001"].dpt == 228


NAMED = ["Kelurahan", "TPS", "DPT", *KINDS]


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("Sukarami", "17.71.01.1002"),
        ("KEL. SUKARAMI", "17.71.01.1002"),
        ("Desa  Pagar\xa0Dewa", "17.71.01.1001"),
        ("Padang Harapan", ProblemKind.NAME_UNKNOWN),
        ("Sukaramai", ProblemKind.NAME_UNKNOWN),
        ("", ProblemKind.CODE_EMPTY),
    ],
)
@pytest.mark.parametrize("stated", ["title", "column"])
def test_a_name_without_code_counts_within_the_stated_kecamatan(
    name: str, result: str | ProblemKind, stated: str
) -> None:
    cells = [name, "1", 228, *[233] * 5]
    if stated == "title":
        rows: list[Any] = [
            ["TPS KECAMATAN SELEBAR KOTA BENGKULU", *[""] * 7],
            NAMED,
            cells,
        ]
    else:
        rows = [["Kecamatan", *NAMED], ["Kec. Selebar", *cells]]

    found = read(csv(rows))

    if isinstance(result, ProblemKind):
        assert [p.trouble for p in found.problems] == [result]
    else:
        assert list(found.stations) == [f"{result}/001"]
        assert [note.trouble for note in found.notes] == [ProblemKind.NAME_MATCHED]
        assert result in str(found.notes[0])


def test_a_name_is_not_matched_where_no_kecamatan_is_stated_or_two_fit() -> None:
    rows: list[Any] = [NAMED, ["Pagar Dewa", "1", 228, *[233] * 5]]
    twins = {**AREAS, "17.71.01.1009": "SUKARAMI"}
    stated = csv([["Kecamatan", *NAMED], ["Selebar", "Sukarami", "1", 228, *[233] * 5]])

    assert troubles(read(csv(rows))) == [(ProblemKind.NAME_NO_KECAMATAN, 2)]
    both = record_plan.read([Upload("x.csv", stated.encode())], twins, regency="1771")
    assert troubles(both) == [(ProblemKind.NAME_AMBIGUOUS, 2)]
    assert "17.71.01.1002, 17.71.01.1009" in str(both.problems[0])


@pytest.mark.parametrize(
    ("name", "kecamatan", "trouble", "stops"),
    [
        ("PAGAR DEWA", "selebar", None, False),
        ("Pagar Dewo", "Selebar", ProblemKind.NAME_DIFFERS, False),
        ("Sukarami", "Selebar", ProblemKind.NAME_OTHER, True),
        ("Pagar Dewa", "Gading Cempaka", ProblemKind.KECAMATAN_OTHER, True),
        ("Pagar Dewa", "Selebaran", ProblemKind.NAME_DIFFERS, False),
    ],
)
def test_a_name_beside_a_code_is_a_check(
    name: str, kecamatan: str, trouble: ProblemKind | None, *, stops: bool
) -> None:
    rows: list[Any] = [
        ["Kecamatan", *HEADER],
        [kecamatan, CODE, name, *row(1)[2:]],
    ]

    found = read(csv(rows))

    told = [p.trouble for p in (found.problems if stops else found.notes)]
    assert told == ([] if trouble is None else [trouble])
    assert bool(found.stations) is not stops


def test_another_kab_kota_is_held_by_code() -> None:
    found = read(csv([HEADER, ["17.02.01.1001", *row(1)[1:]]]))

    assert troubles(found) == [(ProblemKind.CODE_OTHER_REGENCY, 2)]


def test_a_quote_that_swallows_lines_is_found() -> None:
    lines = csv([HEADER, row(1), row(2), row(3), row(4)]).split("\r\n")
    lines[2] = lines[2].replace("Pagar Dewa", '"Pagar Dewa')
    lines[4] = lines[4].replace("Pagar Dewa", 'Pagar Dewa"')

    found = read("\r\n".join(lines))

    assert troubles(found) == [(ProblemKind.CELL_SWALLOWS, 3)]
    assert [key[-3:] for key in found.stations] == ["001"]


@pytest.mark.parametrize("titles", [[], ["L"], ["Perempuan"]])
def test_a_table_without_voters_is_no_plan(titles: list[str]) -> None:
    rows = [
        [*TITLES[:3], *titles, *KINDS],
        [*row(1)[:3], *[1 for _ in titles], *[9] * 5],
    ]

    with pytest.raises(StationError, match="TPS, DPT, surat suara"):
        read(csv(rows))


def test_a_sum_of_voters_is_taken_for_no_tps() -> None:
    found = read(csv([HEADER, row(1), row(2), row(3, 5_412, 5_525)]))

    assert troubles(found) == [(ProblemKind.COUNT_LARGE, 4)]
    assert len(found.stations) == 2


def test_special_tps_are_tps() -> None:
    found = read(csv([HEADER, row(901), row("TPS 902")]))

    assert [key[-3:] for key in found.stations] == ["901", "902"]


def test_every_trouble_has_its_words() -> None:
    assert set(SENTENCES) == set(ProblemKind)


@pytest.mark.parametrize(
    ("title", "column"),
    [
        ("DPRD PROVINSI BENGKULU", Ballot.DPRD_PROV),
        ("DPRD KOTA BENGKULU", Ballot.DPRD_KOTA),
        ("DPRD Kabupaten Bogor", Ballot.DPRD_KOTA),
        ("Presiden & Wapres", Ballot.PPWP),
        ("PPWP (DPT+2%)", Ballot.PPWP),
        ("DPR RI (DPT + cadangan 2 persen)", Ballot.DPR),
        ("DPD (+2%)", Ballot.DPD),
        ("DPRD Kota rusak", None),
        ("PPWP rusak", None),
        ("DPR kurang", None),
        ("DPT + 2 %", None),
    ],
)
def test_a_kind_is_known_by_its_beginning(title: str, column: Ballot | None) -> None:
    assert recognise(title) == column
