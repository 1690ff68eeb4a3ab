"""A camera tried for some seconds, outside of any station: what it gives and sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from station.camera_advice import Sight
from station.capture.decoding.decoder import Decoder
from station.capture.sight_measurement import sight_of
from station.capture.sources.open_camera import open_source
from station.capture.sources.picture_source import CameraError, SourceEnded

if TYPE_CHECKING:
    from station.camera_frames import CameraSettings
    from station.capture.sources.picture_source import PictureSource
    from station.model import Clock

SECONDS: Final = 3.0
_SETTLES_MS: Final = 1_000
"""A webcam finds its exposure first; what it sees until then is no measure."""


@dataclass(frozen=True, slots=True)
class Tryout:
    """What a camera gave."""

    width: int
    height: int
    fps: float
    """Pictures read and decoded in a second."""
    sight: Sight
    """The one with the label that was seen best, else the newest."""


def tried(settings: CameraSettings, clock: Clock, seconds: float = SECONDS) -> Tryout:
    """What the camera of these settings gives and sees.

    Raises:
        CameraError: it cannot be opened, or gives no picture.
    """
    source = open_source(settings)
    try:
        return _watched(source, settings, clock, round(seconds * 1000))
    finally:
        source.close()


def _watched(
    source: PictureSource, settings: CameraSettings, clock: Clock, lasts_ms: int
) -> Tryout:
    decoder, best, frames = Decoder(), Sight(0), 0
    height = width = since_ms = 0
    began_ms = now_ms = clock().mono_ms
    while now_ms - began_ms < lasts_ms:
        try:
            picture = source.read()
        except SourceEnded:  # a short video has told what it has
            break
        if picture is None:
            break
        now_ms, frames = clock().mono_ms, frames + 1
        (height, width), since_ms = picture[0].shape, now_ms - began_ms
        sight = sight_of(picture[0], decoder.read(picture[0], now_ms))
        if since_ms < _SETTLES_MS or _rank(sight) >= _rank(best):
            best = sight
    if not frames:
        raise CameraError(
            "expected pictures from camera %(name)s, got none; check its cable",
            name=settings.name,
        )
    rate = (frames - 1) * 1000 / since_ms if since_ms and frames > 1 else 0.0
    return Tryout(width, height, round(rate, 1), best)


def _rank(sight: Sight) -> tuple[bool, float]:
    """A label that was read before one that was not, then the larger one."""
    label = sight.label
    return (False, 0.0) if label is None else (label.read, label.px_per_module)
