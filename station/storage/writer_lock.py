"""The lock on a data folder: one process writes; a second one is refused."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, Self

from station.errors import StationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_RETRY_S = 0.2


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
            self._file = _locked(path)
        except OSError as fault:
            raise StationError(
                "Cannot lock %(path)s: %(reason)s; check the data folder.",
                path=path,
                reason=fault.strerror,
            ) from fault
        if self._file is None:
            raise StationError(
                "A station is already running on %(folder)s: work in its pages, or "
                "stop it first (Ctrl-C in its window).",
                folder=self._folder,
            )

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


@contextlib.contextmanager
def one_at_a_time(path: Path, patience_s: float) -> Iterator[None]:
    """Hold the lock of this file, once no other process holds it.

    Raises:
        TimeoutError: another one held it for all of ``patience_s``.
        OSError: the file cannot be opened.
    """
    end_s = time.monotonic() + patience_s
    while (file := _locked(path)) is None:
        if time.monotonic() > end_s:
            raise TimeoutError
        time.sleep(_RETRY_S)
    try:
        yield
    finally:
        os.close(file)


def _locked(path: Path) -> int | None:
    """The file, open and locked; None while another process has it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(file)
    except OSError:
        os.close(file)
        return None
    return file


if sys.platform == "win32":

    def _lock(file: int) -> None:
        import msvcrt  # noqa: PLC0415 - exists on Windows only.

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

else:

    def _lock(file: int) -> None:
        import fcntl  # noqa: PLC0415 - exists on POSIX only.

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
