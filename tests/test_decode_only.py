from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cv2  # noqa: TID251 - writes the video file

from station.capture.decode_only import scan
from tests.capture_pictures import foreign, jpeg, label, pasted, shelf, wall

if TYPE_CHECKING:
    from pathlib import Path

CODES = ["J11771B0007KABCDEF00", "J11771B0008KABCDEF00"]


def texts(found: object) -> list[str]:
    assert isinstance(found, dict)
    return sorted(symbol["text"] for symbol in found["symbols"])


def test_scan_tells_what_a_picture_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg(pasted(wall(), label(CODES[0]), 100, 200)))

    (found,) = scan([str(path)])

    assert (found["source"], found["frame"]) == (str(path), 0)
    assert found["symbols"] == [
        {
            "text": CODES[0],
            "outline": [[116, 216], [216, 216], [216, 316], [116, 316]],
            "reader": "zxing",
        }
    ]
    assert isinstance(found["ms"], float)
    json.dumps(found)


def test_scan_reads_any_text(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(jpeg(foreign("https://example.org/é?日本", 6)))

    assert [texts(found) for found in scan([str(path)])] == [
        ["https://example.org/é?日本"]
    ]


def test_scan_goes_on_after_what_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"no picture")
    (tmp_path / "2.jpg").write_bytes(jpeg(shelf(CODES)))

    first, second = scan([str(tmp_path)])

    assert first["source"] == str(tmp_path / "1.jpg")
    assert "that are none" in str(first["error"])
    assert texts(second) == CODES


def test_scan_tells_each_source_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "2.jpg").write_bytes(jpeg(shelf(CODES)))
    missing, folder = str(tmp_path / "missing.jpg"), str(tmp_path / "nothing")

    found = list(scan([missing, folder, str(tmp_path / "2.jpg")]))

    assert [list(f) for f in found[:2]] == [["source", "error"]] * 2
    assert "expected a picture at" in str(found[0]["error"])
    assert "which is not there" in str(found[1]["error"])
    assert texts(found[2]) == CODES


def test_scan_gives_one_line_for_every_frame_of_a_video(tmp_path: Path) -> None:
    path = str(tmp_path / "a.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 25, (1280, 720))
    for _ in range(6):
        writer.write(cv2.cvtColor(shelf(CODES), cv2.COLOR_GRAY2BGR))
    writer.release()

    found = list(scan([path]))

    assert [f["frame"] for f in found] == list(range(6))
    assert all(texts(f) == CODES for f in found)
