"""What labels are printed on: sheets and rolls, measured in millimetres.

Each stock tells from how far a camera reads its QR symbols.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

from labels.geometry import BORDERED, DOT_MM, LEAST_WORDS_MM, Layout
from labels.label_errors import LabelError, LabelFault

SMALLEST_MODULE_MM = 4 * DOT_MM
"""Four dots of a 203 dpi printer; smaller ones smear, and no camera sees them."""
COMFORTABLE_PX = 3.0
"""Pixels a module at which cameras read 97 %, a label turned 50 degrees included."""
LEAST_PX = 1.8
"""Pixels a module at which the decoder still reads, from a picture twice as large."""
FIELD_DEGREES = 70.0
"""What a usual webcam sees from left to right."""
CAMERAS = MappingProxyType({"720p": 1280, "1080p": 1920, "4K": 3840})
"""Width in pixels of a camera's picture."""
LARGEST_PAGE_MM = 1189.0
"""The long side of A0."""
_ROUNDING_MM = 0.01


@dataclass(frozen=True, slots=True)
class Reach:
    """From how far a camera reads a label that faces it."""

    camera: str
    comfortable_m: float
    """Every label, moving or turned."""
    limit_m: float
    """A still label in good light."""


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
    roll: bool = False
    """True for a label printer: one colour, one label after the other."""
    source: str = ""
    """Where the measures come from, and whether they were held to the paper."""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise LabelError(LabelFault.MEASURE, "a name for the stock", "none")
        for name, count in (("columns", self.columns), ("rows", self.rows)):
            if count < 1:
                raise LabelError(LabelFault.MEASURE, f"1 or more {name}", str(count))
        self._is_paper()
        for name in ("left_mm", "top_mm"):
            measure = getattr(self, name)
            # Written so that "not a number" fails too.
            if not measure >= 0:
                raise LabelError(
                    LabelFault.MEASURE, f"{name} of 0 or more", str(measure)
                )
        for name in ("column_gap_mm", "row_gap_mm"):
            measure = getattr(self, name)
            if not measure >= 0:
                expected = f"{name} of 0 or more, so that no label lies on another"
                raise LabelError(LabelFault.MEASURE, expected, str(measure))
        self._fits("width", 0, self.columns, ("left_mm", "column_gap_mm"))
        self._fits("height", 1, self.rows, ("top_mm", "row_gap_mm"))
        self._holds_a_symbol()

    def _is_paper(self) -> None:
        """Refuse pages that no printer takes.

        Raises:
            LabelError: The page is none, or a roll has labels beside each other.
        """
        width, height = self.page_mm
        if not (0 < width <= LARGEST_PAGE_MM and 0 < height <= LARGEST_PAGE_MM):
            expected = f"page_mm of two lengths up to {LARGEST_PAGE_MM:g} mm"
            raise LabelError(LabelFault.MEASURE, expected, f"{width:g} x {height:g} mm")
        if self.roll and self.per_page > 1:
            expected = "one column and one row for a roll"
            raise LabelError(
                LabelFault.MEASURE, expected, f"{self.columns} x {self.rows}"
            )

    def _fits(
        self, name: str, axis: int, count: int, measures: tuple[str, str]
    ) -> None:
        """Refuse labels that leave the page.

        Raises:
            LabelError: Margin, labels and gaps are more than the page.
        """
        margin, gap = (getattr(self, measure) for measure in measures)
        taken = margin + count * self.label_mm[axis] + (count - 1) * gap
        page = self.page_mm[axis]
        if not taken <= page + _ROUNDING_MM:
            expected = (
                f"labels within page_mm, {page:g} mm of {name} "
                f"({measures[0]} + {count} x label_mm + {count - 1} x {measures[1]})"
            )
            raise LabelError(LabelFault.MEASURE, expected, f"{taken:g} mm")

    def _holds_a_symbol(self) -> None:
        """Refuse labels on which the symbol or its number could not be read.

        Raises:
            LabelError: The label is too small.
        """
        width, height = self.label_mm
        got = f"{width:g} x {height:g} mm"
        if not (width > 0 and height > 0 and math.isfinite(width * height)):
            raise LabelError(LabelFault.MEASURE, "label_mm of two lengths in mm", got)
        layout = self.layout
        if layout.spot.module_mm < SMALLEST_MODULE_MM - _ROUNDING_MM / BORDERED:
            expected = (
                f"label_mm with room for a QR of {BORDERED * SMALLEST_MODULE_MM:g} mm"
            )
            raise LabelError(LabelFault.MEASURE, expected, got)
        if layout.lies and layout.words_mm < LEAST_WORDS_MM:
            expected = f"label_mm with {LEAST_WORDS_MM:g} mm for words beside the QR"
            raise LabelError(LabelFault.MEASURE, expected, got)

    @property
    def layout(self) -> Layout:
        """How a label of this size is drawn."""
        return Layout(*self.label_mm, dots=self.roll)

    @property
    def per_page(self) -> int:
        """How many labels a page holds."""
        return self.columns * self.rows

    def corner_mm(self, position: int) -> tuple[float, float]:
        """The lower left corner of a label, from the page's lower left corner.

        Positions count from 0 at the top left, along the rows.
        """
        row, column = divmod(position, self.columns)
        x = self.left_mm + column * (self.label_mm[0] + self.column_gap_mm)
        y = self.top_mm + row * (self.label_mm[1] + self.row_gap_mm)
        return x, self.page_mm[1] - y - self.label_mm[1]

    def check_offset(self, offset_mm: tuple[float, float]) -> None:
        """Let an offset pass that leaves everything that must be read on the page.

        Args:
            offset_mm: How far a printer's page is moved right and up.

        Raises:
            LabelError: it is none, or moves more off than the margins allow.
        """
        last = self.corner_mm(self.per_page - 1)
        left, top = self.left_mm, self.top_mm
        right = self.page_mm[0] - last[0] - self.label_mm[0]
        x, y = self.layout.inset_mm
        rooms = ((left + x, right + x), (last[1] + y, top + y))
        faults = (LabelFault.RIGHT, LabelFault.UP)
        for fault, offset, (back, ahead) in zip(faults, offset_mm, rooms, strict=True):
            # Written so that "not a number" fails too.
            if not -back - _ROUNDING_MM <= offset <= ahead + _ROUNDING_MM:
                expected = f"-{back:.3g} … {ahead:.3g}"
                raise LabelError(fault, expected, f"{offset:g}")

    def reaches(self) -> tuple[Reach, ...]:
        """From how far 720p, 1080p and 4K cameras read a label of this stock."""
        module = self.layout.spot.module_mm
        return tuple(
            Reach(
                camera,
                reach_m(module, width, COMFORTABLE_PX),
                reach_m(module, width, LEAST_PX),
            )
            for camera, width in CAMERAS.items()
        )


def reach_m(module_mm: float, width_px: int, px_per_module: float) -> float:
    """The distance at which a module is this many pixels wide, in metres.

        >>> round(reach_m(2.2, 1920, 3.0), 2)
        1.01

    Args:
        module_mm: Width of one module of the printed symbol.
        width_px: Of the camera's picture, which spans ``FIELD_DEGREES``.
        px_per_module: How large a module must appear.
    """
    seen_mm = module_mm * width_px / px_per_module
    return seen_mm / (2 * math.tan(math.radians(FIELD_DEGREES / 2))) / 1000


_TEMPLATE = "public templates of this product; print the test page before the first use"
_AVERY = "the maker's template for word processors, as public label software has it"

A4_4 = Stock(
    name="A4, 4 label 105 x 148 mm",
    page_mm=(210, 297),
    label_mm=(105, 148),
    columns=2,
    rows=2,
    top_mm=0.5,
    source="plain A4 paper cut into four",
)
"""Plain A4 paper cut into four."""

_TJ_103 = Stock(
    name="Tom & Jerry 103, 12 label 64 x 32 mm",
    page_mm=(215, 165),
    label_mm=(64, 32),
    columns=3,
    rows=4,
    left_mm=6.5,
    top_mm=9.5,
    column_gap_mm=5,
    row_gap_mm=6,
    cut_marks=False,
    source=_TEMPLATE,
)
_TJ_121 = Stock(
    name="Tom & Jerry 121, 10 label 75 x 38 mm",
    page_mm=(165, 215),
    label_mm=(75, 38),
    columns=2,
    rows=5,
    left_mm=5.75,
    top_mm=7.3,
    column_gap_mm=3.5,
    row_gap_mm=2.6,
    cut_marks=False,
    source=_TEMPLATE,
)
_L7160 = Stock(
    name="Avery L7160, 21 label 63,5 x 38,1 mm",
    page_mm=(210, 297),
    label_mm=(63.5, 38.1),
    columns=3,
    rows=7,
    left_mm=7.2,
    top_mm=15.15,
    column_gap_mm=2.55,
    cut_marks=False,
    source=_AVERY,
)
_L7163 = Stock(
    name="Avery L7163, 14 label 99,1 x 38,1 mm",
    page_mm=(210, 297),
    label_mm=(99.1, 38.1),
    columns=2,
    rows=7,
    left_mm=4.65,
    top_mm=15.15,
    column_gap_mm=2.5,
    cut_marks=False,
    source=_AVERY,
)


def _roll(width: float, height: float) -> Stock:
    return Stock(
        name=f"Termal {width:g} x {height:g} mm",
        page_mm=(width, height),
        label_mm=(width, height),
        columns=1,
        rows=1,
        cut_marks=False,
        roll=True,
        source="the size of the label on the roll",
    )


STOCKS = MappingProxyType(
    {
        "a4-4": A4_4,
        "tj-103": _TJ_103,
        "tj-121": _TJ_121,
        "l7160": _L7160,
        "l7163": _L7163,
        "100x150": _roll(100, 150),
        "100x50": _roll(100, 50),
        "60x40": _roll(60, 40),
    }
)
"""By the short names that the command line and station.toml know."""
