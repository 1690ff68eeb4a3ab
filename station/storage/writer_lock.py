"""The lock on a data folder: one process writes; a second one is refused."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Self

from station.errors import StationError

if TYPE_CHECKING:
    from pathlib import Path


class WriterLock:
    """The right to be the only writer in a station's folder; a context manager.

    The operating system lets go of it when the process ends, however it ends;
    the file ``ledger.lock`` that stays behind means nothing by itself.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            StationError: A station is running on this folder, or it is no folder.
        """
        path = self._folder / "ledger.lock"
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as fault:
            raise StationError(
                f"Cannot lock {path}: {fault.strerror}; check the data folder."
            ) from fault
        try:
            _lock(file)
        except OSError as fault:
            os.close(file)
            raise StationError(
                f"A station is already running on {self._folder}: work in its "
                "pages, or stop it first (Ctrl-C in its window)."
            ) from fault
        self._file = file

    def release(self) -> None:
        """Give the lock back, if it is held."""
        if self._file is not None:
            os.close(self._file)  # Closing the file unlocks it.
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


if sys.platform == "win32":

    def _lock(file: int) -> None:
        import msvcrt  # noqa: PLC0415 - exists on Windows only.

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:

    def _lock(file: int) -> None:
        import fcntl  # noqa: PLC0415 - exists on POSIX only.

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
