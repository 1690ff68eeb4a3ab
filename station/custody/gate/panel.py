"""What a gate's screen shows: only what the ledger holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody.gate import scan_line
from station.custody.load import Load, open_load
from station.ledger import log
from station.model import Step, Verdict

if TYPE_CHECKING:
    from station.custody.gate.scan_line import ScanLine
    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Connection

RECENT = 5
"""Scans in the list of the last ones."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything on a gate's screen but the camera picture."""

    gate: str
    title: str
    step: Step
    rev: int
    """Entries in the log; the screen is as new as this."""
    load: Load | None
    holds: tuple[ScanLine, ...]
    """Open holds, oldest first; the line is free when there is none."""
    last: ScanLine | None
    recent: tuple[ScanLine, ...]
    foreign: int
    unread: int
    shift: str | None
    """Person id of who has the shift; None: its cameras record nothing."""
    tried: bool
    """A camera read the test label well in this shift."""


def panel(db: Connection, gate: GateSettings) -> Panel:
    """What the screen of this gate shows now."""
    load = open_load(db, gate.name)
    recent = tuple(scan_line.line(db, seq) for seq in _recent_seqs(db, gate.name))
    recent = tuple(scan_line.large(db, line) for line in recent[:1]) + recent[1:]
    holds = tuple(
        scan_line.large(db, scan_line.line(db, seq))
        for seq in open_holds(db, gate.name)
    )
    tally = _tally(db, load, gate.step)
    return Panel(
        gate=gate.name,
        title=gate.title,
        step=gate.step,
        rev=log.head(db).size,
        load=load,
        holds=holds,
        last=recent[0] if recent else None,
        recent=recent,
        foreign=tally.get(Verdict.FOREIGN, 0),
        unread=tally.get(Verdict.UNREAD, 0),
        shift=shift(db, gate.name),
        tried=_tried(db, gate.name),
    )


def shift(db: Connection, gate: str) -> str | None:
    """Person id of who has the shift at this gate, or None."""
    row = db.execute("SELECT person FROM shift WHERE gate = ?", (gate,)).fetchone()
    return None if row is None else str(row["person"])


def _tried(db: Connection, gate: str) -> bool:
    row = db.execute("SELECT tried_seq FROM shift WHERE gate = ?", (gate,)).fetchone()
    return row is not None and row["tried_seq"] is not None


def open_holds(db: Connection, gate: str) -> list[int]:
    """The entries that hold this gate, oldest first."""
    rows = db.execute(
        "SELECT seq FROM hold WHERE gate = ? AND acknowledged_seq IS NULL ORDER BY seq",
        (gate,),
    )
    return [row["seq"] for row in rows]


def _recent_seqs(db: Connection, gate: str) -> list[int]:
    rows = db.execute(
        "SELECT seq FROM gate_scan WHERE gate = ? ORDER BY seq DESC LIMIT ?",
        (gate, RECENT),
    )
    return [row["seq"] for row in rows]


def _tally(db: Connection, load: Load | None, step: Step) -> dict[str, int]:
    if load is None:
        return {}
    rows = db.execute(
        "SELECT verdict, n FROM tally WHERE consignment = ? AND step = ?",
        (load.id, step),
    )
    return {row["verdict"]: row["n"] for row in rows}
