"""A recorded scan as a gate's screen tells of it: the entry, and what else is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from station.custody import departures, registry
from station.ledger import log
from station.model import EntryType, Verdict

if TYPE_CHECKING:
    from station.custody.departures import Departure
    from station.custody.registry import NamedItem
    from station.model import Entry, Json
    from station.storage.database import Connection


@dataclass(frozen=True, slots=True)
class ScanLine:
    """A recorded scan: the entry, and the item it names."""

    entry: Entry
    verdict: Verdict
    item: NamedItem | None
    """None where the label named nothing that is registered here."""
    goes_to: str | None = None
    """MISROUTED: name of the area the item belongs to."""
    heading_for: str | None = None
    """Name of the area whose goods the consignment carries."""
    prior: Entry | None = None
    """REPEATED, OUT_OF_SEQUENCE: the entry that speaks against it."""
    settled: bool = False
    """It held the gate, and that was acknowledged."""
    undone: bool = False
    """It was loaded by this scan, and taken off again or cancelled since."""
    departure: Departure | None = None
    """The item's last one; of what is shown large alone."""


def line(db: Connection, seq: int) -> ScanLine:
    """The scan of this entry."""
    entry = log.entry(db, seq)
    draft = entry.draft
    item = registry.item(db, draft.items[0]) if draft.items else None
    heading = draft.data.get("heading_for")
    belongs = draft.data.get("belongs_to")
    prior = draft.data.get("prior")
    before = log.entry(db, prior) if isinstance(prior, int) else None
    return ScanLine(
        entry=entry,
        verdict=Verdict(draft.verdict or Verdict.ACCEPTED),
        item=item,
        goes_to=_place(db, belongs),
        heading_for=_place(db, heading),
        prior=before,
        settled=_settled(db, seq),
        undone=draft.type is EntryType.LOADING and not _stands(db, entry),
    )


def _place(db: Connection, code: Json) -> str | None:
    if not isinstance(code, str):
        return None
    area, _, tps = code.partition("/")
    name = registry.area_name(db, area)
    return f"TPS {tps} {name}" if tps else name


def _stands(db: Connection, loading: Entry) -> bool:
    """True while the item is on the truck by this very scan."""
    row = db.execute(
        "SELECT 1 FROM consignment_item WHERE consignment = ? AND loaded_seq = ?"
        " AND item = ?",
        (loading.draft.consignment, loading.seq, *loading.draft.items),
    ).fetchone()
    return row is not None


def large(db: Connection, told: ScanLine) -> ScanLine:
    """The same with what only the large panel has room for."""
    if told.item is None:
        return told
    return replace(told, departure=departures.last(db, told.item.item.id))


def _settled(db: Connection, seq: int) -> bool:
    row = db.execute(
        "SELECT 1 FROM hold WHERE seq = ? AND acknowledged_seq IS NOT NULL", (seq,)
    ).fetchone()
    return row is not None
