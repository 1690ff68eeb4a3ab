"""The one door to SQLite: opens, lays and guards the file, and owns the writer.

Two copies of SQLite in one process lost acknowledged rows (POSIX locks belong
to the process), so no other module imports a driver. sqlite-utils takes
pysqlite3 first when it is installed; so does this module, and it refuses to
write when the two differ.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from station.errors import StationError
from station.storage import schema_versions
from station.storage.schema_versions import schema
from station.storage.writer_lock import WriterLock
from station.storage.writing_thread import Writer

if TYPE_CHECKING:
    import sqlite3 as _driver
    from collections.abc import Iterator
    from pathlib import Path
else:
    try:
        import pysqlite3 as _driver
    except ImportError:  # No wheel for this platform: the standard one will do.
        import sqlite3 as _driver

__all__ = [
    "Connection",
    "DatabaseError",
    "Row",
    "Writer",
    "WriterLock",
    "close_writer",
    "copy",
    "create",
    "driver",
    "frozen",
    "open_reader",
    "open_writer",
    "schema",
    "scratch",
    "snapshot",
    "transaction",
]

Connection = _driver.Connection
Row = _driver.Row
DatabaseError = _driver.Error
"""The base of everything that the driver raises."""

_COMMON = """
PRAGMA foreign_keys = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA busy_timeout = 5000;
"""
# NORMAL lost acknowledged entries in 144 of 160 simulated power cuts, FULL in
# none; fullfsync matters on macOS only. 4,000 pages are about 450 scans: one
# checkpoint (three more syncs) in that many, and a WAL of 16 MB. What is deleted is
# overwritten always: pages split and rows move, so that a name that is erased later
# would else have left copies behind.
_WRITING = """
PRAGMA synchronous = FULL;
PRAGMA fullfsync = ON;
PRAGMA checkpoint_fullfsync = ON;
PRAGMA wal_autocheckpoint = 4000;
PRAGMA secure_delete = ON;
"""
_READING = "PRAGMA query_only = ON;"


def driver() -> tuple[str, str]:
    """The driver's name (``pysqlite3`` or ``sqlite3``) and its SQLite version."""
    return _driver.__name__, _driver.sqlite_version


def create(path: Path) -> Connection:
    """A writing connection to a new database at ``path``, empty tables laid.

    Raises:
        StationError: Something stands at ``path`` already, or it cannot be made.
    """
    try:
        path.open("xb").close()
    except FileExistsError as fault:
        raise StationError(
            "Expected no file at %(path)s, found one: a ledger is never made over "
            "another; choose another folder.",
            path=path,
        ) from fault
    except OSError as fault:
        raise StationError(
            "Cannot make %(path)s: %(reason)s.",
            path=path,
            reason=fault.strerror,
        ) from fault
    db = _connect(path, mode="rw")
    try:
        _journal(db, path)
        db.executescript(f"BEGIN IMMEDIATE;\n{schema()}\nCOMMIT;")
        db.executescript(_COMMON + _WRITING)
    except BaseException:
        db.close()
        path.unlink()  # A half-laid database must not look like a station.
        raise
    return db


def open_writer(path: Path, *, older: bool = False) -> Connection:
    """The writing connection: WAL, every commit synced before it returns.

    Call it once a process, under a ``WriterLock``; use it on one thread.

    Args:
        path: The station's database.
        older: Whether one that an older release laid is opened too, as it is.

    Raises:
        StationError: There is no station's database at ``path``, or its tables
            and triggers are not those of this release.
    """
    assert_one_driver()
    db = _connect(path, mode="rw")
    try:
        _assert_ours(db, path, writes=True, older=older)
        _journal(db, path)
        db.executescript(_COMMON + _WRITING)
    except BaseException:
        db.close()
        raise
    return db


def open_reader(path: Path, *, older: bool = False) -> Connection:
    """A connection that cannot write; works beside the running writer.

    Args:
        path: The station's database.
        older: Whether one that an older release laid is opened too; in it only the
            tables of the ledger are sure to be those of this release.

    Raises:
        StationError: There is no station's database of this release at ``path``.
    """
    db = _connect(path, mode="ro")
    try:
        _assert_ours(db, path, writes=False, older=older)
        db.executescript(_COMMON + _READING)
    except BaseException:
        db.close()
        raise
    return db


def scratch() -> Connection:
    """A database with empty tables, for the length of a check.

    It lies in memory, and in a nameless file of the system's once it grows.
    """
    db = _driver.connect("", isolation_level=None)
    db.row_factory = Row
    db.executescript(f"{schema()}\nPRAGMA synchronous = OFF;")
    return db


@contextmanager
def snapshot(db: Connection) -> Iterator[None]:
    """One view of the file for all that is read, while a station may be writing."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def copy(db: Connection, path: Path) -> None:
    """Copy one moment of the database to a new file without a WAL; not yet synced."""
    target = _driver.connect(path, isolation_level=None)
    try:
        target.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF;")
        # In one step: in several, each commit of the writer would begin it anew.
        db.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    finally:
        target.close()


def close_writer(db: Connection) -> None:
    """Move the WAL into the database file and close.

    What a reader is still reading stays in the WAL: nothing is lost by that, and
    whoever closes the file last, or opens it for writing next, moves it.
    """
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def empty_wal(db: Connection) -> bool:
    """Write the log's pages back and cut it to nothing; False: a reader holds it.

    It does not wait for that reader, and leaves no statement open: one that is not
    read to its end would keep the next transaction from its commit.
    """
    (patience,) = db.execute("PRAGMA busy_timeout").fetchone()
    db.execute("PRAGMA busy_timeout = 0").fetchall()
    try:
        (busy, *_) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        db.execute(f"PRAGMA busy_timeout = {int(patience)}").fetchall()
    return not busy


@contextmanager
def transaction(db: Connection) -> Iterator[None]:
    """One write transaction: committed at the end, undone by any exception.

    It takes the write lock at once, so what is read inside stays true until the
    commit. When the block ends without an exception the rows are on the disk.

    Raises:
        StationError: A transaction is open on this connection already.
    """
    if db.in_transaction:
        raise StationError(
            "Expected no open transaction, found one: writes are not nested; "
            "let the first one end."
        )
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # On a full disk SQLite may have rolled back itself.
            db.execute("ROLLBACK")
        raise


@contextmanager
def frozen(db: Connection, tables: frozenset[str]) -> Iterator[None]:
    """SQLite prepares no statement that would change these tables or their guards."""
    changes = {
        *(_driver.SQLITE_INSERT, _driver.SQLITE_UPDATE, _driver.SQLITE_DELETE),
        *(_driver.SQLITE_DROP_TABLE, _driver.SQLITE_DROP_TRIGGER),
        _driver.SQLITE_ALTER_TABLE,
    }

    def allow(action: int, one: str | None, two: str | None, *_: str | None) -> int:
        # The table is the first argument of some actions, the second of others.
        touched = action in changes and not tables.isdisjoint((one, two))
        return _driver.SQLITE_DENY if touched else _driver.SQLITE_OK

    db.set_authorizer(allow)
    try:
        yield
    finally:
        db.set_authorizer(None)


def _connect(path: Path, *, mode: str) -> Connection:
    if not path.is_file():
        raise StationError(
            "Expected a station's database at %(path)s, found none: run `jejak "
            "init`, or name the station's folder with --data.",
            path=path,
        )
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    db = _driver.connect(uri, uri=True, isolation_level=None)
    db.row_factory = Row
    return db


def _journal(db: Connection, path: Path) -> None:
    (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StationError(
            "Expected a write-ahead log for %(path)s, got %(mode)r: the folder "
            "must be on a local disk.",
            path=path,
            mode=mode,
        )


def assert_one_driver() -> None:
    """Let nothing be written where sqlite-utils has another driver than this module.

    Raises:
        StationError: It has.
    """
    utils = sys.modules.get("sqlite_utils.utils")
    if utils is not None and utils.sqlite3 is not _driver:
        raise StationError(
            "Expected one copy of SQLite, got %(name)s here and %(other)s in "
            "sqlite-utils: reinstall Jejak.",
            name=_driver.__name__,
            other=utils.sqlite3.__name__,
        )


def _assert_ours(db: Connection, path: Path, *, writes: bool, older: bool) -> None:
    try:
        schema_versions.check(db, path, writes=writes, older=older)
    except DatabaseError as fault:
        raise StationError(
            "Cannot read %(path)s as a database: %(fault)s.",
            path=path,
            fault=fault,
        ) from fault
