"""Numbered changes of the tables that entries cannot fill anew (sqlite-utils).

The projections need none: they are made anew. The ledger's tables are never changed.
How to add one: docs/development.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils.migrations import Migrations

from station.storage import schema_versions
from station.storage.sqlite_tables import tables_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlite_utils import Database

    from station.storage.database import Connection

migrations = Migrations("jejak")
"""Each is named ``0003_what_it_does`` after the schema version that it leads to."""


def apply(db: Connection, own: Iterable[str]) -> None:
    """Do what leads beyond the version of the file; the caller's transaction is open.

    A file that was laid with a later schema.sql has the outcome of those before: they
    are noted as done.

    Args:
        db: A connection on which the ledger is guarded and foreign keys are off.
        own: What lays the table of the migrations done, where the file has none.
    """
    tables = tables_of(db)
    if not tables.table(migrations.migrations_table).exists():
        for sql in own:
            db.execute(sql)
    version = schema_versions.version(db)
    tables.table(migrations.migrations_table).insert_all(
        {"migration_set": migrations.name, "name": one.name, "applied_at": "laid so"}
        for one in migrations.pending(tables)
        if int(one.name[:4]) <= version
    )
    migrations.apply(tables)


def reshape(db: Database, table: str, sql: str) -> None:
    """Give a table the shape that ``sql`` creates; what both shapes have is kept.

    sqlite-utils' own ``transform`` would lay a text of its own, and the file must have
    that of schema.sql. Indexes go with the old shape: create them again.
    """
    old = db.table(f"{table}_before")
    db.execute(f"ALTER TABLE {table} RENAME TO {old.name}")
    db.execute(sql)
    shared = db.table(table).columns_dict.keys() & old.columns_dict.keys()
    names = ", ".join(sorted(shared))
    db.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {old.name}")  # noqa: S608 - names from the schema
    old.drop()
