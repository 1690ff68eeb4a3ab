"""Printed labels as a camera sees them: small, turned, soft, grey and noisy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2  # noqa: TID251 - stands in for the lens, not for the reader
import numpy as np
import pytest

from labels.raster import rastered
from labels.sheets import render
from labels.stocks import STOCKS
from station.capture.decoding.decoder import Decoder
from tests.test_label_sheet import artwork

if TYPE_CHECKING:
    from numpy.typing import NDArray


def seen(page: NDArray[np.uint8], degrees: float, seed: int) -> NDArray[np.uint8]:
    """The page on a grey table, turned, through a soft lens and a noisy sensor."""
    height, width = page.shape
    side = int(np.hypot(height, width)) + 40
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turn[:, 2] += (side - width) / 2, (side - height) / 2
    turned = cv2.warpAffine(
        page, turn, (side, side), flags=cv2.INTER_AREA, borderValue=(110,)
    )
    soft = cv2.GaussianBlur(turned, (0, 0), 0.6)
    noise = np.random.default_rng(seed).normal(0, 4, soft.shape)
    grey: NDArray[np.uint8] = np.clip(soft * 0.7 + 35 + noise, 0, 255).astype(np.uint8)
    return grey


@pytest.mark.parametrize("pixels", [1.8, 2.2, 2.5])
@pytest.mark.parametrize("name", STOCKS)
def test_a_printed_label_reads_at_the_pixels_its_reach_promises(
    name: str, pixels: float
) -> None:
    stock = STOCKS[name]
    label = artwork(1)
    dpi = 25.4 / stock.layout.spot.module_mm * pixels
    (page, *_) = rastered(render([label], stock), dpi)

    # A passing has many frames; one read is enough, and a wrong one is too many.
    decoder = Decoder()
    read = {
        symbol.text
        for frame in range(5)
        for symbol in decoder.read(seen(page, 3 + 2 * frame, seed=frame), frame * 66)
        if symbol.text is not None
    }
    assert read == {str(label.code)}
