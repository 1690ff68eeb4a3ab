"""Who is signed in where: the browser holds a token, the directory its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody.accounts import directory
from station.ledger import log

if TYPE_CHECKING:
    from station.roles import Role
    from station.storage.database import Connection

IDLE_MS = 30 * 60_000
"""Without an act. A gate's page that only looks is none; a scan of its cameras is
one of whoever has the shift there."""
LONGEST_MS = 12 * 3_600_000
"""From signing in, whatever was done meanwhile: a shift and its hand-over."""
CLOCK_BACK_MS = 5 * 60_000
"""A clock set back farther ends the session: nobody knows how old it is."""
TOLD_EVERY_MS = 60_000
"""How exactly the newest act is kept."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in, as the pages see them."""

    token: str
    person: str
    role: Role
    name: str
    seen_ms: int
    by_code: bool
    """Signed in by a one-time code: a password must be chosen first."""


def begin(db: Connection, person: str, now_ms: int, *, by_code: bool) -> str:
    """A new session's token; sessions that are over are thrown away."""
    db.execute("DELETE FROM session WHERE started_ms < ?", (now_ms - LONGEST_MS,))
    token = secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO session (token_hash, person, started_ms, seen_ms, by_code)"
        " VALUES (?, ?, ?, ?, ?)",
        (_hash(token), person, now_ms, now_ms, int(by_code)),
    )
    return token


def end(db: Connection, token: str) -> None:
    """End one session."""
    db.execute("DELETE FROM session WHERE token_hash = ?", (_hash(token),))


def end_all(db: Connection, person: str) -> None:
    """End every session of a person."""
    db.execute("DELETE FROM session WHERE person = ?", (person,))


def known(db: Connection, token: str) -> bool:
    """True where a session of this token was begun and not ended, over or not."""
    row = db.execute("SELECT 1 FROM session WHERE token_hash = ?", (_hash(token),))
    return row.fetchone() is not None


def touch(db: Connection, token: str, now_ms: int) -> None:
    """Remember that something was done."""
    db.execute(
        "UPDATE session SET seen_ms = ? WHERE token_hash = ?", (now_ms, _hash(token))
    )


def visitor(db: Connection, token: str, now_ms: int) -> Visitor | None:
    """Who holds this token; None where the session is over or never was."""
    row = db.execute(
        "SELECT session.*, person.name FROM session"
        " JOIN person ON person.id = session.person WHERE token_hash = ?",
        (_hash(token),),
    ).fetchone()
    if row is None or not -CLOCK_BACK_MS <= now_ms - row["started_ms"] < LONGEST_MS:
        return None
    role = directory.role(db, row["person"])
    if role is None:
        return None
    if now_ms - row["seen_ms"] >= IDLE_MS:
        scanned_ms = _scanned_ms(db, row["person"])
        if scanned_ms is None or now_ms - scanned_ms >= IDLE_MS:
            return None
    return Visitor(
        token,
        row["person"],
        role,
        row["name"],
        row["seen_ms"],
        bool(row["by_code"]),
    )


def _scanned_ms(db: Connection, person: str) -> int | None:
    """When a gate at which this person has the shift recorded its newest scan."""
    row = db.execute(
        "SELECT max(gate_scan.seq) FROM gate_scan JOIN shift USING (gate)"
        " WHERE shift.person = ? AND gate_scan.seq > shift.seq",
        (person,),
    ).fetchone()
    return None if row[0] is None else log.entry(db, row[0]).entry_ms


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
