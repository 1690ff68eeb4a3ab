"""What runs beside the gates while nobody looks, each in a thread of its own.

The vigil over the machine, the high-water mark, the backups, and after an unclean
stop one check of the whole ledger.
"""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Self

from station.backup.snapshot import BackupError
from station.custody.entry_data.words import MarkState
from station.errors import OperationRefused, RefusalReason, StationError
from station.founding import high_water_mark
from station.ledger.log_reading import entry, events, head, last_event
from station.runtime import machine_monitor, sleep_and_power
from station.runtime.backup_schedule import BackupScheduler
from station.runtime.machine_monitor import MachineMonitor
from station.runtime.subprocess_job import JobAbandoned, JobProcess
from station.storage import database
from station.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.model import Clock, Json
    from station.runtime.machine_monitor import RecordNote
    from station.runtime.scan_stops import ScanStops
    from station.settings.station_toml import Settings
    from station.storage.database import Connection

SLOW_S = 2.0
"""An act that waits longer for the disk is told of."""
_LOOK_S = 0.25
_TURN_S = 1.0
_RETRY_S = 10.0
_CHECK_AGAIN_S = 300.0
"""Before a check that came to nothing is begun again; it may need much memory."""
_JOIN_S = 5.0

logger = logging.getLogger("jejak")


class BackgroundServices:
    """Keeps watch from its ``with`` block's start to its end."""

    def __init__(  # noqa: PLR0913 - what a station is made of, and two facts
        self,
        settings: Settings,
        clock: Clock,
        scan_stops: ScanStops,
        note: RecordNote,
        busy_s: Callable[[], float],
        *,
        chores: Callable[[], None],
        check: bool,
        unclean: bool = False,
    ) -> None:
        """Nothing happens before the block.

        Args:
            settings: The station's.
            clock: The station's clock.
            scan_stops: Shows the alarms and stops the scans.
            note: Records; StationError where it cannot.
            busy_s: How long the writing thread has been at its work in hand.
            chores: What the station does each second beside its work.
            check: True where the whole ledger is to be checked once, at the start.
            unclean: True where a bar says so, since the run before ended unclean.
        """
        self._settings, self._clock = settings, clock
        self._scan_stops, self._note, self._busy_s = scan_stops, note, busy_s
        self._chores = chores
        self._must_check, self._unclean = check or unclean, unclean
        self._backup_job, self._check_job = JobProcess(), JobProcess()
        self.backups = BackupScheduler(
            settings, clock, scan_stops, note, self._backup_job.backup
        )
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._machine: MachineMonitor | None = None
        self._marked = 0
        self._trouble: str | None = None

    def __enter__(self) -> Self:
        """Begin; what can be wrong later is an alarm, never an error here."""
        # Of a release in which `jejak backup` asked the running station by files.
        for file in self._settings.folder.glob("backup.*-*"):
            file.unlink(missing_ok=True)
        loops = {"machine": self._look, "mark": self._mark, "backups": self._keep}
        for name, step in loops.items():
            self._start(name, self._loop, step)
        self._start("waits", self._waits)
        if self._must_check:
            if self._unclean:
                self._scan_stops.begin("unclean")
            self._start("check", self._check)
        return self

    def __exit__(self, *_: object) -> None:
        """End; a backup in hand is given up, and leaves nothing half."""
        self._stopping.set()
        self._backup_job.stop()
        self._check_job.stop()
        for thread in self._threads:
            thread.join(_JOIN_S)

    def _start(self, name: str, target: Callable[..., None], *args: object) -> None:
        # Daemons: one that waits for a dead stick must not keep the station alive.
        thread = threading.Thread(target=target, args=args, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _loop(self, step: Callable[[Connection], None]) -> None:
        sleep_and_power.stay_awake()
        while not self._stopping.is_set():
            try:
                with closing(database.open_reader(self._settings.database)) as db:
                    while not self._stopping.is_set():
                        step(db)
                        self._stopping.wait(_TURN_S)
            except (StationError, DatabaseError, OSError) as error:
                # The guard shows what is wrong with the disk; the watch goes on.
                logger.warning("event=watch %s", error)
                self._stopping.wait(_TURN_S)
            except Exception:
                # Foreseen by nobody. A watch that ended here would leave a station
                # without backups or mark that looks well.
                logger.exception("event=watch")
                self._scan_stops.begin("watch")
                self._stopping.wait(_RETRY_S)
                self._scan_stops.end("watch")

    def _waits(self) -> None:
        """Tell while an act waits for the disk; it opens nothing that could hang."""
        while not self._stopping.wait(_LOOK_S):
            if self._busy_s() >= SLOW_S:
                self._scan_stops.begin("ledger:slow")
            else:
                self._scan_stops.end("ledger:slow")

    def _look(self, db: Connection) -> None:
        if self._machine is None:
            newest = entry(db, head(db).size - 1)
            self._machine = MachineMonitor(
                self._scan_stops, self._note, newest.entry_ms
            )
        self._machine.see(machine_monitor.look(self._clock, self._scan_stops))
        self._chores()
        # Here, since the thread of the backups may wait for a stick that hangs.
        self.backups.age()

    def _keep(self, db: Connection) -> None:
        self.backups.turn(db)

    def _mark(self, db: Connection) -> None:
        """Move the high-water mark on."""
        size = head(db).size
        if size == self._marked and self._trouble is None:
            return
        try:
            found = high_water_mark.advance_all(db, self._settings)
        except high_water_mark.Behind as error:
            refusal = OperationRefused(RefusalReason.LEDGER_UNCLEAR, str(error))
            self._begin("ledger:old", "high_water_ahead", refusal)
            return
        except OSError:
            self._begin("high_water", "high_water_missing")
            return
        if self._trouble is not None:
            self._scan_stops.end(self._trouble)
            self._trouble = None
            self._note("high_water_back")
        elif self._marked == 0 and found is not MarkState.HOLDS and _started_before(db):
            self._note("high_water_begun", found=found)
        self._marked = size

    def _begin(
        self, code: str, event: str, refusal: OperationRefused | None = None
    ) -> None:
        if self._trouble != code:
            if self._trouble is not None:
                self._scan_stops.end(self._trouble)
            self._trouble = code
            self._scan_stops.begin(code, refusal)
            self._note(event)

    def _check(self) -> None:
        """Check the whole ledger, again where a check came to nothing.

        The system ends a process where memory is short; what it was to find is not
        known then, and pages that said nothing would say that all is well.
        """
        told = False
        try:
            while not self._checked():
                self._scan_stops.begin("unchecked")
                if not told:
                    self._record("check_failed")
                    told = True
                if self._stopping.wait(_CHECK_AGAIN_S):
                    return
        except JobAbandoned:
            return  # the next start finds no "checked", and begins anew
        self._scan_stops.end("unchecked")
        self._scan_stops.end("unclean")

    def _checked(self) -> bool:
        """Check once; what does not hold stops the scans. False: nothing is known.

        Raises:
            JobAbandoned: the station is closing.
        """
        try:
            entries, fault = self._check_job.verify(self._settings.database)
        except JobAbandoned:
            raise
        except BackupError as error:
            logger.warning("event=check %s", error)
            return False
        except Exception:  # no memory for a process, an answer cut short
            logger.exception("event=check")
            return False
        if fault is not None:
            refusal = OperationRefused(RefusalReason.LEDGER_UNCLEAR, fault)
            self._scan_stops.begin("ledger:check", refusal)
        if self._unclean or fault is not None:
            self._record("checked", entries=entries, holds=fault is None)
        return True

    def _record(self, event: str, **facts: Json) -> None:
        """Record, or show that nothing can be."""
        try:
            self._note(event, **facts)
        except StationError as error:
            self._scan_stops.failed(error)


def must_check(db: Connection, note: RecordNote) -> bool:
    """True where the whole ledger is to be checked beside the work.

    The run before ended without a word, which is recorded; or the check that was due
    since then was never finished, or found something.

    Raises:
        StationError: it cannot be recorded.
    """
    ran = last_event(db, "start", "stop")
    if ran is not None and ran.draft.data["event"] == "start":
        newest = entry(db, head(db).size - 1)
        note("unclean_stop", started_ms=ran.entry_ms, last_entry_ms=newest.entry_ms)
        return True
    checked = last_event(db, "unclean_stop", "checked")
    return checked is not None and checked.draft.data.get("holds") is not True


def _started_before(db: Connection) -> bool:
    """True after the very first start, which alone may find no high-water mark."""
    return len(events(db, 0, "start")) > 1
