"""QR texts from pixels: one reader for still pictures, one for a camera's frames.

Both go the same way: zxing-cpp on the whole picture; what it found and could
not read, and whatever else looks like a symbol, is cut out and looked at closer
(closer.py) in several ways. Neither knows our label's grammar: any text comes
back right or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from station.capture.decoding.candidates import (
    Patch,
    busyness,
    halved,
    patch_at,
    patches,
)
from station.capture.decoding.crop_retry import SIDE_EXACT, WAYS, CropRetry
from station.capture.decoding.engines import zbar_status, zxing
from station.capture.decoding.frame_reader import Decoder
from station.capture.decoding.unread import same_place
from station.capture.jpeg import brightness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from station.capture.decoding.engines import Grey
    from station.model import Symbol

__all__ = ["Decoder", "texts", "zbar_status"]

_SIZE, _CONTRAST = 1.7, 0.4
"""A suspect this near in size, and at least this share as contrasty, as a symbol
that was read is likely one too."""
_FAINT: Final = 22
"""Suspects with less contrast are not looked at in a still picture."""
_MOST_SUSPECTS: Final = 2
"""Looked at where nothing was read, beside those alike to the strongest."""


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
    for symbol in [s for s in found if s.text is None]:
        exact = np.array(symbol.outline, np.float32)
        read += _in_every_way(CropRetry(grey, exact, side=SIDE_EXACT, invert=True))
    for patch in _plan(grey, read):
        read += _in_every_way(CropRetry(grey, patch.corners, invert=True))
    unread = [
        s
        for s in found
        if s.text is None and not any(same_place(s.outline, r.outline) for r in read)
    ]
    return read + unread


def _in_every_way(closer: CropRetry) -> list[Symbol]:
    for way in range(len(WAYS)):
        if read := closer.try_way(way):
            return read
    return []


def _plan(grey: Grey, read: Sequence[Symbol]) -> list[Patch]:
    """The suspects of a still picture that are worth every way."""
    busy = busyness(halved(grey))
    outlines = [s.outline for s in read]
    suspects = [p for p in patches(busy, outlines) if p.contrast > _FAINT]
    if read:
        known = [patch_at(busy, outline) for outline in outlines]
        return [p for p in suspects if _like(p, known)]
    suspects.sort(key=lambda p: p.side * p.contrast, reverse=True)
    first, rest = suspects[:_MOST_SUSPECTS], suspects[_MOST_SUSPECTS:]
    return first + [p for p in rest if _like(p, first[:1])]


def _like(patch: Patch, others: Sequence[Patch]) -> bool:
    """True when a suspect may be of the same kind as one of the others."""
    return any(
        1 / _SIZE < patch.side / max(other.side, 1.0) < _SIZE
        and patch.contrast > _CONTRAST * other.contrast
        for other in others
    )
