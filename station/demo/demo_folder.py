"""Where the demo's own station lies, and the last one: no other folder is touched."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from station.demo.city import ACCEPTING_GATE, made_up
from station.errors import StationError
from station.storage import database

if TYPE_CHECKING:
    from collections.abc import Iterator

_LAID = f'name = "{ACCEPTING_GATE}"'
"""In station.toml of every demo; a station made by hand has other gates."""


@contextmanager
def folder(given: Path | None) -> Iterator[Path]:
    """The folder of the demo's station; it stays behind, for ``jejak verify``.

    A folder that was given is played on in. The demo's own one is made up anew each
    time. The last demo is kept beside it, and the one before that goes: a weekend of
    pictures of boxes that never were should not fill a disk.

    Raises:
        StationError: a demo is running in it, or it is no demo's.
    """
    if given is not None:
        yield given
        return
    own = Path(platformdirs.user_data_dir("jejak-demo", appauthor=False))
    if (own / "station.toml").exists():
        made_up(own)
        _demos(own)
        with database.WriterLock(own):
            pass  # nobody plays here now
        _put_aside(own)
    yield own


def last(own: Path) -> Path:
    """Where the demo before the one in ``own`` is kept."""
    return own.with_name(f"{own.name}-last")


def _put_aside(own: Path) -> None:
    """Keep this demo as the last one.

    Raises:
        StationError: something else lies where it would be kept.
    """
    kept = last(own)
    if kept.exists():
        made_up(kept)  # that there is a station, and no real one
        _demos(kept)
        shutil.rmtree(kept)
    own.rename(kept)


def _demos(folder: Path) -> None:
    """Let pass what a demo made: a station for training may be made up too.

    Raises:
        StationError: it is something else, and not to be moved or wiped.
    """
    if _LAID not in (folder / "station.toml").read_text("utf-8"):
        raise StationError(
            "Expected the demo's own folder, got another station in %(folder)s; "
            "move it elsewhere, or choose another folder with --data.",
            folder=folder,
        )
