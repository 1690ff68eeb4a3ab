"""The entries of one transaction: appended one by one, sealed by one checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from station.errors import StationError
from station.ledger import merkle
from station.ledger.checkpoint import Checkpoint, Signer, Verifier
from station.ledger.entry_body import index_items, inscribe
from station.ledger.log_reading import entry, nodes
from station.model import Clock, ClockState, Draft, Entry, EntryType, Instant, Json
from station.storage.database import Connection

Project: TypeAlias = Callable[[Connection, Entry], None]
"""Writes what an entry means into the projections; runs in its transaction."""

WRITTEN_MS = 1_767_225_600_000
"""2026-01-01: a wall clock that stands before it was never set."""
_JUMP_MS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLog:
    """What an entry of our own log needs besides its draft."""

    log_id: int
    origin: str
    place: str
    """Where the station stands, as entry 0 says."""
    signer: Signer
    verifier: Verifier
    clock: Clock
    project: Project | None
    boot: str
    """26 random characters; names this run of the station."""


@dataclass(frozen=True, slots=True)
class End:
    """Where a log ends: the edge of its tree and its last entry."""

    edge: merkle.Frontier
    last: Entry | None
    """None: the log is empty."""


class Batch:
    """The entries of one transaction; made by ``Log.writing``."""

    def __init__(self, db: Connection, own: OwnLog, known: End | None = None) -> None:
        """Begin where the log ends.

        Args:
            db: The writing connection, in a transaction.
            own: Our own log.
            known: Where it ended after the last commit; used only if that is
                what the newest checkpoint in the table says.

        Raises:
            StationError: The stored tree is not the one that was last signed.
        """
        self.db = db
        """The writing connection; what was appended so far is seen on it."""
        self.place = own.place
        """Where the station stands, for drafts."""
        self._own = own
        end = _end(db, own.log_id, known)
        self._edge = end.edge
        self._last = end.last
        self._next = end.edge.size
        self._half = False
        """An entry is in the table, and what it means is not."""

    @property
    def next_seq(self) -> int:
        """The seq of the entry that is appended next."""
        return self._next

    def append(self, draft: Draft) -> Entry:
        """The entry as recorded; durable only when the batch's block has ended.

        Raises:
            StationError: A field of the draft cannot be recorded.
        """
        own, db = self._own, self.db
        now = own.clock()
        made = Entry(
            log=own.origin,
            seq=self._next,
            draft=draft,
            entry_ms=now.wall_ms,
            boot=own.boot,
            mono_ms=now.mono_ms,
            clock=clock_state(self._last, now, own.boot),
        )
        # What is projected and given back is what the bytes say, no more.
        body, recorded = inscribe(made)
        items = index_items(draft.items)
        self._half = True
        db.execute(
            "INSERT INTO entry (log_id, seq, leaf_hash, body, type)"
            " VALUES (?, ?, ?, ?, ?)",
            (own.log_id, made.seq, merkle.leaf_hash(body), body, draft.type),
        )
        if items:
            db.executemany(
                "INSERT INTO entry_item (log_id, seq, item) VALUES (?, ?, ?)",
                [(own.log_id, made.seq, item) for item in items],
            )
        if own.project is not None:
            own.project(db, recorded)
        self._half = False
        self._next += 1
        self._last = recorded
        return recorded

    def note(  # noqa: PLR0913 - where it was and what it is about, each by name
        self,
        event: str,
        facts: Mapping[str, Json],
        *,
        actor: str,
        at: Instant,
        gate: str | None = None,
        consignment: str | None = None,
        items: tuple[str, ...] = (),
    ) -> Entry:
        """Append a ``system`` entry: an event of the station, and its facts.

        Raises:
            StationError: A fact cannot be recorded.
        """
        return self.append(
            Draft(
                type=EntryType.SYSTEM,
                event=at,
                actor=actor,
                place=self.place,
                gate=gate,
                consignment=consignment,
                items=items,
                data={"event": event, **facts},
            )
        )

    def seal(self) -> End:
        """Grow the tree over the new entries and sign its head; where it ends now.

        Raises:
            StationError: An append failed half way, or a row was read back
                otherwise than it was written.
        """
        own, edge = self._own, self._edge
        if self._half:  # Its exception was caught inside the batch's block.
            raise StationError("An append failed half way: nothing was recorded.")
        if self._next == edge.size:
            return End(edge, self._last)
        self._grow(edge)
        signed = Checkpoint(own.origin, edge.size, edge.root())
        note = own.signer.sign(own.origin, signed.size, signed.root)
        if edge.size != self._next or own.verifier.verify(note) != signed:
            raise StationError("The new head does not hold: nothing was recorded.")
        self.db.execute(
            "INSERT INTO checkpoint (log_id, size, root, note) VALUES (?, ?, ?, ?)",
            (own.log_id, signed.size, signed.root, note),
        )
        return End(edge, self._last)

    def _grow(self, edge: merkle.Frontier) -> None:
        """Add the new rows to the tree and store the nodes that they complete.

        Raises:
            StationError: A row was read back otherwise than it was written.
        """
        log_id = self._own.log_id
        made: list[tuple[int, int, int, bytes]] = []
        # Read back and hash again: one bit that flipped between the hash and the
        # row ended a public log (Yeti, 2022).
        for seq, body, leaf in self.db.execute(
            "SELECT seq, body, leaf_hash FROM entry WHERE log_id = ? AND seq >= ?"
            " ORDER BY seq",
            (log_id, edge.size),
        ):
            if merkle.leaf_hash(body) != leaf:
                raise StationError(
                    "Entry %(seq)s was read back otherwise than it was written: "
                    "memory or disk is failing; nothing was recorded.",
                    seq=seq,
                )
            made += [(log_id, *node) for node in edge.push(leaf)]
        self.db.executemany(
            "INSERT INTO node (log_id, level, idx, hash) VALUES (?, ?, ?, ?)", made
        )


def _end(db: Connection, log_id: int, known: End | None) -> End:
    """Where the log ends in the tables, held against its newest checkpoint.

    Raises:
        StationError: The stored tree is not the one that was last signed.
    """
    row = db.execute(
        "SELECT size, root FROM checkpoint WHERE log_id = ? ORDER BY size DESC LIMIT 1",
        (log_id,),
    ).fetchone()
    if row is None:
        return End(merkle.Frontier(), None)
    signed = tuple(row)
    if known is not None and signed == (known.edge.size, known.edge.root()):
        return End(known.edge.copy(), known.last)
    edge = merkle.Frontier.read(row["size"], nodes(db, log_id))
    if signed != (edge.size, edge.root()):
        raise StationError(
            "The tree is not the one that was last signed: nothing is recorded; "
            "run `jejak verify` and keep the file."
        )
    return End(edge, entry(db, edge.size - 1))


def clock_state(last: Entry | None, now: Instant, boot: str) -> ClockState:
    """How far the wall clock can be believed, seen from the entry before."""
    if now.wall_ms < WRITTEN_MS:
        return ClockState.UNSET
    if last is None:
        return ClockState.OK
    wall_ms = now.wall_ms - last.entry_ms
    if wall_ms < 0:
        return ClockState.BACK
    if last.boot == boot and abs(wall_ms - (now.mono_ms - last.mono_ms)) > _JUMP_MS:
        return ClockState.JUMP
    return ClockState.OK
