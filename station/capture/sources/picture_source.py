"""The interface of every source of pictures, and its errors."""

from __future__ import annotations

import enum
import time
from typing import TYPE_CHECKING, Protocol, TypeAlias

from station.errors import StationError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Picture: TypeAlias = "tuple[NDArray[np.uint8], bytes]"
"""Brightness (height, width), and the same picture as JPEG for people."""


class Kind(enum.Enum):
    """What a camera's ``source`` in station.toml names."""

    VIRTUAL = enum.auto()
    WEBCAM = enum.auto()
    """By number or device; it may be plugged in later."""
    STREAM = enum.auto()
    FOLDER = enum.auto()
    VIDEO = enum.auto()


class CameraError(StationError):
    """A source gives no pictures; opening it again may help."""


class SourceEnded(CameraError):  # noqa: N818 - the end of a video is no fault
    """A video or folder came to its end; trying again would show it twice."""


class PictureSource(Protocol):
    """Something that gives pictures, at its own pace.

    It may also have ``cue(message)``: the station's hint to a virtual camera.
    """

    def read(self) -> Picture | None:
        """The next picture, waiting for it; None when there will be none.

        Raises:
            CameraError: the same as None, with the reason.
        """

    def close(self) -> None:
        """Release the device; do not read afterwards."""


class Pace:
    """Lets a recording run at its own speed, as a camera would."""

    def __init__(self, fps: float) -> None:
        self._step_s = 1 / fps
        self._next_s: float | None = None

    def wait(self) -> None:
        """Wait until the next picture is due; a late reader is not made to catch up."""
        now_s = time.monotonic()
        if self._next_s is None or now_s > self._next_s + self._step_s:
            self._next_s = now_s
        time.sleep(max(0.0, self._next_s - now_s))
        self._next_s += self._step_s
