"""What the demo shows and when, against a ledger that is only pretended."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from station.demo.script import (
    HOLDING,
    QUIET,
    AcknowledgeHold,
    Act,
    Close,
    Halt,
    Lift,
    LineRuns,
    PassingBox,
    Script,
    ScriptPart,
    Show,
    Situation,
)

TURN_S = 0.15
SEEN_AFTER_S = 1.0
"""From the cue until the label is read."""


@dataclass
class Gate:
    """Counts what is shown a second later; a wrong box holds it."""

    script: Script
    missing: list[str]
    blind: set[str] = field(default_factory=set)
    """Items whose label is not read the first time."""
    patience_s: float | None = None
    """When a person ends a hold; None: nobody comes."""
    now_s: float = 500.0
    holds: list[int] = field(default_factory=list)
    begun: list[float] = field(default_factory=list)
    acts: list[tuple[float, Act]] = field(default_factory=list)
    on_way: list[tuple[float, PassingBox]] = field(default_factory=list)

    def run(self, seconds: float, load: str = "C-0001") -> None:
        for _ in range(int(seconds / TURN_S)):
            self.now_s += TURN_S
            self._read()
            patience_s = self.patience_s
            if patience_s and self.holds and self._held_s() >= patience_s:
                self.holds.clear()
            situation = Situation(
                now_s=self.now_s, load=load, missing=self.missing, holds=self.holds
            )
            for act in self.script.step(situation):
                self.acts.append((self.now_s, act))
                if isinstance(act, Show):
                    self.on_way += [(self.now_s, prop) for prop in act.props]
                elif isinstance(act, AcknowledgeHold):
                    self.holds.remove(act.hold)

    def _held_s(self) -> float:
        return self.now_s - self.begun[-1]

    def _read(self) -> None:
        if self.holds:
            return
        for shown_s, prop in list(self.on_way):
            if self.now_s - shown_s < SEEN_AFTER_S:
                continue
            self.on_way.remove((shown_s, prop))
            if prop.part in HOLDING:
                self.begun.append(self.now_s)
                self.holds.append(len(self.begun))
                return
            if prop.item in self.blind:
                self.blind.remove(prop.item)
            elif prop.part is ScriptPart.EXPECTED and prop.item in self.missing:
                self.missing.remove(prop.item)

    def times(self, kind: type[Act]) -> list[float]:
        return [when for when, act in self.acts if isinstance(act, kind)]

    def props(self) -> list[PassingBox]:
        return [
            prop for _, act in self.acts if isinstance(act, Show) for prop in act.props
        ]


def items(count: int) -> list[str]:
    return [f"1771-B-{number:05d}" for number in range(count)]


@pytest.mark.parametrize("seed", range(8))
def test_script_keeps_the_pace_and_at_most_two_holds_in_a_minute(seed: int) -> None:
    gate = Gate(Script(seed), items(80))

    gate.run(60)

    assert len(gate.begun) == 2
    assert 80 - len(gate.missing) >= 28
    assert len(gate.times(Show)) > 10


def test_script_shows_every_item_and_then_closes() -> None:
    gate = Gate(Script(3), items(22))

    gate.run(70)

    assert gate.missing == []
    (closed, *_) = gate.times(Close)
    assert closed - gate.times(Show)[-1] >= 3.0
    expected = [prop.item for prop in gate.props() if prop.part is ScriptPart.EXPECTED]
    assert sorted(map(str, expected)) == items(22)


def test_script_sends_everything_that_the_gate_can_refuse() -> None:
    gate = Gate(Script(5), items(400))

    gate.run(240)

    assert {prop.part for prop in gate.props()} == set(ScriptPart)
    assert any(
        sum(prop.part is ScriptPart.EXPECTED for prop in act.props) > 1
        for _, act in gate.acts
        if isinstance(act, Show)
    )


def test_script_repeats_only_what_was_counted() -> None:
    gate = Gate(Script(5), items(400))

    gate.run(120)

    repeated = {prop.item for prop in gate.props() if prop.part is ScriptPart.REPEATED}
    assert repeated
    assert repeated.isdisjoint(gate.missing)


def test_script_acknowledges_a_hold_that_nobody_ended_for_four_seconds() -> None:
    gate = Gate(Script(1), items(80))

    gate.run(40)

    halted, acknowledged = gate.times(Halt)[0], gate.times(AcknowledgeHold)[0]
    lifted, went_on = gate.times(Lift)[0], gate.times(LineRuns)[0]
    assert acknowledged - halted == pytest.approx(4.0, abs=2 * TURN_S)
    assert acknowledged - halted >= 4.0 - 1e-6
    assert acknowledged < lifted < went_on
    assert not [when for when in gate.times(Show) if halted <= when < went_on]


def test_script_leaves_a_hold_to_the_person_who_is_quicker() -> None:
    gate = Gate(Script(1), items(80), patience_s=2.0)

    gate.run(60)

    assert gate.begun
    assert gate.times(AcknowledgeHold) == []
    assert (
        len(gate.times(Halt)) == len(gate.times(Lift)) == len(gate.times(LineRuns)) == 2
    )


def test_script_shows_again_what_was_not_read() -> None:
    gate = Gate(Script(2, QUIET), items(3), blind={"1771-B-00001"})

    gate.run(30)

    shown = [prop.item for prop in gate.props() if prop.part is ScriptPart.EXPECTED]
    assert shown.count("1771-B-00001") == 2
    assert shown.count("1771-B-00000") == 1
    assert gate.missing == []


def test_script_of_the_other_end_sends_nothing_that_holds() -> None:
    gate = Gate(Script(5, QUIET), items(400))

    gate.run(240)

    assert {prop.part for prop in gate.props()} == {ScriptPart.EXPECTED, *QUIET}


def test_script_waits_while_no_consignment_is_open() -> None:
    script = Script(1)

    acts = [script.step(Situation(now_s=1.0 + turn, load=None)) for turn in range(100)]

    assert not any(acts)


def test_script_begins_anew_with_the_next_consignment() -> None:
    gate = Gate(Script(4), items(5))
    gate.run(20)
    first = len(gate.props())

    gate.missing = items(5)
    gate.run(20, load="C-0002")

    again = gate.props()[first:]
    assert {prop.item for prop in again if prop.part is ScriptPart.EXPECTED} == set(
        items(5)
    )


def test_script_forgets_what_a_lost_camera_had_in_view() -> None:
    gate = Gate(Script(4, QUIET), items(1))
    gate.run(1.0)
    gate.on_way.clear()

    gate.script.forget()
    gate.run(3.0)

    assert len(gate.props()) == 2


def test_the_same_seed_gives_the_same_play() -> None:
    def play(seed: int) -> list[tuple[float, Act]]:
        gate = Gate(Script(seed), items(60))
        gate.run(60)
        return gate.acts

    assert play(9) == play(9)
    assert play(9) != play(10)
