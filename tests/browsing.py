"""What tests in a real browser share: one Chromium, and what it measures."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.web_scene import Scene

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE_MS = 60_000
BETWEEN_KEYS_S = 0.01
"""How fast a handheld scanner types."""

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="needs Debian's chromium: apt-get install chromium"
)

CUT = """() => {
  const cut = [];
  const root = document.documentElement;
  if (root.scrollHeight > innerHeight + 1 || root.scrollWidth > innerWidth + 1)
    cut.push(`page ${root.scrollWidth} x ${root.scrollHeight}`);
  const parts = '.panel .giant, .panel .giant span, .panel p, .panel .action, '
    + '.panel .side-of, .panel .note, #count *, .foot .button, .foot p, .bar > *';
  for (const part of document.querySelectorAll(parts)) {
    if (!part.getClientRects().length) continue;
    const inside = (part.closest('.inner') || part.closest('.state')
      || part.closest('.card') || document.body).getBoundingClientRect();
    const at = part.getBoundingClientRect();
    if (at.right > inside.right + 1 || at.bottom > inside.bottom + 1
      || at.bottom > innerHeight + 1 || at.right > innerWidth + 1)
      cut.push(`${part.className || part.id}: ${part.textContent.trim()}`);
  }
  return cut;
}"""

SMALL = """() => [...document.querySelectorAll('.button, .action')]
  .filter((one) => one.getClientRects().length)
  .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
  .filter(([, at]) => at.width < 48 || at.height < 48)
  .map(([text]) => text)"""

COVERED = """() => {
  const foot = document.querySelector('footer').getBoundingClientRect();
  return [...document.querySelectorAll('main *')].filter((one) => {
    one.scrollIntoView({ block: 'end' });
    const at = one.getBoundingClientRect();
    return at.height && at.height < 300 && at.bottom > foot.top + 1;
  }).slice(0, 3).map((one) => one.textContent.trim().slice(0, 40));
}"""
"""What lies under the foot of the page, even where it was scrolled to."""

CONTRAST = """() => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((value) => value / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const rgb = parts(getComputedStyle(at).backgroundColor);
      if (rgb[3] !== 0) return rgb;
    }
    return [255, 255, 255];
  };
  const weak = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !one.getClientRects().length) continue;
    if (one.closest('svg, script, .unseen')) continue;
    const [a, b] = [light(parts(getComputedStyle(one).color)), light(behind(one))]
      .sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 7) weak.push(`${one.textContent.trim()} ${ratio.toFixed(1)}`);
  }
  return weak;
}"""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser in which no page sounds before somebody has touched it."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--autoplay-policy=document-user-activation-required",
            ],
        )
        yield browser
        browser.close()


@contextlib.contextmanager
def window(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody's browser, 1366 x 768, with cookies of its own."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


def enter(page: Page, scene: Scene, login: str) -> None:
    """Sign this account in, in this browser."""
    once = scene.station.authenticator.open_once(scene.person(login))
    # Not by the page: one that came from this station may sound without a touch.
    assert page.context.request.get(scene.address(f"/sekali/{once}")).ok


def picture(page: Page, name: str) -> None:
    """Keep a screenshot where JEJAK_SCREENSHOTS says, for somebody to look at."""
    folder = os.environ.get("JEJAK_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def barriers(page: Page, told: str) -> list[str]:
    """What axe finds on this page, and text or buttons that are hard to see or hit."""
    found = Axe().run(page).response["violations"]
    wrong = [
        f"{told}: {one['id']} {one['nodes'][0]['target']} {one['help']}"
        for one in found
    ]
    weak = [f"{told}: contrast {text}" for text in page.evaluate(CONTRAST)]
    small = [f"{told}: small {text}" for text in page.evaluate(SMALL)]
    wide = page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
    return [*wrong, *weak, *small, *([f"{told}: too wide"] if wide else [])]


def burst(
    page: Page,
    text: str,
    gap_s: float = BETWEEN_KEYS_S,
    pauses: Mapping[int, float] | None = None,
) -> None:
    """Type as a handheld scanner does, whatever the load of this machine.

    ``pauses``: seconds before the key at this place, Enter being the last.
    """
    tab = page.context.new_cdp_session(page)
    moment = time.time()
    for place, key in enumerate([*text, "Enter"]):
        moment += (pauses or {}).get(place, 0.0)
        event = {"key": key, "timestamp": moment}
        shown = {"text": "\r" if key == "Enter" else key}
        tab.send("Input.dispatchKeyEvent", {"type": "keyDown", **event, **shown})
        tab.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
        moment += gap_s
    tab.detach()
