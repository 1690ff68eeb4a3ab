"""Which cells of the picture changed since they were last processed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from station.capture.decoding.outlines import extent
from station.capture.decoding.patches import CELL, cells_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from station.camera_frames import Quad
    from station.capture.decoding.engines import Grey

_TRIGGER: Final = 8
_DIFFERENT: Final = 4
"""Of 255, in the mean of a cell: noise (sd 3) gives 1, a shift by one pixel 22.

A frame is processed when any cell reaches the first; then every cell above the
second counts as changed, or noise would push it over the first a frame later.
"""


class ChangeMask:
    """Compares each frame with what was last processed, cell by cell.

    A cell keeps its old value until it differs enough, so slow drift adds up.
    """

    def __init__(self) -> None:
        self._processed: Grey | None = None
        self._mask: NDArray[np.bool_] | None = None

    def update(self, half: Grey) -> bool:
        """True when a frame, at half its size, changed anywhere."""
        cells = cells_of(half)
        if self._processed is None or self._processed.shape != cells.shape:
            self._processed, self._mask = cells, None
            return True
        difference = cv2.absdiff(cells, self._processed)
        if difference.max() < _TRIGGER:
            return False
        self._mask = difference >= _DIFFERENT
        np.copyto(self._processed, cells, where=self._mask)
        return True

    def touches(self, quad: Quad) -> bool:
        """True when the last changed frame differed within this bounding box."""
        if self._mask is None:
            return True
        left, top, right, bottom = (n // CELL for n in extent(quad))
        return bool(
            self._mask[max(0, top) : bottom + 1, max(0, left) : right + 1].any()
        )
