"""The line at one gate: from a camera's view to the entry, and to the screen.

It composes the stages and decides nothing: ``passing`` says what one passing is,
``evidence`` keeps the picture, ``gate`` decides and records, the hub shows.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from labels.code import LabelCode, LabelError
from station.capture.passing import Passing
from station.custody import consignment, panel
from station.custody.gate import SCHEME
from station.database import DatabaseError
from station.hub import Mark, Picture
from station.model import (
    Draft,
    EntryType,
    Refusal,
    RefusalCode,
    Scan,
    Source,
    StationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from station.capture.evidence import EvidenceStore
    from station.capture.passing import Track
    from station.custody.consignment import Order
    from station.custody.gate import Gate, Outcome
    from station.custody.panel import Load
    from station.database import Writer
    from station.guard import Guard
    from station.hub import Hub
    from station.ledger.log import Log
    from station.model import Entry, View

T = TypeVar("T")

RETRY_AFTER_MS = 2_000
"""After a scan that could not be recorded, so that a full disk is not hammered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What all gates of a station share."""

    writer: Writer[Log]
    hub: Hub
    evidence: EvidenceStore
    guard: Guard
    operator: str
    """Person id that camera scans are recorded under."""
    streams: frozenset[str] = frozenset()
    """Names of the cameras that are a network camera's URL."""


class GateLine:
    """One gate at work; its acts return only when the ledger holds them."""

    def __init__(self, gate: Gate, shared: Shared) -> None:
        self._gate = gate
        self._shared = shared
        self._passing = Passing()
        # One view at a time, whichever camera of this gate it comes from.
        self._lock = threading.Lock()
        self._retry_ms = 0
        self._unread = 0
        """Labels never read that are not counted in the ledger yet."""
        self._missed: list[str] = []
        """Items that came and left while the gate was held, not yet in an entry."""
        self._known: tuple[bool, Load | None] | None = None
        """Held or not, and what is open here; None: to be read from the ledger."""
        self._standing()

    @property
    def name(self) -> str:
        """The gate's name."""
        return self._gate.settings.name

    def on_view(self, view: View) -> None:
        """Take in one camera's view; called from the cameras' threads."""
        with self._lock:
            self._passing.see(view)
            self._unread += len(self._passing.unread(view.camera))
            now_ms = view.taken.mono_ms
            if now_ms >= self._retry_ms and not self._attempt(self._take_in):
                self._retry_ms = now_ms + RETRY_AFTER_MS
            self._show(view)

    def submit(self, text: str, source: Source, actor: str) -> Outcome:
        """Record a scan that no camera made.

        Raises:
            StationError: it cannot be recorded.
        """
        scan = Scan(self.name, text, source, seen=self._gate.clock())
        with self._lock:
            (outcome,) = self._act(lambda: self._gate.record([scan], actor))
            return outcome

    def acknowledge(
        self,
        hold: int,
        reason: str,
        note: str,
        actor: str,
    ) -> Entry:
        """End a hold; what came and left while it lasted is named in the entry."""
        with self._lock:
            self._missed += _item_ids(self._passing.take_missed())
            # What is in view again is decided by itself at the release.
            here = _item_ids(track.text for track in self._passing.due(held=False))
            missed = [item for item in dict.fromkeys(self._missed) if item not in here]
            entry = self._act(
                lambda: self._gate.acknowledge(
                    hold,
                    reason=reason,
                    note=note,
                    actor=actor,
                    bring_back=missed,
                )
            )
            # Only now: an acknowledgement that failed must not lose them.
            self._missed = []
            return entry

    def take_off(self, item: str, reason: str, actor: str) -> Entry:
        """Take a loaded item off the truck again (turunkan)."""
        with self._lock:
            return self._act(
                lambda: self._gate.take_off(item, reason=reason, actor=actor)
            )

    def open(self, order: Order, actor: str) -> str:
        """Open a consignment here; gives its id."""
        gate = self._gate
        with self._lock:
            entry = self._act(
                lambda: consignment.open_consignment(
                    gate.log, gate.settings, order, actor=actor, at=gate.clock()
                )
            )
            return str(entry.draft.consignment)

    def arrive(self, consignment_id: str, actor: str) -> Entry:
        """Open a departed consignment at this end."""
        with self._lock:
            return self._act(
                lambda: consignment.arrive(
                    self._gate.log,
                    self._gate.settings,
                    consignment_id,
                    actor=actor,
                    at=self._gate.clock(),
                )
            )

    def close(self, actor: str, reason: str = "") -> Entry:
        """Close what is open here."""
        with self._lock:
            return self._act(lambda: self._gate.close(reason=reason, actor=actor))

    def start_shift(self, actor: str, *, sound_heard: bool) -> Entry:
        """Record that somebody started work here, and whether the sound was heard."""
        draft = Draft(
            type=EntryType.SYSTEM,
            event=self._gate.clock(),
            actor=actor,
            place=self._gate.settings.place,
            gate=self.name,
            data={"event": "shift_start", "sound_heard": sound_heard},
        )

        def record() -> Entry:
            with self._gate.log.writing() as batch:
                return batch.append(draft)

        with self._lock:
            return self._act(record)

    def _take_in(self) -> None:
        """Record what is due and count what was not read."""
        held, load = self._standing()
        due = self._passing.due(held=held)
        if load is None:
            self._unread = 0
            if due:
                self._look(due)
            return
        if self._unread:
            self._act(lambda: self._gate.unread(self._unread))
            self._unread = 0
        if due:
            self._record(due)

    def _record(self, due: Sequence[Track]) -> None:
        self._shared.guard.check()  # before the pictures: they fill the disk too
        scans = [self._scan(track) for track in due]
        outcomes = self._act(lambda: self._gate.record(scans, self._shared.operator))
        for scan, outcome in zip(scans, outcomes, strict=True):
            if not outcome.waits:
                self._passing.decided(scan.text, outcome.decision.verdict)

    def _scan(self, track: Track) -> Scan:
        ours = track.text.startswith(SCHEME)
        return Scan(
            gate=self.name,
            text=track.text,
            source=Source.STREAM
            if track.camera in self._shared.streams
            else Source.CAMERA,
            seen=track.seen,
            camera=track.camera,
            # Durable before the entry that names it; what is not ours is only
            # counted, so no picture of it is kept.
            evidence=self._shared.evidence.keep(track.jpeg) if ours else None,
        )

    def _look(self, due: Sequence[Track]) -> None:
        """No consignment is open: show the item, record nothing."""
        found = _item_ids(track.text for track in due)
        self._shared.hub.look(self.name, found[-1] if found else None)

    def _act(self, act: Callable[[], T]) -> T:
        """Run an act on the writing thread; then the screen may know of it.

        Raises:
            Refusal: the disk is too full, or the database failed.
        """
        self._shared.guard.check()
        self._known = None
        done, size = self._run(lambda: (act(), self._gate.log.size))
        self._shared.guard.worked()
        self._shared.hub.recorded(size)
        return done

    def _run(self, task: Callable[[], T]) -> T:
        try:
            return self._shared.writer.run(task)
        except DatabaseError as error:
            message = f"Expected the ledger to take the entry, got: {error}."
            refusal = Refusal(RefusalCode.LEDGER_UNCLEAR, message)
            self._shared.guard.failed(refusal)
            raise refusal from error

    def _attempt(self, act: Callable[[], None]) -> bool:
        """Do it; a failure is shown on every page and tried again, never swallowed."""
        try:
            act()
        except StationError as error:
            self._shared.guard.failed(error)
            return False
        return True

    def _standing(self) -> tuple[bool, Load | None]:
        def read() -> tuple[bool, Load | None]:
            db = self._gate.log.db
            held = bool(panel.open_holds(db, self.name))
            return held, panel.open_load(db, self.name)

        if self._known is None:
            self._known = self._run(read)
        return self._known

    def _show(self, view: View) -> None:
        marks = tuple(
            Mark(sighting.outline, sighting.verdict)
            for sighting in self._passing.in_view(view.camera)
        )
        self._shared.hub.show(
            self.name,
            Picture(
                number=0,
                camera=view.camera,
                jpeg=view.jpeg,
                width=view.width,
                height=view.height,
                marks=marks,
                taken_ms=view.taken.wall_ms,
            ),
        )


def _item_ids(texts: Iterable[str]) -> list[str]:
    """The item ids among texts; what is no label of ours has none."""
    found = []
    for text in texts:
        try:
            found.append(str(LabelCode.parse(text).item))
        except LabelError:
            continue
    return found
