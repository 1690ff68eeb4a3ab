"""Geometry of symbol outlines: four corners in whole pixels, x right, y down."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from station.camera_frames import Quad


def extent(quad: Quad) -> tuple[int, int, int, int]:
    """The bounding box of four corners: left, top, right, bottom."""
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    return min(xs), min(ys), max(xs), max(ys)


def longer_side(quad: Quad) -> int:
    """The longer side of the bounding box, in pixels."""
    left, top, right, bottom = extent(quad)
    return max(right - left, bottom - top)


def centre(quad: Quad) -> tuple[float, float]:
    """The mean of the corners."""
    return sum(x for x, _ in quad) / 4, sum(y for _, y in quad) / 4


def translated(quad: Quad, x: int, y: int) -> Quad:
    """The outline moved by some pixels."""
    a, b, c, d = ((px + x, py + y) for px, py in quad)
    return a, b, c, d


def rounded(corners: NDArray[np.float32]) -> Quad:
    """Corners of shape (4, 2) in whole pixels."""
    a, b, c, d = ((round(float(x)), round(float(y))) for x, y in corners)
    return a, b, c, d


def same_place(one: Quad, other: Quad) -> bool:
    """True when the middle of one bounding box lies within the other.

    >>> square = ((0, 0), (10, 0), (10, 10), (0, 10))
    >>> same_place(square, ((4, 4), (14, 4), (14, 14), (4, 14)))
    True
    >>> same_place(square, ((20, 0), (30, 0), (30, 10), (20, 10)))
    False
    """
    return _middle_in(one, other) or _middle_in(other, one)


def any_at(quad: Quad, others: Iterable[Quad]) -> bool:
    """True when one of the others is in the same place."""
    return any(same_place(quad, other) for other in others)


def _middle_in(one: Quad, other: Quad) -> bool:
    left, top, right, bottom = extent(one)
    x, y = (left + right) / 2, (top + bottom) / 2
    a, b, c, d = extent(other)
    return a <= x <= c and b <= y <= d
