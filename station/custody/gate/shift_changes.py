"""Who has the shift at a gate: begun, handed over, ended.

The gate's cameras record under that person. What is open or held at the gate stays
so, whoever comes: it belongs to the gate, not to the person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.custody.accounts import directory
from station.custody.accounts.who_may_sign import WORKS
from station.custody.gate import panel
from station.custody.load import open_load
from station.errors import OperationRefused, RefusalReason
from station.ledger import log as ledger
from station.model import Draft, EntryType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from station.ledger.log import Batch
    from station.model import Entry, Instant, Json
    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Connection


def start(
    batch: Batch, gate: GateSettings, actor: str, at: Instant, told: Mapping[str, Json]
) -> Entry:
    """Begin somebody's shift, in place of whoever had it.

    Raises:
        OperationRefused: this person may not work at such a gate, or not any more.
    """
    _check_works(batch.db, gate, actor)
    before = panel.shift(batch.db, gate.name)
    facts = {"event": "shift_start", "before": before, **told}
    return batch.append(_draft(batch, gate, at, actor=actor, data=facts))


def hand_over(
    batch: Batch, gate: GateSettings, pair: tuple[str, str], at: Instant
) -> Entry:
    """Give the shift to the next person: both, and what goes along, in one entry.

    Args:
        batch: The entries of this transaction.
        gate: The gate.
        pair: Who has the shift, and who takes it.
        at: The moment.

    Raises:
        OperationRefused: it is the same person, it was not the first one's shift, or
            the
            next one may not work at such a gate.
    """
    actor, to = pair
    check_pair(batch.db, gate, pair)
    load = open_load(batch.db, gate.name)
    data: dict[str, Json] = {
        "event": "handover",
        "before": actor,
        "holds": list(panel.open_holds(batch.db, gate.name)),
        "counted": None if load is None else load.counted,
    }
    draft = _draft(batch, gate, at, actor=to, data=data, second=actor)
    return batch.append(draft)


def check_pair(db: Connection, gate: GateSettings, pair: tuple[str, str]) -> None:
    """Let a shift go from one person to another.

    Raises:
        OperationRefused: as ``hand_over``.
    """
    actor, to = pair
    if to == actor:
        message = f"Hand over to another person than {actor}."
        raise OperationRefused(RefusalReason.SAME_PERSON, message)
    _check_has(db, gate, actor)
    _check_works(db, gate, to)


def end(batch: Batch, gate: GateSettings, actor: str, at: Instant) -> Entry:
    """End this person's shift; the cameras record nothing until the next one.

    Raises:
        OperationRefused: it was not this one's shift.
    """
    _check_has(batch.db, gate, actor)
    return batch.append(
        _draft(batch, gate, at, actor=actor, data={"event": "shift_end"})
    )


def goes_on(db: Connection, gate: str, actor: str, *, sound_heard: bool) -> bool:
    """True where this person has the shift already, begun with the same word."""
    row = db.execute(
        "SELECT seq FROM shift WHERE gate = ? AND person = ?", (gate, actor)
    ).fetchone()
    if row is None:
        return False
    told = ledger.entry(db, row["seq"]).draft.data
    return told.get("sound_heard") is sound_heard


def came_and_left(missed: Sequence[str]) -> dict[str, Json]:
    """The field that names what passed while nobody had the shift."""
    return {"bring_back": list(missed)} if missed else {}


def _check_works(db: Connection, gate: GateSettings, person: str) -> None:
    role = directory.role(db, person)
    if role not in WORKS[gate.at]:
        message = f"{person} ({role}) may not work at {gate.name}."
        raise OperationRefused(RefusalReason.MAY_NOT_WORK, message)


def _check_has(db: Connection, gate: GateSettings, actor: str) -> None:
    before = panel.shift(db, gate.name)
    if before != actor:
        message = f"The shift at {gate.name} is not {actor}'s but {before}'s."
        raise OperationRefused(RefusalReason.NOT_YOURS, message)


def _draft(  # noqa: PLR0913 - the parts of one entry, each named at the call
    batch: Batch,
    gate: GateSettings,
    at: Instant,
    *,
    actor: str,
    data: Mapping[str, Json],
    second: str | None = None,
) -> Draft:
    load = open_load(batch.db, gate.name)
    return Draft(
        type=EntryType.SYSTEM,
        event=at,
        actor=actor,
        second=second,
        place=gate.place,
        gate=gate.name,
        consignment=None if load is None else load.id,
        data=data,
    )
