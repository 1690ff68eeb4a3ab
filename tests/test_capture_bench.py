from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cv2  # noqa: TID251 - writes pictures
import numpy as np
import pytest

from station.capture import bench, drawing
from station.capture.decoder import still
from station.capture.picture import colour_of
from station.model import StationError
from tests.capture_pictures import jpeg, label, shelf, wall

if TYPE_CHECKING:
    from pathlib import Path

CODE = "J11771B0007KABCDEF00"


def test_drawn_frame_holds_its_labels() -> None:
    codes = [f"J11771B{i:05d}BENCH000" for i in range(6)]

    frame = drawing.drawn(1280, 720, codes, 3.0, seed=1)

    assert frame.shape == (720, 1280)
    assert {s.text for s in still(frame)} == set(codes)


def test_photographs_are_scored_beside_each_engine_alone(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(shelf([CODE])))
    (tmp_path / "b.jpg").write_bytes(jpeg(wall()))
    (tmp_path / "c.jpg").write_bytes(jpeg(shelf([CODE])))
    truth = {"a.jpg": [CODE], "b.jpg": [], "c.jpg": ["another text"]}
    (tmp_path / "truth.json").write_text(json.dumps(truth))

    figures = bench._photographs(tmp_path)

    for name in ("reader", "zxing_alone"):
        counts = {k: figures[name][k] for k in ("codes", "read", "wrong")}
        assert counts == {"codes": 2, "read": 1, "wrong": 1}


def test_photographs_without_truth_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StationError, match=r"truth\.json"):
        bench._photographs(tmp_path)


def test_transparent_picture_is_laid_over_white() -> None:
    ink = label(CODE) < 128
    pixels = np.zeros((*ink.shape, 4), np.uint8)  # black everywhere
    pixels[:, :, 3] = np.where(ink, 255, 0)
    data = cv2.imencode(".png", pixels)[1].tobytes()

    bgr = colour_of(data)

    assert bgr is not None
    assert [s.text for s in still(bgr[:, :, 0].copy())] == [CODE]


def test_picture_of_16_bits_is_read() -> None:
    data = cv2.imencode(".png", label(CODE).astype(np.uint16) * 257)[1].tobytes()

    bgr = colour_of(data)

    assert bgr is not None
    assert [s.text for s in still(bgr[:, :, 0].copy())] == [CODE]
