"""The running demo and a browser in it, for the pictures in docs/.

It knows no more than the command line, the printed password and the pages.
"""
# ruff: noqa: INP001, T201 - part of a script, not of a package

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "gambar"
PATIENCE_MS = 300_000
COLOURS = 256
"""In a picture's palette; the pages have few beside the camera's picture."""


@dataclass
class Tour:
    """The running demo, and a browser page for each account."""

    browser: Browser
    address: str
    folder: Path
    password: str
    pin: str
    pages: dict[str, Page] = field(default_factory=dict)
    held: str = ""
    """Address of the history of a box that was held."""

    def page(self, login: str) -> Page:
        """The page of this account, signed in with the printed password."""
        if login not in self.pages:
            context = self.browser.new_context(
                viewport={"width": 1366, "height": 768}, locale="id-ID"
            )
            page = self.pages[login] = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.goto(f"{self.address}/masuk")
            page.fill("input[name=login]", login)
            page.fill("input[name=secret]", self.password)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "/masuk" not in url)
        return self.pages[login]

    def open(self, login: str, path: str) -> Page:
        """This account's page at an address of the station."""
        page = self.page(login)
        page.goto(self.address + path)
        return page

    def open_gate(self, login: str, path: str) -> Page:
        """This account's page of a gate, once it shows its camera's pictures."""
        page = self.open(login, path)
        # Before that its buttons do nothing yet.
        page.wait_for_selector("#dark", state="hidden")
        return page

    def back_up(self) -> None:
        """Copy the demo's ledger to a folder beside it, as to a stick."""
        stick = self.folder.parent / "flashdisk"
        stick.mkdir()
        command = [jejak(), "backup", str(stick), "--data", str(self.folder)]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - ours

    def keep(self, page: Page, name: str, height: int = 768) -> None:
        """Write what the page shows as docs/gambar/NAME.png, with a small palette."""
        # Nobody's cursor, and no field that happens to blink.
        page.mouse.move(1, 400)
        shot = Image.open(io.BytesIO(page.screenshot(caret="hide")))
        picture = shot.crop((0, 0, shot.width, height))
        file = FOLDER / f"{name}.png"
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
            file, optimize=True
        )
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} KB", flush=True)


def pictures_are_there(page: Page) -> bool:
    """True once every picture that is in view was loaded and is not a broken one."""
    return bool(
        page.evaluate(
            """[...document.images]
            .filter(one => one.getBoundingClientRect().top < innerHeight)
            .every(one => one.complete && one.naturalWidth)"""
        )
    )


def until(fact: Callable[[], bool]) -> None:
    """Wait for it; the pages' own policy lets the browser not wait for a script.

    Raises:
        TimeoutError: it did not become so.
    """
    end = time.monotonic() + PATIENCE_MS / 1000
    while not fact():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.1)


def jejak() -> str:
    """The program of this environment.

    Raises:
        SystemExit: it is not installed here.
    """
    found = shutil.which("jejak", path=str(Path(sys.executable).parent))
    if found is None:
        sys.exit("Expected jejak beside this Python: uv run python .ci/screenshots")
    return found


def chromium() -> str:
    """Debian's browser.

    Raises:
        SystemExit: there is none.
    """
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        sys.exit("Expected Debian's chromium: apt-get install chromium")
    return found


@contextlib.contextmanager
def touring(place: Path) -> Iterator[Tour]:
    """A running demo, with its folder in this one, and a browser to look at it."""
    folder = place / "demo"
    with sync_playwright() as play, demo(folder) as (address, password, pin):
        browser = play.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", "--lang=id"],
            env={**os.environ, "LANGUAGE": "id", "LANG": "id_ID.UTF-8"},
        )
        yield Tour(browser, address, folder, password, pin)
        browser.close()


@contextlib.contextmanager
def demo(folder: Path) -> Iterator[tuple[str, str, str]]:
    """A running demo: its address, the password and the PIN of its accounts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder.parent / "demo.log"
    command = [jejak(), "demo", "--no-browser", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--data", str(folder)],
            stdout=out,
            stderr=out,
            env={**os.environ, "JEJAK_LANG": "id"},
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/healthz", process, log)
        printed = log.read_text("utf-8")
        # The words around them may change, their shapes do not.
        password = re.findall(r"\b\d{4}-\d{4}-\d{4}-\d{4}\b", printed)[-1]
        pin = re.findall(r"(?<![\d-])\d{6}(?![\d-])", printed)[-1]
        yield address, password, pin
    finally:
        process.terminate()
        process.wait(60)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the station answers.

    Raises:
        SystemExit: it ended instead.
    """
    while process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - http
            return
        time.sleep(0.2)
    sys.exit(f"The demo ended:\n{log.read_text('utf-8')}")
