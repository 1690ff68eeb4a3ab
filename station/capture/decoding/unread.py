"""Labels that were found and not read, followed from frame to frame.

An UNREAD alarm that flickers teaches people to ignore it: a box must last, and
must be found again and again; texture that a frame mistakes for a label is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.model import Quad

LASTS_MS = 700
GONE_MS = 400
"""Not found for this long: the episode is over."""
_OFTEN = 0.5
"""Found in at least this share of the frames."""


def extent(quad: Quad) -> tuple[int, int, int, int]:
    """The upright box around four corners: left, top, right, bottom."""
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    return min(xs), min(ys), max(xs), max(ys)


def same_place(one: Quad, other: Quad) -> bool:
    """True when one's middle lies within the other, or nearly.

    >>> square = ((0, 0), (10, 0), (10, 10), (0, 10))
    >>> same_place(square, ((4, 4), (14, 4), (14, 14), (4, 14)))
    True
    >>> same_place(square, ((20, 0), (30, 0), (30, 10), (20, 10)))
    False
    """
    return _middle_in(one, other) or _middle_in(other, one)


def _middle_in(one: Quad, other: Quad) -> bool:
    left, top, right, bottom = extent(one)
    x, y = (left + right) / 2, (top + bottom) / 2
    a, b, c, d = extent(other)
    return a <= x <= c and b <= y <= d


@dataclass(slots=True)
class _Episode:
    outline: Quad
    began_ms: int
    found_ms: int
    found: int = 1
    frames: int = 1
    told: bool = False

    def lasts(self) -> bool:
        long = self.found_ms - self.began_ms >= LASTS_MS
        return long and self.found >= _OFTEN * self.frames


class Episodes:
    """The unread labels in one camera's picture."""

    def __init__(self) -> None:
        self._open: list[_Episode] = []

    def see(self, now_ms: int, boxes: Sequence[Quad], read: Sequence[Quad]) -> None:
        """Take in one frame: boxes not read, and where labels are known.

        Args:
            now_ms: the camera's flow clock.
            boxes: found in this frame and not read.
            read: labels whose text is known; a box there is no alarm.
        """
        for episode in self._open:
            episode.frames += 1
        for box in boxes:
            if not any(same_place(box, known) for known in read):
                self._found(box, now_ms)
        self._open = [
            e
            for e in self._open
            if now_ms - e.found_ms < GONE_MS
            and not any(same_place(e.outline, known) for known in read)
        ]

    def _found(self, box: Quad, now_ms: int) -> None:
        for episode in self._open:
            if same_place(episode.outline, box):
                episode.outline = box
                episode.found += episode.found_ms < now_ms
                episode.found_ms = now_ms
                return
        self._open.append(_Episode(box, now_ms, now_ms))

    def lasting(self) -> list[Quad]:
        """Those that have lasted 0.7 s and are still there."""
        return [e.outline for e in self._open if e.lasts()]

    def take_new(self) -> list[Quad]:
        """Those that have lasted 0.7 s and were not taken before."""
        new = [e for e in self._open if e.lasts() and not e.told]
        for episode in new:
            episode.told = True
        return [e.outline for e in new]
