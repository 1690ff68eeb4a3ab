"""One label drawn in millimetres.

Laid out on 105 x 148 mm (a quarter of A4) and scaled to other sizes. From the
top: the kind of election (name in its colour, never colour alone), what the
label is stuck on, the QR symbol, the number that a person types, the place it
goes to. Words on paper are Indonesian. Printers leave 4-5 mm of the sheet
blank, so nothing that must be read lies nearer to the label's edge than that.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm

from labels.code import ItemKind
from labels.fault import Fault, LabelError, shown
from labels.symbol import MODULES, QUIET_MODULES, matrix
from labels.typeface import BOLD, CAP_HEIGHT, SANS, Line, fit

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from reportlab.pdfgen.canvas import Canvas

    from labels.code import LabelCode

WIDTH_MM, HEIGHT_MM = 105.0, 148.0
MODULE_MM = 2.5
"""20 dots at 203 dpi. The symbol's side is 62.5 mm, with its border 82.5 mm."""
_MARGIN_MM = 5.5
_INNER_MM = WIDTH_MM - 2 * _MARGIN_MM
_SYMBOL_MM = 57.2
"""The symbol's lower edge; its border reaches from the bar to the number."""
_INK, _PAPER = "#000000", "#FFFFFF"


@dataclass(frozen=True, slots=True)
class Bar:
    """The colour of a kind of election, and of the words upon it."""

    colour: str
    ink: str


BARS = MappingProxyType(
    {
        "PPWP": Bar("#9AA3AE", _INK),
        "DPR": Bar("#FFD60A", _INK),
        "DPD": Bar("#D4002A", _PAPER),
        "DPRD_PROV": Bar("#0067C0", _PAPER),
        "DPRD_KOTA": Bar("#2E9E4F", _INK),
    }
)
"""The colours of the ballot papers, by the kinds' names in the program."""

KIND_WORDS = MappingProxyType(
    {
        ItemKind.BOX: "Kotak suara",
        ItemKind.BUNDLE: "Ikat surat suara",
        ItemKind.CARTON: "Dus surat suara",
        ItemKind.ENVELOPE: "Sampul",
        ItemKind.CONTAINER: "Wadah angkut",
        ItemKind.SEAL: "Segel",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artwork:
    """What one label shows; any text may be long, foreign or empty."""

    code: LabelCode
    issue: int
    """Counts from 1; a reprint shows its number."""
    regency: str
    """The kab/kota's name: ``Kota Bengkulu``."""
    kecamatan: str = ""
    kelurahan: str = ""
    tps: str = ""
    """The polling station's number as written: ``003``."""
    ballot: str = ""
    """The kind of election in words: ``DPRD Kota``."""
    bar: str = ""
    """Key of ``BARS``; a colour needs ``ballot`` beside it."""
    note: str = ""
    """Stands along both sides of the symbol: ``DATA REKAAN``."""

    def __post_init__(self) -> None:
        if self.bar and self.bar not in BARS:
            raise LabelError(Fault.BAR, f"one of {', '.join(BARS)}", shown(self.bar))
        if self.bar and not self.ballot.strip():
            raise LabelError(Fault.BAR, "words beside the colour", "colour alone")

    def draw(self, canvas: Canvas) -> None:
        """Draw the label with its lower left corner at the canvas's origin.

        Covers 105 x 148 mm and nothing beside it; the typefaces are registered
        and the canvas's state is left as it was.
        """
        canvas.saveState()
        edge = canvas.beginPath()
        edge.rect(0, 0, WIDTH_MM * mm, HEIGHT_MM * mm)
        canvas.clipPath(edge, stroke=0, fill=0)
        canvas.scale(mm, mm)
        self._draw_head(canvas)
        self._draw_symbol(canvas)
        self._draw_thing(canvas)
        self._draw_place(canvas)
        if self.note:
            self._draw_note(canvas)
        canvas.restoreState()

    def _draw_head(self, canvas: Canvas) -> None:
        """The bar with the kind's name."""
        bar = BARS.get(self.bar, Bar(_PAPER, _INK))
        canvas.setFillColor(HexColor(bar.colour))
        canvas.setStrokeColor(HexColor(_INK))
        canvas.setLineWidth(0.35)
        canvas.rect(_MARGIN_MM, 130.1, _INNER_MM, 13, stroke=1, fill=1)
        name = fit(self.ballot or self._thing, BOLD, _INNER_MM - 5, (13, 4))
        baseline = 130.1 + (13 - CAP_HEIGHT * name.size) / 2
        canvas.setFillColor(HexColor(bar.ink))
        _write(canvas, name, WIDTH_MM / 2 - name.width / 2, baseline)
        canvas.setFillColor(HexColor(_INK))

    def _draw_symbol(self, canvas: Canvas) -> None:
        """The QR symbol, and under it the number that a person types."""
        left = (WIDTH_MM - MODULES * MODULE_MM) / 2
        runs = _rectangles(matrix(str(self.code)))
        # One string for the whole symbol is three times as fast as a path object.
        canvas.addLiteral(
            f"q 0 g {MODULE_MM} 0 0 {MODULE_MM} {left} {_SYMBOL_MM} cm {runs} f Q"
        )
        number = fit(self.code.item.as_hri(), BOLD, _INNER_MM, (10.5, 4))
        _write(canvas, number, WIDTH_MM / 2 - number.width / 2, 39.2)

    def _draw_thing(self, canvas: Canvas) -> None:
        """The polling station, large, and what the label is stuck on."""
        small = [self._thing, self.regency, f"Cetakan {self.issue}"]
        if self.tps.strip():
            _write_place(canvas, "TPS", self.tps, (17.8, 23.4, 55))
        else:
            large = fit(small.pop(0), BOLD, 55, (17.8, 4))
            _write(canvas, large, _MARGIN_MM, 23.4)
        slots = ((SANS, 3.6, 23.4), (SANS, 3.6, 27.9), (BOLD, 5.2, 32.6))
        for text, (face, size, baseline) in zip(reversed(small), slots, strict=False):
            line = fit(text, face, _INNER_MM - 58, (size, 2.5))
            _write(canvas, line, WIDTH_MM - _MARGIN_MM - line.width, baseline)

    def _draw_place(self, canvas: Canvas) -> None:
        """Where it goes: village and sub-district, or one of them larger."""
        places = (("Kel./Desa", self.kelurahan), ("Kec.", self.kecamatan))
        known = [(caption, name) for caption, name in places if name.strip()]
        slots = [(8.1, 14.8, _INNER_MM), (8.1, 6.2, _INNER_MM)]
        if len(known) == 1:
            slots = [(13.0, 8.5, _INNER_MM)]
        for (caption, name), slot in zip(known, slots, strict=False):
            _write_place(canvas, caption, name, slot)

    @property
    def _thing(self) -> str:
        return KIND_WORDS[self.code.item.kind]

    def _draw_note(self, canvas: Canvas) -> None:
        """The note upright along both sides, outside the symbol's border."""
        border = (MODULES + 2 * QUIET_MODULES) * MODULE_MM
        note = fit(self.note, BOLD, border - 4, (4.2, 2))
        middle = _SYMBOL_MM + MODULES * MODULE_MM / 2
        for x, turn in ((_MARGIN_MM + 3.4, 90), (WIDTH_MM - _MARGIN_MM - 3.4, -90)):
            canvas.saveState()
            canvas.translate(x, middle)
            canvas.rotate(turn)
            _write(canvas, note, -note.width / 2, 0)
            canvas.restoreState()


def _write(canvas: Canvas, line: Line, x: float, y: float) -> None:
    canvas.setFont(line.face, line.size)
    canvas.drawString(x, y, line.text)


def _write_place(
    canvas: Canvas, caption: str, name: str, slot: tuple[float, float, float]
) -> None:
    """A small caption and a name after it, in a slot of size, baseline and width."""
    size, baseline, width = slot
    small = fit(caption, SANS, width / 2, (min(size * 0.6, 6), 3))
    _write(canvas, small, _MARGIN_MM, baseline)
    indent = small.width + 2
    large = fit(name, BOLD, width - indent, (size, 4))
    _write(canvas, large, _MARGIN_MM + indent, baseline)


def _rectangles(dark: NDArray[np.bool_]) -> str:
    """A rectangle per run of dark modules, in PDF operators.

    The unit is the module; the origin is the symbol's lower left corner.
    """
    padded = np.pad(dark, ((0, 0), (1, 1))).astype(np.int8)
    step = np.diff(padded, axis=1)
    rows, starts = np.nonzero(step == 1)
    ends = np.nonzero(step == -1)[1]
    runs = zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)
    return " ".join(
        f"{start} {MODULES - 1 - row} {end - start} 1 re" for row, start, end in runs
    )
