"""Reads the frames of one camera, spending time only on what changed.

A frame that did not change costs nothing. In one that did, first the labels are
read (all of the frame, or only where labels are known), then everything else that
looks like a label is cut out and tried in other ways, within a time budget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from station.capture.decoding.candidates import Candidate, CandidateList
from station.capture.decoding.change_mask import ChangeMask
from station.capture.decoding.outlines import extent
from station.capture.decoding.patches import busyness, halved, patches
from station.capture.decoding.tracking import SymbolTracker

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from station.camera_frames import Quad, Symbol
    from station.capture.decoding.engines import Grey

_SMALLEST: Final = 16
"""Pixels; a smaller frame shows no symbol."""


class Decoder:
    """The reader of one camera; remembers labels and candidates between frames."""

    def __init__(self) -> None:
        self._changes = ChangeMask()
        self._tracker = SymbolTracker()
        self._candidates = CandidateList()

    def read(self, grey: NDArray[np.uint8], now_ms: int) -> list[Symbol]:
        """The symbols in one frame, with text None for those found but not read.

        Args:
            grey: brightness, (height, width).
            now_ms: when the frame was taken, in monotonic milliseconds.
        """
        if min(grey.shape) < _SMALLEST:
            return []
        half = halved(grey)
        if self._changes.update(half):
            lost, unread = self._tracker.update(grey, self._changes, now_ms)
            known = self._tracker.outlines
            seen = [
                *(Candidate.at(quad, now_ms, confirmed=False) for quad in lost),
                *(Candidate.at(quad, now_ms) for quad in unread),
                *_textures(half, known, now_ms),
            ]
            self._candidates.update(seen, known, self._changes, now_ms)
        self._tracker.add(self._candidates.retry(grey, now_ms), now_ms)
        return self._tracker.symbols + self._candidates.unread(self._tracker.outlines)


def _textures(half: Grey, known: list[Quad], now_ms: int) -> Iterator[Candidate]:
    """What looks like a label in a halved frame, where none is known."""
    for patch in patches(busyness(half), known):
        yield Candidate(patch.corners, now_ms, cut_off=_at_edge(patch.quad, half))


def _at_edge(quad: Quad, half: Grey) -> bool:
    """True when a patch reaches the edge of the frame, to the cell."""
    left, top, right, bottom = extent(quad)
    height, width = (2 * n for n in half.shape)
    return left <= 0 or top <= 0 or right >= width or bottom >= height
