"""The demo in a real browser: what a clerk sees, and does about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browsing import needs_chromium, picture, window
from tests.running import demo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = [needs_chromium, pytest.mark.slow]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a headless browser, 1366 x 768."""
    with window(browser) as context:
        yield context.new_page()


def test_clerk_sees_accepted_and_misrouted_and_settles_the_hold(
    page: Page, tmp_path: Path
) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text))
    with demo(tmp_path / "demo") as shown:
        shown.sign_in(page)
        page.goto(f"http://127.0.0.1:{shown.port}/gerbang/gerbang-1")
        expect(page.locator("#last.accepted .giant")).to_contain_text("MUAT")
        picture(page, "gate-accepted")

        hold = page.locator('#panel[data-hold-verdict="MISROUTED"]')
        while not hold.count():
            page.wait_for_timeout(50)
        expect(page.locator("#hold .giant")).to_contain_text("TAHAN")
        picture(page, "gate-hold")
        seq = int(hold.get_attribute("data-hold") or "-1")
        history = page.locator("#recent li.is-hold a").first.get_attribute("href")
        page.keyboard.press("1")
        page.keyboard.press("Control+Enter")
        expect(page.locator(f'#panel[data-hold="{seq}"]')).to_have_count(0)

        page.goto(f"http://127.0.0.1:{shown.port}{history}")
        expect(page.locator("body")).to_contain_text("Ditahan: salah tujuan")
        shown_box = page.locator('img[src*="/bukti/"]').first
        expect(shown_box).to_be_visible()
        assert shown_box.evaluate("image => image.naturalWidth") >= 640
        picture(page, "item")
        page.goto(f"http://127.0.0.1:{shown.port}/papan")
        expect(page.locator("table")).to_contain_text("Selebar")
        picture(page, "board")

    assert complaints == []
