"""The smear of a moving label, measured and taken back.

A box in motion smears along a straight line; its picture is the sharp one times
sinc in the frequencies along that line. Dividing by it (Wiener's filter) brings
back labels that are smeared over two modules, where decoders alone end at 1.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from station.capture.engines import Grey

_NOISE: Final = 0.02
"""Power of noise against signal; less rings, more stays blurred."""
_CLIPPED: Final = 2.0
"""Per cent of the pixels that may become full black, and full white."""


@dataclass(frozen=True, slots=True)
class Smear:
    """The direction in which a picture is blurred most."""

    angle: float
    """Radians from the x axis towards y."""
    remains: float
    """Contrast power along it against across it: 1 no direction, 0 all smeared."""


def smear_of(grey: Grey) -> Smear:
    """The direction of least change in a picture, by its structure tensor."""
    dx = cv2.Scharr(grey, cv2.CV_32F, 1, 0)
    dy = cv2.Scharr(grey, cv2.CV_32F, 0, 1)
    xx, yy = float(cv2.mean(dx * dx)[0]), float(cv2.mean(dy * dy)[0])
    xy = float(cv2.mean(dx * dy)[0])
    strongest = 0.5 * math.atan2(2 * xy, xx - yy)
    spread = math.hypot(xx - yy, 2 * xy)
    least, most = (xx + yy - spread) / 2, (xx + yy + spread) / 2
    return Smear(strongest + math.pi / 2, least / most if most else 1.0)


def unblurred(grey: Grey, smear: Smear, length: float) -> Grey:
    """The picture as if nothing had moved.

    Args:
        grey: brightness, (height, width).
        smear: in which direction it moved.
        length: how far during the exposure, in pixels.
    """
    border = int(length) + 2
    height, width = grey.shape
    rows = cv2.getOptimalDFTSize(height + 2 * border)
    columns = cv2.getOptimalDFTSize(width + 2 * border)
    padded = cv2.copyMakeBorder(
        grey,
        border,
        rows - height - border,
        border,
        columns - width - border,
        cv2.BORDER_REFLECT,
    ).astype(np.float32)
    spectrum = cv2.dft(padded, flags=cv2.DFT_COMPLEX_OUTPUT)
    spectrum *= _inverse(rows, columns, smear.angle, length)[..., None]
    back = cv2.dft(
        spectrum, flags=cv2.DFT_INVERSE | cv2.DFT_REAL_OUTPUT | cv2.DFT_SCALE
    )
    return _stretched(back[border : border + height, border : border + width])


def _inverse(rows: int, columns: int, angle: float, length: float) -> NDArray[np.float32]:
    """Wiener's filter of a straight smear, over the frequencies of a picture."""
    down = np.fft.fftfreq(rows).astype(np.float32)[:, None]
    right = np.fft.fftfreq(columns).astype(np.float32)[None, :]
    along = (np.pi * length) * (right * np.cos(angle) + down * np.sin(angle))
    along = along.astype(np.float32) + np.float32(1e-6)
    transfer = np.sin(along) / along
    return (transfer / (transfer * transfer + np.float32(_NOISE))).astype(np.float32)


def _stretched(values: NDArray[np.float32]) -> Grey:
    """Any range of values as black to white."""
    black, white = np.percentile(values[::3, ::3], [_CLIPPED, 100 - _CLIPPED])
    scale = 255 / max(1e-3, float(white - black))
    return np.clip((values - black) * scale, 0, 255).astype(np.uint8)
