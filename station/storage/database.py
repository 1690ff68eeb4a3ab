"""The one door to SQLite: opens, lays and guards the file, and owns the writer.

Two copies of SQLite in one process lost acknowledged rows (POSIX locks belong
to the process), so no other module imports a driver. sqlite-utils takes
pysqlite3 first when it is installed; so does this module, and it refuses to
write when the two differ.
"""

from __future__ import annotations

import hashlib
import sys
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from station.errors import StationError
from station.storage.writer_lock import WriterLock
from station.storage.writing_thread import Writer

if TYPE_CHECKING:
    import sqlite3 as _driver
    from collections.abc import Iterator
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
    "open_reader",
    "open_writer",
    "schema",
    "scratch",
    "snapshot",
    "transaction",
    "unsafe_folder",
]

Connection = _driver.Connection
Row = _driver.Row
DatabaseError = _driver.Error
"""The base of everything that the driver raises."""

APPLICATION_ID = 0x4A656A6B
"""``Jejk`` in the file's header; file(1) and ``jejak doctor`` read it."""
SCHEMA_VERSION = 1

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


def schema() -> str:
    """The text of schema.sql: in this package in a wheel, above in a checkout."""
    package = Path(__file__).resolve().parents[1]
    shipped = package / "schema.sql"
    path = shipped if shipped.is_file() else package.parent / "schema.sql"
    return path.read_text(encoding="utf-8")


def create(path: Path) -> Connection:
    """A writing connection to a new database at ``path``, empty tables laid.

    Raises:
        StationError: Something stands at ``path`` already, or it cannot be made.
    """
    try:
        path.open("xb").close()
    except FileExistsError as fault:
        raise StationError(
            f"Expected no file at {path}, found one: a ledger is never made over "
            "another; choose another folder."
        ) from fault
    except OSError as fault:
        raise StationError(f"Cannot make {path}: {fault.strerror}.") from fault
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


def open_writer(path: Path) -> Connection:
    """The writing connection: WAL, every commit synced before it returns.

    Call it once a process, under a ``WriterLock``; use it on one thread.

    Raises:
        StationError: There is no station's database at ``path``, or its tables
            and triggers are not those of this release.
    """
    _assert_one_driver()
    db = _connect(path, mode="rw")
    try:
        _assert_ours(db, path)
        _journal(db, path)
        db.executescript(_COMMON + _WRITING)
    except BaseException:
        db.close()
        raise
    return db


def open_reader(path: Path) -> Connection:
    """A connection that cannot write; works beside the running writer.

    Raises:
        StationError: There is no station's database at ``path``.
    """
    db = _connect(path, mode="ro")
    try:
        _assert_ours(db, path, release=False)
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


def unsafe_folder(path: PurePath) -> str | None:
    """What makes this folder unfit for a ledger, or None when it is fit.

    A synchronising client copies the file in the middle of a write and may put
    an older one back; a network share may not honour locks.

        >>> from pathlib import PureWindowsPath
        >>> unsafe_folder(PureWindowsPath(r"C:/Users/gudang/OneDrive - KPU/jejak"))
        'OneDrive'
        >>> unsafe_folder(PureWindowsPath(r"//server/share/jejak"))
        'a network share'
        >>> unsafe_folder(PureWindowsPath(r"D:/jejak"))
    """
    if path.drive.startswith("\\\\"):
        return "a network share"
    synced = {
        "onedrive": "OneDrive",
        "dropbox": "Dropbox",
        "google drive": "Google Drive",
        "googledrive": "Google Drive",
        "my drive": "Google Drive",
        "drive saya": "Google Drive",
        "icloud": "iCloud",
        "nextcloud": "Nextcloud",
        "owncloud": "ownCloud",
        "megasync": "MEGA",
        "gvfs": "a network share",
    }
    for part in path.parts:
        for beginning, name in synced.items():
            if part.lower().startswith(beginning):
                return name
    return None


def _connect(path: Path, *, mode: str) -> Connection:
    if not path.is_file():
        raise StationError(
            f"Expected a station's database at {path}, found none: run `jejak init`, "
            "or name the station's folder with --data."
        )
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    db = _driver.connect(uri, uri=True, isolation_level=None)
    db.row_factory = Row
    return db


def _journal(db: Connection, path: Path) -> None:
    (mode,) = db.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StationError(
            f"Expected a write-ahead log for {path}, got {mode!r}: the folder must "
            "be on a local disk."
        )


def _assert_one_driver() -> None:
    utils = sys.modules.get("sqlite_utils.utils")
    if utils is not None and utils.sqlite3 is not _driver:
        raise StationError(
            f"Expected one copy of SQLite, got {_driver.__name__} here and "
            f"{utils.sqlite3.__name__} in sqlite-utils: reinstall Jejak."
        )


def _assert_ours(db: Connection, path: Path, *, release: bool = True) -> None:
    try:
        (application,) = db.execute("PRAGMA application_id").fetchone()
        (version,) = db.execute("PRAGMA user_version").fetchone()
        # Only a writer compares it; the pages open a reader for every request.
        digest = _schema_digest(db) if release else b""
    except DatabaseError as fault:
        raise StationError(f"Cannot read {path} as a database: {fault}.") from fault
    if application != APPLICATION_ID:
        raise StationError(f"Expected a station's database, {path} is another file.")
    if version != SCHEMA_VERSION:
        raise StationError(
            f"Expected schema version {SCHEMA_VERSION} in {path}, got {version}: "
            "use the release of Jejak that made it."
        )
    if release and digest != _release_digest():
        raise StationError(
            f"The tables or triggers of {path} are not those that this release "
            "laid: nothing is recorded; run `jejak verify` and keep the file."
        )


def _schema_digest(db: Connection) -> bytes:
    """SHA-256 of every table, index, trigger and view as SQLite stores its text."""
    digest = hashlib.sha256()
    for row in db.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master"
        " WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY type, name"
    ):
        digest.update(repr(tuple(row)).encode())
    return digest.digest()


def _release_digest() -> bytes:
    db = _driver.connect(":memory:", isolation_level=None)
    try:
        db.executescript(schema())
        return _schema_digest(db)
    finally:
        db.close()
