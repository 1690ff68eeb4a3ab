"""``jejak scan``: decodes pictures, videos and cameras without a station."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from station.camera_frames import CameraSettings
from station.capture.decoding.decoder import Decoder, still
from station.capture.jpeg import brightness
from station.capture.sources.open_camera import open_source
from station.capture.sources.picture_source import CameraError
from station.capture.sources.playback import SUFFIXES, Video, load, pictures_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from station.camera_frames import Symbol
    from station.capture.decoding.engines import Grey

Found: TypeAlias = dict[str, Any]
"""``source``, ``frame`` (from 0), ``symbols`` (``text``, ``outline``, ``reader``),
``ms`` of decoding; or ``source`` and ``error``, a sentence."""

_FPS = 25.0


def scan(sources: Sequence[str]) -> Iterator[Found]:
    """The symbols of each picture or frame, as soon as they are known.

    A source that cannot be read yields one ``error``; the others continue. A camera
    or an http address never ends by itself.

    Args:
        sources: pictures, folders of pictures, videos, numbers of webcams,
            http addresses of MJPEG streams.
    """
    for source in sources:
        yield from _one(source)


def _one(source: str) -> Iterator[Found]:
    path = Path(source)
    try:
        if path.is_dir():
            for picture in pictures_in(path):
                yield from _picture(picture)
        elif path.suffix.lower() in SUFFIXES:
            yield from _picture(path)
        elif path.is_file():
            yield from _video(path)
        else:
            yield from _camera(source)
    except CameraError as error:
        yield {"source": source, "error": error.text}


def _picture(path: Path) -> Iterator[Found]:
    try:
        pixels = load(path)
    except CameraError as error:
        yield {"source": str(path), "error": error.text}
    else:
        yield _timed(str(path), 0, lambda: still(brightness(pixels)))


def _video(path: Path) -> Iterator[Found]:
    video = Video(path)
    step_ms = 1000 / (video.fps or _FPS)
    try:
        frames = (brightness(pixels) for pixels in video.frames())
        yield from _frames(str(path), frames, lambda number: round(number * step_ms))
    finally:
        video.close()


def _camera(name: str) -> Iterator[Found]:
    camera = open_source(CameraSettings(name=name, gate="", source=name))
    began_ns = time.monotonic_ns()
    try:
        frames = (picture[0] for picture in iter(camera.read, None))
        yield from _frames(
            name, frames, lambda _: (time.monotonic_ns() - began_ns) // 1_000_000
        )
    finally:
        camera.close()


def _frames(
    source: str, frames: Iterator[Grey], at_ms: Callable[[int], int]
) -> Iterator[Found]:
    decoder = Decoder()
    for number, grey in enumerate(frames):
        now_ms = at_ms(number)
        yield _timed(source, number, lambda g=grey, t=now_ms: decoder.read(g, t))  # type: ignore[misc]


def _timed(source: str, number: int, read: Callable[[], list[Symbol]]) -> Found:
    began_ns = time.perf_counter_ns()
    symbols = read()
    took_us = (time.perf_counter_ns() - began_ns) // 1000
    return {
        "source": source,
        "frame": number,
        "symbols": [
            {
                "text": symbol.text,
                "outline": [list(point) for point in symbol.outline],
                "reader": symbol.reader.value,
            }
            for symbol in symbols
            if symbol.text is not None
        ],
        "ms": took_us / 1000,
    }
