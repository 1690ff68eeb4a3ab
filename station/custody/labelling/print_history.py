"""Print jobs that were handed over: who, when, on what, what, and the digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.label_code import expand
from station.custody.labelling.print_errors import PrintError, PrintObstacle
from station.errors import StationError
from station.ledger import log as ledger
from station.model import EntryType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.model import Entry
    from station.storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedJob:
    """A job as its first entry tells it."""

    seq: int
    """Its first entry."""
    parts: int
    """How many entries it takes, one after the other."""
    wall_ms: int
    """When it was handed over, UTC milliseconds."""
    actor: str
    stock: str
    form: str
    labels: int
    copies: int | None
    skip: int
    target: str
    reason: str | None
    """Why labels were printed again."""
    sha256: str

    def pages(self, per_page: int) -> int:
        """How many pages it had, on a stock with so many labels a page."""
        return -(-(self.skip + self.labels) // per_page)


def jobs(db: Connection, before: int | None, most: int) -> list[PrintedJob]:
    """The last jobs, newest first: no more than ``most``, from before that entry."""
    rows = db.execute(
        "SELECT seq FROM entry"
        " WHERE log_id = :log AND type = 'system'"
        " AND (:before IS NULL OR seq < :before)"
        " AND json_extract(CAST(body AS TEXT), '$.data.event') = 'print'"
        " AND json_extract(CAST(body AS TEXT), '$.data.part[0]') = 1"
        " ORDER BY seq DESC LIMIT :most",
        {"log": ledger.log_id(db), "before": before, "most": most},
    ).fetchall()
    return [_told(ledger.entry(db, row["seq"])) for row in rows]


def job(db: Connection, seq: int) -> PrintedJob:
    """The job that begins in this entry.

    Raises:
        PrintError: the entry is not there, or begins no print job.
    """
    try:
        entry = ledger.entry(db, seq)
    except StationError:
        entry = None
    if entry is None or not _begins_a_job(entry):
        raise PrintError(
            PrintObstacle.NO_JOB,
            "Expected a print job, entry %(seq)s is none; choose another.",
            seq=seq,
        )
    return _told(entry)


def items(db: Connection, of: PrintedJob) -> Iterator[str]:
    """Ids of everything whose label the job held."""
    for seq in range(of.seq, of.seq + of.parts):
        yield from expand(ledger.entry(db, seq).draft.items)


def targets(db: Connection, most: int) -> list[str]:
    """Printers that took the last jobs, each once, newest first."""
    found = dict.fromkeys(one.target for one in jobs(db, None, 200))
    found.pop("file", None)
    return list(found)[:most]


def _begins_a_job(entry: Entry) -> bool:
    data = entry.draft.data
    part = data.get("part")
    return (
        entry.draft.type is EntryType.SYSTEM
        and data.get("event") == "print"
        and isinstance(part, list)
        and part[:1] == [1]
    )


def _told(entry: Entry) -> PrintedJob:
    data = entry.draft.data
    part, copies, reason = data["part"], data["copies"], data.get("reason")
    return PrintedJob(
        seq=entry.seq,
        parts=int(str(part[1])) if isinstance(part, list) else 1,
        wall_ms=entry.draft.event.wall_ms,
        actor=entry.draft.actor,
        stock=str(data["stock"]),
        form=str(data["form"]),
        labels=int(str(data["labels"])),
        copies=copies if isinstance(copies, int) else None,
        skip=int(str(data["skip"])),
        target=str(data["target"]),
        reason=None if reason is None else str(reason),
        sha256=str(data["sha256"]),
    )
