"""The life of consignments, in every order that hypothesis thinks of, with restarts.

A small model of what people were told is kept beside the real station; whatever the
order of the acts, the ledger says the same.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import event
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from labels.label_code import ItemId, LabelCode, expand
from station.camera_frames import Scan, ScanSource
from station.custody.accounts import directory
from station.custody.accounts.directory import Newcomer
from station.custody.consignment import cancelling, opening
from station.custody.consignment.opening import OpeningOrder
from station.custody.entry_data.words import AcknowledgeReason, OwnWords
from station.custody.gate import panel
from station.custody.gate.closing import Closing
from station.custody.gate.scanning import Gate
from station.custody.load import list_loads, missing_items, open_load
from station.custody.plan import record_plan
from station.errors import OperationRefused
from station.founding import create_station
from station.founding.create_station import NewStation
from station.ledger import log as ledger
from station.ledger.verify import verify
from station.leg import OUT, Leg, Tier
from station.model import Ballot, Disposition, Phase, Step, Verdict
from station.roles import Role
from station.settings.gates_and_legs import GateSettings
from station.storage import database
from tests.conftest import AREAS, FAR, MORE, NEAR, OPERATOR, STATIONS, StillClock

SECOND, RECEIVER = "p02", "p03"
WAREHOUSE = ("gerbang-1", "gerbang-2")
BACK = "kembali"
"""The PPK's, where boxes leave for the warehouse again."""
LOADING = (*WAREHOUSE, BACK)
ACCEPTING = {"ppk": Tier.PPK, "masuk": Tier.GUDANG}
LEGS = (OUT, Leg(Tier.PPK, Tier.GUDANG))
numbers = st.integers(0, 9)
often = st.sampled_from([True, True, True, False])
seldom = often.map(lambda often: not often)


def gate(name: str, step: Step, at: Tier) -> GateSettings:
    place = f"1771/{at}"
    return GateSettings(
        name=name, title=name, step=step, place=place, at=at, legs=LEGS[1:]
    )


class Life(RuleBasedStateMachine):
    """Gates at the warehouse and the PPK, out and in at both, on one real ledger."""

    @initialize()
    def found(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        at = Path(self.folder.name)
        self.clock = StillClock()
        founding = NewStation(regency="1771", title="KPU Kota Bengkulu", more=MORE)
        founded = create_station.create(at / "station", founding, self.clock)
        self.settings = replace(
            founded,
            legs=LEGS,
            gates=(
                *founded.gates,
                gate(BACK, Step.LOADING, Tier.PPK),
                gate("masuk", Step.ACCEPTING, Tier.GUDANG),
            ),
        )
        self.log = create_station.open_log(self.settings, self.clock)
        files = [at / "areas.csv", at / "polling_stations.csv"]
        for file, text in zip(files, (AREAS, STATIONS), strict=True):
            file.write_text(text, "utf-8")
        record_plan.record(
            self.log, record_plan.read(files), "1771", actor=OPERATOR, at=self.clock()
        )
        with self.log.writing() as batch:
            role: dict[str, Any] = {
                "action": "role",
                "person": OPERATOR,
                "role": Role.SUPERVISOR,
                "before": Role.ADMINISTRATOR,
            }
            directory.record(batch, role, self.clock(), OPERATOR)
            for name in ("Budi", "Rina"):
                newcomer = Newcomer(name=name, role=Role.SUPERVISOR)
                directory.enrol(batch, newcomer, self.clock())
        rows = self.log.db.execute("SELECT id FROM item ORDER BY id")
        self.items = [row["id"] for row in rows]
        self.key = create_station.label_key(self.settings)
        self.told = 0
        """Entries that somebody was told of."""
        self.aboard: dict[str, set[str]] = {}
        """Consignment -> items counted on it and not taken off."""
        self.counted: dict[str, set[str]] = {}
        """Consignment -> items counted at the other end."""
        self.at = dict.fromkeys(self.items, Tier.GUDANG)
        """Where each item was counted last."""
        self.open("gerbang-1", NEAR)
        self.open("gerbang-2", FAR)

    def teardown(self) -> None:
        if hasattr(self, "log"):
            database.close_writer(self.log.db)
            self.folder.cleanup()

    def gate(self, name: str) -> Gate:
        gate = self.settings.gate(name)
        return Gate(self.log, gate, self.key, self.clock)

    def load(self, name: str) -> str | None:
        found = open_load(self.log.db, name)
        return None if found is None else found.id

    @rule(name=st.sampled_from(LOADING), to=st.sampled_from([NEAR, FAR]), again=seldom)
    def open(self, name: str, to: str, *, again: bool = False) -> None:
        leg = LEGS[name == BACK]
        order = OpeningOrder(area=to, kinds=tuple(Ballot), leg=leg, returned=again)
        try:
            entry = opening.open_consignment(
                self.log,
                self.settings.gate(name),
                order,
                actor=OPERATOR,
                at=self.clock.pass_ms(100),
            )
        except OperationRefused:
            return
        self.aboard[str(entry.draft.consignment)] = set()
        self.told = entry.seq

    @rule(
        name=st.sampled_from((*LOADING, *ACCEPTING)),
        picks=st.lists(numbers, min_size=1, max_size=4),
        right=often,
    )
    def scan(self, name: str, picks: list[int], *, right: bool) -> None:
        found = open_load(self.log.db, name)
        load, pool = None if found is None else found.id, self.items
        if right and found is not None:
            lines = missing_items(self.log.db, found)
            pool = [line.item.item.id for line in lines] or self.items
        chosen = [pool[pick % len(pool)] for pick in picks]
        scans = [
            Scan(
                name,
                str(LabelCode.issue(ItemId.parse(item), 1, self.key)),
                ScanSource.CAMERA,
                self.clock.pass_ms(10),
            )
            for item in chosen
        ]
        outcomes = self.gate(name).record(scans, OPERATOR)
        for item, outcome in zip(chosen, outcomes, strict=True):
            if outcome.entry is not None:
                self.told = outcome.entry.seq
            if outcome.decision.verdict is Verdict.ACCEPTED:
                assert load is not None
                where = self.counted if name in ACCEPTING else self.aboard
                assert item not in where.setdefault(load, set()), "counted twice"
                where[load].add(item)
                if name in ACCEPTING:
                    event(f"counted in at {name}")
                    self.at[item] = ACCEPTING[name]

    @rule(name=st.sampled_from((*LOADING, *ACCEPTING)))
    def settle(self, name: str) -> None:
        for hold in panel.open_holds(self.log.db, name):
            entry = self.gate(name).acknowledge(
                hold, reason=AcknowledgeReason.SET_ASIDE, actor=OPERATOR
            )
            self.told = entry.seq

    @precondition(lambda self: any(self.aboard.values()))
    @rule(name=st.sampled_from(LOADING), pick=numbers)
    def take_off(self, name: str, pick: int) -> None:
        load = self.load(name)
        item = self.items[pick % len(self.items)]
        aboard = self.aboard.get(load or "", set())
        try:
            entry = self.gate(name).take_off(
                item, reason=OwnWords("uji"), actor=OPERATOR
            )
        except OperationRefused:
            assert item not in aboard
            return
        self.told = entry.seq
        aboard.remove(item)

    @rule(name=st.sampled_from((*LOADING, *ACCEPTING)), all_lines=often)
    def close(self, name: str, *, all_lines: bool) -> None:
        gate, load = self.gate(name), open_load(self.log.db, name)
        if load is None:
            return
        missing = [line.item.item.id for line in missing_items(self.log.db, load)]
        lines = missing if name in LOADING else []
        said = Closing(
            "malam",
            dict.fromkeys(lines if all_lines else lines[:-1], Disposition.STAYS),
        )
        first, second = (OPERATOR, SECOND) if name in LOADING else (RECEIVER, OPERATOR)
        try:
            entry = gate.close(gate.ask_close(said, first=first), second)
        except OperationRefused:
            return
        event(f"closed at {name}")
        self.told = entry.seq
        assert all_lines or not lines, "closed with an open line"
        if name in LOADING:
            assert set(expand(entry.draft.items)) == self.aboard[load.id]

    @rule(name=st.sampled_from([*ACCEPTING]), pick=numbers)
    def arrive(self, name: str, pick: int) -> None:
        gone = [
            load.id for load in list_loads(self.log.db) if load.phase is Phase.DEPARTED
        ]
        loads = gone if pick else sorted(self.aboard)
        if not loads:
            return
        try:
            entry = opening.arrive(
                self.log,
                self.settings.gate(name),
                loads[pick % len(loads)],
                actor=RECEIVER,
                at=self.clock.pass_ms(100),
            )
        except OperationRefused:
            return
        self.told = entry.seq

    @rule(
        name=st.sampled_from(LOADING),
        to=st.sampled_from([NEAR, FAR]),
        out=st.lists(numbers, min_size=1, max_size=4),
        come=st.lists(numbers, max_size=4),
    )
    def send(self, name: str, to: str, out: list[int], come: list[int]) -> None:
        """A whole trip, as far as the gates let it: so that boxes come far at all."""
        taker = "masuk" if name == BACK else "ppk"
        self.settle(name)
        self.open(name, to)
        self.scan(name, out, right=True)
        self.close(name, all_lines=True)
        self.settle(taker)
        self.arrive(taker, 1)
        if come:
            self.scan(taker, come, right=True)
            self.close(taker, all_lines=True)

    @rule(pick=numbers, kept=often)
    def give_up(self, pick: int, *, kept: bool) -> None:
        loads = sorted(self.aboard)
        if kept or not loads:
            return
        load = loads[pick % len(loads)]
        try:
            asked = cancelling.ask(
                self.log.db,
                load,
                reason="batal",
                first=OPERATOR,
                now_ms=self.clock().wall_ms,
            )
            entry = cancelling.cancel(self.log, asked, SECOND, self.clock())
        except OperationRefused:
            return
        event(f"given up, {entry.draft.type}")
        self.told = entry.seq
        self.aboard[load] = set()

    @rule()
    def restart(self) -> None:
        database.close_writer(self.log.db)
        self.log = create_station.open_log(self.settings, self.clock)

    @invariant()
    def the_ledger_says_what_people_were_told(self) -> None:
        if not hasattr(self, "log"):
            return
        db = self.log.db
        assert ledger.head(db).size > self.told
        for load, items in self.aboard.items():
            rows = db.execute(
                "SELECT item, accepted_seq FROM consignment_item"
                " WHERE consignment = ? AND loaded_seq IS NOT NULL",
                (load,),
            ).fetchall()
            assert {row["item"] for row in rows} == items
            here = {row["item"] for row in rows if row["accepted_seq"] is not None}
            assert here == self.counted.get(load, set())
        rows = db.execute(
            "SELECT item FROM consignment_item JOIN consignment ON id = consignment"
            " WHERE loaded_seq IS NOT NULL AND accepted_seq IS NULL AND phase <> ?",
            (Phase.CANCELLED,),
        ).fetchall()
        moving = [row["item"] for row in rows]
        assert len(moving) == len(set(moving)), "on two trucks"
        rows = db.execute("SELECT id, at, state FROM item").fetchall()
        assert {row["id"]: row["at"] for row in rows} == self.at
        away = {row["id"] for row in rows if row["state"] in {"loaded", "departed"}}
        assert away == set(moving), "neither here nor on a truck"

    @precondition(lambda self: hasattr(self, "log"))
    @rule()
    def check(self) -> None:
        assert verify(self.log.db).holds


class LongLife(Life):
    """The same acts, in many more orders."""


def examples(number: int) -> hypothesis_settings:
    return hypothesis_settings(
        max_examples=number, stateful_step_count=50, deadline=None
    )


Life.TestCase.settings = examples(15)
LongLife.TestCase.settings = examples(80)
TestLife = Life.TestCase
TestLongLife = pytest.mark.slow(LongLife.TestCase)
