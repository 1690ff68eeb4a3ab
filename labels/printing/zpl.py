"""Labels for a label printer, as ZPL: every dot of the label, and nothing else.

Why no printer's own text and QR fields: their scalable font lacks many letters, QR
fields (``^BQ``) leave version and module to the printer and stop at ten dots a module,
and a name with ``^``, ``~`` or a backslash would be a command. Dots have none of this:
what was verified is what is printed, in the same typeface as on the sheets, and no
text of another person's making ever reaches the printer as text.

The data is hexadecimal with run lengths (``^GFA``, "alternative data compression"),
which every printer that speaks ZPL II knows, the copies of the originals included.
Source: Zebra, ZPL II Programming Guide, ``^GF`` and its compression scheme.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from labels import sheets
from labels.geometry import MODULES, QUIET_MODULES
from labels.label_errors import LabelError, LabelFault
from labels.qr_symbol import matrix
from labels.raster import rastered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from labels.artwork import Artwork
    from labels.stocks import Stock

RESOLUTIONS = {203: 203.2, 300: 300.0}
"""Nominal dots an inch, and the real ones: 203 means 8 a millimetre."""
_MM_PER_INCH = 25.4
_DARK = 128
_ONES = "GHIJKLMNOPQRSTUVWXY"
"""1 to 19 repetitions."""
_TWENTIES = "ghijklmnopqrstuvwxyz"
"""20, 40, ... 400 repetitions."""
_RUN = re.compile(r"([0-9A-F])\1{2,418}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLabel:
    """One label of a job, as read back from its ZPL."""

    dots: NDArray[np.uint8]
    """Brightness, 0 or 255, shape (height, width)."""
    copies: int


def render(  # noqa: PLR0913 - as labels.sheets.render
    labels: Sequence[Artwork],
    stock: Stock,
    *,
    copies: int = 1,
    dpi: int = 203,
    offset_mm: tuple[float, float] = (0.0, 0.0),
    progress: Callable[[int, int], None] | None = None,
) -> bytes:
    """The ZPL of these labels; the same request gives the same bytes.

    Args:
        labels: In printing order; the same one twice in a row is one with two copies.
        stock: One of a label printer (``roll``).
        copies: Of each label.
        dpi: 203 or 300.
        offset_mm: Moves everything right and up, for a printer that is askew.
        progress: Called after each label with labels made and labels in all.

    Raises:
        LabelError: Nothing to print, a sheet of labels, another resolution, or an
            offset that moves the label off its paper.
    """
    sheets.check_count(len(labels), copies)
    _check_printer(stock, dpi)
    stock.check_offset(offset_mm)
    runs = list(_runs(labels))
    real_dpi = RESOLUTIONS[dpi]
    grid = _Grid(stock, real_dpi)
    pages = rastered(sheets.render([label for label, _ in runs], stock), real_dpi)
    shift = (grid.dots(offset_mm[0]), -grid.dots(offset_mm[1]))
    jobs = []
    made = 0
    for (label, times), page in zip(runs, pages, strict=True):
        dark = _moved(grid.dark(page, str(label.code)), shift)
        jobs.append(_format(dark, times * copies))
        made += times
        if progress:
            progress(made * copies, len(labels) * copies)
    return "".join(jobs).encode("ascii")


def _check_printer(stock: Stock, dpi: int) -> None:
    if not stock.roll:
        raise LabelError(LabelFault.MEASURE, "the stock of a label printer", stock.name)
    if dpi not in RESOLUTIONS:
        raise LabelError(LabelFault.COUNT, "a printer of 203 or 300 dpi", str(dpi))


def read(zpl: bytes) -> Iterator[PrintedLabel]:
    """The labels of a job that ``render`` made, dot by dot, from its bytes alone.

    Raises:
        LabelError: The job is none of ours, or damaged.
    """
    text = zpl.decode("ascii", "replace")
    end = 0
    for found in _JOB.finditer(text):
        if found.start() != end:
            break
        end = found.end()
        width, height, row_bytes = (int(found[name]) for name in ("w", "h", "row"))
        rows = _rows(found["data"], row_bytes * 2)
        packed = np.frombuffer(bytes.fromhex("".join(rows)), np.uint8)
        if packed.size != height * row_bytes or int(found["size"]) != packed.size:
            break
        dark = np.unpackbits(packed.reshape(height, row_bytes), axis=1)[:, :width]
        dots = np.where(dark, 0, 255).astype(np.uint8)
        yield PrintedLabel(dots=dots, copies=int(found["copies"]))
    else:
        if end == len(text):
            return
    raise LabelError(LabelFault.SYMBOL, "a job as this program writes it", "other ZPL")


_FORMAT = (
    "^XA^PW{width}^LL{height}^LH0,0^LS0^LT0^FO0,0"
    "^GFA,{size},{size},{row},{data}^FS^PQ{copies}^XZ\n"
)
_JOB = re.compile(
    r"\^XA\^PW(?P<w>\d+)\^LL(?P<h>\d+)\^LH0,0\^LS0\^LT0\^FO0,0"
    r"\^GFA,(?P<size>\d+),\d+,(?P<row>\d+),(?P<data>[0-9A-Zg-z,:]*)"
    r"\^FS\^PQ(?P<copies>\d+)\^XZ\n"
)


class _Grid:
    """The dots of a label on one printer."""

    def __init__(self, stock: Stock, dpi: float) -> None:
        self._per_mm = dpi / _MM_PER_INCH
        self.width, self.height = (self.dots(side) for side in stock.label_mm)
        spot = stock.layout.spot
        # The border belongs to the box; what is left over by rounding down goes to it.
        self._module = int(spot.module_mm * self._per_mm + 1e-6)
        side = MODULES * self._module
        spare = (spot.side_mm * self._per_mm - side) / 2
        self._left = round(spot.left_mm * self._per_mm + spare)
        bottom = spot.bottom_mm * self._per_mm + spare
        self._top = self.height - round(bottom) - side

    def dots(self, length_mm: float) -> int:
        return round(length_mm * self._per_mm)

    def dark(self, page: NDArray[np.uint8], text: str) -> NDArray[np.bool_]:
        """Which dots of a rendered page are black, the symbol's modules all alike."""
        dark = np.zeros((self.height, self.width), np.bool_)
        rows, columns = (min(a, b) for a, b in zip(dark.shape, page.shape, strict=True))
        dark[:rows, :columns] = page[:rows, :columns] < _DARK
        module, side = self._module, MODULES * self._module
        quiet = QUIET_MODULES * module
        across = slice(max(0, self._left - quiet), self._left + side + quiet)
        dark[max(0, self._top - quiet) : self._top + side + quiet, across] = False
        square = np.ones((module, module), np.bool_)
        dark[self._top : self._top + side, self._left : self._left + side] = np.kron(
            matrix(text), square
        )
        return dark


def _runs(labels: Sequence[Artwork]) -> Iterator[tuple[Artwork, int]]:
    """Each label with how many times in a row it stands."""
    start = 0
    for index in range(1, len(labels) + 1):
        if index == len(labels) or labels[index] is not labels[start]:
            yield labels[start], index - start
            start = index


def _moved(dark: NDArray[np.bool_], shift: tuple[int, int]) -> NDArray[np.bool_]:
    """The picture moved right and down; what leaves the label is cut off."""
    moved = np.zeros_like(dark)
    (right, down), (height, width) = shift, dark.shape
    if abs(down) < height and abs(right) < width:
        here = np.s_[max(0, down) : height + down, max(0, right) : width + right]
        there = np.s_[max(0, -down) : height - down, max(0, -right) : width - right]
        moved[here] = dark[there]
    return moved


def _format(dark: NDArray[np.bool_], copies: int) -> str:
    height, width = dark.shape
    packed = np.packbits(dark, axis=1)
    return _FORMAT.format(
        width=width,
        height=height,
        size=packed.size,
        row=packed.shape[1],
        data=_squeezed(packed),
        copies=copies,
    )


def _squeezed(packed: NDArray[np.uint8]) -> str:
    """Hexadecimal rows with run lengths; a colon stands for the row before."""
    rows = []
    before = b""
    for row in packed:
        raw = row.tobytes()
        rows.append(":" if raw == before else _row(raw.hex().upper()))
        before = raw
    return "".join(rows)


def _row(digits: str) -> str:
    bare = digits.rstrip("0")
    end = "," if len(bare) < len(digits) else ""
    return _RUN.sub(lambda run: _count(len(run[0])) + run[1], bare) + end


def _count(times: int) -> str:
    """How often the next digit stands: 20s in small letters, the rest in a capital.

    >>> _count(7), _count(40), _count(419)
    ('M', 'h', 'zY')
    """
    twenties, ones = divmod(times, 20)
    return (_TWENTIES[twenties - 1] if twenties else "") + (
        _ONES[ones - 1] if ones else ""
    )


def _rows(data: str, digits: int) -> Iterator[str]:
    """The rows of compressed data, each of so many hexadecimal digits."""
    row, times = "", 0
    before = "0" * digits
    for letter in data:
        if letter == ":":
            yield before
        elif letter in _ONES:
            times += _ONES.index(letter) + 1
        elif letter in _TWENTIES:
            times += (_TWENTIES.index(letter) + 1) * 20
        else:
            row = (
                row.ljust(digits, "0") if letter == "," else row + letter * (times or 1)
            )
            times = 0
        if len(row) >= digits:
            yield row
            row, before = "", row
