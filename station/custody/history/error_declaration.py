"""Corrections: a new entry that names the wrong one, a reason and a second person.

The wrong entry stays, struck out where it is shown. A correction says that it is
wrong; it moves no box: what is so instead is recorded by an entry of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.custody.accounts import second_signature
from station.custody.entry_data.words import Wrong
from station.errors import OperationRefused, RefusalReason
from station.ledger import log as ledger
from station.model import Draft, EntryType
from station.roles import Act

if TYPE_CHECKING:
    from station.custody.accounts.second_signature import SigningRequest
    from station.ledger.log import Log
    from station.model import Entry, Instant, Json
    from station.storage.database import Connection


CORRECTABLE = frozenset(
    {
        EntryType.LOADING,
        EntryType.UNLOADING,
        EntryType.DEPARTING,
        EntryType.ARRIVING,
        EntryType.ACCEPTING,
        EntryType.INSPECTING,
        EntryType.REFUSED,
        EntryType.PACKING,
        EntryType.CONSIGNMENT,
    }
)
"""What happened at a gate. Labels are voided or reprinted, people and plan are
recorded anew, and a correction is not corrected."""


def ask(
    db: Connection, seq: int, why: tuple[Wrong, str], *, first: str, now_ms: int
) -> SigningRequest:
    """The correction that is to be signed; ``why`` is the reason and a note.

    Raises:
        OperationRefused: no note, or no entry that can be declared wrong.
    """
    wrong, note = why
    if not note.strip():
        message = "Say what is wrong."
        raise OperationRefused(RefusalReason.REASON_NEEDED, message)
    facts = _facts(db, seq, wrong, note.strip())
    return second_signature.SigningRequest(
        act=Act.CORRECT, first=first, facts=facts, asked_ms=now_ms
    )


def declare(log: Log, request: SigningRequest, second: str, at: Instant) -> Entry:
    """Record the correction that both signed.

    Raises:
        OperationRefused: it was declared wrong meanwhile, or it may not be signed so.
    """
    asked = request.facts
    seq, wrong, note = asked["corrects"], Wrong(str(asked["reason"])), asked["note"]
    with log.writing() as batch:
        facts = _facts(batch.db, int(str(seq)), wrong, str(note))
        second_signature.admit(batch.db, request, second, facts, at.wall_ms)
        bad = ledger.entry(batch.db, int(str(seq))).draft
        return batch.append(
            Draft(
                type=EntryType.ERROR_DECLARATION,
                event=at,
                actor=request.first,
                second=second,
                place=batch.place,
                gate=bad.gate,
                items=bad.items,
                consignment=bad.consignment,
                corrects=int(str(seq)),
                data={
                    "reason": wrong.value,
                    "note": str(note),
                    "signed": request.digest,
                },
            )
        )


def may_correct(db: Connection, entry: Entry) -> bool:
    """True for an entry of our own log that can be declared wrong, and is not yet."""
    return (
        entry.log == ledger.head(db).origin
        and entry.draft.type in CORRECTABLE
        and not _declared(db, entry.seq)
    )


def _facts(db: Connection, seq: int, wrong: Wrong, note: str) -> dict[str, Json]:
    """What is signed: the entry by its leaf hash, and why it is wrong.

    Raises:
        OperationRefused: it cannot be declared wrong.
    """
    row = db.execute(
        "SELECT leaf_hash FROM entry WHERE log_id = ? AND seq = ?",
        (ledger.log_id(db), seq),
    ).fetchone()
    if row is None or not may_correct(db, ledger.entry(db, seq)):
        message = f"Entry {seq} cannot be declared wrong, or is so already."
        raise OperationRefused(RefusalReason.NOT_CORRECTABLE, message)
    return {
        "corrects": seq,
        "leaf": bytes(row["leaf_hash"]).hex(),
        "reason": wrong.value,
        "note": note,
    }


def _declared(db: Connection, seq: int) -> bool:
    row = db.execute("SELECT 1 FROM correction WHERE wrong = ?", (seq,)).fetchone()
    return row is not None
