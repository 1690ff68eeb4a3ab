"""The plan: files in, areas, polling stations and boxes out, or every problem."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from station.custody.labelling import reissue
from station.custody.plan import plan_records, record_plan
from station.custody.plan.plan_records import Imported
from station.errors import StationError
from station.founding import create_station
from station.intake.problem import ProblemKind
from station.ledger import log as ledger
from station.ledger.entry_body import LIMIT_BYTES
from station.settings.election_profiles import PROFILES
from tests.conftest import AREAS, OPERATOR, STATIONS

if TYPE_CHECKING:
    from station.intake.problem import Problem
    from station.ledger.log import Log
    from tests.conftest import StillClock

DEMO = Path(create_station.__file__).parents[1] / "demo_city"
BENGKULU = Path(__file__).parent / "data" / "kota-bengkulu"


def files(folder: Path) -> list[Path]:
    return [folder / "areas.csv", folder / "polling_stations.csv"]


def record(log: Log, read: plan_records.Plan, clock: StillClock) -> Imported:
    return record_plan.record(log, read, "1771", actor=OPERATOR, at=clock())


def written(tmp_path: Path, name: str, text: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems(tmp_path: Path, areas: str, stations: str) -> list[Problem]:
    read = record_plan.read(
        [written(tmp_path, "a.csv", areas), written(tmp_path, "s.csv", stations)]
    )
    return list(read.problems)


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        pytest.param(DEMO, Imported(77, 39, 195), id="demo"),
        pytest.param(BENGKULU, Imported(77, 985, 4_925), id="bengkulu"),
    ],
)
def test_a_clean_plan_is_registered_once(
    folder: Path, expected: Imported, log: Log, clock: StillClock
) -> None:
    read = record_plan.read(files(folder))
    assert read.problems == []

    assert record(log, read, clock) == expected

    size = log.size
    assert record(log, record_plan.read(files(folder)), clock) == Imported(0, 0, 0)
    assert log.size == size
    for table, rows in (
        ("area", expected.areas),
        ("polling_station", expected.stations),
        ("item", expected.boxes),
    ):
        (found,) = log.db.execute(
            f"SELECT count(*) FROM {table}"  # noqa: S608 - names from above
        ).fetchone()
        assert found == rows
    (longest,) = log.db.execute("SELECT max(length(body)) FROM entry").fetchone()
    assert longest <= LIMIT_BYTES


def test_every_tps_has_one_box_of_each_kind_and_no_other(
    log: Log, clock: StillClock
) -> None:
    record(log, record_plan.read(files(DEMO)), clock)

    rows = log.db.execute(
        "SELECT destination, group_concat(ballot) AS kinds FROM"
        " (SELECT * FROM item ORDER BY id) GROUP BY destination"
    ).fetchall()

    assert len(rows) == 39
    assert {row["kinds"] for row in rows} == {"PPWP,DPR,DPD,DPRD_PROV,DPRD_KOTA"}


def test_the_order_of_files_and_of_rows_does_not_matter(
    log: Log, clock: StillClock, tmp_path: Path
) -> None:
    head, *rows = AREAS.splitlines()
    areas = written(tmp_path, "a.csv", "\n".join([head, *reversed(rows)]))
    stations = written(tmp_path, "s.csv", STATIONS)

    read = record_plan.read([stations, areas])

    assert read.problems == []
    assert record(log, read, clock) == Imported(5, 3, 6)


def test_the_files_that_spreadsheets_save_are_read(tmp_path: Path) -> None:
    """UTF-8 mark, CRLF, semicolons, quotes, blanks, empty rows at the end."""
    areas = "\ufeff" + AREAS.replace(",", ";").replace("\n", "\r\n") + ";;;;\r\n\r\n"
    stations = STATIONS.replace("001,228", '" 001 ", 228 ') + ",,,,\n"

    read = record_plan.read(
        [written(tmp_path, "a.csv", areas), written(tmp_path, "s.csv", stations)]
    )

    assert read.problems == []
    assert (len(read.areas), len(read.stations)) == (5, 3)
    assert read.stations["17.71.01.1001/001"].dpt == 228


def test_a_second_file_may_build_on_what_is_registered(
    log: Log, clock: StillClock, tmp_path: Path
) -> None:
    areas, stations = (
        written(tmp_path, "a.csv", AREAS),
        written(tmp_path, "s.csv", STATIONS),
    )
    record(log, record_plan.read([areas]), clock)
    more = written(tmp_path, "s2.csv", STATIONS.replace(",001,", ",004,"))

    known = (row["code"] for row in log.db.execute("SELECT code FROM area"))
    read = record_plan.read([stations, more], known)

    # The generator is read once, though there are two files. 002 stands in both of
    # them, and neither file may win.
    assert [(p.file, p.row, p.trouble) for p in read.problems] == [
        ("s.csv", 3, ProblemKind.TPS_TWICE),
        ("s2.csv", 3, ProblemKind.TPS_TWICE),
    ]
    assert "s2.csv baris 3" in str(read.problems[0])


def test_a_changed_plan_updates_what_it_names(
    log: Log, clock: StillClock, tmp_path: Path
) -> None:
    def read(areas: str, stations: str) -> plan_records.Plan:
        return record_plan.read(
            [written(tmp_path, "a.csv", areas), written(tmp_path, "s.csv", stations)]
        )

    record(log, read(AREAS, STATIONS), clock)
    areas = AREAS.replace("Pagar Dewa", "Pagar Baru")
    stations = STATIONS.replace("001,228,233,233", "001,230,235,0")

    # A count of 0 may be a slip, so the clerk has to choose it.
    with pytest.raises(StationError, match="1 problems, nothing recorded"):
        record(log, read(areas, stations), clock)
    chosen = read(areas, stations).good_rows()
    assert record(log, chosen, clock) == Imported(1, 1, 0)

    # A kind that is held there no more is gone, so the same plan changes nothing.
    assert record(log, chosen, clock) == Imported(0, 0, 0)
    (name,) = log.db.execute(
        "SELECT name FROM area WHERE code = '17.71.01.1001'"
    ).fetchone()
    counts = log.db.execute(
        "SELECT dpt, ballot, sheets FROM polling_station JOIN ballot_count"
        " ON polling_station = id WHERE id = '17.71.01.1001/001'"
    ).fetchall()
    assert name == "Pagar Baru"
    assert [tuple(row) for row in counts] == [(230, "PPWP", 235)]
    again = STATIONS.replace("001,228,233,233", "001,230,235,235")
    assert record(log, read(areas, again), clock) == Imported(0, 1, 0)


@pytest.mark.parametrize("profile", ["pemilu", "psu"])
def test_a_file_without_a_column_takes_nothing_away(
    profile: str, log: Log, clock: StillClock, tmp_path: Path
) -> None:
    election = PROFILES[profile]
    whole = [
        written(tmp_path, "a.csv", AREAS),
        written(tmp_path, "s.csv", STATIONS),
    ]
    record(log, record_plan.read(whole, election=election), clock)
    tables = ("area", "polling_station", "ballot_count", "item")
    before = [_rows(log, table) for table in tables]

    areas = [",".join(line.split(",")[:4]) for line in AREAS.splitlines()]
    stations = [",".join(line.split(",")[:4]) for line in STATIONS.splitlines()]
    part = [
        written(tmp_path, "a.csv", "\n".join(areas)),
        written(tmp_path, "s.csv", "\n".join(stations)),
    ]
    done = record(log, record_plan.read(part, election=election), clock)

    assert "dapil" not in areas[0]
    assert "dpr" not in stations[0]
    assert [_rows(log, table) for table in tables] == before
    assert (done.areas, done.stations, done.boxes) == (0, 0, 0)


def test_a_box_that_was_voided_is_registered_anew(
    log: Log, clock: StillClock, tmp_path: Path
) -> None:
    whole = [
        written(tmp_path, "a.csv", AREAS),
        written(tmp_path, "s.csv", STATIONS),
    ]
    record(log, record_plan.read(whole), clock)
    (lost,) = log.db.execute("SELECT min(id) FROM item").fetchone()
    reissue.void(log, [lost], reason="terbakar", actor=OPERATOR, at=clock())

    assert record(log, record_plan.read(whole), clock).boxes == 1
    assert record(log, record_plan.read(whole), clock).boxes == 0
    same = log.db.execute(
        "SELECT count(*) FROM item AS a JOIN item AS b USING (destination, ballot)"
        " WHERE b.id = ? AND a.voided = 0",
        (lost,),
    ).fetchone()
    assert tuple(same) == (1,)


def _rows(log: Log, table: str) -> list[tuple[object, ...]]:
    rows = log.db.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3")  # noqa: S608 - names above
    return [tuple(row) for row in rows]


def test_a_kind_with_no_ballots_gets_no_box(
    log: Log, clock: StillClock, tmp_path: Path
) -> None:
    stations = STATIONS.replace("001,228,233,233", "001,228,233,0")
    read = record_plan.read(
        [written(tmp_path, "a.csv", AREAS), written(tmp_path, "s.csv", stations)]
    )

    assert [p.trouble for p in read.problems] == [ProblemKind.KIND_NONE]
    assert record(log, read.good_rows(), clock).boxes == 5


STATION_PROBLEMS = (
    ("17.71.09.1001,001,1,1,1", 1, ProblemKind.CODE_UNKNOWN),
    ("17.71.01,001,1,1,1", 1, ProblemKind.CODE_NO_VILLAGE),
    (",001,1,1,1", 1, ProblemKind.CODE_EMPTY),
    ("Pagar Dewa,001,1,1,1", 1, ProblemKind.CODE_FORM),
    ('"1,77101E+09",001,1,1,1', 1, ProblemKind.CODE_SHORTENED),
    ("17.71.01.1001,0,1,1,1", 2, ProblemKind.TPS_FORM),
    ("17.71.01.1001,,1,1,1", 2, ProblemKind.TPS_EMPTY),
    ("17.71.01.1001,1000,1,1,1", 2, ProblemKind.TPS_FORM),
    ("17.71.01.1001,٠٠٣,1,1,1", 2, ProblemKind.TPS_FORM),
    ("17.71.01.1001,009,2.5,1,1", 3, ProblemKind.COUNT_FRACTION),
    ("17.71.01.1001,009,1.228,1,1", 3, ProblemKind.COUNT_LARGE),
    ("17.71.01.1001,009,2E+02,1,1", 3, ProblemKind.COUNT_FORM),
    ("17.71.01.1001,009,-5,1,1", 3, ProblemKind.COUNT_NEGATIVE),
    ("17.71.01.1001,009,٢٢٨,1,1", 3, ProblemKind.COUNT_FORM),
    (f"17.71.01.1001,009,{'9' * 5_000},1,1", 3, ProblemKind.COUNT_FORM),
    ("17.71.01.1001,009,,1,1", 3, ProblemKind.DPT_EMPTY),
    ("17.71.01.1001,009,1,#REF!,1", 4, ProblemKind.COUNT_FORM),
    ("17.71.01.1001,009,1,1,", 5, ProblemKind.COUNT_EMPTY),
    ("17.71.01.1001,009,1,0,0", 0, ProblemKind.NO_PAPERS),
    ("17.71.01.1001,009,1,1", 0, ProblemKind.CELLS_MISSING),
    ("17.71.01.1001,009,1,1,1,1", 0, ProblemKind.CELLS_TOO_MANY),
)
COLUMNS = ("", "kelurahan_code", "tps", "dpt", "ballots_ppwp", "ballots_dpr")


@pytest.mark.parametrize(
    ("row", "column", "trouble"),
    STATION_PROBLEMS,
    ids=[f"{t.value}-{n}" for n, (*_, t) in enumerate(STATION_PROBLEMS)],
)
def test_a_wrong_polling_station_is_one_sentence_with_its_line(
    row: str, column: int, trouble: ProblemKind, tmp_path: Path
) -> None:
    (found,) = problems(tmp_path, AREAS, f"{STATIONS}{row}\n")

    assert found.trouble is trouble
    where = f"s.csv, baris 5, kolom {COLUMNS[column]}:" if column else "s.csv, baris 5:"
    assert str(found).startswith(where)
    assert ", diharapkan " in str(found)
    assert str(found).endswith(".")
    assert len(str(found)) < 400


AREA_PROBLEMS = (
    ("kelurahan,17.71.01.1,Sukarami,,", ProblemKind.CODE_FORM),
    ("kelurahan,177101100,Sukarami,,", ProblemKind.CODE_FORM),
    ("kelurahan,17.71.1001,Sukarami,,", ProblemKind.CODE_FORM),
    ("kelurahan,17.71.01.١٠٠٢,Sukarami,,", ProblemKind.CODE_FORM),
    ("kecamatan,17.71.01.1002,Sukarami,,", ProblemKind.LEVEL),
    ("provinsi,17.71.03,Teluk Segara,,", ProblemKind.LEVEL),
    ("kelurahan,17.71.01.1002,,,", ProblemKind.NAME_FORM),
    ("kelurahan,17.71.01.1002,a\x7fb,,", ProblemKind.NAME_FORM),
    (f"kelurahan,17.71.01.1002,{'a' * 121},,", ProblemKind.NAME_FORM),
    ("kelurahan,17.71.01.1002,a\u202eb,,", ProblemKind.NAME_FORM),
    ("kelurahan,17.71.01.1002,Sukarami,,3\x07", ProblemKind.DAPIL_FORM),
    ("kelurahan,17.71.01.1002,Sukarami,,3\x9b2J", ProblemKind.DAPIL_FORM),
    (f"kelurahan,17.71.01.1002,Sukarami,,{'3' * 41}", ProblemKind.DAPIL_FORM),
    ("kelurahan,17.71.03.1002,Sukarami,,", ProblemKind.PARENT_UNKNOWN),
    ("kelurahan,17.71.01.1002,Sukarami,17.71.02,", ProblemKind.PARENT_OTHER),
    ("kelurahan,17.71.01.1002,Jalan, Gedang,,", ProblemKind.CELLS_TOO_MANY),
)


@pytest.mark.parametrize(
    ("row", "trouble"),
    AREA_PROBLEMS,
    ids=[f"{t.value}-{n}" for n, (_, t) in enumerate(AREA_PROBLEMS)],
)
def test_a_wrong_area_is_one_sentence_with_its_line(
    row: str, trouble: ProblemKind, tmp_path: Path
) -> None:
    (found,) = problems(tmp_path, f"{AREAS}{row}\n", STATIONS)

    assert found.trouble is trouble
    assert str(found).startswith("a.csv, baris 7")
    assert str(found).endswith(".")


def test_one_name_in_two_spellings_of_its_letters_is_the_same(
    log: Log, clock: StillClock, tmp_path: Path
) -> None:
    names = [
        AREAS.replace("Pagar Dewa", n) for n in ("Café", "Cafe\u0301", " Café\xa0")
    ]
    one, *others = [written(tmp_path, f"{n}.csv", t) for n, t in enumerate(names)]
    assert record(log, record_plan.read([one]), clock).areas == 5

    for other in others:
        assert record(log, record_plan.read([other]), clock) == Imported(0, 0, 0)


def test_a_title_that_steers_a_terminal_is_told_without_that(tmp_path: Path) -> None:
    stations = STATIONS.replace(",dpt,", ",DPT\x1b,").replace("228", "x")

    read = record_plan.read(
        [written(tmp_path, "a.csv", AREAS), written(tmp_path, "s.csv", stations)]
    )

    assert "kolom DPT\ufffd" in str(read.problems[0])
    assert all(title.isprintable() for r in read.readings for title, _ in r.columns)


def test_an_area_that_stands_twice_holds_both_rows_and_what_lies_in_it(
    tmp_path: Path,
) -> None:
    twice = AREAS + "kelurahan,17.71.01.1001,Pagar Baru,,\n"
    read = record_plan.read(
        [written(tmp_path, "a.csv", twice), written(tmp_path, "s.csv", STATIONS)]
    )

    assert [(p.row, p.trouble) for p in read.problems] == [
        (5, ProblemKind.CODE_TWICE),
        (7, ProblemKind.CODE_TWICE),
    ]
    assert set(read.good_rows().stations) == {"17.71.02.1001/001"}


def test_all_problems_are_told_and_nothing_is_recorded(
    log: Log, clock: StillClock, tmp_path: Path
) -> None:
    stations = STATIONS + "".join(f"{row}\n" for row, *_ in STATION_PROBLEMS)
    areas = AREAS + "".join(f"{row}\n" for row, _ in AREA_PROBLEMS)
    read = record_plan.read(
        [written(tmp_path, "a.csv", areas), written(tmp_path, "s.csv", stations)]
    )
    size = log.size

    assert len(read.problems) >= len(STATION_PROBLEMS) + len(AREA_PROBLEMS)
    with pytest.raises(StationError, match=r"\d+ problems, nothing recorded"):
        record(log, read, clock)
    assert log.size == size
    assert log.db.execute("SELECT 1 FROM area").fetchone() is None


def test_the_line_of_a_problem_is_the_files_own(tmp_path: Path) -> None:
    """A cell with a line break and an empty line do not shift the count."""
    areas = AREAS.replace("Jalan Gedang", '"Jalan\nGedang"') + "\n\nkota,,,,\n"

    (found,) = problems(tmp_path, areas, STATIONS)

    assert (found.file, found.row, found.trouble) == (
        "a.csv",
        10,
        ProblemKind.CODE_EMPTY,
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "terbaca tidak ada"),
        (b"\n\n", "terbaca tidak ada"),
        (b"code,what\n1,2\n", "diharapkan judul kolom tabel TPS"),
        (b"level;code\n1;2\n", '"level, code"'),
        (AREAS.replace("Jalan", "Ja\0lan").encode(), "bukan teks"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "bukan teks"),
        (b"%PDF-1.7\n\x00\x01", "bukan teks"),
        (b"PK\x03\x04 not a workbook", "rusak"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "rusak"),
        (AREAS.replace("Jalan", '"Jalan').encode(), "tanda kutip"),
        (b'"' + b"x" * 200_000, "tanda kutip"),
        (b"kelurahan,jumlah tps,dpt\nPagar Dewa,3,800\n", "rekap"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_plan_is_one_sentence(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(StationError) as refused:
        record_plan.read([written(tmp_path, "x.csv", content)])

    assert sentence in str(refused.value)
    assert str(refused.value).startswith("x.csv: diharapkan ")
    assert "\n" not in str(refused.value)


def test_a_folder_or_nothing_in_place_of_a_file_is_one_sentence(
    tmp_path: Path,
) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(StationError, match="diharapkan berkas yang dapat dibaca"):
            record_plan.read([path])


def test_files_that_cannot_be_read_are_all_told(tmp_path: Path) -> None:
    with pytest.raises(StationError) as refused:
        record_plan.read([tmp_path / "one.csv", tmp_path / "two.csv"])

    assert "one.csv" in str(refused.value)
    assert "two.csv" in str(refused.value)


def test_the_plan_of_another_kab_kota_is_refused(
    log: Log, clock: StillClock, tmp_path: Path
) -> None:
    read = record_plan.read(
        [written(tmp_path, "a.csv", AREAS.replace("17.71", "17.02"))]
    )
    size = log.size

    assert read.problems == []
    with pytest.raises(StationError, match=r"areas of 17\.71 alone, got 17\.02"):
        record(log, read, clock)
    assert log.size == size


def test_a_long_plan_is_cut_into_entries_that_fit(
    log: Log, clock: StillClock, tmp_path: Path
) -> None:
    """Names whose bytes are many: three each in UTF-8, six in an escape."""
    rows = "".join(
        f"kelurahan,17.71.01.{number},{'ꦗ' * 60},,\n" for number in range(2000, 2900)
    )
    read = record_plan.read([written(tmp_path, "a.csv", AREAS + rows)])

    assert record(log, read, clock).areas == 905

    sizes = [row[0] for row in log.db.execute("SELECT length(body) FROM entry")]
    assert max(sizes) <= LIMIT_BYTES
    last = ledger.entry(log.db, log.size - 1)
    assert set(last.draft.data) == {"action", "files", "areas"}
