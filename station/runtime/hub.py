"""The newest picture and the newest ledger size of each gate, and who waits for them.

A latest-value hub: nothing queues, a slow browser only misses pictures.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from station.camera_advice import Sight, TrialCount
    from station.camera_frames import Quad
    from station.model import Verdict

SILENT_MS = 1_000
"""A camera without a picture for this long leaves the screen to the gate's others."""


@dataclass(frozen=True, slots=True)
class OutlinedLabel:
    """A label in the picture, and what the screen draws around it."""

    outline: Quad
    verdict: Verdict | None
    """None: seen, not decided (no consignment open, or the gate is held)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A camera picture with its marks."""

    number: int
    """Counts up in the hub, never repeats while the station runs."""
    camera: str
    jpeg: bytes
    width: int
    height: int
    """The size that the outlines refer to; the JPEG may be smaller."""
    marks: tuple[OutlinedLabel, ...]
    taken_ms: int
    """UTC milliseconds."""
    fps: float = 0.0
    """Pictures of this camera read in a second."""
    sight: Sight | None = None
    """How well it sees."""
    tried: TrialCount | None = None
    """Its trial with the test label in this shift."""


class Hub:
    """Holds the newest value of each kind; readers wait for a newer one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pictures: dict[str, Picture] = {}
        self._number = 0
        self._rev = 0
        self._looked: dict[str, str | None] = {}
        self._closed = False

    def show(self, gate: str, picture: Picture) -> None:
        """Put the newest picture of a gate; ``number`` is given here.

        Where several cameras serve a gate, one is shown until it is out of work: it
        has no label in view, or gives no pictures, and another one has.
        """
        with self._changed:
            if not self._goes_on_air(self._pictures.get(gate), picture):
                return
            self._number += 1
            self._pictures[gate] = replace(picture, number=self._number)
            self._changed.notify_all()

    def recorded(self, rev: int) -> None:
        """Tell that the ledger now holds ``rev`` entries."""
        with self._changed:
            self._rev = max(self._rev, rev)
            self._changed.notify_all()

    def look(self, gate: str, item: str | None) -> None:
        """Tell which item stands before a gate where no consignment is open."""
        with self._changed:
            self._looked[gate] = item
            self._changed.notify_all()

    def looked_at(self, gate: str) -> str | None:
        """The item last seen at a gate while no consignment was open there."""
        with self._changed:
            return self._looked.get(gate)

    def picture(self, gate: str, after: int, timeout_s: float) -> Picture | None:
        """The newest picture of a gate with a number above ``after``.

        None: there was none within ``timeout_s``, or the hub was closed.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or self._newer(gate, after), timeout_s
            )
            return self._pictures.get(gate) if self._newer(gate, after) else None

    def rev(self, after: int, timeout_s: float) -> int:
        """The ledger's size, as soon as it is above ``after`` or time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._rev > after, timeout_s)
            return self._rev

    def close(self) -> None:
        """Let every waiter go; the station stops."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """True once the station stops."""
        return self._closed

    @staticmethod
    def _goes_on_air(shown: Picture | None, new: Picture) -> bool:
        if shown is None or shown.camera == new.camera:
            return True
        silent = not 0 <= new.taken_ms - shown.taken_ms < SILENT_MS
        return silent or (bool(new.marks) and not shown.marks)

    def _newer(self, gate: str, after: int) -> bool:
        picture = self._pictures.get(gate)
        return picture is not None and picture.number > after
