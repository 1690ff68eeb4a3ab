"""The import as a whole: dry run, all or nothing, good rows, a second election."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from station.cli import main
from station.custody import registry
from station.custody.plan import dry_run, dry_run_text, import_history, record_plan
from station.custody.plan.dry_run import Change
from station.custody.plan.plan_records import Imported
from station.custody.plan.record_plan import Upload
from station.errors import StationError
from station.model import Ballot
from station.settings.election_profiles import PROFILES
from station.storage import database
from tests.conftest import AREAS, OPERATOR, STATIONS

if TYPE_CHECKING:
    from station.custody.plan.plan_records import Plan
    from station.ledger.log import Log
    from station.settings.election_profiles import Election
    from station.settings.station_toml import Settings
    from tests.conftest import StillClock

BENGKULU = Path(__file__).parent / "data" / "kota-bengkulu"
MESSY = BENGKULU / "messy"
BAD = "17.71.01.1001,003,,1,1\n"
SMALL = AREAS + "kelurahan,17.71.01.1002,Sukarami,17.71.01,3\n"


def read(log: Log, *texts: str, election: Election = PROFILES["pemilu"]) -> Plan:
    uploads = [Upload(f"{n}.csv", text.encode()) for n, text in enumerate(texts)]
    return record_plan.read(uploads, record_plan.known_areas(log.db), election, "1771")


def record(log: Log, found: Plan, clock: StillClock) -> Imported:
    return record_plan.record(log, found, "1771", actor=OPERATOR, at=clock())


def registry_entries(log: Log) -> list[dict[str, Any]]:
    rows = log.db.execute("SELECT body FROM entry WHERE type = 'registry' ORDER BY seq")
    bodies = [json.loads(row["body"])["data"] for row in rows]
    return [body for body in bodies if body.get("action") == "plan"]


# --- the clerks' own files ----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kecamatan", "rows", "checks"),
    [
        ("01-selebar-excel-semicolon.csv", "17.71.01", 212, 8),
        ("02-ratu-agung-merged.xlsx", "17.71.06", 132, 33),
        ("04-teluk-segara-cp1252.csv", "17.71.03", 58, 0),
    ],
)
def test_a_messy_file_is_equal_to_the_clean_one(
    name: str, kecamatan: str, rows: int, checks: int
) -> None:
    areas = BENGKULU / "areas.csv"
    clean = record_plan.read([areas, BENGKULU / "polling_stations.csv"], regency="1771")
    before = (MESSY / name).read_bytes()

    found = record_plan.read([areas, MESSY / name], regency="1771")

    own = {k: s for k, s in clean.stations.items() if k.startswith(f"{kecamatan}.")}
    assert dict(found.stations) == own
    assert len(found.stations) == rows
    assert found.problems == []
    assert len(found.checks) == checks
    assert all(check.agrees for check in found.checks)
    assert found.sha256[name] == hashlib.sha256(before).hexdigest()
    assert (MESSY / name).read_bytes() == before


def test_the_totals_row_of_selebar_is_the_check_that_its_readme_names() -> None:
    found = record_plan.read(
        [BENGKULU / "areas.csv", MESSY / "01-selebar-excel-semicolon.csv"]
    )

    assert {c.row for c in found.checks} == {215}
    assert [c.stated for c in found.checks] == [212, 59_283, *[60_542] * 5, 302_710]


def test_the_recapitulation_of_ratu_agung_agrees_for_all_its_kelurahan() -> None:
    found = record_plan.read(
        [BENGKULU / "areas.csv", MESSY / "02-ratu-agung-merged.xlsx"]
    )

    recap = [c for c in found.checks if c.sheet == "REKAP"]
    assert {c.row for c in recap} == set(range(5, 14))
    (reading,) = [r for r in found.readings if r.sheet == "RINCIAN TPS"]
    assert (reading.header_row, reading.rows) == (5, 132)


def test_the_clerks_note_of_teluk_segara_is_not_garbled() -> None:
    found = record_plan.read(
        [BENGKULU / "areas.csv", MESSY / "04-teluk-segara-cp1252.csv"]
    )

    (reading,) = [r for r in found.readings if r.file.startswith("04")]
    assert "cp1252" in reading.form
    assert reading.first[1][-1] == "Aula SDN 5 \u2013 lantai 1"
    assert "kolom Keterangan" in " ".join(map(str, found.notes))


def test_the_errors_of_gading_cempaka_are_exactly_those_of_its_readme(
    log: Log, clock: StillClock
) -> None:
    name = "03-gading-cempaka-errors.csv"
    record(log, record_plan.read([BENGKULU / "areas.csv"], regency="1771"), clock)
    size = log.size

    found = record_plan.read(
        [MESSY / name], record_plan.known_areas(log.db), regency="1771"
    )

    assert [(p.row, p.trouble.value, p.column, p.read) for p in found.problems] == [
        (19, "count_negative", "ballots_dpd", "-299"),
        (32, "tps_twice", "tps", "015"),
        (57, "dpt_empty", "dpt", ""),
        (82, "tps_twice", "tps", "015"),
        (92, "code_unknown", "kelurahan_code", "17.71.02.1099"),
    ]
    assert "baris 82" in str(found.problems[1])
    assert "baris 32" in str(found.problems[3])
    assert found.notes == []
    open_ones = ["17.71.02.1002/002", "17.71.02.1002/015", "17.71.02.1021/016"]
    assert list(found.waiting) == open_ones
    with pytest.raises(StationError, match="5 problems, nothing recorded"):
        record(log, found, clock)
    assert log.size == size

    done = record(log, found.good_rows(), clock)

    assert done == Imported(0, 98, 490, held=5, waiting=3)
    entries = registry_entries(log)[1:]
    assert {name: found.sha256[name]} == entries[0]["files"]
    assert [e["open"] for e in entries if "open" in e] == [open_ones]
    (held,) = [e["held"] for e in entries if "held" in e]
    assert [line for _, _, line, _ in held] == [19, 32, 57, 82, 92]
    size = log.size
    assert record(log, found.good_rows(), clock) == Imported(0, 0, 0)
    assert log.size == size


# --- the dry run ----------------------------------------------------------------


def test_a_dry_run_tells_new_changed_unchanged_absent_and_surplus(
    log: Log, clock: StillClock
) -> None:
    record(log, read(log, AREAS, STATIONS), clock)
    later = STATIONS.replace("001,228,233,233", "001,230,235,0").replace(
        "17.71.01.1001,002,291,297,297\n", "17.71.01.1001,003,100,102,102\n"
    )

    change = dry_run.propose(log.db, read(log, AREAS, later))

    assert [s.id for s in change.new_stations] == ["17.71.01.1001/003"]
    assert change.changes == (
        Change("17.71.01.1001/001", "dpt", "228", "230"),
        Change("17.71.01.1001/001", "PPWP", "233", "235"),
        Change("17.71.01.1001/001", "DPR", "233", "0"),
    )
    assert change.unchanged == 6
    assert change.boxes == 2
    assert change.absent == ("17.71.01.1001/002",)
    (surplus,) = change.surplus
    found = registry.item(log.db, surplus)
    assert found is not None
    assert found.item.ballot is Ballot.DPR
    assert not change.is_empty
    assert dry_run.propose(log.db, read(log, AREAS, STATIONS)).is_empty


def test_special_tps_are_named_by_the_number_that_the_station_sets(log: Log) -> None:
    text = STATIONS + "17.71.01.1001,901,150,153,153\n"
    high = replace(PROFILES["pemilu"], special_from=950)

    change = dry_run.propose(log.db, read(log, AREAS, text))

    assert change.special == ("17.71.01.1001/901",)
    found = read(log, AREAS, text, election=high)
    assert dry_run.propose(log.db, found).special == ()


def test_a_held_area_holds_what_lies_in_it_also_among_good_rows(
    log: Log, clock: StillClock
) -> None:
    areas = AREAS.replace("kecamatan,17.71.02,Gading Cempaka", "kecamatan,17.71.02,")

    found = read(log, areas, STATIONS)

    assert len(found.problems) == 1
    assert record(log, found.good_rows(), clock) == Imported(3, 2, 4, held=1)


def test_what_is_still_open_is_what_was_held_and_never_mended(
    log: Log, clock: StillClock
) -> None:
    assert dry_run.still_open(log.db) == []
    held = STATIONS + BAD + "17.71.01.1001,004,-1,1,1\n"
    record(log, read(log, AREAS, held).good_rows(), clock)
    assert dry_run.still_open(log.db) == [
        ("pemilu", "17.71.01.1001/003"),
        ("pemilu", "17.71.01.1001/004"),
    ]

    record(log, read(log, STATIONS + "17.71.01.1001,003,10,11,11\n"), clock)

    assert dry_run.still_open(log.db) == [("pemilu", "17.71.01.1001/004")]


def test_held_rows_are_left_open_once_also_where_nothing_else_is_new(
    log: Log, clock: StillClock
) -> None:
    record(log, read(log, AREAS, STATIONS), clock)
    nameless = STATIONS + BAD + "17.71.01.1099,001,10,11,11\n"

    assert record(log, read(log, nameless).good_rows(), clock) == Imported(
        0, 0, 0, held=2, waiting=1
    )

    assert dry_run.still_open(log.db) == [("pemilu", "17.71.01.1001/003")]
    (newest, _) = import_history.plans(log.db)
    assert newest.open == ["17.71.01.1001/003"]
    assert [line for _, _, line, _ in newest.held] == [5, 6]
    size = log.size
    for _ in range(2):
        done = record(log, read(log, nameless).good_rows(), clock)
        assert done == Imported(0, 0, 0)
    assert log.size == size
    # Another file, in which the same TPS is still wrong, is told for itself.
    assert record(log, read(log, STATIONS + BAD).good_rows(), clock).waiting == 1
    assert log.size == size + 2
    # And a file that is sound says nothing new.
    assert record(log, read(log, STATIONS), clock) == Imported(0, 0, 0)


def test_good_rows_of_which_there_are_none_leave_the_held_ones_open(
    log: Log, clock: StillClock
) -> None:
    record(log, read(log, AREAS), clock)
    size = log.size

    found = read(log, STATIONS.partition("\n")[0] + "\n" + BAD)

    assert record(log, found.good_rows(), clock) == Imported(0, 0, 0, 1, 1)
    assert log.size == size + 2
    assert dry_run.still_open(log.db) == [("pemilu", "17.71.01.1001/003")]


def test_progress_is_told_and_a_fault_in_it_leaves_nothing_behind(
    log: Log, clock: StillClock
) -> None:
    told: list[tuple[int, int]] = []

    def fail(done: int, of: int) -> None:
        told.append((done, of))
        if done == 4:
            raise RuntimeError

    size = log.size
    found = read(log, AREAS, STATIONS)
    with pytest.raises(RuntimeError):
        record_plan.record(
            log, found, "1771", actor=OPERATOR, at=clock(), progress=fail
        )

    assert told == [(2, 6), (4, 6)]
    assert log.size == size
    assert log.db.execute("SELECT 1 FROM area").fetchone() is None
    assert record(log, found, clock).boxes == 6


def test_two_files_of_one_name_both_leave_their_digest(log: Log) -> None:
    one, two = Upload("a/x.csv", AREAS.encode()), Upload("b\\x.csv", STATIONS.encode())

    found = record_plan.read([one, two], record_plan.known_areas(log.db))

    assert list(found.sha256) == ["x.csv", "x.csv (2)"]


# --- elections --------------------------------------------------------------------


def test_a_committee_gets_its_own_boxes_once(log: Log, clock: StillClock) -> None:
    election = replace(PROFILES["pemilu"], boxes_per_ppk=2)

    assert record(log, read(log, AREAS, STATIONS, election=election), clock).boxes == 10
    assert record(log, read(log, STATIONS, election=election), clock).boxes == 0
    more = replace(election, boxes_per_ppk=3)
    assert record(log, read(log, STATIONS, election=more), clock).boxes == 2
    rows = log.db.execute(
        "SELECT destination, count(*) FROM item WHERE ballot IS NULL GROUP BY 1"
    )
    assert [tuple(row) for row in rows] == [("17.71.01", 3), ("17.71.02", 3)]


def test_boxes_of_committees_that_are_no_longer_wanted_are_named(
    log: Log, clock: StillClock
) -> None:
    three = replace(PROFILES["pemilu"], boxes_per_ppk=3)
    record(log, read(log, AREAS, STATIONS, election=three), clock)
    one = replace(three, boxes_per_ppk=1)
    found = read(
        log, STATIONS.replace("17.71.02.1001,001,100,102,102\n", ""), election=one
    )

    change = dry_run.propose(log.db, found)

    rows = log.db.execute(
        "SELECT id FROM item WHERE ballot IS NULL AND destination = '17.71.01'"
        " ORDER BY id"
    )
    assert list(change.surplus) == [row["id"] for row in rows][1:]
    assert change.is_empty
    told = "\n".join(dry_run_text.lines(found, change))
    assert all(box in told for box in change.surplus)


def test_a_revote_is_a_second_election_of_the_same_tps(
    log: Log, clock: StillClock
) -> None:
    record(log, read(log, AREAS, STATIONS), clock)
    psu = replace(PROFILES["psu"], id="psu-2024-02")
    text = "kelurahan_code,tps,dpt,ballots_ppwp\n17.71.01.1001,001,226,231\n"

    found = read(log, text, election=psu)
    assert found.problems == []
    assert record(log, found, clock) == Imported(0, 1, 1)
    assert record(log, read(log, text, election=psu), clock) == Imported(0, 0, 0)

    # The first election's figures and boxes stand as they were.
    rows = log.db.execute(
        "SELECT election, dpt FROM polling_station WHERE id = '17.71.01.1001/001'"
    )
    assert {tuple(row) for row in rows} == {("pemilu", 228), ("psu-2024-02", 226)}
    assert record(log, read(log, AREAS, STATIONS), clock) == Imported(0, 0, 0)
    rows = log.db.execute(
        "SELECT id FROM item WHERE destination = '17.71.01.1001/001'"
        " AND ballot = 'PPWP' ORDER BY id"
    )
    first, second = (registry.item(log.db, row["id"]) for row in rows)
    assert first is not None
    assert second is not None
    assert (first.election, second.election) == ("pemilu", "psu-2024-02")


# --- the command --------------------------------------------------------------------


def run(settings: Settings, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(
        main.main, ["import", *arguments, "--data", str(settings.folder)]
    )
    return done.exit_code, done.stdout, done.stderr


def whole(stations: str) -> str:
    """The same rows with the three other kinds of a Pemilu."""
    head, *rows = stations.splitlines()
    head += ",ballots_dpd,ballots_dprd_prov,ballots_dprd_kota"
    return "\n".join([head, *(r + f",{r.rpartition(',')[2]}" * 3 for r in rows)]) + "\n"


def test_the_command_shows_records_and_refuses(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "areas.csv").write_text(AREAS, "utf-8")
    (folder / "tps.csv").write_text(whole(STATIONS + BAD), "utf-8")
    (folder / "~$tps.xlsx").write_bytes(b"open in Excel")

    status, out, err = run(settings, str(folder), "--dry-run")
    assert status == 1
    assert "tps.csv, row 5, column dpt: empty, expected a number" in err
    assert "New: 5 areas, 3 polling stations, 15 boxes." in out
    assert "Open: 17.71.01.1001/003" in out
    assert "Nothing was recorded" in out

    status, out, err = run(settings, str(folder))
    assert status == 1
    assert "1 problems, nothing recorded" in err

    status, out, err = run(settings, str(folder), "--good-rows")
    assert status == 0
    assert "Recorded 5 areas, 3 polling stations, 15 boxes." in out
    assert "1 rows held, 1 polling stations open." in out

    (folder / "tps.csv").write_text(whole(STATIONS), "utf-8")
    assert run(settings, str(folder), "--dry-run")[0] == 0


def test_the_command_stops_at_new_tps_without_a_kind_of_the_election(
    settings: Settings, tmp_path: Path
) -> None:
    areas, tps = tmp_path / "areas.csv", tmp_path / "tps.csv"
    areas.write_text(AREAS, "utf-8")
    tps.write_text(whole(STATIONS), "utf-8")
    assert run(settings, str(areas), str(tps))[0] == 0

    # TPS that are registered lose nothing by a file without some of the kinds; a new
    # one would lack their boxes.
    tps.write_text(STATIONS, "utf-8")
    assert run(settings, str(tps), "--dry-run")[0] == 0
    tps.write_text(STATIONS + "17.71.01.1001,003,10,11,11\n", "utf-8")
    status, _, err = run(settings, str(tps), "--dry-run")
    assert status == 1
    assert "expected the column DPD, DPRD_PROV, DPRD_KOTA" in err


def test_a_dry_run_names_every_change_and_what_the_first_rows_mean(
    settings: Settings, tmp_path: Path
) -> None:
    areas, tps = tmp_path / "areas.csv", tmp_path / "tps.csv"
    areas.write_text(AREAS, "utf-8")
    head = STATIONS.partition("\n")[0] + "\n"
    rows = [f"17.71.01.1001,{n},1.0,2,2\n" for n in range(1, 41)]
    tps.write_text(whole(head + "".join(rows)), "utf-8")

    status, out, _ = run(settings, str(areas), str(tps), "--dry-run")

    assert status == 0
    assert "  Read as: 17.71: kota Kota Bengkulu\n" in out
    assert "  Read as: 17.71.01: kecamatan Selebar, dapil 3\n" in out
    figures = "DPT 1, PPWP 2, DPR 2, DPD 2, DPRD_PROV 2, DPRD_KOTA 2"
    assert f"  Read as: 17.71.01.1001/001: {figures}\n" in out
    assert out.count("Read as") == 6
    assert run(settings, str(areas), str(tps))[0] == 0

    later = whole(
        head + "".join(rows).replace(",1.0,", ",2,").replace(",2,2\n", ",3,3\n")
    )
    tps.write_text(later.replace(",2,2,", ",2,3,"), "utf-8")
    _, out, _ = run(settings, str(tps), "--dry-run")
    assert sum(line.startswith("Changed: ") for line in out.splitlines()) == 240
    assert "more" not in out


def test_what_a_folder_holds_beside_plan_files_is_named(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "areas.csv").write_text(AREAS, "utf-8")
    for name in ("more.txt", "old.XLSB", "~$areas.csv", ".DS_Store", ".~lock.areas"):
        (folder / name).write_text("never read", "utf-8")
    (folder / "deeper").mkdir()

    status, out, _ = run(settings, str(folder), "--dry-run")

    assert status == 0
    told = [line.partition(":")[0] for line in out.splitlines() if "Skipped" in line]
    names = ("deeper", "more.txt", "old.XLSB")
    assert told == [f"Skipped {folder / name}" for name in names]


def test_a_dry_run_needs_no_pause_of_the_station(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "areas.csv"
    file.write_text(AREAS, "utf-8")

    with database.WriterLock(settings.folder):
        assert run(settings, str(file), "--dry-run")[0] == 0
        assert run(settings, str(file))[0] == 1


def test_an_empty_folder_is_one_sentence(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "none"
    folder.mkdir()

    status, _, err = run(settings, str(folder))

    assert status == 1
    assert "found none" in err
