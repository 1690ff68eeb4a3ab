"""What is known too late: an arrival by mistake, and boxes found after the closing.

Two people sign either. Nothing that was recorded goes: the entry stands beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from station.custody import registry
from station.custody.accounts import second_signature
from station.custody.accounts.second_signature import SigningRequest
from station.custody.consignment import opening as consignments
from station.custody.entry_data.words import Where
from station.custody.gate import panel
from station.custody.load import find_ends, find_load
from station.errors import OperationRefused, RefusalReason
from station.model import Draft, EntryType, ItemState, Phase
from station.roles import Act

if TYPE_CHECKING:
    from station.custody.registry import NamedItem
    from station.ledger.log import Log
    from station.model import Entry, Instant
    from station.storage.database import Connection


def missing(db: Connection, consignment: str) -> list[NamedItem]:
    """What was missing when it was closed at the other end and has not turned up."""
    rows = db.execute(
        "SELECT item_text.* FROM consignment_item"
        " JOIN item_text ON item_text.id = consignment_item.item"
        " JOIN consignment ON consignment.id = consignment_item.consignment"
        " WHERE consignment_item.consignment = ? AND phase = ? AND departed = 1"
        " AND accepted_seq IS NULL AND item_text.consignment = consignment.id"
        " AND state = ? AND voided = 0 ORDER BY item_text.destination, item_text.id",
        (consignment, Phase.ACCEPTED, ItemState.DEPARTED),
    )
    return [registry.item_from_row(row) for row in rows]


def ask_found(
    db: Connection,
    consignment: str,
    found: tuple[str, Where],
    reason: str,
    by: tuple[str, int],
) -> SigningRequest:
    """A box that turned up, for a second person to sign.

    Args:
        db: A connection.
        consignment: Its id.
        found: The item's id, and where it is.
        reason: How it was found.
        by: Person id of who asks, and UTC milliseconds.

    Raises:
        OperationRefused: no reason, it is not missing from what was closed, or who
            would
            receive it gave it away.
    """
    first, now_ms = by
    facts = _found_facts(db, consignment, found, _reason(reason))
    if found[1] is Where.ARRIVED:
        consignments.check_receiver(db, consignment, first)
    return SigningRequest(act=Act.FOUND, first=first, facts=facts, asked_ms=now_ms)


def found(log: Log, request: SigningRequest, second: str, at: Instant) -> Entry:
    """Record that a box turned up, as both signed it.

    Raises:
        OperationRefused: it turned up meanwhile, or it may not be signed so.
    """
    asked: Any = request.facts
    with log.writing() as batch:
        db, where = batch.db, Where(asked["where"])
        named = (asked["item"], where)
        facts = _found_facts(db, asked["consignment"], named, asked["reason"])
        second_signature.admit(db, request, second, facts, at.wall_ms)
        return batch.append(
            Draft(
                type=EntryType.CONSIGNMENT,
                event=at,
                actor=request.first,
                second=second,
                place=batch.place,
                consignment=asked["consignment"],
                items=(asked["item"],),
                data={
                    "action": "found",
                    "where": where.value,
                    "reason": asked["reason"],
                    "signed": request.digest,
                },
            )
        )


def ask_retract(
    db: Connection, consignment: str, reason: str, by: tuple[str, int]
) -> SigningRequest:
    """An arrival opened by mistake, for a second person to sign.

    Raises:
        OperationRefused: no reason, it is not open at the other end, something was
            counted in
            already, or its gate is held.
    """
    first, now_ms = by
    facts = _retract_facts(db, consignment, _reason(reason))
    return SigningRequest(act=Act.RETRACT, first=first, facts=facts, asked_ms=now_ms)


def retract(log: Log, request: SigningRequest, second: str, at: Instant) -> Entry:
    """Let it be on its way again, as both signed it.

    Raises:
        OperationRefused: something was counted in meanwhile, or it may not be signed
            so.
    """
    asked: Any = request.facts
    with log.writing() as batch:
        facts = _retract_facts(batch.db, asked["consignment"], asked["reason"])
        second_signature.admit(batch.db, request, second, facts, at.wall_ms)
        return batch.append(
            Draft(
                type=EntryType.ERROR_DECLARATION,
                event=at,
                actor=request.first,
                second=second,
                place=batch.place,
                gate=asked["gate"],
                consignment=asked["consignment"],
                corrects=asked["arrived"],
                data={
                    "action": "retract",
                    "reason": asked["reason"],
                    "signed": request.digest,
                },
            )
        )


def _found_facts(
    db: Connection, consignment: str, found: tuple[str, Where], reason: str
) -> dict[str, Any]:
    item, where = found
    there = [named.item for named in missing(db, consignment) if named.item.id == item]
    ends = find_ends(db, consignment)
    if not there or ends is None:
        message = f"Item {item[:40]!a} is not missing from {consignment}."
        raise OperationRefused(RefusalReason.NOT_MISSING, message)
    return {
        "consignment": consignment,
        "at": where.tier(ends.leg),
        "item": item,
        "last": there[0].last_seq,
        "where": where.value,
        "reason": reason,
    }


def _retract_facts(db: Connection, consignment: str, reason: str) -> dict[str, Any]:
    load = find_load(db, consignment)
    if load is None or load.phase is not Phase.ARRIVING or load.gate is None:
        message = f"Consignment {consignment} is not open at its other end."
        raise OperationRefused(RefusalReason.NOT_ON_THE_WAY, message)
    if load.counted:
        message = f"{load.counted} items of {consignment} are counted in already."
        raise OperationRefused(RefusalReason.COUNTED_ALREADY, message, n=load.counted)
    if panel.open_holds(db, load.gate):
        raise OperationRefused(
            RefusalReason.GATE_HELD, "The gate is held; settle the hold first."
        )
    row = db.execute(
        "SELECT arrived_seq FROM consignment WHERE id = ?", (consignment,)
    ).fetchone()
    return {
        "consignment": consignment,
        "gate": load.gate,
        "arrived": row["arrived_seq"],
        "reason": reason,
    }


def _reason(text: str) -> str:
    """The reason, of which there is one.

    Raises:
        OperationRefused: there is none.
    """
    if not text.strip():
        raise OperationRefused(RefusalReason.REASON_NEEDED, "Give a reason.")
    return text.strip()
