"""The test page: where the labels lie, and rulers that show what a printer does.

Laid over a sheet of labels and held to the light, it tells the offset to give; the
100 mm bars tell whether the page was printed at 100 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels.pdf_operators import number
from labels.typeface import BOLD, SANS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from labels.pdf_operators import Pen
    from labels.stocks import Stock

_BAR_MM = 100.0
_SHORT, _MIDDLE, _LONG = 1.2, 2.0, 3.0


def ruled(stock: Stock, pen: Pen) -> Iterator[str]:
    """The operators of the test page; the unit is the millimetre."""
    yield "0 G 0 g 0.1 w"
    width, height = stock.label_mm
    for position in range(stock.per_page):
        x, y = stock.corner_mm(position)
        sides = " ".join(map(number, (x, y, width, height)))
        yield f"{sides} re S"
        spot = stock.layout.spot
        corner = " ".join(map(number, (x + spot.left_mm, y + spot.bottom_mm)))
        yield f"0.85 g {corner} {number(spot.side_mm)} {number(spot.side_mm)} re f 0 g"
        high = min(8, height / 5)
        name = pen.fit(str(position + 1), BOLD, width / 3, (high, 2))
        yield pen.write(name, x + width - name.width - 2, y + height - high - 1)
    yield from _edges(stock)
    yield from _told(stock, pen)


def _edges(stock: Stock) -> Iterator[str]:
    """A tick for each millimetre along the left and the lower edge of the page."""
    width, height = stock.page_mm
    below = " ".join(f"{at} 0 m {at} {_length(at)} l" for at in range(1, int(width)))
    left = " ".join(f"0 {at} m {_length(at)} {at} l" for at in range(1, int(height)))
    yield f"0.1 w {below} {left} S"


def _length(at: int) -> float:
    """How long a ruler's tick is, a little more than what printers leave blank."""
    blank = 4.0
    return blank + (_LONG if at % 10 == 0 else _MIDDLE if at % 5 == 0 else _SHORT)


def _told(stock: Stock, pen: Pen) -> Iterator[str]:
    """What to measure, in the middle of the first label."""
    x, y = stock.corner_mm(0)
    width, height = stock.label_mm
    bar = min(_BAR_MM, 10 * int((width - 12) / 10))
    left = x + (width - bar) / 2
    low = y + height * 0.55
    yield f"0.3 w {number(left)} {number(low)} {number(bar)} 0.001 re S"
    for end in (left, left + bar):
        yield f"{number(end)} {number(low - 2)} m {number(end)} {number(low + 2)} l S"
    lines = (
        (BOLD, f"{bar:g} mm"),
        (SANS, stock.name),
        (SANS, "Cetak 100 %. Ukur garis ini."),
    )
    size = min(4.0, height / 11)
    for row, (face, text) in enumerate(lines):
        line = pen.fit(text, face, width - 12, (size, 1.7))
        down = low - 1.4 * size * (row + 1)
        yield pen.write(line, x + (width - line.width) / 2, down)
