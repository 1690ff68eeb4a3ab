"""A4 pages of words, lines and boxes; black, so that a photocopy loses nothing.

Measures are millimetres; heights count down from the upper edge of the page.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from labels.pdf_operators import Pen, number
from labels.qr_symbol import runs
from labels.typeface import BOLD, SANS, printable, register

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WIDTH, HEIGHT = 210.0, 297.0
LEFT, RIGHT = 14.0, 196.0
TOP, FOOT = 14.0, 287.0
"""What printers and copiers leave of a page: first height, and the foot's baseline."""
MIDDLE, END = 0.5, 1.0
"""Where a line of text stands in its width; else at the start."""
THIN, LINE, THICK = 0.12, 0.25, 0.6
_SMALLEST = 1.8
"""Type size; its capitals are 1.3 mm high, which a copier still keeps."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a line is written; too long a text shrinks, then ends in an ellipsis."""

    face: str
    size: float

    @property
    def sizes(self) -> tuple[float, float]:
        """The largest and the smallest type size."""
        return self.size, min(self.size, _SMALLEST)


TITLE, NAME = Style(BOLD, 6.2), Style(BOLD, 4.6)
STRONG, TEXT = Style(BOLD, 3.2), Style(SANS, 3.2)
STRONG_SMALL, SMALL = Style(BOLD, 2.7), Style(SANS, 2.7)
STRONG_CAPTION, CAPTION = Style(BOLD, 2.3), Style(SANS, 2.3)


class Page:
    """One page, drawn upon from anywhere."""

    def __init__(self, pen: Pen) -> None:
        self._pen = pen
        self.operators: list[str] = []

    def write(
        self,
        text: str,
        at: tuple[float, float],
        width: float,
        style: Style = TEXT,
        place: float = 0.0,
    ) -> float:
        """Write a line whose baseline starts at ``at``; gives the width it took."""
        line = self._pen.fit(text, style.face, width, style.sizes)
        x = at[0] + (width - line.width) * place
        self.operators.append(self._pen.write(line, x, HEIGHT - at[1]))
        return line.width

    def rule(self, y: float, left: float, right: float, weight: float = LINE) -> None:
        """Draw a line from left to right."""
        self._stroke(f"{_xy(left, y)} m {_xy(right, y)} l", weight)

    def upright(self, x: float, top: float, bottom: float) -> None:
        """Draw a line from top to bottom."""
        self._stroke(f"{_xy(x, top)} m {_xy(x, bottom)} l", LINE)

    def dots(self, y: float, left: float, right: float) -> None:
        """Draw the line on which a hand fills in what is not known."""
        self.operators.append("[0.25 0.9] 0 d")
        self.rule(y, left, right)
        self.operators.append("[] 0 d")

    def box(
        self, at: tuple[float, float], size: tuple[float, float], weight: float = LINE
    ) -> None:
        """Draw a frame whose upper left corner is at ``at``."""
        wide, high = size
        corner = _xy(at[0], at[1] + high)
        self._stroke(f"{corner} {number(wide)} {number(high)} re", weight)

    def symbol(
        self, dark: NDArray[np.bool_], at: tuple[float, float], module: float
    ) -> None:
        """Draw a QR symbol without its border, upper left corner at ``at``."""
        # Six digits: a rounded module would be off by a printer's dot at the far side.
        scale = f"{module:.6f}"
        cells = " ".join(
            f"{start} {-1 - row} {length} 1 re" for row, start, length in runs(dark)
        )
        self.operators.append(f"q 0 g {scale} 0 0 {scale} {_xy(*at)} cm {cells} f Q")

    def _stroke(self, path: str, weight: float) -> None:
        self.operators.append(f"0 G {number(weight)} w {path} S")


class Document:
    """Pages of one paper; the same drawing gives the same bytes."""

    def __init__(self, title: str) -> None:
        register()
        self._buffer = io.BytesIO()
        # Invariant: no time and no random number in the file, so that its SHA-256
        # can stand in a ledger.
        self._canvas = Canvas(
            self._buffer,
            pagesize=(WIDTH * mm, HEIGHT * mm),
            pageCompression=1,
            invariant=1,
        )
        self._canvas.setTitle(title)
        self._pen = Pen(self._canvas)
        self.pages: list[Page] = []

    def page(self) -> Page:
        """A new page after the others."""
        self.pages.append(Page(self._pen))
        return self.pages[-1]

    def pdf(self) -> bytes:
        """The whole paper; nothing can be drawn on it after that."""
        for page in self.pages:
            scale = f"{mm:.6f}"
            drawn = "\n".join(page.operators)
            self._canvas.addLiteral(f"{scale} 0 0 {scale} 0 0 cm\n{drawn}")
            self._canvas.showPage()
        self._canvas.save()
        return self._buffer.getvalue()


def wrapped(text: str, width: float, style: Style, most: int) -> list[str]:
    """The text in lines of this width, at most so many; the last holds the rest.

    Breaks at blanks, and within a word that is longer than a line.
    """
    rest = printable(text, style.face)
    lines: list[str] = []
    while rest and len(lines) < most - 1:
        fits = _fitting(rest, width, style)
        if fits == len(rest):
            break
        at = rest.rfind(" ", 1, fits + 1)
        at = at if at > 0 else max(1, fits)
        lines.append(rest[:at])
        rest = rest[at:].lstrip()
    return [*lines, rest] if rest else lines


def _fitting(text: str, width: float, style: Style) -> int:
    """How many characters of the text's start are no wider than this."""
    used = 0.0
    for count, character in enumerate(text):
        used += pdfmetrics.stringWidth(character, style.face, style.size)
        if used > width:
            return count
    return len(text)


def _xy(x: float, y: float) -> str:
    return f"{number(x)} {number(HEIGHT - y)}"
