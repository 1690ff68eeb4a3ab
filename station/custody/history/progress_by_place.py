"""How far the goods of each kecamatan came, on each leg that the station records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody import registry
from station.ledger import log
from station.leg import OUT, Leg, Tier, kecamatan_of
from station.model import ItemState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Progress:
    """One kecamatan's line on the board; every count is of boxes and loose bundles."""

    kecamatan: str
    name: str
    planned: int
    loaded: int
    """On a truck that has not departed."""
    departed: int
    """Departed, whether accepted at the other end or not."""
    accepted: int
    held: bool
    """A gate that works on this kecamatan's consignment is held now."""


@dataclass(frozen=True, slots=True)
class Heap:
    """Items of a kecamatan and an election that came equally far."""

    kecamatan: str
    election: str
    until: Tier
    """How deep they go."""
    reached: Tier
    """How deep they were."""
    at: Tier
    came_back: bool
    """They stand there since they came up from below."""
    leg: str | None
    """The one that they are on now."""
    state: ItemState
    n: int

    def takes(self, leg: Leg) -> bool:
        """True where they go this way: down as deep as they belong, up if there."""
        if leg.returns:
            return self.reached.depth >= leg.source.depth
        return self.until.depth >= leg.destination.depth

    def state_on(self, leg: Leg) -> ItemState:
        """How far they are on it; through with it, they are accepted."""
        if self.leg == leg.name:
            return self.state
        if leg.returns:
            there = self.came_back and self.at.depth <= leg.destination.depth
        else:
            there = self.reached.depth >= leg.destination.depth
        return ItemState.ACCEPTED if there else ItemState.REGISTERED


def heaps(db: Connection) -> list[Heap]:
    """All that travels by itself; one reading of every item, for what is told of it."""
    return [
        Heap(
            row["kecamatan"],
            row["election"],
            Tier(row["until"]),
            Tier(row["reached"]),
            Tier(row["at"]),
            bool(row["came_back"]),
            row["leg"],
            ItemState(row["state"]),
            row["n"],
        )
        for row in db.execute("SELECT * FROM standing")
    ]


def progress(
    db: Connection,
    election: str | None = None,
    leg: Leg = OUT,
    found: Iterable[Heap] | None = None,
) -> list[Progress]:
    """A line for every kecamatan, by code; of one election those that have some.

    Args:
        db: Any connection of the station.
        election: Items of this one alone; None: of all.
        leg: Which way they are counted on, of those that take it.
        found: What ``heaps`` gave; None: it is read now.
    """
    counts: dict[str, dict[ItemState, int]] = {}
    for heap in heaps(db) if found is None else found:
        if election not in {None, heap.election}:
            continue
        of = counts.setdefault(heap.kecamatan, dict.fromkeys(ItemState, 0))
        if heap.takes(leg):
            of[heap.state_on(leg)] += heap.n
    held = _held(db, leg)
    return [
        _line(code, name, counts.get(code, {}), held=code in held)
        for code, name in registry.kecamatan(db)
        if election is None or code in counts
    ]


def waiting(found: Iterable[Heap], legs: Iterable[Leg]) -> int:
    """How many were not as far down as the station records their way."""
    down = [leg.destination for leg in legs if not leg.returns]

    def short(heap: Heap) -> bool:
        goals = [tier.depth for tier in down if tier.depth <= heap.until.depth]
        return heap.reached.depth < max(goals, default=0)

    return sum(heap.n for heap in found if short(heap))


def _line(
    code: str, name: str, counts: dict[ItemState, int], *, held: bool
) -> Progress:
    accepted = counts.get(ItemState.ACCEPTED, 0)
    return Progress(
        code,
        name,
        planned=sum(counts.values()),
        loaded=counts.get(ItemState.LOADED, 0),
        departed=counts.get(ItemState.DEPARTED, 0) + accepted,
        accepted=accepted,
        held=held,
    )


def _held(db: Connection, leg: Leg) -> set[str]:
    rows = db.execute(
        "SELECT DISTINCT consignment.area AS area"
        " FROM hold JOIN consignment ON consignment.gate = hold.gate"
        " WHERE hold.acknowledged_seq IS NULL AND consignment.leg = ?"
        " AND consignment.phase IN ('loading', 'arriving')",
        (leg.name,),
    )
    return {kecamatan_of(row["area"]) for row in rows}


def counts(db: Connection) -> tuple[int, int]:
    """(entries in the log, scans accepted at any gate), for health and the bar."""
    (accepted,) = db.execute(
        "SELECT count(*) FROM gate_scan WHERE accepted = 1"
    ).fetchone()
    return log.head(db).size, accepted
