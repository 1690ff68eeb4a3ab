"""The projections are what the entries say, no more: rebuilt, they are the same."""

from __future__ import annotations

import contextlib
import random
from typing import TYPE_CHECKING, Any

import pytest

from labels.label_code import ItemId, ItemKind
from station.camera_frames import ScanSource
from station.custody import registry
from station.custody.accounts import directory
from station.custody.accounts.directory import Newcomer
from station.custody.consignment import cancelling, opening, trip_details, truck_plan
from station.custody.consignment.trip_details import Trip
from station.custody.entry_data.words import Condition, OwnWords, Wrong
from station.custody.gate import (
    bring_back,
    panel,
    paper_forms,
    seals_and_condition,
    shift_changes,
)
from station.custody.history import error_declaration, item_history, progress_by_place
from station.custody.labelling import first_issue
from station.custody.labelling.first_issue import Issue
from station.custody.load import items_on_truck, missing_items, open_load
from station.custody.plan import record_plan
from station.custody.projection import apply_entries
from station.custody.projection.apply_entries import TABLES
from station.errors import OperationRefused, StationError
from station.ledger import log as ledger
from station.model import Ballot, Draft, EntryType, Step, Verdict
from station.roles import Role
from station.storage import database
from tests.conftest import FAR, NEAR, OPERATOR, RECEIVER, SECOND, Dock, bundle, reprint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from station.ledger.log import Log
    from station.model import Json
    from tests.conftest import City, StillClock

LEDGER = (
    *("log", "entry", "entry_item", "node", "checkpoint"),
    *("person", "trip_name", "credential", "attempt", "session", "tally"),
    "_sqlite_migrations",
)


def dump(log: Log, tables: tuple[str, ...]) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: sorted(
            (tuple(row) for row in log.db.execute(f"SELECT * FROM {table}")),  # noqa: S608 - names from above
            key=repr,
        )
        for table in tables
    }


def rebuild(log: Log) -> int:
    with database.transaction(log.db):
        return apply_entries.rebuild(log.db)


PRINTED: dict[str, Json] = {
    "event": "print",
    "sha256": "0" * 64,
    "form": "pdf",
    "stock": "a4-4",
    "labels": 1,
    "copies": None,
    "skip": 0,
    "dpi": None,
    "offset_um": [0, 0],
    "target": "x.pdf",
    "part": [1, 1],
}


class Day:
    """People at work, in an order that nobody planned; whatever they may do."""

    def __init__(self, seed: int, city: City, docks: list[Dock], log: Log) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - a made-up day
        self.items = [*city.near, *city.far, city.loose, city.packed]
        self.docks, self.log = docks, log
        self.loads: list[str] = []

    def live(self, acts: int) -> None:
        doings = [self.scan] * 8 + [
            self.open,
            self.close,
            self.arrive,
            self.acknowledge,
            self.take_off,
            self.reprint,
            self.void,
            self.issue,
            self.link,
            self.print,
            self.work,
            self.person,
            self.correct,
            self.look_away,
            self.paper,
            self.tell,
            self.give_up,
            self.inspect,
            self.plan_truck,
        ]
        for _ in range(acts):
            try:
                dock = self.dice.choice(self.docks)
                usual = self.dice.random() < 0.7
                doing = self.usual(dock) if usual else self.dice.choice(doings)
                doing(dock)
            except OperationRefused:
                continue

    def usual(self, dock: Dock) -> Callable[[Dock], None]:
        """What somebody who knows the work would do next at this gate."""
        gate = dock.gate.settings
        if panel.open_holds(self.log.db, gate.name):
            return self.acknowledge
        load = open_load(self.log.db, gate.name)
        if load is None:
            return self.open if gate.step is Step.LOADING else self.arrive
        ready = load.counted >= 2 and self.dice.random() < 0.3
        return self.close if ready else self.scan

    def scan(self, dock: Dock) -> None:
        load = open_load(self.log.db, dock.gate.settings.name)
        due = [] if load is None else missing_items(self.log.db, load)
        left = [] if load is None else self.left_behind(load.id)
        if due and self.dice.random() < 0.7:
            item = self.dice.choice(due).item.item
            texts = [dock.text(item.id, item.issue)]
        elif left and self.dice.random() < 0.5:
            texts = [dock.text(self.dice.choice(left))]
        else:
            texts = [
                dock.text(self.dice.choice(self.items), self.dice.choice([1, 1, 1, 2]))
                for _ in range(self.dice.randint(1, 3))
            ]
        if self.dice.random() < 0.1:
            texts.append(self.dice.choice(["J1?", "https://kpu.go.id"]))
            texts.append(f"SILOG {self.dice.choice(self.items)}")
        if self.dice.random() < 0.2:
            number = ItemId.parse(self.dice.choice(self.items)).as_hri()
            dock.gate.record([dock.scan(number, ScanSource.TYPED)], OPERATOR)
        dock.show(*texts)

    def paper(self, dock: Dock) -> None:
        """A form is printed, entered or declared unused; often of no such number."""
        number = self.dice.randint(1, 9)
        at = dock.clock()
        with contextlib.suppress(OperationRefused):
            code = ItemId.parse(self.dice.choice(self.items)).as_hri()
            rows = [paper_forms.PaperFormRow(code, at.wall_ms)]
            load = open_load(self.log.db, dock.gate.settings.name)
            form = paper_forms.PaperForm(
                number, 0 if load is None else load.number, rows
            )
            paper_forms.enter(dock.gate, form, actor=OPERATOR)
            return
        with self.log.writing() as batch:
            if self.dice.random() < 0.5:
                paper_forms.issue(batch, 2, actor=OPERATOR, at=at)
            else:
                paper_forms.declare_unused(
                    batch, number, "basah", actor=OPERATOR, at=at
                )

    def tell(self, dock: Dock) -> None:
        """Another trip: told anew while it is loaded, else put right by two."""
        if not self.loads:
            return
        load, told = self.dice.choice(self.loads), Trip(vehicle=f"BD {self.log.size}")
        with contextlib.suppress(OperationRefused):
            trip_details.change(self.log, load, told, actor=OPERATOR, at=dock.clock())
            return
        by = (OPERATOR, dock.clock().wall_ms)
        asked = trip_details.ask_correction(
            self.log.db, load, told, reason="salah", by=by
        )
        trip_details.correct(self.log, asked, SECOND, dock.clock())

    def give_up(self, dock: Dock) -> None:
        if not self.loads or self.dice.random() < 0.7:
            return
        asked = cancelling.ask(
            self.log.db,
            self.dice.choice(self.loads),
            reason="jembatan putus",
            first=OPERATOR,
            now_ms=dock.clock().wall_ms,
        )
        cancelling.cancel(self.log, asked, SECOND, dock.clock())

    def left_behind(self, load: str) -> list[str]:
        rows = self.log.db.execute(
            "SELECT item FROM consignment_item JOIN consignment ON id = consignment"
            " WHERE id = ? AND phase = 'arriving' AND departed = 0",
            (load,),
        )
        return [row["item"] for row in rows]

    def open(self, dock: Dock) -> None:
        kinds = self.dice.sample([Ballot.PPWP, Ballot.DPR], self.dice.randint(1, 2))
        self.loads.append(dock.open(self.dice.choice([NEAR, FAR]), tuple(kinds)))

    def plan_truck(self, dock: Dock) -> None:
        """A truck is planned, opened as planned, or taken off the plan."""
        waiting = truck_plan.all_(self.log.db)
        if not waiting or self.dice.random() < 0.5:
            order = opening.OpeningOrder(
                area=self.dice.choice([NEAR, FAR]),
                kinds=tuple(Ballot),
                without=frozenset(self.dice.sample(self.items, 2)),
                trip=Trip(driver="Rudi"),
            )
            with self.log.writing() as batch:
                truck_plan.plan(
                    batch,
                    dock.gate.settings,
                    order,
                    capacity=None,
                    actor=OPERATOR,
                    at=dock.clock(),
                )
            return
        one = self.dice.choice(waiting)
        if self.dice.random() < 0.3:
            with self.log.writing() as batch:
                truck_plan.drop(batch, one.id, actor=OPERATOR, at=dock.clock())
            return
        opening.open_consignment(
            self.log,
            dock.gate.settings,
            one.order,
            planned=one.number,
            actor=OPERATOR,
            at=dock.clock(),
        )

    def inspect(self, dock: Dock) -> None:
        """Somebody looks at what was counted; seals are mixed up now and then."""
        load = open_load(self.log.db, dock.gate.settings.name)
        if load is None:
            return
        counted = seals_and_condition.newest(self.log.db, dock.gate.settings, load, 5)
        for line in counted:
            with self.log.writing() as batch:
                looked = seals_and_condition.Inspection(
                    condition=self.dice.choice(list(Condition)),
                    seals=tuple(f"A-{self.dice.randint(1, 40)}" for _ in range(2)),
                )
                seals_and_condition.record(
                    batch,
                    dock.gate.settings,
                    line.item.item.id,
                    looked,
                    actor=OPERATOR,
                    at=dock.clock(),
                )

    def close(self, dock: Dock) -> None:
        gate = dock.gate.settings
        for item in bring_back.ids(self.log.db, gate.name):
            with self.log.writing() as batch:
                said = (item, OwnWords("di rak"))
                bring_back.settle(batch, gate, said, OPERATOR, dock.clock())
        dock.close(self.dice.choice(["", "truk penuh"]))

    def arrive(self, dock: Dock) -> None:
        dock.arrive(self.dice.choice([*self.loads[-3:], "C-9999"]))

    def acknowledge(self, dock: Dock) -> None:
        holds = panel.open_holds(self.log.db, dock.gate.settings.name)
        for hold in holds:
            dock.release(hold, *self.dice.sample(self.items, 2))

    def take_off(self, dock: Dock) -> None:
        load = open_load(self.log.db, dock.gate.settings.name)
        on = [] if load is None else items_on_truck(self.log.db, load)
        item = self.dice.choice([*(one.item.id for one in on), self.items[0]])
        dock.gate.take_off(item, reason=OwnWords("salah truk"), actor=OPERATOR)

    def reprint(self, dock: Dock) -> None:
        item = self.dice.choice(self.items)
        try:
            reprint(self.log, item, "basah", dock.clock())
        except StationError:
            return  # voided

    def void(self, dock: Dock) -> None:
        if self.dice.random() < 0.3:
            item = self.dice.choice(self.items)
            self.record(dock, EntryType.DECOMMISSIONING, item, {"reason": "uji"})

    def issue(self, dock: Dock) -> None:
        wanted = [
            bundle(NEAR, None),
            Issue(
                kind=ItemKind.BOX,
                destination=f"{FAR}.1001/001",
                ballots=(Ballot.PPWP, Ballot.DPR, None),
            ),
        ]
        with self.log.writing() as batch:
            entries = first_issue.issue(
                batch, "1771", wanted, actor=OPERATOR, at=dock.clock()
            )
        self.items.append(entries[0].draft.items[0])

    def link(self, dock: Dock) -> None:
        item = self.dice.choice(self.items)
        text = f"SILOG {item}"
        if registry.linked(self.log.db, text) is None:
            self.record(
                dock, EntryType.REGISTRY, item, {"action": "alias", "text": text}
            )

    def print(self, dock: Dock) -> None:
        item = self.dice.choice(self.items)
        self.record(dock, EntryType.SYSTEM, item, PRINTED)

    def record(
        self, dock: Dock, kind: EntryType, item: str, data: Mapping[str, Json]
    ) -> None:
        with self.log.writing() as batch:
            batch.append(
                Draft(
                    type=kind,
                    event=dock.clock(),
                    actor=OPERATOR,
                    place=batch.place,
                    items=(item,),
                    data=data,
                )
            )

    def work(self, dock: Dock) -> None:
        gate, at = dock.gate.settings, dock.clock()
        who, to = self.dice.sample([OPERATOR, SECOND, RECEIVER], 2)
        with self.log.writing() as batch:
            match self.dice.randint(0, 2):
                case 0:
                    shift_changes.start(batch, gate, who, at, {"sound_heard": True})
                case 1:
                    shift_changes.hand_over(batch, gate, (who, to), at)
                case _:
                    shift_changes.end(batch, gate, who, at)

    def person(self, dock: Dock) -> None:
        newcomer = Newcomer(name="Orang Baru", role=self.dice.choice(list(Role)))
        with self.log.writing() as batch:
            person = directory.enrol(batch, newcomer, dock.clock())
            to = self.dice.choice(list(Role))
            if Role.ADMINISTRATOR not in {newcomer.role, to}:
                directory.change_role(batch, person, to, dock.clock())
                if self.dice.random() < 0.5:
                    directory.erase(batch, person, dock.clock())

    def correct(self, dock: Dock) -> None:
        seq = self.dice.randrange(self.log.size)
        why = (self.dice.choice(list(Wrong)), "keliru")
        now = dock.clock()
        asked = error_declaration.ask(
            self.log.db, seq, why, first=OPERATOR, now_ms=now.wall_ms
        )
        error_declaration.declare(self.log, asked, SECOND, now)

    def look_away(self, dock: Dock) -> None:
        dock.gate.unread()


@pytest.mark.parametrize("seed", range(4))
def test_rebuilt_tables_are_the_same_to_the_last_byte(
    seed: int, dock: Callable[[str], Dock], city: City, log: Log
) -> None:
    docks = [dock("gerbang-1"), dock("gerbang-2"), dock("ppk")]
    day = Day(seed, city, docks, log)
    day.live(250)
    kept, before = dump(log, LEDGER), dump(log, TABLES)

    assert rebuild(log) == log.size

    assert dump(log, TABLES) == before
    assert dump(log, LEDGER) == kept
    # And the day goes on from there.
    day.live(30)
    after = dump(log, TABLES)
    rebuild(log)
    assert dump(log, TABLES) == after


def test_the_made_up_days_hold_every_type_of_entry_and_verdict(
    dock: Callable[[str], Dock], city: City, log: Log
) -> None:
    """Else the test above would prove little."""
    docks = [dock("gerbang-1"), dock("gerbang-2"), dock("ppk")]
    day = Day(3, city, docks, log)
    types = set(EntryType) - {EntryType.PACKING, EntryType.ERROR_DECLARATION}
    verdicts = set(Verdict) - {Verdict.FOREIGN, Verdict.UNREAD}
    for _ in range(30):
        day.live(100)
        drafts = [entry.draft for entry in ledger.entries(log.db)]
        types -= {draft.type for draft in drafts}
        verdicts -= {draft.verdict for draft in drafts if draft.verdict is not None}
        if not types and not verdicts:
            break

    assert (types, verdicts) == (set(), set())
    for table in TABLES:
        assert dump(log, (table,))[table], f"{table} stays empty"


def test_tables_that_were_tampered_with_are_put_right(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    loading.see(city.near[0])
    before = dump(log, TABLES)
    log.db.execute("UPDATE item SET state = 'accepted'")
    log.db.execute("DELETE FROM consignment_item")
    log.db.execute("INSERT INTO hold (seq, gate) VALUES (99, 'gerbang-1')")

    rebuild(log)

    assert dump(log, TABLES) == before


def test_a_rebuild_that_fails_leaves_the_tables_as_they_were(
    loading: Dock, city: City, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    loading.open()
    loading.see(city.near[0])
    before = dump(log, TABLES)
    real = apply_entries.apply

    def fail_late(db: Any, entry: Any) -> None:  # noqa: ANN401 - passed through
        if entry.seq == log.size - 1:
            message = "the disk is gone"
            raise StationError(message)
        real(db, entry)

    monkeypatch.setattr(apply_entries, "apply", fail_late)
    with pytest.raises(StationError):
        rebuild(log)

    assert dump(log, TABLES) == before


def test_tables_a_rebuild_empties_are_all_of_the_second_part_but_the_counters(
    log: Log,
) -> None:
    tables = {
        row["name"]
        for row in log.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }

    assert set(TABLES) == tables - set(LEDGER)


def test_person_ids_are_never_given_twice_even_when_a_name_was_erased(
    log: Log, clock: StillClock, city: City
) -> None:
    assert list(directory.names(log.db)) == ["p01", "p02", "p03"]
    assert city.near
    with log.writing() as batch:
        directory.erase(batch, "p03", clock())
    newcomer = Newcomer(name="  Dewi\u00a0Lestari ", role=Role.PACKER)

    with log.writing() as batch:
        person = directory.enrol(batch, newcomer, clock())

    assert person == "p04"
    assert directory.names(log.db)["p04"] == "Dewi Lestari"
    assert directory.name(directory.names(log.db), "p03") == "person 3"


@pytest.mark.parametrize(
    "name", ["", "  ", "a\0b", "\udc80", "=cmd()", "+1", "-x", "@a", "<b>", "a" * 81]
)
def test_what_is_no_name_is_refused_and_not_recorded(
    name: str, log: Log, clock: StillClock
) -> None:
    size = log.size

    with pytest.raises(StationError, match="person's name"), log.writing() as batch:
        directory.enrol(batch, Newcomer(name=name, role=Role.PACKER), clock())

    assert log.size == size
    assert len(directory.names(log.db)) == 1


def test_names_stay_out_of_the_ledger(log: Log, city: City) -> None:
    assert city.near
    bodies = [bytes(row[0]) for row in log.db.execute("SELECT body FROM entry")]

    assert len(bodies) > 2
    assert not any(b"Siti" in body or b"Budi" in body for body in bodies)


def test_history_tells_every_entry_of_an_item_and_who_did_it(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    loading.see(city.near[0])
    loading.see(city.near[0])
    loading.close("truk penuh")

    found = item_history.history(log.db, city.near[0])

    assert found is not None
    assert [line.entry.draft.type for line in found.lines] == [
        EntryType.COMMISSIONING,
        EntryType.CONSIGNMENT,
        EntryType.LOADING,
        EntryType.REFUSED,
        EntryType.DEPARTING,
    ]
    assert {line.entry.draft.actor for line in found.lines} == {"p01"}
    assert found.lines[-1].ends is not None
    assert found.lines[-1].ends.destination_name == "Selebar"
    assert found.item.place.tps == "001"
    assert item_history.history(log.db, "1771-B-ZZZZZ") is None


def test_board_shows_which_kecamatan_is_held(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    loading.see(city.far[0])

    lines = progress_by_place.progress(log.db)

    assert [(line.name, line.held) for line in lines] == [
        ("Selebar", True),
        ("Gading Cempaka", False),
    ]
    # The packed bundle travels in its box, the loose one by itself.
    assert [line.planned for line in lines] == [5, 2]
    loading.release(log.size - 1)
    assert not any(line.held for line in progress_by_place.progress(log.db))


def test_a_changed_plan_is_rebuilt_too(
    log: Log, clock: StillClock, plan_files: list[Path]
) -> None:
    record_plan.record(
        log, record_plan.read(plan_files), "1771", actor=OPERATOR, at=clock()
    )
    plan_files[1].write_text(
        plan_files[1].read_text("utf-8").replace(",233\n", ",0\n"), "utf-8"
    )
    # A count of 0 is a doubt that the clerk accepts.
    changed = record_plan.read(plan_files).good_rows()
    record_plan.record(log, changed, "1771", actor=OPERATOR, at=clock())
    before = dump(log, TABLES)

    rebuild(log)

    assert dump(log, TABLES) == before
    assert len(before["ballot_count"]) == 5
