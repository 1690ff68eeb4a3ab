"""The help for setting a camera up: its figures, its words, and the page itself."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask_babel import Babel
from playwright.sync_api import expect

from labels.trial_label import trial_item
from station.camera_advice import Advice, Gauge, Grade, LabelSight, Sight, TrialCount
from station.camera_frames import CameraState
from station.model import Ballot
from station.runtime.hub import OutlinedLabel, Picture
from station.serve import Station
from tests.browsing import (
    CONTRAST,
    CUT,
    PATIENCE_MS,
    SMALL,
    enter,
    needs_chromium,
    window,
)
from tests.capture_pictures import jpeg, wall
from tests.running import running
from tests.web_scene import HERE, Scene, scene, without_cameras
from web.services import CameraHealth
from web.wording import camera_help

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

JPEG = jpeg(wall(180, 320))
NEAR = LabelSight(
    read=True, px_per_module=4.2, contrast=180, blur_modules=0.2, smear_modules=0.1
)
FAR = LabelSight(
    read=True, px_per_module=2.0, contrast=180, blur_modules=0.5, smear_modules=0.1
)


OUTLINE = ((1, 2), (3, 2), (3, 4), (1, 4))


def picture(
    sight: Sight | None, tried: TrialCount | None = None, camera: str = "kamera-1"
) -> Picture:
    return Picture(
        number=0,
        camera=camera,
        jpeg=JPEG,
        width=1920,
        height=1080,
        # A label that is measured is also marked; so its camera goes on air.
        marks=(OutlinedLabel(OUTLINE, None),)
        if sight is not None and sight.label
        else (),
        taken_ms=1_700_000_000_000,
        fps=14.0,
        sight=sight,
        tried=tried,
    )


def told(shown: Picture) -> Any:  # noqa: ANN401 - JSON
    return json.loads(camera_help.figures(shown, 15.0))


def test_every_word_of_the_help_is_there() -> None:
    app = Flask(__name__)
    Babel(app, default_locale="id")
    with app.test_request_context():
        assert set(camera_help.words(camera_help.ADVICE)) == set(Advice)
        assert set(camera_help.words(camera_help.HOW)) == set(Advice)
        assert set(camera_help.GAUGE) == set(Gauge)
        for gauge in Gauge:
            assert set(camera_help.grades(gauge)) == set(Grade)
            assert all(camera_help.grades(gauge).values())


def test_figures_tell_gauges_advice_and_distances() -> None:
    figures = told(picture(Sight(110, FAR), TrialCount(29, 30, ended=True)))

    assert figures["camera"] == "kamera-1"
    assert [gauge[0] for gauge in figures["gauges"]] == list(Gauge)
    assert figures["gauges"][0][:3] == ["size", 2.0, "fair"]
    assert figures["advice"] == "closer"
    now, fine, most = figures["far_m"]
    # README's table: a 1080p camera reads the largest label at 1.1 m, at most 1.9.
    assert (round(fine, 1), round(most, 1)) == (1.1, 1.9)
    assert fine < now < most
    assert figures["tried"] == [29, 30, True, True]


def test_figures_without_a_label_tell_what_is_known() -> None:
    figures = told(picture(Sight(110)))

    assert [value for _, value, _, _ in figures["gauges"]] == [None, 43, None, None, 14]
    assert figures["advice"] == "show"
    assert figures["far_m"][0] is None
    assert figures["tried"] is None


def test_picture_that_was_not_measured_has_no_figures() -> None:
    assert camera_help.figures(picture(None), 15.0) == ""


def test_frame_carries_the_figures(tmp_path: Path) -> None:
    with scene(tmp_path / "station") as at:
        at.station.hub.show("gerbang-1", picture(Sight(110, NEAR)))

        answer = at.client.get("/gerbang/gerbang-1/gambar.jpg")

    assert json.loads(answer.headers["X-Sight"])["advice"] == "fine"


def test_test_label_that_a_person_scans_is_told_and_not_recorded(
    tmp_path: Path,
) -> None:
    with scene(tmp_path / "station") as at:
        at.open()
        size = at.entries()

        answer = at.post(
            "/gerbang/gerbang-1/pindai",
            text=trial_item("1771").as_hri(),
            source="typed",
        )

        assert answer.get_json()["message"].startswith("Label uji terbaca.")
        assert at.entries() == size


# --- the page --------------------------------------------------------------------


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Scene, str]]:
    """A gate that has a camera, as its bar tells; the tests show its pictures."""
    live = CameraHealth("kamera-1", "gerbang-1", CameraState.LIVE, 15.0, 10, "")
    monkeypatch.setattr(Station, "_statuses", lambda _: [live])
    with running(without_cameras(tmp_path / "station")) as site:
        made = Scene.of(site)
        made.open()
        yield made, f"{site.address}/gerbang/gerbang-1"


@pytest.fixture
def page(browser: Browser, at: tuple[Scene, str]) -> Iterator[Page]:
    with window(browser) as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        enter(page, at[0], "petugas")
        page.goto(at[1], wait_until="commit")
        expect(page.locator("html[data-ready]")).to_have_count(1)
        yield page
    assert errors == []


def show(page: Page, at: Scene, shown: Picture) -> None:
    """Show a picture until the page has drawn it: what is old is not believed."""
    advice = camera_help.ADVICE[told(shown)["advice"]]
    end = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < end:
        at.station.hub.show("gerbang-1", shown)
        page.wait_for_timeout(100)
        with at.app.test_request_context():
            if str(advice) in page.locator("#advice").inner_text():
                return
    pytest.fail(f"the page never said {told(shown)}")


@needs_chromium
def test_help_says_in_words_what_to_do_with_the_camera(
    page: Page, at: tuple[Scene, str]
) -> None:
    page.get_by_role("button", name="Bantu kamera").click()

    show(page, at[0], picture(Sight(110, FAR)))

    expect(page.locator("#advice")).to_have_text("Lebih dekat")
    expect(page.locator("[data-gauge=size]")).to_contain_text("2 px")
    expect(page.locator("[data-gauge=size]")).to_contain_text("! Agak kecil")
    expect(page.locator("#far")).to_contain_text("nyaman sampai 1,1 m")
    # In place of the count and the list, under the picture.
    expect(page.locator("#count")).to_be_hidden()
    expect(page.locator("#canvas")).to_be_visible()

    show(page, at[0], picture(Sight(110, NEAR)))
    expect(page.locator("#advice")).to_have_text("Kamera baik")

    page.keyboard.press("Escape")
    expect(page.locator("#setup")).to_be_hidden()
    expect(page.locator("#count")).to_be_visible()


@needs_chromium
def test_every_button_of_a_gate_with_a_camera_has_words_in_one_row(page: Page) -> None:
    heights = "all => all.map((one) => one.getBoundingClientRect().top)"
    expect(page.locator("[data-act=full]")).to_contain_text("Layar penuh")
    expect(page.locator("#foot .unseen")).to_have_count(0)

    tops = page.locator("#foot .button").evaluate_all(heights)

    assert len(tops) >= 8
    assert len(set(tops)) == 1
    assert page.evaluate(CUT) == []


@needs_chromium
def test_help_believes_no_picture_that_stopped(
    page: Page, at: tuple[Scene, str]
) -> None:
    page.get_by_role("button", name="Bantu kamera").click()
    show(page, at[0], picture(Sight(110, NEAR)))

    expect(page.locator("#advice")).to_have_text("Belum ada gambar")
    expect(page.locator("[data-gauge=size] .grade")).to_have_text("")


@needs_chromium
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1366, 625), (1920, 1080)])
def test_help_cuts_nothing_and_is_readable(
    page: Page, at: tuple[Scene, str], width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.get_by_role("button", name="Bantu kamera").click()

    for sight in (Sight(110), Sight(110, FAR), Sight(110, NEAR), Sight(10)):
        show(page, at[0], picture(sight))
        assert page.evaluate(CUT) == []
        assert page.evaluate(SMALL) == []
        assert page.evaluate(CONTRAST) == []
        assert page.evaluate(OVERLAP) == []


OVERLAP = """() => {
  const inside = document.getElementById('setup').getBoundingClientRect();
  const parts = [...document.querySelectorAll('#setup > *')]
    .filter((one) => one.getClientRects().length);
  const wrong = [];
  let below = inside.top;
  for (const part of parts) {
    const at = part.getBoundingClientRect();
    if (at.top < below - 1) wrong.push(`${part.className} lies on what is above it`);
    below = at.bottom;
  }
  for (const one of document.querySelectorAll('#setup *')) {
    const at = one.getBoundingClientRect();
    if (at.width && (at.right > inside.right + 1 || at.bottom > inside.bottom + 1))
      wrong.push(`${one.className || one.tagName}: ${one.textContent.trim()}`);
    if (one.clientWidth && one.scrollWidth > one.clientWidth + 1)
      wrong.push(`cut: ${one.textContent.trim()}`);
  }
  return wrong;
}"""


@needs_chromium
def test_shift_begins_with_a_trial_of_the_camera(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    page.get_by_role("button", name="Mulai tugas").click()
    page.locator("#heard button[value=yes]").click()

    expect(page.locator("#setup")).to_be_visible()
    show(page, scene, picture(Sight(110)))
    expect(page.locator("#tried")).to_contain_text("Kamera belum diuji")
    show(page, scene, picture(Sight(110, NEAR), TrialCount(12, 13, ended=False)))
    expect(page.locator("#tried")).to_have_text("Label uji terbaca 12 dari 13 gambar")
    show(page, scene, picture(Sight(110, NEAR), TrialCount(29, 30, ended=True)))
    expect(page.locator("#tried")).to_contain_text("✓ Label uji terbaca 29 dari 30")
    # Nobody asked for it, so it leaves room for the count by itself.
    expect(page.locator("#setup")).to_be_hidden()
    expect(page.locator("#count")).to_be_visible()


@needs_chromium
def test_help_that_opened_by_itself_gives_way_to_the_count(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    page.get_by_role("button", name="Mulai tugas").click()
    page.locator("#heard button[value=yes]").click()
    expect(page.locator("#setup")).to_be_visible()

    scene.scan(scene.box(HERE, Ballot.PPWP))

    expect(page.locator("#setup")).to_be_hidden()
    expect(page.locator("#count")).to_be_visible()


@needs_chromium
def test_help_of_several_cameras_is_of_the_one_that_sees_a_label_best(
    page: Page, at: tuple[Scene, str]
) -> None:
    scene, _ = at
    page.get_by_role("button", name="Bantu kamera").click()

    for _ in range(30):
        scene.station.hub.show("gerbang-1", picture(Sight(10), camera="kamera-2"))
        page.wait_for_timeout(60)
        scene.station.hub.show("gerbang-1", picture(Sight(110, NEAR)))
        page.wait_for_timeout(60)

    expect(page.locator("#advice")).to_have_text("kamera-1: Kamera baik")
