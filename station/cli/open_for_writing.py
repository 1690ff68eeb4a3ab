"""The ledger to write in from a command, where no running station has it."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from station.errors import StationError
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
        message = (
            f"A station is already running on {settings.folder}: use its page {page}, "
            "or stop it first (Ctrl-C in its window)."
        )
        raise StationError(message) from error
    try:
        log = create_station.open_log(settings, system_clock, progress=progress)
        try:
            yield log
        finally:
            database.close_writer(log.db)
    finally:
        lock.release()


def progress(done: int, entries: int) -> None:
    """Tell on stderr how far the folder of an older release has been brought up."""
    if done == 0:
        click.echo(
            "An older release made this data folder: its tables are made anew from "
            f"{entries} entries. Ending this now loses nothing.",
            err=True,
        )
    elif sys.stderr.isatty() or done == entries:
        click.echo(f"\r{done} of {entries} entries", nl=done == entries, err=True)
