"""Makes the backups when they are due, and says when one is missing.

Every second it is shown the ledger; a backup itself is made beside the station
(``aside``), so that no scan waits for a stick.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.backup import retention, snapshot
from station.backup.backup_order import BackupOrder, BackupResult
from station.backup.snapshot import BackupError
from station.custody.entry_data.words import BackupFault
from station.errors import StationError
from station.ledger.log_reading import events, head, last_event
from station.model import Instant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from station.model import Clock, Entry, Json
    from station.runtime.machine_monitor import RecordNote
    from station.runtime.scan_stops import ScanStops
    from station.settings.station_toml import Settings
    from station.storage.database import Connection

SHIFT_ENDS = ("shift_end", "handover", "shift_start")
"""Events after which a shift's work should lie in two places."""
RETRY_MS = {
    BackupFault.MISSING: 5_000,
    BackupFault.FULL: 60_000,
    BackupFault.FAILED: 300_000,
}
OLD_AFTER = 3
"""So many intervals without a backup are told."""
_LOOK_MS = 60_000
"""Between two looks for a backup that a person made in the folder."""
_CALM_MS = 300_000
"""Between two backups for a shift's sake; one that is wanted sooner waits so long."""


@dataclass(frozen=True, slots=True)
class LastBackup:
    """The last backup that was made and verified."""

    at_ms: int
    """UTC milliseconds."""
    size: int
    """Entries that it holds."""
    root: str
    """Of the tree over them, hexadecimal."""
    name: str
    own_disk: bool
    """True where it lies on the ledger's own disk."""


def last_good(db: Connection) -> LastBackup | None:
    """The last backup that the ledger tells of."""
    found = last_event(db, "backup")
    return None if found is None else _good(found)


def last_scheduled(db: Connection, folder: Path) -> LastBackup | None:
    """The last one in this folder of the schedule, asked for by nobody.

    An entry of before the folder was told counts for any: a stick that was there once
    is then still missed.
    """
    here = _place(folder)
    for found in events(db, 0, "backup"):
        told = found.draft.data
        if told.get("asked") is not True and told.get("folder", here) == here:
            return _good(found)
    return None


def _place(folder: Path) -> str:
    """Which folder it was, for an entry that names none: a path may name people."""
    path = os.path.normcase(folder)
    return hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _good(found: Entry) -> LastBackup:
    told = found.draft.data
    return LastBackup(
        found.entry_ms,
        int(str(told["size"])),
        str(told["root"]),
        str(told["to"]),
        told["own_disk"] is True,
    )


class BackupScheduler:
    """The station's backups; one thread turns it."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        scan_stops: ScanStops,
        note: RecordNote,
        make: Callable[[BackupOrder], BackupResult],
    ) -> None:
        """Nothing happens before the first turn.

        Args:
            settings: Where to, how often.
            clock: The station's clock.
            scan_stops: Shows ``backup:missing``, ``full``, ``failed``, ``old``.
            note: Records.
            make: Makes a backup; BackupError where there is none.
        """
        self._settings, self._clock, self._scan_stops = settings, clock, scan_stops
        self._note, self._make = note, make
        self.last: LastBackup | None = None
        """For the board."""
        self._there: LastBackup | None = None
        """The last one in the folder of the schedule."""
        self._since: Instant | None = None
        """When the folder had its last backup, or the station started without; one
        of before the start lies before the start of ``mono_ms``, too."""
        self._seen = 0
        self._wanted = False
        self._owed = False
        """A shift ended after the last one."""
        self._fault: BackupFault | None = None
        self._retry_ms = 0
        self._look_ms = 0

    def turn(self, db: Connection) -> None:
        """Look at what is due, and do it."""
        now = self._clock()
        if self._since is None:
            self._begin(db, now)
        self._owed = self._owed or self._shift_ended(db)
        folder = self._settings.backup.folder
        if folder is not None and now.mono_ms >= self._retry_ms:
            self._scheduled(folder, now)
            if self._fault is None and now.mono_ms >= self._look_ms:
                self._look_ms = now.mono_ms + _LOOK_MS
                self._find_newer(db, folder)
        self.age()

    def age(self) -> None:
        """Tell while the last backup is old; from any thread, even during one."""
        if self._settings.backup.folder is None:
            return
        if self._elapsed(self._clock()) >= OLD_AFTER * self._every_ms:
            self._scan_stops.begin("backup:old")
        else:
            self._scan_stops.end("backup:old")

    def _find_newer(self, db: Connection, folder: Path) -> None:
        """Show a backup that a person made there: it is no entry of the ledger."""
        found = retention.newest(folder, db)
        if found is not None and (self.last is None or found.size > self.last.size):
            self.last = LastBackup(
                found.made_ms,
                found.size,
                found.root,
                found.folder.name,
                snapshot.own_disk(folder, self._settings.database),
            )

    def make_now(self, to: Path) -> BackupResult:
        """Make and record the backup that a person asked for.

        Raises:
            BackupError: there is none; that is recorded too.
        """
        try:
            self.last, made = self._backed_up(to, asked=True)
        except BackupError as error:
            self._tell_failure(error, to)
            raise
        return made

    def _begin(self, db: Connection, now: Instant) -> None:
        folder = self._settings.backup.folder
        self.last = last_good(db)
        self._there = None if folder is None else last_scheduled(db, folder)
        # What ended between the last one and a restart is owed as well.
        self._seen = head(db).size if self._there is None else self._there.size
        age_ms = 0 if self._there is None else max(0, now.wall_ms - self._there.at_ms)
        # A restart makes the last one no younger.
        self._since = Instant(now.wall_ms - age_ms, now.mono_ms - age_ms)
        # None lies there yet: make one now, and not in an hour.
        self._wanted = self._there is None

    @property
    def _every_ms(self) -> int:
        return self._settings.backup.every_minutes * 60_000

    def _shift_ended(self, db: Connection) -> bool:
        start, self._seen = self._seen, head(db).size
        if not self._settings.backup.at_shift_end or start == self._seen:
            return False
        return bool(events(db, start, *SHIFT_ENDS))

    def _is_due(self, now: Instant) -> bool:
        elapsed_ms = self._elapsed(now)
        return (
            self._wanted
            or elapsed_ms >= self._every_ms
            or (self._owed and elapsed_ms >= _CALM_MS)
        )

    def _elapsed(self, now: Instant) -> int:
        """Since the last one, by the clock that tells more: one may have slept."""
        since = self._since or now
        return max(now.mono_ms - since.mono_ms, now.wall_ms - since.wall_ms)

    def _scheduled(self, folder: Path, now: Instant) -> None:
        self._retry_ms = now.mono_ms + RETRY_MS[BackupFault.MISSING]
        try:
            self._plugged(folder)
            if self._is_due(now):
                self._there, _ = self._backed_up(folder, asked=False)
                self.last = self._there
                self._since = self._clock()
                self._wanted = self._owed = False
                self._over()
            elif self._fault is BackupFault.MISSING:
                self._over()
        except BackupError as error:
            self._retry_ms = self._clock().mono_ms + RETRY_MS[error.fault]
            if error.fault is not self._fault:
                self._over()
                self._fault = error.fault
                self._scan_stops.begin(f"backup:{error.fault}")
                self._tell_failure(error, folder)

    def _plugged(self, folder: Path) -> None:
        """Let a folder pass that is there, and lies on the stick where it lay.

        Raises:
            BackupError: it is not; an empty mount point is no stick either.
        """
        ledger = self._settings.database
        try:
            other = self._there is not None and not self._there.own_disk
            there = folder.is_dir() and not (
                other and snapshot.own_disk(folder, ledger)
            )
        except OSError:
            there = False
        if not there:
            raise BackupError(
                BackupFault.MISSING,
                "Expected the stick with %(folder)s, found none: plug it in.",
                folder=folder,
            )

    def _backed_up(self, to: Path, *, asked: bool) -> tuple[LastBackup, BackupResult]:
        """A new backup there, recorded.

        Raises:
            BackupError: there is none.
        """
        made = self._make(BackupOrder.of(self._settings, to, self._clock().wall_ms))
        good = LastBackup(
            self._clock().wall_ms, made.size, made.root, made.name, made.own_disk
        )
        self._record(
            "backup",
            to=made.name,
            size=made.size,
            root=made.root,
            pictures=made.pictures,
            lost=made.lost,
            own_disk=made.own_disk,
            asked=asked,
            folder=_place(to),
        )
        return good, made

    def _tell_failure(self, error: BackupError, to: Path) -> None:
        self._record("backup_failed", fault=error.fault, to=to.name or to.anchor)

    def _record(self, event: str, **facts: Json) -> None:
        try:
            self._note(event, **facts)
        except StationError as error:
            self._scan_stops.failed(error)

    def _over(self) -> None:
        """What was wrong with the folder is over."""
        if self._fault is not None:
            self._scan_stops.end(f"backup:{self._fault}")
            self._record("backup_possible", after=self._fault)
            self._fault = None
