"""The two embedded typefaces, and text that always fits and always prints.

Names of places come from other people's tables: too long, in any script, with
characters that no font has. Here they become something that can be drawn.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

SANS = "JejakSans"
BOLD = "JejakSansBold"
CAP_HEIGHT = 0.729
"""Height of DejaVu's capitals and figures in units of the type size."""
MISSING = "\N{REPLACEMENT CHARACTER}"
"""Stands, visibly, for a character that the typeface cannot draw."""
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_FILES = {SANS: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf"}


def register() -> None:
    """Make both typefaces known to reportlab, and its streams plain binary.

    reportlab keeps both per process; ASCII85 made files a quarter larger and cost a
    sixth of the time.
    """
    rl_config.useA85 = 0
    for name, file in _FILES.items():
        if name not in pdfmetrics.getRegisteredFontNames():
            path = Path(__file__).with_name("fonts") / file
            # No text shaping even where its library happens to be installed:
            # the same request must give the same bytes everywhere.
            pdfmetrics.registerFont(TTFont(name, str(path), shapable=False))


def printable(text: str, face: str) -> str:
    """The text as this typeface can draw it, on one line.

    Blanks and line ends run together; what the typeface lacks, and what would
    steer the drawing (direction marks, control characters), becomes
    ``MISSING``. Letters stand in the order in which they are stored.
    """
    glyphs = cast("TTFont", pdfmetrics.getFont(face)).face.charToGlyph
    line = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(
        character
        if ord(character) in glyphs and unicodedata.category(character)[0] != "C"
        else MISSING
        for character in line
    )


@dataclass(frozen=True, slots=True)
class FittedLine:
    """A line of text that fits where it was fitted."""

    text: str
    face: str
    size: float
    """Type size, in the unit of the width it was fitted to."""
    width: float


def fit(text: str, face: str, width: float, sizes: tuple[float, float]) -> FittedLine:
    """The text at the largest size that fits, then cut with an ellipsis.

    ``sizes`` are the largest and the smallest type size, in the unit of
    ``width``; the text is made ``printable`` first.
    """
    text = printable(text, face)
    largest, smallest = sizes
    natural = pdfmetrics.stringWidth(text, face, 1)
    if natural * smallest <= width:
        size = min(largest, width / natural) if natural else largest
        return FittedLine(text, face, size, natural * size)
    while text and pdfmetrics.stringWidth(text + ELLIPSIS, face, smallest) > width:
        text = text[:-1].rstrip()
    text += ELLIPSIS
    return FittedLine(
        text, face, smallest, pdfmetrics.stringWidth(text, face, smallest)
    )
