"""The ledger checked from its bytes up; it believes no column and no table.

Bodies are decoded strictly and hashed, the tree is grown from those hashes and
compared with the stored one, and every signed checkpoint with the tree. A
ledger that holds here can still be an older copy, or one signed anew by the
owner of the key: only a checkpoint kept elsewhere shows that.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from station.errors import StationError, sentence_of
from station.language import Text
from station.ledger import leaves, merkle
from station.ledger.checkpoint import Verifier
from station.ledger.entry_body import any_data
from station.ledger.log_reading import entry, head, log_id, nodes
from station.ledger.tiles import verify_tiles
from station.ledger.verify_report import Flaw, Report
from station.storage.database import DatabaseError, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.ledger.entry_body import CheckData
    from station.storage.database import Connection, Row

__all__ = ["Report", "check_tail", "verify", "verify_tiles"]

_SIGNATURES = 10_000
"""Checkpoints handed to the threads at a time."""


def check_tail(db: Connection, verifier: Verifier, count: int) -> None:
    """Check the newest ``count`` entries, the tree over them and its signed head.

    Raises:
        StationError: Something of it does not hold.
    """
    log, newest = log_id(db), head(db)
    signed = verifier.verify(newest.note)
    if (signed.size, signed.root) != (newest.size, newest.root):
        raise StationError("The last checkpoint's row differs from its signed text.")
    start = max(0, newest.size - count)
    edge = merkle.Frontier.read(start, nodes(db, log))
    tail = leaves.check(db, leaves.LogRange(log, signed.origin, start, 2**62))
    if tail.flaw is not None:
        raise StationError(
            "%(flaw)s Run `jejak verify` and keep the file.",
            flaw=tail.flaw[1],
        )
    for leaf in tail.hashes():
        edge.push(leaf)
    if (edge.size, edge.root()) != (signed.size, signed.root):
        raise StationError(
            "The newest entries do not lead to the last signed checkpoint: run "
            "`jejak verify` and keep the file."
        )


def verify(
    db: Connection,
    vkey: str | None = None,
    processes: int | None = None,
    check_data: CheckData = any_data,
) -> Report:
    """What a check of the whole of our own log finds, from the first entry on.

    Args:
        db: Any connection to the station's database.
        vkey: The log's public key from elsewhere (a poster, a handover record);
            without it the ledger's own statement of it is believed.
        processes: How many share the work; as many as the machine has cores.
        check_data: What the entries may hold in ``data``.
    """
    check = _Check(db, processes)
    try:
        with snapshot(db):
            check.run(vkey, check_data)
    except Flaw as flaw:
        return check.report(flaw)
    except (DatabaseError, StationError) as fault:
        return check.report(Flaw(None, sentence_of(fault)))
    return check.report(None)


class _Check:
    """One check of a whole log, and how far it has come."""

    def __init__(self, db: Connection, processes: int | None) -> None:
        self._db = db
        self._processes = processes
        self._origin: str | None = None
        self._edge = merkle.Frontier()
        self._signed = 0
        """Entries under the last checkpoint that held."""
        self._checkpoints = 0
        self._astray: tuple[int, str] | None = None
        """The first stored node that differs: its first leaf, and a sentence."""

    def report(self, flaw: Flaw | None) -> Report:
        return Report(
            origin=self._origin,
            size=self._edge.size if flaw is None else self._signed,
            checkpoints=self._checkpoints,
            root=self._edge.root() if flaw is None else None,
            seq=None if flaw is None else flaw.seq,
            fault=None if flaw is None else flaw.text,
        )

    def run(self, vkey: str | None, check_data: CheckData) -> None:
        """Check all of it.

        Raises:
            Flaw: The first thing that does not hold.
        """
        log = log_id(self._db)
        row = self._db.execute("SELECT * FROM log WHERE log_id = ?", (log,)).fetchone()
        self._origin = row["origin"]
        if vkey is not None and row["vkey"] != vkey:
            raise Flaw(
                None,
                "The ledger's key is %(stated)s, not %(vkey)s.",
                stated=row["vkey"],
                vkey=vkey,
            )
        heads = _signed_heads(self._db, log, Verifier(row["vkey"]))
        (size,) = self._db.execute(
            "SELECT coalesce(max(seq) + 1, 0) FROM entry WHERE log_id = ?", (log,)
        ).fetchone()
        whole = leaves.LogRange(log, row["origin"], 0, size, check_data)
        self._grow(whole, heads)
        self._check_genesis(row)
        self._check_rest(log)

    def _grow(self, whole: leaves.LogRange, heads: Iterator[_Signed]) -> None:
        """Grow the tree over all entries; compare nodes and signed roots on the way.

        Raises:
            Flaw: An entry, a node or a checkpoint does not hold.
        """
        stored = _Nodes(self._db, whole.log_id)
        awaited = next(heads, None)
        for part in leaves.check_all(self._db, whole, self._processes):
            for leaf in part.hashes():
                self._push(leaf, stored)
                if awaited is not None and awaited.size == self._edge.size:
                    self._compare(awaited)
                    awaited = next(heads, None)
            if part.flaw is not None:
                raise Flaw(*part.flaw)
        size = self._edge.size
        if awaited is not None:
            raise Flaw(
                size,
                "Entry %(size)s is missing: a signed checkpoint counts it.",
                size=size,
            )
        if self._signed < size:
            raise Flaw(
                self._signed,
                "Entry %(signed)s is under no signed checkpoint.",
                signed=self._signed,
            )
        if stored.more():
            raise Flaw(None, "The stored tree has nodes that no entry calls for.")

    def _push(self, leaf: bytes, stored: _Nodes) -> None:
        for node in self._edge.push(leaf):
            if not stored.holds(node) and self._astray is None:
                self._astray = _stray(node)

    def _compare(self, signed: _Signed) -> None:
        """Hold the tree so far against the checkpoint of its size.

        Raises:
            Flaw: They differ, or a stored node does though they do not.
        """
        first, last = self._signed, self._edge.size - 1
        if signed.fault is not None:
            raise Flaw(last, signed.fault)
        if self._edge.root() != signed.root:
            if self._astray is not None:
                first = max(first, self._astray[0])
            which = f"Entry {last}" if first == last else f"One of {first} to {last}"
            raise Flaw(
                first,
                "%(which)s is not the entry that was signed.",
                which=which,
            )
        if self._astray is not None:
            raise Flaw(None, self._astray[1])
        self._signed = self._edge.size
        self._checkpoints += 1

    def _check_genesis(self, row: Row) -> None:
        """Hold entry 0 against the log's row.

        Raises:
            Flaw: They differ, or the log is empty.
        """
        if self._edge.size == 0:
            raise Flaw(0, "Entry 0 is missing.")
        said = entry(self._db, 0).draft.data
        expected = {
            "genesis": True,
            "vkey": row["vkey"],
            "predecessor": row["predecessor"],
        }
        if said != expected:
            raise Flaw(0, "Entry 0 does not name this log's key and predecessor.")

    def _check_rest(self, log: int) -> None:
        """Look for index rows of no entry, and let SQLite check its own pages.

        Raises:
            Flaw: There are some, or a page is damaged.
        """
        stray = self._db.execute(
            "SELECT item FROM entry_item WHERE log_id = ? AND (seq >= ? OR seq < 0)",
            (log, self._edge.size),
        ).fetchone()
        if stray is not None:
            raise Flaw(
                None,
                "The index by item lists %(stray)s for no entry.",
                stray=stray[0],
            )
        (found,) = self._db.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise Flaw(
                None,
                "SQLite finds the file damaged: %(found)s.",
                found=found,
            )


class _Signed(NamedTuple):
    size: int
    root: bytes
    fault: str | None
    """Why its text is not signed, or not equal to its row."""


def _signed_heads(db: Connection, log: int, verifier: Verifier) -> Iterator[_Signed]:
    """The checkpoints in their order, signatures checked."""

    def check(row: Row) -> _Signed:
        size, root, note = row
        fault: str | None = None
        try:
            said = verifier.verify(note)
            if (said.size, said.root) != (size, root):
                fault = Text(
                    "The checkpoint of size %(size)s is not as its text says.",
                    size=size,
                )
        except StationError as error:
            fault = error.text
        return _Signed(size, root, fault)

    rows = db.execute(
        "SELECT size, root, note FROM checkpoint WHERE log_id = ? ORDER BY size", (log,)
    )
    # Checking a signature lets other threads run, so they share the cores.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while some := rows.fetchmany(_SIGNATURES):
            yield from pool.map(check, some)


class _Nodes:
    """The stored nodes of a log, each level read in its order."""

    def __init__(self, db: Connection, log: int) -> None:
        self._db = db
        self._log = log
        self._levels: dict[int, Iterator[Row]] = {}

    def holds(self, node: tuple[int, int, bytes]) -> bool:
        """True when the level's next stored node is this one."""
        level, index, expected = node
        if level not in self._levels:
            self._levels[level] = self._db.execute(
                "SELECT idx, hash FROM node WHERE log_id = ? AND level = ?"
                " ORDER BY idx",
                (self._log, level),
            )
        row = next(self._levels[level], None)
        return row is not None and tuple(row) == (index, expected)

    def more(self) -> bool:
        """True when the table has nodes that were not asked for."""
        if any(next(rows, None) is not None for rows in self._levels.values()):
            return True
        row = self._db.execute(
            "SELECT max(level) FROM node WHERE log_id = ?", (self._log,)
        ).fetchone()
        return row[0] is not None and row[0] not in self._levels


def _stray(node: tuple[int, int, bytes]) -> tuple[int, str]:
    level, index, _ = node
    return index << level, Text(
        "The stored tree's node %(index)s at level %(level)s is damaged; the entries "
        "under it are sound.",
        index=index,
        level=level,
    )
