"""Measures how well a camera sees the best label in its picture.

It measures one label five times a second, in a third of a millisecond. The label is
rectified first, so that figures are in modules at any distance and tilt.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from labels.geometry import MODULES
from labels.label_code import CODE_CHARACTERS, SCHEME
from station.camera_advice import LabelSight, Sight
from station.capture.decoding.crop_retry import MARGIN, SIDE, CropRetry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.camera_frames import Quad, Symbol
    from station.capture.decoding.engines import Grey

EVERY_MS: Final = 200
"""Between two measurements; people do not see faster."""
_SPARSE: Final = 8
"""The light of a picture is the mean of every eighth pixel of every eighth row."""
_INK, _PAPER = 8, 92
"""Percentiles of a symbol's pixels."""

# All tables were measured on 10 or more rendered labels each, turned at random,
# with a lens (sigma 0.55 px), noise and JPEG; see tests/test_sight_measurement.py.
_SIZES: Final = (1.6, 1.8, 2.0, 2.3, 3.0, 4.0, 6.0, 8.0)
_SHARP: Final = (0.062, 0.068, 0.074, 0.081, 0.090, 0.100, 0.111, 0.118)
"""Power of the edges against that of the symbol, by pixels a module, in focus."""
_EDGES: Final = (0.044, 0.054, 0.067, 0.075, 0.082, 0.095, 0.113)
_BLURS: Final = (0.9, 0.75, 0.6, 0.5, 0.4, 0.25, 0.0)
"""The same power, by radius of the blur in modules, where a module has many pixels."""
_REMAINS: Final = (0.24, 0.36, 0.46, 0.59, 0.73, 0.88, 0.96)
_SMEARS: Final = (2.0, 1.5, 1.25, 1.0, 0.75, 0.5, 0.0)
"""Power along a smear against across it, by length of the smear in modules."""
_UNFOCUSED: Final = 0.75
"""Of the power of a sharp label; below it motion blur looks like defocus."""


class LegibilityMeter:
    """Measures one camera's frames."""

    def __init__(self) -> None:
        self._newest: tuple[int, Sight] | None = None

    def measure(self, grey: Grey, symbols: Sequence[Symbol], now_ms: int) -> Sight:
        """The newest measurement, made at most every 200 ms.

        Args:
            grey: the frame's brightness, (height, width).
            symbols: what was found in it, read or not.
            now_ms: when it was taken, monotonic milliseconds.
        """
        if self._newest and now_ms - self._newest[0] < EVERY_MS:
            return self._newest[1]
        sight = sight_of(grey, symbols)
        self._newest = now_ms, sight
        return sight


def sight_of(grey: Grey, symbols: Sequence[Symbol]) -> Sight:
    """The light of a picture, and the label in it that is seen best.

    A label that was read comes before one that was not: its corners are certain.
    """
    light = round(float(grey[::_SPARSE, ::_SPARSE].mean())) if grey.size else 0
    ranked = sorted(
        (symbol.text is not None, size_of(symbol.outline), number)
        for number, symbol in enumerate(symbols)
        if _may_be_ours(symbol.text) and min(_sides(symbol.outline)) >= 1
    )
    if not ranked:
        return Sight(light)
    read, _, number = ranked[-1]
    return Sight(light, _measured(grey, symbols[number].outline, read=read))


def _may_be_ours(text: str | None) -> bool:
    """False for other people's symbols: nobody knows how many modules they have."""
    return text is None or (len(text) == CODE_CHARACTERS and text.startswith(SCHEME))


def size_of(quad: Quad) -> float:
    """Pixels a module of a symbol of our version, along the side seen shorter."""
    return min(_sides(quad)) / MODULES


def _sides(quad: Quad) -> tuple[float, float]:
    """Mean length of the first and third side, and of the others, in pixels."""
    a, b, c, d = quad
    return (math.dist(a, b) + math.dist(c, d)) / 2, (
        math.dist(b, c) + math.dist(d, a)
    ) / 2


def _measured(grey: Grey, quad: Quad, *, read: bool) -> LabelSight:
    crop = CropRetry(grey, np.array(quad, np.float32))
    margin = round(MARGIN * SIDE)
    symbol = crop.pixels[margin:-margin, margin:-margin]
    ink, paper = np.percentile(symbol, (_INK, _PAPER))
    px = size_of(quad)
    across, along = _edges(symbol, quad)
    sharp = float(np.interp(px, _SIZES, _SHARP))
    blur = float(np.interp(across * sharp, _EDGES, _BLURS))
    remains = along / across if across else 1.0
    smear = float(np.interp(remains, _REMAINS, _SMEARS))
    return LabelSight(
        read=read,
        px_per_module=round(px, 2),
        contrast=round(float(paper - ink)),
        blur_modules=round(blur, 2),
        smear_modules=round(smear, 2) if across >= _UNFOCUSED else 0.0,
    )


def _edges(symbol: Grey, quad: Quad) -> tuple[float, float]:
    """Power of the edges across a smear and along it; 1 is a sharp label of its size.

    A tilted label has fewer pixels one way: each way is held against its own size.
    """
    power = float(symbol.var()) * 32 * 32  # Scharr's weights add up to 32
    if not power:
        return 0.0, 0.0
    wide, tall = (length / MODULES for length in _sides(quad))
    expected_x, expected_y = np.interp((wide, tall), _SIZES, _SHARP) * power
    dx = cv2.Scharr(symbol, cv2.CV_32F, 1, 0)
    dy = cv2.Scharr(symbol, cv2.CV_32F, 0, 1)
    xx = float(cv2.mean(dx * dx)[0]) / expected_x
    yy = float(cv2.mean(dy * dy)[0]) / expected_y
    xy = float(cv2.mean(dx * dy)[0]) / math.sqrt(expected_x * expected_y)
    spread = math.hypot(xx - yy, 2 * xy)
    return float(xx + yy + spread) / 2, float(xx + yy - spread) / 2
