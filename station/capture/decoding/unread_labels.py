"""Labels that were found and not read, followed from frame to frame.

People learn to ignore an UNREAD alarm that flickers: so a label must be found
repeatedly for some time, unlike texture that is once mistaken for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.capture.decoding.outlines import any_at, same_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.camera_frames import Quad

LASTS_MS = 700
GONE_MS = 400
"""A label not found for this long has left."""
_MIN_SHARE = 0.5
"""Found in at least this share of the frames."""


@dataclass(slots=True)
class _UnreadLabel:
    outline: Quad
    began_ms: int
    found_ms: int
    found: int = 1
    frames: int = 1
    reported: bool = False

    def lasts(self) -> bool:
        long = self.found_ms - self.began_ms >= LASTS_MS
        return long and self.found >= _MIN_SHARE * self.frames


class UnreadLabels:
    """The unread labels in one camera's picture."""

    def __init__(self) -> None:
        self._labels: list[_UnreadLabel] = []

    def update(self, now_ms: int, found: Sequence[Quad], read: Sequence[Quad]) -> None:
        """Take in one frame.

        Args:
            now_ms: the camera's flow clock (see PassageTracker).
            found: outlines found in this frame and not read.
            read: outlines of labels whose text is known; nothing there is an alarm.
        """
        for label in self._labels:
            label.frames += 1
        for outline in found:
            if not any_at(outline, read):
                self._found_at(outline, now_ms)
        self._labels = [
            label
            for label in self._labels
            if now_ms - label.found_ms < GONE_MS and not any_at(label.outline, read)
        ]

    def _found_at(self, outline: Quad, now_ms: int) -> None:
        for label in self._labels:
            if same_place(label.outline, outline):
                label.outline = outline
                label.found += label.found_ms < now_ms
                label.found_ms = now_ms
                return
        self._labels.append(_UnreadLabel(outline, now_ms, now_ms))

    def lasting(self) -> list[Quad]:
        """Those that have lasted 0.7 s and are still there."""
        return [label.outline for label in self._labels if label.lasts()]

    def take_new(self) -> list[Quad]:
        """Those that have lasted 0.7 s and were not taken before."""
        new = [label for label in self._labels if label.lasts() and not label.reported]
        for label in new:
            label.reported = True
        return [label.outline for label in new]
