"""A consignment given up: while it is loaded, or after it departed and came back.

Two people sign it. What was on it is where it came from again; the entries of its
loading stay, and where it had departed, the departing one is declared wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labels.label_code import compress
from station.custody.accounts import second_signature
from station.custody.accounts.second_signature import SigningRequest
from station.custody.consignment.opening import set_digest
from station.custody.gate import panel
from station.custody.load import find_load
from station.errors import OperationRefused, RefusalReason
from station.model import Draft, EntryType, Phase
from station.roles import Act

if TYPE_CHECKING:
    from station.ledger.log import Log
    from station.model import Entry, Instant
    from station.storage.database import Connection


def ask(
    db: Connection, consignment: str, *, reason: str, first: str, now_ms: int
) -> SigningRequest:
    """The cancelling of a consignment, for a second person to sign.

    Raises:
        OperationRefused: no reason, its gate is held, or it is neither loaded nor on
            its way.
    """
    if not reason.strip():
        message = "Say why it is cancelled."
        raise OperationRefused(RefusalReason.REASON_NEEDED, message)
    facts = _facts(db, consignment, reason.strip())
    return SigningRequest(act=Act.CANCEL, first=first, facts=facts, asked_ms=now_ms)


def cancel(log: Log, request: SigningRequest, second: str, at: Instant) -> Entry:
    """Cancel it, as both signed.

    Raises:
        OperationRefused: it changed meanwhile, or it may not be signed so.
    """
    asked: Any = request.facts
    with log.writing() as batch:
        db, consignment = batch.db, asked["consignment"]
        facts = _facts(db, consignment, asked["reason"])
        second_signature.admit(db, request, second, facts, at.wall_ms)
        departed = facts["departed"]
        return batch.append(
            Draft(
                type=EntryType.CONSIGNMENT
                if departed is None
                else EntryType.ERROR_DECLARATION,
                event=at,
                actor=request.first,
                second=second,
                place=batch.place,
                gate=facts["gate"],
                consignment=consignment,
                items=compress(_aboard(db, consignment)),
                corrects=departed,
                data={
                    "action": "cancel",
                    "reason": facts["reason"],
                    "count": facts["count"],
                    "digest": facts["digest"],
                    "signed": request.digest,
                },
            )
        )


def _facts(db: Connection, consignment: str, reason: str) -> dict[str, Any]:
    """What is signed: what was on it, and the departing entry that is wrong then.

    Raises:
        OperationRefused: its gate is held, or it is neither loaded nor on its way.
    """
    load = find_load(db, consignment)
    if load is None or load.phase not in {Phase.LOADING, Phase.DEPARTED}:
        message = f"Consignment {consignment} is neither being loaded nor on its way."
        raise OperationRefused(RefusalReason.NOT_ON_THE_WAY, message)
    if load.gate is not None and panel.open_holds(db, load.gate):
        raise OperationRefused(
            RefusalReason.GATE_HELD, "The gate is held; settle the hold first."
        )
    row = db.execute(
        "SELECT departed_seq FROM consignment WHERE id = ?", (consignment,)
    ).fetchone()
    aboard = _aboard(db, consignment)
    return {
        "consignment": consignment,
        "gate": load.gate,
        "count": len(aboard),
        "digest": set_digest(aboard),
        "departed": row["departed_seq"],
        "reason": reason,
    }


def _aboard(db: Connection, consignment: str) -> list[str]:
    rows = db.execute(
        "SELECT item FROM consignment_item"
        " WHERE consignment = ? AND loaded_seq IS NOT NULL ORDER BY item",
        (consignment,),
    )
    return [row["item"] for row in rows]
