"""One gate's access to the ledger: each act runs on the writing thread, one at a time.

Shared by the gate's operations and its camera pipeline. Alarms follow each success
and failure, and screens are notified only of what is durable.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from labels.label_code import SCHEME
from station.custody.gate import bring_back, panel
from station.custody.load import open_load
from station.errors import OperationRefused, RefusalReason, StationError
from station.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from station.capture.evidence_store import EvidenceStore
    from station.custody.gate.scanning import Gate
    from station.custody.load import Load
    from station.ledger.log import Batch, Log
    from station.model import Instant
    from station.runtime.hub import Hub
    from station.runtime.scan_stops import ScanStops
    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Writer

T = TypeVar("T")

_NOT_RECORDED = frozenset({RefusalReason.DISK_FULL, RefusalReason.LEDGER_UNCLEAR})
"""Faults of the station rather than of the act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateServices:
    """What all gates of a station share."""

    writer: Writer[Log]
    hub: Hub
    evidence: EvidenceStore
    scan_stops: ScanStops
    check_pin: Callable[[str, str], None]
    """Checks a person's PIN; raises OperationRefused where it is wrong."""
    streams: frozenset[str] = frozenset()
    """Names of the cameras that are a network camera's URL."""


@dataclass(frozen=True, slots=True)
class GateStatus:
    """What decides whether a gate's cameras record."""

    held: bool
    load: Load | None
    """The open consignment."""
    person: str | None
    """Person id of who has the shift."""

    @property
    def waits(self) -> bool:
        """True while labels are not decided: held, or open with nobody on shift."""
        return self.held or (self.load is not None and self.person is None)


class GateLedger:
    """Reads and records for one gate; the caller holds ``lock`` for all but ``run``."""

    def __init__(self, gate: Gate, services: GateServices) -> None:
        self.gate = gate
        self.services = services
        self.lock = threading.Lock()
        """One act or camera frame at a time."""
        self._status: GateStatus | None = None

    @property
    def name(self) -> str:
        """The gate's name."""
        return self.gate.settings.name

    def run(self, task: Callable[[], T]) -> T:
        """The result of ``task``, run on the writing thread.

        Raises:
            OperationRefused: the database failed, or the task refuses.
        """
        stops = self.services.scan_stops
        try:
            return self.services.writer.run(task)
        except DatabaseError as error:
            message = f"Expected the ledger to take the entry, got: {error}."
            refusal = OperationRefused(RefusalReason.LEDGER_UNCLEAR, message)
            stops.failed(refusal, self.name)
            raise refusal from error
        except OperationRefused as refusal:
            if refusal.code in _NOT_RECORDED:
                stops.failed(refusal, self.name)
            raise

    def act(self, act: Callable[[], T]) -> T:
        """Run an act on the writing thread; screens are notified once it is durable.

        Raises:
            OperationRefused: the disk is too full, or as ``run``.
        """
        self.services.scan_stops.check()
        self._status = None
        done, size = self.run(lambda: (act(), self.gate.log.size))
        self.services.scan_stops.worked(self.name)
        self.services.hub.recorded(size)
        return done

    def append(self, act: Callable[[Batch, GateSettings, Instant], T]) -> T:
        """Run an act within a batch of its own, as ``act`` does."""

        def record() -> T:
            with self.gate.log.writing() as batch:
                return act(batch, self.gate.settings, self.gate.clock())

        return self.act(record)

    def attempt(self, act: Callable[[], None]) -> bool:
        """True when the act succeeded; a failure is an alarm on every page."""
        try:
            act()
        except StationError as error:
            self.services.scan_stops.failed(error, self.name)
            return False
        return True

    def status(self) -> GateStatus:
        """Whether the gate is held, what is open there and who has the shift."""

        def read() -> GateStatus:
            db = self.gate.log.db
            return GateStatus(
                held=bool(panel.open_holds(db, self.name)),
                load=open_load(db, self.name),
                person=panel.shift(db, self.name),
            )

        if self._status is None:
            self._status = self.run(read)
        return self._status

    def renew(self) -> None:
        """Read the status anew the next time: somebody acted elsewhere."""
        self._status = None

    def items_of(self, texts: Sequence[str]) -> list[str]:
        """The items named by texts: our labels, or linked ones; others are left out."""
        if not texts:
            return []
        return self.run(lambda: list(filter(None, map(self.gate.item_of, texts))))

    def undecided(self, after: int = -1) -> list[str]:
        """Items recorded as passed undecided since that entry, still to bring back."""
        return self.run(lambda: bring_back.ids(self.gate.log.db, self.name, after))

    def keep_if_ours(self, texts: Sequence[str], jpeg: bytes) -> str | None:
        """SHA-256 of the picture, now durable; None if none of the texts is ours.

        What is not ours is only counted, so no picture of it is kept.
        """
        ours = any(text.startswith(SCHEME) or self.items_of([text]) for text in texts)
        return self.services.evidence.keep(jpeg) if ours else None
