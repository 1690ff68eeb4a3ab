from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from labels.artwork import BARS, KIND_WORDS, Artwork
from labels.geometry import HEIGHT_MM, WIDTH_MM
from labels.label_code import ItemId, ItemKind, LabelCode, LabelError, LabelFault
from labels.sheets import A4_4, Stock, render
from labels.typeface import BOLD, MISSING, SANS, fit, printable, register

if TYPE_CHECKING:
    from numpy.typing import NDArray

KEY = bytes(range(32))
NASTY = [
    "Padang Serai " * 9,
    "W" * 120,
    "😀👩‍👩‍👧‍👦🇮🇩" * 20,
    "\u202eשלם רצה\u202c العربية " * 8,
    "^XA^FO50,50~\\ (Tj) <</JS>> %% " * 4,
    "\x00\x07\r\n\t\x1b[31m\ud800",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b" * 17,
    "漢字" * 60,
    "",
    " \n ",
]
ONE = Stock(
    name="one label in the middle of a larger page",
    page_mm=(145, 188),
    label_mm=(WIDTH_MM, HEIGHT_MM),
    columns=1,
    rows=1,
    left_mm=20,
    top_mm=20,
    cut_marks=False,
)


def artwork(number: int, kind: ItemKind = ItemKind.BOX, **fields: Any) -> Artwork:  # noqa: ANN401 - fields of every type
    item = ItemId.from_number("1771", kind, number)
    code = LabelCode.issue(item, 1, KEY)
    usual = {
        "tps": f"{number:03}",
        "kelurahan": "Padang Serai",
        "kecamatan": "Kampung Melayu",
        "regency": "Kota Bengkulu",
        "ballot": "DPRD Kota",
        "bar": "DPRD_KOTA",
        "issue": 1,
    }
    return Artwork(code=code, **{**usual, **fields})


def pages(pdf: bytes, dpi: int = 203) -> list[NDArray[np.uint8]]:
    """Grey pictures of the pages, shape (height, width)."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            document[page].render(scale=dpi / 72, grayscale=True).to_numpy().squeeze()
            for page in range(len(document))
        ]
    finally:
        document.close()


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(
            document[page].get_textpage().get_text_range()
            for page in range(len(document))
        )
    finally:
        document.close()


def read(picture: NDArray[np.uint8]) -> list[zxingcpp.Barcode]:
    """The symbols from top to bottom, left to right, by label rows."""
    found = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
    return sorted(
        found, key=lambda s: (s.position.top_left.y // 100, s.position.top_left.x)
    )


def test_pages_read_as_exactly_the_codes_in_their_order() -> None:
    labels = [artwork(number) for number in range(10)]

    pdf = render(labels, A4_4)

    texts = [symbol.text for page in pages(pdf) for symbol in read(page)]
    assert texts == [str(label.code) for label in labels]
    assert len(pages(pdf, 20)) == 3


def test_zbar_reads_the_same_codes() -> None:
    try:
        from pyzbar import pyzbar  # noqa: PLC0415, TID251 - may be missing; as oracle
    except ImportError as missing:
        pytest.skip(f"libzbar is not installed: {missing}")
    labels = [artwork(number) for number in range(8)]

    found = [
        symbol.data.decode()
        for page in pages(render(labels, A4_4))
        for symbol in pyzbar.decode(page, symbols=[pyzbar.ZBarSymbol.QRCODE])
    ]

    assert sorted(found) == sorted(str(label.code) for label in labels)


def test_the_printed_symbol_is_at_least_60_mm_wide_with_a_white_border() -> None:
    dpi = 203
    (page,) = pages(render([artwork(1)], ONE, offset_mm=(0, 0)), dpi)
    (symbol,) = read(page)
    corner = symbol.position

    width_mm = (corner.top_right.x - corner.top_left.x) / dpi * 25.4
    height_mm = (corner.bottom_left.y - corner.top_left.y) / dpi * 25.4

    assert 60 <= width_mm <= 64
    assert 60 <= height_mm <= 64
    quiet = int(width_mm / 25 * 4 / 25.4 * dpi) - 3
    left, top = corner.top_left.x - 2, corner.top_left.y - 2
    right, bottom = corner.bottom_right.x + 3, corner.bottom_right.y + 3
    around = page[top - quiet : bottom + quiet, left - quiet : right + quiet].copy()
    around[quiet:-quiet, quiet:-quiet] = 255
    assert around.min() == 255


def test_the_label_says_in_words_what_it_says_in_code_and_colour() -> None:
    label = artwork(7, note="DATA REKAAN")

    text = words(render([label], ONE))

    for expected in (
        label.code.item.as_hri(),
        "TPS",
        "007",
        "Padang Serai",
        "Kampung Melayu",
        "Kota Bengkulu",
        "DPRD Kota",
        "Kotak suara",
        "Cetakan 1",
        "DATA REKAAN",
    ):
        assert expected in text


@pytest.mark.parametrize("kind", ItemKind)
def test_every_kind_of_item_has_its_word_and_reads(kind: ItemKind) -> None:
    label = artwork(7, kind, ballot="", bar="", tps="", kelurahan="")

    pdf = render([label], ONE)

    assert KIND_WORDS[kind] in words(pdf)
    assert [symbol.text for symbol in read(pages(pdf)[0])] == [str(label.code)]


@pytest.mark.parametrize("bar", BARS)
def test_every_bar_has_its_colour_an_ink_border_and_readable_words(bar: str) -> None:
    document = pypdfium2.PdfDocument(render([artwork(7, bar=bar, ballot="Jenis")], ONE))
    page = document[0].render(scale=203 / 72, rev_byteorder=True).to_numpy()
    document.close()
    x, y = (int(mm / 25.4 * 203) for mm in (20 + 8, 20 + 8))

    colour = "#{:02X}{:02X}{:02X}".format(*page[y, x])

    assert colour == BARS[bar].colour
    assert page[y, x - 40 : x, :].max(axis=1).min() < 100
    assert contrast(BARS[bar].colour, BARS[bar].ink) > 4.5


def contrast(one: str, two: str) -> float:
    """Source: WCAG 2.2, contrast ratio and relative luminance."""
    values = []
    for colour in (one, two):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [
            p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
        ]
        values.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return (max(values) + 0.05) / (min(values) + 0.05)


def test_colour_alone_or_an_unknown_colour_is_refused() -> None:
    for fields in ({"ballot": " "}, {"bar": "GUBERNUR"}):
        with pytest.raises(LabelError) as error:
            artwork(1, ItemKind.BOX, **fields)
        assert error.value.fault is LabelFault.BAR


@pytest.mark.parametrize("name", NASTY, ids=range(len(NASTY)))
def test_nasty_names_stay_inside_the_label_and_off_the_symbol(name: str) -> None:
    # A name of another person's making may reach every line there is.
    label = artwork(
        1,
        tps=name,
        kelurahan=name,
        kecamatan=name,
        regency=name,
        note=name,
        ballot=name,
        bar="DPR" if name.strip() else "",
    )

    (page,) = pages(render([label], ONE))

    margin = int(20 / 25.4 * 203) - 1
    outside = page.copy()
    outside[margin:-margin, margin:-margin] = 255
    assert outside.min() == 255
    assert [symbol.text for symbol in read(page)] == [str(label.code)]
    # Nor do they reach the strip that an office printer leaves blank.
    bare = margin + int(3.5 / 25.4 * 203)
    page[bare:-bare, bare:-bare] = 255
    assert page.min() == 255


def test_what_the_typeface_lacks_is_replaced_where_all_can_see() -> None:
    register()

    assert printable("a漢b", BOLD) == f"a{MISSING}b"
    assert printable("a\x00\u202e\ud800b", SANS) == f"a{MISSING * 3}b"
    assert printable(" Ratu\r\n Agung № 3 — é", SANS) == "Ratu Agung № 3 — é"
    assert printable("e\u0301", BOLD) == "é"


def test_a_line_shrinks_before_it_is_cut() -> None:
    register()

    short = fit("Ratu Agung", BOLD, 90, (10, 4))
    longer = fit("Ratu Agung" * 2, BOLD, 90, (10, 4))
    endless = fit("Ratu Agung" * 12, BOLD, 90, (10, 4))
    nothing = fit("", BOLD, 90, (10, 4))

    assert short.size == 10
    assert 4 < longer.size < 10
    assert longer.text == "Ratu AgungRatu Agung"
    assert endless.size == 4
    assert endless.text.endswith("…")
    assert max(short.width, longer.width, endless.width) <= 90.001
    assert nothing.text == ""
    assert fit("Ratu", BOLD, 1, (10, 4)).text == "…"


def test_the_same_request_gives_the_same_bytes_in_another_process_too() -> None:
    program = (
        "import hashlib, test_label_sheet as t;"
        "print(hashlib.sha256(t.render(t.request(), t.A4_4)).hexdigest())"
    )
    first = render(request(), A4_4)

    again = render(request(), A4_4)
    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

    assert again == first
    assert elsewhere == hashlib.sha256(first).hexdigest()


def request() -> list[Artwork]:
    return [artwork(number, kelurahan=NASTY[number]) for number in range(5)]


def test_both_typefaces_are_embedded() -> None:
    pdf = render([artwork(1)], ONE)

    assert pdf.count(b"/FontFile2") == 2


def test_copies_lie_side_by_side_and_used_positions_stay_blank() -> None:
    labels = [artwork(number) for number in range(3)]
    told: list[tuple[int, int]] = []

    pdf = render(
        labels, A4_4, copies=2, skip=3, progress=lambda *done: told.append(done)
    )

    first, second, third = pages(pdf)
    texts = [str(label.code) for label in labels]
    assert [symbol.text for symbol in read(first)] == [texts[0]]
    assert read(first)[0].position.top_left.x > first.shape[1] / 2
    assert read(first)[0].position.top_left.y > first.shape[0] / 2
    assert [s.text for s in read(second)] == [texts[0], texts[1], texts[1], texts[2]]
    assert [symbol.text for symbol in read(third)] == [texts[2]]
    assert told == [(1, 6), (5, 6), (6, 6)]


def test_an_offset_moves_everything_right_and_up() -> None:
    plain, moved = (
        read(pages(render([artwork(1)], A4_4, offset_mm=offset))[0])[
            0
        ].position.top_left
        for offset in ((0.0, 0.0), (2.0, 3.0))
    )

    assert abs((moved.x - plain.x) / 203 * 25.4 - 2) < 0.2
    assert abs((plain.y - moved.y) / 203 * 25.4 - 3) < 0.2


def test_cut_marks_stand_at_the_corners_unless_the_stock_is_cut() -> None:
    (marked,) = pages(render([artwork(1)], replace(ONE, cut_marks=True)))
    (bare,) = pages(render([artwork(1)], ONE))

    x, y = (int(mm / 25.4 * 203) for mm in (20, 20))
    near = np.s_[y - 20 : y + 20, x - 20 : x + 20]
    assert marked[near].min() < 200
    assert bare[near].min() == 255


@pytest.mark.parametrize(
    ("change", "measure"),
    [
        ({"columns": 0}, "columns"),
        ({"rows": -1}, "rows"),
        ({"left_mm": -1.0}, "left_mm"),
        ({"top_mm": float("nan")}, "top_mm"),
        ({"column_gap_mm": -0.5}, "column_gap_mm"),
        ({"row_gap_mm": -0.5}, "row_gap_mm"),
        ({"label_mm": (20, 148)}, "label_mm"),
        ({"label_mm": (105, float("nan"))}, "label_mm"),
        ({"left_mm": 0.1}, "of width"),
        ({"column_gap_mm": 0.1}, "of width"),
        ({"rows": 3}, "of height"),
        ({"label_mm": (105, 149)}, "of height"),
        ({"page_mm": (float("nan"), 297)}, "page_mm"),
        ({"page_mm": (float("inf"), 297)}, "page_mm"),
        ({"page_mm": (210, 1e9)}, "page_mm"),
        ({"roll": True}, "one column and one row for a roll"),
    ],
)
def test_a_stock_that_cannot_be_cut_names_the_measure(
    change: dict[str, Any], measure: str
) -> None:
    with pytest.raises(LabelError, match=measure) as error:
        replace(A4_4, **change)

    assert error.value.fault is LabelFault.MEASURE


def test_labels_of_a_stock_lie_apart_and_on_the_page() -> None:
    stock = Stock(
        name="gaps",
        page_mm=(210, 297),
        label_mm=(60, 85),
        columns=3,
        rows=3,
        left_mm=10,
        top_mm=15,
        column_gap_mm=5,
        row_gap_mm=8,
    )
    labels = [artwork(number) for number in range(stock.per_page)]

    (page,) = pages(render(labels, stock))

    assert stock.corner_mm(0) == (10, 197)
    assert stock.corner_mm(4) == (75, 104)
    assert [symbol.text for symbol in read(page)] == [str(x.code) for x in labels]


@pytest.mark.parametrize(
    ("count", "options"),
    [(0, {}), (1, {"copies": 0}), (1, {"skip": -1}), (1, {"skip": 4})],
)
def test_a_request_out_of_bounds_is_one_sentence(
    count: int, options: dict[str, Any]
) -> None:
    with pytest.raises(LabelError) as error:
        render([artwork(1)] * count, A4_4, **options)

    assert error.value.fault is LabelFault.COUNT
