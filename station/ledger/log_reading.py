"""What the ledger holds, read on any connection; ``log`` gives these names on.

Nothing here is re-hashed: ``verify`` does that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.errors import StationError
from station.ledger.entry_body import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.ledger.merkle import NodeReader
    from station.model import Entry
    from station.storage.database import Connection, Row


@dataclass(frozen=True, slots=True)
class Head:
    """The newest checkpoint of our own log."""

    origin: str
    size: int
    root: bytes
    """32 bytes."""
    note: str
    """The signed checkpoint, as exported and printed."""


def log_id(db: Connection) -> int:
    """The row of our own log.

    Raises:
        StationError: There is none yet.
    """
    row = db.execute("SELECT log_id FROM log WHERE mine = 1").fetchone()
    if row is None:
        raise StationError("Expected a ledger, found none begun: run `jejak init`.")
    return int(row[0])


def head(db: Connection) -> Head:
    """The newest checkpoint of our own log.

    Raises:
        StationError: The log has not begun.
    """
    row = db.execute(
        "SELECT origin, size, root, note FROM checkpoint JOIN log USING (log_id)"
        " WHERE log_id = ? ORDER BY size DESC LIMIT 1",
        (log_id(db),),
    ).fetchone()
    if row is None:
        raise StationError("Expected a signed checkpoint, found none in the ledger.")
    return Head(*row)


def entry(db: Connection, seq: int) -> Entry:
    """Entry ``seq`` of our own log.

    Raises:
        StationError: There is none, or its bytes are not an entry's.
    """
    row = db.execute(
        "SELECT body FROM entry WHERE log_id = ? AND seq = ?", (log_id(db), seq)
    ).fetchone()
    if row is None:
        raise StationError(
            "Expected an entry %(seq)s, the ledger has none.",
            seq=seq,
        )
    return decode(row[0])


def entries(db: Connection, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
    """The entries of our own log in their order, from ``start`` to before ``stop``.

    Raises:
        StationError: The bytes of one are not an entry's.
    """
    rows = db.execute(
        "SELECT body FROM entry WHERE log_id = ? AND seq >= ? AND seq < ? ORDER BY seq",
        (log_id(db), start, 2**62 if stop is None else stop),
    )
    for row in rows:
        yield decode(row[0])


def history(db: Connection, item: str) -> list[Entry]:
    """Every entry that names the item, in the order of the logs and their seq.

    Raises:
        StationError: The bytes of one are not an entry's.
    """
    rows = db.execute(
        "SELECT body FROM entry_item JOIN entry USING (log_id, seq)"
        " WHERE item = ? ORDER BY log_id, seq",
        (item,),
    )
    return [decode(row[0]) for row in rows]


def vkey(db: Connection) -> str:
    """The public key of our own log."""
    row = db.execute("SELECT vkey FROM log WHERE log_id = ?", (log_id(db),)).fetchone()
    return str(row[0])


def pictures(db: Connection) -> Iterator[str]:
    """The SHA-256 of every picture that an entry of our own log names, once each."""
    rows = db.execute(
        "SELECT DISTINCT evidence.value"
        " FROM entry, json_each(CAST(body AS TEXT), '$.evidence') AS evidence"
        " WHERE log_id = ?",
        (log_id(db),),
    )
    for (name,) in rows:
        yield str(name)


def events(db: Connection, start: int, *names: str) -> list[Entry]:
    """The station's own events of these names from entry ``start`` on, newest first."""
    log = log_id(db)
    found = [
        row
        for name in names
        for row in db.execute(f"{_EVENT} AND seq >= ?", (log, name, start))
    ]
    return [decode(row["body"]) for row in sorted(found, key=_seq, reverse=True)]


def last_event(db: Connection, *names: str) -> Entry | None:
    """The newest of the station's own events of these names."""
    log = log_id(db)
    found = [
        row
        for name in names
        for row in db.execute(f"{_EVENT} ORDER BY seq DESC LIMIT 1", (log, name))
    ]
    return decode(max(found, key=_seq)["body"]) if found else None


# In the words of the index, and by its name: SQLite would read every entry instead.
_EVENT = (
    "SELECT seq, body FROM entry INDEXED BY entry_event"
    " WHERE log_id = ? AND type = 'system'"
    " AND json_extract(CAST(body AS TEXT), '$.data.event') = ?"
)


def _seq(row: Row) -> int:
    return int(row["seq"])


def nodes(db: Connection, log: int) -> NodeReader:
    """A reader of the stored hashes of a log's tree, for ``merkle``."""

    def read(level: int, index: int) -> bytes:
        if level == 0:
            row = db.execute(
                "SELECT leaf_hash FROM entry WHERE log_id = ? AND seq = ?", (log, index)
            ).fetchone()
        else:
            row = db.execute(
                "SELECT hash FROM node WHERE log_id = ? AND level = ? AND idx = ?",
                (log, level, index),
            ).fetchone()
        if row is None:
            raise StationError(
                "The tree has no node %(index)s at level %(level)s: the database "
                "was altered or damaged; run `jejak verify` and keep the file.",
                index=index,
                level=level,
            )
        return bytes(row[0])

    return read
