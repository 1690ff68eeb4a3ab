"""A second look at one suspect: cut out, squared, and tried in several ways.

Every way starts from the same square cut, turned and stretched so that a label
seen from the side is square again. They are ordered by what they gain for
their time; each is a picture handed to one engine.
"""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from station.capture.decoding.deblur import Smear, Unblurring, smear_of
from station.capture.decoding.engines import Grey, zbar, zxing
from station.model import Quad, Reader, Symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SIDE, SIDE_EXACT = 160, 200
"""Pixels along one side of the cut suspect: 6.4 and 8 a module of our label.

The second where an engine found the corners, which is worth more pixels.
"""
MARGIN: Final = 0.22
"""Of the side, around it: the quiet zone, and room for a suspect a cell off."""
_INSET: Final = 0.095
"""Of the side, the part of that margin left out where a way is slow."""
_SMALL: Final = 0.75
"""Scale of the cut for zbar, which is slow."""
_SMEARED: Final = (0.42, 0.42, 0.3)
"""Contrast along the blur against across it; above this it is not tried again.

A smear of 1.5 modules leaves 0.25 to 0.36; shorter ones are read as they are.
"""
_SMEARS: Final = (0.078, 0.062, 0.1)
"""Lengths of a smear, of the side: 2, 1.5 and 2.5 modules of our label.

Measured: the likeliest two read 158 of 165 labels that any length reads.
"""
_SMEAR_TIMES_REMAINS: Final = 0.0193
"""The longer the smear the less contrast remains along it; measured, 1.5-3 modules."""

_DIM: Final = 50
"""Standard deviation; a cut with more needs no help against the dark."""
_SHARPER: Final = 1.0


class CropRetry:
    """One suspect in one picture; tries its ways one after another."""

    def __init__(
        self,
        grey: Grey,
        corners: NDArray[np.float32],
        *,
        side: int = SIDE,
        invert: bool = False,
    ) -> None:
        self.side, self._invert = side, invert
        self._matrix, self.cut = _cut(grey, corners, side)
        self.found: Quad | None = None
        """Where an engine saw a symbol, read or not, in the picture's pixels."""

    def try_way(self, way: int) -> list[Symbol]:
        """What the way with this number reads; outlines in the picture's pixels."""
        return WAYS[way](self)

    @functools.cached_property
    def smear(self) -> Smear:
        """How the suspect is blurred; its edges against the wall do not count."""
        margin = round(MARGIN * self.side)
        return smear_of(self.cut[margin:-margin, margin:-margin])

    @functools.cached_property
    def unblurring(self) -> Unblurring:
        """The suspect in frequencies."""
        return Unblurring(self.inner)

    @property
    def inner(self) -> Grey:
        """The cut with just the quiet zone."""
        return self.cut[self.inset : -self.inset, self.inset : -self.inset]

    @property
    def inset(self) -> int:
        """Pixels of the cut that ``inner`` leaves out on each side."""
        return round(_INSET * self.side)

    def by_zxing(self, picture: Grey, *, inset: int = 0) -> list[Symbol]:
        """What zxing reads in a picture of the cut, or of its inner part."""
        symbols = self._placed(zxing(picture, invert=self._invert), 1.0, inset)
        for symbol in symbols:
            self.found = symbol.outline
        return [
            replace(s, reader=Reader.ZXING_CROP) for s in symbols if s.text is not None
        ]

    def by_zbar(self, picture: Grey, scale: float, *, inset: int = 0) -> list[Symbol]:
        """What zbar reads in a picture of the cut, or of its inner part."""
        return self._placed(zbar(picture), scale, inset * scale)

    def _placed(
        self, symbols: list[Symbol], scale: float, inset: float
    ) -> list[Symbol]:
        if not symbols:
            return []
        onto = np.array([[scale, 0, -inset], [0, scale, -inset], [0, 0, 1]])
        back = np.linalg.inv(onto @ self._matrix)
        return [replace(s, outline=_moved(s.outline, back)) for s in symbols]


def _cut(
    grey: Grey, corners: NDArray[np.float32], side: int
) -> tuple[NDArray[Any], Grey]:
    """The matrix from the picture's pixels to the cut's, and the cut."""
    near = round(MARGIN * side)
    far = near + side
    target = np.array([[near, near], [far, near], [far, far], [near, far]], np.float32)
    matrix: NDArray[Any] = cv2.getPerspectiveTransform(corners, target)
    part, onto_part = _part(grey, corners, side)
    # Cubic reads labels of 1.6 pixels a module where linear needs 1.8; it is slower.
    enlarged = float(np.ptp(corners, axis=0).max()) < side
    cut = cv2.warpPerspective(
        part,
        matrix @ np.linalg.inv(onto_part),
        (far + near,) * 2,
        flags=cv2.INTER_CUBIC if enlarged else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return matrix, cut.astype(np.uint8, copy=False)


def _part(
    grey: Grey, corners: NDArray[np.float32], side: int
) -> tuple[Grey, NDArray[np.float64]]:
    """The part around a suspect, and the matrix from the picture's pixels to it.

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


def _plain(closer: CropRetry) -> list[Symbol]:
    return closer.by_zxing(closer.cut)


def _moving(closer: CropRetry, nth: int) -> list[Symbol]:
    """The smear of a moving box taken back, by the nth likely length of it."""
    remains = closer.smear.remains
    if remains > _SMEARED[nth]:
        return []
    likely = _SMEAR_TIMES_REMAINS / max(remains, 0.01)
    length = sorted(_SMEARS, key=lambda known: abs(math.log(known / likely)))[nth]
    clear = closer.unblurring.along(closer.smear.angle, length * closer.side)
    return closer.by_zxing(clear, inset=closer.inset)


def _second(closer: CropRetry) -> list[Symbol]:
    """Zbar reads under film, glare and tape what zxing does not."""
    small = cv2.resize(
        closer.inner, None, fx=_SMALL, fy=_SMALL, interpolation=cv2.INTER_AREA
    )
    soft = cv2.blur(cv2.blur(small, (5, 5)), (5, 5))
    sharp = cv2.addWeighted(small, 1 + _SHARPER, soft, -_SHARPER, 0)
    return closer.by_zbar(
        sharp.astype(np.uint8, copy=False), _SMALL, inset=closer.inset
    )


def _second_large(closer: CropRetry) -> list[Symbol]:
    """Larger, which is slower; only where zxing saw something."""
    if not closer.found:
        return []
    return closer.by_zbar(closer.cut, 1.0)


def _dark(closer: CropRetry) -> list[Symbol]:
    """Noise smoothed away, then black and white by the neighbourhood."""
    _, deviation = cv2.meanStdDev(closer.cut)
    if deviation.item() > _DIM:
        return []
    soft = cv2.GaussianBlur(closer.cut, (5, 5), 1.2)
    plain = cv2.adaptiveThreshold(
        soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 25, 3
    )
    return closer.by_zxing(plain.astype(np.uint8, copy=False))


WAYS: Final[tuple[Callable[[CropRetry], list[Symbol]], ...]] = (
    _plain,
    functools.partial(_moving, nth=0),
    functools.partial(_moving, nth=1),
    _second,
    _second_large,
    _dark,
    functools.partial(_moving, nth=2),
)
COSTS: Final = (0.6, 1.2, 0.8, 1.4, 1.6, 0.4, 0.8)
"""Milliseconds that each way takes, about, on a 2020s server core."""
