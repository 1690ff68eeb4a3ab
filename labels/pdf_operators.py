"""PDF operators for lines of text and QR symbols; the unit is the millimetre.

reportlab's own calls cost ten times as much: they format every number and look
every character up again, label after label. Here what was written once, such as
the name of a kecamatan, is not spelled out a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from reportlab.pdfbase import pdfmetrics

from labels.geometry import MODULES
from labels.qr_symbol import matrix
from labels.typeface import FittedLine, fit

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    from labels.artwork import Bar


class Pen:
    """Writes for one document, and remembers what it wrote."""

    def __init__(self, canvas: Canvas) -> None:
        # The typefaces' subsets belong to the document; the canvas has no door to it.
        self._document = cast("Any", canvas)._doc  # noqa: SLF001
        self._lines: dict[tuple[str, str, float, tuple[float, float]], FittedLine] = {}
        self._spelled: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}

    def fit(
        self, text: str, face: str, width: float, sizes: tuple[float, float]
    ) -> FittedLine:
        """As ``typeface.fit``."""
        key = (text, face, width, sizes)
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = fit(text, face, width, sizes)
        return line

    def write(self, line: FittedLine, x: float, y: float) -> str:
        """The operators that write a line with its baseline's start at x, y."""
        key = (line.text, line.face)
        spelled = self._spelled.get(key)
        if spelled is None:
            spelled = self._spelled[key] = tuple(self._spell(line.text, line.face))
        size = number(line.size)
        shown = " ".join(f"{name} {size} Tf <{codes}> Tj" for name, codes in spelled)
        return f"BT {number(x)} {number(y)} Td {shown} ET"

    def _spell(self, text: str, face: str) -> list[tuple[str, str]]:
        """The text in pieces of one embedded subset each: its name, its codes."""
        font = cast("TTFont", pdfmetrics.getFont(face))
        return [
            (font.getSubsetInternalName(subset, self._document), codes.hex())
            for subset, codes in font.splitString(text, self._document)
        ]


def number(value: float) -> str:
    """A measure as PDF wants it: no exponent, a thousandth of a millimetre."""
    return f"{round(value, 3) + 0.0:g}"


def colour(hexadecimal: str) -> str:
    """The operator that fills with this colour.

    >>> colour("#FF0000")
    '1 0 0 rg'
    """
    parts = (int(hexadecimal[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return " ".join(f"{round(part, 4):g}" for part in parts) + " rg"


def framed_bar(bar: Bar, box: tuple[float, float, float, float], line: float) -> str:
    """The operators of a bar (left, bottom, width, height) in an ink frame."""
    sides = " ".join(map(number, box))
    return f"{colour(bar.colour)} 0 G {number(line)} w {sides} re B {colour(bar.ink)}"


def symbol(text: str, left: float, bottom: float, module: float) -> str:
    """The operators that draw the QR symbol of a text, black, without its border."""
    runs = _rectangles(matrix(text))
    # Six digits: a rounded module would be off by a printer's dot at the far side.
    scale = f"{module:.6f}"
    return f"q 0 g {scale} 0 0 {scale} {number(left)} {number(bottom)} cm {runs} f Q"


def _rectangles(dark: NDArray[np.bool_]) -> str:
    """A rectangle per run of dark modules, in PDF operators.

    The unit is the module; the origin is the symbol's lower left corner.
    """
    framed = np.zeros((MODULES, MODULES + 2), np.int8)
    framed[:, 1:-1] = dark
    step = np.diff(framed, axis=1)
    rows, starts = np.nonzero(step == 1)
    ends = np.nonzero(step == -1)[1]
    runs = zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)
    return " ".join(
        [f"{start} {MODULES - 1 - row} {end - start} 1 re" for row, start, end in runs]
    )
