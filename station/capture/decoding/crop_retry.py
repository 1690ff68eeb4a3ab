"""The second pass over one candidate: crop, rectify, and try several methods.

Every method starts from the same square crop, in which a label seen at an angle is
square again, prepares it and hands it to one engine. They are ordered by how many
labels they gain for their time.
"""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from station.camera_frames import Quad, Reader, Symbol
from station.capture.decoding.deblur import Deconvolution, Smear, smear_of
from station.capture.decoding.engines import Grey, zbar, zxing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SIDE, SIDE_EXACT = 160, 200
"""Pixels along the side of the rectified candidate: 6.4 and 8 per module of our label.

The second is for corners that an engine found, which are worth more pixels.
"""
MARGIN: Final = 0.22
"""Of the side, around it: the quiet zone, and room for a candidate a cell off."""
_INSET: Final = 0.095
"""Of the side: the part of that margin left out by slow methods."""
_SMALL: Final = 0.75
"""Scale of the crop for zbar, which is slow."""
_SMEARED: Final = (0.42, 0.42, 0.3)
"""Contrast along the blur divided by across it; above this a method does nothing.

A smear of 1.5 modules leaves 0.25 to 0.36; shorter ones are read as they are.
"""
_SMEARS: Final = (0.078, 0.062, 0.1)
"""Lengths of a smear, of the side: 2, 1.5 and 2.5 modules of our label.

Measured: the likeliest two read 158 of 165 labels that any length reads.
"""
_SMEAR_TIMES_REMAINS: Final = 0.0193
"""Length times remaining contrast; measured on smears of 1.5-3 modules."""

_DIM: Final = 50
"""Standard deviation; a crop with more has contrast enough."""
_SHARPER: Final = 1.0


class CropRetry:
    """One candidate in one picture, to be tried by one method after another."""

    def __init__(
        self,
        grey: Grey,
        corners: NDArray[np.float32],
        *,
        side: int = SIDE,
        invert: bool = False,
    ) -> None:
        self.side, self._invert = side, invert
        self._matrix, self.pixels = _crop(grey, corners, side)
        self.found: Quad | None = None
        """Where an engine found a symbol, read or not, in the picture's pixels."""

    def try_method(self, number: int) -> list[Symbol]:
        """What one of METHODS reads; outlines in the picture's pixels."""
        return METHODS[number](self)

    @functools.cached_property
    def smear(self) -> Smear:
        """Its motion blur, measured without the margin around the label."""
        margin = round(MARGIN * self.side)
        return smear_of(self.pixels[margin:-margin, margin:-margin])

    @functools.cached_property
    def deconvolution(self) -> Deconvolution:
        """The crop in the frequency domain."""
        return Deconvolution(self.inner)

    @property
    def inner(self) -> Grey:
        """The crop with only a quiet zone around the symbol."""
        return self.pixels[self.inset : -self.inset, self.inset : -self.inset]

    @property
    def inset(self) -> int:
        """Pixels that ``inner`` leaves out on each side."""
        return round(_INSET * self.side)

    def by_zxing(self, picture: Grey, *, inset: int = 0) -> list[Symbol]:
        """What zxing-cpp reads in a version of the crop, or of its inner part."""
        symbols = self._placed(zxing(picture, invert=self._invert), 1.0, inset)
        for symbol in symbols:
            self.found = symbol.outline
        return [
            replace(s, reader=Reader.ZXING_CROP) for s in symbols if s.text is not None
        ]

    def by_zbar(self, picture: Grey, scale: float, *, inset: int = 0) -> list[Symbol]:
        """What zbar reads in a version of the crop, or of its inner part."""
        return self._placed(zbar(picture), scale, inset * scale)

    def _placed(
        self, symbols: list[Symbol], scale: float, inset: float
    ) -> list[Symbol]:
        if not symbols:
            return []
        onto = np.array([[scale, 0, -inset], [0, scale, -inset], [0, 0, 1]])
        back = np.linalg.inv(onto @ self._matrix)
        return [replace(s, outline=_moved(s.outline, back)) for s in symbols]


def _crop(
    grey: Grey, corners: NDArray[np.float32], side: int
) -> tuple[NDArray[Any], Grey]:
    """The matrix from the picture's pixels to the crop's, and the crop."""
    near = round(MARGIN * side)
    far = near + side
    target = np.array([[near, near], [far, near], [far, far], [near, far]], np.float32)
    matrix: NDArray[Any] = cv2.getPerspectiveTransform(corners, target)
    part, onto_part = _part(grey, corners, side)
    # Cubic reads labels of 1.6 pixels a module where linear needs 1.8; it is slower.
    enlarged = float(np.ptp(corners, axis=0).max()) < side
    crop = cv2.warpPerspective(
        part,
        matrix @ np.linalg.inv(onto_part),
        (far + near,) * 2,
        flags=cv2.INTER_CUBIC if enlarged else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return matrix, crop.astype(np.uint8, copy=False)


def _part(
    grey: Grey, corners: NDArray[np.float32], side: int
) -> tuple[Grey, NDArray[np.float64]]:
    """The part around a candidate, and the matrix from the picture's pixels to it.

    It is averaged down where a warp would alias.
    """
    left, top = corners.min(0)
    right, bottom = corners.max(0)
    longest = float(max(right - left, bottom - top))
    room = longest * MARGIN * 2 + 2
    x, y = max(0, int(left - room)), max(0, int(top - room))
    part = grey[y : int(bottom + room) + 1, x : int(right + room) + 1]
    scale = 1 / max(1, int(longest / side))  # whole steps are averaged fastest
    if scale < 1:
        part = cv2.resize(
            part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
        ).astype(np.uint8, copy=False)
    return part, np.array([[scale, 0, -x * scale], [0, scale, -y * scale], [0, 0, 1]])


def _moved(quad: Quad, matrix: NDArray[Any]) -> Quad:
    points = cv2.perspectiveTransform(np.array([quad], np.float64), matrix)[0]
    a, b, c, d = ((round(float(x)), round(float(y))) for x, y in points)
    return a, b, c, d


def _plain(crop: CropRetry) -> list[Symbol]:
    return crop.by_zxing(crop.pixels)


def _deblurred(crop: CropRetry, nth: int) -> list[Symbol]:
    """Deconvolve motion blur, assuming its nth likeliest length."""
    remains = crop.smear.remains
    if remains > _SMEARED[nth]:
        return []
    likely = _SMEAR_TIMES_REMAINS / max(remains, 0.01)
    length = sorted(_SMEARS, key=lambda known: abs(math.log(known / likely)))[nth]
    clear = crop.deconvolution.along(crop.smear.angle, length * crop.side)
    return crop.by_zxing(clear, inset=crop.inset)


def _zbar_sharpened(crop: CropRetry) -> list[Symbol]:
    """Zbar reads some labels under film, glare and tape that zxing-cpp does not."""
    small = cv2.resize(
        crop.inner, None, fx=_SMALL, fy=_SMALL, interpolation=cv2.INTER_AREA
    )
    soft = cv2.blur(cv2.blur(small, (5, 5)), (5, 5))
    sharp = cv2.addWeighted(small, 1 + _SHARPER, soft, -_SHARPER, 0)
    return crop.by_zbar(sharp.astype(np.uint8, copy=False), _SMALL, inset=crop.inset)


def _zbar_large(crop: CropRetry) -> list[Symbol]:
    """At full size, which is slower; only where zxing-cpp found a symbol."""
    if not crop.found:
        return []
    return crop.by_zbar(crop.pixels, 1.0)


def _thresholded(crop: CropRetry) -> list[Symbol]:
    """For dark pictures: denoise, then threshold by the neighbourhood."""
    _, deviation = cv2.meanStdDev(crop.pixels)
    if deviation.item() > _DIM:
        return []
    soft = cv2.GaussianBlur(crop.pixels, (5, 5), 1.2)
    plain = cv2.adaptiveThreshold(
        soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 25, 3
    )
    return crop.by_zxing(plain.astype(np.uint8, copy=False))


METHODS: Final[tuple[Callable[[CropRetry], list[Symbol]], ...]] = (
    _plain,
    functools.partial(_deblurred, nth=0),
    functools.partial(_deblurred, nth=1),
    _zbar_sharpened,
    _zbar_large,
    _thresholded,
    functools.partial(_deblurred, nth=2),
)
COSTS_MS: Final = (0.6, 1.2, 0.8, 1.4, 1.6, 0.4, 0.8)
"""About what each method takes on a 2020s server core."""
