"""Minutes of the virtual gate without any label, so that every read is wrong.

Boxes, bundles and parcels pass with print, tape, film and papers of words alone, before
shelves of other boxes; the line stops now and then. Time is the frames' own, so that
ten minutes take as long as drawing and reading them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from station.camera_frames import CameraSettings, FrameResult
from station.capture.decoding.decoder import Decoder
from station.capture.jpeg import brightness
from station.capture.passage_tracker import PassageTracker
from station.capture.virtual.box_texture import BoxLook, Shape
from station.capture.virtual.virtual_camera import Pass, Pause, Resume, VirtualCamera
from station.model import Instant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from station.camera_frames import Symbol

FPS: Final = 15
_EVERY: Final = 24
"""Frames between two boxes."""
_STOPS: Final = 150
"""Frames between two changes of the line, which stops at one in four."""
_PAPERS: Final = (
    (),
    (),
    ("ISI 25 LEMBAR", "Jangan dibanting"),
    ("RESI 004417123", "Kurir rekaan", "Lantai 2"),
)
_WRAPS: Final = (0.0, 0.0, 0.4, 0.9)


def watched(seconds: float, seed: int = 1) -> dict[str, Any]:
    """Texts and UNREAD alarms in so many seconds; there should be none.

    Args:
        seconds: of the camera's time.
        seed: of what passes.
    """
    decoder, passing, wrong = Decoder(), PassageTracker(), list[str]()
    frames = alarms = 0
    for frames, grey in enumerate(_frames(round(seconds * FPS), seed), start=1):
        now_ms = frames * 1000 // FPS
        symbols = decoder.read(grey, now_ms)
        wrong += [symbol.text for symbol in symbols if symbol.text is not None]
        passing.update(_view(grey, symbols, now_ms))
        alarms += len(passing.unread("bench"))
    return {
        "minutes": round(frames / FPS / 60, 2),
        "frames": frames,
        "texts": len(wrong),
        "unread": alarms,
    }


def _frames(count: int, seed: int) -> Iterator[NDArray[np.uint8]]:
    """Brightness of frames, (height, width), one after the other."""
    settings = CameraSettings(
        name=f"bench-{seed}", gate="", source="virtual", width=1280, height=720, fps=FPS
    )
    camera = VirtualCamera(settings, lambda: 0.0, lambda _: None)
    chance = np.random.default_rng(seed)
    for number in range(count):
        if number % _EVERY == 0:
            camera.cue(Pass((_look(chance),)))
        if number % _STOPS == _STOPS - 1:
            camera.cue(Pause() if chance.random() < 1 / 4 else Resume())
        yield brightness(camera.draw(1 / FPS))


def _look(chance: np.random.Generator) -> BoxLook:
    shapes = list(Shape)
    return BoxLook(
        text="",
        caption=_PAPERS[chance.integers(len(_PAPERS))],
        shape=shapes[chance.integers(len(shapes))],
        wrap=_WRAPS[chance.integers(len(_WRAPS))],
    )


def _view(grey: NDArray[np.uint8], symbols: list[Symbol], now_ms: int) -> FrameResult:
    height, width = grey.shape
    return FrameResult(
        camera="bench",
        number=now_ms,
        taken=Instant(now_ms, now_ms),
        width=width,
        height=height,
        symbols=tuple(symbols),
        jpeg=b"",
        fps=float(FPS),
        decode_ms=0.0,
    )
