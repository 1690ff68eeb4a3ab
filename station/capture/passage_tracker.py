"""One passage of a label at a gate, over any number of frames, faces and cameras.

Pure: its only clock is the time in the frames. A passage ends after 2.0 s without a
read *while frames arrive*: a frozen camera ends nothing, because nobody saw the label
leave. Once a camera is known to be lost, frames of the gate's other cameras count in
its place. Verdicts are only remembered for the overlay.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from station.capture.decoding.unread_labels import UnreadLabels
from station.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.camera_frames import FrameResult, Quad
    from station.model import Instant

ENDS_AFTER_MS = 2000
IN_VIEW_MS = 500
"""A label read this recently counts as in view: a frame may miss it."""
LINGERS_MS = 1000
"""An unread symbol in a label's place is that label for this long after its last read;
later it may be another box."""
LONGEST_STEP_MS = 500
"""A longer gap between two frames counts as this much."""
LOST_AFTER_MS = 2000
"""The passages of a camera lost for this long go to those that still run."""


@dataclass(frozen=True, slots=True)
class Track:
    """A passage that began: everything a Scan is made from."""

    text: str
    camera: str
    """The camera that saw it first."""
    seen: Instant
    """When the first picture was taken."""
    jpeg: bytes
    """The first picture, to be kept as evidence."""
    outline: Quad
    width: int
    height: int
    """Size in pixels that the outline refers to; the JPEG may be smaller."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the overlay draws: a label in one camera's picture."""

    text: str | None
    """None if found but not read."""
    outline: Quad
    verdict: Verdict | None
    """None if not decided, or if no consignment is open."""
    decided: bool


@dataclass(slots=True)
class _Passage:
    track: Track
    read_at: dict[str, int] = field(default_factory=dict)
    """Camera -> its flow clock at the newest read there, in ms."""
    outlines: dict[str, Quad] = field(default_factory=dict)
    decided: bool = False
    verdict: Verdict | None = None
    was_held: bool = False
    """True if it was in view, undecided, while the gate was held."""


@dataclass(slots=True)
class _Flow:
    """The flow clock of a camera: advances only while frames arrive."""

    ms: int = 0
    newest_ms: int | None = None

    def advance(self, mono_ms: int) -> None:
        if self.newest_ms is not None:
            step = mono_ms - self.newest_ms
            self.ms += max(0, min(step, LONGEST_STEP_MS))
        self.newest_ms = mono_ms


class PassageTracker:
    """The passages at one gate, over all of its cameras."""

    def __init__(self) -> None:
        self._passages: dict[str, _Passage] = {}
        self._flows: dict[str, _Flow] = {}
        self._unread: dict[str, UnreadLabels] = {}
        self._missed: list[str] = []
        self._lost_ms: dict[str, int] = {}
        """Camera -> when it was found to be lost, monotonic ms."""

    def update(self, view: FrameResult) -> None:
        """Take in the symbols of one camera's frame."""
        flow = self._flows.setdefault(view.camera, _Flow())
        flow.advance(view.taken.mono_ms)
        self._lost_ms.pop(view.camera, None)
        self._inherit(view)
        self._end_passages()
        for symbol in view.symbols:
            if symbol.text is not None:
                passage = self._passages.get(symbol.text)
                if passage is None:
                    passage = self._begin(view, symbol.text, symbol.outline)
                passage.read_at[view.camera] = flow.ms
                passage.outlines[view.camera] = symbol.outline
        self._update_unread(view, flow.ms)

    def lost(self, camera: str, now_ms: int) -> None:
        """Take in that a camera is lost; its next frame ends that."""
        self._lost_ms.setdefault(camera, now_ms)

    def _inherit(self, view: FrameResult) -> None:
        """Let this camera's flow end passages seen by cameras that are lost by now."""
        gone = {
            camera
            for camera, since in self._lost_ms.items()
            if view.taken.mono_ms - since > LOST_AFTER_MS
        }
        if not gone:
            return
        # Out of view already: an unseen label must not be decided.
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

    def _update_unread(self, view: FrameResult, flow_ms: int) -> None:
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
        """Flow in ms since the newest read, on the camera where it is shortest."""
        return min(self._flows[c].ms - at for c, at in passage.read_at.items())

    def _end_passages(self) -> None:
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
        """The passages to decide now, in the order in which they began.

        Empty while the gate is held: a label still in view at the release is due
        then. Call it after each ``update``; at any other time pass ``now_ms``, since a
        frozen camera does not show what is in view.

        Args:
            held: nothing may be decided.
            now_ms: the present, monotonic milliseconds, if no frame just came.
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
        """Remember the verdict of a passage; does nothing if it has ended."""
        if passage := self._passages.get(text):
            passage.decided, passage.verdict = True, verdict

    def begin_anew(self) -> None:
        """Let labels in view be decided again, at their next read.

        For when a consignment is opened or closed: a box in view was decided for
        another load, or for none. Passages that wait because the gate is held keep
        waiting.
        """
        self._passages = {
            text: passage
            for text, passage in self._passages.items()
            if passage.was_held and not passage.decided
        }

    def forget(self, is_it: Callable[[str], bool], now_ms: int) -> None:
        """End decided passages of these texts, so that the next read begins anew.

        A label that a running camera sees now keeps its passage until it has left:
        a box taken off the truck is often still in front of the camera.

        Args:
            is_it: True for these texts.
            now_ms: the present, monotonic milliseconds.
        """
        meant = {
            text: passage
            for text, passage in self._passages.items()
            if passage.decided and is_it(text)
        }
        for text, passage in meant.items():
            # Its verdict no longer holds, in view or not.
            passage.verdict = None
            if not self._is_seen(passage, now_ms):
                del self._passages[text]

    def _is_seen(self, passage: _Passage, now_ms: int) -> bool:
        """True when a camera that gives frames has it in view."""
        for camera, at in passage.read_at.items():
            flow = self._flows[camera]
            runs = flow.newest_ms is not None and (
                now_ms - flow.newest_ms < LOST_AFTER_MS
            )
            if runs and flow.ms - at < IN_VIEW_MS:
                return True
        return False

    def in_view(self, camera: str) -> list[Sighting]:
        """The labels in this camera's view now, read and unread."""
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
        """Texts whose passage ended undecided while held ("bring back"), each once."""
        ended, self._missed = self._missed, []
        return ended

    def take_missed(self, *, all_: bool = False) -> list[str]:
        """Texts that came and left undecided while held ("bring back"), each once.

        One that comes again later begins a new passage.

        Args:
            all_: include those still in view, because no shift follows.
        """
        for text, passage in list(self._passages.items()):
            left = all_ or self._unseen_ms(passage) >= IN_VIEW_MS
            if passage.was_held and not passage.decided and left:
                del self._passages[text]
                self._missed.append(text)
        return self.take_ended()

    def unread(self, camera: str) -> list[Quad]:
        """Outlines of labels found and not read for 0.7 s, each returned once."""
        unread = self._unread.get(camera)
        return [] if unread is None else unread.take_new()
