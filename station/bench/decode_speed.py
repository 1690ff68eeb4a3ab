"""``jejak bench decode``: our reader compared with each engine alone, in one run.

Frames are drawn (synthetic_frames.py), so that it runs anywhere; folders of
photographs are scored too if given.
"""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import cv2
import numpy as np

from station.bench.synthetic_frames import codes_of, drawn, grained, shifted
from station.bench.unlabelled_video import watched
from station.capture.decoding.decoder import Decoder, still
from station.capture.decoding.engines import Grey, zbar, zbar_status, zxing
from station.capture.jpeg import brightness, colour_of
from station.errors import StationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from station.camera_frames import Symbol

Figures: TypeAlias = dict[str, Any]
"""Ready for JSON."""
_Read: TypeAlias = "Callable[[Grey], list[Symbol]]"

_FRAME_MS: Final = 66
_SEED: Final = 20261124
_CURVE: Final = (1.2, 1.4, 1.6, 1.8, 2.0, 2.3, 2.6, 3.0, 4.0)
_READ: Final = 97.0
"""Percent: the smallest size from which this many are read is reported."""
_UNLABELLED_S: Final = 600.0


def run(folders: Sequence[Path] = ()) -> Figures:
    """The figures of this machine; one thread.

    Args:
        folders: pictures with ``truth.json``, to be scored too.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        figures: Figures = {
            "zbar": zbar_status(),
            "live": [
                _live(1280, 720, 12),
                _live(1920, 1080, 24),
                _live(3840, 2160, 40),
            ],
            **_curve(),
            "unlabelled": watched(_UNLABELLED_S),
        }
        if folders:
            figures["pictures"] = [_photographs(folder) for folder in folders]
    finally:
        cv2.setNumThreads(threads)
    return figures


def _live(width: int, height: int, labels: int) -> Figures:
    """First sight, moving and unchanged frames, beside each engine alone."""
    codes = codes_of(labels)
    first, read = [], []
    for seed in range(20):
        frame = drawn(width, height, codes, 3.0, _SEED + seed)
        decoder = Decoder()
        ms, symbols = _timed(partial(decoder.read, frame, 0))
        first.append(ms)
        read.append(len({s.text for s in symbols} & set(codes)))
    moving, unchanged = _followed(frame)
    return {
        "width": width,
        "height": height,
        "labels": labels,
        "first_sight_ms": _spread(first),
        "first_sight_read_least": min(read),
        "tracked_ms": _spread(moving),
        "unchanged_ms": _spread(unchanged),
        "zxing_alone": _alone(zxing, frame, codes),
        "zbar_alone": _alone(zbar, frame, codes),
    }


def _followed(frame: Grey) -> tuple[list[float], list[float]]:
    """Times of frames that move by some pixels each, and of frames that do not."""
    rng = np.random.default_rng(_SEED)
    decoder = Decoder()
    now_ms = 0
    moving, unchanged = [], []
    for i in range(60):
        there_and_back = abs(i % 20 - 10)
        moved = shifted(frame, 3 * there_and_back, there_and_back)
        now_ms += _FRAME_MS
        ms, _ = _timed(partial(decoder.read, grained(moved, rng), now_ms))
        moving.append(ms)
    for _ in range(60):
        now_ms += _FRAME_MS
        ms, _ = _timed(partial(decoder.read, grained(moved, rng), now_ms))
        unchanged.append(ms)
    return moving[1:], unchanged[1:]


def _alone(engine: _Read, frame: Grey, codes: list[str]) -> Figures:
    times, symbols = [], list[Any]()
    for _ in range(5):
        ms, symbols = _timed(partial(engine, frame))
        times.append(ms)
    read = len({s.text for s in symbols} & set(codes))
    return {"ms": _spread(times), "read": read}


def _curve() -> Figures:
    """The share of labels read by their size, and the size that is enough."""
    curve = [_at(px) for px in _CURVE]
    enough = {
        reader: enough_px([(point["px"], point[reader]) for point in curve])
        for reader in ("percent", "zxing_alone", "zbar_alone")
    }
    return {"read_at_pixels_per_module": curve, "pixels_for_97_percent": enough}


def enough_px(curve: Sequence[tuple[float, float]]) -> float | None:
    """The smallest size from which at least 97 % are read at every larger one.

    >>> enough_px([(1.6, 98.0), (1.8, 96.0), (2.0, 97.0), (3.0, 100.0)])
    2.0
    """
    enough = None
    for px, percent in sorted(curve, reverse=True):
        if percent < _READ:
            break
        enough = px
    return enough


def _at(module_px: float) -> Figures:
    """How many of 108 labels are read at this size, by each reader."""
    codes = codes_of(12)
    frames = [drawn(1280, 720, codes, module_px, _SEED + i) for i in range(9)]

    def share(read: _Read) -> float:
        found = sum(len({s.text for s in read(f)} & set(codes)) for f in frames)
        return round(100 * found / (len(codes) * len(frames)), 1)

    return {
        "px": module_px,
        "percent": share(still),
        "zxing_alone": share(zxing),
        "zbar_alone": share(zbar),
    }


def _photographs(folder: Path) -> Figures:
    """Codes read and wrong texts in a folder with ``truth.json``."""
    truth = _truth(folder)
    figures: Figures = {
        "folder": folder.name,
        "pictures": len(truth),
        "without_codes": sum(not texts for texts in truth.values()),
    }
    readers = (
        ("reader", still),
        # As anybody would use it on a picture: light symbols on dark too.
        ("zxing_alone", partial(zxing, invert=True)),
        ("zbar_alone", zbar),
    )
    for name, read in readers:
        total = read_count = wrong = 0
        seconds = megapixels = 0.0
        for grey, expected in _pictures(folder, truth):
            ms, symbols = _timed(partial(read, grey))
            texts = {_plain(s.text) for s in symbols if s.text is not None}
            total += len(expected)
            read_count += len(texts & expected)
            wrong += len(texts - expected)
            seconds += ms / 1000
            megapixels += grey.size / 1e6
        figures[name] = {
            "codes": total,
            "read": read_count,
            "wrong": wrong,
            "ms_per_megapixel": round(1000 * seconds / max(megapixels, 1e-9), 2),
        }
    return figures


def _truth(folder: Path) -> dict[str, list[str]]:
    try:
        truth: dict[str, list[str]] = json.loads((folder / "truth.json").read_text())
    except (OSError, ValueError) as error:
        raise StationError(
            f"expected {folder / 'truth.json'} with the texts of each picture, "
            f"got: {error}; name a folder that has one"
        ) from error
    return truth


def _pictures(
    folder: Path, truth: dict[str, list[str]]
) -> Iterator[tuple[Grey, set[str]]]:
    for name, expected in truth.items():
        pixels = colour_of((folder / name).read_bytes())
        if pixels is not None:
            yield brightness(pixels), {_plain(text) for text in expected}


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip().replace("\0", "")


def _timed(read: Callable[[], list[Symbol]]) -> tuple[float, list[Symbol]]:
    began = time.perf_counter()
    symbols = read()
    return (time.perf_counter() - began) * 1000, symbols


def _spread(times: list[float]) -> Figures:
    p50, p95 = np.percentile(times, (50, 95))
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2)}
