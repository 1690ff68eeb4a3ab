"""A recording that never ends: the JPEG pictures of a folder, over and over.

What a webcam that gives its own JPEG costs, without the webcam: each picture is
decoded when it is due, and its bytes go on untouched.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from station.capture.jpeg import grey_of
from station.capture.sources.picture_source import CameraError, Pace
from station.capture.sources.playback import pictures_in

if TYPE_CHECKING:
    from station.capture.sources.picture_source import Picture
    from station.model import CameraSettings


def open_reel(settings: CameraSettings) -> Reel:
    """The reel of the folder that the settings name.

    Raises:
        CameraError: there is no such folder, or no pictures in it.
    """
    return Reel(Path(settings.source), settings.fps)


class Reel:
    """Shows the pictures of a folder in turn, at a camera's pace, for ever."""

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
                f"expected JPEG pictures for a reel, got {len(data)} bytes that are "
                "none; take that file out"
            )
        return grey, data

    def close(self) -> None:
        """Nothing is held open."""
