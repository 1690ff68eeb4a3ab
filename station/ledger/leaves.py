"""The rows of entries checked against the entries' own bytes, and hashed.

Of a large ledger several processes check a part each; every process has its own
read-only connection.
"""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from station.errors import StationError, sentence_of
from station.language import Text
from station.ledger import merkle
from station.ledger.entry_body import any_data, checked, index_items
from station.storage.database import DatabaseError, open_reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from station.ledger.entry_body import CheckData
    from station.storage.database import Connection, Row

_HASH_BYTES = 32
_MANY = 50_000
"""From this many entries on, several processes check them."""
_PROCESSES = 8
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class LogRange:
    """A stretch of a log, whose it is, and what its entries may hold."""

    log_id: int
    origin: str
    start: int
    stop: int
    check_data: CheckData = any_data
    """A function of a module: it goes to other processes by name."""


@dataclass(frozen=True, slots=True)
class Leaves:
    """The leaf hashes of a part, up to the first entry that does not hold."""

    joined: bytes
    """32 bytes an entry."""
    flaw: tuple[int, str] | None
    """That entry's seq, and what is wrong with it in one sentence."""

    def hashes(self) -> Iterator[bytes]:
        """The hashes one by one."""
        for at in range(0, len(self.joined), _HASH_BYTES):
            yield self.joined[at : at + _HASH_BYTES]


def check(db: Connection, part: LogRange) -> Leaves:
    """The leaf hashes of the part, computed from the bodies.

    A body must be canonical, of this log and at its place; the copies of it
    (hash, type, index by item) must be equal to it.
    """
    indexed = _Index(db, part)
    hashes: list[bytes] = []
    seq = part.start
    try:
        for row in db.execute(
            "SELECT seq, leaf_hash, body, type FROM entry"
            " WHERE log_id = ? AND seq >= ? AND seq < ? ORDER BY seq",
            (part.log_id, part.start, part.stop),
        ):
            hashes.append(_leaf(row, seq, part, indexed.take(seq)))
            seq += 1
    except StationError as fault:
        return Leaves(
            b"".join(hashes),
            (seq, Text("Entry %(seq)s: %(fault)s", seq=seq, fault=sentence_of(fault))),
        )
    except DatabaseError as fault:
        sentence = Text(
            "Entry %(seq)s or one near it cannot be read: %(fault)s.",
            seq=seq,
            fault=fault,
        )
        return Leaves(b"".join(hashes), (seq, sentence))
    return Leaves(b"".join(hashes), None)


def check_all(
    db: Connection, whole: LogRange, processes: int | None = None
) -> Iterator[Leaves]:
    """The same for a whole log, in order, part after part, by so many processes."""
    processes = processes or min(os.cpu_count() or 1, _PROCESSES)
    if whole.stop < _MANY or processes == 1:
        yield check(db, whole)
        return
    # Several parts each, so that their hashes go into the tree meanwhile.
    step = -(-whole.stop // (processes * _ROUNDS))
    parts = [
        replace(whole, start=start, stop=min(start + step, whole.stop))
        for start in range(0, whole.stop, step)
    ]
    # Spawned on every system: a fork would take open connections with it.
    spawn = multiprocessing.get_context("spawn")
    done = 0
    try:
        with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
            paths = [_file(db)] * len(parts)
            for found in pool.map(_check_in_process, paths, parts):
                yield found
                done += 1
    except BrokenProcessPool:  # An interactive session cannot be spawned from.
        for part in parts[done:]:
            yield check(db, part)


def _check_in_process(path: Path, part: LogRange) -> Leaves:
    with closing(open_reader(path, older=True)) as db:
        return check(db, part)


def _file(db: Connection) -> Path:
    """The file that the connection has open."""
    names = db.execute("SELECT file FROM pragma_database_list WHERE name = 'main'")
    return Path(names.fetchone()[0])


def _leaf(row: Row, seq: int, part: LogRange, indexed: list[str]) -> bytes:
    """The leaf hash of a row that is as its body says.

    Raises:
        StationError: It is not.
    """
    if row["seq"] != seq:
        raise StationError("it is missing.")
    body: bytes = row["body"]
    found = merkle.leaf_hash(body)
    if found != row["leaf_hash"]:
        raise StationError("its bytes are not those whose hash was recorded.")
    value = checked(body)
    if value["log"] != part.origin or value["seq"] != seq:
        raise StationError(
            "its bytes say that it is entry %(seq)s of %(log)s.",
            seq=value["seq"],
            log=value["log"],
        )
    if value["type"] != row["type"]:
        raise StationError(
            "it is filed as %(filed)s, its bytes say %(said)s.",
            filed=row["type"],
            said=value["type"],
        )
    part.check_data(row["type"], cast("Mapping[str, object]", value["data"]))
    items = cast("list[str]", value["items"])
    if indexed != (index_items(items) if items else items):
        raise StationError("the index by item does not list the items of its bytes.")
    return found


class _Index:
    """The index by item, read in the order of the entries."""

    def __init__(self, db: Connection, part: LogRange) -> None:
        self._rows = db.execute(
            "SELECT seq, item FROM entry_item"
            " WHERE log_id = ? AND seq >= ? AND seq < ? ORDER BY seq, item",
            (part.log_id, part.start, part.stop),
        )
        self._ahead = self._rows.fetchone()

    def take(self, seq: int) -> list[str]:
        """The items listed for this entry; call it for every seq in order."""
        items: list[str] = []
        while self._ahead is not None and self._ahead[0] == seq:
            items.append(self._ahead[1])
            self._ahead = self._rows.fetchone()
        return items
