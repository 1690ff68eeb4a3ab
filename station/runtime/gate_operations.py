"""What people do at one gate; each act is durable when it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.camera_frames import Scan
from station.custody.consignment import cancelling, opening, truck_plan
from station.custody.gate import (
    bring_back,
    paper_forms,
    seals_and_condition,
    shift_changes,
)
from station.custody.gate.closing import Closing
from station.errors import OperationRefused, RefusalReason
from station.runtime.camera_pipeline import CameraPipeline
from station.runtime.gate_ledger import GateLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from station.camera_frames import ScanSource
    from station.custody.accounts.second_signature import SigningRequest
    from station.custody.consignment.opening import OpeningOrder
    from station.custody.entry_data.words import (
        AcknowledgeReason,
        LookedFor,
        OwnWords,
        TakeOff,
    )
    from station.custody.gate.paper_forms import PaperForm
    from station.custody.gate.scanning import Gate, Outcome
    from station.custody.gate.seals_and_condition import Inspection
    from station.model import Entry
    from station.runtime.gate_ledger import GateServices


class GateOperations:
    """One gate as people work there; it owns the pipeline of the gate's cameras."""

    def __init__(self, gate: Gate, services: GateServices) -> None:
        self._gate = gate
        self._services = services
        self._ledger = GateLedger(gate, services)
        self._lock = self._ledger.lock
        self.cameras = CameraPipeline(self._ledger)
        self._ledger.status()

    @property
    def name(self) -> str:
        """The gate's name."""
        return self._ledger.name

    def submit(self, text: str, source: ScanSource, actor: str) -> Outcome:
        """Record a scan that no camera made.

        Raises:
            StationError: it cannot be recorded.
        """
        (outcome,) = self.submit_all([text], source, actor)
        return outcome

    def submit_all(
        self,
        texts: Sequence[str],
        source: ScanSource,
        actor: str,
        evidence: bytes | None = None,
    ) -> list[Outcome]:
        """Record the scans of one picture; all are decided before one can hold.

        Args:
            texts: The texts of its symbols.
            source: Where they come from.
            actor: Person id of who made the scans.
            evidence: The picture (JPEG), kept where something of ours is recorded.

        Raises:
            StationError: they cannot be recorded; none is.
        """
        seen = self._gate.clock()
        with self._lock:
            status = self._ledger.status()
            kept = None
            if evidence and status.load is not None and not status.held:
                # Before the picture: it fills the disk too.
                self._services.scan_stops.check()
                kept = self._ledger.keep_if_ours(texts, evidence)
            scans = [
                Scan(self.name, text, source, seen=seen, evidence=kept)
                for text in texts
            ]
            return self._ledger.act(lambda: self._gate.record(scans, actor))

    def acknowledge(
        self, hold: int, reason: AcknowledgeReason, note: str, actor: str
    ) -> Entry:
        """End a hold; what came and left during it is named in the entry."""
        with self._lock:
            missed = self.cameras.came_and_left(actor, after=hold)
            entry = self._ledger.act(
                lambda: self._gate.acknowledge(
                    hold, reason=reason, note=note, actor=actor, bring_back=missed
                )
            )
            self._ledger.attempt(self.cameras.decide_now)
            return entry

    def take_off(self, item: str, reason: TakeOff | OwnWords, actor: str) -> Entry:
        """Take a loaded item off the truck (turunkan); its next sight is a new scan."""
        with self._lock:
            entry = self._ledger.act(
                lambda: self._gate.take_off(item, reason=reason, actor=actor)
            )
            self.cameras.forget(item)
            return entry

    def inspect(
        self, item: str, looked: Inspection, actor: str, jpeg: bytes | None = None
    ) -> Entry:
        """Record what was seen of a box that is counted here, and a photo of it."""
        self._services.scan_stops.check()  # before the picture: it fills the disk too
        with self._lock:
            # Nor is a picture kept of what is refused: no entry would name it.
            gate = self._gate
            self._ledger.run(
                lambda: seals_and_condition.check(
                    gate.log.db, gate.settings, item, looked
                )
            )
            kept = None if jpeg is None else self._services.evidence.keep(jpeg)
            return self._ledger.append(
                lambda batch, gate, at: seals_and_condition.record(
                    batch, gate, item, looked, actor=actor, at=at, evidence=kept
                )
            )

    def looked_for(self, item: str, reason: LookedFor | OwnWords, actor: str) -> Entry:
        """Say what became of an item that passed undecided and is not brought back."""
        with self._lock:
            return self._ledger.append(
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
            entry = self._ledger.act(act)
            self.cameras.begin_anew()
            return str(entry.draft.consignment)

    def arrive(self, consignment_id: str, actor: str) -> Entry:
        """Open a departed consignment at this end."""
        with self._lock:
            entry = self._ledger.act(
                lambda: opening.arrive(
                    self._gate.log,
                    self._gate.settings,
                    consignment_id,
                    actor=actor,
                    at=self._gate.clock(),
                )
            )
            self.cameras.begin_anew()
            return entry

    def ask_close(self, actor: str, closing: Closing | None = None) -> SigningRequest:
        """The closing of what is open here, for a second person to sign.

        Raises:
            OperationRefused: items passed undecided, or as ``Gate.ask_close``.
        """
        said = closing or Closing()
        with self._lock:
            self.cameras.record_undecided()
            return self._ledger.run(lambda: self._gate.ask_close(said, first=actor))

    def close(self, request: SigningRequest, second: str, pin: str) -> Entry:
        """Close what is open here, signed by a second person's PIN.

        Raises:
            OperationRefused: items passed undecided, or as ``Gate.close``.
        """
        # Before the lock: Argon2 takes a while, and the cameras go on meanwhile.
        self._services.check_pin(second, pin)
        with self._lock:
            self.cameras.record_undecided()
            entry = self._ledger.act(lambda: self._gate.close(request, second))
            self.cameras.begin_anew()
            return entry

    def cancel(self, request: SigningRequest, second: str, pin: str) -> Entry:
        """Give up what is open here, signed by a second person's PIN."""
        self._services.check_pin(second, pin)
        with self._lock:
            gate = self._gate
            entry = self._ledger.act(
                lambda: cancelling.cancel(gate.log, request, second, gate.clock())
            )
            self.cameras.begin_anew()
            return entry

    def enter_form(self, form: PaperForm, actor: str) -> list[Outcome]:
        """Record what a numbered paper form says of this gate."""
        with self._lock:
            return self._ledger.act(
                lambda: paper_forms.enter(self._gate, form, actor=actor)
            )

    def start_shift(self, actor: str, *, sound_heard: bool) -> Entry | None:
        """Begin a person's shift, in place of whoever had it; None if it is theirs.

        Labels in view are decided now; what came and left while nobody had the shift
        is named in the entry.
        """
        with self._lock:
            status = self._ledger.status()
            if status.person == actor and self._goes_on(actor, heard=sound_heard):
                return None  # pressed twice
            # While held they wait for the acknowledgement, which names them.
            missed = [] if status.held else self.cameras.came_and_left(actor)
            data = {"sound_heard": sound_heard, **shift_changes.came_and_left(missed)}
            entry = self._ledger.append(
                lambda batch, gate, at: shift_changes.start(
                    batch, gate, actor, at, data
                )
            )
            self.cameras.begin_trials(actor)
            self._ledger.attempt(self.cameras.decide_now)
            return entry

    def _goes_on(self, actor: str, *, heard: bool) -> bool:
        db = self._gate.log.db
        return self._ledger.run(
            lambda: shift_changes.goes_on(db, self.name, actor, sound_heard=heard)
        )

    def hand_over(self, actor: str, to: str) -> Entry:
        """Give the shift to the next person; what is open or held here stays so."""
        with self._lock:
            return self._ledger.append(
                lambda batch, gate, at: shift_changes.hand_over(
                    batch, gate, (actor, to), at
                )
            )

    def end_shift(self, actor: str) -> Entry:
        """End this person's shift; the cameras record nothing until the next one."""
        with self._lock:
            return self._ledger.append(
                lambda batch, gate, at: shift_changes.end(batch, gate, actor, at)
            )

    def renew(self) -> None:
        """Read the gate's status anew: somebody acted elsewhere."""
        with self._lock:
            self._ledger.renew()

    def stop(self) -> None:
        """Record what still waits here, for whoever starts the station again."""
        with self._lock:
            self.cameras.record_undecided()
