"""One passing of a label at a gate, however many frames, faces or cameras saw it.

Pure: the only time it knows is the frames' own. A passing ends after 2.0 s
without a read *while frames flow*: a frozen camera ends nothing, because
nobody saw the label leave. Once a camera is known to be lost, the frames of the
gate's other cameras count in its place. Knows no rule; verdicts are only
remembered for the overlay.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from station.capture.decoding.unread_labels import UnreadLabels
from station.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.model import FrameResult, Instant, Quad

ENDS_AFTER_MS = 2000
IN_VIEW_MS = 500
"""A label read this recently still counts as seen: a frame may miss it."""
LINGERS_MS = 1000
"""So long after its last read what is found in its place is still that label; after
that it may be another box."""
LONGEST_STEP_MS = 500
"""A longer gap between two frames counts as this much of their flow."""
LOST_AFTER_MS = 2000
"""A camera lost for this long hands what it saw to those that still run."""


@dataclass(frozen=True, slots=True)
class Track:
    """A passing that began: all that a Scan is made of."""

    text: str
    camera: str
    """The camera that saw it first."""
    seen: Instant
    """When that picture was taken."""
    jpeg: bytes
    """That picture, to be kept as evidence."""
    outline: Quad
    width: int
    height: int
    """Size in pixels that the outline refers to; the JPEG may be smaller."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the overlay draws: a label in one camera's picture."""

    text: str | None
    """None: found but not read."""
    outline: Quad
    verdict: Verdict | None
    """None: not decided, or no consignment is open."""
    decided: bool


@dataclass(slots=True)
class _Passage:
    track: Track
    read_at: dict[str, int] = field(default_factory=dict)
    """Camera -> its flow clock, in ms, at the newest read there."""
    outlines: dict[str, Quad] = field(default_factory=dict)
    decided: bool = False
    verdict: Verdict | None = None
    was_held: bool = False
    """It was in view, undecided, while the gate was held."""


@dataclass(slots=True)
class _Flow:
    ms: int = 0
    newest_ms: int | None = None

    def advance(self, mono_ms: int) -> None:
        if self.newest_ms is not None:
            step = mono_ms - self.newest_ms
            self.ms += max(0, min(step, LONGEST_STEP_MS))
        self.newest_ms = mono_ms


class PassageTracker:
    """The passings of one gate, over all of its cameras."""

    def __init__(self) -> None:
        self._passages: dict[str, _Passage] = {}
        self._flows: dict[str, _Flow] = {}
        self._unread: dict[str, UnreadLabels] = {}
        self._missed: list[str] = []
        self._lost_ms: dict[str, int] = {}
        """Camera -> since when it is known to be lost."""

    def see(self, view: FrameResult) -> None:
        """Take in what one camera saw."""
        flow = self._flows.setdefault(view.camera, _Flow())
        flow.advance(view.taken.mono_ms)
        self._lost_ms.pop(view.camera, None)
        self._inherit(view)
        self._end_passings()
        for symbol in view.symbols:
            if symbol.text is not None:
                passage = self._passages.get(symbol.text)
                if passage is None:
                    passage = self._begin(view, symbol.text, symbol.outline)
                passage.read_at[view.camera] = flow.ms
                passage.outlines[view.camera] = symbol.outline
        self._see_unread(view, flow.ms)

    def lost(self, camera: str, now_ms: int) -> None:
        """Take in that a camera is lost; its next frame says that it is back."""
        self._lost_ms.setdefault(camera, now_ms)

    def _inherit(self, view: FrameResult) -> None:
        """Let this camera's flow end what cameras saw that are lost by now."""
        gone = {
            camera
            for camera, since in self._lost_ms.items()
            if view.taken.mono_ms - since > LOST_AFTER_MS
        }
        if not gone:
            return
        # Out of view already: nobody sees it, it must not be decided as if seen.
        at = self._flows[view.camera].ms - IN_VIEW_MS
        for passage in self._passages.values():
            for camera in gone & passage.read_at.keys():
                del passage.read_at[camera]
                passage.outlines.pop(camera, None)
                passage.read_at.setdefault(view.camera, at)

    def _begin(self, view: FrameResult, text: str, outline: Quad) -> _Passage:
        track = Track(
            text=text,
            camera=view.camera,
            seen=view.taken,
            jpeg=view.jpeg,
            outline=outline,
            width=view.width,
            height=view.height,
        )
        passage = self._passages[text] = _Passage(track)
        return passage

    def _see_unread(self, view: FrameResult, flow_ms: int) -> None:
        known = [
            passage.outlines[view.camera]
            for passage in self._passages.values()
            if view.camera in passage.outlines
            and flow_ms - passage.read_at[view.camera] < LINGERS_MS
        ]
        found = [s.outline for s in view.symbols if s.text is None]
        unread = self._unread.setdefault(view.camera, UnreadLabels())
        unread.update(flow_ms, found, known)

    def _unseen_ms(self, passage: _Passage) -> int:
        """Flow since the newest read, on the camera where it is shortest."""
        return min(self._flows[c].ms - at for c, at in passage.read_at.items())

    def _end_passings(self) -> None:
        ended = [
            text
            for text, passage in self._passages.items()
            if self._unseen_ms(passage) >= ENDS_AFTER_MS
        ]
        for text in ended:
            passage = self._passages.pop(text)
            if passage.was_held and not passage.decided:
                self._missed.append(text)

    def due(self, *, held: bool, now_ms: int | None = None) -> list[Track]:
        """The passings to be decided now, in the order in which they began.

        None while the gate is held: a label still in view at the release is due
        then. Call it after each ``see``, so that "in view" speaks of now; at any
        other time tell the present, since a camera that stands still sees nothing.

        Args:
            held: True while nothing may be decided.
            now_ms: The present, monotonic milliseconds, where no frame just came.
        """
        waiting = [
            passage
            for passage in self._passages.values()
            if not passage.decided
            and self._unseen_ms(passage) < IN_VIEW_MS
            and (now_ms is None or self._is_seen(passage, now_ms))
        ]
        if held:
            for passage in waiting:
                passage.was_held = True
            return []
        return [passage.track for passage in waiting]

    def decided(self, text: str, verdict: Verdict | None) -> None:
        """Remember what became of a passing; one that has ended is no matter."""
        if passage := self._passages.get(text):
            passage.decided, passage.verdict = True, verdict

    def begin_anew(self) -> None:
        """Let what is in view be decided again, at its next sight.

        For when a consignment is opened or closed: a box that stands there was
        decided for another load, or for none. What waits because the gate was held
        goes on waiting.
        """
        self._passages = {
            text: passage
            for text, passage in self._passages.items()
            if passage.was_held and not passage.decided
        }

    def forget(self, is_it: Callable[[str], bool], now_ms: int) -> None:
        """End decided passings of these texts, so that the next sight is a new one.

        One that a running camera sees now goes on until it has left: the box that
        somebody takes off the truck is often still before the camera.

        Args:
            is_it: True for the texts that are meant.
            now_ms: the present, monotonic milliseconds.
        """
        meant = {
            text: passage
            for text, passage in self._passages.items()
            if passage.decided and is_it(text)
        }
        for text, passage in meant.items():
            # What was said of it is no longer so, seen or not.
            passage.verdict = None
            if not self._is_seen(passage, now_ms):
                del self._passages[text]

    def _is_seen(self, passage: _Passage, now_ms: int) -> bool:
        """True when a camera that gives frames has it in its picture."""
        for camera, at in passage.read_at.items():
            flow = self._flows[camera]
            runs = flow.newest_ms is not None and (
                now_ms - flow.newest_ms < LOST_AFTER_MS
            )
            if runs and flow.ms - at < IN_VIEW_MS:
                return True
        return False

    def in_view(self, camera: str) -> list[Sighting]:
        """The labels in this camera's picture now, read and unread."""
        flow = self._flows.get(camera)
        if flow is None:
            return []
        read = [
            Sighting(p.track.text, p.outlines[camera], p.verdict, p.decided)
            for p in self._passages.values()
            if camera in p.outlines and flow.ms - p.read_at[camera] < IN_VIEW_MS
        ]
        unread = self._unread[camera].lasting()
        return read + [Sighting(None, q, Verdict.UNREAD, True) for q in unread]  # noqa: FBT003 - fields in order

    def take_ended(self) -> list[str]:
        """Texts whose passing ended undecided while held ("bring back"), once."""
        ended, self._missed = self._missed, []
        return ended

    def take_missed(self, *, all_: bool = False) -> list[str]:
        """Texts that came and left undecided while held ("bring back"), once.

        One that comes again later begins a new passing.

        Args:
            all_: Those that still stand in view too: nobody will look again.
        """
        for text, passage in list(self._passages.items()):
            left = all_ or self._unseen_ms(passage) >= IN_VIEW_MS
            if passage.was_held and not passage.decided and left:
                del self._passages[text]
                self._missed.append(text)
        return self.take_ended()

    def unread(self, camera: str) -> list[Quad]:
        """Labels found and not read for 0.7 s; each is told once."""
        unread = self._unread.get(camera)
        return [] if unread is None else unread.take_new()
