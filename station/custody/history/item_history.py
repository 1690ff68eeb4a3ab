"""What supervisors look at: the five rights, what is late, the history of an item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody import departures, registry
from station.custody.load import find_ends
from station.ledger import log
from station.model import EntryType, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.custody.departures import Departure
    from station.custody.load import Ends
    from station.custody.registry import NamedItem
    from station.model import Disposition, Entry
    from station.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Rights:
    """What speaks against the five rights (tepat jumlah, jenis, ...) at this station.

    Scans that held a gate are counted once each, settled or not, unless they were
    corrected.
    """

    not_received: int
    """Number: departed, and missing when its consignment was closed at the end."""
    on_road: int
    """Number: departed, and its consignment is not closed at the end yet."""
    unexpected: int
    """Kind: not on the list."""
    misrouted: int
    """Destination: for another place."""
    unknown: int
    """Destination: not registered here."""
    waiting: int
    """Time: planned, and not accepted at the end of its way down yet."""
    late: int
    """Time: trucks on the way after their planned arrival."""
    out_of_sequence: int
    """Time: in an order that cannot be."""
    superseded: int
    """Quality: an old label."""
    unread: int
    """Quality: labels seen and never read."""
    harmed: int
    """Quality: boxes whose last told condition is not good."""


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


def rights(
    db: Connection, now_ms: int, routes: Mapping[str, int], waiting: int
) -> Rights:
    """The figures behind the five rights, of the whole station.

    Args:
        db: Any connection of the station.
        now_ms: The present, UTC milliseconds.
        routes: Minutes to a place, by its code.
        waiting: How many have not arrived, as ``progress.waiting`` counts them.
    """
    not_received, on_road = db.execute(
        "SELECT"
        " coalesce(sum(departed - accepted) FILTER (WHERE phase = 'accepted'), 0),"
        " coalesce(sum(departed - accepted)"
        "  FILTER (WHERE phase IN ('departed', 'arriving')), 0)"
        " FROM consignment_progress"
    ).fetchone()
    (unread,) = db.execute(
        "SELECT coalesce(sum(n), 0) FROM tally WHERE verdict = 'UNREAD'"
    ).fetchone()
    (harmed,) = db.execute(
        "SELECT count(*) FROM inspection AS told WHERE condition <> 'good' AND seq ="
        " (SELECT max(seq) FROM inspection WHERE inspection.item = told.item)"
    ).fetchone()
    held = _held_by_verdict(db)
    return Rights(
        not_received=not_received,
        on_road=on_road,
        unexpected=held.get(Verdict.UNEXPECTED, 0),
        misrouted=held.get(Verdict.MISROUTED, 0),
        unknown=held.get(Verdict.UNKNOWN, 0),
        waiting=waiting,
        late=late(db, now_ms, routes),
        out_of_sequence=held.get(Verdict.OUT_OF_SEQUENCE, 0),
        superseded=held.get(Verdict.SUPERSEDED, 0),
        unread=unread,
        harmed=harmed,
    )


def due(db: Connection, routes: Mapping[str, int]) -> dict[str, int]:
    """When each consignment on the way is to arrive, UTC milliseconds, by its id.

    As planned; where nothing was, by the time that its route takes, either way.

    Args:
        db: Any connection of the station.
        routes: Minutes to a place, by its code.
    """
    found = {}
    for row in db.execute(
        "SELECT id, area, arrives_ms, departed_seq FROM consignment"
        " WHERE phase = 'departed' AND departed_seq IS NOT NULL"
    ):
        if row["arrives_ms"] is not None:
            found[row["id"]] = int(row["arrives_ms"])
        elif row["area"] in routes:
            left = log.entry(db, row["departed_seq"]).draft.event.wall_ms
            found[row["id"]] = left + routes[row["area"]] * 60_000
    return found


def late(db: Connection, now_ms: int, routes: Mapping[str, int]) -> int:
    """How many consignments are on the way after they were to arrive."""
    return sum(at_ms < now_ms for at_ms in due(db, routes).values())


def _held_by_verdict(db: Connection) -> dict[str, int]:
    rows = db.execute(
        "SELECT json_extract(CAST(body AS TEXT), '$.verdict') AS verdict,"
        " count(*) AS n FROM hold"
        " JOIN entry ON entry.log_id = ? AND entry.seq = hold.seq"
        " WHERE hold.seq NOT IN (SELECT wrong FROM correction) GROUP BY 1",
        (log.log_id(db),),
    )
    return {row["verdict"]: row["n"] for row in rows}


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


def counts(db: Connection) -> tuple[int, int]:
    """(entries in the log, scans accepted at any gate), for health and the bar."""
    (accepted,) = db.execute(
        "SELECT count(*) FROM gate_scan WHERE accepted = 1"
    ).fetchone()
    return log.head(db).size, accepted
