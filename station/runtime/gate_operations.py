"""What people do at one gate, each act durable when it returns.

``line.py`` adds the cameras. One act at a time: whoever holds the lock of a gate.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from station.custody.consignment import cancelling, opening, truck_plan
from station.custody.gate import (
    bring_back,
    panel,
    paper_forms,
    seals_and_condition,
    shift_changes,
)
from station.custody.gate.closing import Closing
from station.custody.load import open_load
from station.errors import OperationRefused, RefusalReason
from station.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.capture.evidence_store import EvidenceStore
    from station.custody.accounts.second_signature import SigningRequest
    from station.custody.consignment.opening import OpeningOrder
    from station.custody.gate.paper_forms import PaperForm
    from station.custody.gate.scanning import Gate, Outcome
    from station.custody.gate.seals_and_condition import Inspection
    from station.custody.load import Load
    from station.ledger.log import Batch, Log
    from station.model import Entry, Instant
    from station.runtime.hub import Hub
    from station.runtime.scan_stops import ScanStops
    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Writer

T = TypeVar("T")

_NOT_RECORDED = frozenset({RefusalReason.DISK_FULL, RefusalReason.LEDGER_UNCLEAR})
"""What is wrong with the station, not with the act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateServices:
    """What all gates of a station share."""

    writer: Writer[Log]
    hub: Hub
    evidence: EvidenceStore
    guard: ScanStops
    check_pin: Callable[[str, str], None]
    """Lets pass who knows this person's PIN; raises OperationRefused."""
    streams: frozenset[str] = frozenset()
    """Names of the cameras that are a network camera's URL."""


class GateOperations:
    """One gate, as far as people act there."""

    def __init__(self, gate: Gate, shared: GateServices) -> None:
        self._gate = gate
        self._shared = shared
        # One act or view at a time, whoever it comes from.
        self._lock = threading.Lock()
        self._known: tuple[bool, Load | None, str | None] | None = None
        """Held or not, what is open here, who has the shift; None: to be read."""

    @property
    def name(self) -> str:
        """The gate's name."""
        return self._gate.settings.name

    def take_off(self, item: str, reason: str, actor: str) -> Entry:
        """Take a loaded item off the truck again (turunkan)."""
        with self._lock:
            return self._act(
                lambda: self._gate.take_off(item, reason=reason, actor=actor)
            )

    def inspect(
        self, item: str, looked: Inspection, actor: str, jpeg: bytes | None = None
    ) -> Entry:
        """Record what was seen of a box that is counted here, and a photo of it."""
        self._shared.guard.check()  # before the picture: it fills the disk too
        with self._lock:
            # Nor is a picture kept of what is refused: no entry would name it.
            gate = self._gate
            self._run(
                lambda: seals_and_condition.check(
                    gate.log.db, gate.settings, item, looked
                )
            )
            kept = None if jpeg is None else self._shared.evidence.keep(jpeg)
            return self._append(
                lambda batch, gate, at: seals_and_condition.record(
                    batch, gate, item, looked, actor=actor, at=at, evidence=kept
                )
            )

    def looked_for(self, item: str, reason: str, actor: str) -> Entry:
        """Say what became of an item that passed undecided and is not brought back."""
        with self._lock:
            return self._append(
                lambda batch, gate, at: bring_back.settle(
                    batch, gate, (item, reason), actor, at
                )
            )

    def open(self, order: OpeningOrder, actor: str) -> str:
        """Open a consignment here; gives its id."""
        return self._open(lambda: (order, None), actor)

    def open_planned(self, consignment_id: str, actor: str) -> str:
        """Open one of the truck plan here, as it is planned; gives its id."""

        def order() -> tuple[OpeningOrder, int | None]:
            found = truck_plan.planned(self._gate.log.db, consignment_id)
            if found is None or found.gate != self.name:
                message = f"Expected one planned for here, got {consignment_id}."
                raise OperationRefused(RefusalReason.NOT_PLANNED, message)
            truck_plan.require_current(self._gate.log.db, found)
            return found.order, found.number

        return self._open(order, actor)

    def _open(
        self, order: Callable[[], tuple[OpeningOrder, int | None]], actor: str
    ) -> str:
        gate = self._gate

        def act() -> Entry:
            wanted, number = order()
            return opening.open_consignment(
                gate.log,
                gate.settings,
                wanted,
                planned=number,
                actor=actor,
                at=gate.clock(),
            )

        with self._lock:
            entry = self._act(act)
            self._load_changed()
            return str(entry.draft.consignment)

    def arrive(self, consignment_id: str, actor: str) -> Entry:
        """Open a departed consignment at this end."""
        with self._lock:
            entry = self._act(
                lambda: opening.arrive(
                    self._gate.log,
                    self._gate.settings,
                    consignment_id,
                    actor=actor,
                    at=self._gate.clock(),
                )
            )
            self._load_changed()
            return entry

    def ask_close(self, actor: str, closing: Closing | None = None) -> SigningRequest:
        """The closing of what is open here, for a second person to sign.

        Raises:
            OperationRefused: items passed undecided, or as ``Gate.ask_close``.
        """
        said = closing or Closing()
        with self._lock:
            self._before_close()
            return self._run(lambda: self._gate.ask_close(said, first=actor))

    def close(self, request: SigningRequest, second: str, pin: str) -> Entry:
        """Close what is open here, signed by a second person's PIN.

        Raises:
            OperationRefused: items passed undecided, or as ``Gate.close``.
        """
        # Before the lock: Argon2 takes a while, and the cameras go on meanwhile.
        self._shared.check_pin(second, pin)
        with self._lock:
            self._before_close()
            entry = self._act(lambda: self._gate.close(request, second))
            self._load_changed()
            return entry

    def cancel(self, request: SigningRequest, second: str, pin: str) -> Entry:
        """Give up what is open here, signed by a second person's PIN."""
        self._shared.check_pin(second, pin)
        with self._lock:
            gate = self._gate
            entry = self._act(
                lambda: cancelling.cancel(gate.log, request, second, gate.clock())
            )
            self._load_changed()
            return entry

    def _before_close(self) -> None:
        """Called under the lock before a consignment is closed here, or asked to be."""

    def _load_changed(self) -> None:
        """Called under the lock when a consignment was opened or closed here."""

    def enter_form(self, form: PaperForm, actor: str) -> list[Outcome]:
        """Record what a numbered paper form says of this gate."""
        with self._lock:
            return self._act(lambda: paper_forms.enter(self._gate, form, actor=actor))

    def hand_over(self, actor: str, to: str) -> Entry:
        """Give the shift to the next person; what is open or held here stays so."""
        with self._lock:
            return self._append(
                lambda batch, gate, at: shift_changes.hand_over(
                    batch, gate, (actor, to), at
                )
            )

    def end_shift(self, actor: str) -> Entry:
        """End this person's shift; the cameras record nothing until the next one."""
        with self._lock:
            return self._append(
                lambda batch, gate, at: shift_changes.end(batch, gate, actor, at)
            )

    def renew(self) -> None:
        """Read anew what the ledger says: somebody acted elsewhere."""
        with self._lock:
            self._known = None

    def _append(self, act: Callable[[Batch, GateSettings, Instant], T]) -> T:
        def record() -> T:
            with self._gate.log.writing() as batch:
                return act(batch, self._gate.settings, self._gate.clock())

        return self._act(record)

    def _act(self, act: Callable[[], T]) -> T:
        """Run an act on the writing thread; then the screen may know of it.

        Raises:
            OperationRefused: the disk is too full, or the database failed.
        """
        self._shared.guard.check()
        self._known = None
        done, size = self._run(lambda: (act(), self._gate.log.size))
        self._shared.guard.worked(self.name)
        self._shared.hub.recorded(size)
        return done

    def _run(self, task: Callable[[], T]) -> T:
        try:
            return self._shared.writer.run(task)
        except DatabaseError as error:
            message = f"Expected the ledger to take the entry, got: {error}."
            refusal = OperationRefused(RefusalReason.LEDGER_UNCLEAR, message)
            self._shared.guard.failed(refusal, self.name)
            raise refusal from error
        except OperationRefused as refusal:
            if refusal.code in _NOT_RECORDED:
                self._shared.guard.failed(refusal, self.name)
            raise

    def _standing(self) -> tuple[bool, Load | None, str | None]:
        def read() -> tuple[bool, Load | None, str | None]:
            db = self._gate.log.db
            held = bool(panel.open_holds(db, self.name))
            load = open_load(db, self.name)
            return held, load, panel.shift(db, self.name)

        if self._known is None:
            self._known = self._run(read)
        return self._known
