"""The log: the only writer of the ledger's tables, and their reading.

One ``with log.writing()`` is one transaction: entries, index, tree and one
signed checkpoint reach the disk together, by one sync of the WAL, or not at
all. What is kept in memory between two of them is believed only when the newest
checkpoint in the table says the same.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from labels.check_characters import CROCKFORD
from station.errors import OperationRefused, RefusalReason, StationError
from station.ledger.batch import WRITTEN_MS, Batch, End, OwnLog, Project
from station.ledger.checkpoint import Verifier
from station.ledger.log_reading import (
    Head,
    entries,
    entry,
    head,
    history,
    log_id,
    nodes,
)
from station.ledger.verify import check_tail
from station.model import Clock, Draft, EntryType, Instant, Json
from station.storage.database import DatabaseError, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.ledger.checkpoint import Signer
    from station.storage.database import Connection

__all__ = [
    "WRITTEN_MS",
    "Batch",
    "Head",
    "Log",
    "Project",
    "entries",
    "entry",
    "head",
    "history",
    "log_id",
    "nodes",
]

_BOOT_LENGTH = 26
_TAIL = 1_000
"""How many of the newest entries are checked at every start."""
_FULL = 13
_LASTING = frozenset({8, 10, 11, 14, 26})
"""READONLY, IOERR, CORRUPT, CANTOPEN, NOTADB: a failed sync is never tried again,
since the kernel may have dropped the pages and say yes the second time."""


class Log:
    """Our own log, open for appending on the writing connection."""

    def __init__(self, db: Connection, own: OwnLog) -> None:
        """Use ``create`` or ``open``."""
        self.origin = own.origin
        self.log_id = own.log_id
        self.boot = own.boot
        self.db = db
        """The writing connection."""
        self._own = own
        self._end: End | None = None
        """Where the log ended after the last commit of this object."""
        self._fault: str | None = None
        self._lasting = False

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
            place: The id of the station's place.
            signer: The station's key.
            clock: The station's clock.
            project: Called with each entry inside its transaction.
            predecessor: The last cosigned checkpoint of the generation before.

        Raises:
            StationError: A log has begun already, or the origin is malformed.
        """
        vkey = signer.vkey(origin)
        genesis = _genesis(clock(), place, vkey, predecessor)
        with transaction(db):
            if db.execute("SELECT 1 FROM log WHERE mine = 1").fetchone():
                raise StationError("Expected no log of our own yet, found one.")
            db.execute(
                "INSERT INTO log (origin, vkey, mine, predecessor) VALUES (?, ?, 1, ?)",
                (origin, vkey, predecessor),
            )
            own = _own_log(db, signer, clock, project, place)
            batch = Batch(db, own)
            batch.append(genesis)
            batch.seal()
        return cls(db, own)

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
        place = entry(db, 0).draft.place
        log = cls(db, _own_log(db, signer, clock, project, place))
        log.recheck()
        return log

    @property
    def size(self) -> int:
        """How many entries the newest checkpoint signs.

        Raises:
            OperationRefused: The database failed.
        """
        try:
            return head(self.db).size
        except DatabaseError as fault:
            raise self._failed(fault) from fault

    def recheck(self) -> None:
        """Check the newest checkpoint and entries; then append again.

        Raises:
            StationError: They do not agree: nothing may be appended.
            OperationRefused: The database failed in a way that only opening it anew can
                mend.
        """
        if self._lasting:
            raise OperationRefused(
                RefusalReason.LEDGER_UNCLEAR,
                f"The database failed ({self._fault}): nothing more is recorded. "
                "Check the disk, then start the station again.",
            )
        check_tail(self.db, self._own.verifier, _TAIL)
        self._fault = None

    @contextmanager
    def writing(self) -> Iterator[Batch]:
        """A batch of entries, one transaction; on the disk when the block ends.

        Whatever is raised inside undoes all of it. After a fault of the
        database the tables are rechecked before the next append.

        Raises:
            StationError: The recheck failed; nothing was recorded.
            OperationRefused: The disk is full, or the database failed; the same.
        """
        try:
            if self._fault is not None:
                self.recheck()
            with transaction(self.db):
                batch = Batch(self.db, self._own, self._end)
                yield batch
                end = batch.seal()
            self._end = end  # Only now is it on the disk.
        except DatabaseError as fault:
            raise self._failed(fault) from fault

    def _failed(self, fault: DatabaseError) -> OperationRefused:
        """The refusal for a fault of the database, which is remembered."""
        code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
        self._fault = str(fault)
        self._lasting = code in _LASTING
        if code == _FULL:
            return OperationRefused(
                RefusalReason.DISK_FULL,
                "The disk is full: nothing was recorded; free some space and scan "
                "again.",
                free=0,
            )
        return OperationRefused(
            RefusalReason.LEDGER_UNCLEAR,
            f"The database failed ({fault}): nothing was recorded.",
        )


def _genesis(at: Instant, place: str, vkey: str, predecessor: str | None) -> Draft:
    data: dict[str, Json] = {
        "genesis": True,
        "vkey": vkey,
        "predecessor": predecessor,
    }
    return Draft(
        type=EntryType.REGISTRY, event=at, actor="system", place=place, data=data
    )


def _own_log(
    db: Connection,
    signer: Signer,
    clock: Clock,
    project: Project | None,
    place: str,
) -> OwnLog:
    """Our own log as its table has it, for this run of the station.

    Raises:
        StationError: There is none, or the key is not its key.
    """
    own = log_id(db)
    origin, vkey = db.execute(
        "SELECT origin, vkey FROM log WHERE log_id = ?", (own,)
    ).fetchone()
    if signer.vkey(origin) != vkey:
        raise StationError(
            "The key of this station is not that of %(origin)s: put the right key "
            "file back, or begin a next generation.",
            origin=origin,
        )
    return OwnLog(
        log_id=own,
        origin=origin,
        place=place,
        signer=signer,
        verifier=Verifier(vkey),
        clock=clock,
        project=project,
        boot="".join(secrets.choice(CROCKFORD) for _ in range(_BOOT_LENGTH)),
    )
