"""The station's ledger while it runs: the folder's lock, the writer, and readers."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeVar

from station.custody.accounts import directory
from station.custody.gate import open_work
from station.errors import StationError
from station.founding import create_station, high_water_mark
from station.storage import database
from station.storage.writer_lock import WriterLock

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.ledger.log import Log
    from station.model import Clock, Json
    from station.runtime.hub import Hub
    from station.settings.station_toml import Settings

T = TypeVar("T")

PATIENCE_S = 15.0
"""How long a stop waits for a disk that does not answer, twice."""


class StationLedger:
    """Opened once; every act runs on its one writing thread."""

    writer: database.Writer[Log]

    def __init__(
        self, settings: Settings, clock: Clock, hub: Hub, renew: Callable[[], None]
    ) -> None:
        """Nothing is opened before ``open``.

        Args:
            settings: Where the ledger is.
            clock: The station's.
            hub: Notified of what is recorded.
            renew: Called after each act of ``run``: what was read may have changed.
        """
        self._settings, self._clock, self._hub = settings, clock, hub
        self._renew = renew
        self._lock = WriterLock(settings.folder)

    @property
    def log(self) -> Log:
        """The ledger; use it on the writing thread only."""
        return self.writer.made

    def open(self) -> None:
        """Take the folder's lock and open the ledger for writing.

        Raises:
            StationError: another station runs on this folder, the ledger is unclear,
                or a gate with open work is no longer in station.toml.
        """
        with contextlib.ExitStack() as undo:
            self._lock.acquire()
            undo.callback(self._lock.release)
            self.writer = database.Writer(self._open_log)
            undo.pop_all()

    def run(self, act: Callable[[Log], T]) -> T:
        """Run an act on the writing thread; screens may show it once it is durable.

        Raises:
            StationError: it cannot be recorded.
        """
        done, size = self.writer.run(lambda: (act(self.log), self.log.size))
        self._renew()
        self._hub.recorded(size)
        return done

    def note(self, event: str, **facts: Json) -> None:
        """Record a fact about the station itself.

        Raises:
            StationError: it cannot be recorded.
        """
        at = self._clock()

        def record() -> int:
            with self.log.writing() as batch:
                batch.note(event, facts, actor=directory.SYSTEM, at=at)
            return self.log.size

        self._hub.recorded(self.writer.run(record))

    def read(self) -> database.Connection:
        """A new read-only connection; the caller closes it."""
        return database.open_reader(self._settings.database)

    def settle(self) -> None:
        """Wait for the work in hand; abandon it if the disk does not answer."""
        self.writer.settle(PATIENCE_S)

    def close(self) -> None:
        """Record the stop, advance the high-water mark, close the file.

        Raises:
            StationError: the disk does not answer. The lock then stays with the
                writing thread until the process ends.
        """
        with contextlib.suppress(StationError):  # the ledger's own alarm is on
            self.note("stop")
        with (
            contextlib.suppress(StationError, OSError),  # as shown since it began
            contextlib.closing(self.read()) as db,
        ):
            high_water_mark.advance(db, self._settings.high_water)
        with contextlib.suppress(StationError):  # abandoned, as the next line finds
            self.writer.run(lambda: database.close_writer(self.log.db))
        if not self.writer.close(PATIENCE_S):
            raise StationError(
                "Expected the disk to take the entry in hand, got no answer in "
                "%(patience_s).0f s: check the disk, then start the station again; "
                "it tells whether that entry was recorded.",
                patience_s=PATIENCE_S,
            )
        self._lock.release()

    def _open_log(self) -> Log:
        settings = self._settings
        log = create_station.open_log(settings, self._clock)
        # A run that ended before its erasures were through left pages there.
        database.empty_wal(log.db)
        try:
            open_work.require_no_open_work(log.db, settings.gates, settings.legs)
        except BaseException:
            log.db.close()
            raise
        return log
