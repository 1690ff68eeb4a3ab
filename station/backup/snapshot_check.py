"""What lies beside a backup's ledger, held against it: signed head and pictures.

A ledger that holds by itself can be an older one put in its place; the manifest was
written with the backup and says how far it came. It is signed, but its list of what
was lost is not: whoever has the stick can add to that, so it is always told.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.backup import retention as shelf
from station.backup.picture_pool import is_whole
from station.errors import StationError
from station.language import Text
from station.ledger.checkpoint import Verifier
from station.ledger.log_reading import head, pictures, vkey

if TYPE_CHECKING:
    from pathlib import Path

    from station.storage.database import Connection


@dataclass(frozen=True, slots=True)
class SurroundingsCheck:
    """What was found beside a ledger that was checked for itself."""

    fault: str | None = None
    """What contradicts the ledger, in one sentence."""
    notes: tuple[str, ...] = ()
    """What a person should know all the same, a sentence each."""


@dataclass(frozen=True, slots=True)
class _Manifest:
    size: int
    root: str
    """Hexadecimal."""
    note: str
    lost: frozenset[str]
    """SHA-256 of the pictures that were lost already when it was made."""


def is_backup(folder: Path) -> bool:
    """True for a backup's folder, also for one whose manifest was taken away."""
    return shelf.is_name(folder.resolve().name) or (folder / "manifest.json").exists()


def beside(folder: Path, db: Connection) -> SurroundingsCheck:
    """What manifest and pictures say of the ledger of a backup.

    Args:
        folder: The backup; the pictures lie in the folder next to it.
        db: Its ledger, which was found to hold by itself.
    """
    try:
        manifest = _manifest(folder)
        _compare(manifest, db)
    except StationError as error:
        return SurroundingsCheck(error.text)
    return _pictures(folder, db, manifest.lost)


def _manifest(folder: Path) -> _Manifest:
    """The manifest as it stands there; nothing of it is believed yet.

    Raises:
        StationError: there is none, or it cannot be read.
    """
    file = folder / "manifest.json"
    try:
        told = json.loads(file.read_text("utf-8"))
        lost = frozenset(map(str, told.get("lost_pictures", ())))
        note, root = str(told["checkpoint"]), str(told["root"])
        return _Manifest(int(told["size"]), root, note, lost)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise StationError(
            "Expected the backup's manifest in %(file)s, could not read it "
            "(%(error)r): the backup is not whole any more; take another one.",
            file=file,
            error=error,
        ) from error


def _compare(manifest: _Manifest, db: Connection) -> None:
    """Let a ledger pass that ends where the manifest says.

    Raises:
        StationError: it does not, or the manifest is another ledger's.
    """
    ours = head(db)
    try:
        signed = Verifier(vkey(db)).verify(manifest.note)
    except StationError as error:
        raise StationError(
            "The manifest's head is not one of this ledger: %(error)s",
            error=error,
        ) from error
    said = (manifest.size, manifest.root)
    if said != (signed.size, signed.root.hex()):
        raise StationError(
            "Expected the manifest to name the %(size)s entries of its signed "
            "head, got %(named)s: it was altered.",
            size=signed.size,
            named=manifest.size,
        )
    if said == (ours.size, ours.root.hex()):
        return
    got = ours.size if signed.size != ours.size else Text("others in their place")
    raise StationError(
        "Expected the %(size)s entries that the backup's manifest names, got "
        "%(got)s: this ledger.db was put in the place of the backup's own.",
        size=signed.size,
        got=got,
    )


def _pictures(folder: Path, db: Connection, lost: frozenset[str]) -> SurroundingsCheck:
    pool = folder.resolve().parent / shelf.pool(head(db).origin)
    named = list(pictures(db))
    bad = [name for name in named if not is_whole(pool, name)]
    new = [name for name in bad if name not in lost]
    if new:
        return SurroundingsCheck(
            Text(
                "Of the %(named)s pictures in %(pool)s that the entries name, "
                "%(bad)s are missing or damaged, the first is %(first)s.jpg: make "
                "a new backup while the station still has them.",
                named=len(named),
                pool=pool,
                bad=len(new),
                first=new[0],
            )
        )
    if not bad:
        return SurroundingsCheck()
    note = Text(
        "Of the %(named)s pictures that the entries name, %(bad)s are not in this "
        "backup; its manifest says that they were lost before it was made.",
        named=len(named),
        bad=len(bad),
    )
    return SurroundingsCheck(notes=(note,))
