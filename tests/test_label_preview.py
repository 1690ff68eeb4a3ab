"""A page of labels as a picture for the screen: PNG, in colour, read by others."""

from __future__ import annotations

import io
import threading

import numpy as np
import zxingcpp
from PIL import Image

from labels import png, raster, sheets
from labels.stocks import A4_4
from station.bench import label_speed


def opened(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def test_png_holds_every_pixel() -> None:
    random = np.random.default_rng(5)
    for shape in ((1, 1), (7, 3), (40, 61, 3)):
        picture = random.integers(0, 256, shape, np.uint8)

        assert np.array_equal(opened(png.encode(picture)), picture)


def test_a_picture_of_labels_is_in_colour_and_reads() -> None:
    artworks = [label_speed.made_up(n) for n in range(4)]
    pdf = sheets.render(artworks, A4_4)

    picture = opened(png.encode(raster.pictured(pdf, 96)))

    assert picture.shape == (1123, 794, 3)
    spread = picture.max(axis=2).astype(int) - picture.min(axis=2)
    assert spread.max() > 100, "the bars of the kinds have colours"
    read = {found.text for found in zxingcpp.read_barcodes(picture)}
    assert read == {str(one.code) for one in artworks}


def test_two_threads_draw_at_once_and_get_the_same_bytes() -> None:
    artworks = [label_speed.made_up(n) for n in range(24)]
    wanted = sheets.render(artworks, A4_4)
    pages = [page.copy() for page in raster.rastered(wanted)]
    wrong: list[str] = []

    def work() -> None:
        for _ in range(3):
            pdf = sheets.render(artworks, A4_4)
            if pdf != wanted:
                wrong.append("pdf")
            seen = raster.rastered(pdf)
            if not all(map(np.array_equal, seen, pages)):
                wrong.append("page")

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
