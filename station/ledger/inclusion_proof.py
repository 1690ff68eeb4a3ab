"""Whether single entries stand in the signed tree, without reading all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.ledger import checkpoint, log_reading, merkle

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Found:
    """What a check of some entries against the head found."""

    size: int
    """Entries that the checked head speaks of."""
    checked: int
    """Entries that were proved to stand in the tree, before the first bad one."""
    bad: int | None
    """The first entry whose bytes are not those that were signed, or None."""


def check(db: Connection, seqs: Iterable[int]) -> Found:
    """What an inclusion proof of each of these entries of our own log says.

    Each entry's bytes are hashed anew, its proof is computed from the stored tree
    and checked against the root of the newest checkpoint, whose signature is checked
    first. ``jejak verify`` does it for the whole ledger. Neither sees projections.

    Raises:
        StationError: The checkpoint's signature does not hold, or the tree has a
            hole.

    Source: RFC 6962 section 2.1.1; C2SP tlog-checkpoint.
    """
    log = log_reading.log_id(db)
    (vkey,) = db.execute("SELECT vkey FROM log WHERE log_id = ?", (log,)).fetchone()
    head = checkpoint.verify(log_reading.head(db).note, vkey)
    read = log_reading.nodes(db, log)
    checked = 0
    for seq in seqs:
        (body,) = db.execute(
            "SELECT body FROM entry WHERE log_id = ? AND seq = ?", (log, seq)
        ).fetchone()
        path = merkle.inclusion_proof(seq, head.size, read)
        leaf = merkle.leaf_hash(body)
        if not merkle.verify_inclusion(leaf, (seq, head.size), path, head.root):
            return Found(head.size, checked, seq)
        checked += 1
    return Found(head.size, checked, None)
