"""The two QR engines, each behind one function that gives texts and outlines.

zxing-cpp is the first reader; zbar (through pyzbar) the second, on crops that
the first found and could not read. Where libzbar is missing the first works
alone. A text comes back right or not at all.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import zxingcpp

from station.model import Quad, Reader, Symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Grey: TypeAlias = "NDArray[np.uint8]"
"""Brightness, (height, width)."""

_OTHER_WHITES: Final = "\t\r\n"


def zxing(grey: Grey, *, invert: bool = False) -> list[Symbol]:
    """The symbols that zxing-cpp finds; text None where it could not read one.

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
    """False for a failure that the engine reports at no place, all corners 0, 0.

    Such ones came from demo frames without any unread label, and looked like one
    label that stands still in the corner: a false UNREAD.
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
    """The symbols that zbar reads, if libzbar is there; none unread.

    It guesses the charset of a payload (half-width katakana for a typographic
    apostrophe), so only printable ASCII is believed.
    """
    pyzbar = _pyzbar()
    if not isinstance(pyzbar, Second):
        return []
    height, width = grey.shape
    pixels = np.ascontiguousarray(grey).tobytes()
    return [
        Symbol(code.data.decode("ascii"), _corners(code.rect), Reader.ZBAR)
        for code in pyzbar.decode((pixels, width, height), pyzbar.symbols)
        if _believed(code.data)
    ]


def _believed(data: bytes) -> bool:
    return data.isascii() and all(
        32 <= byte < 127 or chr(byte) in _OTHER_WHITES  # noqa: PLR2004 - ASCII's own
        for byte in data
    )


class Second:
    """pyzbar, loaded."""

    def __init__(self, decode: Callable[..., list[Any]], symbols: list[Any]) -> None:
        self.decode, self.symbols = decode, symbols


@functools.cache
def _pyzbar() -> Second | str:
    """The second engine, or why there is none; tried once in a process."""
    try:
        from pyzbar import pyzbar  # noqa: PLC0415 - libzbar may be missing
    except (ImportError, OSError) as error:
        return str(error)
    return Second(pyzbar.decode, [pyzbar.ZBarSymbol.QRCODE])


def zbar_status() -> str:
    """Whether the second reader works, in words; never raises."""
    found = _pyzbar()
    if isinstance(found, Second):
        return "zbar: ok"
    return (
        f"zbar: not available ({found}); zxing-cpp reads alone; "
        "mend on Linux by: apt-get install libzbar0"
    )


def _corners(rect: Any) -> Quad:  # noqa: ANN401 - pyzbar has no types
    left, top = int(rect.left), int(rect.top)
    right, bottom = left + int(rect.width), top + int(rect.height)
    return (left, top), (right, top), (right, bottom), (left, bottom)
