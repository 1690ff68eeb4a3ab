"""The Label and plan pages in a real browser: each one's main way, and reloads."""

from __future__ import annotations

import contextlib
import re
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from labels import qr_symbol
from labels.raster import rastered
from station.custody import registry
from station.custody.labelling import selection
from station.custody.labelling.selection import Selection
from station.ledger import log_reading
from station.model import Ballot
from tests.browsing import (
    PATIENCE_MS,
    barriers,
    burst,
    enter,
    needs_chromium,
    picture,
    window,
)
from tests.running import running
from tests.test_web_plan import BAD
from tests.web_scene import HERE, Scene, without_cameras

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from playwright.sync_api import Browser, Page


pytestmark = needs_chromium


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with running(without_cameras(tmp_path / "station")) as site:
        yield Scene.of(site)


@pytest.fixture
def page(browser: Browser, at: Scene) -> Iterator[Page]:
    """A browser of the supervisor's; its console must not complain of anything."""
    with window(browser) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text))
        enter(page, at, "penyelia")
        yield page
    assert complaints == []


def print_jobs(at: Scene) -> int:
    with contextlib.closing(at.read()) as db:
        return len(log_reading.events(db, 0, "print"))


LANGUAGES = ("id", "en")


def in_language(page: Page, at: Scene, language: str) -> None:
    page.goto(at.address("/papan"))
    page.locator("#me summary").click()
    page.locator(f"#me button[lang={language}]").click()
    expect(page.locator(f"html[lang={language}]")).to_have_count(1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_list_of_consignments_fits_with_its_buttons(
    at: Scene, page: Page, language: str
) -> None:
    at.open("BD 8123 AB " + "X" * 29)
    at.scan(at.box(HERE, Ballot.PPWP))
    at.close(reason="Truk kecil")
    at.open()
    in_language(page, at, language)

    page.goto(at.address("/surat-jalan"))

    width = ".scroll", "one => one.scrollWidth - one.clientWidth"
    assert page.eval_on_selector(*width) == 0
    edge = page.locator(".scroll").bounding_box()
    assert edge is not None
    for button in page.locator(".rows .button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= edge["x"] + edge["width"]
    picture(page, f"consignments-{language}")


@pytest.mark.parametrize("height", [768, 625])
@pytest.mark.parametrize("language", LANGUAGES)
def test_main_button_of_a_form_is_in_sight_before_anything_is_scrolled(
    at: Scene, page: Page, language: str, height: int
) -> None:
    in_language(page, at, language)
    page.set_viewport_size({"width": 1366, "height": height})

    page.goto(at.address("/surat-jalan"))
    assert above_foot(page, ".sheet .button.main")

    at.open()
    page.goto(at.address("/surat-jalan/C-0001/perjalanan"))
    assert above_foot(page, ".sheet.two .button.main")
    picture(page, f"trip-{language}-{height}")


SAYS = """one => one.validationMessage"""


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("id", ["Pilih salah satu dulu.", "Isi dulu kolom ini.", "Paling sedikit 10"]),
        ("en", ["Choose one first.", "Fill this in first.", "At least 10"]),
    ],
)
def test_unfinished_form_is_told_in_the_language_of_the_page(
    at: Scene, page: Page, language: str, said: list[str]
) -> None:
    choose, fill, short = said
    in_language(page, at, language)
    page.goto(at.address("/surat-jalan"))
    page.locator(".sheet .button.main").click()
    chosen = page.locator("select[name=area]")
    assert chosen.evaluate(SAYS) == choose
    chosen.select_option(HERE)
    assert not chosen.evaluate(SAYS)

    page.goto(at.address("/akun"))
    page.locator("form[action$=sandi] .button.main").click()
    assert page.locator("form[action$=sandi] [name=current]").evaluate(SAYS) == fill
    page.locator("form[action$=sandi] [name=current]").fill("x")
    page.locator("#new-password").press_sequentially("pendek")
    page.locator("form[action$=sandi] .button.main").click()
    assert short in page.locator("#new-password").evaluate(SAYS)


def test_new_password_and_pin_can_be_looked_at(at: Scene, page: Page) -> None:
    page.goto(at.address("/akun"))
    for field, words in (
        ("#new-password", "Tampilkan sandi baru"),
        ("#new-pin", "Tampilkan PIN baru"),
    ):
        expect(page.locator(field)).to_have_attribute("type", "password")
        page.get_by_label(words).check()
        expect(page.locator(field)).to_have_attribute("type", "text")
        page.get_by_label(words).uncheck()
        expect(page.locator(field)).to_have_attribute("type", "password")
    assert barriers(page, "/akun") == []
    picture(page, "account")


def above_foot(page: Page, button: str) -> bool:
    """True where this button is whole on the screen, above the foot of the page."""
    at, foot = (page.locator(one).bounding_box() for one in (button, "footer"))
    assert at is not None
    assert foot is not None
    return at["y"] + at["height"] <= foot["y"]


def test_labels_are_chosen_seen_proved_and_taken_as_a_file(
    at: Scene, page: Page, tmp_path: Path
) -> None:
    page.goto(at.address("/label"))
    expect(page.locator(".preview img")).to_be_visible()
    assert barriers(page, "/label") == []
    page.select_option("select[name=kec]", HERE)
    page.select_option("select[name=ballot]", "PPWP")
    page.select_option("select[name=kind]", "B")
    chosen = Selection(area=HERE, ballot=Ballot.PPWP, kind="B", missing=True)
    with contextlib.closing(at.read()) as db:
        items = selection.select(db, chosen)
    labels = 2 * len(items)
    expect(page.locator("#count")).to_contain_text(f"{labels} label")
    picture(page, "label")

    page.locator("#go").click()
    expect(page.locator("#state")).to_contain_text(f"Terbaca {labels} dari {labels}")
    assert barriers(page, "a job that is ready") == []
    picture(page, "label-ready")
    assert print_jobs(at) == 0
    with page.expect_download() as download:
        page.locator("button[value=file]").dblclick()
    file = tmp_path / "labels.pdf"
    download.value.save_as(file)

    expect(page.locator("#state")).to_contain_text("Tercatat sebagai entri")
    assert print_jobs(at) == 1
    texts = [
        text for dots in rastered(file.read_bytes()) for text in qr_symbol.texts(dots)
    ]
    assert texts == [at.code(item) for item in items for _ in range(2)]
    picture(page, "label-done")


def test_used_positions_are_skipped_by_a_click_on_the_sheet(
    at: Scene, page: Page
) -> None:
    page.goto(at.address(f"/label?asked=1&kec={HERE}&ballot=PPWP&kind=B"))
    labels = int(page.locator("#count").inner_text().split(" ")[0])

    page.locator('[data-skip="1"]').click()

    sheets = -(-(labels + 1) // 4)
    expect(page.locator("#go")).to_have_text(f"4 Cetak {sheets} lembar")
    expect(page.locator("#skip")).to_have_value("1")
    expect(page.locator(".spot.used")).to_have_count(1)
    page.reload()
    expect(page.locator("#skip")).to_have_value("1")
    expect(page.locator(".spot.used")).to_have_count(1)


def test_a_job_is_found_again_after_a_reload_and_shows_its_end(
    at: Scene, page: Page
) -> None:
    go = threading.Event()
    real = at.station.print_queue._press.decode

    def slow(dots: NDArray[np.uint8]) -> Sequence[str]:
        go.wait(60)
        return real(dots)

    at.station.print_queue._press = replace(at.station.print_queue._press, decode=slow)
    path = f"/label?asked=1&kec={HERE}&ballot=DPD&stock=l7160"
    # Its picture waits for the same slow reader.
    page.goto(at.address(path), wait_until="commit")
    page.locator("#go").dblclick()
    expect(page.locator("h1")).to_have_text("Sedang disiapkan")
    page.reload()
    expect(page.locator("h1")).to_have_text("Sedang disiapkan")
    assert page.locator("button[name=way]").count() == 0

    go.set()

    expect(page.locator("h1")).to_have_text("Siap dicetak")
    expect(page.locator("#state")).to_contain_text("Terbaca")
    assert len(at.station.print_queue._works) == 1


def test_a_wrong_number_is_told_beside_the_form_and_mended(
    at: Scene, page: Page
) -> None:
    page.goto(at.address("/label"))
    page.fill("input[name=copies]", "99")

    expect(page.locator("#ask [role=alert]")).to_contain_text("tertulis 99")
    assert page.locator("#go").count() == 0
    assert barriers(page, "/label, wrong") == []
    page.fill("input[name=copies]", "1")
    expect(page.locator("#go")).to_be_visible()
    assert page.locator("#ask [role=alert]").count() == 0


def test_a_silog_qr_is_linked_by_a_handheld_alone(at: Scene, page: Page) -> None:
    box = at.box(HERE, Ballot.PPWP)
    page.goto(at.address("/label/tautan"))
    expect(page.locator("input[name=ours]")).to_be_focused()

    burst(page, at.code(box))
    expect(page.locator("main")).to_contain_text(box.hri)
    expect(page.locator("input[name=text]")).to_be_focused()
    burst(page, "SILOG/17/71/0001^~")

    expect(page.locator("[role=status]")).to_contain_text("Tertaut dan tercatat")
    with contextlib.closing(at.read()) as db:
        assert registry.linked(db, "SILOG/17/71/0001^~") == box.item.id
    assert barriers(page, "/label/tautan") == []


def test_a_plan_is_sent_shown_and_its_good_rows_recorded(
    at: Scene, page: Page, tmp_path: Path
) -> None:
    file = tmp_path / "TPS <b>Teluk Segara.csv"
    file.write_text(BAD, "utf-8")
    page.goto(at.address("/rencana"))
    page.set_input_files("input[name=files]", file)
    page.get_by_role("button", name="Baca dan tampilkan").click()
    expect(page.locator(".tiles")).to_contain_text("2 TPS, 10 kotak")
    expect(page.locator("main")).to_contain_text("TPS <b>Teluk Segara.csv")
    expect(page.locator(".weight-held")).to_contain_text("“-5”")
    assert barriers(page, "a dry run") == []
    picture(page, "plan-dry-run")
    for view in ("changed", "new", "left", "read"):
        page.locator(f'.tabs a[href$="view={view}"]').click()
        assert barriers(page, f"a dry run, {view}") == []
    page.reload()
    before = at.entries()

    page.get_by_role("button", name=re.compile("Catat yang benar saja")).click()

    expect(page.locator("h1")).to_have_text("Sudah dicatat")
    expect(page.locator("main")).to_contain_text("1 baris ditahan, 1 TPS masih terbuka")
    assert at.entries() > before
    after = at.entries()
    page.reload()
    page.go_back()
    assert at.entries() == after
    page.goto(at.address("/rencana"))
    expect(page.locator("main")).to_contain_text("TPS yang masih terbuka: 1")
    assert barriers(page, "/rencana") == []


def test_the_pages_work_without_scripts(browser: Browser, at: Scene) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    enter(page, at, "penyelia")
    page.goto(at.address("/label"))
    page.select_option("select[name=kec]", HERE)
    page.select_option("select[name=stock]", "l7160")
    page.get_by_role("button", name="Tampilkan").click()
    expect(page.locator(".spot")).to_have_count(21)
    page.locator('[data-skip="4"] rect').click()
    expect(page.locator(".spot.used")).to_have_count(4)
    page.locator("#go").click()
    page.wait_for_selector("button[value=file]")
    with page.expect_download():
        page.locator("button[value=file]").click()
    context.close()

    assert print_jobs(at) == 1
