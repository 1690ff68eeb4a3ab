"""How large everything on a label of a given size is, in millimetres.

Knows no paper product and draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

MODULES = 25
"""Modules along one side: QR version 2."""
QUIET_MODULES = 4
"""The white border that ISO/IEC 18004 asks for on every side."""
BORDERED = MODULES + 2 * QUIET_MODULES

WIDTH_MM, HEIGHT_MM = 105.0, 148.0
"""The upright drawing; other upright labels are scaled from it."""
MODULE_MM = 2.5
"""20 dots at 203 dpi. The symbol's side is 62.5 mm, with its border 82.5 mm."""
SYMBOL_MM = 57.2
"""The symbol's lower edge on the upright drawing: between bar and number."""
DOT_MM = 0.125
"""One dot of a 203 dpi label printer, which has 8 a millimetre."""
EDGE_MM = 1.8
"""Kept free on labels that lie: a sheet is a millimetre off in its printer."""
MARGIN_MM = 5.5, 4.4
"""Kept free on the upright drawing at its sides, and above and below."""
LEAST_WORDS_MM = 16.0
"""The narrowest column in which a number and the names can be read."""
_LINE_MM = 0.3
_LIES = 1.2
"""A label this much wider than high has its words beside the symbol."""
_SHARE = 0.62
"""Of a lying label's width, at most, for the symbol with its border."""


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
    def symbol_box_mm(self) -> float:
        """The side of the symbol with its border on a label that lies."""
        return min(self.height_mm, _SHARE * self.width_mm)

    @property
    def words_mm(self) -> float:
        """The width that is left for words on a label that lies."""
        return self.width_mm - self.words_left_mm - EDGE_MM

    @property
    def words_left_mm(self) -> float:
        """Where they begin on a label that lies: no line's half enters the border."""
        return self.symbol_box_mm + _LINE_MM

    @property
    def spot(self) -> Spot:
        """Where the symbol stands, from the label's lower left corner."""
        if self.lies:
            box = self.symbol_box_mm
            module = self._whole_dots(box / BORDERED)
            side = MODULES * module
            return Spot((box - side) / 2, (self.height_mm - side) / 2, module)
        scale = self.scale
        module = self._whole_dots(MODULE_MM * scale)
        side = MODULES * module
        middle = (SYMBOL_MM + MODULES * MODULE_MM / 2) * scale + self.corner_mm[1]
        return Spot((self.width_mm - side) / 2, middle - side / 2, module)

    def _whole_dots(self, module_mm: float) -> float:
        if not self.dots:
            return module_mm
        # A hair more, so that 9.0 dots that came out as 8.9999 stay nine.
        return int(module_mm / DOT_MM + 1e-6) * DOT_MM

    @property
    def scale(self) -> float:
        """The largest scale at which the upright drawing fits."""
        return min(self.width_mm / WIDTH_MM, self.height_mm / HEIGHT_MM)

    @property
    def corner_mm(self) -> tuple[float, float]:
        """The lower left corner of the upright drawing, which stands in the middle."""
        scale = self.scale
        return (
            (self.width_mm - WIDTH_MM * scale) / 2,
            (self.height_mm - HEIGHT_MM * scale) / 2,
        )

    @property
    def inset_mm(self) -> tuple[float, float]:
        """From the label's edges to what must be read: at its sides, above and below.

        The symbol's own white border is not counted: reading back guards that.
        """
        if self.lies:
            return EDGE_MM - _LINE_MM / 2, EDGE_MM - _LINE_MM / 2
        x, y = (
            corner + (margin - _LINE_MM / 2) * self.scale
            for corner, margin in zip(self.corner_mm, MARGIN_MM, strict=True)
        )
        return x, y
