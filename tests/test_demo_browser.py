"""The demo in a real browser: what a clerk sees, and does about it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.running import demo, until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE_MS = 120_000

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Debian's chromium: apt-get install chromium"
)


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a headless browser, 1366 x 768."""
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield page
        browser.close()


def test_clerk_sees_accepted_and_misrouted_and_settles_the_hold(
    page: Page, tmp_path: Path
) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text))
    with demo(tmp_path / "demo") as shown:
        until(shown.health)
        shown.sign_in(page)
        page.goto(f"http://127.0.0.1:{shown.port}/gerbang/gerbang-1")
        expect(page.locator("#last.accepted .giant")).to_contain_text("MUAT")
        _picture(page, "gate-accepted")

        hold = page.locator('#panel[data-hold-verdict="MISROUTED"]')
        while not hold.count():
            page.wait_for_timeout(50)
        expect(page.locator("#hold .giant")).to_contain_text("TAHAN")
        _picture(page, "gate-hold")
        seq = int(hold.get_attribute("data-hold") or "-1")
        history = page.locator("#recent li.is-hold a").first.get_attribute("href")
        page.keyboard.press("1")
        page.keyboard.press("Control+Enter")
        expect(page.locator(f'#panel[data-hold="{seq}"]')).to_have_count(0)

        page.goto(f"http://127.0.0.1:{shown.port}{history}")
        expect(page.locator("body")).to_contain_text("Ditahan: salah tujuan")
        picture = page.locator('img[src*="/bukti/"]').first
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.naturalWidth") >= 640
        _picture(page, "item")
        page.goto(f"http://127.0.0.1:{shown.port}/papan")
        expect(page.locator("table")).to_contain_text("Selebar")
        _picture(page, "board")

    assert complaints == []


def _picture(page: Page, name: str) -> None:
    """Keep a screenshot where JEJAK_SCREENSHOTS says, for somebody to look at."""
    folder = os.environ.get("JEJAK_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")
