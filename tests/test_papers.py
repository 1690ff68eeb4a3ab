"""Waybills and custody forms, as they come out of a printer and before a camera."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2  # noqa: TID251 - stands in for the lens, not for the reader
import numpy as np
import pypdfium2
import pytest
import zxingcpp

from labels.label_code import ItemId, ItemKind, LabelError, LabelFault
from labels.papers.blank_form import ROWS
from labels.papers.page import SMALL, wrapped
from labels.papers.paper_pdf import (
    MOST_FORMS,
    LoadedItem,
    MissingItem,
    Waybill,
    WaybillError,
    WaybillHead,
    custody_form,
    waybill,
)
from labels.qr_symbol import code_matrix
from labels.typeface import register
from station.capture.decoding.decoder import Decoder
from station.exchange import qr_text
from tests.test_label_seen import seen
from tests.test_label_sheet import NASTY, pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

KINDS = ("PPWP", "DPR", "DPD", "DPRD Provinsi", "DPRD Kota")
WORDS = tuple(f"kata{place}" for place in range(24))
ODD = [*NASTY, "^ ~ \\ <b>& 😀 \u202eשלם\u202c " * 4, "Ratu Agung " * 11]
HRI = re.compile(r"1771-[BKCEWX]-[0-9A-Z]{5}-[0-9A-Z]")


def item_id(number: int, kind: ItemKind = ItemKind.BOX) -> ItemId:
    return ItemId.from_number("1771", kind, number)


def loaded(number: int, **fields: Any) -> LoadedItem:  # noqa: ANN401 - fields of every type
    station = number // 5
    usual: dict[str, Any] = {
        "item": item_id(number),
        "kind": KINDS[number % 5],
        "kelurahan": f"Kelurahan {station // 14 + 1}",
        "tps": f"{station % 14 + 1:03}",
        "condition": "Baik",
        "seals": (f"S{number:06}",),
    }
    return LoadedItem(**{**usual, **fields})


def missing(number: int, **fields: Any) -> MissingItem:  # noqa: ANN401 - as above
    usual: dict[str, Any] = {
        "item": item_id(number),
        "kind": "DPD",
        "kelurahan": "Padang Serai",
        "tps": "031",
        "disposition": "Tetap di gudang",
        "reason": "Belum selesai dikemas",
    }
    return MissingItem(**{**usual, **fields})


def manifest(payload: int) -> str:
    """A text as a signed manifest of so many bytes is."""
    rng = np.random.default_rng(payload)
    return qr_text.encode("JM1", rng.bytes(payload))


def bill(boxes: int = 40, **fields: Any) -> Waybill:  # noqa: ANN401 - as above
    usual: dict[str, Any] = {
        "number": 12,
        "issuer": "KPU Kota Bengkulu",
        "departs_from": "Gudang KPU Kota Bengkulu",
        "goes_to": "Kecamatan Kampung Melayu",
        "kinds": KINDS,
        "vehicle": "BD 8123 AU",
        "driver": "Rahmat Hidayat",
        "carrier": "CV Sinar Bengkulu",
        "escort_unit": "Polresta Bengkulu",
        "escort": "Yusuf Andika",
        "supervisor": "Siti Aminah (Panwascam)",
        "door_seal": "KPU-0093412",
        "key_holder": "Andi Saputra",
        "planned_departure": "12 Feb 2024 14.00 WIB",
        "planned_arrival": "12 Feb 2024 15.10 WIB",
        "departed": "12 Feb 2024 14.32 WIB",
        "weather": "Hujan ringan",
        "rain_cover": True,
        "hands_over": "Dewi Lestari",
        "closed_by": ("Dewi Lestari", "Budi Santoso"),
        "items": tuple(map(loaded, range(boxes))),
        "head": WaybillHead(
            origin="jejak/1771/gudang/g1",
            size=12_345,
            root=base64.b64encode(bytes(range(32))).decode(),
            words=WORDS,
        ),
        "manifest": manifest(215),
    }
    return Waybill(**{**usual, **fields})


def texts(pdf: bytes) -> list[str]:
    """The words of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            document[page].get_textpage().get_text_range()
            for page in range(len(document))
        ]
    finally:
        document.close()


def read(picture: NDArray[np.uint8]) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)


def margins_are_white(pdf: bytes) -> bool:
    """True when nothing comes nearer than 9 mm to an edge of a page."""
    dpi = 100
    edge = int(9 / 25.4 * dpi)
    for page in pages(pdf, dpi):
        inside = page.copy()
        inside[edge:-edge, edge:-edge] = 255
        if inside.min() < 255 or page.min() == 255:
            return False
    return True


def symbol_and_border(
    page: NDArray[np.uint8], dpi: int, text: str
) -> tuple[float, float, bool]:
    """Millimetres a module, millimetres with the border, and whether that is white."""
    (symbol,) = read(page)
    corner = symbol.position
    modules = len(code_matrix(text, "M" if symbol.ec_level == "M" else "L"))
    wide = corner.top_right.x - corner.top_left.x + 1
    module = wide / modules
    border, blur = int(module * 4), 3
    around = page[
        corner.top_left.y - border + blur : corner.bottom_right.y + border - blur,
        corner.top_left.x - border + blur : corner.bottom_right.x + border - blur,
    ].copy()
    inside = border - 2 * blur
    around[inside:-inside, inside:-inside] = 255
    side = module * (modules + 8)
    return module / dpi * 25.4, side / dpi * 25.4, bool(around.min() == 255)


def test_the_first_page_says_everything_about_the_trip() -> None:
    full = bill()

    first, *_ = texts(waybill(full))

    for expected in (
        *("KPU KOTA BENGKULU", "SURAT JALAN", "0012", "Gudang KPU Kota Bengkulu"),
        *("Kecamatan Kampung Melayu", "BD 8123 AU", "Rahmat Hidayat", "KPU-0093412"),
        *("CV Sinar Bengkulu", "Yusuf Andika, Polresta Bengkulu", "Andi Saputra"),
        *("12 Feb 2024 14.00 WIB", "12 Feb 2024 15.10 WIB", "12 Feb 2024 14.32 WIB"),
        *("Hujan ringan", "dipasang", "Dewi Lestari dan Budi Santoso"),
        *("Yang menyerahkan", "Yang menerima", "Pengemudi", "Pengawal", "Pengawas"),
        *("Siti Aminah (Panwascam)", "jejak/1771/gudang/g1", "12.345 catatan"),
        *("empat puluh kotak", "Lengkap, tidak ada yang kurang."),
        *(f"{place} {word}" for place, word in enumerate(WORDS, 1)),
    ):
        assert expected in first
    assert full.head.root in first.replace(" ", "").replace("\r\n", "")


def test_the_counts_are_those_of_the_lists() -> None:
    gone = [*map(loaded, range(40)), loaded(90, kind=""), loaded(91, kind="PILWALI")]
    kept = (missing(100), missing(101, kind="PILGUB"))

    first, *_ = texts(waybill(bill(items=tuple(gone), missing=kept)))

    for row in (
        *("PPWP 8 0 8", "DPD 9 1 8", "DPRD Provinsi 8 0 8", "Tanpa jenis 1 0 1"),
        *("PILWALI 1 0 1", "PILGUB 1 1 0", "Jumlah 44 2 42"),
    ):
        assert row in " ".join(first.split())
    assert "empat puluh dua kotak" in first


def test_a_bundle_among_boxes_makes_them_goods() -> None:
    bundle = loaded(90, item=item_id(1, ItemKind.BUNDLE))

    first, *_ = texts(waybill(bill(items=(loaded(1), bundle))))

    assert "dua barang" in first


@pytest.mark.parametrize("cover", [None, False])
def test_what_is_not_known_is_left_to_a_pen(*, cover: bool | None) -> None:
    first, *_ = texts(waybill(bill(rain_cover=cover, driver="", vehicle=" ")))

    assert ("tidak dipasang" in first) is (cover is False)
    assert "Rahmat" not in first
    assert first.count("nama jelas") == 2  # who receives, and the driver


@pytest.mark.parametrize("payload", [90, 215, 400, 543, 694])
def test_the_manifest_reads_from_the_printed_page_and_is_large_enough(
    payload: int,
) -> None:
    dpi = 203
    text = manifest(payload)

    page = pages(waybill(bill(manifest=text)), dpi)[0]

    assert [symbol.text for symbol in read(page)] == [text]
    module, wide, white = symbol_and_border(page, dpi, text)
    assert module > 1.19
    assert 70 <= wide <= 120.5
    assert white


def test_the_symbol_corrects_most_errors_that_fit_the_page() -> None:
    levels = [
        read(pages(waybill(bill(manifest=manifest(payload))))[0])[0].ec_level
        for payload in (215, 400, 694)
    ]

    assert levels == ["M", "M", "L"]


@pytest.mark.parametrize("payload", [730, 2_200, 2_900])
def test_a_manifest_too_large_for_the_page_is_refused_in_a_sentence(
    payload: int,
) -> None:
    with pytest.raises(LabelError) as error:
        waybill(bill(manifest=manifest(payload)))

    assert error.value.fault is LabelFault.SYMBOL
    assert "up to 1046 characters, 120 mm wide" in str(error.value)
    assert "split the load over two consignments." in str(error.value)


def test_a_manifest_that_is_no_text_for_a_symbol_is_refused() -> None:
    with pytest.raises(LabelError, match="A-Z"):
        waybill(bill(manifest="jm1:\u202e"))


@pytest.mark.parametrize("payload", [90, 215, 400, 694])
def test_the_manifest_reads_through_a_webcam_held_over_the_page(payload: int) -> None:
    """The symbol fills a frame of 1280 px; soft, grey and noisy."""
    text = manifest(payload)
    dpi = 1_280 / 120 * 25.4
    page = pages(waybill(bill(manifest=text)), int(dpi))[0]
    (symbol,) = read(page)
    left, top = symbol.position.top_left.x - 90, symbol.position.top_left.y - 90
    part = page[top : top + 1_280, left : left + 1_280]

    soft = cv2.GaussianBlur(part, (0, 0), 1.0)
    noise = np.random.default_rng(payload).normal(0, 10, soft.shape)
    taken = np.clip(soft * 0.65 + 40 + noise, 0, 255).astype(np.uint8)

    assert [found.text for found in Decoder().read(taken, 0)] == [text]


@pytest.mark.parametrize("payload", [143, 215, 400, 694])
def test_the_manifest_reads_through_the_cameras_path_from_arms_length(
    payload: int,
) -> None:
    """4 px a millimetre: 1080p, about 45 cm away; turned as a hand holds it."""
    text = manifest(payload)
    page = pages(waybill(bill(manifest=text)), round(4 * 25.4))[0][350:1_000]

    decoder = Decoder()
    found = {
        symbol.text
        for take in range(5)
        for symbol in decoder.read(seen(page, 2 * take - 3, seed=take), take * 66)
        if symbol.text is not None
    }

    assert found == {text}


def test_the_manifest_reads_from_a_hard_photocopy() -> None:
    page = pages(waybill(bill()), 200)[0]

    copied = np.where(cv2.GaussianBlur(page, (0, 0), 1.2) > 110, 255, 0)

    assert [s.text for s in read(copied.astype(np.uint8))] == [manifest(215)]


def test_a_city_truck_of_405_boxes_fills_few_pages_and_names_each_once() -> None:
    full = bill(405)

    pdf = waybill(full)

    said = texts(pdf)
    assert len(said) <= 6
    found = [hri for page in said for hri in HRI.findall(page)]
    assert sorted(found) == sorted(item.item.as_hri() for item in full.items)
    seals = "".join(said)
    assert all(seals.count(item.seals[0]) == 1 for item in full.items)
    assert margins_are_white(pdf)
    assert "Akhir daftar: 405 kotak" in said[-1]


def test_every_page_says_which_paper_it_is_of() -> None:
    full = bill(405, missing=(missing(900),), note="DATA REKAAN")

    said = texts(waybill(full))

    for number, page in enumerate(said, 1):
        assert f"Halaman {number} dari {len(said)}" in page
        assert "Surat jalan 0012" in page
        assert "Kecamatan Kampung Melayu" in page
        assert f"Buku: 12.345 · {full.head.root[:12]}" in page
        assert "DATA REKAAN" in page


def test_items_stand_under_their_kelurahan_and_tps() -> None:
    _, first, *_ = texts(waybill(bill(80)))

    begin = first.index("Kelurahan 1 · 70 kotak")
    block = first[begin : first.index("\n002", begin)]
    assert "001" in block
    assert HRI.findall(block) == [item_id(number).as_hri() for number in range(5)]
    assert "Kelurahan 2 · 10 kotak" in first


def test_a_kelurahan_that_goes_on_says_so_in_the_next_column() -> None:
    said = texts(waybill(bill(405)))

    assert sum(page.count("(lanjutan)") for page in said) >= 5


def test_many_seals_are_all_named_whatever_paper_that_takes() -> None:
    seals = tuple(f"PLASTIK-{place:05}" for place in range(12))
    full = bill(items=tuple(loaded(number, seals=seals) for number in range(30)))

    said = "".join(texts(waybill(full)))

    for seal in seals:
        assert said.count(seal) == 30


def test_a_tps_with_more_items_than_a_column_holds_is_cut_into_pieces() -> None:
    full = bill(
        items=tuple(loaded(n, tps="", kelurahan="", kind="PPWP") for n in range(300))
    )

    pdf = waybill(full)

    found = [hri for page in texts(pdf) for hri in HRI.findall(page)]
    assert sorted(found) == sorted(item.item.as_hri() for item in full.items)
    assert "Tanpa kelurahan · 300 kotak" in texts(pdf)[1]
    assert margins_are_white(pdf)


def test_what_is_missing_is_named_with_what_becomes_of_it_and_why() -> None:
    reason = "Dus basah di sisi kiri, surat suara dijemur dan dihitung ulang " * 3
    kept = [missing(number + 500) for number in range(60)]
    kept.append(missing(990, disposition="Rusak", reason=reason))

    said = texts(waybill(bill(missing=tuple(kept))))

    assert "Kurang 61 kotak: lihat halaman 3." in said[0]
    assert "Kurang: 61 kotak tidak berangkat" in said[2]
    named = [hri for page in said[2:] for hri in HRI.findall(page)]
    assert named == [item.item.as_hri() for item in kept]
    assert " ".join(reason.split()) in " ".join(said[-1].split())
    assert "Rusak" in said[-1]
    assert "Akhir daftar: 61 kotak" in said[-1]


def test_a_later_version_says_what_it_replaces_and_why() -> None:
    first, *others = texts(
        waybill(bill(version=2, version_reason="kendaraan diganti BD 9001 CY"))
    )

    assert (
        "VERSI 2 \N{EN DASH} menggantikan versi 1: kendaraan diganti BD 9001 CY"
        in first
    )
    assert all("Surat jalan 0012 versi 2" in page for page in (first, *others))
    assert "VERSI" not in texts(waybill(bill()))[0]


@pytest.mark.parametrize("text", ODD)
def test_names_with_anything_in_them_stay_on_the_page(text: str) -> None:
    fields = (
        *("issuer", "departs_from", "goes_to", "vehicle", "driver", "carrier"),
        *("escort_unit", "escort", "supervisor", "door_seal", "key_holder"),
        *("planned_departure", "planned_arrival", "departed", "weather"),
        *("hands_over", "receives", "note"),
    )
    names: dict[str, Any] = dict.fromkeys(fields, text)
    items = [
        loaded(n, kind=text, kelurahan=text, tps=text, condition=text, seals=(text,))
        for n in range(40)
    ]
    odd = bill(
        **names,
        version=3,
        version_reason=f"alasan {text}",
        kinds=(text, "DPR"),
        closed_by=(text, text),
        items=tuple(items),
        missing=(missing(900, disposition=text, reason=text, kelurahan=text),),
        head=WaybillHead(origin=text, size=1, root=text, words=(text,) * 24),
    )

    pdf = waybill(odd)

    assert margins_are_white(pdf)
    page = pages(pdf, 203)[0]
    assert [symbol.text for symbol in read(page)] == [manifest(215)]
    assert symbol_and_border(page, 203, manifest(215))[2]
    if any(unicodedata.bidirectional(character) == "AL" for character in text):
        return  # pdfium gives the words of such lines out of their order
    said = "".join(texts(pdf))
    for number in (*range(40), 900):
        hri = item_id(number).as_hri()
        assert said.count(hri) + said.count(hri[::-1]) == 1


def test_the_fullest_first_page_keeps_its_parts_apart() -> None:
    kinds = (*KINDS, "PILGUB", "PILBUP", "PILWALI", "")
    full = bill(
        items=tuple(loaded(n, kind=kinds[n % 9]) for n in range(90)),
        kinds=kinds,
        missing=(missing(900),),
        version=2,
        version_reason="kendaraan rusak di jalan dan segel pintu diganti; " * 6,
        manifest=manifest(694),
    )

    pdf = waybill(full)

    for box, other in overlaps(pdf):
        pytest.fail(f"{box} is written over {other}")
    assert symbol_and_border(pages(pdf)[0], 203, full.manifest)[2]


def overlaps(pdf: bytes) -> Iterator[tuple[str, str]]:
    """Pairs of texts on the first page whose boxes share more than a hair."""
    document = pypdfium2.PdfDocument(pdf)
    words = document[0].get_textpage()
    boxes = [words.get_rect(place) for place in range(words.count_rects())]
    named = [(box, words.get_text_bounded(*box)) for box in boxes]
    document.close()
    hair = 0.6
    for place, (one, said) in enumerate(named):
        for other, also in named[:place]:
            wide = min(one[2], other[2]) - max(one[0], other[0])
            high = min(one[3], other[3]) - max(one[1], other[1])
            if wide > hair and high > hair:
                yield said, also


def test_usual_pages_have_no_text_over_another() -> None:
    assert list(overlaps(waybill(bill(405, missing=(missing(900),))))) == []


def test_papers_are_black_on_white() -> None:
    pdf = waybill(bill(note="DATA REKAAN"))

    document = pypdfium2.PdfDocument(pdf)
    page = document[0].render(scale=1).to_numpy()
    document.close()

    assert (page.min(axis=2) == page.max(axis=2)).all()


def test_the_same_words_give_the_same_bytes_in_another_process_too() -> None:
    program = (
        "import hashlib; from tests import test_papers as t;"
        "print(hashlib.sha256(t.both()).hexdigest())"
    )

    first = both()
    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

    assert both() == first
    assert elsewhere == hashlib.sha256(first).hexdigest()
    assert waybill(replace(bill(), number=13)) != waybill(bill())


def both() -> bytes:
    odd = bill(goes_to=ODD[2], driver=ODD[3])
    return waybill(odd) + custody_form(range(7, 9), ODD[4])


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"number": 0}, "a number from 1, got 0"),
        ({"version": 0}, "a version from 1, got 0"),
        ({"version": 2, "version_reason": " "}, "the reason for version 2, got none"),
        ({"items": ()}, "1 or more items, got none: load some first."),
    ],
)
def test_a_waybill_that_says_nothing_is_refused(
    fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(LabelError) as error:
        bill(**fields)

    assert error.value.fault is LabelFault.COUNT
    assert sentence in str(error.value)


def test_a_refusal_tells_what_to_do() -> None:
    error = WaybillError(LabelFault.COUNT, "three", "two", "add one")

    assert str(error) == "Expected three, got two: add one."


def test_custody_forms_are_numbered_pages_with_twenty_rows() -> None:
    pdf = custody_form(range(7, 10), "Gudang Utara", issuer="KPU Kota Bengkulu")

    said = texts(pdf)
    assert len(said) == 3
    for number, page in zip(range(7, 10), said, strict=True):
        assert re.findall(r"F-\d+", page) == [f"F-{number:04}"]
        for expected in (
            *("FORMULIR CADANGAN", "KPU KOTA BENGKULU", "Gudang Utara", "Gerbang"),
            *("Surat jalan nomor", "Tanggal", "Jam mulai", "Kondisi", "Nomor segel"),
            *("Yang menyerahkan", "Yang menerima", "Dimasukkan ke stasiun oleh"),
            *("1 Baik", "5 Rusak", "catatan nomor"),
        ):
            assert expected in page
        rows = [line.strip() for line in page.splitlines()]
        assert {str(row) for row in range(1, ROWS + 1)} <= set(rows)
    assert margins_are_white(pdf)
    assert list(overlaps(pdf)) == []


@pytest.mark.parametrize("text", ODD)
def test_custody_forms_take_any_name_of_a_place(text: str) -> None:
    pdf = custody_form(range(1, 2), text, issuer=text, note=text)

    assert margins_are_white(pdf)
    assert "F-0001" in texts(pdf)[0]


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        (range(7, 7), f"1 to {MOST_FORMS} forms, got 0"),
        (range(1, 1_000), f"1 to {MOST_FORMS} forms, got 999"),
        (range(5), "form numbers from 1, got 0"),
    ],
)
def test_impossible_numbers_of_forms_are_refused(numbers: range, sentence: str) -> None:
    with pytest.raises(LabelError, match=sentence) as error:
        custody_form(numbers, "Gudang")

    assert error.value.fault is LabelFault.COUNT


def test_a_text_is_broken_at_blanks_and_its_last_line_holds_the_rest() -> None:
    register()

    lines = wrapped("satu dua tiga empat lima", 12, SMALL, 3)

    assert lines == ["satu dua", "tiga", "empat lima"]
    assert wrapped("", 12, SMALL, 3) == []
    assert wrapped("W" * 20, 12, SMALL, 9) == ["WWWW"] * 5
    assert wrapped("WW", 0.1, SMALL, 9) == ["W", "W"]
