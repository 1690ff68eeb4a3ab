"""The truck plan: consignments that are planned and not opened yet (draf).

A planned one has its number already and says what is to go where, when, on which truck
and from which gate; items by rule, with exceptions by hand. Nothing is frozen: what is
expected is counted when it is opened.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labels.code import compress, expand
from station.custody import consignment, panel, registry
from station.custody import trip as trips
from station.custody.consignment import Order
from station.ledger import log as ledger
from station.model import Ballot, Draft, EntryType, kecamatan_of
from station.refusal import Refusal, RefusalCode, StationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.database import Connection
    from station.ledger.log import Batch
    from station.model import Entry, Instant

_TURN_MS = 30 * 60_000
"""A truck that has arrived is not ready at its gate again before that."""
MOST_EXCEPTIONS = 2_000
MOST_BOXES = 10_000
"""A truck's capacity at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A consignment that is planned."""

    id: str
    number: int
    gate: str
    order: Order
    capacity: int | None = None
    """Boxes that the truck takes; None: not told."""
    seq: int = 0
    """The entry that planned it last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
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


def plan(  # noqa: PLR0913 - what is planned, and by whom
    batch: Batch,
    gate: str,
    order: Order,
    *,
    capacity: int | None,
    instead: str | None = None,
    seen: int | None = None,
    actor: str,
    at: Instant,
) -> Entry:
    """Plan a consignment, or say anew what one is.

    Args:
        batch: Takes the entry.
        gate: The loading gate it is to be loaded at.
        order: What goes where.
        capacity: Boxes that its truck takes; None: not told.
        instead: Id of the planned one that this says anew.
        seen: The entry of that one that who plans had before his eyes; of a new one
            the number that it was to get.
        actor: Who plans it.
        at: Now.

    Raises:
        Refusal: an unknown area, no kinds, figures out of bounds, an exception that
            does not go there anyway, or the one to be said anew was changed or is
            planned no more.
    """
    db = batch.db
    consignment.check_order(db, order)
    _check_exceptions(db, order)
    if len(order.without) > MOST_EXCEPTIONS or not (
        capacity is None or 0 < capacity <= MOST_BOXES
    ):
        message = f"Expected a capacity of 1 to {MOST_BOXES} boxes, got {capacity}."
        raise Refusal(RefusalCode.WRONG_COUNT, message, most=MOST_BOXES)
    if instead is None:
        number = consignment.next_number(db)
        if seen not in {None, number}:
            message = f"Expected {seen} to be the next number, it is {number}."
            raise Refusal(RefusalCode.CHANGED_MEANWHILE, message)
    else:
        known = _known(db, instead)
        if seen not in {None, known.seq}:
            message = f"{instead} was planned anew meanwhile."
            raise Refusal(RefusalCode.CHANGED_MEANWHILE, message)
        number = known.number
        # Names that were told before and are told no more must not stay behind.
        trips.forget_names(batch, instead, actor=actor, at=at)
    return batch.append(
        Draft(
            type=EntryType.CONSIGNMENT,
            event=at,
            actor=actor,
            place=batch.place,
            gate=gate,
            consignment=f"C-{number:04d}",
            data={
                "action": "draft",
                "number": number,
                "capacity": capacity,
                "without": list(compress(sorted(order.without))),
                **consignment.told_order(order),
                "trip": trips.told(db, batch.next_seq, order.trip),
            },
        )
    )


def drop(batch: Batch, planned: str, *, actor: str, at: Instant) -> list[Entry]:
    """Take a consignment off the plan; the names told of its trip are erased.

    Raises:
        Refusal: it is planned no more.
    """
    found = _known(batch.db, planned)
    entry = batch.append(
        Draft(
            type=EntryType.CONSIGNMENT,
            event=at,
            actor=actor,
            place=batch.place,
            gate=found.gate,
            consignment=planned,
            data={"action": "undraft"},
        )
    )
    erased = trips.forget_names(batch, planned, actor=actor, at=at)
    return [entry] if erased is None else [entry, erased]


def all_(db: Connection) -> list[Planned]:
    """Everything that is planned, by the time at which it leaves, then by number."""
    found = [
        _read(db, row["seq"])
        for row in db.execute(
            "SELECT seq FROM truck_plan WHERE dropped = 0 ORDER BY number"
        )
    ]
    return sorted(found, key=lambda one: (_leaves(one), one.number))


def planned(db: Connection, consignment_id: str) -> Planned | None:
    """The planned consignment of this id; None where none is planned."""
    row = db.execute(
        "SELECT seq FROM truck_plan WHERE id = ? AND dropped = 0", (consignment_id,)
    ).fetchone()
    return None if row is None else _read(db, row["seq"])


def check_current(db: Connection, one: Planned) -> None:
    """Let a plan pass that can be opened as it stands.

    Raises:
        Refusal: it names no election, and by now there are several.
        StationError: a name of its trip is not the one that its entry tells of.
    """
    if one.order.election is None and len(registry.elections(db)) > 1:
        message = f"Expected an election in the plan of {one.id}, there are several."
        raise Refusal(RefusalCode.CHANGED_MEANWHILE, message)
    if not trips.bound(db, one.seq):
        message = (
            f"Expected the names of {one.id} as entry {one.seq} tells of them, one was "
            "altered: run `jejak verify`."
        )
        raise StationError(message)


def standing(db: Connection) -> list[Standing]:
    """Everything that is planned as it stands now, in the order of ``all_``."""
    found = all_(db)
    ready = {one.number: frozenset(consignment.ready(db, one.order)) for one in found}
    told = []
    for one in found:
        load = panel.open_load(db, one.gate)
        mine = ready[one.number]
        others = Counter(
            {number: len(mine & theirs) for number, theirs in ready.items()}
        )
        busy = [other.number for other in found if _same_truck(one, other)]
        told.append(
            Standing(
                same_truck=tuple(busy),
                planned=one,
                items=mine,
                waits_for=None if load is None else load.number,
                overlaps={n: k for n, k in others.items() if k and n != one.number},
            )
        )
    return told


def unplanned(
    db: Connection, standing_: list[Standing] | None = None
) -> list[tuple[str, int]]:
    """Name of each kecamatan, and how many items of it no planned one would take."""
    taken: set[str] = set()
    for one in standing(db) if standing_ is None else standing_:
        taken |= one.items
    left: Counter[str] = Counter()
    names = {}
    for row in db.execute(
        "SELECT item.id, area.name, area.code FROM item"
        " JOIN area ON area.code = item.kecamatan AND level = 'kecamatan'"
        " WHERE container IS NULL AND voided = 0 AND state = 'registered'"
        " AND item.id NOT IN (SELECT item FROM consignment_item"
        "  JOIN consignment ON consignment.id = consignment_item.consignment"
        "  WHERE phase = 'loading')"
    ):
        if row["id"] not in taken:
            left[row["code"]] += 1
            names[row["code"]] = row["name"]
    return [(names[code], left[code]) for code in sorted(left)]


def project(db: Connection, seq: int, draft: Draft) -> None:
    """Bring the table ``truck_plan`` up to this entry."""
    if draft.type is not EntryType.CONSIGNMENT:
        return
    match draft.data.get("action"):
        case "draft":
            db.execute(
                "INSERT OR REPLACE INTO truck_plan (id, number, seq) VALUES (?, ?, ?)",
                (draft.consignment, draft.data["number"], seq),
            )
        case "undraft":
            # Its number is nobody else's, ever.
            db.execute(
                "UPDATE truck_plan SET dropped = 1 WHERE id = ?", (draft.consignment,)
            )
        case "open":
            db.execute("DELETE FROM truck_plan WHERE id = ?", (draft.consignment,))


def _check_exceptions(db: Connection, order: Order) -> None:
    for item in sorted(order.without):
        found = registry.item(db, item)
        if found is None or kecamatan_of(found.item.destination) != order.destination:
            message = f"Expected an item for {order.destination}, {item} is none."
            raise Refusal(RefusalCode.NOT_THAT_WAY, message, item=item)


def _known(db: Connection, consignment_id: str) -> Planned:
    found = planned(db, consignment_id)
    if found is None:
        message = f"Expected a planned consignment, got {consignment_id[:20]!a}."
        raise Refusal(RefusalCode.NOT_PLANNED, message)
    return found


def _read(db: Connection, seq: int) -> Planned:
    entry = ledger.entry(db, seq)
    said: Any = entry.draft.data
    return Planned(
        id=str(entry.draft.consignment),
        number=said["number"],
        gate=str(entry.draft.gate),
        order=Order(
            destination=said["to"],
            kinds=tuple(Ballot(kind) for kind in said["kinds"]),
            kindless=said["kindless"],
            election=said["election"],
            without=frozenset(expand(said["without"])),
            trip=trips.of(db, seq),
        ),
        capacity=said["capacity"],
        seq=seq,
    )


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


def _leaves(one: Planned) -> int:
    # What has no time stands last.
    return one.order.trip.leaves_ms or 2**62
