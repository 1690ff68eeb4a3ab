"""The empty gate behind the virtual camera: wall, truck, stacked boxes, roller line.

``empty_gate.jpg`` shows it evenly lit by a camera without roll, 3 % wider than the
virtual one. Two gates look different: an odd ``seed`` mirrors the picture.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from station.capture.jpeg import colour_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from station.capture.virtual.box_texture import Picture
    from station.capture.virtual.pinhole import PinholeCamera

_PICTURE: Final = Path(__file__).with_name("empty_gate.jpg")
_WIDER: Final = 1.03
"""Field of the picture over the camera's, so that turning it leaves no corner bare."""


def empty_gate(camera: PinholeCamera, seed: int) -> Picture:
    """The empty gate as the camera sees it, BGR (height, width, 3)."""
    pixels = colour_of(_PICTURE.read_bytes())
    assert pixels is not None, _PICTURE  # noqa: S101 - it ships with the program
    if seed % 2:
        pixels = pixels[:, ::-1]
    height, width = pixels.shape[:2]
    middle = width / 2, height / 2
    scale = _WIDER * camera.width / width
    turn = cv2.getRotationMatrix2D(middle, camera.roll_deg, scale)
    turn[:, 2] += camera.width / 2 - middle[0], camera.height / 2 - middle[1]
    size = (camera.width, camera.height)
    # Replicated: a picture of another shape shows more floor and ceiling.
    seen = cv2.warpAffine(
        np.ascontiguousarray(pixels), turn, size, borderMode=cv2.BORDER_REPLICATE
    )
    lit: Picture = np.clip(seen * light(camera)[..., None], 0, 255).astype(np.uint8)
    return lit


def light(camera: PinholeCamera) -> NDArray[np.float32]:
    """The share of light at each pixel (height, width): lamps and vignette."""
    y, x = np.mgrid[0 : camera.height, 0 : camera.width].astype(np.float32)
    across, down = x / camera.width - 0.5, y / camera.height - 0.5
    vignette = 1.0 - 0.85 * (across**2 + 0.8 * down**2)
    lamp = 0.10 * np.exp(-(((across + 0.12) / 0.3) ** 2) - ((down + 0.2) / 0.4) ** 2)
    return np.asarray(0.94 * (vignette + lamp), np.float32)
