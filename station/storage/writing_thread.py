"""The one thread that owns the writing connection, and the queue in front of it.

Re-exported by ``station.storage.database``. Knows nothing of SQLite.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from concurrent.futures import Future, InvalidStateError
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from station.errors import StationError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
R = TypeVar("R")
_Work: TypeAlias = "tuple[Future[Any], Callable[[], Any]]"


class Writer(Generic[T]):
    """One thread that owns the writing connection and runs what it is given.

    ``make`` runs on that thread first; what it returns is ``made``. A connection
    of SQLite serves only the thread that opened it. The thread keeps no process
    alive: a disk that never answers must not.
    """

    made: T

    def __init__(self, make: Callable[[], T]) -> None:
        self._asked: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closing = False
        self._waiting: set[Future[Any]] = set()
        self._began_s: float | None = None
        self._thread = threading.Thread(
            target=self._work, name="ledger-writer", daemon=True
        )
        self._thread.start()
        try:
            self.made = self.run(make)
        except BaseException:
            self.close()
            raise

    def run(self, fn: Callable[[], R]) -> R:
        """What ``fn`` gives back on the writing thread; its exception is raised here.

        Raises:
            StationError: The writer is closed and ``fn`` was not run, or it was
                abandoned.
        """
        if threading.get_ident() == self._thread.ident:
            return fn()
        future: Future[R] = Future()
        with self._lock:
            if self._closing:
                raise StationError("The station is closing: nothing more is recorded.")
            self._waiting.add(future)
            self._asked.put((future, fn))
        return future.result()

    @property
    def busy_s(self) -> float:
        """How long the work in hand has taken so far; 0 while there is none."""
        began_s = self._began_s
        return 0.0 if began_s is None else time.monotonic() - began_s

    def settle(self, patience_s: float) -> None:
        """Wait for what was asked before; where that takes longer, abandon it all."""
        settled = threading.Event()
        with self._lock:
            if self._closing:
                return
            self._asked.put((Future(), settled.set))
        if not settled.wait(patience_s):
            self.close(0)

    def close(self, patience_s: float | None = None) -> bool:
        """Refuse new work, wait for what was asked before, end the thread.

        Where that takes longer than the patience, whoever waits is told so, and the
        work in hand is left to the system; False then.
        """
        with self._lock:
            if not self._closing:
                self._closing = True
                self._asked.put(None)
        self._thread.join(patience_s)
        ended = not self._thread.is_alive()
        if not ended:
            self._abandon()
        return ended

    def _abandon(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, set()
        for future in waiting:
            with contextlib.suppress(InvalidStateError):  # it came after all
                future.set_exception(
                    StationError(
                        "The disk does not answer: whether this was recorded is seen "
                        "at the next start."
                    )
                )

    def _work(self) -> None:
        while (asked := self._asked.get()) is not None:
            future, fn = asked
            self._began_s = time.monotonic()
            try:
                done, fault = fn(), None
            except BaseException as error:  # noqa: BLE001 - raised where it was asked
                done, fault = None, error
            self._began_s = None
            with self._lock:
                self._waiting.discard(future)
            with contextlib.suppress(InvalidStateError):  # nobody waits any more
                if fault is None:
                    future.set_result(done)
                else:
                    future.set_exception(fault)
            del asked, future, fn, done, fault  # not kept alive while it waits
