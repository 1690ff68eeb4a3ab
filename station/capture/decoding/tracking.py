"""What a camera's decoder remembers from frame to frame.

A label that was read is known: it is looked for where it should be now, which
costs a hundredth of a whole frame. A suspect is what looks like a label and was
not read yet: each frame tries another way, so that none costs a frame its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from station.capture.decoding.candidates import CELL, cells_of
from station.capture.decoding.crop_retry import WAYS
from station.capture.decoding.unread import extent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from station.capture.decoding.engines import Grey
    from station.model import Quad, Symbol

_CHANGED: Final = 8
_DIFFERS: Final = 4
"""Of 255, in the mean of a cell: noise (sd 3) gives 1, a shift by a pixel 22.

The frame is worked on when a cell reaches the first; all above the second then.
"""
_AGAIN_FOUND_MS, _AGAIN_MS = 500, 2000
"""Until a suspect in an unchanged picture is tried again: a symbol; texture."""
_ALIKE: Final = 1.7
"""A lost label's texture may look this much larger or smaller than the label."""


class Changes:
    """Which cells of the picture differ from what was last worked on.

    A cell keeps its old value until it differs enough, so slow drift adds up.
    """

    def __init__(self) -> None:
        self._worked: Grey | None = None
        self._mask: NDArray[np.bool_] | None = None

    def see(self, half: Grey) -> bool:
        """True when a frame, halved, differs anywhere from the last."""
        cells = cells_of(half)
        if self._worked is None or self._worked.shape != cells.shape:
            self._worked, self._mask = cells, None
            return True
        differ = cv2.absdiff(cells, self._worked)
        if differ.max() < _CHANGED:
            return False
        # All that differs somewhat is worked on now, or it would change later by noise.
        self._mask = differ >= _DIFFERS
        np.copyto(self._worked, cells, where=self._mask)
        return True

    def touch(self, quad: Quad) -> bool:
        """True when the newest frame differs within these corners."""
        if self._mask is None:
            return True
        left, top, right, bottom = (n // CELL for n in extent(quad))
        return bool(
            self._mask[max(0, top) : bottom + 1, max(0, left) : right + 1].any()
        )


@dataclass(slots=True, eq=False)
class TrackedSymbol:
    """A label whose text is known, where it was last read."""

    symbol: Symbol
    read_ms: int
    dx: float = 0.0
    dy: float = 0.0
    """Its way, in pixels a millisecond."""

    def expected(self, now_ms: int) -> Quad:
        """Where it should be now if it keeps moving as it did."""
        age = now_ms - self.read_ms
        x, y = round(self.dx * age), round(self.dy * age)
        a, b, c, d = ((px + x, py + y) for px, py in self.symbol.outline)
        return a, b, c, d

    def is_at(self, symbol: Symbol, now_ms: int) -> bool:
        """True when this symbol is the same label, at most its own size further."""
        if symbol.text != self.symbol.text:
            return False
        (x0, y0), (x1, y1) = middle(self.expected(now_ms)), middle(symbol.outline)
        return max(abs(x0 - x1), abs(y0 - y1)) <= longest(symbol.outline)

    def read_again(self, symbol: Symbol, now_ms: int) -> None:
        """Take in where it was read now."""
        age = now_ms - self.read_ms
        if age > 0:
            (x0, y0), (x1, y1) = middle(self.symbol.outline), middle(symbol.outline)
            self.dx, self.dy = (x1 - x0) / age, (y1 - y0) / age
        self.symbol, self.read_ms = symbol, now_ms


@dataclass(slots=True, eq=False)
class Suspect:
    """Something that looks like a label and was not read."""

    corners: NDArray[np.float32]
    seen_ms: int
    tries: int = 0
    """How many ways were tried; after the last the first comes again."""
    moved: bool = False
    """It looks another way than when it was last tried."""
    cut_off: bool = False
    """It reaches out of the picture; it will come in, or go."""
    found: Quad | None = None
    """Where a symbol was seen that could not be read; None: mere texture."""
    tried_ms: int = 0
    """When a way was last tried."""
    confirmed: bool = True
    """Texture or an engine shows it; False for a known label that was just lost."""

    @property
    def quad(self) -> Quad:
        """The corners in whole pixels."""
        a, b, c, d = ((round(float(x)), round(float(y))) for x, y in self.corners)
        return a, b, c, d

    def follow(self, new: Suspect, *, moved: bool) -> None:
        """It was seen again, here; a symbol that was seen in it came along."""
        if new.found:
            self.found = new.found
        elif self.found:
            self.found = new.quad if new.near_in_size(self.found) else None
        if self.cut_off and not new.cut_off:
            self.tries = 0
        self.moved, self.cut_off = self.moved or moved, new.cut_off
        self.confirmed = self.confirmed or new.confirmed
        self.corners, self.seen_ms = new.corners, new.seen_ms

    @property
    def is_fresh(self) -> bool:
        """True while it deserves much of a frame's time."""
        return self.tries < len(WAYS) and not self.cut_off

    def rests(self, now_ms: int) -> bool:
        """True when all ways failed on what it looks like now.

        Noise differs from frame to frame, so later is another chance.
        """
        if self.tries == 0 or self.tries % len(WAYS) or self.moved:
            return False
        return now_ms - self.tried_ms < (_AGAIN_FOUND_MS if self.found else _AGAIN_MS)

    def near_in_size(self, quad: Quad) -> bool:
        """True when a symbol of this size may be what is suspected."""
        one, other = longest(self.quad), longest(quad)
        return max(one, other) < _ALIKE * min(one, other)


def longest(quad: Quad) -> int:
    """The longer side of the upright box around the corners."""
    left, top, right, bottom = extent(quad)
    return max(right - left, bottom - top)


def middle(quad: Quad) -> tuple[float, float]:
    """The mean of the corners."""
    return sum(x for x, _ in quad) / 4, sum(y for _, y in quad) / 4


def around(grey: Grey, quad: Quad, share: float) -> tuple[Grey, tuple[int, int]]:
    """The picture around a symbol, and where that part begins (x, y).

    Args:
        grey: the whole picture.
        quad: the symbol's corners, maybe partly outside.
        share: margin, of its longer side.
    """
    left, top, right, bottom = extent(quad)
    room = int(share * max(right - left, bottom - top)) + CELL
    x, y = max(0, left - room), max(0, top - room)
    return grey[y : max(0, bottom + room), x : max(0, right + room)], (x, y)
