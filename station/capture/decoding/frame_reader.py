"""Reads the frames of one camera, spending time only on what changed.

First the whole frame by zxing-cpp; then labels that are known are read again
in their own place, and whatever else looks like a label is looked at closer,
within a budget for each frame. A frame that does not differ costs nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from station.capture.decoding.candidates import busyness, halved, patches
from station.capture.decoding.crop_retry import COSTS, SIDE, SIDE_EXACT, WAYS, CropRetry
from station.capture.decoding.engines import zxing
from station.capture.decoding.tracking import Changes, Suspect, TrackedSymbol, around
from station.capture.decoding.unread import extent, same_place
from station.model import Reader, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from station.capture.decoding.engines import Grey
    from station.model import Quad

_WHOLE_EVERY_MS: Final = 2000
"""The whole frame is read again at least this often while it changes."""
_SMALLEST: Final = 16
"""Pixels; a smaller frame shows no symbol."""
_BUDGET: Final = 8.0
"""Milliseconds, as COSTS tells them, for new suspects in one frame."""
_BUDGET_TIRED: Final = 1.5
"""The same for those on which every way failed before."""
_AT_ONCE: Final = 8
"""Known labels read again in one frame; where there are more they take turns, so that
24 take three frames, a fifth of a second."""
_NEAR, _FAR = 0.3, 0.9
"""Margins in which a known label is looked for: first, and when it is not there."""
_GIVEN_UP_MS: Final = 300
"""A suspect not seen for this long has left."""


class Decoder:
    """The reader of one camera; remembers what it saw."""

    def __init__(self) -> None:
        self._changes = Changes()
        self._known: list[TrackedSymbol] = []  # a box may show one text on two faces
        self._suspects: list[Suspect] = []
        self._whole_ms: int | None = None
        self._turn = 0

    def read(self, grey: NDArray[np.uint8], now_ms: int) -> list[Symbol]:
        """The symbols in one frame; text None where one is seen and not read.

        Args:
            grey: brightness, (height, width).
            now_ms: when the frame was taken, monotonic milliseconds.
        """
        if min(grey.shape) < _SMALLEST:
            return []
        half = halved(grey)
        changed = self._changes.see(half)
        if not changed and not self._pending(now_ms):
            return self._told()
        self._turn += 1
        if changed:
            if self._whole_is_due(now_ms):
                self._read_whole(grey, now_ms)
            else:
                self._read_known(grey, now_ms)
            self._look_for_new(half, now_ms)
        self._look_closer(grey, now_ms)
        return self._told()

    def _told(self) -> list[Symbol]:
        read = [known.symbol for known in self._known]
        return read + [
            Symbol(None, suspect.found, Reader.ZXING)
            for suspect in self._suspects
            if suspect.found and not _any_at(suspect.found, read)
        ]

    def _pending(self, now_ms: int) -> bool:
        return not all(suspect.rests(now_ms) for suspect in self._suspects)

    def _whole_is_due(self, now_ms: int) -> bool:
        return (
            not self._known
            or self._whole_ms is None
            or now_ms - self._whole_ms >= _WHOLE_EVERY_MS
        )

    def _read_whole(self, grey: Grey, now_ms: int) -> None:
        self._whole_ms = now_ms
        found = zxing(grey)
        for symbol in found:
            if symbol.text is not None:
                self._keep(symbol, now_ms)
        for known in list(self._known):
            self._read_one(grey, known, now_ms)
        for symbol in found:
            if symbol.text is None:
                corners = np.array(symbol.outline, np.float32)
                self._suspect(Suspect(corners, now_ms, found=symbol.outline))

    def _read_known(self, grey: Grey, now_ms: int) -> None:
        turns = -(-len(self._known) // _AT_ONCE)
        for i, known in enumerate(list(self._known)):
            if (i + self._turn) % turns:
                continue
            if self._changes.touch(known.symbol.outline):
                self._read_one(grey, known, now_ms)

    def _read_one(self, grey: Grey, known: TrackedSymbol, now_ms: int) -> None:
        """Read a known label again, or make it a suspect."""
        if known.read_ms == now_ms:  # found in the whole frame or beside another one
            return
        place = known.expected(now_ms)
        for share in (_NEAR, _FAR):
            part, start = around(grey, place, share)
            read = [s for s in zxing(part) if s.text is not None] if part.size else []
            for symbol in read:
                self._keep(_moved(symbol, start), now_ms)
            if known.read_ms == now_ms:
                return
        self._known.remove(known)
        corners = np.array(place, np.float32)
        self._suspect(Suspect(corners, now_ms, found=place, confirmed=False))

    def _keep(self, symbol: Symbol, now_ms: int) -> None:
        """Take in a label that was read: one that is known, or a new one."""
        for known in self._known:
            if known.is_at(symbol, now_ms):
                known.read_again(symbol, now_ms)
                return
        self._known.append(TrackedSymbol(symbol, now_ms))

    def _suspect(self, new: Suspect) -> None:
        """Remember a suspect, or that one is still there."""
        for old in self._suspects:
            if same_place(old.quad, new.quad):
                old.follow(new, moved=self._changes.touch(old.quad))
                return
        self._suspects.append(new)

    def _look_for_new(self, half: Grey, now_ms: int) -> None:
        outlines = [known.symbol.outline for known in self._known]
        for patch in patches(busyness(half), outlines):
            cut_off = _at_edge(patch.quad, half)
            self._suspect(Suspect(patch.corners, now_ms, cut_off=cut_off))
        read = [known.symbol for known in self._known]
        self._suspects = [
            s
            for s in self._suspects
            if s.confirmed
            and (now_ms - s.seen_ms < _GIVEN_UP_MS or not self._changes.touch(s.quad))
            and not _any_at(s.quad, read)
        ]

    def _look_closer(self, grey: Grey, now_ms: int) -> None:
        """Try the next ways of the suspects, new ones first, within the budgets."""
        waiting = [s for s in self._suspects if not s.rests(now_ms)]
        start = self._turn % len(waiting) if waiting else 0
        turned = waiting[start:] + waiting[:start]
        fresh = sorted((s for s in turned if s.is_fresh), key=lambda s: s.tries)
        tired = [s for s in turned if not s.is_fresh]
        for suspects, budget in ((fresh, _BUDGET), (tired, _BUDGET_TIRED)):
            left = budget
            for suspect in suspects:
                if left <= 0:
                    break
                left -= self._try(grey, suspect, now_ms, left)

    def _try(self, grey: Grey, suspect: Suspect, now_ms: int, left: float) -> float:
        """Try its ways, one after another, once through; what that cost."""
        corners, side = suspect.corners, SIDE
        if suspect.found and suspect.tries // len(WAYS) % 2:
            corners, side = np.array(suspect.found, np.float32), SIDE_EXACT
        closer = CropRetry(grey, corners, side=side)
        suspect.moved, suspect.tried_ms, spent = False, now_ms, 0.0
        while spent < left:
            way = suspect.tries % len(WAYS)
            spent += COSTS[way]
            read = closer.try_way(way)
            suspect.tries += 1
            for symbol in read:
                self._keep(symbol, now_ms)
            if read:
                self._suspects.remove(suspect)
            if read or way == len(WAYS) - 1:
                break
        suspect.found = closer.found or suspect.found
        return spent


def _at_edge(quad: Quad, half: Grey) -> bool:
    """True when a patch reaches the edge of the picture, to the cell."""
    left, top, right, bottom = extent(quad)
    height, width = (2 * n for n in half.shape)
    return left <= 0 or top <= 0 or right >= width or bottom >= height


def _any_at(quad: Quad, symbols: Iterable[Symbol]) -> bool:
    return any(same_place(quad, symbol.outline) for symbol in symbols)


def _moved(symbol: Symbol, by: tuple[int, int]) -> Symbol:
    a, b, c, d = ((x + by[0], y + by[1]) for x, y in symbol.outline)
    return replace(symbol, outline=(a, b, c, d))
