"""The log: the only writer of the ledger's tables, and their reading.

One ``with log.writing()`` is one transaction: entries, index, tree and one
signed checkpoint reach the disk together, by one sync of the WAL, or not at
all. Nothing of the tree is kept in memory between two of them.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TypeAlias

from station.database import DatabaseError, transaction
from station.ledger import merkle
from station.ledger.body import decode, encode, index_items
from station.ledger.checkpoint import Checkpoint, Verifier
from station.ledger.reading import (
    Head,
    entries,
    entry,
    head,
    history,
    log_id,
    nodes,
)
from station.ledger.verify import check_tail
from station.model import (
    Clock,
    ClockState,
    Draft,
    Entry,
    EntryType,
    Instant,
    Json,
    StationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from station.database import Connection
    from station.ledger.checkpoint import Signer

__all__ = [
    "Batch",
    "Head",
    "Log",
    "entries",
    "entry",
    "head",
    "history",
    "log_id",
    "nodes",
]

Project: TypeAlias = "Callable[[Connection, Entry], None]"
"""Writes what an entry means into the projections; runs in its transaction."""

WRITTEN_MS = 1_767_225_600_000
"""2026-01-01: a wall clock before it was never set."""
_JUMP_MS = 2_000
_BOOT_CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BOOT_LENGTH = 26
_TAIL = 1_000
"""How many of the newest entries are checked at every start."""


class Log:
    """Our own log, open for appending on the writing connection."""

    origin: str

    def __init__(self, db: Connection, signer: Signer, clock: Clock) -> None:
        """Use ``create`` or ``open``."""
        self._db = db
        self._signer = signer
        self._clock = clock
        self._project: Project | None = None
        self._fault: str | None = None
        self.boot = "".join(
            secrets.choice(_BOOT_CHARACTERS) for _ in range(_BOOT_LENGTH)
        )

    @classmethod
    def create(  # noqa: PLR0913 - the parts of a genesis, each named at the call
        cls,
        db: Connection,
        *,
        origin: str,
        place: str,
        signer: Signer,
        clock: Clock,
        project: Project | None = None,
        predecessor: str | None = None,
    ) -> Self:
        """A new log whose entry 0 names its public key, place and predecessor.

        Args:
            db: The writing connection of a database without a log of its own.
            origin: ``jejak/<kab>/<place>/g<generation>``; also the key's name.
            place: The id of the place where the station stands.
            signer: The station's key.
            clock: The station's clock.
            project: Called with each entry inside its transaction.
            predecessor: The last cosigned checkpoint of the generation before.

        Raises:
            StationError: A log has begun already, or the origin is malformed.
        """
        log = cls(db, signer, clock)
        log._project = project
        vkey = signer.vkey(origin)
        data: dict[str, Json] = {
            "genesis": True,
            "vkey": vkey,
            "predecessor": predecessor,
        }
        genesis = Draft(
            type=EntryType.REGISTRY,
            event=clock(),
            actor="system",
            place=place,
            data=data,
        )
        with transaction(db):
            if db.execute("SELECT 1 FROM log WHERE mine = 1").fetchone():
                raise StationError("Expected no log of our own yet, found one.")
            db.execute(
                "INSERT INTO log (origin, vkey, mine, predecessor) VALUES (?, ?, 1, ?)",
                (origin, vkey, predecessor),
            )
            log._adopt()
            batch = Batch(log)
            batch.append(genesis)
            batch.seal()
        return log

    @classmethod
    def open(
        cls,
        db: Connection,
        signer: Signer,
        clock: Clock,
        project: Project | None = None,
    ) -> Self:
        """The log in this database, its newest part checked.

        Raises:
            StationError: There is none, the key is not the log's, or the newest
                1,000 entries do not lead to the last signed checkpoint.
        """
        log = cls(db, signer, clock)
        log._project = project
        log._adopt()
        log.recheck()
        return log

    def recheck(self) -> None:
        """Check key, newest checkpoint and newest entries; then append again.

        Raises:
            StationError: They do not agree: nothing may be appended.
        """
        check_tail(self._db, self.vkey, _TAIL)
        self._fault = None

    @contextmanager
    def writing(self) -> Iterator[Batch]:
        """A batch of entries, one transaction; on the disk when the block ends.

        Whatever is raised inside undoes all of it. After a fault of the
        database the tables are rechecked before the next append.

        Raises:
            StationError: The recheck failed.
            DatabaseError: The disk is full, or worse; nothing was recorded.
        """
        if self._fault is not None:
            self.recheck()
        try:
            with transaction(self._db):
                batch = Batch(self)
                yield batch
                batch.seal()
        except DatabaseError as fault:
            self._fault = str(fault)
            raise

    def _adopt(self) -> None:
        """Take origin and row of our own log from the table.

        Raises:
            StationError: The key is not the log's.
        """
        self.log_id = log_id(self._db)
        row = self._db.execute(
            "SELECT origin, vkey FROM log WHERE log_id = ?", (self.log_id,)
        ).fetchone()
        self.origin, self.vkey = row
        if self._signer.vkey(self.origin) != self.vkey:
            raise StationError(
                f"The key of this station is not that of {self.origin}: put the "
                "right key file back, or begin a next generation."
            )
        self._verifier = Verifier(self.vkey)


class Batch:
    """The entries of one transaction, from ``Log.writing``."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._db = log._db  # noqa: SLF001 - one class in two halves
        row = self._db.execute(
            "SELECT seq, body FROM entry WHERE log_id = ? ORDER BY seq DESC LIMIT 1",
            (log.log_id,),
        ).fetchone()
        self._start = 0 if row is None else int(row["seq"]) + 1
        self._next = self._start
        self._last = None if row is None else decode(row["body"])

    def append(self, draft: Draft) -> Entry:
        """The entry as recorded; durable only when the batch's block has ended.

        Raises:
            StationError: A field of the draft cannot be recorded.
        """
        log, db = self._log, self._db
        now = log._clock()  # noqa: SLF001
        made = Entry(
            log=log.origin,
            seq=self._next,
            draft=draft,
            entry_ms=now.wall_ms,
            boot=log.boot,
            mono_ms=now.mono_ms,
            clock=clock_state(self._last, now, log.boot),
        )
        body = encode(made)
        items = index_items(draft.items)
        # What is projected and given back is what the bytes say, no more.
        recorded = decode(body)
        db.execute(
            "INSERT INTO entry (log_id, seq, leaf_hash, body, type)"
            " VALUES (?, ?, ?, ?, ?)",
            (log.log_id, made.seq, merkle.leaf_hash(body), body, str(draft.type)),
        )
        if items:
            db.executemany(
                "INSERT INTO entry_item (log_id, seq, item) VALUES (?, ?, ?)",
                [(log.log_id, made.seq, item) for item in items],
            )
        if log._project is not None:  # noqa: SLF001
            log._project(db, recorded)  # noqa: SLF001
        self._next += 1
        self._last = recorded
        return recorded

    def seal(self) -> None:
        """Grow the tree over the new entries and sign its head.

        Raises:
            StationError: The stored tree is not the one last signed, or a row
                was read back otherwise than it was written.
        """
        if self._next == self._start:
            return
        log, db = self._log, self._db
        edge = self._edge()
        made: list[tuple[int, int, int, bytes]] = []
        # Read back and hash again: one bit that flips between the hash and the
        # row ended a public log (Yeti, 2022).
        for seq, body, leaf in db.execute(
            "SELECT seq, body, leaf_hash FROM entry WHERE log_id = ? AND seq >= ?"
            " ORDER BY seq",
            (log.log_id, self._start),
        ):
            if merkle.leaf_hash(body) != leaf:
                raise StationError(
                    f"Entry {seq} was read back otherwise than it was written: "
                    "memory or disk is failing; nothing was recorded."
                )
            made += [(log.log_id, *node) for node in edge.push(leaf)]
        db.executemany(
            "INSERT INTO node (log_id, level, idx, hash) VALUES (?, ?, ?, ?)", made
        )
        signed = Checkpoint(log.origin, edge.size, edge.root())
        note = log._signer.sign(log.origin, signed.size, signed.root)  # noqa: SLF001
        if edge.size != self._next or log._verifier.verify(note) != signed:  # noqa: SLF001
            raise StationError("The new head does not hold: nothing was recorded.")
        db.execute(
            "INSERT INTO checkpoint (log_id, size, root, note) VALUES (?, ?, ?, ?)",
            (log.log_id, signed.size, signed.root, note),
        )

    def _edge(self) -> merkle.Frontier:
        """The edge of the stored tree, found to be the one that was signed.

        Raises:
            StationError: It is not.
        """
        if self._start == 0:
            return merkle.Frontier()
        read = nodes(self._db, self._log.log_id)
        edge = merkle.Frontier.read(self._start, read)
        last = head(self._db)
        if (last.size, last.root) != (edge.size, edge.root()):
            raise StationError(
                "The tree is not the one that was last signed: nothing is recorded; "
                "run `jejak verify` and keep the file."
            )
        return edge


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
