"""The test label before a camera: in how many frames of how many it is read.

Pure; the only time it knows is the frames' own. Who wants a trial, and where its
result goes, is the line's.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from station.camera_advice import TrialCount
from station.capture.sight_measurement import size_of

if TYPE_CHECKING:
    from station.camera_advice import Sight
    from station.camera_frames import FrameResult, Symbol

FRAMES: Final = 30
"""Counted from the first in which the label is read: two seconds at 15 a second."""
LONGEST_MS: Final = 10_000
"""A slow camera's trial ends with the frames that it has by then."""
AWAY_MS: Final = 2_000
"""The label must have been away for this long before the next trial there."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of one camera's trial with the test label."""

    camera: str
    count: TrialCount
    px_per_module: float
    """The median over the frames that were read."""
    fps: float
    sight: Sight | None
    """The last measurement with the label in view."""


@dataclass(slots=True)
class _Running:
    began_ms: int
    frames: int = 0
    sizes: list[float] = field(default_factory=list)
    """Pixels a module in each frame that was read."""
    sight: Sight | None = None


class Trials:
    """The trials at one gate, one per camera."""

    def __init__(self, text: str) -> None:
        """Watch for the test label.

        Args:
            text: what its symbol holds.
        """
        self._text = text
        self._running: dict[str, _Running] = {}
        self._ended: dict[str, TrialCount] = {}
        self._seen_ms: dict[str, int] = {}
        self._spent: set[str] = set()
        """Cameras whose trial ended while the label has not been away since."""

    def shows(self, view: FrameResult) -> bool:
        """True when the test label is read in this frame."""
        return self._symbol(view) is not None

    def update(self, view: FrameResult, *, wanted: bool) -> Trial | None:
        """Count a frame; returns the trial that ends with it.

        Args:
            view: what a camera saw.
            wanted: a trial may begin; a running one continues in any case.
        """
        symbol, now_ms = self._symbol(view), view.taken.mono_ms
        if now_ms - self._seen_ms.get(view.camera, -AWAY_MS) >= AWAY_MS:
            self._spent.discard(view.camera)
        if symbol is not None:
            self._seen_ms[view.camera] = now_ms
        running = self._running.get(view.camera)
        if running is None:
            if symbol is None or not wanted or view.camera in self._spent:
                return None
            running = self._running[view.camera] = _Running(now_ms)
        running.frames += 1
        if symbol is not None:
            running.sizes.append(size_of(symbol.outline))
            running.sight = view.sight or running.sight
        if running.frames < FRAMES and now_ms - running.began_ms < LONGEST_MS:
            return None
        return self._end(view, running)

    def _end(self, view: FrameResult, running: _Running) -> Trial:
        del self._running[view.camera]
        self._spent.add(view.camera)
        count = TrialCount(len(running.sizes), running.frames, ended=True)
        self._ended[view.camera] = count
        return Trial(
            camera=view.camera,
            count=count,
            px_per_module=statistics.median(running.sizes),
            fps=view.fps,
            sight=running.sight,
        )

    def count(self, camera: str) -> TrialCount | None:
        """The running trial, else the last one, or None if there was none."""
        running = self._running.get(camera)
        if running is None:
            return self._ended.get(camera)
        return TrialCount(len(running.sizes), running.frames, ended=False)

    def forget(self) -> None:
        """Forget finished trials, because another shift begins."""
        self._ended.clear()
        self._spent.clear()

    def _symbol(self, view: FrameResult) -> Symbol | None:
        return next((s for s in view.symbols if s.text == self._text), None)
