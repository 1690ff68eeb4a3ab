"""The two QR engines, each behind one function that returns texts and outlines.

zxing-cpp reads first; zbar (through pyzbar) tries crops that zxing-cpp could not read.
Without libzbar, zxing-cpp works alone.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import zxingcpp

from station.camera_frames import Quad, Reader, Symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Grey: TypeAlias = "NDArray[np.uint8]"
"""Brightness, (height, width)."""

_WHITESPACE: Final = "\t\r\n"


def zxing(grey: Grey, *, invert: bool = False) -> list[Symbol]:
    """The symbols that zxing-cpp finds, with text None for those it could not read.

    Args:
        grey: brightness, (height, width).
        invert: also look for light symbols on dark.
    """
    found = zxingcpp.read_barcodes(
        np.ascontiguousarray(grey),
        # The family QRCode would add false Micro QR texts on damaged labels.
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2),
        # The default mode rewrites control characters and GS1 strings.
        text_mode=zxingcpp.TextMode.Plain,
        try_invert=invert,
        return_errors=True,
    )
    symbols = (
        Symbol(code.text if code.valid else None, _quad(code.position), Reader.ZXING)
        for code in found
    )
    return [symbol for symbol in symbols if symbol.text or _is_somewhere(symbol)]


def _is_somewhere(symbol: Symbol) -> bool:
    """False for an error that the engine reports without a place, all corners 0, 0.

    Demo frames without any unread label gave some, which looked like an unread label
    in the corner: a false UNREAD.
    """
    return len(set(symbol.outline)) == len(symbol.outline)


def _quad(position: zxingcpp.Position) -> Quad:
    corners = (
        position.top_left,
        position.top_right,
        position.bottom_right,
        position.bottom_left,
    )
    a, b, c, d = ((point.x, point.y) for point in corners)
    return a, b, c, d


def zbar(grey: Grey) -> list[Symbol]:
    """The symbols that zbar reads; empty without libzbar.

    It guesses the charset of a payload (half-width katakana for a typographic
    apostrophe), so only printable ASCII is accepted.
    """
    pyzbar = _pyzbar()
    if not isinstance(pyzbar, ZbarEngine):
        return []
    height, width = grey.shape
    pixels = np.ascontiguousarray(grey).tobytes()
    return [
        Symbol(code.data.decode("ascii"), _corners(code.rect), Reader.ZBAR)
        for code in pyzbar.decode((pixels, width, height), pyzbar.symbols)
        if _is_plain_ascii(code.data)
    ]


def _is_plain_ascii(data: bytes) -> bool:
    return data.isascii() and all(
        32 <= byte < 127 or chr(byte) in _WHITESPACE  # noqa: PLR2004 - ASCII's own
        for byte in data
    )


class ZbarEngine:
    """The parts of pyzbar that are used."""

    def __init__(self, decode: Callable[..., list[Any]], symbols: list[Any]) -> None:
        self.decode, self.symbols = decode, symbols


@functools.cache
def _pyzbar() -> ZbarEngine | str:
    """zbar, or why it is missing; tried once per process."""
    try:
        from pyzbar import pyzbar  # noqa: PLC0415 - libzbar may be missing
    except (ImportError, OSError) as error:
        return str(error)
    return ZbarEngine(pyzbar.decode, [pyzbar.ZBarSymbol.QRCODE])


def zbar_status() -> str:
    """A sentence on whether zbar works; never raises."""
    found = _pyzbar()
    if isinstance(found, ZbarEngine):
        return "zbar: ok"
    return (
        f"zbar: not available ({found}); zxing-cpp reads alone; "
        "on Linux: apt-get install libzbar0"
    )


def _corners(rect: Any) -> Quad:  # noqa: ANN401 - pyzbar has no types
    left, top = int(rect.left), int(rect.top)
    right, bottom = left + int(rect.width), top + int(rect.height)
    return (left, top), (right, top), (right, bottom), (left, bottom)
