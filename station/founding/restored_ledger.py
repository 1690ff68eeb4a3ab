"""A ledger that was restored from a backup is taken as the station's: once, by a word.

What was recorded after that backup is lost, and its numbers are given out again: who
noted a head of it holds two histories then. So an entry says so, and from which number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.custody.accounts import directory
from station.custody.entry_data.words import SystemEvent
from station.custody.projection import apply_entries
from station.founding import create_station, high_water_mark
from station.storage import database

if TYPE_CHECKING:
    from station.custody.projection.apply_entries import Progress
    from station.model import Clock, Entry
    from station.settings.station_toml import Settings


def restore(
    settings: Settings, clock: Clock, progress: Progress = apply_entries.silent
) -> Entry:
    """Record that the ledger was restored, and lay its high-water mark.

    Gives:
        The entry; its ``seq`` is the first number that may be given out again.

    Raises:
        StationError: the ledger is older than a mark, or has one already; or it, a
            key or a table is unclear.
    """
    create_station.label_key(settings)
    create_station.web_key(settings)
    log = create_station.open_log(
        settings, clock, high_water_mark.accept_restored, progress
    )
    try:
        size = log.size
        with log.writing() as batch:
            entry = batch.note(
                SystemEvent.RESTORED,
                {"entries": size},
                actor=directory.SYSTEM,
                at=clock(),
            )
    finally:
        database.close_writer(log.db)
    high_water_mark.lay(settings)
    return entry
