"""The backups of a log that lie in a folder: their names, and which of them go.

Names are no more than the log's origin, and a rehearsal, or a laptop that was founded
anew, has the same. What makes a backup ours is its signed head: our key signed it, and
our ledger begins with what it counts. Any other is somebody's evidence.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.errors import StationError
from station.ledger import merkle
from station.ledger.checkpoint import Verifier
from station.ledger.log_reading import head, log_id, nodes, vkey

if TYPE_CHECKING:
    from pathlib import Path

    from station.storage.database import Connection


_MOMENT = r"-[0-9]{8}T[0-9]{6}Z(-[0-9]+)?"
"""How the names of whole backups end."""


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """A whole backup."""

    folder: Path
    size: int
    """Entries that it holds."""
    made_ms: int
    """UTC milliseconds."""
    root: str
    """Of the tree over its entries, hexadecimal."""
    note: str
    """The signed head, as its manifest gives it."""


def stem(origin: str) -> str:
    """How the names of a log's backups begin.

    >>> stem("jejak/1771/gudang/g1")
    'jejak-1771-gudang-g1'
    """
    return origin.replace("/", "-")


def pool(origin: str) -> str:
    """The name of the folder of the pictures that all these backups share."""
    return f"{stem(origin)}-evidence"


def is_name(name: str) -> bool:
    """True where a whole backup, of whatever log, may be named so.

    >>> is_name("jejak-1771-gudang-g1-20261124T045500Z-2")
    True
    >>> is_name("jejak-1771-gudang-g1-evidence")
    False
    """
    return re.fullmatch(f".+{_MOMENT}", name) is not None


def kept(folder: Path, origin: str) -> list[KeptBackup]:
    """The whole backups under this log's name, the one with the fewest entries first.

    Of whatever ledger: only ``ours`` are this one's.
    """
    form = re.compile(re.escape(stem(origin)) + _MOMENT)
    found = []
    for file in folder.glob(f"{stem(origin)}-*/manifest.json"):
        if form.fullmatch(file.parent.name):
            # One whose manifest cannot be read is not counted, and so never deleted.
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                told = json.loads(file.read_text("utf-8"))
                size, made_ms = int(told["size"]), int(told["made_ms"])
                root, note = str(told["root"]), str(told["checkpoint"])
                found.append(KeptBackup(file.parent, size, made_ms, root, note))
    # By size, since the wall clock may have been set back between two of them.
    return sorted(found, key=lambda one: (one.size, one.made_ms, one.folder.name))


def ours(one: KeptBackup, live: Connection) -> bool:
    """True where our key signed its head, and our ledger begins with its entries."""
    try:
        said = Verifier(vkey(live)).verify(one.note)
        if said.size > head(live).size:
            return False
        grown = merkle.Frontier.read(said.size, nodes(live, log_id(live)))
    except StationError:
        return False
    return (said.size, said.root) == (one.size, grown.root())


def others(folder: Path, live: Connection) -> int:
    """How many backups of another ledger lie there under this one's name."""
    return sum(not ours(one, live) for one in kept(folder, head(live).origin))


def newest(folder: Path, live: Connection) -> KeptBackup | None:
    """Our own backup there with the most entries, or None."""
    for one in reversed(kept(folder, head(live).origin)):
        if ours(one, live):
            return one
    return None


def prune(folder: Path, live: Connection, keep: int, newest: str) -> None:
    """Let our own oldest backups go; never the last one.

    Args:
        folder: Where they lie.
        live: The ledger that they are of; a backup of another one is left alone.
        keep: How many of ours may stay.
        newest: The name of the one just made, which stays whatever the others tell.

    Raises:
        OSError: the disk refuses.
    """
    own = [one for one in kept(folder, head(live).origin) if ours(one, live)]
    old = [one for one in own if one.folder.name != newest]
    for one in old[: max(0, len(old) + 1 - max(1, keep))]:
        # Unnamed first: one that is half gone must not look whole.
        gone = one.folder.rename(one.folder.with_name(f"{one.folder.name}.part"))
        shutil.rmtree(gone)
