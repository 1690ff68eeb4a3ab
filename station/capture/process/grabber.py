"""Reads a camera without end: opens it, keeps the newest picture, reopens it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from station.camera_frames import CameraState, Frame
from station.capture.process.back_off import SOURCE_CALM_S, BackOff
from station.capture.sources.picture_source import CameraError, SourceEnded

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.camera_frames import CameraSettings
    from station.capture.sources.picture_source import Picture, PictureSource
    from station.model import Clock

OPENING_S: Final = 30.0
SILENT_S: Final = 10.0
"""A driver that takes longer, to open or to give a picture, hangs."""


class Grabber:
    """Reads one camera in a thread of its own.

    ``report`` is called from that thread with each state and why the camera is lost.
    """

    def __init__(
        self,
        settings: CameraSettings,
        make: Callable[[CameraSettings], PictureSource],
        clock: Clock,
        report: Callable[[CameraState, str], None],
    ) -> None:
        self._settings, self._make = settings, make
        self._clock, self._report = clock, report
        self._fresh = threading.Condition()
        self._newest: Frame | None = None
        self._number = 0
        self._source: PictureSource | None = None
        self._driver_call: tuple[float, float] | None = None
        """When the call in hand began, and how many seconds it may take."""
        self.stopping = threading.Event()

    def newest(self, timeout_s: float) -> Frame | None:
        """The newest frame, each once; None when none came in time."""
        with self._fresh:
            self._fresh.wait_for(
                lambda: self._newest is not None or self.stopping.is_set(), timeout_s
            )
            frame, self._newest = self._newest, None
            return frame

    def hangs(self) -> bool:
        """True when the driver takes longer than any that works."""
        call = self._driver_call
        return call is not None and time.monotonic() - call[0] > call[1]

    def cue(self, message: object) -> None:
        """Hand a message to a source that takes cues."""
        listen = getattr(self._source, "cue", None)
        if listen is not None:
            listen(message)

    def run(self) -> None:
        """Open, read, reopen with back-off; returns when stopped or ended."""
        back_off = BackOff(SOURCE_CALM_S)
        while not self.stopping.is_set():
            began_s = time.monotonic()
            try:
                why = self._read_until_lost()
            except SourceEnded as ended:
                self._report(CameraState.LOST, str(ended))
                return
            except CameraError as error:
                why = str(error)
            except Exception as error:  # noqa: BLE001 - reported, then reopened
                # Drivers fail in ways that nobody can list; a grabber that ended here
                # would leave a camera that looks alive for ever.
                why = (
                    f"expected pictures from camera {self._settings.name}, got "
                    f"{type(error).__name__}: {error}; it is opened again by itself"
                )
            if self.stopping.is_set():
                return
            self._report(CameraState.LOST, why)
            self.stopping.wait(back_off.after(time.monotonic() - began_s))

    def _read_until_lost(self) -> str:
        """Open the source and read it until it is lost; returns why, a sentence."""
        self._driver_call = (time.monotonic(), OPENING_S)
        try:
            source = self._make(self._settings)
        finally:
            self._driver_call = None
        self._source, state = source, CameraState.OPENING
        try:
            while not self.stopping.is_set():
                self._driver_call = (time.monotonic(), SILENT_S)
                picture = source.read()
                if picture is None:
                    break
                self._put(picture)
                if state is not _state_of(
                    source
                ):  # only changes: a slow station blocks
                    state = _state_of(source)
                    self._report(state, "")
        finally:
            self._driver_call = None
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
        """End every wait."""
        self.stopping.set()
        with self._fresh:
            self._fresh.notify_all()


def _state_of(source: PictureSource) -> CameraState:
    """The state of a source that gives pictures: one of a recording may have ended."""
    ended = getattr(source, "ended", False)
    return CameraState.ENDED if ended else CameraState.LIVE
