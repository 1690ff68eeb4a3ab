"""What passes one virtual gate, and when: the pure half of the demo.

It is given the state of the ledger and the time, and answers with acts. It has no
camera, database or clock: the same seed and inputs give the same acts.
"""

from __future__ import annotations

import enum
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY_S = 1.4
"""A box passes this often."""
ACKNOWLEDGE_AFTER_S = 4.0
"""So long a person has for a hold before the demo acknowledges it."""
_AGAIN_AFTER_S = 7.0
"""What was shown and not counted by then is shown once more."""
_EMPTY_AFTER_S = 3.0
"""Until the last box has left the picture."""
_LIFT_S = 0.8
_STRAY_S = 0.8
_TURN_S = 0.3
"""A turn that comes later than this is not caught up with."""
_FIRST_HOLD_S, _HOLD_EVERY_S = 11.0, 27.0
"""Real seconds; at most two holds in the first minute."""
_FIRST_QUIET_S, _QUIET_EVERY_S = 5.0, 11.0


class ScriptPart(enum.Enum):
    """Why something passes the gate."""

    EXPECTED = "expected"
    """It is on the consignment and not counted yet."""
    REPEATED = "repeated"
    """It was counted before."""
    FOREIGN = "foreign"
    """A courier's parcel."""
    MISROUTED = "misrouted"
    """It goes to another kecamatan."""
    SUPERSEDED = "superseded"
    """It bears the label that was reprinted since."""
    IN_BOX = "in_box"
    """A bundle that belongs in a box."""
    FORGED = "forged"
    """Well formed, but not signed with the label key."""


HOLDING = (
    ScriptPart.MISROUTED,
    ScriptPart.SUPERSEDED,
    ScriptPart.IN_BOX,
    ScriptPart.FORGED,
)
QUIET = (ScriptPart.FOREIGN, ScriptPart.REPEATED)


@dataclass(frozen=True, slots=True)
class PassingBox:
    """One thing that passes."""

    part: ScriptPart
    item: str | None = None
    """Item id, or None if the director chooses one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The state of the gate in the ledger."""

    now_s: float
    load: str | None
    """The consignment that is open here."""
    missing: Sequence[str] = ()
    """Item ids that it waits for, in the order of its list."""
    holds: Sequence[int] = ()
    """The entries that hold the gate."""


@dataclass(frozen=True, slots=True)
class Show:
    """These boxes pass together now."""

    props: tuple[PassingBox, ...]


@dataclass(frozen=True, slots=True)
class Halt:
    """Stop the line."""


@dataclass(frozen=True, slots=True)
class Lift:
    """Take off the line what held it."""


@dataclass(frozen=True, slots=True)
class LineRuns:
    """Start the line again."""


@dataclass(frozen=True, slots=True)
class AcknowledgeHold:
    """Nobody has ended this hold; do it."""

    hold: int


@dataclass(frozen=True, slots=True)
class Close:
    """Everything has passed: close the consignment."""


Act: TypeAlias = Show | Halt | Lift | LineRuns | AcknowledgeHold | Close


@dataclass(slots=True)
class Script:
    """The play at one gate."""

    seed: int
    strays: tuple[ScriptPart, ...] = HOLDING + QUIET
    """What may come along that the consignment does not wait for."""
    _random: random.Random = field(init=False)
    _last_s: float | None = None
    _ran_s: float = 0.0
    """How long the line has run; a held line keeps it."""
    _due_s: float = 0.5
    _shown_s: dict[str, float] = field(default_factory=dict)
    """When, in run time, each expected item that is not counted yet was shown."""
    _counted: list[str] = field(default_factory=list)
    _last_shown_s: float = 0.0
    _load: str | None = None
    _holds_since: dict[int, float] = field(default_factory=dict)
    _halted: bool = False
    _go_s: float | None = None
    _next_hold_s: float | None = None
    _next_quiet_s: float = _FIRST_QUIET_S
    _turns: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    def __post_init__(self) -> None:
        # A play, not a secret.
        self._random = random.Random(self.seed)  # noqa: S311

    def step(self, now: Situation) -> list[Act]:
        """What is to be done now; call it several times a second."""
        passed_s = 0.0 if self._last_s is None else now.now_s - self._last_s
        self._last_s = now.now_s
        if now.holds:
            return self._held(now)
        self._holds_since.clear()
        if self._halted:
            return self._released(now.now_s)
        self._ran_s += passed_s
        if now.load is None:
            return []
        self._keep_track(now)
        return self._next(now)

    def forget(self) -> None:
        """The camera began anew: nothing is in its picture, and its line runs."""
        self._shown_s.clear()
        self._halted = False
        self._go_s = None

    def _held(self, now: Situation) -> list[Act]:
        acts: list[Act] = [] if self._halted else [Halt()]
        self._halted, self._go_s = True, None
        for hold in now.holds:
            since_s = self._holds_since.setdefault(hold, now.now_s)
            if now.now_s - since_s >= ACKNOWLEDGE_AFTER_S:
                acts.append(AcknowledgeHold(hold))
        return acts

    def _released(self, now_s: float) -> list[Act]:
        """First the wrong box is lifted off, then the line goes on."""
        if self._go_s is None:
            self._go_s = now_s + _LIFT_S
            return [Lift()]
        if now_s < self._go_s:
            return []
        self._halted, self._go_s = False, None
        # The line was empty behind the box that held it.
        self._due_s = min(self._due_s, self._ran_s)
        return [LineRuns()]

    def _keep_track(self, now: Situation) -> None:
        if now.load != self._load:
            self._load = now.load
            self._shown_s.clear()
            self._counted.clear()
            self._due_s = self._ran_s + 0.5
            self._last_shown_s = self._ran_s
        if self._next_hold_s is None:
            self._next_hold_s = now.now_s + _FIRST_HOLD_S
        missing = set(now.missing)
        for item in [item for item in self._shown_s if item not in missing]:
            del self._shown_s[item]
            self._counted.append(item)

    def _next(self, now: Situation) -> list[Act]:
        waiting = [item for item in now.missing if self._may_show(item)]
        if not now.missing:
            empty = self._ran_s - self._last_shown_s >= _EMPTY_AFTER_S
            return [Close()] if empty else []
        if self._ran_s < self._due_s or not waiting:
            return []
        size = self._random.choices((1, 2, 3), (12, 5, 2))[0]
        props = [
            PassingBox(ScriptPart.EXPECTED, item)
            for item in self._chosen(waiting, size)
        ]
        stray = self._stray(now.now_s)
        if stray is not None:
            props.insert(self._random.randint(0, len(props)), stray)
        for prop in props:
            if prop.part is ScriptPart.EXPECTED and prop.item is not None:
                self._shown_s[prop.item] = self._ran_s
        self._last_shown_s = self._ran_s
        # What is no part of the consignment takes room, but hardly delays it.
        step_s = sum(EVERY_S if prop.item in waiting else _STRAY_S for prop in props)
        self._due_s = max(self._due_s, self._ran_s - _TURN_S) + step_s
        return [Show(tuple(props))]

    def _may_show(self, item: str) -> bool:
        shown_s = self._shown_s.get(item)
        return shown_s is None or self._ran_s - shown_s > _AGAIN_AFTER_S

    def _chosen(self, waiting: Sequence[str], size: int) -> list[str]:
        """Some of the next items: a truck is loaded nearly in the list's order."""
        near = list(waiting[: size + 3])
        return self._random.sample(near, min(size, len(near)))

    def _stray(self, now_s: float) -> PassingBox | None:
        if self._next_hold_s is not None and now_s >= self._next_hold_s:
            self._next_hold_s = now_s + _HOLD_EVERY_S + self._random.uniform(0, 4)
            return self._turn(HOLDING)
        if self._ran_s >= self._next_quiet_s:
            self._next_quiet_s = self._ran_s + _QUIET_EVERY_S
            return self._turn(QUIET)
        return None

    def _turn(self, parts: tuple[ScriptPart, ...]) -> PassingBox | None:
        """The next of these that may come along, each in its turn."""
        allowed = [part for part in parts if part in self.strays]
        if not allowed:
            return None
        holding = parts is HOLDING
        part = allowed[self._turns[holding] % len(allowed)]
        self._turns[holding] += 1
        if part is not ScriptPart.REPEATED:
            return PassingBox(part)
        # Not the newest: they may still be in the picture.
        old = self._counted[:-3]
        return PassingBox(part, self._random.choice(old)) if old else None
