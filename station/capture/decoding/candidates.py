"""Parts of the picture that look like labels and were not read yet.

Each frame spends a limited time on them and tries the next reading methods, so
that none of them holds the frame up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from station.camera_frames import Reader, Symbol
from station.capture.decoding.crop_retry import (
    COSTS_MS,
    METHODS,
    SIDE,
    SIDE_EXACT,
    CropRetry,
)
from station.capture.decoding.outlines import any_at, longer_side, rounded, same_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from station.camera_frames import Quad
    from station.capture.decoding.change_mask import ChangeMask
    from station.capture.decoding.engines import Grey

_FRESH_MS: Final = 8.0
"""For candidates on which some method is untried, in one frame, as COSTS_MS counts."""
_EXHAUSTED_MS: Final = 1.5
"""The same for those on which every method failed before."""
_GONE_MS: Final = 300
"""A candidate not seen for this long has left."""
_RETRY_FOUND_MS, _RETRY_TEXTURE_MS = 500, 2000
"""Until a candidate in an unchanged picture is tried again: a symbol; texture."""
_SAME_SIZE: Final = 1.7
"""The texture of a lost label may look this much larger or smaller than the label."""


@dataclass(slots=True, eq=False)
class Candidate:
    """Something that looks like a label and was not read."""

    corners: NDArray[np.float32]
    """(4, 2) pixels."""
    seen_ms: int
    tries: int = 0
    """How many methods were tried; after the last one the first comes again."""
    moved: bool = False
    """It changed since it was last tried."""
    cut_off: bool = False
    """It reaches out of the picture: it is about to come in, or to leave."""
    found: Quad | None = None
    """The unread symbol that an engine saw here, or None for mere texture."""
    tried_ms: int = 0
    confirmed: bool = True
    """Seen by an engine or as texture; False for a label that was just lost."""

    @classmethod
    def at(cls, quad: Quad, now_ms: int, *, confirmed: bool = True) -> Candidate:
        """The candidate where an engine saw a symbol."""
        corners = np.array(quad, np.float32)
        return cls(corners, now_ms, found=quad, confirmed=confirmed)

    @property
    def quad(self) -> Quad:
        """The corners in whole pixels."""
        return rounded(self.corners)

    def follow(self, new: Candidate, *, moved: bool) -> None:
        """Move to where it is seen now, with the symbol that was found in it."""
        if new.found:
            self.found = new.found
        elif self.found:
            self.found = new.quad if new.has_size_of(self.found) else None
        if self.cut_off and not new.cut_off:
            self.tries = 0
        self.moved, self.cut_off = self.moved or moved, new.cut_off
        self.confirmed = self.confirmed or new.confirmed
        self.corners, self.seen_ms = new.corners, new.seen_ms

    @property
    def is_fresh(self) -> bool:
        """True while a method is untried and the whole of it is in the picture."""
        return self.tries < len(METHODS) and not self.cut_off

    def rests(self, now_ms: int) -> bool:
        """True when every method failed on what it looks like now.

        Noise differs from frame to frame, so it gets another chance later.
        """
        if self.tries == 0 or self.tries % len(METHODS) or self.moved:
            return False
        wait_ms = _RETRY_FOUND_MS if self.found else _RETRY_TEXTURE_MS
        return now_ms - self.tried_ms < wait_ms

    def has_size_of(self, quad: Quad) -> bool:
        """True when a symbol of this size may be what is seen here."""
        one, other = longer_side(self.quad), longer_side(quad)
        return max(one, other) < _SAME_SIZE * min(one, other)

    def retry(
        self, grey: Grey, now_ms: int, left_ms: float
    ) -> tuple[list[Symbol], float]:
        """Try the next methods, at most to the last of them.

        Args:
            grey: the whole picture.
            now_ms: when it was taken.
            left_ms: stop when this much is spent.

        Returns:
            What was read, and the milliseconds spent, as COSTS_MS counts.
        """
        corners, side = self.corners, SIDE
        if self.found and self.tries // len(METHODS) % 2:
            corners, side = np.array(self.found, np.float32), SIDE_EXACT
        crop = CropRetry(grey, corners, side=side)
        self.moved, self.tried_ms = False, now_ms
        read: list[Symbol] = []
        spent_ms = 0.0
        while spent_ms < left_ms and not read:
            method = self.tries % len(METHODS)
            read = crop.try_method(method)
            spent_ms += COSTS_MS[method]
            self.tries += 1
            if method == len(METHODS) - 1:
                break
        self.found = crop.found or self.found
        return read, spent_ms


class CandidateList:
    """The candidates in one camera's picture."""

    def __init__(self) -> None:
        self._candidates: list[Candidate] = []
        self._turn = 0

    def update(
        self,
        seen: Iterable[Candidate],
        known: Sequence[Quad],
        changes: ChangeMask,
        now_ms: int,
    ) -> None:
        """Take in what a changed frame shows; drop what left or was read.

        Args:
            seen: candidates in this frame, those of engines before texture.
            known: outlines of the labels that are read.
            changes: what changed in this frame.
            now_ms: when it was taken.
        """
        for candidate in seen:
            self._add(candidate, changes)
        self._candidates = [
            c
            for c in self._candidates
            if c.confirmed
            and (now_ms - c.seen_ms < _GONE_MS or not changes.touches(c.quad))
            and not any_at(c.quad, known)
        ]

    def _add(self, new: Candidate, changes: ChangeMask) -> None:
        for old in self._candidates:
            if same_place(old.quad, new.quad):
                old.follow(new, moved=changes.touches(old.quad))
                return
        self._candidates.append(new)

    def retry(self, grey: Grey, now_ms: int) -> list[Symbol]:
        """Try to read them, fresh ones first, within the budgets; what was read."""
        waiting = [c for c in self._candidates if not c.rests(now_ms)]
        if not waiting:
            return []
        self._turn += 1
        start = self._turn % len(waiting)
        in_turn = waiting[start:] + waiting[:start]
        fresh = sorted((c for c in in_turn if c.is_fresh), key=lambda c: c.tries)
        exhausted = [c for c in in_turn if not c.is_fresh]
        read: list[Symbol] = []
        for candidates, left_ms in ((fresh, _FRESH_MS), (exhausted, _EXHAUSTED_MS)):
            for candidate in candidates:
                if left_ms <= 0:
                    break
                symbols, spent_ms = candidate.retry(grey, now_ms, left_ms)
                left_ms -= spent_ms  # noqa: PLW2901 - each group has its own budget
                if symbols:
                    self._candidates.remove(candidate)
                    read += symbols
        return read

    def unread(self, known: Sequence[Quad]) -> list[Symbol]:
        """Symbols that an engine found and did not read, where no label is known."""
        return [
            Symbol(None, candidate.found, Reader.ZXING)
            for candidate in self._candidates
            if candidate.found and not any_at(candidate.found, known)
        ]
