"""A table altered in the file is found, named, and mended; never built upon."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from station.cli.main import main
from station.custody.accounts import directory
from station.custody.accounts.directory import Newcomer
from station.custody.consignment import trip_details
from station.custody.consignment.opening import OpeningOrder, open_consignment
from station.custody.consignment.trip_details import Trip
from station.custody.projection import tables_audit
from station.errors import StationError
from station.founding import create_station
from station.ledger import log as ledger
from station.model import Ballot, Draft, EntryType
from station.roles import Role
from station.runtime.subprocess_job import JobProcess
from station.serve import Station
from station.storage import database
from tests import ledger_station
from tests.conftest import NEAR, OPERATOR
from tests.running import until

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from station.ledger.log import Log
    from station.settings.station_toml import Settings
    from tests.conftest import City, Dock, StillClock


@pytest.fixture
def day(loading: Dock, city: City, accepting: Dock) -> City:
    """A load that has departed, another that is open, with a box and a hold on it."""
    load = loading.open(kinds=(Ballot.PPWP,))
    loading.see(city.near[0])
    loading.close(reason="kurang")
    accepting.arrive(load)
    loading.open()
    loading.see(city.near[1])
    loading.see(city.far[0])
    return city


ALTERED = {
    "an item's state": (
        "UPDATE item SET state = 'accepted' WHERE id = '{near}'",
        "Expected state of {near} in the table item to be 'loaded', as the",
    ),
    "where it goes": (
        "UPDATE item SET destination = '17.71.02' WHERE id = '{near}'",
        "Expected destination of {near} in the table item to be",
    ),
    "a hold ended by hand": (
        "UPDATE hold SET acknowledged_seq = seq",
        "Expected acknowledged_seq of {hold} in the table hold to be None",
    ),
    "a hold deleted": (
        "DELETE FROM hold",
        "Expected {hold} in the table hold, as the entries say, found none.",
    ),
    "a box put on the list": (
        "INSERT INTO consignment_item (consignment, item) VALUES ('C-0002', '0')",
        "Expected no C-0002 0 in the table consignment_item, since no entry names",
    ),
    "a box taken off the list": (
        "DELETE FROM consignment_item WHERE item = '{near}'",
        "Expected C-0002 {near} in the table consignment_item, as the entries say",
    ),
    "a row at the end": (
        "INSERT INTO consignment_item (consignment, item) VALUES ('C-9', '9')",
        "Expected no C-9 9 in the table consignment_item, since no entry names it",
    ),
    "a role": ("UPDATE account SET role = 'administrator'", "in the table account"),
    "a count of one that is closed": (
        "INSERT INTO tally VALUES ('C-0001', 'loading', 'UNREAD', 5)",
        "Expected 0 times UNREAD of C-0001 (loading) in the table tally, as the entry",
    ),
    "a count of none": (
        "INSERT INTO tally VALUES ('C-0009', 'loading', 'UNREAD', 5)",
        "Expected no count of C-0009 in the table tally, since no entry names it",
    ),
    "a text for a number": (
        "UPDATE polling_station SET dpt = 1 WHERE number = '002'",
        "pemilu 17.71.01.1001/002 in the table polling_station to be 291, as the",
    ),
}


def altered(how: str, day: City, log: Log, path: Path) -> str:
    """Alter a row by hand; the sentence that is expected then."""
    sql, sentence = ALTERED[how]
    names = {"near": day.near[1], "hold": log.size - 1}
    with closing(ledger_station.bare(path)) as db:
        db.execute(sql.format(**names))
    return sentence.format(**names)


def jejak(settings: Settings, *command: str) -> Result:
    return CliRunner().invoke(main, [*command, "--data", str(settings.folder)])


@pytest.mark.usefixtures("day")
def test_tables_that_are_as_the_entries_say_pass(log: Log) -> None:
    tables_audit.let_pass(log.db)
    assert tables_audit.check(log.db).holds
    assert not log.db.in_transaction


@pytest.mark.parametrize("how", ALTERED)
def test_verify_names_the_first_altered_row_and_changes_nothing(
    how: str, day: City, log: Log, settings: Settings
) -> None:
    sentence = altered(how, day, log, settings.database)
    before = log.db.execute("SELECT total_changes()").fetchone()[0]

    said, as_json = jejak(settings, "verify"), jejak(settings, "verify", "--json")

    assert (said.exit_code, as_json.exit_code) == (1, 1)
    assert sentence in said.stdout
    assert "jejak rebuild" in said.stdout
    assert f"all {log.size}" in said.stdout
    told = json.loads(as_json.stdout)
    assert f"the table {told['altered_table']}" in sentence
    assert told["first_bad_entry"] is None
    assert log.db.execute("SELECT total_changes()").fetchone()[0] == before
    with pytest.raises(StationError, match="altered the file"):
        tables_audit.let_pass(log.db)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE tally SET n = n + 1 WHERE verdict = 'FOREIGN'",
        "UPDATE tally SET n = 0 WHERE step = 'accepting'",
        "DELETE FROM tally WHERE verdict = 'UNREAD'",
    ],
)
@pytest.mark.usefixtures("counted")
def test_what_was_counted_without_an_entry_is_held_against_the_closing(
    sql: str, log: Log, settings: Settings
) -> None:
    before = counts(log)
    assert [row[3] for row in before] == [1, 3, 1, 3]
    tables_audit.let_pass(log.db)
    with closing(ledger_station.bare(settings.database)) as db:
        db.execute(sql)

    said = jejak(settings, "verify")
    rebuilt = jejak(settings, "rebuild")

    assert said.exit_code == 1
    assert "of C-0001" in said.stdout
    assert rebuilt.exit_code == 0, rebuilt.output
    assert counts(log) == before
    assert jejak(settings, "verify").exit_code == 0


def counts(log: Log) -> list[tuple[object, ...]]:
    return [tuple(row) for row in log.db.execute("SELECT * FROM tally")]


@pytest.fixture
def counted(loading: Dock, accepting: Dock, city: City) -> None:
    """A load closed at both ends, with labels that were not ours or not read."""
    load = loading.open()
    for dock in (loading, accepting):
        if dock is accepting:
            dock.arrive(load)
        dock.show("https://example.org/")
        dock.gate.unread(3)
        tables_audit.let_pass(dock.gate.log.db)  # of one that is open nobody can tell
        dock.see(city.near[0])
        dock.close("kurang")


def test_nothing_is_recorded_on_an_altered_table_until_it_is_rebuilt(
    day: City, log: Log, settings: Settings, clock: StillClock
) -> None:
    size = log.size
    altered("an item's state", day, log, settings.database)

    with pytest.raises(StationError, match="run `jejak rebuild`"), Station(settings):
        pass
    refused = jejak(settings, "backup", str(settings.folder))
    assert refused.exit_code == 1
    assert "run `jejak rebuild`" in refused.stderr
    rebuilt, again = jejak(settings, "rebuild"), jejak(settings, "rebuild")

    assert (rebuilt.exit_code, again.exit_code) == (0, 0), rebuilt.output
    assert f"rebuilt from {size} entries" in rebuilt.stdout
    assert "nothing was changed" in again.stdout
    opened = create_station.open_log(settings, clock)
    assert opened.size == size + 1
    (told,) = ledger.entries(opened.db, size)
    assert told.draft.actor == "system"
    assert told.draft.data == {
        "event": "rebuilt",
        "table": "item",
        "row": day.near[1],
        "entries": size,
    }
    tables_audit.let_pass(opened.db)
    opened.db.close()
    assert jejak(settings, "verify").exit_code == 0


@pytest.mark.usefixtures("day")
def test_tables_are_not_rebuilt_from_entries_that_do_not_hold(
    log: Log, settings: Settings
) -> None:
    log.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = bytearray(settings.database.read_bytes())
    with closing(ledger_station.bare(settings.database)) as db:
        (body,) = db.execute("SELECT body FROM entry WHERE seq = 2").fetchone()
    at = raw.find(bytes(body))
    assert at > 0
    raw[at + body.index(b'"place"') + 1] ^= 1
    settings.database.write_bytes(raw)

    refused = jejak(settings, "rebuild")

    assert refused.exit_code == 1
    assert "Entry 2" in refused.stderr


def test_tables_are_not_rebuilt_under_a_running_station(settings: Settings) -> None:
    with database.WriterLock(settings.folder):
        refused = jejak(settings, "rebuild")

    assert refused.exit_code == 1
    assert "already running" in refused.stderr


def test_the_check_beside_the_station_compares_the_tables_too(
    day: City, log: Log, settings: Settings
) -> None:
    assert JobProcess().verify(settings.database) == (log.size, None)
    sentence = altered("a hold ended by hand", day, log, settings.database)

    entries, fault = JobProcess().verify(settings.database)

    assert entries == log.size
    assert fault is not None
    assert sentence in fault


def test_a_large_ledger_is_compared_beside_the_work(
    day: City, log: Log, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create_station, "AT_ONCE", log.size - 1)
    altered("an item's state", day, log, settings.database)

    with Station(settings) as station:
        until(lambda: "ledger:check" in station.scan_stops.alarms())
        assert "unclean" not in station.scan_stops.alarms()


NAMES_ALTERED = {
    "a person's name": (
        "UPDATE person SET name = 'Orang Lain' WHERE id = 'p02'",
        "Expected of p02 the name and badge whose hashes entry {enrolled} holds",
    ),
    "a badge": (
        "UPDATE person SET badge = '0099' WHERE id = 'p02'",
        "Expected of p02 the name and badge",
    ),
    "a person taken away": (
        "DELETE FROM person WHERE id = 'p02'",
        "Expected of p02 the name and badge whose hashes entry {enrolled} holds, got",
    ),
    "a person put in": (
        "INSERT INTO person VALUES ('p77', 'Orang Lain', NULL, zeroblob(16))",
        "Expected no name of p77, who was erased or never enrolled, got one.",
    ),
    "a driver": (
        "UPDATE trip_name SET name = 'Orang Palsu' WHERE part = 'driver'",
        "Expected the names of the trip in entry {told} to be those whose",
    ),
    "a supervisor that was never told": (
        "INSERT INTO trip_name VALUES ({told}, 'supervisor', 'X', zeroblob(16))",
        "Expected the names of the trip in entry {told} to be those whose",
    ),
    "an escort taken away": (
        "DELETE FROM trip_name WHERE part = 'escort'",
        "in entry {told} to be those whose hashes it holds, got others or none.",
    ),
    "all names of a trip taken away": (
        "DELETE FROM trip_name",
        "in entry {told} to be those whose hashes it holds, got others or none.",
    ),
    "a trip of no entry": (
        "INSERT INTO trip_name VALUES (99999, 'driver', 'X', zeroblob(16))",
        "Expected the names of the trip in entry 99999 to be those whose",
    ),
    "a trip of another entry": (
        "INSERT INTO trip_name VALUES (0, 'driver', 'X', zeroblob(16))",
        "Expected the names of the trip in entry 0 to be those whose",
    ),
}
TOLD = Trip(driver="Rudi Hartono", escort="Aiptu Darmawan")


@pytest.fixture
def told(log: Log, city: City, loading: Dock) -> int:
    """The entry that tells a trip with two names."""
    assert city.near
    order = OpeningOrder(area=NEAR, kinds=tuple(Ballot), trip=TOLD)
    entry = open_consignment(
        log, loading.gate.settings, order, actor=OPERATOR, at=loading.clock()
    )
    return entry.seq


def names_altered(how: str, told: int, log: Log, path: Path) -> str:
    """Alter a name by hand; the sentence that is expected then."""
    sql, sentence = NAMES_ALTERED[how]
    enrolled = "SELECT seq FROM account WHERE person = 'p02'"
    facts = {"told": told, "enrolled": log.db.execute(enrolled).fetchone()[0]}
    with closing(ledger_station.bare(path)) as db:
        db.execute(sql.format(**facts))
    return sentence.format(**facts)


@pytest.mark.parametrize("how", NAMES_ALTERED)
def test_an_altered_name_is_found_and_nothing_recorded_on_it(
    how: str, told: int, log: Log, settings: Settings
) -> None:
    tables_audit.let_pass(log.db)
    sentence = names_altered(how, told, log, settings.database)

    said, as_json = jejak(settings, "verify"), jejak(settings, "verify", "--json")

    assert (said.exit_code, as_json.exit_code) == (1, 1)
    assert sentence in said.stdout
    assert "--names-from BACKUP" in said.stdout
    assert "Orang" not in said.stdout, "a name is for the pages alone"
    assert json.loads(as_json.stdout)["holds"] is False
    with pytest.raises(StationError, match="nothing is recorded on top of it"):
        tables_audit.let_pass(log.db)
    assert jejak(settings, "rebuild").exit_code == 1
    with pytest.raises(StationError, match="--names-from"), Station(settings):
        pass


def test_erased_names_are_in_order(
    told: int, log: Log, settings: Settings, clock: StillClock
) -> None:
    with log.writing() as batch:
        load = ledger.entry(log.db, told).draft.consignment
        assert trip_details.forget_names(batch, str(load), actor=OPERATOR, at=clock())
        directory.erase(batch, "p03", clock())

    tables_audit.let_pass(log.db)
    assert jejak(settings, "verify").exit_code == 0


@pytest.mark.parametrize("how", NAMES_ALTERED)
def test_names_are_put_back_from_a_backup_where_the_hashes_fit(
    how: str, told: int, log: Log, settings: Settings, tmp_path: Path
) -> None:
    with closing(database.open_reader(settings.database)) as db:
        database.copy(db, tmp_path / "ledger.db")
    before = named(log)
    names_altered(how, told, log, settings.database)

    mended = jejak(settings, "rebuild", "--names-from", str(tmp_path))

    put_in = how in {"a person put in", "a trip of no entry", "a trip of another entry"}
    assert mended.exit_code == int(put_in), mended.output
    if put_in:  # no backup holds it, since nothing ever stood there
        assert jejak(settings, "rebuild", "--forget-names").exit_code == 0
    assert named(log) == before
    assert jejak(settings, "verify").exit_code == 0
    (event,) = [
        entry.draft.data
        for entry in ledger.entries(log.db)
        if entry.draft.data.get("event") == "names_mended"
    ]
    assert len([*event["restored"], *event["erased"]]) == 1  # type: ignore[misc]


def named(log: Log) -> list[tuple[str, ...]]:
    rows = log.db.execute(
        "SELECT id, name, badge, salt FROM person"
        " UNION ALL SELECT seq, part, name, salt FROM trip_name ORDER BY 1, 2"
    )
    return [tuple(row) for row in rows]


def test_names_that_no_backup_holds_are_forgotten_on_demand_alone(
    told: int, log: Log, settings: Settings, tmp_path: Path
) -> None:
    with closing(database.open_reader(settings.database)) as db:
        database.copy(db, tmp_path / "ledger.db")
    with closing(ledger_station.bare(tmp_path / "ledger.db")) as db:
        db.execute("UPDATE person SET name = 'Palsu'")
        db.execute("DELETE FROM trip_name")
    names_altered("a person's name", told, log, settings.database)
    names_altered("a driver", told, log, settings.database)

    useless = jejak(settings, "rebuild", "--names-from", str(tmp_path))
    forgotten = jejak(settings, "rebuild", "--forget-names")

    assert (useless.exit_code, forgotten.exit_code) == (1, 0), forgotten.output
    assert "--forget-names erases" in useless.stdout
    assert f"erased: p02, trip {told}." in forgotten.stdout
    assert directory.role(log.db, "p02") is None
    assert jejak(settings, "verify").exit_code == 0


@pytest.mark.parametrize(
    "how", ["an escort taken away", "all names of a trip taken away"]
)
def test_names_that_were_taken_away_can_be_given_up(
    how: str, told: int, log: Log, settings: Settings
) -> None:
    names_altered(how, told, log, settings.database)

    assert jejak(settings, "rebuild", "--forget-names").exit_code == 0

    assert jejak(settings, "verify").exit_code == 0
    erasures = [
        entry.draft.consignment
        for entry in ledger.entries(log.db)
        if entry.draft.data.get("action") == "trip_names_erased"
    ]
    assert erasures == [ledger.entry(log.db, told).draft.consignment]


def test_names_told_after_an_erasure_are_looked_for(
    told: int, log: Log, settings: Settings, clock: StillClock
) -> None:
    load = str(ledger.entry(log.db, told).draft.consignment)
    with log.writing() as batch:
        trip_details.forget_names(batch, load, actor=OPERATOR, at=clock())
    entry = trip_details.change(log, load, TOLD, actor=OPERATOR, at=clock())
    assert entry is not None
    tables_audit.let_pass(log.db)

    log.db.execute("DELETE FROM trip_name WHERE part = 'driver'")

    with pytest.raises(StationError, match=f"in entry {entry.seq} to be"):
        tables_audit.let_pass(log.db)
    assert jejak(settings, "verify").exit_code == 1


def test_names_that_were_erased_do_not_come_back_from_a_backup(
    told: int, log: Log, settings: Settings, clock: StillClock, tmp_path: Path
) -> None:
    with closing(database.open_reader(settings.database)) as db:
        database.copy(db, tmp_path / "ledger.db")
    with log.writing() as batch:
        load = ledger.entry(log.db, told).draft.consignment
        trip_details.forget_names(batch, str(load), actor=OPERATOR, at=clock())
    with closing(ledger_station.bare(settings.database)) as db:
        db.execute(
            "INSERT INTO trip_name VALUES (?, 'driver', 'Palsu', zeroblob(16))", (told,)
        )

    mended = jejak(settings, "rebuild", "--names-from", str(tmp_path))

    assert mended.exit_code == 0, mended.output
    assert log.db.execute("SELECT count(*) FROM trip_name").fetchone()[0] == 0


def test_badges_that_were_exchanged_go_back(
    log: Log, settings: Settings, clock: StillClock, tmp_path: Path
) -> None:
    with log.writing() as batch:
        for badge in ("0012", "0013"):
            newcomer = Newcomer(name="Budi", badge=badge, role=Role.OPERATOR)
            directory.enrol(batch, newcomer, clock())
    with closing(database.open_reader(settings.database)) as db:
        database.copy(db, tmp_path / "ledger.db")
    before = named(log)
    with closing(ledger_station.bare(settings.database)) as db:
        for other, person in ((None, "p02"), ("0012", "p03"), ("0013", "p02")):
            db.execute("UPDATE person SET badge = ? WHERE id = ?", (other, person))

    mended = jejak(settings, "rebuild", "--names-from", str(tmp_path))

    assert mended.exit_code == 0, mended.output
    assert "Names restored: p02, p03" in mended.stdout
    assert named(log) == before


def test_tables_come_before_names(
    told: int, log: Log, settings: Settings, tmp_path: Path
) -> None:
    with closing(database.open_reader(settings.database)) as db:
        database.copy(db, tmp_path / "ledger.db")
    log.db.execute(ALTERED["a role"][0])
    names_altered("a driver", told, log, settings.database)
    names = ["rebuild", "--names-from", str(tmp_path)]

    assert "for the tables first" in jejak(settings, *names).stderr
    assert jejak(settings, "rebuild").exit_code == 0
    assert jejak(settings, *names).exit_code == 0
    assert jejak(settings, "verify").exit_code == 0


def test_entries_that_no_table_can_take_are_one_sentence(tmp_path: Path) -> None:
    ledger = ledger_station.begin(tmp_path)
    wrong = Draft(
        type=EntryType.COMMISSIONING,
        event=ledger.clock(),
        actor="p01",
        place=ledger_station.PLACE,
        data={
            "issue": 1,
            "destination": NEAR,
            "kinds": ["PPWP", "DPR"],
            "container": None,
            "quantity": None,
        },
    )
    ledger.append(wrong)

    with pytest.raises(StationError, match="Entry 1 cannot be replayed"):
        tables_audit.let_pass(ledger.db)
    assert "Entry 1 cannot be replayed" in str(tables_audit.check(ledger.db).fault)
    ledger.db.close()
