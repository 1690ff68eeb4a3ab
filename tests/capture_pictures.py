"""Pictures drawn for the tests of station/capture: real symbols, real JPEG bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2  # noqa: TID251 - draws what a camera would see
import numpy as np
import zxingcpp

from labels.qr_symbol import matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def label(text: str, module_px: int = 4) -> NDArray[np.uint8]:
    """A label's symbol with its quiet zone, grey."""
    dark = np.pad(matrix(text), 4)
    return _enlarged(np.where(dark, 25, 235).astype(np.uint8), module_px)


def _enlarged(cells: NDArray[np.uint8], module_px: int) -> NDArray[np.uint8]:
    return cells.repeat(module_px, 0).repeat(module_px, 1)


def foreign(content: str | bytes, module_px: int = 4) -> NDArray[np.uint8]:
    """Any QR symbol with its quiet zone, grey."""
    code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCodeModel2)
    cells = np.asarray(code.to_image(scale=1, add_quiet_zones=True), np.uint8)
    return _enlarged(np.pad(cells, 2, constant_values=255), module_px)


def wall(height: int = 720, width: int = 1280, seed: int = 1) -> NDArray[np.uint8]:
    """A grey wall with a sensor's noise."""
    noise = np.random.default_rng(seed).normal(110, 3, (height, width))
    return noise.clip(0, 255).astype(np.uint8)


def pasted(
    picture: NDArray[np.uint8], patch: NDArray[np.uint8], x: int, y: int
) -> NDArray[np.uint8]:
    """The picture with a patch laid on it."""
    out = picture.copy()
    out[y : y + patch.shape[0], x : x + patch.shape[1]] = patch
    return out


def shelf(texts: Sequence[str], module_px: int = 4) -> NDArray[np.uint8]:
    """A wall with labels side by side, grey (720, 1280)."""
    picture = wall()
    step = 33 * module_px + 20
    columns = (1280 - 20) // step
    for i, text in enumerate(texts):
        x, y = 20 + i % columns * step, 20 + i // columns * step
        picture = pasted(picture, label(text, module_px), x, y)
    return picture


def jpeg(picture: NDArray[np.uint8]) -> bytes:
    """The picture as JPEG bytes."""
    return cv2.imencode(".jpg", picture)[1].tobytes()
