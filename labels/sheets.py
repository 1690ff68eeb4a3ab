"""Sheets of labels as PDF. Knows what a sheet is cut into, not what a label shows."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from labels.label_errors import LabelError, LabelFault
from labels.layout import draw
from labels.pdf_operators import Pen, number
from labels.ruler_page import ruled
from labels.stocks import A4_4, Stock
from labels.typeface import register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from labels.artwork import Artwork

__all__ = ["A4_4", "Stock", "check_count", "paged", "render", "ruler_page"]


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
    check_count(len(labels), copies)
    if not 0 <= skip < stock.per_page:
        expected = f"0 to {stock.per_page - 1} used positions"
        raise LabelError(LabelFault.COUNT, expected, str(skip))
    stock.check_offset(offset_mm)
    buffer = io.BytesIO()
    canvas = _canvas(buffer, stock)
    pen = Pen(canvas)
    total = len(labels) * copies
    drawn = 0
    for sheet in paged(labels, skip, stock.per_page, copies):
        canvas.addLiteral("\n".join(_sheet(stock, sheet, pen, offset_mm)))
        canvas.showPage()
        drawn += len(sheet)
        if progress:
            progress(drawn, total)
    canvas.save()
    return buffer.getvalue()


def _sheet(
    stock: Stock,
    labels: list[tuple[int, Artwork]],
    pen: Pen,
    offset_mm: tuple[float, float],
) -> Iterator[str]:
    """The operators of one sheet."""
    yield _origin(offset_mm)
    if stock.cut_marks:
        yield _cut_marks(stock)
    yield from _page(stock, labels, pen)


def ruler_page(stock: Stock, offset_mm: tuple[float, float] = (0.0, 0.0)) -> bytes:
    """The PDF of a test page: the labels' outlines, and rulers to hold to the paper.

    Raises:
        LabelError: The offset moves the labels off the page.
    """
    stock.check_offset(offset_mm)
    buffer = io.BytesIO()
    canvas = _canvas(buffer, stock)
    operators = [_origin(offset_mm), *ruled(stock, Pen(canvas))]
    canvas.addLiteral("\n".join(operators))
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def check_count(labels: int, copies: int) -> None:
    """Let a request pass that prints something.

    Raises:
        LabelError: No labels, or no copies of them.
    """
    if labels < 1:
        raise LabelError(LabelFault.COUNT, "1 or more labels", "none")
    if copies < 1:
        raise LabelError(LabelFault.COUNT, "1 or more copies", str(copies))


def _canvas(buffer: io.BytesIO, stock: Stock) -> Canvas:
    register()
    page = (stock.page_mm[0] * mm, stock.page_mm[1] * mm)
    # Invariant: no time and no random number in the file, so that its SHA-256
    # can stand in a ledger.
    canvas = Canvas(buffer, pagesize=page, pageCompression=1, invariant=1)
    canvas.setTitle("Label")
    return canvas


def _origin(offset_mm: tuple[float, float]) -> str:
    """From here on the unit is the millimetre, moved by a printer's offset."""
    x, y = (number(offset * mm) for offset in offset_mm)
    return f"{mm:.6f} 0 0 {mm:.6f} {x} {y} cm"


def paged(
    labels: Sequence[Artwork], skip: int, per_page: int, copies: int = 1
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


def _page(stock: Stock, sheet: list[tuple[int, Artwork]], pen: Pen) -> Iterator[str]:
    """The operators of one page's labels; copies side by side are drawn once."""
    last: Artwork | None = None
    operators = ""
    for position, label in sheet:
        if label is not last:
            last, operators = label, draw(stock.layout, label, pen)
        x, y = stock.corner_mm(position)
        yield f"q 1 0 0 1 {number(x)} {number(y)} cm\n{operators}\nQ"


def _cut_marks(stock: Stock) -> str:
    """A small hairline cross at every corner of every label."""
    arm = 3
    corners = {
        (round(x + dx, 3), round(y + dy, 3))
        for x, y in map(stock.corner_mm, range(stock.per_page))
        for dx in (0, stock.label_mm[0])
        for dy in (0, stock.label_mm[1])
    }
    lines = [
        f"{number(x - arm)} {number(y)} m {number(x + arm)} {number(y)} l "
        f"{number(x)} {number(y - arm)} m {number(x)} {number(y + arm)} l"
        for x, y in sorted(corners)
    ]
    return f"0.45 G 0.09 w {' '.join(lines)} S"
