"""jejak export: what others check or read; that it was taken is an entry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli import options
from station.cli.speech import say
from station.errors import StationError
from station.model import Draft, EntryType, system_clock

if TYPE_CHECKING:
    from station.settings.station_toml import Settings


@click.group()
def export() -> None:
    """Write what others check or read."""


@export.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@options.data
def tiles(folder: Path, data: str | None) -> None:
    """The whole log as C2SP tlog-tiles, with its vkey."""
    from station.ledger import tiles as tile  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    settings = options.settings(data)
    recorded = _record(settings)
    db = database.open_reader(settings.database, older=True)
    try:
        size = tile.export(db, folder)
    finally:
        db.close()
    say(
        "%(size)s entries of %(origin)s in %(folder)s.",
        size=size,
        origin=settings.origin,
        folder=folder,
    )
    if not recorded:
        say("A station is running, so its ledger has no entry about this export.")


def _record(settings: Settings) -> bool:
    """Record the export before it is made, so that it holds its own entry.

    False where a running station alone may write.
    """
    from station.cli import open_for_writing  # noqa: PLC0415
    from station.custody.accounts import directory  # noqa: PLC0415
    from station.founding import create_station  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    lock = database.WriterLock(settings.folder)
    try:
        lock.acquire()
    except StationError:
        return False
    try:
        log = create_station.open_log(
            settings, system_clock, progress=open_for_writing.progress
        )
        try:
            with log.writing() as batch:
                batch.append(
                    Draft(
                        type=EntryType.SYSTEM,
                        event=system_clock(),
                        actor=directory.SYSTEM,
                        place=batch.place,
                        data={"event": "export", "what": "tiles", "size": log.size + 1},
                    )
                )
        finally:
            database.close_writer(log.db)
    finally:
        lock.release()
    return True
