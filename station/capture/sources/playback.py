"""Recordings in place of a camera: a video file, a folder of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from station.capture.jpeg import brightness, colour_of, jpeg_of
from station.capture.sources.picture_source import (
    CameraError,
    Pace,
    Picture,
    SourceEnded,
)
from station.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
"""Suffixes of the files in a folder that count as pictures."""
_SHOWN_FRAMES = 15
_FASTEST = 120.0


def load(path: Path) -> NDArray[np.uint8]:
    """The picture in a file, BGR (height, width, 3).

    Raises:
        CameraError: the file is missing, or holds no picture.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CameraError(
            "expected a picture at %(path)s, got: %(reason)s; check the name",
            path=path,
            reason=error.strerror,
        ) from error
    pixels = colour_of(data)
    if pixels is None:
        raise CameraError(
            "expected a picture in %(path)s, got %(count)s bytes that are none; "
            "take it out or replace it",
            path=path,
            count=len(data),
        )
    return pixels


def pictures_in(folder: Path) -> list[Path]:
    """The picture files of a folder, in the order of their names.

    Raises:
        CameraError: the folder cannot be listed, or has no pictures.
    """
    try:
        found = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise CameraError(
            "expected a folder of pictures at %(folder)s, got: %(reason)s; put it "
            "back or change the camera's source",
            folder=folder,
            reason=error.strerror,
        ) from error
    if not found:
        raise CameraError(
            "expected pictures in %(folder)s, got none; put .jpg or .png files there",
            folder=folder,
        )
    return found


class Video:
    """The frames of a video file, as fast as they are read."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise CameraError(
                "expected a video file at %(path)s, got none; check it",
                path=path,
            )
        self._path = path
        self._capture = cv2.VideoCapture(str(path))
        self._count = 0
        self._expected = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))
        if not self._capture.isOpened():
            raise CameraError(
                "expected a video in %(path)s, got something else; give a picture "
                "(JPEG, PNG) or a video (MP4, AVI)",
                path=path,
            )
        self.fps = self._capture.get(cv2.CAP_PROP_FPS)
        """Frames per second in the file's header, or 0."""

    def next(self) -> NDArray[np.uint8]:
        """The next frame, BGR (height, width, 3).

        Raises:
            SourceEnded: there is no next one; the message says if the file is damaged.
        """
        good, pixels = self._capture.read()
        if good and pixels is not None:
            self._count += 1
            return pixels.astype(np.uint8, copy=False)
        if self._count < self._expected - 2:
            raise SourceEnded(
                "expected %(expected)s frames in %(path)s, got %(count)s: the file "
                "is torn; copy it again",
                expected=self._expected,
                path=self._path,
                count=self._count,
            )
        raise SourceEnded(
            "the video %(path)s ended after %(count)s frames",
            path=self._path,
            count=self._count,
        )

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """All frames that are left.

        Raises:
            SourceEnded: after the last one, only if the file is damaged.
        """
        while True:
            try:
                yield self.next()
            except SourceEnded:
                if self._count >= self._expected - 2:
                    return
                raise

    def close(self) -> None:
        """Close the file."""
        self._capture.release()


class VideoSource:
    """A video file that plays once, at its own speed, then has ended."""

    def __init__(self, path: Path, fps: float) -> None:
        self._video = Video(path)
        own = self._video.fps
        self._pace = Pace(own if 1 <= own <= _FASTEST else fps)

    def read(self) -> Picture | None:
        """The next frame when it is due."""
        pixels = self._video.next()
        self._pace.wait()
        return brightness(pixels), jpeg_of(pixels)

    def close(self) -> None:
        """Close the file."""
        self._video.close()


class FolderSource:
    """A folder of pictures, each shown long enough for a label to pass."""

    def __init__(self, folder: Path, fps: float) -> None:
        self._folder = folder
        self._left = pictures_in(folder)
        self._pace = Pace(fps)
        self._shown: Picture | None = None
        self._times = 0
        self._bad: list[str] = []

    def read(self) -> Picture | None:
        """The next picture; invalid files are skipped and named at the end."""
        while self._shown is None or self._times >= _SHOWN_FRAMES:
            self._shown = self._following()
            self._times = 0
        self._times += 1
        self._pace.wait()
        return self._shown

    def _following(self) -> Picture | None:
        if not self._left:
            ended = Text("every picture of %(folder)s was shown", folder=self._folder)
            if not self._bad:
                raise SourceEnded(ended)
            raise SourceEnded(
                "%(ended)s; not pictures: %(bad)s",
                ended=ended,
                bad=", ".join(self._bad),
            )
        path = self._left.pop(0)
        try:
            pixels = load(path)
        except CameraError:
            pictures_in(self._folder)  # the folder itself may be gone
            self._bad.append(path.name)
            return None
        return brightness(pixels), jpeg_of(pixels)

    def close(self) -> None:
        """Nothing is held open."""
