"""What passed a gate undecided, and must be brought back before its camera.

Items that came and left while the gate was held, while nobody had the shift, or while
nothing could be recorded. An entry names them (``bring_back``); each is off the list
at its next scan at that gate, or when somebody says what became of it. No consignment
is closed over them; one that is cancelled takes the list with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.custody import registry
from station.custody.entry_data.words import LookedFor, OwnWords, SystemEvent
from station.custody.load import open_load
from station.errors import OperationRefused, RefusalReason
from station.model import Draft, EntryType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.custody.registry import NamedItem
    from station.ledger.log import Batch
    from station.model import Entry, Instant
    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Connection


MOST = 1_000
"""Item ids in one entry, well under its 65,535 bytes."""


def record(
    batch: Batch, gate: GateSettings, actor: str, at: Instant, missed: Sequence[str]
) -> list[Entry]:
    """Name what passed undecided, by entries of its own; each holds ``MOST``."""
    load = open_load(batch.db, gate.name)
    return [
        batch.append(
            Draft(
                type=EntryType.SYSTEM,
                event=at,
                actor=actor,
                place=gate.place,
                gate=gate.name,
                consignment=None if load is None else load.id,
                data={
                    "event": "undecided",
                    "bring_back": list(missed[first : first + MOST]),
                },
            )
        )
        for first in range(0, len(missed), MOST)
    ]


def ids(db: Connection, gate: str, after: int = -1) -> list[str]:
    """Item ids still to be brought back to this gate, in the order they passed.

    Args:
        db: Any connection of the station.
        gate: The gate's name.
        after: Only what was named by an entry after this one.
    """
    rows = db.execute(
        "SELECT item FROM bring_back WHERE gate = ? AND seq > ? ORDER BY seq, item",
        (gate, after),
    )
    return [row["item"] for row in rows]


def waiting(db: Connection, gate: str) -> list[NamedItem]:
    """What is still to be brought back to this gate, in the order it passed.

    A label that names nothing registered here is not among them.
    """
    return list(registry.items(db, ids(db, gate)))


def strangers(db: Connection, gate: str) -> list[str]:
    """Ids among those that name nothing registered here; they passed all the same."""
    rows = db.execute(
        "SELECT item FROM bring_back WHERE gate = ? AND item NOT IN"
        " (SELECT id FROM item) ORDER BY seq, item",
        (gate,),
    )
    return [row["item"] for row in rows]


def settle(
    batch: Batch,
    gate: GateSettings,
    found: tuple[str, LookedFor | OwnWords],
    actor: str,
    at: Instant,
) -> Entry:
    """Take an item off the list that cannot be brought back, or went elsewhere.

    Args:
        batch: Takes the entry.
        gate: Where it passed.
        found: The item's id, and what became of it.
        actor: Person id of who looked for it.
        at: Now.

    Raises:
        OperationRefused: it is not on the list.
    """
    item, reason = found
    if item not in ids(batch.db, gate.name):
        message = f"Item {item[:40]!a} is not waiting to be brought back."
        raise OperationRefused(RefusalReason.NOT_WAITING, message)
    load = open_load(batch.db, gate.name)
    return batch.append(
        Draft(
            type=EntryType.SYSTEM,
            event=at,
            actor=actor,
            place=gate.place,
            gate=gate.name,
            items=(item,),
            consignment=None if load is None else load.id,
            data={
                "event": SystemEvent.LOOKED_FOR,
                "brought": item,
                "reason": reason.value,
            },
        )
    )


def check_none(db: Connection, gate: GateSettings) -> None:
    """Let a consignment be closed about which nothing is unclear.

    Raises:
        OperationRefused: items passed this gate undecided; they may be on the truck.
    """
    left = ids(db, gate.name)
    if left:
        message = f"{len(left)} items passed undecided; bring them back first."
        raise OperationRefused(RefusalReason.UNDECIDED_LEFT, message, n=len(left))


def _ends(draft: Draft) -> bool:
    """True for what ends the gate's consignment there, however it ends."""
    if draft.type is EntryType.DEPARTING:
        return True
    action = draft.data.get("action")
    return action == "retract" or (
        draft.type is EntryType.CONSIGNMENT and action in {"accepted", "cancel"}
    )


def project(db: Connection, seq: int, draft: Draft) -> None:
    """Bring the table ``bring_back`` up to this entry."""
    gate, missed = draft.gate, draft.data.get("bring_back")
    if gate is None:
        return
    if draft.verdict is not None:
        db.executemany(
            "DELETE FROM bring_back WHERE gate = ? AND item = ?",
            [(gate, item) for item in draft.items],
        )
    elif _ends(draft):
        db.execute("DELETE FROM bring_back WHERE gate = ?", (gate,))
    elif draft.data.get("event") == "looked_for":
        db.execute(
            "DELETE FROM bring_back WHERE gate = ? AND item = ?",
            (gate, draft.data["brought"]),
        )
    elif isinstance(missed, list):
        db.executemany(
            "INSERT OR IGNORE INTO bring_back (gate, item, seq) VALUES (?, ?, ?)",
            [(gate, item, seq) for item in missed],
        )
