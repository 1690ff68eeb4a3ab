"""What passed a gate undecided, and must be brought back before its camera.

Items that came and left while the gate was held, while nobody had the shift, or while
nothing could be recorded. An entry names them (``bring_back``); each is off the list
at its next scan at that gate, and all are when the gate's consignment ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.custody import panel, registry
from station.model import Draft, EntryType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.config import GateSettings
    from station.custody.registry import NamedItem
    from station.database import Connection
    from station.ledger.log import Batch
    from station.model import Entry, Instant


def record(
    batch: Batch, gate: GateSettings, actor: str, at: Instant, missed: Sequence[str]
) -> Entry:
    """Name what passed undecided, by an entry of its own."""
    load = panel.open_load(batch.db, gate.name)
    return batch.append(
        Draft(
            type=EntryType.SYSTEM,
            event=at,
            actor=actor,
            place=gate.place,
            gate=gate.name,
            consignment=None if load is None else load.id,
            data={"event": "undecided", "bring_back": list(missed)},
        )
    )


def waiting(db: Connection, gate: str) -> list[NamedItem]:
    """What is still to be brought back to this gate, in the order it passed.

    A label that names nothing registered here is not among them.
    """
    ids = db.execute(
        "SELECT item FROM bring_back WHERE gate = ? ORDER BY seq, item", (gate,)
    )
    return list(registry.items(db, [row["item"] for row in ids]))


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
    elif draft.type is EntryType.DEPARTING or draft.data.get("action") == "accepted":
        db.execute("DELETE FROM bring_back WHERE gate = ?", (gate,))
    elif isinstance(missed, list):
        db.executemany(
            "INSERT OR REPLACE INTO bring_back (gate, item, seq) VALUES (?, ?, ?)",
            [(gate, item, seq) for item in missed],
        )
