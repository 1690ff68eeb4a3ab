"""Opens the source of pictures that a camera's settings name.

A source gives pictures one by one and knows nothing of labels; the grabber
(process/grabber.py) keeps only the newest.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from station.capture.jpeg import brightness, grey_of, is_jpeg, jpeg_of
from station.capture.sources.picture_source import (
    CameraError,
    Kind,
    Picture,
    PictureSource,
    SourceEnded,
)
from station.capture.sources.playback import FolderSource, VideoSource
from station.language import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from station.camera_frames import CameraSettings

__all__ = [
    "CameraError",
    "CameraFound",
    "PictureSource",
    "SourceEnded",
    "Webcam",
    "cameras",
    "kind_of",
    "open_source",
    "webcams",
]

_DEVICE = re.compile("/dev/video([0-9]+)")
_BY_ID = Path("/dev/v4l/by-id")
_THUMBNAIL = 160
_BAD_IN_A_ROW = 10
_INDICES_TRIED = 4


def open_source(settings: CameraSettings) -> PictureSource:
    """The source that the settings name, giving pictures from now on.

    Raises:
        CameraError: it is missing or of another kind.
    """
    name = settings.source.strip()
    if (number := _number(name)) is not None:
        return Webcam(_opened(settings, number), settings)
    match kind_of(name):
        case Kind.VIRTUAL:
            # Imported for the cameras that need them: a station starts sooner.
            from station.capture.virtual.virtual_camera import (  # noqa: PLC0415
                open_virtual,
            )

            return open_virtual(settings)
        case Kind.STREAM:
            from station.capture.sources.mjpeg_stream import (  # noqa: PLC0415
                StreamSource,
            )

            return StreamSource(name)
        case Kind.FOLDER:
            return FolderSource(Path(name), settings.fps)
        case _:
            return VideoSource(Path(name), settings.fps)


def kind_of(source: str) -> Kind:
    """The kind of a camera's source; a webcam need not be plugged in.

    Raises:
        CameraError: this can never be a camera.
    """
    name = source.strip()
    if name == "virtual":
        return Kind.VIRTUAL
    if name.isdecimal() or name.startswith("/dev/"):
        return Kind.WEBCAM
    if name.lower().startswith(("http://", "https://")):
        return Kind.STREAM
    path = Path(name)
    if path.is_dir():
        return Kind.FOLDER
    if path.is_file():
        return Kind.VIDEO
    found = ", ".join(map(str, webcams())) if sys.platform == "linux" else "see doctor"
    raise CameraError(
        "expected a camera number (found: %(found)s), a video, a folder of "
        "pictures or an http address, got %(name)r, which is not there; correct it",
        found=found or Text("none"),
        name=name,
    )


class Capture(Protocol):
    """The part of cv2.VideoCapture that a webcam needs."""

    def isOpened(self) -> bool: ...  # noqa: N802 - OpenCV's name
    def read(self) -> tuple[bool, NDArray[np.uint8] | None]: ...
    def get(self, key: int, /) -> float: ...
    def set(self, key: int, value: float, /) -> bool: ...
    def release(self) -> None: ...


def _api(backend: str) -> int:
    known = {
        "v4l2": cv2.CAP_V4L2,
        "dshow": cv2.CAP_DSHOW,
        "msmf": cv2.CAP_MSMF,
        "auto": cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY,
    }
    if backend not in known:
        raise CameraError(
            "expected a backend of %(known)s, got %(backend)r; correct it in "
            "station.toml",
            known=", ".join(known),
            backend=backend,
        )
    return known[backend]


def _device(number: int, backend: str) -> cv2.VideoCapture:
    # OpenCV would log a missing camera each time; our own message is enough.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    return cv2.VideoCapture(number, _api(backend))


def _number(name: str) -> int | None:
    """The number of a webcam named by number or, on Linux, by its device.

    A link in /dev/v4l/by-id names the same camera in any socket. It is followed at
    each opening: a camera that was unplugged may come back under another number.

    Raises:
        CameraError: there is no webcam at that device.
    """
    if name.isdecimal():
        return int(name)
    if not name.startswith("/dev/"):
        return None
    device = _DEVICE.fullmatch(str(Path(name).resolve()))
    if device is None:
        raise CameraError(
            "expected a webcam at %(name)s, found none; plug it in (jejak doctor "
            "lists them)",
            name=name,
        )
    return int(device[1])


def _opened(settings: CameraSettings, number: int) -> Capture:
    capture = _device(number, settings.backend)
    if not capture.isOpened():
        raise CameraError(
            "expected a webcam with number %(source)s, got none; plug it in, or "
            "close the program that uses it (jejak doctor lists them)",
            source=settings.source,
        )
    return capture  # type: ignore[return-value]  # cv2's stubs type arrays loosely


class Webcam:
    """A webcam of this machine, set to give its own JPEG where it can.

    Order matters: the pixel format decides which sizes and rates exist.
    """

    def __init__(self, capture: Capture, settings: CameraSettings) -> None:
        self._capture = capture
        self._name = settings.name
        code = (settings.fourcc + "    ")[:4]
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*code))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, settings.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, settings.height)
        capture.set(cv2.CAP_PROP_FPS, settings.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._raw = self._gives_jpeg()

    def _gives_jpeg(self) -> bool:
        """Ask for the camera's own JPEG; True only if that is what it gives.

        A driver may ignore the request, or hand over YUV as a flat buffer.
        """
        if not self._capture.set(cv2.CAP_PROP_CONVERT_RGB, 0):
            return False
        for _ in range(_BAD_IN_A_ROW):
            good, buffer = self._capture.read()
            if good and buffer is not None and is_jpeg(buffer.tobytes()):
                return True
        self._capture.set(cv2.CAP_PROP_CONVERT_RGB, 1)
        return False

    def read(self) -> Picture | None:
        """The next picture, or None when the camera is gone.

        Raises:
            CameraError: it gives only damaged pictures.
        """
        for _ in range(_BAD_IN_A_ROW):
            good, buffer = self._capture.read()
            if not good or buffer is None:
                return None
            if picture := self._picture(buffer):
                return picture
        raise CameraError(
            "expected pictures from webcam %(name)s, got %(torn)s torn "
            "ones; use another USB port or a shorter cable",
            name=self._name,
            torn=_BAD_IN_A_ROW,
        )

    def _picture(self, buffer: NDArray[np.uint8]) -> Picture | None:
        if self._raw:
            data = buffer.tobytes().rstrip(b"\0")
            grey = grey_of(data) if is_jpeg(data) else None
            return None if grey is None else (grey, data)
        if buffer.ndim == 2:  # noqa: PLR2004 - a grey sensor
            return buffer, jpeg_of(buffer)
        return brightness(buffer), jpeg_of(buffer)

    def close(self) -> None:
        """Release the camera."""
        self._capture.release()


@dataclass(frozen=True, slots=True)
class CameraFound:
    """A webcam that answered."""

    index: int
    """The ``source`` for station.toml; may change when it is plugged in again."""
    lasting: str | None
    """Linux: a better ``source``, which stays the same in every socket."""
    width: int
    height: int
    """Pixels of the picture that it gives by default."""
    thumbnail: bytes
    """JPEG, at most 160 pixels wide."""


def cameras() -> list[CameraFound]:
    """The webcams that give a picture now, without those used by another program."""
    return [found for number in webcams() if (found := _look(number))]


def webcams() -> list[int]:
    """Numbers that may be webcams. None is opened; only Linux is certain."""
    if sys.platform != "linux":
        return list(range(_INDICES_TRIED))
    return sorted(
        int(path.name[5:])
        for path in Path("/dev").glob("video*")
        if path.name[5:].isdecimal()
    )


def _look(number: int) -> CameraFound | None:
    capture = _device(number, "auto")
    try:
        good, pixels = capture.read() if capture.isOpened() else (False, None)
    finally:
        capture.release()
    if not good or pixels is None:
        return None
    height, width = pixels.shape[:2]
    size = (_THUMBNAIL, max(1, round(height * _THUMBNAIL / width)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    jpeg = jpeg_of(small.astype(np.uint8))
    return CameraFound(number, _lasting(number), width, height, jpeg)


def _lasting(number: int) -> str | None:
    for link in sorted(_BY_ID.glob("*")):
        if link.resolve() == Path(f"/dev/video{number}"):
            return str(link)
    return None
