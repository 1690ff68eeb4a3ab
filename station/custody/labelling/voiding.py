"""Taking a label out of use for good, which two people sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.custody.accounts import second_signature
from station.custody.labelling import reissue
from station.model import Draft, EntryType
from station.roles import Act

if TYPE_CHECKING:
    from station.custody.accounts.second_signature import SigningRequest
    from station.ledger.log import Log
    from station.model import Entry, Instant, Json
    from station.storage.database import Connection


def ask(
    db: Connection, item: str, reason: str, *, first: str, now_ms: int
) -> SigningRequest:
    """The voiding that is to be signed.

    Raises:
        PaperError: no reason, or the item is not registered here, voided, or already
            on its way.
    """
    facts = _facts(db, item, reason.strip())
    return second_signature.SigningRequest(
        act=Act.VOID, first=first, facts=facts, asked_ms=now_ms
    )


def void(log: Log, request: SigningRequest, second: str, at: Instant) -> Entry:
    """Record the voiding that both signed.

    Raises:
        PaperError: the item left or was voided meanwhile.
        OperationRefused: it may not be signed so.
    """
    item, reason = str(request.facts["item"]), str(request.facts["reason"])
    with log.writing() as batch:
        facts = _facts(batch.db, item, reason)
        second_signature.admit(batch.db, request, second, facts, at.wall_ms)
        return batch.append(
            Draft(
                type=EntryType.DECOMMISSIONING,
                event=at,
                actor=request.first,
                second=second,
                place=batch.place,
                items=(item,),
                data={"reason": reason, "signed": request.digest},
            )
        )


def _facts(db: Connection, item: str, reason: str) -> dict[str, Json]:
    (named,) = reissue.voidable(db, [item], reason)
    return {
        "item": named.item.id,
        "issue": named.item.issue,
        "last": named.item.last_seq,
        "reason": reason,
    }
