"""Who writes: one process by a lock on the folder, one thread by a queue of one.

Re-exported by ``station.database``. Knows nothing of SQLite.
"""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from station.model import StationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")
R = TypeVar("R")


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


class Writer(Generic[T]):
    """One thread that owns the writing connection and runs what it is given.

    ``make`` runs on that thread first; what it returns is ``made``. A connection
    of SQLite serves only the thread that opened it.
    """

    made: T

    def __init__(self, make: Callable[[], T]) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ledger-writer")
        self._closing = False
        try:
            self._thread = self._pool.submit(threading.get_ident).result()
            self.made = self._pool.submit(make).result()
        except BaseException:
            self._pool.shutdown()
            raise

    def run(self, fn: Callable[[], R]) -> R:
        """What ``fn`` gives back on the writing thread; its exception is raised here.

        Raises:
            StationError: The writer is closed; ``fn`` was not run.
        """
        if threading.get_ident() == self._thread:
            return fn()
        if self._closing:
            raise StationError("The station is closing: nothing more is recorded.")
        return self._pool.submit(fn).result()

    def close(self) -> None:
        """Refuse new work, wait for the work in hand, end the thread."""
        self._closing = True
        self._pool.shutdown(wait=True)


if sys.platform == "win32":

    def _lock(file: int) -> None:
        import msvcrt  # noqa: PLC0415 - exists on Windows only.

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:

    def _lock(file: int) -> None:
        import fcntl  # noqa: PLC0415 - exists on POSIX only.

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
