"""The station's side of a camera's process: start, watch, restart and stop it.

A crashing driver loses a picture, not the ledger. The child (child.py) never queues:
it decodes the newest frame, and only after the station took the last result.
"""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from station.camera_frames import CameraSettings, CameraState, FrameResult
from station.capture.process.back_off import FIRST_DELAY_S, PROCESS_CALM_S, BackOff
from station.capture.process.child import run
from station.capture.process.messages import (
    ACK,
    EXIT_HANGS,
    CameraStateMessage,
    Cue,
    Stop,
)
from station.capture.sources.open_camera import open_source
from station.capture.sources.picture_source import PictureSource
from station.model import Clock, system_clock

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

Make: TypeAlias = Callable[[CameraSettings], PictureSource]
"""Opens a source. Pickled for the child: a module's function, or a partial of one."""

logger = logging.getLogger("jejak")

_GRACE_S = 2.0
_LEAVE_S = 5.0


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """The state of a camera at one moment."""

    name: str
    state: CameraState
    fps: float
    """Frames decoded per second over the last seconds; 0 unless live."""
    age_ms: int | None
    """Since the newest picture was taken, or None before the first."""
    detail: str
    """A sentence: why it is lost; empty while all is well."""


class CameraProcess:
    """A camera in a process of its own.

    ``on_view`` and ``on_state`` are called from this camera's thread, one at a time.
    If one raises, the camera counts as lost and is started again. The next frame waits
    until ``on_view`` returned, so a slow station sees fewer frames, never older ones.
    """

    def __init__(
        self,
        settings: CameraSettings,
        on_view: Callable[[FrameResult], None],
        on_state: Callable[[CameraSettings, CameraState, str], None],
        make: Make = open_source,
        *,
        clock: Clock = system_clock,
    ) -> None:
        self._settings = settings
        self._on_view, self._on_state = on_view, on_state
        self._make, self._clock = make, clock
        self._stopping = threading.Event()
        self._sending = threading.Lock()
        self._pipe: Connection[Any, Any] | None = None
        self._state, self._detail = CameraState.STOPPED, ""
        self._newest: tuple[int, float] | None = None
        self.views = 0
        """How many frames were taken so far."""
        self._thread: threading.Thread | None = None
        self._process: SpawnProcess | None = None

    def start(self) -> None:
        """Start the process and return at once; ``on_state`` reports the rest."""
        if self._thread is not None:
            return
        self._stopping.clear()
        name = f"camera-{self._settings.name}"
        self._thread = threading.Thread(target=self._supervise, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the child, killing it after 2 s.

        An ``on_view`` that is still running is waited for no longer than 5 s.
        """
        self._stopping.set()
        self._send(Stop())
        if self._thread is not None:
            self._thread.join(_GRACE_S)
            self._kill()
            # Not for ever: the station may be waiting for its disk with this view.
            self._thread.join(_LEAVE_S)
            self._thread = None

    def cue(self, message: object) -> None:
        """Pass a message to the source's ``cue``; does nothing while no child runs."""
        self._send(Cue(message))

    @property
    def status(self) -> CameraStatus:
        """The camera's state now."""
        newest, live = self._newest, self._state is CameraState.LIVE
        return CameraStatus(
            name=self._settings.name,
            state=self._state,
            fps=newest[1] if newest and live else 0.0,
            age_ms=self._clock().mono_ms - newest[0] if newest else None,
            detail=self._detail,
        )

    @property
    def pid(self) -> int | None:
        """The child's process id, while one runs."""
        process = self._process
        return process.pid if process else None

    def _supervise(self) -> None:
        back_off = BackOff(PROCESS_CALM_S)
        self._change(CameraState.OPENING, "")
        while not self._stopping.is_set():
            began_ms = self._clock().mono_ms
            end = self._run_child()
            lasted_s = (self._clock().mono_ms - began_ms) / 1000
            # A whole process group may be ending: then stop() is about to be called.
            if self._stopping.wait(FIRST_DELAY_S):
                break
            if end is not None:
                self._change(
                    CameraState.LOST,
                    f"expected the process of camera {self._settings.name} to run, "
                    f"got {end}; it is started again by itself",
                )
            self._stopping.wait(back_off.after(lasted_s) - FIRST_DELAY_S)
        self._change(CameraState.STOPPED, "")

    def _run_child(self) -> str | None:
        """Run one child to its end; how it ended, None if it reported that."""
        try:
            code = self._exit_status()
        except Exception as error:
            # No process could be started, or the station failed on a frame: a thread
            # that ended here would leave a gate blind without anybody noticing.
            logger.exception("event=camera name=%s", self._settings.name)
            return f"{type(error).__name__}: {error}"
        return None if code == EXIT_HANGS else f"its end with status {code}"

    def _exit_status(self) -> int | None:
        """Run one child to its end; its exit status."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=run,
            args=(theirs, self._settings, self._make, self._clock),
            name=f"jejak-camera-{self._settings.name}",
            daemon=True,
        )
        process.start()
        theirs.close()  # or the end of the child would go unnoticed
        self._pipe, self._process = ours, process
        if self._stopping.is_set():  # stop() came before there was a pipe
            self._send(Stop())
        try:
            self._listen(ours)
        finally:
            with self._sending:
                self._pipe = None
                ours.close()
            process.join(_GRACE_S)
            self._kill()
            process.join()
            code = process.exitcode
            self._process = None
            process.close()
        return code

    def _kill(self) -> None:
        process = self._process
        if process is not None:
            try:
                process.kill()
            except ValueError:  # closed in the meantime
                return

    def _listen(self, pipe: Connection[Any, Any]) -> None:
        """Pass on the child's messages until it is gone."""
        while True:
            try:
                message: FrameResult | CameraStateMessage = pipe.recv()
            except (EOFError, OSError):
                return
            if isinstance(message, FrameResult):
                self._newest = (message.taken.mono_ms, message.fps)
                self.views += 1
                self._on_view(message)
                self._send(ACK)
            elif not self._stopping.is_set():
                self._change(message.state, message.detail)

    def _send(self, message: object) -> None:
        with self._sending:
            if self._pipe is None:
                return
            try:
                self._pipe.send(message)
            except OSError:  # the child is gone; _listen notices
                return

    def _change(self, state: CameraState, detail: str) -> None:
        if (state, detail) == (self._state, self._detail):
            return
        self._state, self._detail = state, detail
        try:
            self._on_state(self._settings, state, detail)
        except Exception:  # the camera runs on; ``status`` has its state
            logger.exception("event=camera name=%s", self._settings.name)
