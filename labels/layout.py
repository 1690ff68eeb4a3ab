"""Where everything stands on a label of a given size, in millimetres.

Upright labels (a quarter of A4, 100 x 150 mm) are drawn on 105 x 148 mm and scaled:
from the top the kind of election (name in its colour, never colour alone), the QR
symbol, the number that a person types, what it is and where it goes. Labels that lie
(``lying``) have the symbol on the left, as high as the label, and the words beside it.

Words on paper are Indonesian. Office printers leave 4-5 mm of the sheet blank, so
nothing that must be read lies nearer to an upright label's edge than that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels import lying
from labels.artwork import BARS, PLAIN
from labels.pen import framed_bar, number, symbol
from labels.symbol import MODULES, QUIET_MODULES
from labels.typeface import BOLD, CAP_HEIGHT, SANS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from labels.artwork import Artwork, Bar
    from labels.pen import Pen

WIDTH_MM, HEIGHT_MM = 105.0, 148.0
MODULE_MM = 2.5
"""20 dots at 203 dpi. The symbol's side is 62.5 mm, with its border 82.5 mm."""
DOT_MM = 0.125
"""One dot of a 203 dpi label printer, which has 8 a millimetre."""
_MARGIN_MM = 5.5
_INNER_MM = WIDTH_MM - 2 * _MARGIN_MM
_SYMBOL_MM = 57.2
"""The symbol's lower edge; its border reaches from the bar to the number."""
_LIES = 1.2
"""A label this much wider than high has its words beside the symbol."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the QR symbol stands on a label, without its border."""

    left_mm: float
    bottom_mm: float
    module_mm: float

    @property
    def side_mm(self) -> float:
        """The symbol's side without its border."""
        return MODULES * self.module_mm


@dataclass(frozen=True, slots=True)
class Layout:
    """A label's size, and how it is printed."""

    width_mm: float
    height_mm: float
    dots: bool = False
    """True for a label printer: one colour, and modules of whole 203 dpi dots."""

    @property
    def lies(self) -> bool:
        """True when the words stand beside the symbol."""
        return self.width_mm > _LIES * self.height_mm

    @property
    def spot(self) -> Spot:
        """Where the symbol stands, from the label's lower left corner."""
        size = (self.width_mm, self.height_mm)
        if self.lies:
            box = lying.symbol_box_mm(size)
            module = self._whole_dots(box / (MODULES + 2 * QUIET_MODULES))
            side = MODULES * module
            return Spot((box - side) / 2, (self.height_mm - side) / 2, module)
        scale = self._scale
        module = self._whole_dots(MODULE_MM * scale)
        side = MODULES * module
        middle = (_SYMBOL_MM + MODULES * MODULE_MM / 2) * scale + self._corner[1]
        return Spot((self.width_mm - side) / 2, middle - side / 2, module)

    def draw(self, artwork: Artwork, pen: Pen) -> str:
        """The operators of a label whose lower left corner is the origin.

        They cover the label and nothing beside it.
        """
        bar = BARS.get(artwork.bar, PLAIN) if not self.dots else PLAIN
        spot = self.spot
        parts = [
            f"q 0 0 {number(self.width_mm)} {number(self.height_mm)} re W n",
            symbol(str(artwork.code), spot.left_mm, spot.bottom_mm, spot.module_mm),
        ]
        if self.lies:
            parts += lying.words((self.width_mm, self.height_mm), artwork, bar, pen)
        else:
            x, y = self._corner
            scale = f"{self._scale:.6f}"
            parts.append(f"{scale} 0 0 {scale} {number(x)} {number(y)} cm")
            parts += _upright(artwork, bar, pen)
        return "\n".join([*parts, "Q"])

    def _whole_dots(self, module_mm: float) -> float:
        if not self.dots:
            return module_mm
        # A hair more, so that 9.0 dots that came out as 8.9999 stay nine.
        return int(module_mm / DOT_MM + 1e-6) * DOT_MM

    @property
    def _scale(self) -> float:
        """The largest scale at which the upright drawing fits."""
        return min(self.width_mm / WIDTH_MM, self.height_mm / HEIGHT_MM)

    @property
    def _corner(self) -> tuple[float, float]:
        """The lower left corner of the upright drawing, which stands in the middle."""
        scale = self._scale
        return (
            (self.width_mm - WIDTH_MM * scale) / 2,
            (self.height_mm - HEIGHT_MM * scale) / 2,
        )


def _upright(artwork: Artwork, bar: Bar, pen: Pen) -> Iterator[str]:
    yield from _head(artwork, bar, pen)
    hri = pen.fit(artwork.code.item.as_hri(), BOLD, _INNER_MM, (10.5, 4))
    yield pen.write(hri, WIDTH_MM / 2 - hri.width / 2, 39.2)
    yield from _thing(artwork, pen)
    slots = [(8.1, 14.8, _INNER_MM), (8.1, 6.2, _INNER_MM)]
    if len(artwork.places) == 1:
        slots = [(13.0, 8.5, _INNER_MM)]
    for (caption, name), slot in zip(artwork.places, slots, strict=False):
        yield from _captioned(pen, caption, name, slot)
    if artwork.note:
        yield from _note(artwork.note, pen)


def _head(artwork: Artwork, bar: Bar, pen: Pen) -> Iterator[str]:
    """The bar with the kind's name."""
    yield framed_bar(bar, (_MARGIN_MM, 130.1, _INNER_MM, 13), 0.35)
    name = pen.fit(artwork.ballot or artwork.thing, BOLD, _INNER_MM - 5, (13, 4))
    baseline = 130.1 + (13 - CAP_HEIGHT * name.size) / 2
    yield pen.write(name, WIDTH_MM / 2 - name.width / 2, baseline)
    yield "0 g"


def _thing(artwork: Artwork, pen: Pen) -> Iterator[str]:
    """The polling station, large, and what the label is stuck on."""
    small = [artwork.thing, artwork.regency, f"Cetakan {artwork.issue}"]
    if artwork.tps.strip():
        yield from _captioned(pen, "TPS", artwork.tps, (17.8, 23.4, 55))
    else:
        large = pen.fit(small.pop(0), BOLD, 55, (17.8, 4))
        yield pen.write(large, _MARGIN_MM, 23.4)
    slots = ((SANS, 3.6, 23.4), (SANS, 3.6, 27.9), (BOLD, 5.2, 32.6))
    for text, (face, size, baseline) in zip(reversed(small), slots, strict=False):
        line = pen.fit(text, face, _INNER_MM - 58, (size, 2.5))
        yield pen.write(line, WIDTH_MM - _MARGIN_MM - line.width, baseline)


def _captioned(
    pen: Pen, caption: str, name: str, slot: tuple[float, float, float]
) -> Iterator[str]:
    """A small caption and a name after it, in a slot of size, baseline and width."""
    size, baseline, width = slot
    small = pen.fit(caption, SANS, width / 2, (min(size * 0.6, 6), 3))
    yield pen.write(small, _MARGIN_MM, baseline)
    indent = small.width + 2
    large = pen.fit(name, BOLD, width - indent, (size, 4))
    yield pen.write(large, _MARGIN_MM + indent, baseline)


def _note(text: str, pen: Pen) -> Iterator[str]:
    """The note upright along both sides, outside the symbol's border."""
    border = (MODULES + 2 * QUIET_MODULES) * MODULE_MM
    note = pen.fit(text, BOLD, border - 4, (4.2, 2))
    middle = _SYMBOL_MM + MODULES * MODULE_MM / 2
    for x, turn in ((_MARGIN_MM + 3.4, "0 1 -1 0"), (WIDTH_MM - 8.9, "0 -1 1 0")):
        written = pen.write(note, -note.width / 2, 0)
        yield f"q {turn} {number(x)} {number(middle)} cm {written} Q"
