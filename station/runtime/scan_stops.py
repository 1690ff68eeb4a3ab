"""What stops the station from accepting scans, and what is wrong right now."""

from __future__ import annotations

import shutil
import threading
import time
from typing import TYPE_CHECKING

from station.camera_frames import CameraState
from station.errors import OperationRefused, RefusalReason

if TYPE_CHECKING:
    from pathlib import Path

    from station.errors import StationError

LEAST_FREE = 200_000_000
"""Bytes; below this the disk could fill up in the middle of an entry's picture."""
_LOOK_EVERY_S = 1.0


class ScanStops:
    """Watches the disk and remembers failures; shared by all gates."""

    def __init__(self, folder: Path, least_free: int = LEAST_FREE) -> None:
        self._folder = folder
        self._least_free = least_free
        self._lock = threading.Lock()
        self._looked = -_LOOK_EVERY_S
        self._free = 0
        self._failed: set[str] = set()
        self._lost: set[str] = set()
        self._told: dict[str, OperationRefused | None] = {}

    def check(self) -> None:
        """Let the scan pass.

        Raises:
            OperationRefused: too little disk is free, or what ``begin`` was told.
        """
        with self._lock:
            refusal = next(filter(None, self._told.values()), None)
        if refusal is not None:
            raise OperationRefused(refusal.code, str(refusal), **refusal.facts)
        if self._free_bytes() < self._least_free:
            megabytes = self._free // 1_000_000
            message = (
                f"Expected {self._least_free // 1_000_000} MB free in {self._folder}, "
                f"got {megabytes} MB; free the disk, scanning goes on by itself."
            )
            raise OperationRefused(RefusalReason.DISK_FULL, message, free=megabytes)

    def failed(self, error: StationError, where: str = "") -> None:
        """Something could not be recorded, at this gate or for the station itself."""
        full = (
            isinstance(error, OperationRefused)
            and error.code is RefusalReason.DISK_FULL
        )
        # That alarm is on by itself, and ends when there is room again.
        if not (full and self._free_bytes() < self._least_free):
            with self._lock:
                self._failed.add(where)

    def worked(self, where: str = "") -> None:
        """It was recorded there: what was wrong at this place is over."""
        with self._lock:
            self._failed -= {where, ""}

    def begin(self, code: str, refusal: OperationRefused | None = None) -> None:
        """Show this alarm until it is ended; with a refusal no scan is accepted."""
        with self._lock:
            self._told[code] = refusal

    def end(self, code: str) -> None:
        """End what ``begin`` began, if it did."""
        with self._lock:
            self._told.pop(code, None)

    @property
    def disk_low(self) -> bool:
        """True while too little disk is free to accept a scan."""
        return self._free_bytes() < self._least_free

    def camera(self, name: str, state: CameraState) -> None:
        """A camera's state changed."""
        with self._lock:
            if state is CameraState.LOST:
                self._lost.add(name)
            else:
                self._lost.discard(name)

    def alarms(self) -> list[str]:
        """Codes of what is wrong now: ``disk``, ``ledger``, ``camera:NAME``, told."""
        codes = []
        if self._free_bytes() < self._least_free:
            codes.append("disk")
        with self._lock:
            if self._failed and not codes:
                codes.append("ledger")
            codes.extend(f"camera:{name}" for name in sorted(self._lost))
            codes.extend(code for code in self._told if code not in codes)
        return codes

    def _free_bytes(self) -> int:
        now = time.monotonic()
        with self._lock:
            if now - self._looked >= _LOOK_EVERY_S:
                self._looked = now
                self._free = self._measure()
            return self._free

    def _measure(self) -> int:
        try:
            return shutil.disk_usage(self._folder).free
        except OSError:  # the disk is gone: nothing can be recorded on it
            return 0
