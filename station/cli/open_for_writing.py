"""The ledger to write in from a command, where no running station has it."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from station.cli.speech import say, spoken
from station.errors import StationError
from station.language import Text
from station.model import system_clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.ledger.log import Log
    from station.settings.station_toml import Settings


@contextmanager
def ledger(settings: Settings, page: str) -> Iterator[Log]:
    """The station's ledger, open for appending; closed at the end.

    Args:
        settings: The station's.
        page: The page that does the same while the station runs.

    Raises:
        StationError: a station runs on this folder, or the ledger is unclear.
    """
    from station.founding import create_station  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    lock = database.WriterLock(settings.folder)
    try:
        lock.acquire()
    except StationError as error:
        if not os.access(settings.folder, os.W_OK):
            raise
        raise StationError(
            "A station is already running on %(folder)s: use its page %(page)s, or "
            "stop it first (Ctrl-C in its window).",
            folder=settings.folder,
            page=page,
        ) from error
    try:
        log = create_station.open_log(settings, system_clock, progress=progress)
        try:
            yield log
        finally:
            database.close_writer(log.db)
    finally:
        lock.release()


def progress(done: int, entries: int) -> None:
    """Print on stderr how far the folder of an older release has been brought up."""
    if done == 0:
        say(
            "An older release made this data folder: its tables are rebuilt from "
            "%(entries)s entries. Stopping this now loses nothing.",
            err=True,
            entries=entries,
        )
    elif sys.stderr.isatty() or done == entries:
        line = spoken(
            Text("%(done)s of %(entries)s entries", done=done, entries=entries)
        )
        click.echo(f"\r{line}", nl=done == entries, err=True)
