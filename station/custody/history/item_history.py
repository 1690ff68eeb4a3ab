"""The history of an item: every entry about it, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody import departures, registry
from station.custody.load import find_ends
from station.ledger import log
from station.model import EntryType

if TYPE_CHECKING:
    from station.custody.departures import Departure
    from station.custody.load import Ends
    from station.custody.registry import NamedItem
    from station.model import Disposition, Entry
    from station.storage.database import Connection


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry in the history of an item."""

    entry: Entry
    ends: Ends | None
    """Between which places the entry's consignment goes."""
    corrected_by: int | None
    """The later entry that declares this one wrong."""
    disposition: Disposition | None = None
    """A departing entry without the item: why it stayed behind."""


@dataclass(frozen=True, slots=True)
class History:
    """Everything the ledger says of one item, oldest first."""

    item: NamedItem
    lines: tuple[HistoryLine, ...]
    departure: Departure | None = None
    """Its last one that holds."""


def history(db: Connection, item_id: str) -> History | None:
    """The history of an item, or None where it is not registered here.

    Entries that name it without having registered it (a refused label of another
    station) are found by ``log.history`` alone.
    """
    item = registry.item(db, item_id)
    if item is None:
        return None
    left = {
        one.entry.seq: one
        for one in departures.departures(db, item_id)
        if one.disposition is not None
    }
    named = log.history(db, item_id)
    corrections = {
        entry.draft.corrects: entry.seq
        for entry in named
        if entry.draft.type is EntryType.ERROR_DECLARATION
        and entry.draft.corrects is not None
    } | {seq: _corrected_by(db, seq) for seq in left}
    ours = log.head(db).origin
    # No index leads from an item to what departed without it.
    entries = [*named, *(one.entry for one in left.values())]
    entries.sort(key=lambda entry: (entry.log != ours, entry.log, entry.seq))
    named_loads = {entry.draft.consignment for entry in entries}
    ways = {one: find_ends(db, one) if one else None for one in named_loads}
    lines = tuple(
        HistoryLine(
            entry,
            ways[entry.draft.consignment],
            corrections.get(entry.seq),
            left[entry.seq].disposition if entry.seq in left else None,
        )
        for entry in entries
    )
    return History(item, lines, departures.last(db, item_id))


def _corrected_by(db: Connection, seq: int) -> int | None:
    row = db.execute("SELECT seq FROM correction WHERE wrong = ?", (seq,)).fetchone()
    return None if row is None else int(row["seq"])
