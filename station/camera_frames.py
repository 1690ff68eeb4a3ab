"""Frame -> Symbol -> FrameResult -> Scan: what cameras and scanners give to a gate."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from station.camera_advice import Sight
    from station.model import Instant


Point: TypeAlias = tuple[int, int]


Quad: TypeAlias = tuple[Point, Point, Point, Point]
"""Four corners in pixels, x right and y down, going round.

zxing-cpp's start at the symbol's own top left; zbar's are put in image order.
Nothing here may depend on which corner is first.
"""


class Reader(enum.StrEnum):
    """Which reading engine, on which picture, gave a text."""

    ZXING = "zxing"
    ZXING_CROP = "zxing-crop"
    ZBAR = "zbar"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR symbol found in one picture."""

    text: str | None
    """None: found but not read."""
    outline: Quad
    reader: Reader


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a camera."""

    camera: str
    number: int
    """Counts up from 0 in the camera's process; gaps are dropped frames."""
    taken: Instant
    grey: NDArray[np.uint8]
    """Shape (height, width)."""
    jpeg: bytes
    """The same picture for the browser and for evidence."""


@dataclass(frozen=True, slots=True)
class FrameResult:
    """What a camera's process tells of one frame; pixels stay as JPEG."""

    camera: str
    number: int
    taken: Instant
    width: int
    height: int
    """Size in pixels that the outlines refer to; the JPEG may be smaller."""
    symbols: tuple[Symbol, ...]
    jpeg: bytes
    fps: float
    """Frames decoded per second over the last seconds."""
    decode_ms: float
    sight: Sight | None = None
    """How well the camera sees; for setting it up, never for a verdict."""


class ScanSource(enum.StrEnum):
    """How a text reached the gate."""

    CAMERA = "camera"
    HANDHELD = "handheld"
    """A keyboard-wedge scanner."""
    TYPED = "typed"
    """Item id and its own check character, by hand."""
    PHOTO = "photo"
    """An uploaded picture."""
    STREAM = "stream"
    """A network camera's URL."""
    PAPER = "paper"
    """A numbered paper form, entered later."""

    @property
    def typed(self) -> bool:
        """True where the text is an item id and its own check character."""
        return self in {ScanSource.TYPED, ScanSource.PAPER}


@dataclass(frozen=True, slots=True)
class Scan:
    """One passing of a label at a gate, however many frames saw it."""

    gate: str
    text: str
    source: ScanSource
    seen: Instant
    camera: str | None = None
    evidence: str | None = None
    """SHA-256 (hex) of the picture kept before this scan is recorded."""
    form: int | None = None
    """Number of the paper form that says it."""


class CameraState(enum.StrEnum):
    """What a camera's process last told of it."""

    OPENING = "opening"
    LIVE = "live"
    LOST = "lost"
    """Opened before or not, it gives no pictures; it is being reopened."""
    ENDED = "ended"
    """A recording in a camera's place is over; a card is shown in its stead."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSettings:
    """One ``[[camera]]`` of station.toml."""

    name: str
    gate: str
    source: str
    """Index of a webcam (``0``), a video file, a folder of pictures, an http URL
    of an MJPEG stream, or ``virtual``."""
    width: int = 1280
    height: int = 720
    fps: int = 15
    fourcc: str = "MJPG"
    """Uncompressed 1080p does not fit through USB 2 at more than 5 fps."""
    backend: str = "auto"
    """``auto``, ``v4l2``, ``dshow`` or ``msmf``."""
