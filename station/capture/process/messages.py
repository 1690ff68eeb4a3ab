"""What the station and a camera's process send each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from station.camera_frames import CameraState

ACK: Final = "ack"
"""From the station: it took a frame's result, and one more may come."""
EXIT_HANGS: Final = 3
"""Exit status of a child that gave up on its driver, and reported so before."""


@dataclass(frozen=True, slots=True)
class CameraStateMessage:
    """From the child: the camera's state changed."""

    state: CameraState
    detail: str
    """A sentence: why it is lost; empty while all is well."""


@dataclass(frozen=True, slots=True)
class Cue:
    """From the station, for the source's ``cue``."""

    message: object


@dataclass(frozen=True, slots=True)
class Stop:
    """From the station: release the camera and exit."""
