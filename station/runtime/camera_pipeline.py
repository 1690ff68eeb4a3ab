"""The line at one gate: from a camera's view to the entry, and to the screen.

It composes the stages and decides nothing: ``passing`` says what one passing is,
``evidence`` keeps the picture, ``gate`` decides and records, the hub shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from labels.label_code import SCHEME
from station.capture.passage_tracker import PassageTracker
from station.capture.read_rate_trial import Trials
from station.custody.accounts import directory
from station.custody.gate import bring_back, camera_trial, shift_changes
from station.errors import StationError
from station.model import CameraState, Scan, ScanSource
from station.runtime.gate_operations import GateOperations
from station.runtime.hub import OutlinedLabel, Picture

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from station.capture.passage_tracker import Track
    from station.capture.read_rate_trial import Trial
    from station.custody.gate.scanning import Gate, Outcome
    from station.model import Entry, FrameResult, Json
    from station.runtime.gate_operations import GateServices

T = TypeVar("T")

RETRY_AFTER_MS = 2_000
"""After a scan that could not be recorded, so that a full disk is not hammered."""


class GateLine(GateOperations):
    """One gate at work; its acts return only when the ledger holds them."""

    def __init__(self, gate: Gate, shared: GateServices) -> None:
        super().__init__(gate, shared)
        self._passing = PassageTracker()
        self._retry_ms = 0
        self._unread = 0
        """Labels never read that are not counted in the ledger yet."""
        self._missed: list[str] = []
        """Items that came and left while the gate was held, not yet in an entry."""
        self._test_text = str(gate.test_label)
        self._trials = Trials(self._test_text)
        self._tried_by: str | None = None
        """Whose shift the trials are of."""
        self._tried: set[str] = set()
        """Cameras that were tried well in it."""
        self._ended: list[Trial] = []
        """Trials that are not yet in an entry."""
        self._standing()

    def on_view(self, view: FrameResult) -> None:
        """Take in one camera's view; called from the cameras' threads."""
        with self._lock:
            self._passing.see(view)
            self._unread += len(self._passing.unread(view.camera))
            now_ms = view.taken.mono_ms
            if now_ms < self._retry_ms:
                self._passing.due(held=True)
            elif not self._attempt(lambda: self._take_in(view)):
                self._retry_ms = now_ms + RETRY_AFTER_MS
                # What passes while nothing can be recorded waits, as in a hold: it is
                # decided if it stays, and else named as to be brought back.
                self._passing.due(held=True)
            self._show(view)

    def on_state(self, camera: str, state: CameraState) -> None:
        """Take in that a camera is lost; its next view says that it is back."""
        if state is CameraState.LOST:
            with self._lock:
                self._passing.lost(camera, self._gate.clock().mono_ms)

    def take_off(self, item: str, reason: str, actor: str) -> Entry:
        """Take a loaded item off again; its next sight is then a new scan."""
        entry = super().take_off(item, reason, actor)
        with self._lock:
            self._passing.forget(
                lambda text: self._items_of([text]) == [item],
                self._gate.clock().mono_ms,
            )
        return entry

    def stop(self) -> None:
        """Name what waits here: whoever starts again has to know of it."""
        with self._lock:
            self._name_all()

    def _before_close(self) -> None:
        """What passed undecided up to this moment is named; the closing is refused."""
        self._name_all()

    def _name_all(self) -> None:
        """Name what passed undecided, and with nobody on shift what stands there."""
        held, load, person = self._standing()
        unmanned = load is not None and person is None
        self._missed += self._items_of(self._passing.take_missed(all_=held or unmanned))
        self._attempt(lambda: self._name_missed(person))

    def _load_changed(self) -> None:
        """Another load, or none: what stands in view is decided for it anew."""
        self._passing.begin_anew()

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
            texts: What its symbols say.
            source: Where they come from.
            actor: Person id of who made the scans.
            evidence: The picture (JPEG), kept where something of ours is recorded.

        Raises:
            StationError: they cannot be recorded; none is.
        """
        seen = self._gate.clock()
        with self._lock:
            held, load, _ = self._standing()
            kept = None
            if evidence and load is not None and not held:
                self._shared.guard.check()  # before the picture: it fills the disk too
                kept = self._keep_if_ours(texts, evidence)
            scans = [
                Scan(self.name, text, source, seen=seen, evidence=kept)
                for text in texts
            ]
            return self._act(lambda: self._gate.record(scans, actor))

    def _keep_if_ours(self, texts: Sequence[str], jpeg: bytes) -> str | None:
        ours = any(self._is_ours(text) for text in texts)
        return self._shared.evidence.keep(jpeg) if ours else None

    def _is_ours(self, text: str) -> bool:
        """True for what looks like a label of ours, and for one linked to an item."""
        return text.startswith(SCHEME) or bool(self._items_of([text]))

    def acknowledge(
        self,
        hold: int,
        reason: str,
        note: str,
        actor: str,
    ) -> Entry:
        """End a hold; what came and left while it lasted is named in the entry."""
        with self._lock:
            missed = self._came_and_left(actor, after=hold)
            entry = self._act(
                lambda: self._gate.acknowledge(
                    hold,
                    reason=reason,
                    note=note,
                    actor=actor,
                    bring_back=missed,
                )
            )
            self._attempt(self._decide_now)
            return entry

    def _came_and_left(self, actor: str, after: int = -1) -> list[str]:
        """What passed undecided since that entry and is not in view, each named."""
        self._missed += self._items_of(self._passing.take_missed())
        # What is in view again is decided at the release, or as the shift begins.
        here = self._items_of([track.text for track in self._in_view()])
        self._missed = [item for item in self._missed if item not in here]
        self._attempt(lambda: self._name_missed(actor))
        left = [item for item in self._waiting(after) if item not in here]
        return left[: bring_back.MOST]

    def _goes_on(self, actor: str, *, sound_heard: bool) -> bool:
        db = self._gate.log.db
        return self._run(
            lambda: shift_changes.goes_on(db, self.name, actor, sound_heard=sound_heard)
        )

    def start_shift(self, actor: str, *, sound_heard: bool) -> Entry | None:
        """Begin somebody's shift here, in place of whoever had it; None: it is theirs.

        What is in view is decided now; what came and left while nobody had the shift
        is named in the entry.
        """
        with self._lock:
            held, _, before = self._standing()
            if before == actor and self._goes_on(actor, sound_heard=sound_heard):
                return None  # pressed twice
            # While held they wait for the acknowledgement, which names them.
            missed = [] if held else self._came_and_left(actor)
            told = {"sound_heard": sound_heard, **shift_changes.came_and_left(missed)}
            entry = self._append(
                lambda batch, gate, at: shift_changes.start(
                    batch, gate, actor, at, told
                )
            )
            self._begin_trials(actor)
            self._attempt(self._decide_now)
            return entry

    def _begin_trials(self, person: str | None) -> None:
        self._tried_by = person
        self._tried.clear()
        self._trials.forget()

    def _try_camera(self, view: FrameResult, person: str | None) -> None:
        """The test label is no item, whatever is open; a shift tries its cameras."""
        if self._trials.shows(view):
            self._passing.decided(self._test_text, None)
        if person != self._tried_by:
            self._begin_trials(person)
        wanted = person is not None and view.camera not in self._tried
        ended = self._trials.see(view, wanted=wanted)
        if ended is not None:
            self._ended.append(ended)
        while self._ended and person is not None:
            self._record_trial(self._ended[0], person)
            del self._ended[0]

    def _record_trial(self, ended: Trial, person: str) -> None:
        told = _told_of(ended)
        self._append(
            lambda batch, gate, at: camera_trial.record(batch, gate, person, at, told)
        )
        if ended.count.good:
            self._tried.add(ended.camera)

    def _take_in(self, view: FrameResult) -> None:
        """Record what is due and count what was not read."""
        held, load, person = self._standing()
        self._try_camera(view, person)
        # With nobody on shift nothing is decided, as while held: somebody has to
        # stand behind each entry.
        idle = load is not None and person is None
        waits = held or idle
        due = self._passing.due(held=waits)
        # At once, also while held: a stop in the middle must not lose them.
        self._missed += self._items_of(
            self._passing.take_ended() if waits else self._passing.take_missed()
        )
        self._name_missed(person)
        if load is None:
            self._unread = 0
            if due:
                self._look(due)
            return
        if self._unread:
            self._act(lambda: self._gate.unread(self._unread))
            self._unread = 0
        if due and person is not None:
            self._record(due, person)

    def _name_missed(self, person: str | None) -> None:
        """Name what passed undecided, as soon as it can be recorded; each once."""
        if not self._missed:
            return
        there = self._waiting()
        missed = [item for item in dict.fromkeys(self._missed) if item not in there]
        if missed:
            actor = person or directory.SYSTEM
            self._append(
                lambda batch, gate, at: bring_back.record(
                    batch, gate, actor, at, missed
                )
            )
        self._missed = []

    def _waiting(self, after: int = -1) -> list[str]:
        return self._run(lambda: bring_back.ids(self._gate.log.db, self.name, after))

    def _items_of(self, texts: Sequence[str]) -> list[str]:
        """The items that texts name, by our labels or by linked ones; no other text."""
        if not texts:
            return []
        return self._run(lambda: list(filter(None, map(self._gate.item_of, texts))))

    def _decide_now(self) -> None:
        """Decide what is in view; it may be gone before the next picture is."""
        held, load, person = self._standing()
        if held or load is None or person is None:
            return
        due = self._in_view()
        if due:
            self._record(due, person)

    def _in_view(self) -> list[Track]:
        """What waits and stands before a camera that gives pictures."""
        return self._passing.due(held=False, now_ms=self._gate.clock().mono_ms)

    def _record(self, due: Sequence[Track], person: str) -> None:
        self._shared.guard.check()  # before the pictures: they fill the disk too
        scans = [self._scan(track) for track in due]
        outcomes = self._act(lambda: self._gate.record(scans, person))
        for scan, outcome in zip(scans, outcomes, strict=True):
            if not outcome.waits:
                self._passing.decided(scan.text, outcome.decision.verdict)

    def _scan(self, track: Track) -> Scan:
        ours = self._is_ours(track.text)
        return Scan(
            gate=self.name,
            text=track.text,
            source=ScanSource.STREAM
            if track.camera in self._shared.streams
            else ScanSource.CAMERA,
            seen=track.seen,
            camera=track.camera,
            # Durable before the entry that names it; what is not ours is only
            # counted, so no picture of it is kept.
            evidence=self._shared.evidence.keep(track.jpeg) if ours else None,
        )

    def _look(self, due: Sequence[Track]) -> None:
        """No consignment is open: show the item, record nothing."""
        found = self._items_of([track.text for track in due])
        self._shared.hub.look(self.name, found[-1] if found else None)

    def _attempt(self, act: Callable[[], None]) -> bool:
        """Do it; a failure is shown on every page and tried again, never swallowed."""
        try:
            act()
        except StationError as error:
            self._shared.guard.failed(error, self.name)
            return False
        return True

    def _show(self, view: FrameResult) -> None:
        marks = tuple(
            OutlinedLabel(sighting.outline, sighting.verdict)
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
                fps=view.fps,
                sight=view.sight,
                tried=self._trials.count(view.camera),
            ),
        )


def _told_of(ended: Trial) -> dict[str, Json]:
    """A trial as an entry tells it: whole numbers, their unit in the name."""
    label = None if ended.sight is None else ended.sight.label
    return {
        "camera": ended.camera,
        "good": ended.count.good,
        "frames": ended.count.frames,
        "read": ended.count.read,
        "px_per_100_modules": round(100 * ended.px_per_module),
        "frames_per_10_s": round(10 * ended.fps),
        "light": None if ended.sight is None else ended.sight.light,
        "contrast": None if label is None else label.contrast,
    }
