"""A print job on its way through the press room, as a page may look at it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from station.errors import StationError
from station.runtime.background_task import TaskProgress, TaskState

if TYPE_CHECKING:
    from collections import OrderedDict

    from labels.printing.send_job import PrinterError
    from station.custody.labelling.print_jobs import PreparedJob, PrintRequest
    from station.runtime.background_task import BackgroundTask

FILE = "file"
"""The target of a job that is taken as a file."""
_KEPT = 8
"""Jobs that are remembered; a city's whole set of labels is some 20 MB."""


class PrintStage(StrEnum):
    """How far a job is."""

    PREPARING = "preparing"
    READY = "ready"
    """Every label of it was read back; it waits to be handed over."""
    SENDING = "sending"
    DONE = "done"
    """Taken whole, and recorded."""
    FAILED = "failed"
    """It cannot be offered; ``fault`` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJobView:
    """A job as it stands at this moment."""

    id: str
    request: PrintRequest
    actor: str
    stage: PrintStage
    step: TaskProgress
    items: int = 0
    labels: int = 0
    size: int = 0
    """Bytes."""
    sha256: str = ""
    fault: Exception | None = None
    """Why it failed, or why it was not taken and can be tried again."""
    target: str = ""
    """Where it went, or was to go."""
    entry: int | None = None
    """The entry that records it."""
    renewed: bool = False
    """True once the issues of a reprint are recorded: the old labels are dead."""
    taken: bool = False
    """True once the printer has it, whether or not that is recorded yet."""


class PrintJob:
    """A job and what becomes of it; its lock guards the hand-over."""

    def __init__(
        self, request: PrintRequest, actor: str, drawing: BackgroundTask[PreparedJob]
    ) -> None:
        self.request, self.actor, self.drawing = request, actor, drawing
        self.lock = threading.Lock()
        self.sending: BackgroundTask[int] | None = None
        self.target = ""
        self.renewed = False
        self.taken = False
        """Its printer has it, whether or not that is recorded yet."""

    @property
    def stage(self) -> PrintStage:
        """How far it is."""
        drawn = self.drawing.going
        if drawn is not TaskState.DONE:
            return (
                PrintStage.PREPARING
                if drawn is TaskState.RUNNING
                else PrintStage.FAILED
            )
        if self.sending is None:
            return PrintStage.READY
        return _AFTER[self.sending.going]

    def told(self, ticket: str) -> PrintJobView:
        """The job as it stands at this moment."""
        stage, job, sending = self.stage, self.drawing.result, self.sending
        fault = self.drawing.fault or (sending.fault if sending else None)
        return PrintJobView(
            id=ticket,
            request=self.request,
            actor=self.actor,
            stage=stage,
            step=self.drawing.step,
            items=len(job.items) if job else 0,
            labels=job.labels if job else 0,
            size=len(job.data) if job else 0,
            sha256=job.sha256 if job else "",
            fault=fault if stage in {PrintStage.FAILED, PrintStage.READY} else None,
            target=self.target,
            entry=sending.result if sending and stage is PrintStage.DONE else None,
            renewed=self.renewed,
            taken=self.taken,
        )


_AFTER = {
    TaskState.RUNNING: PrintStage.SENDING,
    TaskState.DONE: PrintStage.DONE,
    # Not taken: the same job can be handed over again.
    TaskState.FAILED: PrintStage.READY,
}


class NotTakenError(StationError):
    """A printer that did not take the job; ``error`` says what stands in the way."""

    def __init__(self, error: PrinterError) -> None:
        super().__init__(str(error))
        self.error = error


def forget(works: OrderedDict[str, PrintJob]) -> None:
    """Drop the oldest jobs that nothing is done with."""
    idle = [
        ticket
        for ticket, work in works.items()
        if work.stage not in {PrintStage.PREPARING, PrintStage.SENDING}
    ]
    for ticket in idle[: max(0, len(works) - _KEPT)]:
        del works[ticket]
