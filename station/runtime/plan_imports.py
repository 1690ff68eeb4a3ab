"""The desk where a plan comes in: read aside, shown, and recorded as it was shown.

What a clerk confirms is worked out again on the writing thread and compared, by digest,
with what was on the screen: what changed meanwhile is recorded by nobody.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from station.custody.plan import dry_run
from station.custody.plan import record_plan as plans
from station.errors import StationError
from station.runtime.background_task import BackgroundTask, TaskProgress, TaskState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from station.custody.accounts.sign_in import Write
    from station.custody.plan.dry_run import Proposal
    from station.custody.plan.plan_records import Imported, Plan
    from station.custody.plan.record_plan import Upload
    from station.ledger.log import Log
    from station.model import Clock
    from station.settings.station_toml import Settings
    from station.storage.database import Connection

    Tell = Callable[[str, int, int], None]

_KEPT = 4
"""Plans that are remembered, with their files."""


class ImportStage(StrEnum):
    """How far a plan is."""

    READING = "reading"
    SHOWN = "shown"
    """The dry run: nothing is recorded."""
    RECORDING = "recording"
    RECORDED = "recorded"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class DryRun:
    """What the files say and what recording them would change."""

    plan: Plan
    change: Proposal
    known: Mapping[str, str]
    """The areas that were registered when they were read."""
    digest: str
    """SHA-256 (hex) of all that is shown."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a plan became."""

    imported: Imported
    first: int | None
    """Its first entry; None where the files said nothing new."""
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportView:
    """A plan as it stands at this moment."""

    id: str
    names: Sequence[str]
    """Of its files."""
    stage: ImportStage
    step: TaskProgress
    run: DryRun | None = None
    recorded: Recorded | None = None
    fault: Exception | None = None
    """Why it cannot be read, or was not recorded."""
    anew: bool = False
    """True where it was worked out again because something changed meanwhile."""


class ChangedError(StationError):
    """What was confirmed is not what recording would do now."""

    def __init__(self, run: DryRun) -> None:
        super().__init__("The plan's changes are others now; look at them again.")
        self.run = run


class _ImportJob:
    """A plan and what becomes of it; its lock guards the confirmation."""

    def __init__(
        self, files: Sequence[Upload], reading: BackgroundTask[DryRun]
    ) -> None:
        self.files, self.reading = files, reading
        self.lock = threading.Lock()
        self.recording: BackgroundTask[Recorded] | None = None

    @property
    def stage(self) -> ImportStage:
        """How far it is."""
        read = self.reading.going
        if read is not TaskState.DONE:
            return (
                ImportStage.READING
                if read is TaskState.RUNNING
                else ImportStage.UNREADABLE
            )
        if self.recording is None:
            return ImportStage.SHOWN
        return _AFTER[self.recording.going]

    @property
    def run(self) -> DryRun | None:
        """The newest dry run of it."""
        fault = self.recording.fault if self.recording else None
        return fault.run if isinstance(fault, ChangedError) else self.reading.result


_AFTER = {
    TaskState.RUNNING: ImportStage.RECORDING,
    TaskState.DONE: ImportStage.RECORDED,
    TaskState.FAILED: ImportStage.SHOWN,
}


class PlanImports:
    """Everything that people do with a plan at a screen."""

    def __init__(
        self,
        settings: Settings,
        read: Callable[[], Connection],
        write: Write,
        clock: Clock,
    ) -> None:
        self._settings, self._read, self._write = settings, read, write
        self._clock = clock
        self._lock = threading.Lock()
        self._cases: OrderedDict[str, _ImportJob] = OrderedDict()

    def receive(self, draft: str, files: Sequence[Upload]) -> None:
        """Begin to read these files; a draft that is known begins nothing."""
        with self._lock:
            if draft in self._cases:
                return
            reading = BackgroundTask(lambda tell: self._dry_run(files, tell))
            self._cases[draft] = _ImportJob(files, reading)
            self._forget()

    def draft(self, draft: str) -> ImportView | None:
        """How a plan stands; None where nobody remembers it."""
        case = self._case(draft)
        if case is None:
            return None
        stage, recording = case.stage, case.recording
        fault = case.reading.fault or (recording.fault if recording else None)
        step = recording.step if recording else case.reading.step
        return ImportView(
            id=draft,
            names=[file.name for file in case.files],
            stage=stage,
            step=step,
            run=None if stage is ImportStage.READING else case.run,
            recorded=recording.result if recording else None,
            fault=None if isinstance(fault, ChangedError) else fault,
            anew=isinstance(fault, ChangedError),
        )

    def record(self, draft: str, digest: str, actor: str, *, good_rows: bool) -> None:
        """Begin to record a plan as it was shown; once.

        Args:
            draft: The plan's.
            digest: Of what the clerk saw.
            actor: Who confirms it.
            good_rows: True to leave the held rows out, False to record all or
                nothing.
        """
        case = self._case(draft)
        if case is None:
            return
        with case.lock:
            if case.stage is not ImportStage.SHOWN:
                return
            run = case.run

            def work(tell: Tell) -> Recorded:
                if run is None or run.digest != digest:
                    raise ChangedError(self._dry_run(case.files, tell))
                tell("record", 0, run.change.boxes)
                return self._write(
                    lambda log: self._record(log, case, run, (actor, good_rows, tell))
                )

            case.recording = BackgroundTask(work)

    def close(self) -> None:
        """Let work that is under way end; a plan not yet committed is not recorded."""
        with self._lock:
            cases = list(self._cases.values())
        for case in cases:
            case.reading.stop()
            if case.recording is not None:
                case.recording.stop()
        for case in cases:
            case.reading.join()

    def _case(self, draft: str) -> _ImportJob | None:
        with self._lock:
            return self._cases.get(draft)

    def _forget(self) -> None:
        idle = [
            draft
            for draft, case in self._cases.items()
            if case.stage not in {ImportStage.READING, ImportStage.RECORDING}
        ]
        for draft in idle[: max(0, len(self._cases) - _KEPT)]:
            del self._cases[draft]

    def _dry_run(self, files: Sequence[Upload], tell: Tell) -> DryRun:
        tell("read", 0, len(files))
        db = self._read()
        try:
            known = plans.known_areas(db)
            settings = self._settings
            there = plans.registered(db, settings.election)
            read = plans.read(files, known, settings.election, settings.regency, there)
            tell("compare", 0, len(read.stations))
            change = dry_run.propose(db, read)
        finally:
            db.close()
        return DryRun(read, change, known, _digest(read, change))

    def _record(
        self, log: Log, case: _ImportJob, run: DryRun, act: tuple[str, bool, Tell]
    ) -> Recorded:
        """Record what was shown, on the writing thread.

        Raises:
            ChangedError: it is not what would be recorded now.
            StationError: the plan has problems, and all of it was asked for.
        """
        actor, good_rows, tell = act
        if (
            plans.known_areas(log.db) != run.known
            or _digest(run.plan, dry_run.propose(log.db, run.plan)) != run.digest
        ):
            raise ChangedError(self._dry_run(case.files, tell))
        before = log.size
        imported = plans.record(
            log,
            run.plan.good_rows() if good_rows else run.plan,
            self._settings.regency,
            actor=actor,
            at=self._clock(),
            progress=lambda boxes, total: tell("record", boxes, total),
        )
        changed = log.size > before
        return Recorded(imported, before if changed else None, log.size - 1)


def _digest(plan: Plan, change: Proposal) -> str:
    """SHA-256 (hex) of what a dry run shows: the files, their faults, the changes."""
    shown = hashlib.sha256()
    for part in (dict(plan.sha256), plan.problems, plan.waiting, change):
        shown.update(repr(part).encode("utf-8", "backslashreplace"))
    return shown.hexdigest()
