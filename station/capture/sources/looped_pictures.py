"""An endless recording: the JPEG pictures of a folder, over and over.

It costs what a webcam with its own JPEG costs: each picture is decoded when it is due,
and its bytes are passed on unchanged.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from station.capture.jpeg import grey_of
from station.capture.sources.picture_source import CameraError, Pace
from station.capture.sources.playback import pictures_in

if TYPE_CHECKING:
    from station.camera_frames import CameraSettings
    from station.capture.sources.picture_source import Picture


def open_looped(settings: CameraSettings) -> LoopedPictures:
    """The pictures of the folder that the settings name.

    Raises:
        CameraError: there is no such folder, or no pictures in it.
    """
    return LoopedPictures(Path(settings.source), settings.fps)


class LoopedPictures:
    """Shows the pictures of a folder in turn, at a camera's pace, without end."""

    def __init__(self, folder: Path, fps: float) -> None:
        # In memory: a camera does not read a disk.
        pictures = [path.read_bytes() for path in pictures_in(folder)]
        self._pictures = itertools.cycle(pictures)
        self._pace = Pace(fps)

    def read(self) -> Picture | None:
        """The next picture when it is due.

        Raises:
            CameraError: a file is no picture.
        """
        self._pace.wait()
        data = next(self._pictures)
        grey = grey_of(data)
        if grey is None:
            raise CameraError(
                "expected JPEG pictures, got %(count)s bytes that are "
                "none; take that file out",
                count=len(data),
            )
        return grey, data

    def close(self) -> None:
        """Nothing is held open."""
