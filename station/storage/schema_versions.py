"""schema.sql, the versions that it had, and which of them a database has.

A database is never opened for writing when its tables and triggers are not, to the
letter, those of a released version: a trigger that somebody added could alter entries
before they are signed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Protocol

from station.errors import StationError


class Readable(Protocol):
    """A connection, as far as it is read here; ``database`` imports this module."""

    def execute(self, sql: str, /) -> Any:  # noqa: ANN401 - the driver's own cursor
        """Run one statement."""
        ...


APPLICATION_ID = 0x4A656A6B
"""``Jejk`` in the file's header; file(1) and ``jejak doctor`` read it."""
DIGESTS = (
    "5834366942dbe949106943f3209d3133027f1b30e567c056118f1beeba72115b",  # 7076f06
    "7d9afd1bc6a0f6b105fcf4f3d9b06f7d2bcdb04e250bc93675f4b64d71591298",
)
"""``digest`` of each version, 1 first; only ever added to, by every change of
schema.sql that SQLite keeps (comments between its statements are not)."""
SCHEMA_VERSION = len(DIGESTS)
"""That of schema.sql, which states it as its ``user_version``."""


def schema() -> str:
    """The text of schema.sql: in this package in a wheel, above in a checkout."""
    package = Path(__file__).resolve().parents[1]
    shipped = package / "schema.sql"
    path = shipped if shipped.is_file() else package.parent / "schema.sql"
    return path.read_text(encoding="utf-8")


def version(db: Readable) -> int:
    """The version of schema.sql that this database says it has."""
    (found,) = db.execute("PRAGMA user_version").fetchone()
    return int(found)


def digest(db: Readable) -> str:
    """SHA-256 (hex) of every table, index, trigger and view, as SQLite keeps it."""
    found = hashlib.sha256()
    for row in db.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master"
        " WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY type, name"
    ):
        found.update(repr(tuple(row)).encode())
    return found.hexdigest()


def check(db: Readable, path: Path, *, writes: bool, older: bool) -> None:
    """Let a station's database of this release pass.

    Args:
        db: A new connection to it.
        path: Its file.
        writes: Whether it is to be written: its tables and triggers are compared
            then. The pages open a reader for every request and do without.
        older: Whether one of an older release passes too.

    Raises:
        StationError: It is another file, a newer release's, an older one's, or
            somebody changed its tables or triggers.
    """
    (application,) = db.execute("PRAGMA application_id").fetchone()
    if application != APPLICATION_ID:
        raise StationError(
            "Expected a station's database, %(path)s is another file.",
            path=path,
        )
    found = version(db)
    if found > SCHEMA_VERSION:
        raise StationError(
            "Expected schema version %(schema_version)s or older in %(path)s, got "
            "%(found)s: a newer release of Jejak has worked in this folder; "
            "install that release or a later one. Nothing was changed.",
            schema_version=SCHEMA_VERSION,
            path=path,
            found=found,
        )
    if writes and (found < 1 or digest(db) != DIGESTS[found - 1]):
        raise StationError(
            "The tables or triggers of %(path)s are not those that this release, "
            "or an older one, laid: nothing is recorded; run `jejak verify` and "
            "keep the file.",
            path=path,
        )
    if found < SCHEMA_VERSION and not older:
        raise StationError(
            "Expected schema version %(schema_version)s in %(path)s, got "
            "%(found)s, an older release's: run `jejak serve`, or `jejak rebuild`, "
            "once with this release, which brings the folder up to date. Nothing "
            "was changed.",
            schema_version=SCHEMA_VERSION,
            path=path,
            found=found,
        )
