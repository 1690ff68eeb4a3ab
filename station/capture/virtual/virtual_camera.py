"""A virtual gate camera: draws boxes with real labels passing on a roller line.

Just another source of pictures, without access to ledger or rules: cues from
``station/demo`` decide what passes and when the line stops. The decoder gets only
pixels.
"""

from __future__ import annotations

import time
import zlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np

from station.capture.jpeg import brightness, jpeg_of
from station.capture.virtual.backdrop import empty_gate, light
from station.capture.virtual.box_texture import BoxLook, Paper
from station.capture.virtual.conveyor import Conveyor, draw
from station.capture.virtual.pinhole import BELT_NEAR_MM, PinholeCamera
from station.errors import StationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.camera_frames import CameraSettings
    from station.capture.virtual.box_texture import Picture

_NOISE_SPARE_PX = 64
_EXPOSURE_S = 1 / 260
"""Short, as a gate needs it: a moving label smears by less than a module."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Cue: these boxes enter together now, the first one in front."""

    boxes: tuple[BoxLook, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """Cue: the line stops; boxes in view stay in view."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Cue: the line starts again."""


@dataclass(frozen=True, slots=True)
class Take:
    """Cue: somebody lifts the box with this text off the line."""

    text: str


Cue: TypeAlias = Pass | Pause | Resume | Take


def open_virtual(settings: CameraSettings) -> VirtualCamera:
    """The virtual camera of these settings, in real time."""
    return VirtualCamera(settings, time.monotonic, time.sleep)


class VirtualCamera:
    """Draws what a camera over the gate's roller line would see."""

    def __init__(
        self,
        settings: CameraSettings,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        """Draw the empty gate and boxes without labels.

        Args:
            settings: Size, rate and name; the name decides how the gate looks.
            monotonic: Seconds, from any start.
            sleep: Waits that many seconds until the next picture is due.
        """
        self._monotonic, self._sleep = monotonic, sleep
        self._period_s = 1 / settings.fps
        seed = zlib.crc32(settings.name.encode())
        self._random = np.random.default_rng(seed)
        self._pinhole = PinholeCamera(settings.width, settings.height)
        self._empty = _titled(empty_gate(self._pinhole, seed), settings.name)
        self._light = np.clip(light(self._pinhole) * 255, 0, 255).astype(np.uint8)
        self._noise = _noise(self._random, settings)
        self._conveyor = Conveyor(Paper(seed))
        self._cues: deque[object] = deque()
        self._due_s = monotonic()

    def cue(self, message: object) -> None:
        """Take a cue, visible from the next picture on. Any thread may call.

        Raises:
            StationError: The message is not one of the four cues.
        """
        if not isinstance(message, Pass | Pause | Resume | Take):
            raise StationError(
                "Expected Pass, Pause, Resume or Take for a virtual camera, got "
                "%(name)s; send one of those.",
                name=type(message).__name__,
            )
        self._cues.append(message)

    def read(self) -> tuple[Picture, bytes] | None:
        """The next picture when it is due: grey (height, width), and its JPEG."""
        now_s = self._monotonic()
        if now_s < self._due_s:
            self._sleep(self._due_s - now_s)
        late_s = max(0.0, now_s - self._due_s)
        # A late reader misses pictures instead of getting slow motion.
        step_s = self._period_s + late_s
        self._due_s = max(self._due_s, now_s) + self._period_s
        picture = self.draw(step_s)
        return brightness(picture), jpeg_of(picture)

    def draw(self, step_s: float) -> Picture:
        """What is seen ``step_s`` seconds after the last drawing, BGR."""
        while self._cues:
            self._play(self._cues.popleft())
        self._conveyor.move(min(step_s, 0.5))
        picture = self._empty.copy()
        smear_mm = self._conveyor.speed_mm_s * _EXPOSURE_S
        smear_px = round(smear_mm * self._pinhole.px_per_mm(BELT_NEAR_MM))
        for placed in self._conveyor.view():
            draw(picture, placed, self._pinhole, self._light, smear_px)
        return self._sensed(picture)

    def close(self) -> None:
        """Nothing is held open."""

    def _play(self, cue: object) -> None:
        match cue:
            case Pass(boxes):
                self._conveyor.enter(boxes)
            case Pause():
                self._conveyor.stop()
            case Resume():
                self._conveyor.go()
            case Take(text):
                self._conveyor.take(text)

    def _sensed(self, picture: Picture) -> Picture:
        """The picture after the sensor: lamps flicker, pixels are noisy."""
        height, width = picture.shape[:2]
        row, column = self._random.integers(0, _NOISE_SPARE_PX, 2)
        noise = self._noise[row : row + height, column : column + width]
        gain = 1.0 + float(self._random.normal(0, 0.008))
        cv2.addWeighted(picture, gain, noise, 1.0, -128.0, dst=picture)
        return picture


def _noise(random: np.random.Generator, settings: CameraSettings) -> Picture:
    """Sensor noise around 128, larger than a picture, to be cut anew each time."""
    height = settings.height + _NOISE_SPARE_PX
    width = settings.width + _NOISE_SPARE_PX
    grey = random.standard_normal((height, width, 1), np.float32) * 1.9
    colour = random.standard_normal((height, width, 3), np.float32) * 0.9
    return (128.5 + grey + colour).astype(np.uint8)


def _titled(picture: Picture, name: str) -> Picture:
    """The hall with the camera's name, and that it is none, in a corner."""
    line = f"KAMERA VIRTUAL  {name}"
    height = picture.shape[0]
    corner = picture[height - 34 : height, : 20 + 11 * len(line)]
    corner[:] = corner // 3
    place = (12, height - 12)
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(picture, line, place, font, 0.52, (214, 214, 214), 1, cv2.LINE_AA)
    return picture
