from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cv2  # noqa: TID251 - writes pictures
import numpy as np
import pytest
from click.testing import CliRunner

from station.bench import decode_speed, synthetic_frames, unlabelled_video
from station.capture.decoding.decoder import still
from station.capture.jpeg import colour_of
from station.capture.virtual.box_texture import BoxLook
from station.cli.main import main
from station.errors import StationError
from tests.capture_pictures import jpeg, label, shelf, wall

if TYPE_CHECKING:
    from pathlib import Path

CODE = "J11771B0007KABCDEF00"


def test_drawn_frame_holds_its_labels() -> None:
    codes = [f"J11771B{i:05d}BENCH000" for i in range(6)]

    frame = synthetic_frames.drawn(1280, 720, codes, 3.0, seed=1)

    assert frame.shape == (720, 1280)
    assert {s.text for s in still(frame)} == set(codes)


def test_photographs_are_scored_beside_each_engine_alone(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg(shelf([CODE])))
    (tmp_path / "b.jpg").write_bytes(jpeg(wall()))
    (tmp_path / "c.jpg").write_bytes(jpeg(shelf([CODE])))
    truth = {"a.jpg": [CODE], "b.jpg": [], "c.jpg": ["another text"]}
    (tmp_path / "truth.json").write_text(json.dumps(truth))

    figures = decode_speed._photographs(tmp_path)

    for name in ("reader", "zxing_alone"):
        counts = {k: figures[name][k] for k in ("codes", "read", "wrong")}
        assert counts == {"codes": 2, "read": 1, "wrong": 1}


def test_command_scores_several_folders_in_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").write_bytes(jpeg(shelf([CODE])))
        (tmp_path / name / "b.jpg").write_bytes(jpeg(wall()))
        truth = {"a.jpg": [CODE], "b.jpg": []}
        (tmp_path / name / "truth.json").write_text(json.dumps(truth))
    # What else is measured takes minutes; here it is made small.
    monkeypatch.setattr(decode_speed, "_live", lambda *_: {})
    monkeypatch.setattr(decode_speed, "_CURVE", (4.0,))
    monkeypatch.setattr(decode_speed, "_UNLABELLED_S", 2.0)
    folders = [str(tmp_path / name) for name in ("one", "two")]

    ran = CliRunner().invoke(
        main, ["bench", "decode", "--json", *(f"--frames={f}" for f in folders)]
    )

    figures = json.loads(ran.stdout)
    assert [found["folder"] for found in figures["pictures"]] == ["one", "two"]
    assert figures["pictures"][1]["reader"]["read"] == 1
    assert figures["pictures"][1]["without_codes"] == 1
    assert figures["pixels_for_97_percent"]["percent"] == 4.0
    assert figures["unlabelled"] == {
        "minutes": 0.03,
        "frames": 30,
        "texts": 0,
        "unread": 0,
    }


def test_pictures_are_scored_with_decode_alone(tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, ["bench", "labels", "--frames", str(tmp_path)])

    assert ran.exit_code == 2


@pytest.mark.parametrize("seed", [7, pytest.param(8, marks=pytest.mark.slow)])
def test_gate_without_labels_reads_none_and_misses_none(seed: int) -> None:
    found = unlabelled_video.watched(20.0, seed)

    assert (found["texts"], found["unread"]) == (0, 0)
    assert found["frames"] == 300


def test_gate_without_labels_would_notice_one(monkeypatch: pytest.MonkeyPatch) -> None:
    labelled = BoxLook(CODE, ("1771-B-0007K",))
    monkeypatch.setattr(unlabelled_video, "_look", lambda _: labelled)

    assert unlabelled_video.watched(5.0)["texts"] > 0


def test_photographs_without_truth_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StationError, match=r"truth\.json"):
        decode_speed._photographs(tmp_path)


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
