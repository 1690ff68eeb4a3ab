"""The end of a consignment at a gate: no line open, and two people sign.

What is missing at the loading gate gets a disposition each and a reason; what is
missing at the other end gets a reason. One entry says it, with the set digest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labels.label_code import compress, expand
from station.custody.accounts import second_signature
from station.custody.accounts.second_signature import SigningRequest
from station.custody.consignment import opening
from station.custody.consignment.opening import set_digest
from station.custody.gate import bring_back, panel, seals_and_condition
from station.custody.load import missing_items, open_load
from station.errors import OperationRefused, RefusalReason
from station.model import Disposition, Draft, EntryType, Step, Verdict
from station.roles import Act

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.custody.load import Load
    from station.ledger.log import Log
    from station.model import Entry, Instant, Json
    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Closing:
    """What is said of the items that are missing."""

    reason: str = ""
    dispositions: Mapping[str, Disposition] = field(default_factory=dict)
    """Item id -> what becomes of it; every missing item of a loading gate."""

    def as_facts(self) -> dict[str, Json]:
        """For an entry: the reason, and the items of each disposition as ranges."""
        said: dict[str, list[str]] = {}
        for item in sorted(self.dispositions):
            said.setdefault(self.dispositions[item].value, []).append(item)
        ranges: dict[str, Json] = {
            disposition: list(compress(items)) for disposition, items in said.items()
        }
        return {"reason": self.reason.strip() or None, "dispositions": ranges}

    @classmethod
    def of(cls, facts: Mapping[str, Json]) -> Closing:
        """What ``as_facts`` gave."""
        ranges: Any = facts["dispositions"]
        return cls(
            str(facts["reason"] or ""),
            {
                item: Disposition(disposition)
                for disposition, items in ranges.items()
                for item in expand(items)
            },
        )


def ask_close(
    db: Connection, gate: GateSettings, closing: Closing, *, first: str, at: Instant
) -> SigningRequest:
    """The closing of what is open here, for a second person to sign.

    Raises:
        OperationRefused: none open, the gate is held, nothing loaded, items are missing
            without a reason or a disposition, or who received it gave it away before.
    """
    facts = _facts(db, gate, closing, first)
    act = Act.DEPART if gate.step is Step.LOADING else Act.COMPLETE
    return SigningRequest(act=act, first=first, facts=facts, asked_ms=at.wall_ms)


def close(
    log: Log, gate: GateSettings, request: SigningRequest, second: str, at: Instant
) -> Entry:
    """Close what is open here: it departs with what was loaded, or is complete.

    Raises:
        OperationRefused: as ``ask_close``, or it may not be signed so.
    """
    departs = gate.step is Step.LOADING
    with log.writing() as batch:
        load, closing = _signed(batch.db, gate, request, second, at)
        counted = _items(
            batch.db, load.id, f"{'loaded' if departs else 'accepted'}_seq IS NOT NULL"
        )
        data: dict[str, Json] = {
            **_told(batch.db, gate, load),
            **closing.as_facts(),
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


def _signed(
    db: Connection,
    gate: GateSettings,
    request: SigningRequest,
    second: str,
    at: Instant,
) -> tuple[Load, Closing]:
    """What is closed and what is said of it, once both may sign it as it is now.

    Raises:
        OperationRefused: as ``ask_close``, it changed meanwhile, or it may not be
            signed so.
    """
    closing = Closing.of(request.facts)
    try:
        facts = _facts(db, gate, closing, request.first)
    except OperationRefused as refusal:
        if refusal.code is not RefusalReason.LINE_OPEN:
            raise
        # Every line was told when it was asked for.
        message = "What was to be signed has changed; look at it again."
        raise OperationRefused(RefusalReason.CHANGED_MEANWHILE, message) from refusal
    second_signature.admit(db, request, second, facts, at.wall_ms)
    return _may_close(db, gate, closing), closing


def _facts(
    db: Connection, gate: GateSettings, closing: Closing, first: str
) -> dict[str, Json]:
    """What is signed: the gate, the consignment, what is counted and missing.

    Raises:
        OperationRefused: as ``ask_close``.
    """
    load = _may_close(db, gate, closing)
    bring_back.check_none(db, gate)
    if gate.step is Step.LOADING:
        counted = _items(db, load.id, "loaded_seq IS NOT NULL")
        if not counted:
            message = "Nothing is loaded; a consignment cannot depart empty."
            raise OperationRefused(RefusalReason.NOTHING_COUNTED, message)
    else:
        counted = _items(db, load.id, "accepted_seq IS NOT NULL")
        opening.check_receiver(db, load.id, first)
    bare = seals_and_condition.unsealed(db, gate, counted)
    if bare:
        message = f"{len(bare)} boxes have no seal recorded; record them first."
        raise OperationRefused(RefusalReason.SEALS_MISSING, message, n=len(bare))
    return {
        "gate": gate.name,
        "consignment": load.id,
        "count": len(counted),
        "digest": set_digest(counted),
        "missing": load.missing,
        **closing.as_facts(),
    }


def _may_close(db: Connection, gate: GateSettings, closing: Closing) -> Load:
    load = open_load(db, gate.name)
    if load is None:
        message = f"No consignment is open at gate {gate.name}."
        raise OperationRefused(RefusalReason.NO_CONSIGNMENT, message)
    if panel.open_holds(db, gate.name):
        raise OperationRefused(
            RefusalReason.GATE_HELD, "The gate is held; settle the hold first."
        )
    if load.missing and not closing.reason.strip():
        message = f"{load.missing} items are missing without a reason; give one."
        raise OperationRefused(
            RefusalReason.MISSING_WITHOUT_REASON, message, missing=load.missing
        )
    _check_lines(db, gate, load, closing)
    return load


def _check_lines(
    db: Connection, gate: GateSettings, load: Load, closing: Closing
) -> None:
    """No line of a loading gate stays open.

    Raises:
        OperationRefused: a missing item has no disposition, or one that is not missing
            has.
    """
    if gate.step is not Step.LOADING:
        return
    missing = {line.item.item.id for line in missing_items(db, load)}
    open_lines = missing ^ closing.dispositions.keys()
    if open_lines:
        message = (
            f"Expected a disposition for each of {len(missing)} missing items and for "
            f"no other, {len(open_lines)} differ."
        )
        raise OperationRefused(
            RefusalReason.LINE_OPEN, message, missing=len(open_lines)
        )


def _items(db: Connection, consignment: str, condition: str) -> list[str]:
    rows = db.execute(
        # The condition is one of this module's own texts.
        "SELECT item FROM consignment_item"  # noqa: S608
        f" WHERE consignment = ? AND {condition} ORDER BY item",
        (consignment,),
    )
    return [row["item"] for row in rows]


def _told(db: Connection, gate: GateSettings, load: Load) -> dict[str, Json]:
    tally = {
        row["verdict"]: row["n"]
        for row in db.execute(
            "SELECT verdict, n FROM tally WHERE consignment = ? AND step = ?",
            (load.id, gate.step),
        )
    }
    told: dict[str, Json] = {
        "foreign": tally.get(Verdict.FOREIGN, 0),
        "unread": tally.get(Verdict.UNREAD, 0),
    }
    if gate.step is Step.ACCEPTING:
        # At a loading gate the dispositions name them; an entry has no room for both.
        missing = [line.item.item.id for line in missing_items(db, load)]
        told["missing"] = list(compress(missing))
    return told
