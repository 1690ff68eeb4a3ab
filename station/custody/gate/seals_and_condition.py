"""The condition of a box and the seals on it, as somebody saw them.

Recorded at either end, for what is counted on the open consignment. The newest record
counts; older ones stay in the ledger. Where a gate asks for seals, its
consignment is not closed before each box has some.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.label_code import ItemId, ItemKind, expand
from station.custody import registry
from station.custody.entry_data.words import Condition
from station.custody.load import open_load
from station.errors import OperationRefused, RefusalReason
from station.model import Draft, EntryType, ItemState, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.custody.load import Load
    from station.custody.registry import NamedItem
    from station.ledger.log import Batch
    from station.model import Entry, Instant, Json
    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Connection

MOST_SEALS = 12
LONGEST_SEAL = 40
LONGEST_NOTE = 500
_BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What somebody saw."""

    condition: Condition = Condition.GOOD
    seals: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecordedInspection:
    """An item and its newest inspection with one consignment at one end."""

    item: NamedItem
    looked: Inspection | None
    """None: nobody inspected it."""


def parse_seals(text: str) -> tuple[str, ...]:
    """The seal numbers in a text: typed or scanned one after the other.

    >>> parse_seals(" A-0071, a-0072 A-0071 ")
    ('A-0071', 'A-0072')

    Raises:
        OperationRefused: too many, or one is no number of a seal.
    """
    numbers = tuple(dict.fromkeys(filter(None, _BETWEEN.split(text.strip().upper()))))
    if len(numbers) > MOST_SEALS:
        message = f"A box has at most {MOST_SEALS} seals, these are {len(numbers)}."
        raise OperationRefused(
            RefusalReason.SEAL_FORM, message, got=numbers[MOST_SEALS][:20]
        )
    for seal in numbers:
        if len(seal) > LONGEST_SEAL or not seal.isprintable():
            message = f"{seal[:40]!a} is no seal number."
            raise OperationRefused(RefusalReason.SEAL_FORM, message, got=seal[:20])
    return numbers


def record(  # noqa: PLR0913 - what was seen, where, and by whom
    batch: Batch,
    gate: GateSettings,
    item: str,
    looked: Inspection,
    *,
    actor: str,
    at: Instant,
    evidence: str | None = None,
    form: int | None = None,
) -> Entry:
    """Record what was seen of an item that is counted on what is open here.

    Raises:
        OperationRefused: nothing is open, it is not counted there, or a seal is on
            another box that is at hand.
    """
    load, doubled = check(batch.db, gate, item, looked)
    return batch.append(
        Draft(
            type=EntryType.INSPECTING,
            event=at,
            actor=actor,
            place=gate.place,
            gate=gate.name,
            items=(item,),
            consignment=load.id,
            evidence=() if evidence is None else (evidence,),
            data=_inspection_data(gate, looked, doubled, form),
        )
    )


def _inspection_data(
    gate: GateSettings, looked: Inspection, doubled: list[str], form: int | None
) -> dict[str, Json]:
    data: dict[str, Json] = {
        "action": "condition",
        "step": gate.step.value,
        "condition": looked.condition.value,
        "seals": list(looked.seals),
        "note": looked.note.strip()[:LONGEST_NOTE] or None,
    }
    if doubled:
        # Nobody can look at the other box any more: recorded, not refused.
        data["doubled"] = list(doubled)
    if form is not None:
        data["form"] = form
    return data


def check(
    db: Connection, gate: GateSettings, item: str, looked: Inspection
) -> tuple[Load, list[str]]:
    """What is open, and the seals that are recorded on a box that is gone, too.

    Raises:
        OperationRefused: as ``record``.
    """
    load = open_load(db, gate.name)
    if load is None:
        message = f"No consignment is open at gate {gate.name}."
        raise OperationRefused(RefusalReason.NO_CONSIGNMENT, message)
    if not _is_counted(db, gate, load, item):
        message = f"Item {item[:40]!a} is not counted on {load.id}."
        raise OperationRefused(RefusalReason.NOT_COUNTED, message, item=item[:40])
    return load, _doubled(db, item, looked.seals)


def last_inspections(
    db: Connection, consignment: str, step: Step
) -> dict[str, Inspection]:
    """The newest inspection of each item with this consignment at one end."""
    rows = db.execute(
        "SELECT item, condition, seals, note FROM inspection"
        " WHERE consignment = ? AND step = ?",
        (consignment, step),
    )
    return {
        row["item"]: Inspection(
            condition=Condition(row["condition"]),
            seals=tuple(filter(None, row["seals"].split("\n"))),
            note=row["note"] or "",
        )
        for row in rows
    }


def unsealed(db: Connection, gate: GateSettings, counted: Iterable[str]) -> list[str]:
    """Boxes among those counted that have no seal yet; none where none is asked."""
    load = open_load(db, gate.name)
    if load is None or not gate.seals:
        return []
    known = last_inspections(db, load.id, gate.step)
    boxes = [item for item in counted if ItemId.parse(item).kind is ItemKind.BOX]
    return [item for item in boxes if item not in known or not known[item].seals]


def bare(db: Connection, gate: GateSettings, load: Load) -> list[NamedItem]:
    """Boxes counted here whose seals are asked for and not recorded yet."""
    column = "loaded_seq" if gate.step is Step.LOADING else "accepted_seq"
    rows = db.execute(
        # The column is one of the two above.
        "SELECT item FROM consignment_item"  # noqa: S608
        f" WHERE consignment = ? AND {column} IS NOT NULL ORDER BY {column}",
        (load.id,),
    )
    left = unsealed(db, gate, [row["item"] for row in rows])
    return list(registry.items(db, left))


def newest(
    db: Connection, gate: GateSettings, load: Load, most: int
) -> list[RecordedInspection]:
    """What was counted last here, newest first, each with its newest inspection."""
    column = "loaded_seq" if gate.step is Step.LOADING else "accepted_seq"
    rows = db.execute(
        # The column is one of the two above.
        "SELECT item_text.* FROM consignment_item"  # noqa: S608
        " JOIN item_text ON item_text.id = consignment_item.item"
        f" WHERE consignment_item.consignment = ? AND {column} IS NOT NULL"
        f" ORDER BY {column} DESC LIMIT ?",
        (load.id, most),
    )
    known = last_inspections(db, load.id, gate.step)
    return [
        RecordedInspection(named, known.get(named.item.id))
        for named in map(registry.item_from_row, rows)
    ]


def project(db: Connection, seq: int, draft: Draft) -> None:
    """Bring the tables ``inspection`` and ``seal`` up to this entry."""
    data = draft.data
    if draft.type is EntryType.UNLOADING:
        # Loaded again it is looked at again.
        for item in expand(draft.items):
            _forget(db, draft.consignment, item, Step.LOADING.value)
        return
    if draft.type is not EntryType.INSPECTING or data.get("action") != "condition":
        return
    # From a paper form: the box may have been seen again since.
    if not _was_seen_later(db, draft):
        _replace_inspection(db, seq, draft)


def _was_seen_later(db: Connection, draft: Draft) -> bool:
    (item,) = draft.items
    later = db.execute(
        "SELECT 1 FROM inspection WHERE consignment = ? AND item = ? AND step = ?"
        " AND at_ms > ?",
        (draft.consignment, item, str(draft.data["step"]), draft.event.wall_ms),
    ).fetchone()
    return later is not None


def _replace_inspection(db: Connection, seq: int, draft: Draft) -> None:
    data, (item,) = draft.data, draft.items
    recorded, step = data["seals"], str(data["step"])
    seals = [str(seal) for seal in recorded] if isinstance(recorded, list) else []
    _forget(db, draft.consignment, item, step)
    db.executemany(
        "INSERT INTO seal (number, item, consignment, step) VALUES (?, ?, ?, ?)",
        [(seal, item, draft.consignment, step) for seal in seals],
    )
    db.execute(
        "INSERT INTO inspection"
        " (consignment, item, step, condition, seals, note, at_ms, seq)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            draft.consignment,
            item,
            step,
            data["condition"],
            "\n".join(seals),
            data["note"],
            draft.event.wall_ms,
            seq,
        ),
    )


def _forget(db: Connection, consignment: str | None, item: str, step: str) -> None:
    for table in ("seal", "inspection"):
        db.execute(
            # One of these two names.
            f"DELETE FROM {table} WHERE consignment = ? AND item = ? AND step = ?",  # noqa: S608
            (consignment, item, step),
        )


def _is_counted(db: Connection, gate: GateSettings, load: Load, item: str) -> bool:
    row = db.execute(
        "SELECT loaded_seq, accepted_seq FROM consignment_item"
        " WHERE consignment = ? AND item = ?",
        (load.id, item),
    ).fetchone()
    if row is None:
        return False
    loading = gate.step is Step.LOADING
    return row["loaded_seq" if loading else "accepted_seq"] is not None


def _doubled(db: Connection, item: str, seals: tuple[str, ...]) -> list[str]:
    """Seals recorded on another box too, which is gone from here.

    Raises:
        OperationRefused: the other box is at hand: one of the two numbers is mistyped.
    """
    doubled = []
    for seal in seals:
        for row in db.execute(
            "SELECT item.id, state = ? AND seal.consignment = item.consignment AS here"
            " FROM seal JOIN item ON item.id = seal.item"
            " WHERE number = ? AND item.id <> ? AND voided = 0",
            (ItemState.LOADED, seal, item),
        ).fetchall():
            if row["here"]:
                message = f"Seal {seal} is recorded on {row['id']} already."
                raise OperationRefused(
                    RefusalReason.SEAL_TAKEN, message, got=seal, item=row["id"]
                )
            doubled.append(seal)
    return sorted(set(doubled))
