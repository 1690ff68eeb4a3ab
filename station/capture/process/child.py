"""Inside a camera's process: grab, decode, tell; end when the station is gone.

Three threads: one reads the source and keeps only the newest frame, the main
one decodes, one watches the pipe so that no child outlives its station.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from typing import TYPE_CHECKING, Any, Final

import cv2

from station.capture.decoding.decoder import Decoder
from station.capture.legibility import Seeing
from station.capture.sources.picture_source import (
    CameraError,
    Picture,
    PictureSource,
    SourceEnded,
)
from station.model import CameraSettings, CameraState, Clock, Frame, FrameResult

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

ACK: Final = "ack"
"""From the station: one view was taken, one more may come."""
_IN_FLIGHT = 1
_TURN_S, _GRACE_S = 0.5, 1.0
_FPS_FRAMES = 30
FIRST_DELAY_S, LONGEST_DELAY_S, CALM_S = 0.5, 10.0, 10.0
OPENING_S, SILENT_S = 30.0, 10.0
"""A driver that hangs longer than this is left by ending the process."""
_EXIT_GONE, EXIT_HANGS = 0, 3
_NICER = 5
"""Of 19; a third of the station's share of a core where both want all of it."""
_BELOW_NORMAL = 0x4000
"""Windows' BELOW_NORMAL_PRIORITY_CLASS."""


@dataclass(frozen=True, slots=True)
class CameraStateMessage:
    """From the child: the camera's state changed."""

    state: CameraState
    detail: str


@dataclass(frozen=True, slots=True)
class Cue:
    """From the station, for the source's ``cue``."""

    message: object


@dataclass(frozen=True, slots=True)
class Stop:
    """From the station: give the camera back and end."""


def run(
    pipe: Connection[Any, Any],
    settings: CameraSettings,
    make: Callable[[CameraSettings], PictureSource],
    clock: Clock,
) -> None:
    """Be the camera's process until the station stops it or is gone."""
    # Ctrl-C reaches the whole group; the station ends its children itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _step_back()
    cv2.setNumThreads(1)
    voice = StationPipe(pipe)
    grabber = Grabber(settings, make, clock, voice)
    threading.Thread(target=_watch, args=(pipe, voice, grabber), daemon=True).start()
    grabbing = threading.Thread(target=grabber.run, daemon=True)
    grabbing.start()
    _decode(grabber, voice, clock)
    grabbing.join(_GRACE_S)
    os._exit(_EXIT_GONE)  # a thread that hangs in a driver cannot hold us


def _step_back() -> None:
    """Let the station's own process go first: pages and entries wait for no pixels.

    All cameras step back equally, so the system shares the cores between them.
    """
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(_NICER)


class StationPipe:
    """Everything said to the station, one at a time and no more than it takes."""

    def __init__(self, pipe: Connection[Any, Any]) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self.credit = threading.Semaphore(_IN_FLIGHT)
        """Views that may still be sent before the station took one.

        With more than one in flight a slow station would see older frames.
        """
        self._last: CameraStateMessage | None = None

    def tell(self, told: CameraStateMessage) -> None:
        """Say a state, unless it was said last."""
        with self._lock:
            if told != self._last:
                self._last = told
                self._send(told)

    def show(self, view: FrameResult) -> None:
        """Send a view; the caller took the credit."""
        with self._lock:
            self._send(view)

    def _send(self, message: object) -> None:
        try:
            self._pipe.send(message)
        except OSError:  # the station is gone
            os._exit(_EXIT_GONE)


class Grabber:
    """Reads the source for ever, reopening it, and keeps the newest frame."""

    def __init__(
        self,
        settings: CameraSettings,
        make: Callable[[CameraSettings], PictureSource],
        clock: Clock,
        voice: StationPipe,
    ) -> None:
        self._settings, self._make = settings, make
        self._clock, self._voice = clock, voice
        self._fresh = threading.Condition()
        self._newest: Frame | None = None
        self._number = 0
        self._source: PictureSource | None = None
        self._waits_since: tuple[float, float] | None = None
        """When the driver was asked, and how long it may take."""
        self.stopping = threading.Event()

    def newest(self, timeout_s: float) -> Frame | None:
        """The newest frame not given out yet; None when none came in time."""
        with self._fresh:
            self._fresh.wait_for(
                lambda: self._newest is not None or self.stopping.is_set(), timeout_s
            )
            frame, self._newest = self._newest, None
            return frame

    def hangs(self) -> bool:
        """True when the driver took longer than any that works."""
        waits = self._waits_since
        return waits is not None and time.monotonic() - waits[0] > waits[1]

    def cue(self, message: object) -> None:
        """Hand a message to a source that listens."""
        listen = getattr(self._source, "cue", None)
        if listen is not None:
            listen(message)

    def run(self) -> None:
        """Open, read, reopen with back-off; returns when stopped or ended."""
        delay_s = FIRST_DELAY_S
        while not self.stopping.is_set():
            began_s = time.monotonic()
            try:
                why = self._live_once()
            except SourceEnded as ended:
                self._voice.tell(CameraStateMessage(CameraState.LOST, str(ended)))
                return
            except CameraError as error:
                why = str(error)
            except Exception as error:  # noqa: BLE001 - told, and opened again
                # Drivers and settings fail in ways no list holds; a grabber that
                # ended here would leave a camera that looks alive for ever.
                why = (
                    f"expected pictures from camera {self._settings.name}, got "
                    f"{type(error).__name__}: {error}; it is opened again by itself"
                )
            if self.stopping.is_set():
                return
            self._voice.tell(CameraStateMessage(CameraState.LOST, why))
            if time.monotonic() - began_s > CALM_S:
                delay_s = FIRST_DELAY_S
            self.stopping.wait(delay_s)
            delay_s = min(delay_s * 2, LONGEST_DELAY_S)

    def _live_once(self) -> str:
        """Read until the source is lost; the sentence that says so."""
        self._waits_since = (time.monotonic(), OPENING_S)
        try:
            source = self._make(self._settings)
        finally:
            self._waits_since = None
        self._source, told = source, CameraState.OPENING
        try:
            while not self.stopping.is_set():
                self._waits_since = (time.monotonic(), SILENT_S)
                picture = source.read()
                if picture is None:
                    break
                self._put(picture)
                now = _state_of(source)
                if now is not told:  # once: saying it waits for a slow station
                    told = now
                    self._voice.tell(CameraStateMessage(now, ""))
        finally:
            self._waits_since = None
            self._source = None
            source.close()
        return (
            f"expected pictures from camera {self._settings.name}, got none any more; "
            "check its cable; it is opened again by itself"
        )

    def _put(self, picture: Picture) -> None:
        grey, jpeg = picture
        frame = Frame(self._settings.name, self._number, self._clock(), grey, jpeg)
        self._number += 1
        with self._fresh:
            self._newest = frame  # one not taken yet is dropped: the gap counts it
            self._fresh.notify_all()

    def stop(self) -> None:
        """Let every wait end."""
        self.stopping.set()
        with self._fresh:
            self._fresh.notify_all()


def _state_of(source: PictureSource) -> CameraState:
    """Of a source that gives pictures: a recording's are over at its end."""
    ended = getattr(source, "ended", False)
    return CameraState.ENDED if ended else CameraState.LIVE


def _decode(grabber: Grabber, voice: StationPipe, clock: Clock) -> None:
    decoder, seeing = Decoder(), Seeing()
    times: deque[int] = deque(maxlen=_FPS_FRAMES)
    while not grabber.stopping.is_set():
        if grabber.hangs():
            _leave(voice)
        if not voice.credit.acquire(timeout=_TURN_S):
            continue
        frame = grabber.newest(_TURN_S)
        if frame is None:
            voice.credit.release()
            continue
        began_ms = time.perf_counter() * 1e3
        symbols = decoder.read(frame.grey, frame.taken.mono_ms)
        sight = seeing.see(frame.grey, symbols, frame.taken.mono_ms)
        decode_ms = time.perf_counter() * 1e3 - began_ms
        times.append(clock().mono_ms)
        height, width = frame.grey.shape
        voice.show(
            FrameResult(
                camera=frame.camera,
                number=frame.number,
                taken=frame.taken,
                width=width,
                height=height,
                symbols=tuple(symbols),
                jpeg=frame.jpeg,
                fps=_rate(times),
                decode_ms=decode_ms,
                sight=sight,
            )
        )


def _rate(times: deque[int]) -> float:
    """Frames per second over the newest ones; times in milliseconds."""
    span_ms = times[-1] - times[0]
    return round((len(times) - 1) * 1000 / span_ms, 1) if span_ms > 0 else 0.0


def _leave(voice: StationPipe) -> None:
    """A hanging driver is left by ending; the station starts a new process."""
    why = (
        f"expected a picture within {SILENT_S:.0f} s, got none: the driver hangs; "
        "unplug the camera and plug it in again"
    )
    voice.tell(CameraStateMessage(CameraState.LOST, why))
    os._exit(EXIT_HANGS)


def _watch(pipe: Connection[Any, Any], voice: StationPipe, grabber: Grabber) -> None:
    """Take what the station says; end at once when it is gone."""
    station = parent_process()
    watched: list[Any] = [pipe] if station is None else [pipe, station.sentinel]
    while True:
        if pipe not in connection.wait(watched):
            os._exit(_EXIT_GONE)
        try:
            said = pipe.recv()
        except (EOFError, OSError):
            os._exit(_EXIT_GONE)
        if said == ACK:
            voice.credit.release()
        elif isinstance(said, Cue):
            grabber.cue(said.message)
        else:
            grabber.stop()
            time.sleep(_GRACE_S)  # a driver that does not come back is left behind
            os._exit(_EXIT_GONE)
