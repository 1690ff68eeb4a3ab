"""The ledger checked from its bytes up; it believes no column and no table.

Bodies are decoded strictly and hashed, the tree is grown from those hashes and
compared with the stored one, and every signed checkpoint with the tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.ledger import merkle
from station.ledger.body import decode
from station.ledger.checkpoint import Verifier
from station.ledger.reading import head, log_id, nodes
from station.model import StationError

if TYPE_CHECKING:
    from station.database import Connection


def check_tail(db: Connection, vkey: str, count: int) -> None:
    """Check the newest ``count`` entries, the tree over them and its signed head.

    Raises:
        StationError: Something of it does not hold.
    """
    log, newest = log_id(db), head(db)
    signed = Verifier(vkey).verify(newest.note)
    if (signed.size, signed.root) != (newest.size, newest.root):
        raise StationError("The last checkpoint's row differs from its signed text.")
    read = nodes(db, log)
    edge = merkle.Frontier.read(max(0, newest.size - count), read)
    for seq, body, leaf in db.execute(
        "SELECT seq, body, leaf_hash FROM entry WHERE log_id = ? AND seq >= ?"
        " ORDER BY seq",
        (log, edge.size),
    ):
        found = decode(body)
        if found.seq != seq or merkle.leaf_hash(body) != leaf:
            raise StationError(f"Entry {seq} is not the one that was recorded.")
        edge.push(leaf)
    if (edge.size, edge.root()) != (signed.size, signed.root):
        raise StationError("The newest entries do not lead to the last signed head.")
