"""The truck plan as it stands at a moment: what each would take, and what clashes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody.consignment import opening, truck_plan
from station.custody.load import open_load
from station.leg import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from station.custody.consignment.truck_plan import Planned
    from station.leg import Leg
    from station.storage.database import Connection

_TURN_MS = 30 * 60_000
"""A truck that has arrived is not ready at its gate again before that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStatus:
    """A planned consignment as it stands at this moment."""

    planned: Planned
    items: frozenset[str]
    """What would be expected if it were opened now."""
    waits_for: int | None
    """Number of the consignment that is open at its gate."""
    overlaps: Mapping[int, int]
    """Number of another planned one -> items that both would take."""
    same_truck: tuple[int, ...] = ()
    """Numbers of others that want the same truck at the same time."""

    @property
    def ready(self) -> int:
        """How many items would be expected if it were opened now."""
        return len(self.items)

    @property
    def too_many(self) -> int:
        """How many items more than the truck takes."""
        capacity = self.planned.capacity
        return 0 if capacity is None else max(0, self.ready - capacity)


def standing(db: Connection) -> list[PlanStatus]:
    """Everything that is planned as it stands now, in the order of ``all_``."""
    found = truck_plan.all_(db)
    ready = {one.number: frozenset(opening.ready(db, one.order)) for one in found}
    told = []
    for one in found:
        load = open_load(db, one.gate)
        mine = ready[one.number]
        others = Counter(
            {number: len(mine & theirs) for number, theirs in ready.items()}
        )
        busy = [other.number for other in found if _same_truck(one, other)]
        told.append(
            PlanStatus(
                same_truck=tuple(busy),
                planned=one,
                items=mine,
                waits_for=None if load is None else load.number,
                overlaps={n: k for n, k in others.items() if k and n != one.number},
            )
        )
    return told


def unplanned(
    db: Connection, planned: Iterable[PlanStatus], leg: Leg
) -> list[tuple[str, int]]:
    """Name of each kecamatan, and how many items ready for a leg none of these take."""
    taken: set[str] = set()
    for one in planned:
        taken |= one.items
    left: Counter[str] = Counter()
    names = {}
    for row in db.execute(
        "SELECT item.id, item.destination, area.name, area.code FROM item"  # noqa: S608
        " JOIN area ON area.code = item.kecamatan AND level = 'kecamatan'"
        f" WHERE {opening.READY} AND at = ?1 AND (?2 OR NOT came_back)",
        (leg.source, leg.returns),
    ):
        deep = place_of(row["destination"], leg.lower) is not None
        if deep and row["id"] not in taken:
            left[row["code"]] += 1
            names[row["code"]] = row["name"]
    return [(names[code], left[code]) for code in sorted(left)]


def _same_truck(one: Planned, other: Planned) -> bool:
    """True where both want one truck, and the second leaves before it can be back."""
    mine, theirs = one.order.trip, other.order.trip
    if one.number == other.number or not mine.vehicle:
        return False
    if mine.vehicle != theirs.vehicle or not mine.leaves_ms or not theirs.leaves_ms:
        return False
    first, second = sorted((mine, theirs), key=lambda trip: trip.leaves_ms or 0)
    back = (first.arrives_ms or first.leaves_ms or 0) + _TURN_MS
    return (second.leaves_ms or 0) < back
