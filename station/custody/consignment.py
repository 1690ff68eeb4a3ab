"""The life of a consignment (surat jalan): opened, departed, arrived, accepted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.code import compress
from station.custody import panel, signing
from station.custody.signing import Request
from station.ledger import log as ledger
from station.model import (
    Act,
    Ballot,
    Draft,
    EntryType,
    Phase,
    Refusal,
    RefusalCode,
    Step,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from station.config import GateSettings
    from station.custody.panel import Load
    from station.database import Connection
    from station.ledger.log import Log
    from station.model import Entry, Instant, Json

MAX_LISTED = 3_800
"""Items of one consignment whose ids fit in an entry whatever their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody wants to send."""

    destination: str
    """Code of the kecamatan."""
    kinds: Sequence[Ballot]
    vehicle: str | None = None
    """Number plate."""


def set_digest(items: Iterable[str]) -> str:
    """SHA-256 (hex) of the item ids, sorted, each followed by a line feed.

    >>> set_digest(["1771-B-00002", "1771-B-00001"])[:16]
    '64123180f462f79c'
    """
    digest = hashlib.sha256()
    for item in sorted(items):
        digest.update(f"{item}\n".encode("ascii"))
    return digest.hexdigest()


def open_consignment(
    log: Log,
    gate: GateSettings,
    order: Order,
    *,
    actor: str,
    at: Instant,
) -> Entry:
    """Open a consignment at a loading gate; its expected set is frozen here.

    The set: every item of these kinds for this kecamatan that travels by itself,
    is registered, has not left, and is on no other open consignment.

    Raises:
        Refusal: the wrong kind of gate, one open already, an unknown area, no kinds,
            or nothing to send.
    """
    with log.writing() as batch:
        db = batch.db
        _may_open(db, gate, Step.LOADING)
        _check_destination(db, order.destination)
        if not order.kinds:
            raise Refusal(
                RefusalCode.NO_KINDS, "Expected a kind of election, got none."
            )
        items = _ready(db, order)
        if not items:
            message = "Nothing of these kinds is left to send there."
            raise Refusal(RefusalCode.NOTHING_TO_SEND, message)
        if len(items) > MAX_LISTED:
            message = f"Expected at most {MAX_LISTED} items, got {len(items)}."
            raise Refusal(RefusalCode.TOO_MANY_ITEMS, message, most=MAX_LISTED)
        number = _next_number(db)
        return batch.append(
            Draft(
                type=EntryType.CONSIGNMENT,
                event=at,
                actor=actor,
                place=gate.place,
                gate=gate.name,
                consignment=f"C-{number:04d}",
                items=compress(items),
                data={
                    "action": "open",
                    "number": number,
                    "to": order.destination,
                    "kinds": [kind.value for kind in Ballot if kind in order.kinds],
                    "count": len(items),
                    "digest": set_digest(items),
                    "vehicle": order.vehicle,
                },
            )
        )


def ask_close(
    db: Connection, gate: GateSettings, *, reason: str, first: str, at: Instant
) -> Request:
    """The closing of what is open here, for a second person to sign.

    Raises:
        Refusal: none open, the gate is held, nothing loaded, items are missing and
            no reason is given, or who received it gave it away before.
    """
    facts = _closing_facts(db, gate, reason.strip(), first)
    act = Act.DEPART if gate.step is Step.LOADING else Act.COMPLETE
    return Request(act=act, first=first, facts=facts, asked_ms=at.wall_ms)


def close(
    log: Log, gate: GateSettings, request: Request, second: str, at: Instant
) -> Entry:
    """Close what is open here: it departs with what was loaded, or is complete.

    Raises:
        Refusal: as ``ask_close``, or it may not be signed so.
    """
    departs = gate.step is Step.LOADING
    with log.writing() as batch:
        load, reason = _signed(batch.db, gate, request, second, at)
        counted = _items(
            batch.db, load.id, f"{'loaded' if departs else 'accepted'}_seq IS NOT NULL"
        )
        data: dict[str, Json] = {
            **_closing(batch.db, gate, load, reason),
            "count": len(counted),
            "digest": set_digest(counted),
            "signed": request.digest,
        }
        return batch.append(
            Draft(
                type=EntryType.DEPARTING if departs else EntryType.CONSIGNMENT,
                event=at,
                actor=request.first,
                second=second,
                place=gate.place,
                gate=gate.name,
                consignment=load.id,
                items=compress(counted) if departs else (),
                data=data if departs else {**data, "action": "accepted"},
            )
        )


def arrive(
    log: Log, gate: GateSettings, consignment: str, *, actor: str, at: Instant
) -> Entry:
    """Open a departed consignment at an accepting gate.

    Raises:
        Refusal: the wrong kind of gate, one open already, or not on the way.
    """
    with log.writing() as batch:
        db = batch.db
        _may_open(db, gate, Step.ACCEPTING)
        load = panel.load(db, consignment)
        if load is None or load.phase is not Phase.DEPARTED:
            message = f"Expected a consignment on the way, got {consignment!r}."
            raise Refusal(RefusalCode.NOT_ON_THE_WAY, message)
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


def _signed(
    db: Connection, gate: GateSettings, request: Request, second: str, at: Instant
) -> tuple[Load, str]:
    """What is closed and the reason given, once both may sign it as it is now."""
    reason = str(request.facts["reason"] or "")
    facts = _closing_facts(db, gate, reason, request.first)
    signing.admit(db, request, second, facts, at.wall_ms)
    return _may_close(db, gate, reason), reason


def _closing_facts(
    db: Connection, gate: GateSettings, reason: str, first: str
) -> dict[str, Json]:
    """What is signed: the gate, the consignment, what is counted and missing.

    Raises:
        Refusal: as ``ask_close``.
    """
    load = _may_close(db, gate, reason)
    if gate.step is Step.LOADING:
        counted = _items(db, load.id, "loaded_seq IS NOT NULL")
        if not counted:
            message = "Nothing is loaded; a consignment cannot depart empty."
            raise Refusal(RefusalCode.NOTHING_COUNTED, message)
    else:
        counted = _items(db, load.id, "accepted_seq IS NOT NULL")
        _check_receiver(db, load.id, first)
    return {
        "gate": gate.name,
        "consignment": load.id,
        "count": len(counted),
        "digest": set_digest(counted),
        "missing": load.missing,
        "reason": reason or None,
    }


def _check_receiver(db: Connection, consignment: str, receiver: str) -> None:
    """Who signed a load away does not sign for its receipt as the receiver.

    Raises:
        Refusal: this one did.
    """
    row = db.execute(
        "SELECT departed_seq FROM consignment WHERE id = ?", (consignment,)
    ).fetchone()
    gave = ledger.entry(db, row["departed_seq"]).draft
    if receiver in {gave.actor, gave.second}:
        message = f"{receiver} gave this load away and cannot receive it."
        raise Refusal(RefusalCode.GIVER_IS_RECEIVER, message)


def _may_open(db: Connection, gate: GateSettings, step: Step) -> None:
    if gate.step is not step:
        message = f"Gate {gate.name} is for {gate.step}, not for {step}."
        raise Refusal(RefusalCode.WRONG_STEP, message)
    load = panel.open_load(db, gate.name)
    if load is not None:
        message = f"Consignment {load.id} is still open here; close it first."
        raise Refusal(RefusalCode.CONSIGNMENT_OPEN, message, number=load.number)


def _may_close(db: Connection, gate: GateSettings, reason: str) -> Load:
    load = panel.open_load(db, gate.name)
    if load is None:
        message = f"No consignment is open at gate {gate.name}."
        raise Refusal(RefusalCode.NO_CONSIGNMENT, message)
    if panel.open_holds(db, gate.name):
        raise Refusal(RefusalCode.GATE_HELD, "The gate is held; settle the hold first.")
    if load.missing and not reason.strip():
        message = f"{load.missing} items are missing without a reason; give one."
        raise Refusal(RefusalCode.MISSING_WITHOUT_REASON, message, missing=load.missing)
    return load


def _check_destination(db: Connection, destination: str) -> None:
    found = db.execute(
        "SELECT 1 FROM area WHERE code = ? AND level = 'kecamatan'", (destination,)
    ).fetchone()
    if found is None:
        message = f"Expected the code of a registered kecamatan, got {destination!r}."
        raise Refusal(RefusalCode.UNKNOWN_AREA, message)


def _ready(db: Connection, order: Order) -> list[str]:
    marks = ", ".join("?" * len(order.kinds))
    rows = db.execute(
        # Only question marks are put in.
        "SELECT id FROM item"  # noqa: S608
        " WHERE kecamatan = ? AND container IS NULL AND voided = 0"
        f" AND state = 'registered' AND ballot IN ({marks})"
        " AND id NOT IN ("
        "  SELECT item FROM consignment_item"
        "  JOIN consignment ON consignment.id = consignment_item.consignment"
        "  WHERE consignment.phase = 'loading')"
        " ORDER BY id",
        (order.destination, *order.kinds),
    )
    return [row["id"] for row in rows]


def _next_number(db: Connection) -> int:
    (last,) = db.execute("SELECT coalesce(max(number), 0) FROM consignment").fetchone()
    return int(last) + 1


def _items(db: Connection, consignment: str, condition: str) -> list[str]:
    rows = db.execute(
        # The condition is one of this module's own texts.
        "SELECT item FROM consignment_item"  # noqa: S608
        f" WHERE consignment = ? AND {condition} ORDER BY item",
        (consignment,),
    )
    return [row["item"] for row in rows]


def _closing(
    db: Connection, gate: GateSettings, load: Load, reason: str
) -> dict[str, Json]:
    missing = [line.item.item.id for line in panel.missing(db, load)]
    tally = {
        row["verdict"]: row["n"]
        for row in db.execute(
            "SELECT verdict, n FROM tally WHERE consignment = ? AND step = ?",
            (load.id, gate.step),
        )
    }
    return {
        "missing": list(compress(missing)),
        "reason": reason.strip() or None,
        "foreign": tally.get(Verdict.FOREIGN, 0),
        "unread": tally.get(Verdict.UNREAD, 0),
    }
