"""A second look at one suspect: cut out, squared, and tried in several ways.

Every way starts from the same square cut, turned and stretched so that a label
seen from the side is square again. They are ordered by what they gain for
their time; each is a picture handed to one engine.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from station.capture.engines import Grey, zbar, zxing
from station.capture.unblur import smear_of, unblurred
from station.model import Quad, Reader, Symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_MARGIN: Final = 0.22
"""Of the side, on each side: the quiet zone, and a suspect that is a cell off."""
_WIDE, _MIDDLE, _SMALL = 200, 160, 140
"""Pixels along one side of the cut suspect: 8, 6.4 and 5.6 a module of our label."""
_SMEARED: Final = 0.5
"""Contrast along the blur against across it; above this there is no such blur."""
SMEARS: Final = (0.08, 0.065, 0.1)
"""Lengths tried, of the side: 2, 1.6 and 2.5 modules of our label."""


class Closer:
    """One suspect in one picture; tries its ways one after another.

    Attributes:
        found: an engine saw a symbol here, read or not.
    """

    def __init__(
        self, grey: Grey, corners: NDArray[np.float32], *, invert: bool = False
    ) -> None:
        self._grey, self._corners, self._invert = grey, corners, invert
        self.found: Quad | None = None

    def try_way(self, way: int) -> list[Symbol]:
        """What the way with this number reads; outlines in the picture's pixels."""
        return WAYS[way](self)

    def cut(self, side: int) -> tuple[Grey, NDArray[np.float32]]:
        """The suspect as a square with margins, and the matrix that made it."""
        margin = round(side * _MARGIN)
        near, far = margin, margin + side
        target = np.array([[near, near], [far, near], [far, far], [near, far]])
        grey, corners = self._shrunk(side)
        matrix = cv2.getPerspectiveTransform(corners, target.astype(np.float32))
        size = (side + 2 * margin,) * 2
        flags = cv2.INTER_CUBIC
        cut = cv2.warpPerspective(
            grey, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        return cut.astype(np.uint8, copy=False), matrix @ self._scale(grey)

    def _scale(self, used: Grey) -> NDArray[np.float64]:
        factor = used.shape[1] / self._grey.shape[1]
        return np.diag([factor, factor, 1.0])

    def _shrunk(self, side: int) -> tuple[Grey, NDArray[np.float32]]:
        """The picture and corners, first averaged down where a warp would alias."""
        a, b, c, _ = self._corners
        longest = max(np.linalg.norm(a - b), np.linalg.norm(b - c))
        if longest < side * 1.5:
            return self._grey, self._corners
        factor = side / float(longest)
        small = cv2.resize(
            self._grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA
        ).astype(np.uint8, copy=False)
        exact = small.shape[1] / self._grey.shape[1]
        return small, (self._corners * exact).astype(np.float32)

    def by_zxing(self, picture: Grey, matrix: NDArray[np.float64]) -> list[Symbol]:
        """What zxing reads in a cut; remembers where it found one unread."""
        symbols = self._placed(zxing(picture, invert=self._invert), matrix)
        for symbol in symbols:
            self.found = symbol.outline
        return [
            Symbol(s.text, s.outline, Reader.ZXING_CROP)
            for s in symbols
            if s.text is not None
        ]

    def by_zbar(self, picture: Grey, matrix: NDArray[np.float64]) -> list[Symbol]:
        """What zbar reads in a cut."""
        return self._placed(zbar(picture), matrix)

    def _placed(
        self, symbols: list[Symbol], matrix: NDArray[np.float64]
    ) -> list[Symbol]:
        if not symbols:
            return []
        back = np.linalg.inv(matrix)
        return [Symbol(s.text, _moved(s.outline, back), s.reader) for s in symbols]


def _moved(quad: Quad, matrix: NDArray[np.float64]) -> Quad:
    points = cv2.perspectiveTransform(np.array([quad], np.float64), matrix)[0]
    a, b, c, d = ((round(float(x)), round(float(y))) for x, y in points)
    return a, b, c, d


def _plain(closer: Closer) -> list[Symbol]:
    return closer.by_zxing(*closer.cut(_WIDE))


def _second(closer: Closer) -> list[Symbol]:
    """Sharpened for zbar: it wins under film, glare and tape."""
    cut, matrix = closer.cut(_SMALL)
    soft = cv2.GaussianBlur(cut, (0, 0), 3)
    sharp = cv2.addWeighted(cut, 2.5, soft, -1.5, 0)
    return closer.by_zbar(sharp.astype(np.uint8, copy=False), matrix)


def _moving(closer: Closer, length: float) -> list[Symbol]:
    """The smear of a moving box taken back."""
    cut, matrix = closer.cut(_MIDDLE)
    smear = smear_of(cut)
    if smear.remains > _SMEARED:
        return []
    clear = unblurred(cut, smear, length * _MIDDLE)
    return closer.by_zxing(clear, matrix)


def _dark(closer: Closer) -> list[Symbol]:
    """Noise smoothed away, then black and white by the neighbourhood."""
    cut, matrix = closer.cut(_MIDDLE)
    soft = cv2.GaussianBlur(cut, (0, 0), 1.2)
    window = round(_MIDDLE * 0.15) | 1
    plain = cv2.adaptiveThreshold(
        soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, window, 3
    )
    return closer.by_zxing(plain.astype(np.uint8, copy=False), matrix)


WAYS: Final[tuple[Callable[[Closer], list[Symbol]], ...]] = (
    _plain,
    _second,
    *(functools.partial(_moving, length=length) for length in SMEARS),
    _dark,
)
