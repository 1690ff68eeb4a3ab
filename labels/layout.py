"""Where everything stands on a label of a given size, in millimetres.

Upright labels (a quarter of A4, 100 x 150 mm) are drawn on 105 x 148 mm and scaled:
from the top the kind of election (name in its colour, never colour alone), the QR
symbol, the number that a person types, what it is and where it goes. Labels that lie
(``lying``) have the symbol on the left, as high as the label, and the words beside it.

Words on paper are Indonesian. Office printers leave 4-5 mm of the sheet blank, so
nothing that must be read lies nearer to an upright label's edge than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels import landscape
from labels.artwork import BARS, PLAIN
from labels.geometry import (
    MARGIN_MM,
    MODULE_MM,
    MODULES,
    QUIET_MODULES,
    SYMBOL_MM,
    WIDTH_MM,
)
from labels.pdf_operators import framed_bar, number, symbol
from labels.typeface import BOLD, CAP_HEIGHT, SANS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from labels.artwork import Artwork, Bar
    from labels.geometry import Layout
    from labels.pdf_operators import Pen

_MARGIN_MM = MARGIN_MM[0]
_INNER_MM = WIDTH_MM - 2 * _MARGIN_MM


def draw(layout: Layout, artwork: Artwork, pen: Pen) -> str:
    """The operators of a label whose lower left corner is the origin.

    They cover the label and nothing beside it.
    """
    bar = BARS.get(artwork.bar, PLAIN) if not layout.dots else PLAIN
    spot = layout.spot
    parts = [
        f"q 0 0 {number(layout.width_mm)} {number(layout.height_mm)} re W n",
        symbol(str(artwork.code), spot.left_mm, spot.bottom_mm, spot.module_mm),
    ]
    if layout.lies:
        parts += landscape.words(layout, artwork, bar, pen)
    else:
        x, y = layout.corner_mm
        scale = f"{layout.scale:.6f}"
        parts.append(f"{scale} 0 0 {scale} {number(x)} {number(y)} cm")
        parts += _upright(artwork, bar, pen)
    return "\n".join([*parts, "Q"])


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
    words = " ".join(filter(None, (artwork.ballot or artwork.thing, artwork.mark)))
    name = pen.fit(words, BOLD, _INNER_MM - 5, (13, 4))
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
    middle = SYMBOL_MM + MODULES * MODULE_MM / 2
    for x, turn in ((_MARGIN_MM + 3.4, "0 1 -1 0"), (WIDTH_MM - 8.9, "0 -1 1 0")):
        written = pen.write(note, -note.width / 2, 0)
        yield f"q {turn} {number(x)} {number(middle)} cm {written} Q"
