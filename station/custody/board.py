"""What supervisors look at: progress by kecamatan and the history of an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody import registry
from station.ledger import log
from station.model import EntryType

if TYPE_CHECKING:
    from station.custody.registry import NamedItem
    from station.database import Connection
    from station.model import Entry


@dataclass(frozen=True, slots=True)
class Progress:
    """One kecamatan's line on the board; every count is of boxes and loose bundles."""

    kecamatan: str
    name: str
    planned: int
    loaded: int
    """On a truck that has not departed."""
    departed: int
    """Departed, whether accepted at the other end or not."""
    accepted: int
    held: bool
    """A gate that works on this kecamatan's consignment is held now."""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry in the history of an item."""

    entry: Entry
    destination: str | None
    """Name of the kecamatan of the entry's consignment."""
    corrected_by: int | None
    """The later entry that declares this one wrong."""


@dataclass(frozen=True, slots=True)
class History:
    """Everything the ledger says of one item, oldest first."""

    item: NamedItem
    lines: tuple[HistoryLine, ...]


def progress(db: Connection) -> list[Progress]:
    """A line for every kecamatan, by code."""
    held = {
        row["destination"]
        for row in db.execute(
            "SELECT DISTINCT consignment.destination"
            " FROM hold JOIN consignment ON consignment.gate = hold.gate"
            " WHERE hold.acknowledged_seq IS NULL"
            " AND consignment.phase IN ('loading', 'arriving')"
        )
    }
    return [
        Progress(
            row["kecamatan"],
            row["name"],
            row["planned"],
            row["loaded"],
            row["departed"],
            row["accepted"],
            row["kecamatan"] in held,
        )
        for row in db.execute("SELECT * FROM progress ORDER BY kecamatan")
    ]


def history(db: Connection, item_id: str) -> History | None:
    """The history of an item, or None where it is not registered here.

    Entries that name it without having registered it (a refused label of another
    station) are found by ``log.history`` alone.
    """
    item = registry.item(db, item_id)
    if item is None:
        return None
    entries = log.history(db, item_id)
    corrections = {
        entry.draft.corrects: entry.seq
        for entry in entries
        if entry.draft.type is EntryType.ERROR_DECLARATION
        and entry.draft.corrects is not None
    }
    lines = tuple(
        HistoryLine(
            entry,
            _destination(db, entry.draft.consignment),
            corrections.get(entry.seq),
        )
        for entry in entries
    )
    return History(item, lines)


def _destination(db: Connection, consignment: str | None) -> str | None:
    if consignment is None:
        return None
    row = db.execute(
        "SELECT destination_name FROM consignment_progress WHERE id = ?", (consignment,)
    ).fetchone()
    return None if row is None else row["destination_name"]


def counts(db: Connection) -> tuple[int, int]:
    """(entries in the log, scans accepted at any gate), for health and the bar."""
    (accepted,) = db.execute(
        "SELECT count(*) FROM gate_scan WHERE accepted = 1"
    ).fetchone()
    return log.head(db).size, accepted
