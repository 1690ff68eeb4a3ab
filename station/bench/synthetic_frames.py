"""Synthetic camera frames for the benches: labels on a wall.

With lens blur, sensor noise and JPEG like a webcam's, though not measured on one. The
same seed gives the same frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from labels.qr_symbol import matrix
from station.capture.jpeg import grey_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from station.capture.decoding.engines import Grey

_QUIET: Final = 4
_SHOWN, _ABSENT = 45, 40
"""Frames with labels and without: long enough for a passage to end."""
_JPEG_QUALITY: Final = 80


def drawn(
    width: int, height: int, texts: list[str], module_px: float, seed: int
) -> Grey:
    """A camera's frame of a wall with these labels, turned at random.

    Args:
        width: pixels.
        height: pixels.
        texts: one label each; they must have room.
        module_px: pixels along one module.
        seed: of place, turn and noise.
    """
    rng = np.random.default_rng(seed)
    frame = np.full((height, width), 105, np.float32)
    columns = max(1, round((len(texts) * width / height) ** 0.5))
    rows = -(-len(texts) // columns)
    for i, text in enumerate(texts):
        cell = np.array([width / columns, height / rows])
        middle = cell * (i % columns + 0.5, i // columns + 0.5)
        middle += rng.uniform(-0.08, 0.08, 2) * cell
        _paste(frame, text, module_px, (middle, rng.uniform(0, 2 * np.pi)))
    return _seen(frame, rng)


def _paste(
    frame: NDArray[Any],
    text: str,
    module_px: float,
    pose: tuple[NDArray[Any], float],
) -> None:
    """Lay one label on the frame: four pixels a module, then warped."""
    fine = 4
    dark = np.pad(matrix(text), _QUIET).repeat(fine, 0).repeat(fine, 1)
    patch: NDArray[Any] = np.where(dark, 30, 225).astype(np.float32)
    middle, angle = pose
    scale = module_px / fine
    turn = scale * np.array(
        [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    )
    half = np.full(2, dark.shape[0] / 2)
    onto = np.hstack([turn, (middle - turn @ half)[:, None]])
    if scale < 1:  # average what a warp would skip
        patch = cv2.GaussianBlur(patch, (0, 0), 0.5 / scale)
    cv2.warpAffine(
        patch,
        onto,
        (frame.shape[1], frame.shape[0]),
        dst=frame,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )


def _seen(frame: NDArray[Any], rng: np.random.Generator) -> Grey:
    """Lens, sensor noise and the camera's own JPEG."""
    soft = cv2.GaussianBlur(frame, (0, 0), 0.55)
    noise = rng.standard_normal(frame.shape, np.float32)
    noisy = soft + noise * np.sqrt(soft * 0.05 + 1.2)
    clipped = np.clip(noisy, 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", clipped, [cv2.IMWRITE_JPEG_QUALITY, 88])
    grey = grey_of(data.tobytes())
    return clipped if grey is None else grey


def grained(frame: NDArray[Any], rng: np.random.Generator) -> Grey:
    """The frame with a little noise of its own."""
    grain = rng.integers(-2, 3, frame.shape)
    found: Grey = np.clip(frame + grain, 0, 255).astype(np.uint8)
    return found


def shifted(frame: Grey, x: int, y: int) -> Grey:
    """The frame as if the camera had moved by some pixels."""
    way = np.array([[1, 0, x], [0, 1, y]], np.float32)
    size = (frame.shape[1], frame.shape[0])
    moved = cv2.warpAffine(frame, way, size, borderMode=cv2.BORDER_REPLICATE)
    return moved.astype(np.uint8, copy=False)


def codes_of(count: int) -> list[str]:
    """Texts of our form, as many as are wanted; none is a true label."""
    return [f"J11771B{i:05d}BENCH000"[:20].ljust(20, "0") for i in range(count)]


def moving_labels(
    width: int, height: int, texts: Sequence[str], seed: int
) -> Iterator[bytes]:
    """JPEG pictures in which these labels move to and fro, and then are away.

    To be shown over and over, at 15 a second: 3 s with them, 2.7 s without.

    Args:
        width: pixels.
        height: pixels.
        texts: one label each, 3 pixels a module.
        seed: of place, turn and noise.
    """
    rng = np.random.default_rng(seed)
    full = drawn(width, height, list(texts), 3.0, seed)
    empty = drawn(width, height, [], 3.0, seed)
    for number in range(_SHOWN):
        step = abs(number - _SHOWN // 2)
        yield _jpeg(grained(shifted(full, 2 * step, step), rng))
    for _ in range(_ABSENT):
        yield _jpeg(grained(empty, rng))


def _jpeg(frame: Grey) -> bytes:
    _, data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return data.tobytes()
