"""Measures the motion blur of a label and removes it (Wiener deconvolution).

A moving box is blurred along a straight line: in the frequency domain the sharp
picture is multiplied by a sinc along that line. Dividing by it recovers labels
blurred over two modules; decoders alone read up to 1.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from station.capture.decoding.engines import Grey

_NOISE: Final = 0.02
"""Noise power over signal power: a lower value rings, a higher one stays blurred."""
_BIAS: Final = 0.08
"""Radians; measured on 288 labels smeared over 1.2 to 3.5 modules."""
_BORDER: Final = 8
"""Pixels of reflected margin: the transform takes the picture as periodic."""
_CLIPPED: Final = 4.0
"""Standard deviations from the mean to full black, and to full white."""


@dataclass(frozen=True, slots=True)
class Smear:
    """The motion blur of a picture."""

    angle: float
    """Radians from the x axis towards y."""
    remains: float
    """Contrast power along it over that across it: 1 no direction, 0 fully blurred."""


def smear_of(grey: Grey) -> Smear:
    """The direction of least change in a rectified symbol, by its structure tensor.

    The symbol's own edges bias it towards their axes, by about 0.08 sin 4a.
    """
    dx = cv2.Scharr(grey, cv2.CV_32F, 1, 0)
    dy = cv2.Scharr(grey, cv2.CV_32F, 0, 1)
    xx, yy = float(cv2.mean(dx * dx)[0]), float(cv2.mean(dy * dy)[0])
    xy = float(cv2.mean(dx * dy)[0])
    strongest = 0.5 * math.atan2(2 * xy, xx - yy)
    spread = math.hypot(xx - yy, 2 * xy)
    least, most = (xx + yy - spread) / 2, (xx + yy + spread) / 2
    angle = strongest + math.pi / 2
    return Smear(angle + _BIAS * math.sin(4 * angle), least / most if most else 1.0)


class Deconvolution:
    """A picture in the frequency domain, to deblur by several blur lengths."""

    def __init__(self, grey: Grey) -> None:
        height, width = grey.shape
        rows = cv2.getOptimalDFTSize(height + 2 * _BORDER)
        columns = cv2.getOptimalDFTSize(width + 2 * _BORDER)
        padded = cv2.copyMakeBorder(
            grey,
            _BORDER,
            rows - height - _BORDER,
            _BORDER,
            columns - width - _BORDER,
            cv2.BORDER_REFLECT,
        ).astype(np.float32)
        waves = cv2.dft(padded, flags=cv2.DFT_COMPLEX_OUTPUT)
        self._waves = np.ascontiguousarray(waves).view(np.complex64)[..., 0]
        self._shape = height, width

    def along(self, angle: float, length: float) -> Grey:
        """The picture deblurred, in its own size.

        Args:
            angle: direction of the blur, radians from the x axis towards y.
            length: movement during the exposure, in pixels.
        """
        rows, columns = self._waves.shape
        clear = self._waves * _inverse(rows, columns, angle, length)
        back = cv2.dft(
            clear.view(np.float32).reshape(*clear.shape, 2),
            flags=cv2.DFT_INVERSE | cv2.DFT_REAL_OUTPUT | cv2.DFT_SCALE,
        )
        height, width = self._shape
        return _stretched(back[_BORDER : _BORDER + height, _BORDER : _BORDER + width])


def _inverse(
    rows: int, columns: int, angle: float, length: float
) -> NDArray[np.float32]:
    """The Wiener filter of a straight motion blur, by frequency."""
    down = np.fft.fftfreq(rows).astype(np.float32)[:, None]
    right = np.fft.fftfreq(columns).astype(np.float32)[None, :]
    along = (np.pi * length) * (right * np.cos(angle) + down * np.sin(angle))
    along = along.astype(np.float32) + np.float32(1e-6)
    transfer: NDArray[np.float32] = np.sin(along) / along
    transfer /= transfer * transfer + np.float32(_NOISE)
    return transfer


def _stretched(values: NDArray[Any]) -> Grey:
    """Values of any range scaled to 0-255; outliers are clipped."""
    mean, deviation = (v.item() for v in cv2.meanStdDev(values))
    scale = 255 / (2 * _CLIPPED * max(1e-3, deviation))
    levels = values * scale + (127.5 - mean * scale)
    clipped: Grey = np.clip(levels, 0, 255).astype(np.uint8)
    return clipped
