"""The truck plan: consignments that are planned and not opened yet (draf).

A planned one has its number already and says what is to go where, when, on which truck
and from which gate; items by rule, with exceptions by hand. Nothing is frozen: what is
expected is counted when it is opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labels.label_code import compress, expand
from station.custody import registry
from station.custody.consignment import opening
from station.custody.consignment import trip_details as trips
from station.custody.consignment.opening import OpeningOrder
from station.errors import OperationRefused, RefusalReason, StationError
from station.ledger import log as ledger
from station.leg import Leg, place_of
from station.model import Ballot, Draft, EntryType

if TYPE_CHECKING:
    from station.ledger.log import Batch
    from station.model import Entry, Instant, Json
    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Connection

MOST_EXCEPTIONS = 2_000
MOST_BOXES = 10_000
"""A truck's capacity at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A consignment that is planned."""

    id: str
    number: int
    gate: str
    order: OpeningOrder
    capacity: int | None = None
    """Boxes that the truck takes; None: unknown."""
    seq: int = 0
    """The entry that planned it last."""


def plan(  # noqa: PLR0913 - what is planned, and by whom
    batch: Batch,
    gate: GateSettings,
    order: OpeningOrder,
    *,
    capacity: int | None,
    instead: str | None = None,
    seen: int | None = None,
    actor: str,
    at: Instant,
) -> Entry:
    """Plan a consignment, or change a planned one.

    ``capacity`` is the boxes that the truck takes, ``instead`` the id of the planned
    one that this replaces. ``seen`` is its newest entry as the planner saw it; for a
    new one, the number that the planner saw.

    Raises:
        OperationRefused: a bad order, figures out of bounds, or a plan that somebody
            changed or dropped meanwhile.
    """
    _check_plan(batch.db, gate, order, capacity)
    number = _number(batch.db, instead, seen)
    if instead is not None:
        # Names of the earlier plan that this one no longer has must not stay behind.
        trips.forget_names(batch, instead, actor=actor, at=at)
    return batch.append(
        Draft(
            type=EntryType.CONSIGNMENT,
            event=at,
            actor=actor,
            place=batch.place,
            gate=gate.name,
            consignment=f"C-{number:04d}",
            data=_plan_data(batch, number, order, capacity),
        )
    )


def _plan_data(
    batch: Batch, number: int, order: OpeningOrder, capacity: int | None
) -> dict[str, Json]:
    return {
        "action": "draft",
        "number": number,
        "capacity": capacity,
        "without": list(compress(sorted(order.without))),
        **opening.order_data(order),
        "trip": trips.trip_data(batch.db, batch.next_seq, order.trip),
    }


def drop(batch: Batch, planned: str, *, actor: str, at: Instant) -> list[Entry]:
    """Take a consignment off the plan; the names of people on its trip are erased.

    Raises:
        OperationRefused: it is planned no more.
    """
    dropped = _known(batch.db, planned)
    entry = batch.append(
        Draft(
            type=EntryType.CONSIGNMENT,
            event=at,
            actor=actor,
            place=batch.place,
            gate=dropped.gate,
            consignment=planned,
            data={"action": "undraft"},
        )
    )
    erased = trips.forget_names(batch, planned, actor=actor, at=at)
    return [entry] if erased is None else [entry, erased]


def all_(db: Connection) -> list[Planned]:
    """Everything that is planned, by the time at which it leaves, then by number."""
    plans = [
        _read(db, row["seq"])
        for row in db.execute(
            "SELECT seq FROM truck_plan WHERE dropped = 0 ORDER BY number"
        )
    ]
    return sorted(plans, key=lambda one: (_leaves(one), one.number))


def planned(db: Connection, consignment_id: str) -> Planned | None:
    """The planned consignment of this id; None where none is planned."""
    row = db.execute(
        "SELECT seq FROM truck_plan WHERE id = ? AND dropped = 0", (consignment_id,)
    ).fetchone()
    return None if row is None else _read(db, row["seq"])


def require_current(db: Connection, one: Planned) -> None:
    """Let a plan pass that can be opened as it stands.

    Raises:
        OperationRefused: it names no election, and by now there are several.
        StationError: a name of its trip is not the one that its entry tells of.
    """
    if one.order.election is None and len(registry.elections(db)) > 1:
        message = f"Choose an election for {one.id}: there are several now."
        raise OperationRefused(RefusalReason.CHANGED_MEANWHILE, message)
    if not trips.bound(db, one.seq):
        raise StationError(
            "Expected the names of %(id)s as entry %(seq)s tells of them, one was "
            "altered: run `jejak verify`.",
            id=one.id,
            seq=one.seq,
        )


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


def _check_plan(
    db: Connection, gate: GateSettings, order: OpeningOrder, capacity: int | None
) -> None:
    opening.check_order(db, order)
    opening.check_way(gate, order)
    _check_exceptions(db, order)
    _check_figures(order, capacity)


def _check_exceptions(db: Connection, order: OpeningOrder) -> None:
    for item in sorted(order.without):
        named = registry.item(db, item)
        place = named and place_of(named.item.destination, order.leg.lower)
        if place != order.area:
            message = f"Item {item} does not go to {order.area} anyway."
            raise OperationRefused(RefusalReason.NOT_THAT_WAY, message, item=item)


def _check_figures(order: OpeningOrder, capacity: int | None) -> None:
    if len(order.without) > MOST_EXCEPTIONS or not (
        capacity is None or 0 < capacity <= MOST_BOXES
    ):
        message = f"Expected a capacity of 1 to {MOST_BOXES} boxes, got {capacity}."
        raise OperationRefused(RefusalReason.WRONG_COUNT, message, most=MOST_BOXES)


def _number(db: Connection, instead: str | None, seen: int | None) -> int:
    """The number of what is planned, where nothing changed since it was looked at.

    Raises:
        OperationRefused: it did, or ``instead`` is planned no more.
    """
    if instead is None:
        number = opening.next_number(db)
        if seen not in {None, number}:
            message = f"Number {seen} was taken meanwhile; the next one is {number}."
            raise OperationRefused(RefusalReason.CHANGED_MEANWHILE, message)
        return number
    known = _known(db, instead)
    if seen not in {None, known.seq}:
        message = f"{instead} was planned anew meanwhile."
        raise OperationRefused(RefusalReason.CHANGED_MEANWHILE, message)
    return known.number


def _known(db: Connection, consignment_id: str) -> Planned:
    known = planned(db, consignment_id)
    if known is None:
        message = f"Consignment {consignment_id[:20]!a} is not planned any more."
        raise OperationRefused(RefusalReason.NOT_PLANNED, message)
    return known


def _read(db: Connection, seq: int) -> Planned:
    entry = ledger.entry(db, seq)
    data: Any = entry.draft.data
    leg = Leg.parse(data["leg"])
    return Planned(
        id=str(entry.draft.consignment),
        number=data["number"],
        gate=str(entry.draft.gate),
        order=OpeningOrder(
            area=leg.area(data["from"], data["to"]),
            leg=leg,
            kinds=tuple(Ballot(kind) for kind in data["kinds"]),
            kindless=data["kindless"],
            election=data["election"],
            returned=data["returned"],
            without=frozenset(expand(data["without"])),
            trip=trips.trip_at(db, seq),
        ),
        capacity=data["capacity"],
        seq=seq,
    )


def _leaves(one: Planned) -> int:
    # What has no time comes last.
    return one.order.trip.leaves_ms or 2**62
