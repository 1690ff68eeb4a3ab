"""Converts JPEG bytes to pixels and back, for decoders, browsers and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDEST = 1280
"""Pixels; wider pictures are shrunk for the browser and for evidence."""
MOST_PIXELS = 40_000_000
"""Of an uploaded picture; decoding takes about ten bytes per pixel."""
_BAND = 256
"""Rows of a transparent picture that are laid over white at once."""
QUALITY = 70
_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG's frame header; the three are tables and an extension."""
_START, _END, _TABLES = b"\xff\xd8\xff", b"\xff\xd9", b"\xff\xc4"


def is_jpeg(data: bytes) -> bool:
    """True for a JPEG that any browser can show.

    A USB camera may leave out the Huffman tables (a habit of Motion JPEG), pad
    with zeros, or cut a picture off; pictures without tables or without an end
    are not passed on.
    """
    return (
        data.startswith(_START)
        and data[-4096:].rstrip(b"\0").endswith(_END)
        and _TABLES in data[:4096]
    )


def grey_of(data: bytes) -> NDArray[np.uint8] | None:
    """The brightness of an encoded picture, (height, width), or None if invalid."""
    return _decoded(data, cv2.IMREAD_GRAYSCALE)


def colour_of(data: bytes) -> NDArray[np.uint8] | None:
    """The pixels of an encoded picture, BGR (height, width, 3), or None if invalid.

    A transparent picture is laid over white, as a page shows it: the colour
    under transparency is often black, which would hide a symbol.
    """
    pixels = _decoded(data, cv2.IMREAD_COLOR)
    if pixels is None or data.startswith(_START):  # a JPEG has no transparency
        return pixels
    whole = _decoded(data, cv2.IMREAD_UNCHANGED)
    if whole is None or whole.ndim != 3 or whole.shape[2] != 4:  # noqa: PLR2004 - BGRA
        return pixels
    for top in range(0, pixels.shape[0], _BAND):
        band = slice(top, top + _BAND)
        share = whole[band, :, 3:].astype(np.float32) / 255
        pixels[band] = (pixels[band] * share + 255 * (1 - share)).astype(np.uint8)
    return pixels


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height in the header of a JPEG or PNG, or None for anything else.

    Only the header is read: a small file may promise gigabytes of pixels.
    """
    if data.startswith(_PNG):
        return (
            (_int(data[16:20]), _int(data[20:24])) if data[12:16] == b"IHDR" else None
        )
    if not data.startswith(_START):
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 - every marker's
        kind = data[at + 1]
        if kind in _FRAMES:
            return _int(data[at + 7 : at + 9]), _int(data[at + 5 : at + 7])
        # A marker may be filled up with 0xFF; every other one holds its length.
        at += 1 if kind == 0xFF else 2 + _int(data[at + 2 : at + 4])  # noqa: PLR2004
    return None


def width_of(data: bytes) -> int:
    """The width of an encoded picture, rounded up to 8 pixels, or 0 if invalid.

    An eighth of the picture costs a fraction of the whole.
    """
    eighth = _decoded(data, cv2.IMREAD_REDUCED_GRAYSCALE_8)
    return 0 if eighth is None else eighth.shape[1] * 8


def _decoded(data: bytes, flags: int) -> NDArray[np.uint8] | None:
    if not data:
        return None
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:  # a header that promises more than memory holds
        return None
    if pixels is None:
        return None
    if pixels.dtype == np.uint16:
        pixels = pixels // 257
    return pixels.astype(np.uint8, copy=False)


def brightness(bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The grey picture (height, width) of a BGR one (height, width, 3)."""
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)


def jpeg_of(pixels: NDArray[np.uint8]) -> bytes:
    """The picture (BGR or grey) as a JPEG for people, at most 1280 pixels wide."""
    height, width = pixels.shape[:2]
    small = pixels
    if width > WIDEST:
        size = (WIDEST, max(1, round(height * WIDEST / width)))
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(
            np.uint8, copy=False
        )
    _, encoded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return encoded.tobytes()


def _int(data: bytes) -> int:
    return int.from_bytes(data, "big")
