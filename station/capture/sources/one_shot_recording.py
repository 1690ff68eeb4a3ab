"""A recording in place of a camera: after its last picture it reports its end.

Without that the gate would report a lost camera and blame its cable.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from station.capture.jpeg import brightness, jpeg_of
from station.capture.sources.open_camera import open_source
from station.capture.sources.picture_source import Pace, SourceEnded
from station.capture.sources.playback import FolderSource, VideoSource

if TYPE_CHECKING:
    from station.camera_frames import CameraSettings
    from station.capture.sources.picture_source import Picture, PictureSource

_PAPER, _INK = 190, 40
_WIDTH, _HEIGHT = 1280, 720

logger = logging.getLogger("jejak")


def open_camera(settings: CameraSettings) -> PictureSource:
    """What the settings name; a video or folder stays, as a card, after its end.

    Raises:
        CameraError: it is not there, or is something else; one sentence.
    """
    source = open_source(settings)
    if isinstance(source, VideoSource | FolderSource):
        return Recording(source, settings)
    return source


class Recording:
    """Plays a video or folder once, then shows the word ``HABIS``."""

    def __init__(
        self, source: VideoSource | FolderSource, settings: CameraSettings
    ) -> None:
        self._source, self._settings = source, settings
        self._pace = Pace(settings.fps)
        self._card: Picture | None = None

    def read(self) -> Picture | None:
        """The next picture when it is due; the card when there is none.

        Raises:
            CameraError: the folder is gone.
        """
        if self._card is None:
            try:
                return self._source.read()
            except SourceEnded as ended:
                logger.warning(
                    "event=camera name=%s state=ended %s", self._settings.name, ended
                )
                self._card = _card(Path(self._settings.source).name)
        self._pace.wait()
        return self._card

    @property
    def ended(self) -> bool:
        """True once nothing but the card is left to show."""
        return self._card is not None

    def close(self) -> None:
        """Close the file."""
        self._source.close()


def _card(name: str) -> Picture:
    pixels = np.full((_HEIGHT, _WIDTH, 3), _PAPER, np.uint8)
    shown = name.encode("ascii", "replace").decode()  # OpenCV's letters
    for text, size, y in (
        ("HABIS", 7.0, 330),
        (f"Rekaman {shown} sudah selesai.", 1.4, 460),
        ("Tidak ada kamera di sini. Untuk mengulang, mulai lagi stasiun.", 1.0, 530),
    ):
        thick = max(2, round(size * 2.5))
        font = cv2.FONT_HERSHEY_SIMPLEX
        (width, _), _ = cv2.getTextSize(text, font, size, thick)
        at = (max(10, (_WIDTH - width) // 2), y)
        cv2.putText(pixels, text, at, font, size, (_INK,) * 3, thick, cv2.LINE_AA)
    return brightness(pixels), jpeg_of(pixels)
