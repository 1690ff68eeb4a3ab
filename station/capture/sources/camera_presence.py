"""Checks that a camera's source exists, before anything opens it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from station.capture.sources.open_camera import kind_of, webcams
from station.capture.sources.picture_source import Kind
from station.capture.sources.playback import Video, pictures_in
from station.language import Text

if TYPE_CHECKING:
    from station.camera_frames import CameraSettings


def check(settings: CameraSettings) -> None:
    """Accept a source that gives pictures, or may once it is plugged in or switched on.

    Raises:
        CameraError: it can never give one: it is missing, or something else.
    """
    path = Path(settings.source.strip())
    match kind_of(settings.source):
        case Kind.FOLDER:
            pictures_in(path)
        case Kind.VIDEO:
            Video(path).close()
        case _:
            return


def absent(settings: CameraSettings) -> str | None:
    """A sentence if a webcam is not plugged in, or None if it is or may be.

    Linux alone lists its webcams without opening them.
    """
    source = settings.source.strip()
    if sys.platform != "linux" or kind_of(source) is not Kind.WEBCAM:
        return None
    device = Path(source if source.startswith("/dev/") else f"/dev/video{source}")
    if device.exists():
        return None
    found = ", ".join(map(str, webcams())) or Text("none")
    return Text(
        "camera %(name)s: no webcam %(source)s now (found: %(found)s); the station "
        "starts without it and uses it as soon as it is plugged in",
        name=settings.name,
        source=source,
        found=found,
    )
