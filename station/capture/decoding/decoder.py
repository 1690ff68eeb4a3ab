"""QR texts from pixels: one reader for still pictures, one for a camera's frames.

Both run zxing-cpp on the whole picture, then retry crops (crop_retry.py) of what it
found but could not read and of whatever else looks like a symbol. Neither knows
the grammar of our labels: they return any text, correct or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from station.capture.decoding.crop_retry import METHODS, SIDE_EXACT, CropRetry
from station.capture.decoding.engines import zbar_status, zxing
from station.capture.decoding.frame_reader import Decoder
from station.capture.decoding.outlines import any_at
from station.capture.decoding.patches import (
    Patch,
    busyness,
    halved,
    patch_at,
    patches,
)
from station.capture.jpeg import brightness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from station.camera_frames import Symbol
    from station.capture.decoding.engines import Grey

__all__ = ["Decoder", "texts", "zbar_status"]

_SIZE, _CONTRAST = 1.7, 0.4
"""A candidate whose size is within this factor of a symbol that was read, with at
least this share of its contrast, is likely a symbol too."""
_FAINT: Final = 22
"""Candidates with less contrast are skipped in a still picture."""
_MOST_CANDIDATES: Final = 2
"""Retried where nothing was read, besides those similar to the strongest."""


def texts(bgr: NDArray[np.uint8]) -> list[str]:
    """All QR texts in a still picture, BGR (height, width, 3), sorted."""
    grey = brightness(bgr)
    return sorted({s.text for s in still(grey) if s.text is not None})


def still(grey: Grey) -> list[Symbol]:
    """The symbols in a still picture, with text None for those found but not read.

    More is tried than in a camera's frame: light on dark, and every method at once.
    """
    found = zxing(grey, invert=True)
    read = [s for s in found if s.text is not None]
    for symbol in [s for s in found if s.text is None]:
        exact = np.array(symbol.outline, np.float32)
        read += _by_any_method(CropRetry(grey, exact, side=SIDE_EXACT, invert=True))
    for patch in _worthwhile(grey, read):
        read += _by_any_method(CropRetry(grey, patch.corners, invert=True))
    unread = [
        s
        for s in found
        if s.text is None and not any_at(s.outline, (r.outline for r in read))
    ]
    return read + unread


def _by_any_method(crop: CropRetry) -> list[Symbol]:
    for method in range(len(METHODS)):
        if read := crop.try_method(method):
            return read
    return []


def _worthwhile(grey: Grey, read: Sequence[Symbol]) -> list[Patch]:
    """The candidates in a still picture that deserve every method."""
    busy = busyness(halved(grey))
    outlines = [s.outline for s in read]
    candidates = [p for p in patches(busy, outlines) if p.contrast > _FAINT]
    if read:
        known = [patch_at(busy, outline) for outline in outlines]
        return [p for p in candidates if _is_similar(p, known)]
    candidates.sort(key=lambda p: p.side * p.contrast, reverse=True)
    first, rest = candidates[:_MOST_CANDIDATES], candidates[_MOST_CANDIDATES:]
    return first + [p for p in rest if _is_similar(p, first[:1])]


def _is_similar(patch: Patch, others: Sequence[Patch]) -> bool:
    """True when a candidate is similar in size and contrast to one of the others."""
    return any(
        1 / _SIZE < patch.side / max(other.side, 1.0) < _SIZE
        and patch.contrast > _CONTRAST * other.contrast
        for other in others
    )
