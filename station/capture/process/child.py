"""A camera's process: decodes the newest frame and reports to the station.

Three threads: the grabber's reads the source, the main one decodes, and one watches
the pipe so that no child outlives its station.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections import deque
from multiprocessing import connection, parent_process
from typing import TYPE_CHECKING, Any, Final

import cv2

from station.camera_frames import CameraState, FrameResult
from station.capture.decoding.decoder import Decoder
from station.capture.process.grabber import SILENT_S, Grabber
from station.capture.process.messages import ACK, EXIT_HANGS, CameraStateMessage, Cue
from station.capture.sight_measurement import LegibilityMeter

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from station.camera_frames import CameraSettings
    from station.capture.sources.picture_source import PictureSource
    from station.model import Clock

_IN_FLIGHT: Final = 1
"""Results sent and not taken yet; with more a slow station would see older frames."""
_TURN_S, _GRACE_S = 0.5, 1.0
_FPS_FRAMES = 30
_EXIT: Final = 0
_NICER = 5
"""Of 19: a third of the station's share of a core that both want."""
_BELOW_NORMAL = 0x4000
"""Windows' BELOW_NORMAL_PRIORITY_CLASS."""


def run(
    pipe: Connection[Any, Any],
    settings: CameraSettings,
    make: Callable[[CameraSettings], PictureSource],
    clock: Clock,
) -> None:
    """Run the camera until the station stops it or is gone; never returns."""
    # Ctrl-C reaches the whole group; the station ends its children itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _lower_priority()
    cv2.setNumThreads(1)
    station = StationPipe(pipe)
    grabber = Grabber(settings, make, clock, station.send_state)
    watching = (pipe, station, grabber)
    threading.Thread(target=_watch, args=watching, daemon=True).start()
    grabbing = threading.Thread(target=grabber.run, daemon=True)
    grabbing.start()
    _decode(grabber, station, clock)
    grabbing.join(_GRACE_S)
    os._exit(_EXIT)  # does not wait for a thread that hangs in a driver


def _lower_priority() -> None:
    """Let the station's own process go first: pages and entries come before pixels."""
    if sys.platform == "win32":
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(_NICER)


class StationPipe:
    """Sends states and results to the station, from any thread."""

    def __init__(self, pipe: Connection[Any, Any]) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self.credit = threading.Semaphore(_IN_FLIGHT)
        """Taken before a result is sent, given back when the station took it."""
        self._last: CameraStateMessage | None = None

    def send_state(self, state: CameraState, detail: str) -> None:
        """Send a state, unless it was the last one sent."""
        message = CameraStateMessage(state, detail)
        with self._lock:
            if message != self._last:
                self._last = message
                self._send(message)

    def send_result(self, result: FrameResult) -> None:
        """Send what a frame showed; the caller took the credit."""
        with self._lock:
            self._send(result)

    def _send(self, message: object) -> None:
        try:
            self._pipe.send(message)
        except OSError:  # the station is gone
            os._exit(_EXIT)


def _decode(grabber: Grabber, station: StationPipe, clock: Clock) -> None:
    decoder, meter = Decoder(), LegibilityMeter()
    times: deque[int] = deque(maxlen=_FPS_FRAMES)
    while not grabber.stopping.is_set():
        if grabber.hangs():
            _give_up(station)
        if not station.credit.acquire(timeout=_TURN_S):
            continue
        frame = grabber.newest(_TURN_S)
        if frame is None:
            station.credit.release()
            continue
        began_ms = time.perf_counter() * 1e3
        symbols = decoder.read(frame.grey, frame.taken.mono_ms)
        sight = meter.measure(frame.grey, symbols, frame.taken.mono_ms)
        decode_ms = time.perf_counter() * 1e3 - began_ms
        times.append(clock().mono_ms)
        height, width = frame.grey.shape
        station.send_result(
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


def _give_up(station: StationPipe) -> None:
    """Exit because the driver hangs; the station starts a new process."""
    why = (
        f"expected a picture within {SILENT_S:.0f} s, got none: the driver hangs; "
        "unplug the camera and plug it in again"
    )
    station.send_state(CameraState.LOST, why)
    os._exit(EXIT_HANGS)


def _watch(pipe: Connection[Any, Any], station: StationPipe, grabber: Grabber) -> None:
    """Act on the station's messages; exit at once when it is gone."""
    parent = parent_process()
    watched: list[Any] = [pipe] if parent is None else [pipe, parent.sentinel]
    while True:
        if pipe not in connection.wait(watched):
            os._exit(_EXIT)
        try:
            message = pipe.recv()
        except (EOFError, OSError):
            os._exit(_EXIT)
        if message == ACK:
            station.credit.release()
        elif isinstance(message, Cue):
            grabber.cue(message.message)
        else:
            grabber.stop()
            time.sleep(_GRACE_S)  # a driver that does not return is abandoned
            os._exit(_EXIT)
