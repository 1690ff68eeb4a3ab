"""The QR symbol of a label code. Knows no paper: only which modules are dark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import zxingcpp

from labels.fault import Fault, LabelError, shown
from labels.geometry import BORDERED, MODULES, QUIET_MODULES

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]{1,20}")
_QR = zxingcpp.BarcodeFormat.QRCodeModel2


def matrix(text: str) -> NDArray[np.bool_]:
    """The modules of a text, shape (25, 25), row 0 on top, True = dark, no border.

    QR version 2, error correction H, alphanumeric mode: about 11 to 20
    characters. What was written is read back before it is given out.

    Raises:
        LabelError: The text does not fit, or the writer made another symbol.

    Source: DESIGN section 3; ISO/IEC 18004.
    """
    if not _ALPHANUMERIC.fullmatch(text):
        expected = "1 to 20 of 0-9, A-Z, blank and $%*+-./:"
        raise LabelError(Fault.SYMBOL, expected, shown(text))
    # An unknown keyword argument is silently ignored, so what comes out is
    # believed only after the checks below.
    symbol = zxingcpp.create_barcode(text, _QR, ec_level="H")
    picture: NDArray[np.uint8] = np.asarray(
        symbol.to_image(scale=1, add_quiet_zones=False), np.uint8
    )
    if picture.shape != (MODULES, MODULES) or symbol.ec_level != "H":
        expected = f"a symbol of {MODULES} x {MODULES} modules, level H"
        got = f"{picture.shape[0]} modules, level {symbol.ec_level}, of {shown(text)}"
        raise LabelError(Fault.SYMBOL, expected, got)
    bordered = np.full((BORDERED, BORDERED), 255, np.uint8)
    bordered[QUIET_MODULES:-QUIET_MODULES, QUIET_MODULES:-QUIET_MODULES] = picture
    if texts(bordered) != [text]:
        raise LabelError(Fault.SYMBOL, "a symbol that reads back", shown(text))
    dark: NDArray[np.bool_] = picture == 0
    return dark


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
