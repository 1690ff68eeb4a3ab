"""From a camera's frame to the entries and the screen of one gate.

It composes the stages and decides nothing: ``PassageTracker`` says what one passage
is, ``EvidenceStore`` keeps the picture, ``Gate`` decides and records, the hub shows.

The cameras' threads call ``on_frame`` and ``on_state``. The gate's operations call the
other public methods, each while holding the gate's lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.camera_frames import CameraState, Scan, ScanSource
from station.capture.passage_tracker import PassageTracker
from station.custody.accounts import directory
from station.custody.gate import bring_back
from station.runtime.camera_trials import CameraTrials
from station.runtime.hub import OutlinedLabel, Picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.camera_frames import FrameResult
    from station.capture.passage_tracker import Track
    from station.runtime.gate_ledger import GateLedger

RETRY_AFTER_MS = 2_000
"""After a scan that could not be recorded, so that a full disk is not hammered."""


class CameraPipeline:
    """The cameras of one gate at work."""

    def __init__(self, ledger: GateLedger) -> None:
        self._ledger = ledger
        self._passages = PassageTracker()
        self._trials = CameraTrials(ledger)
        self._retry_ms = 0
        self._unread = 0
        """Labels never read that are not counted in the ledger yet."""
        self._missed: list[str] = []
        """Items that passed undecided and are not in an entry yet."""

    def on_frame(self, frame: FrameResult) -> None:
        """Process one camera frame."""
        with self._ledger.lock:
            self._passages.update(frame)
            self._unread += len(self._passages.unread(frame.camera))
            now_ms = frame.taken.mono_ms
            if now_ms < self._retry_ms:
                self._passages.due(held=True)
            elif not self._ledger.attempt(lambda: self._take_in(frame)):
                self._retry_ms = now_ms + RETRY_AFTER_MS
                # What passes while nothing can be recorded waits, as in a hold: it is
                # decided if it stays, and else recorded as to be brought back.
                self._passages.due(held=True)
            self._show(frame)

    def on_state(self, camera: str, state: CameraState) -> None:
        """Note a lost camera; its next frame says that it is back."""
        if state is CameraState.LOST:
            with self._ledger.lock:
                self._passages.lost(camera, self._now_ms())

    def decide_now(self) -> None:
        """Decide the labels in view; they may be gone before the next frame.

        Raises:
            StationError: they cannot be recorded.
        """
        status = self._ledger.status()
        if status.held or status.load is None or status.person is None:
            return
        due = self._in_view()
        if due:
            self._record(due, status.person)

    def begin_anew(self) -> None:
        """Another consignment, or none: labels in view are decided for it anew."""
        self._passages.begin_anew()

    def begin_trials(self, person: str) -> None:
        """This person's shift begins: its cameras are to be tried."""
        self._trials.begin(person)

    def forget(self, item: str) -> None:
        """Let the next sight of this item be a new scan."""
        self._passages.forget(
            lambda text: self._ledger.items_of([text]) == [item], self._now_ms()
        )

    def came_and_left(self, actor: str, after: int = -1) -> list[str]:
        """Items that passed undecided since that entry and are not in view.

        Each is recorded as such first, by ``actor``.
        """
        self._missed += self._ledger.items_of(self._passages.take_missed())
        # What is in view again is decided at the release, or as the shift begins.
        here = self._ledger.items_of([track.text for track in self._in_view()])
        self._missed = [item for item in self._missed if item not in here]
        self._ledger.attempt(lambda: self._record_missed(actor))
        left = [item for item in self._ledger.undecided(after) if item not in here]
        return left[: bring_back.MOST]

    def record_undecided(self) -> None:
        """Record what passed undecided up to now.

        Where the gate waits, that includes the labels still in view.
        """
        status = self._ledger.status()
        missed = self._passages.take_missed(all_=status.waits)
        self._missed += self._ledger.items_of(missed)
        self._ledger.attempt(lambda: self._record_missed(status.person))

    def _take_in(self, frame: FrameResult) -> None:
        """Record the labels that are due, and count those that were not read."""
        status = self._ledger.status()
        if self._trials.shows(frame):
            # The test label is no item, whatever is open.
            self._passages.decided(self._trials.text, None)
        self._trials.see(frame, status.person)
        # With nobody on shift nothing is decided, as while held: each entry needs
        # somebody who answers for it.
        due = self._passages.due(held=status.waits)
        # At once, also while held: a stop in the middle must not lose them.
        self._missed += self._ledger.items_of(
            self._passages.take_ended()
            if status.waits
            else self._passages.take_missed()
        )
        self._record_missed(status.person)
        if status.load is None:
            self._unread = 0
            if due:
                self._show_item(due)
            return
        if self._unread:
            self._ledger.act(lambda: self._ledger.gate.unread(self._unread))
            self._unread = 0
        if due and status.person is not None:
            self._record(due, status.person)

    def _record_missed(self, person: str | None) -> None:
        """Record what passed undecided, each item once."""
        if not self._missed:
            return
        known = self._ledger.undecided()
        missed = [item for item in dict.fromkeys(self._missed) if item not in known]
        if missed:
            actor = person or directory.SYSTEM
            self._ledger.append(
                lambda batch, gate, at: bring_back.record(
                    batch, gate, actor, at, missed
                )
            )
        self._missed = []

    def _in_view(self) -> list[Track]:
        """Undecided labels before a camera that gives pictures."""
        return self._passages.due(held=False, now_ms=self._now_ms())

    def _now_ms(self) -> int:
        return self._ledger.gate.clock().mono_ms

    def _record(self, due: Sequence[Track], person: str) -> None:
        # Before the pictures: they fill the disk too.
        self._ledger.services.scan_stops.check()
        scans = [self._scan(track) for track in due]
        outcomes = self._ledger.act(lambda: self._ledger.gate.record(scans, person))
        for scan, outcome in zip(scans, outcomes, strict=True):
            if not outcome.waits:
                self._passages.decided(scan.text, outcome.decision.verdict)

    def _scan(self, track: Track) -> Scan:
        streamed = track.camera in self._ledger.services.streams
        return Scan(
            gate=self._ledger.name,
            text=track.text,
            source=ScanSource.STREAM if streamed else ScanSource.CAMERA,
            seen=track.seen,
            camera=track.camera,
            # Durable before the entry that names it.
            evidence=self._ledger.keep_if_ours([track.text], track.jpeg),
        )

    def _show_item(self, due: Sequence[Track]) -> None:
        """No consignment is open: show the item, record nothing."""
        found = self._ledger.items_of([track.text for track in due])
        self._ledger.services.hub.look(self._ledger.name, found[-1] if found else None)

    def _show(self, frame: FrameResult) -> None:
        marks = tuple(
            OutlinedLabel(sighting.outline, sighting.verdict)
            for sighting in self._passages.in_view(frame.camera)
        )
        self._ledger.services.hub.show(
            self._ledger.name,
            Picture(
                number=0,
                camera=frame.camera,
                jpeg=frame.jpeg,
                width=frame.width,
                height=frame.height,
                marks=marks,
                taken_ms=frame.taken.wall_ms,
                fps=frame.fps,
                sight=frame.sight,
                tried=self._trials.count(frame.camera),
            ),
        )
