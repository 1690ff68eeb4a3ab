"""Labels whose text is known, followed from frame to frame.

A known label is read again where it should be now, which costs a hundredth of
reading the whole frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from station.capture.decoding.engines import zxing
from station.capture.decoding.outlines import centre, extent, longer_side, translated
from station.capture.decoding.patches import CELL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.camera_frames import Quad, Symbol
    from station.capture.decoding.change_mask import ChangeMask
    from station.capture.decoding.engines import Grey

_WHOLE_EVERY_MS: Final = 2000
"""The whole frame is read again at least this often while it changes."""
_PER_FRAME: Final = 8
"""Known labels read again in one frame. More than these take turns: 24 labels take
three frames, a fifth of a second."""
_NEAR, _FAR = 0.3, 0.9
"""Margins searched around a known label, of its longer side: first and last."""


@dataclass(slots=True, eq=False)
class TrackedSymbol:
    """A label whose text is known, where it was last read."""

    symbol: Symbol
    read_ms: int
    dx: float = 0.0
    dy: float = 0.0
    """Velocity, in pixels per millisecond."""

    def predicted(self, now_ms: int) -> Quad:
        """Where it is now if it kept its velocity."""
        age = now_ms - self.read_ms
        return translated(
            self.symbol.outline, round(self.dx * age), round(self.dy * age)
        )

    def matches(self, symbol: Symbol, now_ms: int) -> bool:
        """True for the same text, at most one label's size from the prediction."""
        if symbol.text != self.symbol.text:
            return False
        (x0, y0), (x1, y1) = centre(self.predicted(now_ms)), centre(symbol.outline)
        return max(abs(x0 - x1), abs(y0 - y1)) <= longer_side(symbol.outline)

    def update(self, symbol: Symbol, now_ms: int) -> None:
        """Move it to where it was read now."""
        age = now_ms - self.read_ms
        if age > 0:
            (x0, y0), (x1, y1) = centre(self.symbol.outline), centre(symbol.outline)
            self.dx, self.dy = (x1 - x0) / age, (y1 - y0) / age
        self.symbol, self.read_ms = symbol, now_ms


class SymbolTracker:
    """The labels read in one camera's picture."""

    def __init__(self) -> None:
        self._tracks: list[TrackedSymbol] = []  # a box may show one text on two faces
        self._whole_ms: int | None = None
        self._turn = 0

    @property
    def symbols(self) -> list[Symbol]:
        """Every known label, where it was last read."""
        return [track.symbol for track in self._tracks]

    @property
    def outlines(self) -> list[Quad]:
        """The outline of every known label."""
        return [track.symbol.outline for track in self._tracks]

    def update(
        self, grey: Grey, changes: ChangeMask, now_ms: int
    ) -> tuple[list[Quad], list[Quad]]:
        """Read a changed frame: the whole of it when due, else known labels only.

        Returns:
            Outlines of labels lost in this frame, and of symbols that zxing-cpp
            found without reading them.
        """
        self._turn += 1
        if not self._whole_is_due(now_ms):
            return self._lost(grey, self._changed_tracks(changes), now_ms), []
        self._whole_ms = now_ms
        found = zxing(grey)
        self.add((s for s in found if s.text is not None), now_ms)
        lost = self._lost(grey, list(self._tracks), now_ms)
        return lost, [s.outline for s in found if s.text is None]

    def add(self, symbols: Iterable[Symbol], now_ms: int) -> None:
        """Update the tracks of these labels; start one for each new label."""
        for symbol in symbols:
            for track in self._tracks:
                if track.matches(symbol, now_ms):
                    track.update(symbol, now_ms)
                    break
            else:
                self._tracks.append(TrackedSymbol(symbol, now_ms))

    def _whole_is_due(self, now_ms: int) -> bool:
        return (
            not self._tracks
            or self._whole_ms is None
            or now_ms - self._whole_ms >= _WHOLE_EVERY_MS
        )

    def _changed_tracks(self, changes: ChangeMask) -> list[TrackedSymbol]:
        """The labels whose turn it is and whose place in the picture changed."""
        turns = -(-len(self._tracks) // _PER_FRAME)
        return [
            track
            for i, track in enumerate(self._tracks)
            if (i + self._turn) % turns == 0 and changes.touches(track.symbol.outline)
        ]

    def _lost(self, grey: Grey, tracks: list[TrackedSymbol], now_ms: int) -> list[Quad]:
        """Read these labels again; outlines of those not found, which are dropped."""
        lost = []
        for track in tracks:
            if not self._read_again(grey, track, now_ms):
                # At once: what a neighbour's crop shows here is a new label.
                self._tracks.remove(track)
                lost.append(track.predicted(now_ms))
        return lost

    def _read_again(self, grey: Grey, track: TrackedSymbol, now_ms: int) -> bool:
        """Look for a label around its predicted place; False if it is not there."""
        place = track.predicted(now_ms)
        for share in (_NEAR, _FAR):
            # Read already: in the whole frame, or in the crop of a neighbour.
            if track.read_ms == now_ms:
                return True
            part, (x, y) = _around(grey, place, share)
            read = [s for s in zxing(part) if s.text is not None] if part.size else []
            moved = (replace(s, outline=translated(s.outline, x, y)) for s in read)
            self.add(moved, now_ms)
        return track.read_ms == now_ms


def _around(grey: Grey, quad: Quad, share: float) -> tuple[Grey, tuple[int, int]]:
    """The picture around a symbol, and the top left corner of that part (x, y).

    Args:
        grey: the whole picture.
        quad: the symbol's corners, perhaps partly outside.
        share: margin, of its longer side.
    """
    left, top, right, bottom = extent(quad)
    margin = int(share * max(right - left, bottom - top)) + CELL
    x, y = max(0, left - margin), max(0, top - margin)
    return grey[y : max(0, bottom + margin), x : max(0, right + margin)], (x, y)
