"""What a scan becomes: ``Decision -> Draft -> Entry``, and the words that they use.

How a scan comes about is in ``camera_frames``.

Every value is frozen and valid once made. This module knows no camera,
database or web; it may know what is printed on a label.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from station.leg import OUT, Leg, Tier

Json: TypeAlias = (
    "bool | int | str | list[Json] | tuple[Json, ...] | Mapping[str, Json] | None"
)
"""What an entry's ``data`` may hold: RFC 8785 without floats."""

# --- time --------------------------------------------------------------------


class ClockState(enum.StrEnum):
    """How far the wall clock can be believed, seen from the entry before."""

    OK = "ok"
    BACK = "back"
    """The wall clock stands before the last entry's."""
    JUMP = "jump"
    """Within one boot it moved over 2 s more or less than the monotonic clock."""
    UNSET = "unset"
    """It stands before this program was written: no battery, or never set."""


@dataclass(frozen=True, slots=True)
class Instant:
    """One moment, read from both clocks of this machine at once."""

    wall_ms: int
    """UTC, milliseconds since 1970-01-01; what the operating system believes."""
    mono_ms: int
    """Milliseconds of a clock that never goes back, from an arbitrary start."""


Clock: TypeAlias = Callable[[], Instant]


def system_clock() -> Instant:
    """The present moment; the one real clock, passed down from the entry points."""
    return Instant(time.time_ns() // 1_000_000, time.monotonic_ns() // 1_000_000)


# --- rule --------------------------------------------------------------------


class Ballot(enum.StrEnum):
    """The kinds of election, in the order in which boxes are opened."""

    PPWP = "PPWP"
    DPR = "DPR"
    DPD = "DPD"
    DPRD_PROV = "DPRD_PROV"
    DPRD_KOTA = "DPRD_KOTA"
    """DPRD Kabupaten or DPRD Kota."""
    PILGUB = "PILGUB"
    """Gubernur and Wakil Gubernur; from here on the kinds of a Pilkada."""
    PILBUP = "PILBUP"
    """Bupati and Wakil Bupati."""
    PILWALI = "PILWALI"
    """Wali Kota and Wakil Wali Kota."""


class Verdict(enum.StrEnum):
    """What a scan at a gate is, in order of precedence (DESIGN section 5)."""

    FOREIGN = "FOREIGN"
    UNKNOWN = "UNKNOWN"
    SUPERSEDED = "SUPERSEDED"
    MISROUTED = "MISROUTED"
    UNEXPECTED = "UNEXPECTED"
    REPEATED = "REPEATED"
    OUT_OF_SEQUENCE = "OUT_OF_SEQUENCE"
    ACCEPTED = "ACCEPTED"
    UNREAD = "UNREAD"

    @property
    def holds(self) -> bool:
        """True when the line stops until an operator acknowledges."""
        return self in _HOLDS


_HOLDS = frozenset(
    {
        Verdict.UNKNOWN,
        Verdict.SUPERSEDED,
        Verdict.MISROUTED,
        Verdict.UNEXPECTED,
        Verdict.OUT_OF_SEQUENCE,
    }
)


class Reason(enum.StrEnum):
    """Why a scan got its verdict, where the verdict alone does not tell."""

    CHECK = "check"
    """UNKNOWN: the two check characters or the form are wrong."""
    TAG = "tag"
    """UNKNOWN: well formed, but not signed with this kab/kota's label key."""
    NOT_REGISTERED = "not_registered"
    REPRINTED = "reprinted"
    VOIDED = "voided"
    OTHER_REGENCY = "other_regency"
    OTHER_AREA = "other_area"
    OTHER_CONSIGNMENT = "other_consignment"
    OTHER_KIND = "other_kind"
    """UNEXPECTED: this kind of election is not on the consignment."""
    BELONGS_IN_BOX = "belongs_in_box"
    """UNEXPECTED: a bundle that goes in a box, not loose on the truck."""
    NOT_ON_LIST = "not_on_list"
    LOADED_ELSEWHERE = "loaded_elsewhere"
    DEPARTED_ALREADY = "departed_already"
    ACCEPTED_ALREADY = "accepted_already"
    NOT_DEPARTED = "not_departed"
    """OUT_OF_SEQUENCE: arrives, but its departure was never recorded here."""
    NOT_ARRIVED = "not_arrived"
    """UNEXPECTED, OUT_OF_SEQUENCE: its arrival where it leaves was never recorded."""


class ItemState(enum.StrEnum):
    """Where the ledger last saw an item."""

    REGISTERED = "registered"
    LOADED = "loaded"
    DEPARTED = "departed"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Item:
    """A registered box, bundle or other labelled thing, and where it is."""

    id: str
    ballot: Ballot | None
    destination: str
    """Area code, with ``/TPS`` where it goes to one: ``17.71.03.1011/003``."""
    issue: int
    """The issue number of the label that counts; earlier ones are dead."""
    voided: bool = False
    container: str | None = None
    """The box in which this item belongs, for a bundle that is packed."""
    state: ItemState = ItemState.REGISTERED
    at: Tier = Tier.GUDANG
    """Where it stands, or stood last while it is on its way."""
    reached: Tier = Tier.GUDANG
    """The lowest place where it ever was."""
    consignment: str | None = None
    """The consignment that ``state`` speaks of."""
    last_seq: int | None = None
    """The entry that gave it this state."""

    @property
    def moving(self) -> bool:
        """True on a truck, departed or not."""
        return self.state in {ItemState.LOADED, ItemState.DEPARTED}

    def stands(self, tier: Tier) -> bool:
        """True where it is there, on no truck and not on its way."""
        return self.at is tier and not self.moving

    @property
    def regency(self) -> str:
        """The kab/kota of the item's code, four digits."""
        return self.id[:4]


class Step(enum.StrEnum):
    """What a gate does to a consignment."""

    LOADING = "loading"
    ACCEPTING = "accepting"


class Phase(enum.StrEnum):
    """Where a consignment is in its life."""

    LOADING = "loading"
    DEPARTED = "departed"
    ARRIVING = "arriving"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"


class Disposition(enum.StrEnum):
    """What becomes of an item that is listed and was not loaded."""

    STAYS = "stays"
    """It is ready and stays, such as for another truck."""
    NOT_READY = "not_ready"
    DAMAGED = "damaged"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Consignment:
    """A load of one place's goods (surat jalan), as the rule sees it."""

    id: str
    area: str
    """Code of the kecamatan, or deeper, that its goods are of."""
    kinds: frozenset[Ballot]
    phase: Phase
    leg: Leg = OUT


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rule says of one scan."""

    verdict: Verdict | None
    """None: no consignment is open; the item is shown and nothing recorded."""
    item: str | None = None
    """Item id, where the text holds one."""
    reason: Reason | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)
    """What the screen needs beside it, in the form of an entry's ``data``."""


# --- proof -------------------------------------------------------------------


class EntryType(enum.StrEnum):
    """What an entry tells; CBV business steps where CBV has the word."""

    COMMISSIONING = "commissioning"
    """Labels were issued: one set of items, or one reprint."""
    DECOMMISSIONING = "decommissioning"
    PACKING = "packing"
    LOADING = "loading"
    """A box was scanned onto the truck."""
    UNLOADING = "unloading"
    """It was taken off again before departure (turunkan)."""
    DEPARTING = "departing"
    """A consignment was closed: set digest."""
    ARRIVING = "arriving"
    """A consignment was opened at the other end."""
    ACCEPTING = "accepting"
    """A box was counted in."""
    INSPECTING = "inspecting"
    """A held box was looked at and the hold acknowledged."""
    REFUSED = "refused"
    """A scan that is no success: every verdict but ACCEPTED."""
    CONSIGNMENT = "consignment"
    """Opened, changed, cancelled, or complete at the other end."""
    ERROR_DECLARATION = "error_declaration"
    """Names a wrong entry in ``corrects``; EPCIS 2.0 error declaration."""
    REGISTRY = "registry"
    """Areas, polling stations, people, keys; entry 0 is the genesis."""
    SYSTEM = "system"
    """Start, stop, camera lost and back, clock, disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants recorded; the ledger adds its own fields."""

    type: EntryType
    event: Instant
    actor: str
    """Person id, or ``system``."""
    place: str
    second: str | None = None
    gate: str | None = None
    items: tuple[str, ...] = ()
    """Item ids, or ranges ``first..last`` of one kab/kota and kind."""
    verdict: Verdict | None = None
    consignment: str | None = None
    evidence: tuple[str, ...] = ()
    corrects: int | None = None
    data: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger: a draft, its place in the log and its clocks.

    Source: DESIGN section 4, "Entry body".
    """

    log: str
    seq: int
    draft: Draft
    entry_ms: int
    """UTC milliseconds at which it was appended; the event may be earlier."""
    boot: str
    """Names the run of the station within which ``mono_ms`` can be compared."""
    mono_ms: int
    clock: ClockState
