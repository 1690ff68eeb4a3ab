"""One consignment from its opening to its receipt: its items, and what was recorded.

It reads; ``consignment``, ``trip`` and ``closing`` act.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody import departures, registry
from station.custody.load import find_load
from station.ledger import log as ledger
from station.ledger.entry_body import decode
from station.model import EntryType, Phase

if TYPE_CHECKING:
    from station.custody.load import Load
    from station.custody.registry import NamedItem
    from station.model import Disposition, Entry
    from station.storage.database import Connection

MOST_ENTRIES = 300
"""Of its history, the newest ones, besides those that began and ended it."""
_TYPES = (
    EntryType.CONSIGNMENT,
    EntryType.DEPARTING,
    EntryType.ARRIVING,
    EntryType.UNLOADING,
    EntryType.REFUSED,
    EntryType.INSPECTING,
    EntryType.ERROR_DECLARATION,
)
"""What is told of a consignment; its items' own scans stand in their histories."""


@dataclass(frozen=True, slots=True)
class Carried:
    """One listed item, and how far it came with this consignment."""

    item: NamedItem
    loaded: bool
    departed: bool
    accepted: bool
    disposition: Disposition | None = None
    """What was said of it at the closing, where it was missing."""


@dataclass(frozen=True, slots=True)
class Journey:
    """A consignment as its page tells of it."""

    load: Load
    carried: tuple[Carried, ...]
    entries: tuple[Entry, ...]
    """Oldest first."""
    reasons: tuple[str, ...]
    """Why it was closed with items missing, at each end where one was given."""
    backwards: bool = False
    """A step happened before the one before it: a clock was wrong somewhere."""


def journey(db: Connection, consignment: str) -> Journey | None:
    """Everything told of this consignment, or None where there is none."""
    load = find_load(db, consignment)
    if load is None:
        return None
    entries = _entries(db, consignment)
    closings = _closings(db, consignment)
    reasons = [entry.draft.data.get("reason") for entry in closings]
    return Journey(
        load,
        _carried(db, load, _dispositions(closings)),
        entries,
        tuple(reason for reason in reasons if isinstance(reason, str)),
        _is_backwards(db, consignment),
    )


def _is_backwards(db: Connection, consignment: str) -> bool:
    row = db.execute(
        "SELECT opened_seq, departed_seq, arrived_seq, closed_seq FROM consignment"
        " WHERE id = ?",
        (consignment,),
    ).fetchone()
    steps = [
        ledger.entry(db, seq).draft.event.wall_ms for seq in row if seq is not None
    ]
    return steps != sorted(steps)


def _closings(db: Connection, consignment: str) -> list[Entry]:
    """The entries that ended it at each end, however much was recorded of it since."""
    row = db.execute(
        "SELECT departed_seq, closed_seq FROM consignment WHERE id = ?", (consignment,)
    ).fetchone()
    return [ledger.entry(db, seq) for seq in row if seq is not None]


def _carried(
    db: Connection, load: Load, said: dict[str, Disposition]
) -> tuple[Carried, ...]:
    rows = db.execute(
        "SELECT item_text.*, loaded_seq, departed, accepted_seq FROM consignment_item"
        " JOIN item_text ON item_text.id = consignment_item.item"
        " WHERE consignment_item.consignment = ?"
        " ORDER BY destination, item_text.id",
        (load.id,),
    )
    return tuple(
        Carried(
            registry.item_from_row(row),
            loaded=row["loaded_seq"] is not None,
            departed=bool(row["departed"]) and load.phase is not Phase.CANCELLED,
            accepted=row["accepted_seq"] is not None,
            disposition=said.get(row["id"]),
        )
        for row in rows
    )


def _dispositions(closings: list[Entry]) -> dict[str, Disposition]:
    said: dict[str, Disposition] = {}
    for entry in closings:
        said.update(departures.dispositions_in(entry))
    return said


def _entries(db: Connection, consignment: str) -> tuple[Entry, ...]:
    (opened,) = db.execute(
        "SELECT opened_seq FROM consignment WHERE id = ?", (consignment,)
    ).fetchone()
    marks = ", ".join("?" * len(_TYPES))
    rows = db.execute(
        # Only question marks are put in.
        "SELECT body FROM entry"  # noqa: S608
        f" WHERE log_id = ? AND seq >= ? AND type IN ({marks})"
        " AND json_extract(CAST(body AS TEXT), '$.consignment') = ?"
        " ORDER BY seq DESC LIMIT ?",
        (ledger.log_id(db), opened, *_TYPES, consignment, MOST_ENTRIES),
    ).fetchall()
    newest = [decode(row["body"]) for row in reversed(rows)]
    # What began and ended it stays in sight, whatever was recorded after.
    first = [ledger.entry(db, opened), *_closings(db, consignment)]
    known = {entry.seq: entry for entry in (*first, *newest)}
    return tuple(known[seq] for seq in sorted(known))
