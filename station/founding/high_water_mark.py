"""The high-water mark: how far this station's ledger has ever come, outside of it.

A ledger that is older than its mark, or differs from it, was put back from a copy;
what the world saw signed since then would be signed again with other entries. Such
a ledger is never continued.

The mark is the newest signed checkpoint that a *reading* connection sees. SQLite
shows a commit to readers only after the sync of its WAL, so the mark may lag behind
the ledger, and never leads it: a process or machine that dies between the commit and
the mark is not refused at its next start.

A station lays its mark when it is founded, and keeps one in its own folder also where
another is on another disk: a ledger in use without any was restored from a backup.
"""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING

from station.custody.entry_data.words import MarkState
from station.errors import StationError
from station.language import Text
from station.ledger import merkle
from station.ledger.checkpoint import Verifier
from station.ledger.log_reading import head, last_event, log_id, nodes, vkey
from station.storage import atomic_file, database

if TYPE_CHECKING:
    from pathlib import Path

    from station.ledger.checkpoint import Checkpoint
    from station.ledger.log_reading import Head
    from station.settings.station_toml import Settings
    from station.storage.database import Connection

_ORIGIN = re.compile(r"(?P<place>.+/)g(?P<generation>[0-9]+)")


class Behind(StationError):  # noqa: N818 - the ledger is; a finding, not a bug
    """The ledger is an older or another one than this station has signed."""


def check(db: Connection, path: Path) -> MarkState:
    """What the mark says of this ledger.

    Raises:
        Behind: the ledger is older than its mark, or another one.
    """
    try:
        note = path.read_text("utf-8")
    except OSError:
        return MarkState.GONE
    except UnicodeDecodeError:
        return MarkState.UNREADABLE
    ours = head(db)
    origin = note.partition("\n")[0]
    if origin != ours.origin:
        return _elsewhere(origin, ours, path)
    try:
        mark = Verifier(vkey(db)).verify(note)
    except StationError:
        return MarkState.UNREADABLE
    _compare(db, ours, mark, path)
    return MarkState.HOLDS


def advance(db: Connection, path: Path) -> MarkState:
    """Move the mark to the ledger's newest checkpoint; what was found there before.

    Args:
        db: A reading connection, so that only what is on the disk is marked.
        path: The mark; on another disk it outlives this one.

    Raises:
        Behind: the ledger is older than the mark, which stays as it is.
        StationError: this connection can write.
        OSError: the disk of the mark refuses.
    """
    if not db.execute("PRAGMA query_only").fetchone()[0]:
        raise StationError("Expected a reading connection for the high-water mark.")
    found = check(db, path)
    note = head(db).note.encode("utf-8")
    # One of two marks stands still while the disk of the other is away.
    if found is not MarkState.HOLDS or path.read_bytes() != note:
        atomic_file.write(path, note)
    return found


def marks(settings: Settings) -> tuple[Path, ...]:
    """Where marks of this station lie: the one of station.toml first."""
    here = settings.folder / "high-water"
    named = settings.high_water
    return (named,) if named == here else (named, here)


def require_current(db: Connection, settings: Settings) -> None:
    """Let a ledger pass that a mark says is the newest, or that never was at work.

    Raises:
        Behind: it is older than a mark, or another one.
        StationError: no mark tells: it may be an older copy.
    """
    if not _is_marked(db, settings) and last_event(db, "start") is not None:
        named, size = settings.high_water, head(db).size
        away = "" if named.parent.is_dir() else Text(" (its folder is missing, too)")
        raise StationError(
            "No high-water mark found at %(named)s%(away)s, so Jejak cannot tell "
            "whether these %(size)s entries are the newest. Put the file or its disk "
            "back. If you are restoring a backup because everything newer is lost, "
            "start once with `jejak serve --restored`, which records the restore.",
            named=named,
            away=away,
            size=size,
        )


def accept_restored(db: Connection, settings: Settings) -> None:
    """Let a ledger pass that somebody says was restored.

    Raises:
        Behind: it is older than a mark, or another one; no word helps then.
        StationError: a mark says that it is the newest.
    """
    if _is_marked(db, settings):
        raise StationError(
            "This ledger has its high-water mark, so nothing was restored: leave out "
            "--restored. It is for the first start after a restore."
        )


def lay(settings: Settings) -> None:
    """Lay the mark in the station's folder; the watch lays that of another disk.

    Raises:
        StationError: the ledger is older than it, or the disk refuses.
    """
    path = settings.folder / "high-water"
    try:
        with closing(database.open_reader(settings.database)) as db:
            advance(db, path)
    except OSError as error:
        raise StationError(
            "Could not write %(path)s: %(reason)s; free the disk or mend its "
            "permissions.",
            path=path,
            reason=error.strerror,
        ) from error


def advance_all(db: Connection, settings: Settings) -> MarkState:
    """Move each mark on; what was found where station.toml names it.

    The one in the station's folder comes first: the disk of another may be away.

    Raises:
        Behind: the ledger is older than a mark.
        StationError: this connection can write.
        OSError: the disk of a mark refuses.
    """
    found = MarkState.GONE
    for path in reversed(marks(settings)):
        found = advance(db, path)
    return found


def _is_marked(db: Connection, settings: Settings) -> bool:
    # Each is looked at: any of them may say that the ledger is older.
    found = [check(db, path) for path in marks(settings)]
    return MarkState.HOLDS in found


def _compare(db: Connection, ours: Head, mark: Checkpoint, path: Path) -> None:
    """Let the ledger pass that holds all that the mark names.

    Raises:
        Behind: it does not.
    """
    if mark.size > ours.size:
        found: str = Text("only %(size)s: it is an older copy", size=ours.size)
    elif merkle.Frontier.read(mark.size, nodes(db, log_id(db))).root() != mark.root:
        found = Text("others in their place: it is another copy")
    else:
        return
    raise Behind(
        "Expected a ledger with the %(size)s entries of %(origin)s that this "
        "station has signed already (high-water mark %(path)s), got %(found)s. An "
        "old copy is never continued, since it would sign other "
        "entries under the same numbers. Keep this file and every backup, put the "
        "newest ledger.db back if you have it, or begin a next generation of the "
        "log (not in this release); count on paper until then.",
        size=mark.size,
        origin=mark.origin,
        path=path,
        found=found,
    )


def _elsewhere(origin: str, ours: Head, path: Path) -> MarkState:
    """The mark of the generation before is passed; any other is not ours.

    Raises:
        Behind: it is that of a later generation, or of another station.
    """
    theirs, mine = _ORIGIN.fullmatch(origin), _ORIGIN.fullmatch(ours.origin)
    if theirs is None or mine is None:
        return MarkState.UNREADABLE
    if theirs["place"] != mine["place"]:
        raise Behind(
            "Expected the high-water mark of %(origin)s in %(path)s, got that of "
            "%(other)s: name another file with high_water in [backup].",
            origin=ours.origin,
            path=path,
            other=origin,
        )
    if int(theirs["generation"]) > int(mine["generation"]):
        raise Behind(
            "Expected the newest generation of this log, got %(origin)s, which was "
            "followed by %(other)s (high-water mark %(path)s): open that one.",
            origin=ours.origin,
            other=origin,
            path=path,
        )
    return MarkState.GONE
