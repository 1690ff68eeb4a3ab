"""Sheets of labels as PDF. Knows what a sheet is cut into, not what a label shows."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from labels.artwork import HEIGHT_MM, WIDTH_MM
from labels.fault import Fault, LabelError
from labels.typeface import register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from labels.artwork import Artwork

_SMALLEST_SCALE = 0.2
"""Keeps a module at 0.5 mm: four dots of a 203 dpi printer."""
_ROUNDING_MM = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """A sheet and the labels on it, all in mm; valid once made."""

    name: str
    page_mm: tuple[float, float]
    """Width and height."""
    label_mm: tuple[float, float]
    """Width and height."""
    columns: int
    rows: int
    left_mm: float = 0.0
    """From the page's left edge to the first label."""
    top_mm: float = 0.0
    """From the page's top edge to the first label."""
    column_gap_mm: float = 0.0
    row_gap_mm: float = 0.0
    cut_marks: bool = True
    """False for stock that is cut already."""

    def __post_init__(self) -> None:
        for name, count in (("columns", self.columns), ("rows", self.rows)):
            if count < 1:
                raise LabelError(Fault.MEASURE, f"1 or more {name}", str(count))
        for name in ("left_mm", "top_mm", "column_gap_mm", "row_gap_mm"):
            measure = getattr(self, name)
            # Written so that "not a number" fails too.
            if not measure >= 0:
                raise LabelError(Fault.MEASURE, f"{name} of 0 or more", str(measure))
        width, height = WIDTH_MM * _SMALLEST_SCALE, HEIGHT_MM * _SMALLEST_SCALE
        if not (self.label_mm[0] >= width and self.label_mm[1] >= height):
            expected = f"label_mm of at least {width:g} x {height:g} mm"
            got = "{:g} x {:g} mm".format(*self.label_mm)
            raise LabelError(Fault.MEASURE, expected, got)
        self._fits("width", 0, self.columns, (self.left_mm, self.column_gap_mm))
        self._fits("height", 1, self.rows, (self.top_mm, self.row_gap_mm))

    def _fits(
        self, name: str, axis: int, count: int, space: tuple[float, float]
    ) -> None:
        """Refuse labels that leave the page.

        Raises:
            LabelError: Margin, labels and gaps are more than the page.
        """
        margin, gap = space
        taken = margin + count * self.label_mm[axis] + (count - 1) * gap
        page = self.page_mm[axis]
        if not taken <= page + _ROUNDING_MM:
            expected = f"labels within the page {name} of {page:g} mm"
            raise LabelError(Fault.MEASURE, expected, f"{taken:g} mm")

    @property
    def per_page(self) -> int:
        """How many labels a page holds."""
        return self.columns * self.rows

    @property
    def scale(self) -> float:
        """The largest scale at which the artwork fits a label."""
        return min(self.label_mm[0] / WIDTH_MM, self.label_mm[1] / HEIGHT_MM)

    def corner_mm(self, position: int) -> tuple[float, float]:
        """The lower left corner of a label, from the page's lower left corner.

        Positions count from 0 at the top left, along the rows.
        """
        row, column = divmod(position, self.columns)
        x = self.left_mm + column * (self.label_mm[0] + self.column_gap_mm)
        y = self.top_mm + row * (self.label_mm[1] + self.row_gap_mm)
        return x, self.page_mm[1] - y - self.label_mm[1]


A4_4 = Stock(
    name="A4, 4 label 105 x 148 mm",
    page_mm=(210, 297),
    label_mm=(105, 148),
    columns=2,
    rows=2,
    top_mm=0.5,
)
"""Plain A4 paper cut into four."""


def render(  # noqa: PLR0913 - the lines of a print form, each with its usual answer
    labels: Sequence[Artwork],
    stock: Stock,
    *,
    copies: int = 1,
    skip: int = 0,
    offset_mm: tuple[float, float] = (0.0, 0.0),
    progress: Callable[[int, int], None] | None = None,
) -> bytes:
    """The PDF of these labels; the same request gives the same bytes.

    Args:
        labels: In printing order; copies of one label lie side by side.
        stock: What the sheets are cut into.
        copies: Of each label.
        skip: Positions at the start of the first sheet that are used up.
        offset_mm: Moves everything right and up, for a printer that is askew.
        progress: Called after each page with labels drawn and labels in all.

    Raises:
        LabelError: Nothing to print, or a number out of its bounds.
    """
    if not labels:
        raise LabelError(Fault.COUNT, "1 or more labels", "none")
    if copies < 1:
        raise LabelError(Fault.COUNT, "1 or more copies", str(copies))
    if not 0 <= skip < stock.per_page:
        expected = f"0 to {stock.per_page - 1} used positions"
        raise LabelError(Fault.COUNT, expected, str(skip))
    register()
    buffer = io.BytesIO()
    page = (stock.page_mm[0] * mm, stock.page_mm[1] * mm)
    # Invariant: no time and no random number in the file, so that its SHA-256
    # can stand in a ledger.
    canvas = Canvas(buffer, pagesize=page, pageCompression=1, invariant=1)
    canvas.setTitle("Label")
    total = len(labels) * copies
    drawn = 0
    for sheet in _sheets(labels, copies, skip, stock.per_page):
        canvas.translate(offset_mm[0] * mm, offset_mm[1] * mm)
        if stock.cut_marks:
            _draw_cut_marks(canvas, stock)
        for position, label in sheet:
            _draw_at(canvas, stock, position, label)
        canvas.showPage()
        drawn += len(sheet)
        if progress:
            progress(drawn, total)
    canvas.save()
    return buffer.getvalue()


def _sheets(
    labels: Sequence[Artwork], copies: int, skip: int, per_page: int
) -> Iterator[list[tuple[int, Artwork]]]:
    """Positions and labels, page by page."""
    sheet: list[tuple[int, Artwork]] = []
    for index in range(skip, skip + len(labels) * copies):
        sheet.append((index % per_page, labels[(index - skip) // copies]))
        if index % per_page == per_page - 1:
            yield sheet
            sheet = []
    if sheet:
        yield sheet


def _draw_at(canvas: Canvas, stock: Stock, position: int, label: Artwork) -> None:
    """Draw a label in the middle of its position."""
    x, y = stock.corner_mm(position)
    scale = stock.scale
    canvas.saveState()
    canvas.translate(
        (x + (stock.label_mm[0] - WIDTH_MM * scale) / 2) * mm,
        (y + (stock.label_mm[1] - HEIGHT_MM * scale) / 2) * mm,
    )
    canvas.scale(scale, scale)
    label.draw(canvas)
    canvas.restoreState()


def _draw_cut_marks(canvas: Canvas, stock: Stock) -> None:
    """A small hairline cross at every corner of every label."""
    arm = 3 * mm
    corners = {
        (round((x + dx) * mm, 3), round((y + dy) * mm, 3))
        for x, y in map(stock.corner_mm, range(stock.per_page))
        for dx in (0, stock.label_mm[0])
        for dy in (0, stock.label_mm[1])
    }
    canvas.setStrokeGray(0.45)
    canvas.setLineWidth(0.25)
    for x, y in sorted(corners):
        canvas.line(x - arm, y, x + arm, y)
        canvas.line(x, y - arm, x, y + arm)
