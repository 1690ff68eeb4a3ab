"""The life of a consignment (surat jalan): opened, departed, arrived, accepted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labels.label_code import compress
from station.custody import registry
from station.custody.consignment import trip_details as trips
from station.custody.consignment.trip_details import Trip
from station.custody.load import find_load, open_load
from station.errors import OperationRefused, RefusalReason
from station.ledger import log as ledger
from station.leg import OUT, Leg, kecamatan_of
from station.model import Ballot, Draft, EntryType, Phase, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from station.custody.load import Load
    from station.ledger.log import Batch, Log
    from station.model import Entry, Instant, Json
    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Connection

MAX_LISTED = 3_800
"""Items of one consignment whose ids fit in an entry whatever their order."""
READY = (
    "container IS NULL AND voided = 0 AND state IN ('registered', 'accepted')"
    " AND item.id NOT IN (SELECT item FROM consignment_item"
    "  JOIN consignment ON consignment.id = consignment_item.consignment"
    "  WHERE consignment.phase = 'loading')"
)
"""Condition on ``item``: it can go, and is on the list of nothing that is loading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningOrder:
    """What somebody wants to send."""

    area: str
    """Code of the place whose goods go, of the tier ``leg.lower``."""
    kinds: Sequence[Ballot]
    leg: Leg = OUT
    kindless: bool = False
    """Also what is of no kind of election, such as the boxes of the PPK itself."""
    election: str | None = None
    """Items of this election alone; None: of whichever."""
    returned: bool = False
    """Also what came back already, on a leg away from the warehouse."""
    without: frozenset[str] = frozenset()
    """Item ids that the rule would take and that do not go."""
    trip: Trip = field(default_factory=Trip)


def set_digest(items: Iterable[str]) -> str:
    """SHA-256 (hex) of the item ids, sorted, each followed by a line feed.

    >>> set_digest(["1771-B-00002", "1771-B-00001"])[:16]
    '64123180f462f79c'
    """
    digest = hashlib.sha256()
    for item in sorted(items):
        digest.update(f"{item}\n".encode("ascii"))
    return digest.hexdigest()


def order_data(order: OpeningOrder) -> dict[str, Json]:
    """The fields of an entry for where it goes and by which rule."""
    source, destination = order.leg.ends(order.area)
    return {
        "leg": order.leg.name,
        "from": source,
        "to": destination,
        "kinds": [kind.value for kind in Ballot if kind in order.kinds],
        "kindless": order.kindless,
        "election": order.election,
        "returned": order.returned,
    }


def open_consignment(  # noqa: PLR0913 - what is sent, from where, and by whom
    log: Log,
    gate: GateSettings,
    order: OpeningOrder,
    *,
    planned: int | None = None,
    actor: str,
    at: Instant,
) -> Entry:
    """Open a consignment at a loading gate; its expected set is frozen here.

    ``planned`` is its number in the truck plan; None gives it the next number.

    Raises:
        OperationRefused: the wrong kind of gate, another place's goods, one open
            already, an unknown area, no kinds, or nothing to send.
    """
    with log.writing() as batch:
        db = batch.db
        _may_open(db, gate, Step.LOADING)
        check_order(db, order)
        check_way(gate, order)
        items = _expected_set(db, order)
        number = next_number(db) if planned is None else planned
        return batch.append(
            Draft(
                type=EntryType.CONSIGNMENT,
                event=at,
                actor=actor,
                place=gate.place,
                gate=gate.name,
                consignment=f"C-{number:04d}",
                items=compress(items),
                data=_opening_data(batch, number, order, items),
            )
        )


def _opening_data(
    batch: Batch, number: int, order: OpeningOrder, items: Sequence[str]
) -> dict[str, Json]:
    return {
        "action": "open",
        "number": number,
        **order_data(order),
        "count": len(items),
        "digest": set_digest(items),
        "trip": trips.trip_data(batch.db, batch.next_seq, order.trip),
    }


def _expected_set(db: Connection, order: OpeningOrder) -> list[str]:
    # At least one item, and no more than an entry can list.
    items = ready(db, order)
    if not items:
        message = "Nothing of these kinds is left to send there."
        raise OperationRefused(RefusalReason.NOTHING_TO_SEND, message)
    if len(items) > MAX_LISTED:
        message = f"{len(items)} items are too many, send at most {MAX_LISTED}."
        raise OperationRefused(RefusalReason.TOO_MANY_ITEMS, message, most=MAX_LISTED)
    return items


def arrive(
    log: Log, gate: GateSettings, consignment: str, *, actor: str, at: Instant
) -> Entry:
    """Open a departed consignment at an accepting gate.

    Raises:
        OperationRefused: the wrong kind of gate, one open already, not on the way, or
            for another place than the gate's.
    """
    with log.writing() as batch:
        db = batch.db
        _may_open(db, gate, Step.ACCEPTING)
        load = find_load(db, consignment)
        if load is None or load.phase is not Phase.DEPARTED:
            message = f"Consignment {consignment!r} is not on its way."
            raise OperationRefused(RefusalReason.NOT_ON_THE_WAY, message)
        _check_destination(gate, load)
        return batch.append(
            Draft(
                type=EntryType.ARRIVING,
                event=at,
                actor=actor,
                place=gate.place,
                gate=gate.name,
                consignment=load.id,
                data={"count": load.departed},
            )
        )


def _check_destination(gate: GateSettings, load: Load) -> None:
    if not gate.serves(load.leg, load.destination):
        message = (
            f"Expected a load for {gate.area or gate.at} at gate {gate.name}, got "
            f"{load.destination}."
        )
        raise OperationRefused(
            RefusalReason.WRONG_PLACE,
            message,
            number=f"{load.number:04d}",
            tier=load.leg.destination,
            place=load.destination,
            name=load.destination_name,
        )


def _may_open(db: Connection, gate: GateSettings, step: Step) -> None:
    if gate.step is not step:
        message = f"Gate {gate.name} is for {gate.step}, not for {step}."
        raise OperationRefused(RefusalReason.WRONG_STEP, message)
    load = open_load(db, gate.name)
    if load is not None:
        message = f"Consignment {load.id} is still open here; close it first."
        raise OperationRefused(
            RefusalReason.CONSIGNMENT_OPEN, message, number=load.number
        )


def check_way(gate: GateSettings, order: OpeningOrder) -> None:
    """Check that an order begins at the gate's place.

    Raises:
        OperationRefused: it does not.
    """
    if not gate.serves(order.leg, order.leg.ends(order.area)[0]):
        message = (
            f"Expected a load from {gate.area or gate.at} at gate {gate.name}, got "
            f"{order.area} on the leg {order.leg.name}."
        )
        raise OperationRefused(RefusalReason.WRONG_WAY, message, gate=gate.title)


def check_order(db: Connection, order: OpeningOrder) -> None:
    """Let an order pass that says what goes where.

    Raises:
        OperationRefused: an unknown area, or no kinds.
    """
    if not registry.is_place(db, order.area, order.leg.lower):
        message = (
            f"Expected the code of a registered {order.leg.lower}, got {order.area!r}."
        )
        raise OperationRefused(RefusalReason.UNKNOWN_AREA, message)
    if not (order.kinds or order.kindless):
        raise OperationRefused(RefusalReason.NO_KINDS, "Choose a kind of election.")


def ready(db: Connection, order: OpeningOrder) -> list[str]:
    """The items that this order would take now, by id."""
    marks = ", ".join(f":kind{number}" for number, _ in enumerate(order.kinds))
    rows = db.execute(
        # Only names of marks and our own words are put in.
        f"SELECT id FROM item WHERE {READY} AND at = :at"  # noqa: S608
        f" AND kecamatan = :kecamatan AND {registry.LIES_IN}"
        " AND (:election IS NULL OR election = :election)"
        f" AND (ballot IN ({marks}) OR ballot IS NULL AND :kindless)"
        " AND (:returned OR NOT came_back)"
        " ORDER BY id",
        {
            "at": order.leg.source,
            "kecamatan": kecamatan_of(order.area),
            "area": order.area,
            "election": order.election,
            "kindless": order.kindless,
            "returned": order.returned or order.leg.returns,
            **{f"kind{number}": kind for number, kind in enumerate(order.kinds)},
        },
    )
    return [row["id"] for row in rows if row["id"] not in order.without]


def departing(db: Connection, consignment: str) -> Entry | None:
    """The entry with which it departed; None where it did not."""
    row = db.execute(
        "SELECT departed_seq FROM consignment WHERE id = ?", (consignment,)
    ).fetchone()
    if row is None or row["departed_seq"] is None:
        return None
    return ledger.entry(db, row["departed_seq"])


def gave(db: Connection, consignment: str, person: str) -> bool:
    """True for one of the two who signed it away."""
    entry = departing(db, consignment)
    return entry is not None and person in {entry.draft.actor, entry.draft.second}


def check_receiver(db: Connection, consignment: str, receiver: str) -> None:
    """Who signed a load away does not sign for its receipt as the receiver.

    Raises:
        OperationRefused: this one did.
    """
    if gave(db, consignment, receiver):
        message = f"{receiver} gave this load away and cannot receive it."
        raise OperationRefused(RefusalReason.GIVER_IS_RECEIVER, message)


def next_number(db: Connection) -> int:
    """The number of the next consignment; planned ones have theirs already."""
    (last,) = db.execute(
        "SELECT max("
        " (SELECT coalesce(max(number), 0) FROM consignment),"
        " (SELECT coalesce(max(number), 0) FROM truck_plan))"
    ).fetchone()
    return int(last) + 1
