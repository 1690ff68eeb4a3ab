"""A connection as the tables of sqlite-utils: migrations, and rows on rare paths.

Import it where it is used: sqlite-utils takes as long to import as the rest of the
station (0.15 s on a calm machine), and an insert costs it four times the driver's time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils import Database

from station.storage import database

if TYPE_CHECKING:
    from station.storage.database import Connection

# Before anything is written by it: both must have the same copy of SQLite.
database.assert_one_driver()


def tables_of(db: Connection) -> Database:
    """The same connection for sqlite-utils, which leaves its pragmas as they are."""
    return Database(db, recursive_triggers=False, execute_plugins=False)
