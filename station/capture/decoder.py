"""QR texts from pixels: one reader for still pictures, one for a camera's frames.

Both go the same way: zxing-cpp on the whole picture; what it found and could
not read, and whatever else looks like a symbol, is cut out and looked at closer
(closer.py) in several ways. Neither knows our label's grammar: any text comes
back right or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from station.capture.closer import WAYS, Closer
from station.capture.engines import zbar_status, zxing
from station.capture.picture import brightness
from station.capture.suspects import Patch, busyness, halved, patches
from station.capture.unread import same_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from station.capture.engines import Grey
    from station.model import Quad, Symbol

__all__ = ["Decoder", "texts", "zbar_status"]

_ALIKE: Final = 1.7
"""A suspect this near in size to a symbol that was read is likely one too."""
_LIVE_SUSPECTS: Final = 3
_MOST_SUSPECTS: Final = 4
"""Looked at in every way, in a still picture where nothing was read."""


def texts(bgr: NDArray[np.uint8]) -> list[str]:
    """All QR texts in a still picture, BGR (height, width, 3); order means nothing."""
    grey = brightness(bgr)
    return sorted({s.text for s in still(grey) if s.text is not None})


def still(grey: Grey) -> list[Symbol]:
    """The symbols in a still picture; text None where one was found and not read.

    More is tried than in a camera's frame: light on dark, and every way at once.
    """
    found = zxing(grey, invert=True)
    read = [s for s in found if s.text is not None]
    for patch, ways in _plan(grey, found, read):
        closer = Closer(grey, patch.corners, invert=True)
        for way in range(ways):
            if more := closer.try_way(way):
                read += more
                break
    unread = [
        s
        for s in found
        if s.text is None and not any(same_place(s.outline, r.outline) for r in read)
    ]
    return read + unread


def _plan(
    grey: Grey, found: Sequence[Symbol], read: Sequence[Symbol]
) -> list[tuple[Patch, int]]:
    """The suspects of a still picture, each with how many ways it is worth."""
    known = [s.outline for s in read]
    busy = patches(busyness(halved(grey)), known)
    errors = [_patch(s.outline) for s in found if s.text is None]
    lone = [e for e in errors if not any(same_place(e.quad, p.quad) for p in busy)]
    suspects = sorted(busy, key=lambda p: p.side, reverse=True)
    if not read:
        return [(p, len(WAYS)) for p in lone + suspects[:_MOST_SUSPECTS]]
    sides = [_patch(quad).side for quad in known]
    return [(p, len(WAYS)) for p in lone] + [
        (p, len(WAYS) if _alike(p.side, sides) else 1) for p in suspects
    ]


def _alike(side: float, sides: Sequence[float]) -> bool:
    return any(1 / _ALIKE < side / other < _ALIKE for other in sides if other)


def _patch(quad: Quad) -> Patch:
    return Patch(np.array(quad, np.float32), 0.0)


class Decoder:
    """Reads the frames of one camera."""

    def read(self, grey: NDArray[np.uint8], now_ms: int) -> list[Symbol]:
        """The symbols in one frame.

        Args:
            grey: brightness, (height, width).
            now_ms: when the frame was taken, monotonic milliseconds.
        """
        del now_ms
        found = zxing(grey)
        read = [s for s in found if s.text is not None]
        for patch, _ in _plan(grey, found, read)[:_LIVE_SUSPECTS]:
            read += Closer(grey, patch.corners).try_way(0)
        return read + [
            s
            for s in found
            if s.text is None
            and not any(same_place(s.outline, r.outline) for r in read)
        ]
