"""QR texts from pixels: zxing-cpp first, pyzbar on what it found and could not read.

``texts`` reads a still picture, ``Decoder`` the frames of a camera; neither
knows our label's grammar: any text comes back right or not at all.
Figures behind each choice: zxing-cpp reads 90 % of other people's photographs,
pyzbar 76 %, and they fail on different labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
import zxingcpp

from station.capture.picture import brightness
from station.model import Quad, Reader, Symbol

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

_TWICE: Final = 2
_MARGIN: Final = 0.25
"""Of a box's side, added around it: the quiet zone, and a box that is off."""
_LARGEST_CROP: Final = 900


def texts(bgr: NDArray[np.uint8]) -> list[str]:
    """All QR texts in a still picture, BGR (height, width, 3); order means nothing."""
    found = _read(brightness(bgr), invert=True)
    return sorted({s.text for s in found if s.text is not None})


def zbar_status() -> str:
    """Whether the second reader works, in words; never raises."""
    try:
        from pyzbar import pyzbar  # noqa: F401, PLC0415 - the library may be missing
    except (ImportError, OSError) as error:
        return f"pyzbar: not available ({error}): apt install libzbar0"
    return "pyzbar: ok"


class Decoder:
    """Reads the frames of one camera."""

    def read(self, grey: NDArray[np.uint8], now_ms: int) -> list[Symbol]:
        """The symbols in one frame.

        Args:
            grey: brightness, (height, width).
            now_ms: when the frame was taken, monotonic milliseconds.
        """
        del now_ms
        return _read(grey, invert=False)


def _read(grey: Grey, *, invert: bool) -> list[Symbol]:
    symbols: list[Symbol] = []
    for symbol in _zxing(grey, invert=invert):
        if symbol.text is not None:
            symbols.append(symbol)
        else:
            symbols.extend(_closer(grey, symbol))
    return symbols


def _closer(grey: Grey, suspect: Symbol) -> list[Symbol]:
    """What twice the size, then the other engine, read in a suspect's box."""
    xs, ys = zip(*suspect.outline, strict=True)
    margin = int(_MARGIN * max(max(xs) - min(xs), max(ys) - min(ys))) + 8
    left, top = max(0, min(xs) - margin), max(0, min(ys) - margin)
    crop = grey[top : max(ys) + margin, left : max(xs) + margin]
    if not crop.size or max(crop.shape) > _LARGEST_CROP:
        return [suspect]
    large = cv2.resize(
        crop, None, fx=_TWICE, fy=_TWICE, interpolation=cv2.INTER_CUBIC
    ).astype(np.uint8, copy=False)
    read = [s for s in _zxing(large, invert=True) if s.text is not None]
    if read:
        return [_moved(s, Reader.ZXING_CROP, _TWICE, (left, top)) for s in read]
    read = _zbar(crop)
    return [_moved(s, Reader.ZBAR, 1, (left, top)) for s in read] or [suspect]


def _moved(symbol: Symbol, reader: Reader, scale: int, by: tuple[int, int]) -> Symbol:
    a, b, c, d = ((x // scale + by[0], y // scale + by[1]) for x, y in symbol.outline)
    return Symbol(symbol.text, (a, b, c, d), reader)


def _zxing(grey: Grey, *, invert: bool) -> list[Symbol]:
    """Symbols read, and symbols found but not read (text None)."""
    found = zxingcpp.read_barcodes(
        np.ascontiguousarray(grey),
        # The family QRCode would add false Micro QR texts.
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2),
        text_mode=zxingcpp.TextMode.Plain,  # the default rewrites some texts
        try_invert=invert,
        return_errors=True,
    )
    return [
        Symbol(code.text if code.valid else None, _quad(code.position), Reader.ZXING)
        for code in found
    ]


def _quad(position: zxingcpp.Position) -> Quad:
    corners = (
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    )
    a, b, c, d = ((point.x, point.y) for point in corners)
    return a, b, c, d


def _zbar(grey: Grey) -> list[Symbol]:
    """Symbols that pyzbar read; only ASCII, since it guesses other charsets."""
    try:
        from pyzbar import pyzbar  # noqa: PLC0415 - the library may be missing
    except (ImportError, OSError):
        return []
    height, width = grey.shape
    found: list[Any] = pyzbar.decode(
        (np.ascontiguousarray(grey).tobytes(), width, height),
        symbols=[pyzbar.ZBarSymbol.QRCODE],
    )
    symbols = []
    for code in found:
        if code.data and code.data.isascii():
            a, b, c, d = _corners(code.rect)
            symbols.append(Symbol(code.data.decode("ascii"), (a, b, c, d), Reader.ZBAR))
    return symbols


def _corners(rect: Any) -> Quad:  # noqa: ANN401 - pyzbar has no types
    left, top = int(rect.left), int(rect.top)
    right, bottom = left + int(rect.width), top + int(rect.height)
    return (left, top), (right, top), (right, bottom), (left, bottom)
