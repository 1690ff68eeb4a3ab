"""The trip of a consignment, its corrections, and consignments that are given up."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from labels.label_code import compress
from station.custody import registry
from station.custody.consignment import cancelling, trip_details
from station.custody.consignment.opening import OpeningOrder, open_consignment
from station.custody.consignment.trip_details import Trip
from station.custody.entry_data.words import Wrong
from station.custody.history import error_declaration
from station.custody.load import find_load, open_load
from station.custody.projection import apply_entries
from station.errors import OperationRefused, RefusalReason
from station.ledger.verify import verify
from station.model import Ballot, EntryType, ItemState, Phase
from station.storage import database
from station.zone import moment
from tests.conftest import FAR, NEAR, OPERATOR, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.ledger.log import Log
    from station.model import Entry
    from station.settings.station_toml import Settings
    from tests.conftest import City, Dock, StillClock

TOLD = Trip(
    vehicle="BD 8123 AU",
    driver="Rudi Hartono",
    escort_unit="Polresta Bengkulu",
    escort="Aiptu Darmawan",
    arrives_ms=1_800_003_600_000,
    rain_cover=True,
)


@pytest.fixture
def load(loading: Dock, city: City) -> str:
    assert city.near
    order = OpeningOrder(area=NEAR, kinds=tuple(Ballot), trip=TOLD)
    entry = open_consignment(
        loading.gate.log,
        loading.gate.settings,
        order,
        actor=OPERATOR,
        at=loading.clock(),
    )
    return str(entry.draft.consignment)


def correct(log: Log, clock: StillClock, load: str, to: Trip) -> Entry:
    by = (OPERATOR, clock().wall_ms)
    asked = trip_details.ask_correction(log.db, load, to, reason="salah catat", by=by)
    return trip_details.correct(log, asked, SECOND, clock())


def give_up(log: Log, clock: StillClock, load: str) -> Entry:
    asked = cancelling.ask(
        log.db, load, reason="jembatan putus", first=OPERATOR, now_ms=clock().wall_ms
    )
    return cancelling.cancel(log, asked, SECOND, clock())


def test_the_trip_is_told_and_no_name_is_in_the_ledger(log: Log, load: str) -> None:
    assert trip_details.current(log.db, load) == TOLD
    bodies = b"".join(row["body"] for row in log.db.execute("SELECT body FROM entry"))
    assert b"BD 8123 AU" in bodies
    assert b"Rudi" not in bodies
    assert b"Darmawan" not in bodies


@pytest.mark.usefixtures("load")
def test_a_name_is_bound_by_its_salted_hash(log: Log) -> None:
    seq = log.size - 1
    assert trip_details.bound(log.db, seq)
    row = log.db.execute("SELECT * FROM trip_name WHERE part = 'driver'").fetchone()
    told = log.db.execute("SELECT body FROM entry WHERE seq = ?", (seq,)).fetchone()
    by_hand = hashlib.sha256(row["salt"] + b"Rudi Hartono").hexdigest()
    assert by_hand.encode() in told["body"]

    log.db.execute("UPDATE trip_name SET name = 'Orang lain' WHERE part = 'driver'")
    assert not trip_details.bound(log.db, seq)


def test_names_are_erased_and_the_ledger_stays(
    log: Log, load: str, clock: StillClock, settings: Settings
) -> None:
    told = log.size - 1
    trip_details.change(
        log, load, replace(TOLD, driver="Agus"), actor=OPERATOR, at=clock()
    )
    with log.writing() as batch:
        entry = trip_details.forget_names(batch, load, actor=OPERATOR, at=clock())
        assert (
            trip_details.forget_names(batch, load, actor=OPERATOR, at=clock()) is None
        )

    assert entry is not None
    assert entry.draft.data == {"action": "trip_names_erased"}
    found = trip_details.current(log.db, load)
    assert (found.driver, found.escort, found.vehicle) == (None, None, "BD 8123 AU")
    assert trip_details.trip_at(log.db, told).driver is None
    assert trip_details.bound(log.db, told)
    assert verify(log.db).holds
    log.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = settings.database.read_bytes()
    assert b"Rudi Hartono" not in raw
    assert b"Darmawan" not in raw


def test_the_trip_may_be_told_anew_while_it_is_loaded(
    log: Log, load: str, clock: StillClock, loading: Dock, city: City
) -> None:
    size = log.size
    assert trip_details.change(log, load, TOLD, actor=OPERATOR, at=clock()) is None
    assert log.size == size, "the same is not told twice"

    sealed = Trip(vehicle="BD 8123 AU", door_seal="A-0071", driver="Agus")
    entry = trip_details.change(log, load, sealed, actor=OPERATOR, at=clock())

    assert entry is not None
    assert entry.draft.data["action"] == "trip"
    assert trip_details.current(log.db, load) == sealed
    loading.see(*city.near, city.loose)
    loading.close()
    with pytest.raises(OperationRefused):
        trip_details.change(log, load, TOLD, actor=OPERATOR, at=clock())


@pytest.mark.parametrize("text", ["", "x" * 81, "a\nb", "\u202eabc"])
def test_a_text_that_cannot_be_printed_is_refused(
    log: Log, load: str, clock: StillClock, text: str
) -> None:
    size = log.size
    with pytest.raises(OperationRefused):
        trip_details.change(log, load, Trip(carrier=text), actor=OPERATOR, at=clock())
    assert log.size == size


def test_a_trip_that_departed_is_put_right_by_two_people(
    log: Log, load: str, clock: StillClock, loading: Dock, city: City
) -> None:
    with pytest.raises(OperationRefused, match="has not departed"):
        correct(log, clock, load, Trip(vehicle="BD 1 A"))
    loading.see(*city.near, city.loose)
    loading.close()
    before = log.db.execute("SELECT trip_seq, version FROM consignment").fetchone()
    assert before["version"] == 1

    entry = correct(log, clock, load, Trip(vehicle="BD 9 Z", driver="Agus"))

    assert entry.draft.type is EntryType.ERROR_DECLARATION
    assert entry.draft.corrects == before["trip_seq"]
    assert (entry.draft.actor, entry.draft.second) == (OPERATOR, SECOND)
    assert trip_details.current(log.db, load) == Trip(vehicle="BD 9 Z", driver="Agus")
    assert trip_details.trip_at(log.db, before["trip_seq"]) == TOLD, (
        "the old one is still told"
    )
    found = find_load(log.db, load)
    assert found is not None
    assert (found.vehicle, found.phase) == ("BD 9 Z", Phase.DEPARTED)
    (version,) = log.db.execute("SELECT version FROM consignment").fetchone()
    assert version == 2
    with pytest.raises(OperationRefused) as refused:
        correct(log, clock, load, Trip(vehicle="BD 9 Z", driver="Agus"))
    assert refused.value.code is RefusalReason.NOTHING_DIFFERS


def test_an_entry_that_was_declared_wrong_before_is_no_hindrance(
    log: Log, load: str, clock: StillClock, loading: Dock, city: City
) -> None:
    loading.see(*city.near, city.loose)
    departing = loading.close()
    told = log.db.execute("SELECT trip_seq FROM consignment").fetchone()["trip_seq"]
    for seq in (told, departing.seq):
        why = (Wrong.INCORRECT_DATA, "keliru")
        now_ms = clock().wall_ms
        asked = error_declaration.ask(log.db, seq, why, first=OPERATOR, now_ms=now_ms)
        error_declaration.declare(log, asked, SECOND, clock())

    correct(log, clock, load, Trip(vehicle="BD 9 Z"))
    give_up(log, clock, load)

    found = find_load(log.db, load)
    assert found is not None
    assert (found.phase, found.vehicle) == (Phase.CANCELLED, "BD 9 Z")


def test_of_two_corrections_asked_for_at_once_one_is_signed(
    log: Log, load: str, clock: StillClock, loading: Dock, city: City
) -> None:
    loading.see(*city.near, city.loose)
    loading.close()
    asked = [
        trip_details.ask_correction(
            log.db,
            load,
            Trip(vehicle=plate),
            reason="salah",
            by=(OPERATOR, clock().wall_ms),
        )
        for plate in ("BD 2 B", "BD 3 C")
    ]
    trip_details.correct(log, asked[0], SECOND, clock())
    with pytest.raises(OperationRefused) as refused:
        trip_details.correct(log, asked[1], SECOND, clock())
    assert refused.value.code is RefusalReason.CHANGED_MEANWHILE


def test_a_correction_asked_for_before_the_names_were_erased_brings_none_back(
    log: Log, load: str, clock: StillClock, loading: Dock, city: City
) -> None:
    loading.see(*city.near, city.loose)
    loading.close()
    asked = trip_details.ask_correction(
        log.db,
        load,
        replace(TOLD, vehicle="BD 2 B"),
        reason="salah",
        by=(OPERATOR, clock().wall_ms),
    )
    with log.writing() as batch:
        trip_details.forget_names(batch, load, actor="p01", at=clock())

    with pytest.raises(OperationRefused) as refused:
        trip_details.correct(log, asked, SECOND, clock())

    assert refused.value.code is RefusalReason.CHANGED_MEANWHILE
    assert log.db.execute("SELECT count(*) FROM trip_name").fetchone()[0] == 0


def test_names_told_often_leave_no_copy_when_they_are_erased(
    log: Log, load: str, clock: StillClock, settings: Settings
) -> None:
    for number in range(40):
        told = replace(TOLD, driver=f"Rahasia {number:02d} {'y' * 50}")
        trip_details.change(log, load, told, actor=OPERATOR, at=clock())

    with log.writing() as batch:
        trip_details.forget_names(batch, load, actor="p01", at=clock())

    assert database.empty_wal(log.db)
    for file in settings.folder.glob("ledger.db*"):
        assert b"Rahasia" not in file.read_bytes()


@pytest.mark.parametrize(
    "text",
    ["0001-01-01T00:00", "9999-12-31T23:59", "2027-02-13T14:32+03:00", "besok", ""],
)
def test_a_moment_without_sense_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        moment(text, "WIB")


def test_what_is_given_up_while_it_is_loaded_is_in_the_warehouse_again(
    log: Log, load: str, clock: StillClock, loading: Dock, city: City
) -> None:
    loading.see(*city.near[:2])

    entry = give_up(log, clock, load)

    assert entry.draft.type is EntryType.CONSIGNMENT
    assert entry.draft.items == compress(sorted(city.near[:2]))
    found = find_load(log.db, load)
    assert found is not None
    assert (found.phase, found.loaded) == (Phase.CANCELLED, 0)
    assert open_load(log.db, "gerbang-1") is None
    assert states(log, city) == {ItemState.REGISTERED}
    loading.open()
    assert loading.see(*city.near) == ["ACCEPTED"] * 4


def test_what_is_given_up_on_its_way_is_in_the_warehouse_again(
    load: str, clock: StillClock, loading: Dock, accepting: Dock, city: City
) -> None:
    log = loading.gate.log
    loading.see(*city.near, city.loose)
    departing = loading.close()

    entry = give_up(log, clock, load)

    assert entry.draft.type is EntryType.ERROR_DECLARATION
    assert entry.draft.corrects == departing.seq
    assert states(log, city) == {ItemState.REGISTERED}
    with pytest.raises(OperationRefused):
        accepting.arrive(load)
    with pytest.raises(OperationRefused):
        give_up(log, clock, load)
    loading.open()
    assert loading.see(city.near[0]) == ["ACCEPTED"]


def test_a_held_gate_or_one_person_gives_nothing_up(
    log: Log, load: str, clock: StillClock, loading: Dock, city: City
) -> None:
    asked = cancelling.ask(
        log.db, load, reason="x", first=OPERATOR, now_ms=clock().wall_ms
    )
    with pytest.raises(OperationRefused) as refused:
        cancelling.cancel(log, asked, OPERATOR, clock())
    assert refused.value.code is RefusalReason.SAME_PERSON
    loading.see(city.near[0])
    with pytest.raises(OperationRefused) as refused:
        cancelling.cancel(log, asked, SECOND, clock())
    assert refused.value.code is RefusalReason.CHANGED_MEANWHILE
    loading.see(city.far[0])
    with pytest.raises(OperationRefused) as refused:
        give_up(log, clock, load)
    assert refused.value.code is RefusalReason.GATE_HELD


def test_the_tables_are_made_again_from_the_entries(
    load: str, clock: StillClock, loading: Dock, dock: Callable[[str], Dock], city: City
) -> None:
    log = loading.gate.log
    loading.see(*city.near, city.loose)
    loading.close()
    correct(log, clock, load, Trip(vehicle="BD 9 Z"))
    give_up(log, clock, dock("gerbang-2").open(FAR))

    def rows() -> list[tuple[object, ...]]:
        return [tuple(row) for row in log.db.execute("SELECT * FROM consignment")]

    before = rows()
    apply_entries.rebuild(log.db)
    assert rows() == before
    assert len(before) == 2


def states(log: Log, city: City) -> set[ItemState]:
    items = registry.items(log.db, city.near)
    return {found.item.state for found in items}
