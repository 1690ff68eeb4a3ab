"""A database that an older release laid, brought up to this release's schema.sql.

Everything happens in one transaction: a process that is killed in it leaves the
database of the older release, as it was. SQLite itself refuses, while it runs, any
statement that would change a row or the shape of the ledger.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.errors import StationError
from station.language import Text
from station.storage import database, schema_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from station.storage.database import Connection

_TELL_US = Text(
    "this release has a fault, and nothing was changed; go on with the release before "
    "it and report the fault."
)
_OWN = "_sqlite_migrations"
"""Where sqlite-utils notes what was migrated; version 1 had no such table."""
LEDGER = frozenset(("log", "entry", "entry_item", "node", "checkpoint"))


def needed(db: Connection) -> bool:
    """Whether an older release laid this database."""
    return schema_versions.version(db) < schema_versions.SCHEMA_VERSION


def run(
    db: Connection, projections: Sequence[str], rebuild: Callable[[Connection], object]
) -> None:
    """Migrate, and make the projections anew if their part of schema.sql changed.

    Args:
        db: A writing connection, opened with ``older``; on no other thread.
        projections: The tables that ``rebuild`` fills.
        rebuild: Fills them, empty, from the entries; the transaction is open.

    Raises:
        StationError: The outcome is not what schema.sql lays, or ``rebuild`` cannot
            read an entry; nothing was changed.
    """
    from station.storage import migrations  # noqa: PLC0415 - brings sqlite-utils

    with closing(database.scratch()) as empty:
        wanted = _objects(empty)
    views = [one for one in wanted if one.kind == "view"]
    filled = [one for one in wanted if one.table in projections]
    with (
        _foreign_keys_off(db),
        database.transaction(db),
        database.frozen(db, LEDGER),
    ):
        found = _objects(db)
        for view in (one for one in found if one.kind == "view"):
            db.execute(f"DROP VIEW {view.name}")
        migrations.apply(db, (one.sql for one in wanted if one.table == _OWN))
        if filled != [one for one in found if one.table in projections]:
            for table in projections:
                db.execute(f"DROP TABLE IF EXISTS {table}")
            _lay(db, filled)
            rebuild(db)
        _lay(db, views)
        db.execute(f"PRAGMA user_version = {schema_versions.SCHEMA_VERSION}")
        _require_whole(db)


@dataclass(frozen=True, slots=True)
class _Object:
    """A table, index, trigger or view; the order is that of schema.sql."""

    kind: str
    name: str
    table: str
    """The table it belongs to; a table's or view's own name."""
    sql: str


def _objects(db: Connection) -> list[_Object]:
    rows = db.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        " AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid"
    )
    return [_Object(*row) for row in rows]


def _lay(db: Connection, objects: Iterable[_Object]) -> None:
    for one in objects:
        db.execute(one.sql)


def _require_whole(db: Connection) -> None:
    """Let the outcome pass, before it is committed, that schema.sql would lay.

    Raises:
        StationError: It is another; a migration is missing or wrong.
    """
    loose = db.execute("PRAGMA foreign_key_check").fetchone()
    if loose is not None:
        raise StationError(
            "Expected every row of %(table)s to have its %(parent)s, got one "
            "without: %(tell_us)s",
            table=loose["table"],
            parent=loose["parent"],
            tell_us=_TELL_US,
        )
    wanted = schema_versions.DIGESTS[-1]
    if schema_versions.digest(db) != wanted:
        raise StationError(
            "Expected the tables of this release after the migration, got others: "
            "%(tell_us)s",
            tell_us=_TELL_US,
        )


@contextmanager
def _foreign_keys_off(db: Connection) -> Iterator[None]:
    """No row is deleted because the table that it refers to is made anew.

    SQLite ignores these pragmas within a transaction.
    """
    db.executescript("PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON;")
    try:
        yield
    finally:
        db.executescript("PRAGMA foreign_keys = ON; PRAGMA legacy_alter_table = OFF;")
