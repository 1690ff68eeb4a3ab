"""The five rights: what speaks against number, kind, destination, time and quality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody.consignment.overdue import late
from station.ledger import log
from station.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def _held_by_verdict(db: Connection) -> dict[str, int]:
    rows = db.execute(
        "SELECT json_extract(CAST(body AS TEXT), '$.verdict') AS verdict,"
        " count(*) AS n FROM hold"
        " JOIN entry ON entry.log_id = ? AND entry.seq = hold.seq"
        " WHERE hold.seq NOT IN (SELECT wrong FROM correction) GROUP BY 1",
        (log.log_id(db),),
    )
    return {row["verdict"]: row["n"] for row in rows}
