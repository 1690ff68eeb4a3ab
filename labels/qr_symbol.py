"""QR symbols of label codes and longer texts.

Knows no paper: only which modules are dark.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np
import zxingcpp

from labels.geometry import MODULES, QUIET_MODULES
from labels.label_errors import LabelError, LabelFault, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]+")
_QR = zxingcpp.BarcodeFormat.QRCodeModel2
_LABEL_CHARACTERS = 20
_MOST = MappingProxyType({"L": 4_296, "M": 3_391, "Q": 2_420})
"""Characters that the largest symbol, version 40, holds in alphanumeric mode."""
_SIDES = frozenset(range(21, 178, 4))
"""Modules along one side, versions 1 to 40."""


def matrix(text: str) -> NDArray[np.bool_]:
    """The modules of a text, shape (25, 25), row 0 on top, True = dark, no border.

    QR version 2, error correction H, alphanumeric mode: about 11 to 20
    characters. What was written is read back before it is given out.

    Raises:
        LabelError: The text does not fit, or the writer made another symbol.

    Source: DESIGN section 3; ISO/IEC 18004.
    """
    return _proved(text, "H", _LABEL_CHARACTERS, frozenset({MODULES}))


def code_matrix(text: str, level: Literal["L", "M", "Q"]) -> NDArray[np.bool_]:
    """The modules of a longer text, such as a manifest; the smallest that holds it.

    Square, row 0 on top, True = dark, no border; alphanumeric mode. Read back as in
    ``matrix``.

    Args:
        text: Of the alphanumeric set: at level L up to 4,296 characters, at M 3,391,
            at Q 2,420.
        level: Of error correction; about 7, 15 and 25 % of the symbol may be lost.

    Raises:
        LabelError: The text does not fit, or the writer made another symbol.

    Source: ISO/IEC 18004, tables 7 and 9.
    """
    return _proved(text, level, _MOST[level], _SIDES)


def _proved(
    text: str, level: str, most: int, sides: frozenset[int]
) -> NDArray[np.bool_]:
    """The modules of a symbol that is what was asked for, and reads.

    Raises:
        LabelError: The text does not fit, or the writer made another symbol.
    """
    if not _ALPHANUMERIC.fullmatch(text) or len(text) > most:
        expected = f"1 to {most} of 0-9, A-Z, blank and $%*+-./:"
        raise LabelError(LabelFault.SYMBOL, expected, shown(text))
    # An unknown keyword argument is silently ignored, so what comes out is
    # believed only after the checks below.
    symbol = zxingcpp.create_barcode(text, _QR, ec_level=level)
    picture: NDArray[np.uint8] = np.asarray(
        symbol.to_image(scale=1, add_quiet_zones=False), np.uint8
    )
    high, wide = picture.shape
    if high != wide or wide not in sides or symbol.ec_level != level:
        expected = f"a symbol of {_spoken(sides)} modules, level {level}"
        got = f"{high} x {wide} modules, level {symbol.ec_level}, of {shown(text)}"
        raise LabelError(LabelFault.SYMBOL, expected, got)
    bordered = np.pad(picture, QUIET_MODULES, constant_values=255)
    if texts(bordered) != [text]:
        raise LabelError(LabelFault.SYMBOL, "a symbol that reads back", shown(text))
    dark: NDArray[np.bool_] = picture == 0
    return dark


def _spoken(sides: frozenset[int]) -> str:
    return " to ".join(f"{side} x {side}" for side in sorted({min(sides), max(sides)}))


def runs(dark: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """The runs of dark modules: row, first column, length; from the top, left first."""
    framed = np.pad(dark.astype(np.int8), ((0, 0), (1, 1)))
    step = np.diff(framed, axis=1)
    rows, starts = np.nonzero(step == 1)
    ends = np.nonzero(step == -1)[1]
    return list(
        zip(rows.tolist(), starts.tolist(), (ends - starts).tolist(), strict=True)
    )


def texts(picture: NDArray[np.uint8]) -> list[str]:
    """The texts of the QR symbols in a clean picture, one for each symbol.

    Upright, dark on light, sharp: what a printer is given, not what a camera sees.

    Args:
        picture: Brightness, shape (height, width).
    """
    symbols = zxingcpp.read_barcodes(
        picture,
        formats=zxingcpp.BarcodeFormats([_QR]),
        text_mode=zxingcpp.TextMode.Plain,
        # Each of these costs as much again, and finds nothing in a clean picture.
        try_rotate=False,
        try_downscale=False,
        try_invert=False,
    )
    return [symbol.text for symbol in symbols]
