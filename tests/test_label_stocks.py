"""Every stock: what is printed on it reads, by the camera's code and by eye."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from labels.geometry import MODULES, QUIET_MODULES
from labels.label_code import ItemKind, LabelError, LabelFault
from labels.printing import zpl
from labels.qr_symbol import texts
from labels.raster import PROOF_DPI, rastered
from labels.sheets import render, ruler_page
from labels.stocks import A4_4, STOCKS, Stock, reach_m
from tests.test_label_sheet import NASTY, artwork, words

if TYPE_CHECKING:
    from labels.artwork import Artwork

NAMES = sorted(STOCKS)
SMALL = [name for name in NAMES if STOCKS[name].layout.lies]
MM = PROOF_DPI / 25.4


def several(number: int) -> list[Artwork]:
    """Labels of several kinds, with and without a polling station and a note."""
    variants: tuple[dict[str, Any], ...] = (
        {},
        {"note": "DATA REKAAN"},
        {"tps": "", "kelurahan": ""},
        {"tps": "", "ballot": "", "bar": ""},
        {"kecamatan": "Muara Bangka Hulu", "kelurahan": "Pematang Gubernur"},
    )
    kinds = (ItemKind.BOX, ItemKind.BUNDLE, ItemKind.CARTON)
    return [
        artwork(index, kinds[index % 3], **variants[index % 5])
        for index in range(number)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_full_page_and_the_next_read_as_their_labels(name: str) -> None:
    stock = STOCKS[name]
    labels = several(stock.per_page + 1)

    pages = list(rastered(render(labels, stock)))

    assert len(pages) == 2
    found = [text for page in pages for text in texts(page)]
    assert sorted(found) == sorted(str(label.code) for label in labels)


@pytest.mark.parametrize("name", NAMES)
def test_every_position_holds_its_own_label_with_a_white_border(name: str) -> None:
    stock = STOCKS[name]
    labels = several(stock.per_page)
    (page,) = list(rastered(render(labels, stock)))[:1]
    spot = stock.layout.spot
    border = (MODULES + 2 * QUIET_MODULES) * spot.module_mm

    for position, label in enumerate(labels):
        x, y = stock.corner_mm(position)
        left = x + spot.left_mm - QUIET_MODULES * spot.module_mm
        top = stock.page_mm[1] - y - spot.bottom_mm - spot.side_mm
        top -= QUIET_MODULES * spot.module_mm
        rows = slice(round(top * MM) + 1, round((top + border) * MM) - 1)
        columns = slice(round(left * MM) + 1, round((left + border) * MM) - 1)
        box = page[max(0, rows.start) : rows.stop, max(0, columns.start) : columns.stop]
        assert texts(box) == [str(label.code)]
        quiet = int(3.5 * spot.module_mm * MM)
        inner = box.copy()
        inner[quiet:-quiet, quiet:-quiet] = 255
        assert inner.min() == 255


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_nasty_names_stay_on_their_label(name: str, nasty: str) -> None:
    # A name of another person's making may reach every line there is.
    stock = STOCKS[name]
    around = Stock(
        name="one label in the middle of a larger page",
        page_mm=(stock.label_mm[0] + 20, stock.label_mm[1] + 20),
        label_mm=stock.label_mm,
        columns=1,
        rows=1,
        left_mm=10,
        top_mm=10,
        cut_marks=False,
        roll=stock.roll,
    )
    keys = ("tps", "kelurahan", "kecamatan", "regency", "note", "ballot")
    fields: dict[str, Any] = dict.fromkeys(keys, nasty)
    label = artwork(1, bar="", **fields)

    (page,) = rastered(render([label], around))

    assert texts(page) == [str(label.code)]
    margin = round((10 + (1 if stock.layout.lies else 3.5)) * MM)
    page[margin:-margin, margin:-margin] = 255
    assert page.min() == 255


@pytest.mark.parametrize("name", NAMES)
def test_what_a_person_must_read_is_large_enough(name: str) -> None:
    stock = STOCKS[name]
    label = artwork(7)
    document = pypdfium2.PdfDocument(render([label], stock))
    page = document[0].get_textpage()
    heights = []
    # What stands at a line's end pdfium takes for a hyphen that parts a word.
    written = page.get_text_range().replace("\ufffe", "-")
    for index, letter in enumerate(written):
        if letter.isupper() or letter.isdigit():
            _, bottom, _, top = page.get_charbox(index)
            heights.append(((top - bottom) / 72 * 25.4, letter))
    document.close()

    hri = label.code.item.as_hri()
    assert hri[:7] in written
    assert hri[7:] in written
    # Eight dots of a 203 dpi printer for the least of the words.
    assert min(heights)[0] >= 1.0
    numbers = sorted(height for height, _ in heights)[-len(hri) :]
    assert min(numbers) >= 1.9


@pytest.mark.parametrize("name", NAMES)
def test_the_same_request_gives_the_same_bytes(name: str) -> None:
    labels = several(5)

    assert render(labels, STOCKS[name]) == render(labels, STOCKS[name])


@pytest.mark.parametrize("name", SMALL)
def test_small_labels_say_in_words_what_they_say_in_code(name: str) -> None:
    label = artwork(7)

    text = words(render([label], STOCKS[name]))

    for expected in ("TPS", "007", "Padang Serai", "Kec. Kampung Melayu"):
        assert expected in text
    for expected in ("DPRD Kota", "Kotak suara", "1"):
        assert expected in text
    noted = artwork(7, note="DATA REKAAN")
    assert "DATA REKAAN" in words(render([noted], STOCKS[name]))


def test_a_roll_is_printed_without_colour() -> None:
    label = artwork(1, bar="DPD")

    def colours(stock: Stock) -> int:
        document = pypdfium2.PdfDocument(render([label], stock))
        page = document[0].render(scale=1, rev_byteorder=True).to_numpy().copy()
        document.close()
        return int((page.max(axis=2).astype(int) - page.min(axis=2)).max())

    assert colours(STOCKS["100x150"]) == 0
    assert colours(STOCKS["l7163"]) > 100


@pytest.mark.parametrize("name", [name for name in NAMES if STOCKS[name].roll])
def test_a_rolls_modules_are_whole_dots_of_a_203_dpi_printer(name: str) -> None:
    dots = STOCKS[name].layout.spot.module_mm * 8

    assert dots == int(dots) >= 8


@pytest.mark.parametrize("name", NAMES)
def test_every_stock_tells_its_reach_and_its_source(name: str) -> None:
    stock = STOCKS[name]
    module = stock.layout.spot.module_mm

    reaches = {reach.camera: reach for reach in stock.reaches()}

    assert list(reaches) == ["720p", "1080p", "4K"]
    assert reaches["4K"].comfortable_m == pytest.approx(
        2 * reaches["1080p"].comfortable_m
    )
    for reach in reaches.values():
        assert reach.limit_m == pytest.approx(reach.comfortable_m * 3 / 1.8)
    assert reaches["1080p"].comfortable_m == pytest.approx(module * 0.457, rel=0.01)
    assert stock.source


@pytest.mark.parametrize(
    ("side_mm", "width_px", "metres"),
    [(41, 1280, 0.5), (82, 1280, 1), (55, 1920, 1), (109, 1920, 2), (82, 3840, 3)],
)
def test_reach_is_that_of_the_table_it_comes_from(
    side_mm: float, width_px: int, metres: float
) -> None:
    # Printed side of a 25 module symbol for 3 px a module at 70 degrees.
    assert reach_m(side_mm / 25, width_px, 3.0) == pytest.approx(metres, rel=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_a_label_reads_at_the_limit_it_tells(name: str) -> None:
    """The page seen by a camera so far away that a module has 1.8 to 2.5 pixels."""
    stock = STOCKS[name]
    label = artwork(1)
    dpi_of = 25.4 / stock.layout.spot.module_mm

    for pixels in (1.8, 2.2, 2.5):
        (page, *_) = rastered(render([label], stock), dpi_of * pixels)
        larger = np.kron(page, np.ones((2, 2), np.uint8))
        found = zxingcpp.read_barcodes(larger, text_mode=zxingcpp.TextMode.Plain)
        assert [symbol.text for symbol in found] == [str(label.code)]


@pytest.mark.parametrize("name", NAMES)
def test_the_test_page_outlines_every_label(name: str) -> None:
    stock = STOCKS[name]

    (page,) = rastered(ruler_page(stock))

    for position in range(stock.per_page):
        x, y = stock.corner_mm(position)
        middle = round((stock.page_mm[1] - y - stock.label_mm[1] / 2) * MM)
        edge = round((x + stock.label_mm[0]) * MM)
        near = page[middle, max(0, edge - 4) : edge + 4]
        assert near.min() < 200
    assert "100 %" in words(ruler_page(stock))
    assert ruler_page(stock, (1.0, 1.5)) != ruler_page(stock)


@pytest.mark.parametrize(
    ("name", "offset", "fault", "told"),
    [
        (
            "60x40",
            (1.9, 0.0),
            LabelFault.RIGHT,
            "to the right of -1.65 … 1.65 mm, got 1.9",
        ),
        ("60x40", (0.0, -1.9), LabelFault.UP, "upwards of -1.65 … 1.65 mm, got -1.9"),
        ("a4-4", (5.6, 0.0), LabelFault.RIGHT, "-5.35 … 5.35"),
        ("l7160", (9.1, 0.0), LabelFault.RIGHT, "-8.85 … 8.85"),
        ("l7160", (math.nan, 0.0), LabelFault.RIGHT, "got nan"),
        ("100x50", (0.0, math.inf), LabelFault.UP, "got inf"),
    ],
)
def test_an_offset_that_pushes_words_off_the_page_is_refused(
    name: str, offset: tuple[float, float], fault: LabelFault, told: str
) -> None:
    stock = STOCKS[name]
    draw = zpl.render if stock.roll else render

    with pytest.raises(LabelError, match=told) as error:
        draw([artwork(1)], stock, offset_mm=offset)
    assert error.value.fault is fault
    with pytest.raises(LabelError, match=told):
        ruler_page(stock, offset)


@pytest.mark.parametrize("name", STOCKS)
def test_the_farthest_offset_leaves_every_dot_of_the_words_on_the_page(
    name: str,
) -> None:
    stock = replace(STOCKS[name], cut_marks=False)
    last = stock.corner_mm(stock.per_page - 1)
    x, y = stock.layout.inset_mm
    right = stock.page_mm[0] - last[0] - stock.label_mm[0] + x
    labels = [artwork(number) for number in range(1, stock.per_page + 1)]

    (plain,) = rastered(render(labels, stock))
    for offset in ((right, stock.top_mm + y), (-stock.left_mm - x, -last[1] - y)):
        (moved,) = rastered(render(labels, stock, offset_mm=offset))
        # As much ink as before: half a dot may turn at the edges of strokes.
        assert moved.mean() == pytest.approx(plain.mean(), abs=0.2)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"column_gap_mm": -1.0}, "column_gap_mm .* no label lies on another"),
        ({"row_gap_mm": -1.0}, "row_gap_mm .* no label lies on another"),
        ({"label_mm": (106, 148)}, r"page_mm, 210 mm of width .*got 212 mm"),
        ({"top_mm": 2.0}, r"page_mm, 297 mm of height .top_mm .*got 298 mm"),
        ({"label_mm": (16, 60)}, "room for a QR of 16.5 mm"),
        ({"label_mm": (30, 20)}, "16 mm for words"),
        ({"label_mm": (0, 20)}, "two lengths"),
        ({"name": " "}, "a name"),
    ],
)
def test_a_stock_that_cannot_be_printed_names_the_measure(
    change: dict[str, object], told: str
) -> None:
    with pytest.raises(LabelError, match=told) as error:
        replace(A4_4, **change)  # type: ignore[arg-type]  # wrong on purpose

    assert error.value.fault is LabelFault.MEASURE


@pytest.mark.parametrize("mark", ["PSU-2024-02", "PSU-2024-02-XX"])
@pytest.mark.parametrize("name", STOCKS)
def test_the_mark_of_a_second_vote_is_whole_on_every_stock(
    name: str, mark: str
) -> None:
    label = artwork(1, ballot="DPRD Kab/Kota", mark=mark, note="DATA REKAAN")

    assert mark in words(render([label], STOCKS[name]))


def test_a_mark_that_would_be_cut_is_refused_with_the_measure() -> None:
    stock = replace(STOCKS["60x40"], page_mm=(50, 40), label_mm=(50, 40))
    label = artwork(1, mark="PSU-2024-02-XX", note="DATA REKAAN")

    with pytest.raises(LabelError, match="label_mm with room for PSU-2024-02-XX"):
        render([label], stock)
