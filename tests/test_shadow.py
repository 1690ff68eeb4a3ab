"""A table altered in the file is found, named, and mended; never built upon."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from station import database, foundation
from station.aside import Aside
from station.cli import main
from station.custody import shadow
from station.ledger import log as ledger
from station.model import Ballot, Draft, EntryType, StationError
from station.serve import Station
from tests import ledger_station
from tests.conftest import NEAR
from tests.running import until

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from station.config import Settings
    from station.ledger.log import Log
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
    shadow.let_pass(log.db)
    assert shadow.check(log.db).holds
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
        shadow.let_pass(log.db)


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
    assert f"made anew from {size} entries" in rebuilt.stdout
    assert "nothing was done" in again.stdout
    opened = foundation.open_log(settings, clock)
    assert opened.size == size + 1
    (told,) = ledger.entries(opened.db, size)
    assert told.draft.actor == "system"
    assert told.draft.data == {
        "event": "rebuilt",
        "table": "item",
        "row": day.near[1],
        "entries": size,
    }
    shadow.let_pass(opened.db)
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
    assert Aside().verify(settings.database) == (log.size, None)
    sentence = altered("a hold ended by hand", day, log, settings.database)

    entries, fault = Aside().verify(settings.database)

    assert entries == log.size
    assert fault is not None
    assert sentence in fault


def test_a_large_ledger_is_compared_beside_the_work(
    day: City, log: Log, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foundation, "AT_ONCE", log.size - 1)
    altered("an item's state", day, log, settings.database)

    with Station(settings) as station:
        until(lambda: "ledger:check" in station._guard.alarms())
        assert "unclean" not in station._guard.alarms()


def test_entries_that_no_table_can_take_are_one_sentence(tmp_path: Path) -> None:
    ledger = ledger_station.begin(tmp_path)
    wrong = Draft(
        type=EntryType.COMMISSIONING,
        event=ledger.clock(),
        actor="p01",
        place=ledger_station.PLACE,
        data={"destination": NEAR},
    )
    ledger.append(wrong)

    with pytest.raises(StationError, match="Entry 1 cannot be replayed"):
        shadow.let_pass(ledger.db)
    assert "Entry 1 cannot be replayed" in str(shadow.check(ledger.db).fault)
    ledger.db.close()
