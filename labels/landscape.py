"""Labels that lie: the QR symbol on the left, as high as the label, words beside it.

For die-cut sheets and small thermal labels. From the top of the words: kind of
election, polling station, where it goes, the number that a person types, what it is.
The symbol's own white border keeps what must be read away from the cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.geometry import EDGE_MM
from labels.label_errors import LabelError, LabelFault
from labels.pdf_operators import framed_bar, number
from labels.typeface import BOLD, CAP_HEIGHT, SANS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from labels.artwork import Artwork, Bar
    from labels.geometry import Layout
    from labels.pdf_operators import Pen

_NOTE_MM = 3.2
_ONE_LINE_MM = 36.0
"""From this width on the whole number stands in one line."""
_SMALLEST_MM = 1.7
"""Type size; its capitals are 1.2 mm high, ten dots of a 203 dpi printer."""
_SMALLEST_MARK_MM = 1.5
_BAR = 17.5
"""Of the column's height, for the kind of election."""


@dataclass(frozen=True, slots=True)
class _Column:
    """The words' column; heights count down from its top in hundredths of it."""

    left: float
    width: float
    top: float
    high: float

    def y(self, percent: float) -> float:
        return self.top - self.high * percent / 100

    def size(self, percent: float) -> float:
        """The type size whose capitals are this high."""
        return self.high * percent / 100 / CAP_HEIGHT

    def fitted(self, pen: Pen, text: str, face: str, row: tuple[float, float]) -> str:
        """A line in a row (its capitals' height, its baseline)."""
        high, baseline = row
        line = pen.fit(text, face, self.width, (self.size(high), _SMALLEST_MM))
        return pen.write(line, self.left, self.y(baseline))


def words(layout: Layout, artwork: Artwork, bar: Bar, pen: Pen) -> Iterator[str]:
    """The operators of everything but the symbol."""
    width, height = layout.width_mm, layout.height_mm
    noted = _NOTE_MM if artwork.note else 0.0
    column = _Column(
        layout.words_left_mm,
        layout.words_mm - noted,
        height - EDGE_MM,
        height - 2 * EDGE_MM,
    )
    yield from _head(column, artwork, bar, pen)
    yield from _thing(column, artwork, pen)
    yield from _places(column, artwork, pen)
    yield from _number(column, artwork, pen)
    small = f"{artwork.thing} · Cetakan {artwork.issue} · {artwork.regency}"
    if column.width < _ONE_LINE_MM:
        small = f"{artwork.thing} · Cet. {artwork.issue}"
    yield column.fitted(pen, small, SANS, (5.6, 99))
    if artwork.note:
        note = pen.fit(artwork.note, BOLD, column.high, (2.6, _SMALLEST_MM))
        written = pen.write(note, -note.width / 2, 0)
        x = width - EDGE_MM
        yield f"q 0 1 -1 0 {number(x)} {number(height / 2)} cm {written} Q"


def _head(column: _Column, artwork: Artwork, bar: Bar, pen: Pen) -> Iterator[str]:
    """The bar with the kind's name, and what tells a second vote from the first.

    Raises:
        LabelError: that mark does not fit; cut short it could be another's.
    """
    high = column.high * _BAR / 100
    yield framed_bar(bar, (column.left, column.y(_BAR), column.width, high), 0.25)
    texts = [(artwork.ballot or artwork.thing, _SMALLEST_MM)]
    if artwork.mark:
        texts.append((artwork.mark, _SMALLEST_MARK_MM))
    row = high / len(texts)
    for above, (text, smallest) in enumerate(texts, start=1):
        name = pen.fit(text, BOLD, column.width - 2, (row, smallest))
        if above > 1 and name.text != text:
            expected = f"label_mm with room for {text} beside the QR"
            raise LabelError(LabelFault.MEASURE, expected, f"{column.width:.1f} mm")
        baseline = column.top - above * row + (row - CAP_HEIGHT * name.size) / 2
        yield pen.write(name, column.left + (column.width - name.width) / 2, baseline)
    yield "0 g"


def _thing(column: _Column, artwork: Artwork, pen: Pen) -> Iterator[str]:
    """The polling station, large; what has none says what it is."""
    if not artwork.tps.strip():
        yield column.fitted(pen, artwork.thing, BOLD, (16, 38.5))
        return
    caption = pen.fit("TPS", SANS, column.width / 3, (column.size(11), _SMALLEST_MM))
    yield pen.write(caption, column.left, column.y(38.5))
    indent = caption.width + 1
    sizes = (column.size(16.5), _SMALLEST_MM)
    name = pen.fit(artwork.tps, BOLD, column.width - indent, sizes)
    yield pen.write(name, column.left + indent, column.y(38.5))


def _places(column: _Column, artwork: Artwork, pen: Pen) -> Iterator[str]:
    """Where it goes; without its caption a sub-district would read as a village."""
    if artwork.kelurahan.strip():
        yield column.fitted(pen, artwork.kelurahan, BOLD, (8.2, 50.5))
    if artwork.kecamatan.strip():
        row = (8.2, 62.0 if artwork.kelurahan.strip() else 52.0)
        yield column.fitted(pen, f"Kec. {artwork.kecamatan}", SANS, row)


def _number(column: _Column, artwork: Artwork, pen: Pen) -> Iterator[str]:
    """The number that a person types, in one line or, where that is small, in two."""
    hri = artwork.code.item.as_hri()
    if column.width >= _ONE_LINE_MM:
        yield column.fitted(pen, hri, BOLD, (13.5, 84.5))
        return
    half = len(hri) // 2
    yield column.fitted(pen, hri[:half], BOLD, (9.2, 75.5))
    yield column.fitted(pen, hri[half:], BOLD, (9.2, 88))
