"""A ledger that was restored from a backup is taken as the station's: once, by a word.

What was recorded after that backup is lost, and its numbers are given out again: who
noted a head of it holds two histories then. So an entry says so, and from which number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station import database, foundation, highwater
from station.custody import people
from station.model import Draft, EntryType

if TYPE_CHECKING:
    from station.config import Settings
    from station.model import Clock, Entry


def restore(settings: Settings, clock: Clock) -> Entry:
    """Record that the ledger was restored, and lay its high-water mark.

    Gives:
        The entry; its ``seq`` is the first number that may be given out again.

    Raises:
        StationError: the ledger is older than a mark, or has one already; or it, a
            key or a table is unclear.
    """
    foundation.label_key(settings)
    foundation.web_key(settings)
    log = foundation.open_log(settings, clock, highwater.let_restored_pass)
    try:
        told = Draft(
            type=EntryType.SYSTEM,
            event=clock(),
            actor=people.SYSTEM,
            place=settings.place_id,
            data={"event": "restored", "entries": log.size},
        )
        with log.writing() as batch:
            entry = batch.append(told)
    finally:
        database.close_writer(log.db)
    highwater.lay(settings)
    return entry
