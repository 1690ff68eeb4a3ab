"""Long work in a thread of its own, which any other thread may look at.

A page that is loaded again finds the work where it is: what it asks for is a snapshot,
never the work itself.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from labels.label_errors import LabelError
from station.errors import StationError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

LOG = logging.getLogger("jejak.errand")
PATIENCE_S = 40.0
"""For work to notice that it is to stop; longer than a printer may stall."""


class TaskState(StrEnum):
    """How far the work is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """What is being done, how much is done and how much there is."""

    name: str = ""
    done: int = 0
    total: int = 0


class TaskStopped(Exception):  # noqa: N818 - no error: the station closes
    """Told to the work where it next tells of its progress."""


class BackgroundTask(Generic[T]):
    """One piece of work; it begins at once."""

    def __init__(self, work: Callable[[Callable[[str, int, int], None]], T]) -> None:
        """Begin.

        Args:
            work: Given a callable that it tells its step, how much is done, and how
                much there is.
        """
        self.step = TaskProgress()
        self.result: T | None = None
        self.fault: Exception | None = None
        """A StationError or LabelError, or else a fault of this program."""
        self._work = work
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def going(self) -> TaskState:
        """How far it is."""
        if self._thread.is_alive():
            return TaskState.RUNNING
        return TaskState.DONE if self.fault is None else TaskState.FAILED

    def tell(self, name: str, done: int, total: int) -> None:
        """Say how far the work is; what the work itself calls.

        Raises:
            TaskStopped: The station closes.
        """
        if self._stopping.is_set():
            raise TaskStopped
        self.step = TaskProgress(name, done, total)

    def stop(self) -> None:
        """Ask the work to end where it next tells of its progress."""
        self._stopping.set()

    def join(self) -> None:
        """Wait until it has ended."""
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        try:
            self.result = self._work(self.tell)
        except TaskStopped as stopped:
            self.fault = stopped
        except (StationError, LabelError) as fault:
            self.fault = fault
        except Exception as fault:  # the page says so; nobody else would hear of it
            LOG.exception("event=errand_failed")
            self.fault = fault
