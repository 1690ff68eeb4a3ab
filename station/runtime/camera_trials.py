"""Trials of a gate's cameras with the test label, recorded once a shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.capture.read_rate_trial import Trials
from station.custody.gate import camera_trial

if TYPE_CHECKING:
    from station.camera_advice import TrialCount
    from station.camera_frames import FrameResult
    from station.capture.read_rate_trial import Trial
    from station.model import Json
    from station.runtime.gate_ledger import GateLedger


class CameraTrials:
    """Each camera's trial in the present shift; called under the gate's lock."""

    def __init__(self, ledger: GateLedger) -> None:
        self.text = str(ledger.gate.test_label)
        """Text of the test label, which names no item."""
        self._ledger = ledger
        self._trials = Trials(self.text)
        self._person: str | None = None
        """Whose shift the trials belong to."""
        self._passed: set[str] = set()
        """Cameras that read the test label well in this shift."""
        self._ended: list[Trial] = []
        """Ended trials not yet recorded."""

    def begin(self, person: str | None) -> None:
        """A new shift: every camera is to be tried again."""
        self._person = person
        self._passed.clear()
        self._trials.forget()

    def shows(self, frame: FrameResult) -> bool:
        """True when the test label is read in this frame."""
        return self._trials.shows(frame)

    def see(self, frame: FrameResult, person: str | None) -> None:
        """Count a frame for its camera's trial; record the trials that ended.

        Raises:
            StationError: a trial cannot be recorded; it is kept for the next frame.
        """
        if person != self._person:
            self.begin(person)
        wanted = person is not None and frame.camera not in self._passed
        ended = self._trials.update(frame, wanted=wanted)
        if ended is not None:
            self._ended.append(ended)
        while self._ended and person is not None:
            self._record(self._ended[0], person)
            del self._ended[0]

    def count(self, camera: str) -> TrialCount | None:
        """The camera's running trial, else its last one in this shift."""
        return self._trials.count(camera)

    def _record(self, ended: Trial, person: str) -> None:
        data = _trial_data(ended)
        self._ledger.append(
            lambda batch, gate, at: camera_trial.record(batch, gate, person, at, data)
        )
        if ended.count.good:
            self._passed.add(ended.camera)


def _trial_data(ended: Trial) -> dict[str, Json]:
    """A trial as entry data: whole numbers, with the unit in the name."""
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
