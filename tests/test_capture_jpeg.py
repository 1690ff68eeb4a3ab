"""Pictures as bytes: how large they say they are, and what is under transparency."""

from __future__ import annotations

import cv2  # noqa: TID251 - makes the files, reads none
import numpy as np
import pytest

from station.capture.jpeg import colour_of, size_of


@pytest.mark.parametrize("name", [".jpg", ".png"])
@pytest.mark.parametrize("more", [[], [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]])
def test_size_is_told_by_the_header_alone(name: str, more: list[int]) -> None:
    _, encoded = cv2.imencode(name, np.zeros((40, 70, 3), np.uint8), more)
    data = encoded.tobytes()

    assert size_of(data) == (70, 40)
    assert size_of(data[: len(data) - 20]) == (70, 40)


def test_size_is_found_behind_what_a_phone_adds() -> None:
    _, encoded = cv2.imencode(".jpg", np.zeros((40, 70, 3), np.uint8))
    jpeg = encoded.tobytes()
    notes = b"\xff\xe1" + (60_000).to_bytes(2, "big") + b"\xff\xc0" * 29_999
    padded = jpeg[:2] + notes + b"\xff\xff" + jpeg[2:]

    assert size_of(padded) == (70, 40)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF0000WEBPVP8 ",
    ],
)
def test_what_is_no_picture_has_no_size(data: bytes) -> None:
    assert size_of(data) is None


def test_transparent_picture_is_laid_over_white_to_its_last_row() -> None:
    bgra = np.zeros((600, 20, 4), np.uint8)
    bgra[:, 10:, 3] = 255
    bgra[300:, :10, 3] = 51
    _, encoded = cv2.imencode(".png", bgra)

    pixels = colour_of(encoded.tobytes())

    assert pixels is not None
    assert (pixels[:300, :10] == 255).all()
    assert (pixels[300:, :10] == 204).all()
    assert (pixels[:, 10:] == 0).all()
