"""ZPL: the dots that are sent are the label, whoever reads them."""

from __future__ import annotations

import io
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from labels.label_code import ItemKind, LabelError
from labels.printing import zpl as thermal
from labels.qr_symbol import matrix, texts
from labels.stocks import A4_4, STOCKS
from tests.test_label_sheet import NASTY, artwork

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ROLLS = [name for name, stock in STOCKS.items() if stock.roll]
RENDERER = "zpl-renderer-js@3.4.0"
SCRIPT = """
const fs = require("fs");
require("zpl-renderer-js").ready.then(async ({ api }) => {
  const [width, height] = process.argv.slice(2).map(Number);
  const zpl = fs.readFileSync("job.zpl", "latin1");
  const pictures = await api.zplToBase64MultipleAsync(zpl, width, height, 8);
  pictures.forEach((picture, number) =>
    fs.writeFileSync(`${number}.png`, Buffer.from(picture, "base64")));
  process.exit(0);
});
"""


@pytest.mark.parametrize("dpi", thermal.RESOLUTIONS)
@pytest.mark.parametrize("name", ROLLS)
def test_the_dots_that_are_sent_read_as_the_label(name: str, dpi: int) -> None:
    labels = [artwork(number) for number in range(3)]

    printed = list(thermal.read(thermal.render(labels, STOCKS[name], dpi=dpi)))

    assert [texts(label.dots) for label in printed] == [
        [str(label.code)] for label in labels
    ]
    width, height = STOCKS[name].label_mm
    per_mm = thermal.RESOLUTIONS[dpi] / 25.4
    assert printed[0].dots.shape == (round(height * per_mm), round(width * per_mm))


@pytest.mark.parametrize("dpi", thermal.RESOLUTIONS)
@pytest.mark.parametrize("name", ROLLS)
def test_every_module_is_the_same_whole_number_of_dots(name: str, dpi: int) -> None:
    label = artwork(1)
    (printed,) = thermal.read(thermal.render([label], STOCKS[name], dpi=dpi))
    spot = STOCKS[name].layout.spot
    module = int(spot.module_mm * thermal.RESOLUTIONS[dpi] / 25.4 + 1e-6)
    drawn = np.kron(matrix(str(label.code)), np.ones((module, module), np.bool_))

    (found,) = zxingcpp.read_barcodes(printed.dots)

    corner = found.position.top_left
    places = [
        printed.dots[y : y + len(drawn), x : x + len(drawn)] == 0
        for y in range(corner.y - 2, corner.y + 3)
        for x in range(corner.x - 2, corner.x + 3)
    ]
    assert sum(np.array_equal(place, drawn) for place in places) == 1


@pytest.mark.slow
def test_an_independent_renderer_sees_the_same_labels(tmp_path: Path) -> None:
    name = "100x50"
    labels = [
        artwork(number, list(ItemKind)[number % 6], kelurahan=NASTY[number % 10])
        for number in range(100)
    ]
    zpl = thermal.render(labels, STOCKS[name])

    pictures = _rendered(tmp_path, zpl, STOCKS[name].label_mm)

    assert [texts(picture) for picture in pictures] == [
        [str(label.code)] for label in labels
    ]
    for picture, printed in zip(pictures, thermal.read(zpl), strict=True):
        np.testing.assert_array_equal(picture, printed.dots)


def _rendered(
    folder: Path, zpl: bytes, size_mm: tuple[float, float]
) -> list[NDArray[np.uint8]]:
    """The labels as another project's program draws them; skips where it is not."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("node and npm are not installed: no independent ZPL renderer")
    quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
    try:
        subprocess.run(
            [npm, "install", *quiet, RENDERER],
            check=True,
            capture_output=True,
            timeout=120,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"{RENDERER} cannot be installed here: {error}")
    (folder / "job.zpl").write_bytes(zpl)
    (folder / "draw.cjs").write_text(SCRIPT, "ascii")
    subprocess.run(
        [node, "draw.cjs", *map(str, size_mm)], cwd=folder, check=True, timeout=240
    )
    return [
        np.asarray(
            Image.open(io.BytesIO((folder / f"{number}.png").read_bytes())).convert("L")
        )
        for number in range(len(list(folder.glob("*.png"))))
    ]


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_no_name_is_ever_a_command(nasty: str) -> None:
    keys = ("tps", "kelurahan", "kecamatan", "regency", "note", "ballot")
    fields: dict[str, Any] = dict.fromkeys(keys, nasty)
    label = artwork(1, bar="", **fields)

    zpl = thermal.render([label], STOCKS["60x40"])

    # Commands and hexadecimal alone: no field of text at all.
    commands = [part[:2] for part in zpl.decode("ascii").split("^")[1:]]
    assert commands == [
        "XA",
        "PW",
        "LL",
        "LH",
        "LS",
        "LT",
        "FO",
        "GF",
        "FS",
        "PQ",
        "XZ",
    ]
    assert b"~" not in zpl
    (printed,) = thermal.read(zpl)
    assert texts(printed.dots) == [str(label.code)]


def test_copies_are_counted_by_the_printer_not_sent_again() -> None:
    first, second = artwork(1), artwork(2)

    zpl = thermal.render([first, first, second], STOCKS["60x40"], copies=3)

    assert [printed.copies for printed in thermal.read(zpl)] == [6, 3]


def test_an_offset_moves_the_dots_right_and_up() -> None:
    stock = STOCKS["60x40"]
    plain, moved = (
        next(thermal.read(thermal.render([artwork(1)], stock, offset_mm=offset))).dots
        for offset in ((0.0, 0.0), (1.0, 1.5))
    )

    np.testing.assert_array_equal(moved[:-12, 8:], plain[12:, :-8])
    assert moved[:, :8].min() == moved[-12:].min() == 255


def test_the_same_request_gives_the_same_bytes_and_tells_its_progress() -> None:
    told: list[tuple[int, int]] = []
    labels = [artwork(1), artwork(2)]

    def render(**given: Any) -> bytes:  # noqa: ANN401 - options of any type
        return thermal.render(labels, STOCKS["60x40"], copies=2, **given)

    assert render(progress=lambda *done: told.append(done)) == render()
    assert told == [(2, 4), (4, 4)]


@pytest.mark.parametrize("times", [1, 2, 3, 19, 20, 21, 39, 40, 41, 399, 419, 420, 900])
def test_rows_come_back_from_their_run_lengths(times: int) -> None:
    rows = ["F" * times + "1A", "0" * times + "01", "0" * (times + 2)]

    for row in rows:
        assert list(thermal._rows(thermal._row(row), len(row))) == [row]


def test_a_job_that_is_not_ours_is_not_read() -> None:
    good = thermal.render([artwork(1)], STOCKS["60x40"])

    for bad in (b"^XA^FDx^FS^XZ\n", good + b"^XA", b" " + good, good[:-9]):
        with pytest.raises(LabelError):
            list(thermal.read(bad))


def test_a_sheet_or_another_resolution_is_refused() -> None:
    with pytest.raises(LabelError, match="label printer"):
        thermal.render([artwork(1)], A4_4)
    with pytest.raises(LabelError, match="203 or 300"):
        thermal.render([artwork(1)], STOCKS["60x40"], dpi=600)
    with pytest.raises(LabelError, match="1 or more labels"):
        thermal.render([], STOCKS["60x40"])
