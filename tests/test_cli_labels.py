"""jejak labels: what a clerk types, and what lies on paper and in the ledger then."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from click.testing import CliRunner, Result

from labels import qr_symbol
from labels.printing import zpl
from labels.raster import rastered
from labels.trial_label import trial_code
from station.bench import label_speed
from station.cli.main import main
from station.errors import StationError
from station.founding import create_station
from station.ledger import verify
from station.settings import station_toml
from station.storage import database
from station.storage.writer_lock import WriterLock

if TYPE_CHECKING:
    from station.settings.station_toml import Settings
    from tests.conftest import City

OWN = """
[[stock]]
name = "a4-8"
title = "A4, 8 label 105 x 74 mm"
page_mm = [210, 297]
label_mm = [105, 74]
columns = 2
rows = 4
cut_marks = true
"""


@pytest.fixture
def station(settings: Settings, city: City) -> Path:
    """The folder of a station whose ledger holds the small plan."""
    assert city.near
    return settings.folder


def run(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["labels", "--data", str(folder), *options])


def texts(pdf: Path) -> list[str]:
    return [
        text for page in rastered(pdf.read_bytes()) for text in qr_symbol.texts(page)
    ]


def test_a_pdf_holds_two_labels_for_each_chosen_box(
    station: Path, tmp_path: Path
) -> None:
    out = tmp_path / "labels.pdf"

    result = run(station, "--out", str(out), "--kind", "B", "--area", "17.71.01")

    assert result.exit_code == 0, result.output
    assert f"8 labels of 4 items in {out}" in result.output
    assert len(texts(out)) == 8
    assert len(set(texts(out))) == 4
    db = database.open_reader(station / "ledger.db")
    assert verify.verify(db).holds
    db.close()


def test_zpl_and_stock_and_copies(station: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels.zpl"
    options = ["--stock", "60x40", "--dpi", "300", "--copies", "3", "--tps", "002"]

    result = run(station, "--zpl", str(out), *options)

    assert result.exit_code == 0, result.output
    printed = list(zpl.read(out.read_bytes()))
    assert [label.copies for label in printed] == [3, 3]
    assert printed[0].dots.shape == (472, 709)


def test_missing_then_reprint_with_a_reason(station: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "labels.pdf")
    one = ["--item", "1771-B-00001"]

    assert run(station, "--out", out, "--missing").exit_code == 0
    again = run(station, "--out", out, "--missing")
    reprint = run(station, "--out", out, *one, "--reprint", "--reason", "sobek")

    assert again.exit_code == 1
    assert "never printed" in again.output
    assert reprint.exit_code == 0
    (first, second) = texts(Path(out))
    assert first == second


def test_a_printer_that_refuses_leaves_the_reprint_missing(
    station: Path, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    options = ["--stock", "60x40", "--item", "1771-B-00001"]
    run(station, "--out", str(tmp_path / "all.pdf"))

    reprint = ["--reprint", "--reason", "basah"]
    result = run(station, "--printer", f"127.0.0.1:{port}", *options, *reprint)

    assert result.exit_code == 1
    assert "nothing was counted as printed" in result.output
    assert "--missing" in result.output
    missing = run(station, "--out", str(tmp_path / "one.pdf"), "--missing")
    assert "2 labels of 1 items" in missing.output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "give one of"),
        (["--out", "a.pdf", "--zpl", "a.zpl"], "give one of"),
        (["--out", "a.pdf", "--reprint"], "go together"),
        (["--out", "a.pdf", "--reason", "x"], "go together"),
        (["--test-page"], "its name with --out"),
        (["--out", "a.pdf", "--copies", "0"], "--copies"),
    ],
)
def test_options_that_do_not_go_together_are_status_2(
    options: list[str], told: str, station: Path
) -> None:
    result = run(station, *options)

    assert result.exit_code == 2
    assert told in result.output


def test_an_unknown_stock_or_a_sheet_for_a_label_printer_is_status_1(
    station: Path, tmp_path: Path
) -> None:
    out = str(tmp_path / "x")

    assert "choose one" in run(station, "--out", out, "--stock", "letter").output
    assert run(station, "--zpl", out, "--stock", "l7160").exit_code == 1
    assert run(station, "--out", out, "--skip", "4").exit_code == 1
    assert not Path(out).exists()


def test_stocks_are_listed_with_their_reach_the_stations_own_too(
    station: Path,
) -> None:
    toml = station / "station.toml"
    toml.write_text(toml.read_text("utf-8") + OWN, "utf-8")

    result = run(station, "--stocks")

    assert result.exit_code == 0
    for told in ("a4-4", "module 2.50 mm", "1080p 1.1 m", "tj-103", "a4-8", "60x40"):
        assert told in result.output


@pytest.mark.parametrize(("stock", "labels"), [("a4-4", 4), ("60x40", 1)])
def test_test_labels_read_as_what_the_gate_knows_and_are_no_items(
    station: Path, tmp_path: Path, stock: str, labels: int
) -> None:
    out = tmp_path / "uji.pdf"

    result = run(station, "--test-label", "--out", str(out), "--stock", stock)

    assert result.exit_code == 0, result.output
    key = create_station.label_key(station_toml.load(station))
    assert texts(out) == [str(trial_code("1771", key))] * labels
    words = pypdfium2.PdfDocument(out)[0].get_textpage().get_text_bounded()
    assert "00000-Z" in words
    assert "UJI KAMERA" in words


def test_test_labels_go_to_a_file(station: Path) -> None:
    assert run(station, "--test-label").exit_code == 2


def test_a_test_page_needs_no_items(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "ruler.pdf"

    result = run(settings.folder, "--test-page", "--out", str(out), "--stock", "tj-103")

    assert result.exit_code == 0
    document = pypdfium2.PdfDocument(out.read_bytes())
    width, height = document[0].get_size()
    document.close()
    assert (width / 72 * 25.4, height / 72 * 25.4) == pytest.approx((215, 165), abs=0.1)


@pytest.mark.parametrize(
    ("line", "wrong", "told"),
    [
        ("columns = 2", "columns = 0", "columns"),
        ("label_mm = [105, 74]", "label_mm = [106, 74]", "page_mm, 210 mm of width"),
        ("rows = 4", "rows = 5", "page_mm, 297 mm of height"),
        ("rows = 4", "rows = 4\nrow_gap_mm = -1", "row_gap_mm of 0 or more"),
        ("rows = 4", 'rows = 4\nleft_mm = "1"', "left_mm: expected a length"),
        ("page_mm = [210, 297]", "page_mm = [210]", "page_mm: expected width"),
        ("page_mm = [210, 297]", "page_mm = [210, true]", "page_mm: expected width"),
        ("rows = 4", "rows = 4\nleft = 1", "left: expected one of"),
        ('name = "a4-8"', 'name = "A4 8"', "name: expected"),
        ("cut_marks = true", "cut_marks = 1", "cut_marks: expected true or false"),
    ],
)
def test_a_wrong_measure_in_station_toml_is_named(
    line: str, wrong: str, told: str, settings: Settings
) -> None:
    toml = settings.folder / "station.toml"
    toml.write_text(toml.read_text("utf-8") + OWN.replace(line, wrong), "utf-8")

    with pytest.raises(StationError) as error:
        station_toml.load(settings.folder)

    assert told in str(error.value)
    assert "[[stock]]" in str(error.value)


def test_the_benchmark_reads_every_label_that_it_draws() -> None:
    figures = label_speed.run(boxes=50, labels=9)

    assert figures["boxes_issued"] == 50
    assert (figures["read_back_203_dpi"], figures["read_back_wrong"]) == (9, 0)
    assert figures["pdf_same_again"] is True
    few = label_speed.draw(5, 2)
    assert few["zpl_read_back"] == few["zpl_labels"] == 2


def test_zpl_alone_is_for_the_usual_roll(station: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels.zpl"

    result = run(station, "--zpl", str(out), "--item", "1771-B-00001")

    assert result.exit_code == 0, result.output
    (printed,) = zpl.read(out.read_bytes())
    assert printed.dots.shape == (1200, 800)


def test_a_sheet_for_zpl_is_answered_with_the_rolls(
    station: Path, tmp_path: Path
) -> None:
    result = run(station, "--zpl", str(tmp_path / "x.zpl"), "--stock", "a4-4")

    assert "Expected a roll for --zpl" in result.output
    assert "--stock 100x150" in result.output


@pytest.mark.parametrize("options", [(), ("--test-label",), ("--test-page",)])
def test_a_file_without_a_folder_is_one_sentence(
    station: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    result = run(station, "--out", str(tmp_path / "none" / "x.pdf"), *options)

    assert result.exit_code == 1
    assert result.output.startswith("jejak: Expected a folder")


def test_an_area_may_be_typed_without_its_dots(station: Path, tmp_path: Path) -> None:
    result = run(
        station, "--out", str(tmp_path / "x.pdf"), "--area", "177101", "--kind", "B"
    )

    assert "8 labels of 4 items" in result.output


@pytest.mark.parametrize(
    ("command", "page"),
    [(["labels", "--out", "x.pdf"], "Label"), (["import", "."], "Rencana")],
)
def test_a_running_station_is_told_with_the_page_to_use(
    settings: Settings, command: list[str], page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(settings.folder)
    (settings.folder / "areas.csv").write_text("level,code,name\n")

    with WriterLock(settings.folder):
        result = CliRunner().invoke(main, [*command, "--data", str(settings.folder)])

    assert result.exit_code == 1
    assert f"use its page {page}, or stop it first" in result.output


def test_a_plan_that_is_not_there_is_told_in_english(settings: Settings) -> None:
    result = CliRunner().invoke(
        main, ["import", "nowhere.csv", "--data", str(settings.folder)]
    )

    assert result.exit_code == 2
    assert "'nowhere.csv' does not exist" in result.output


def test_a_wrong_regency_names_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "new"

    result = CliRunner().invoke(
        main, ["init", "--regency", "17", "--title", "KPU", "--data", str(folder)]
    )

    assert result.exit_code == 2
    assert "four digits such as 1771, got '17'" in result.output
    assert "station.toml" not in result.output
    assert not folder.exists()
