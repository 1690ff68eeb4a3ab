"""A station that runs for a test: the real one, on a free port of this machine."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from station.serve import Station

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess as Forked

    from playwright.sync_api import Page

    from station.settings.station_toml import Settings


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of a running station, with the cookies of one browser."""

    station: Station
    address: str
    opener: urllib.request.OpenerDirector

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.address.rpartition(":")[2])

    def get(self, path: str) -> str:
        """A page's text."""
        with self.opener.open(self.address + path, timeout=10) as answer:
            return str(answer.read().decode("utf-8"))

    def bytes(self, path: str) -> bytes:
        """What lies at an address, as it is."""
        with self.opener.open(self.address + path, timeout=10) as answer:
            return bytes(answer.read())

    def health(self) -> Any:  # noqa: ANN401 - JSON
        """What /healthz answers."""
        return json.loads(self.get("/healthz"))

    def once(self, login: str) -> str:
        """An address that signs this account in, once."""
        with contextlib.closing(self.station.ledger.read()) as db:
            row = db.execute("SELECT person FROM credential WHERE login = ?", (login,))
            person = str(row.fetchone()["person"])
        return f"{self.address}/sekali/{self.station.authenticator.open_once(person)}"

    def sign_in(self, login: str) -> None:
        """Sign this account in, in the browser whose cookies these are."""
        self.opener.open(self.once(login), timeout=10).close()


@dataclass(frozen=True, slots=True)
class Demo:
    """A running `jejak demo`."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    def password(self) -> str:
        """What it printed for its accounts."""
        said = (self.folder.parent / "demo.log").read_text("utf-8")
        return str(re.findall(r"Password of each: (\S+)", said)[-1])

    def sign_in(self, page: Page, login: str = "petugas") -> None:
        """Sign in as a person does, with the printed password."""
        page.goto(f"{self.address}/masuk")
        page.fill("input[name=login]", login)
        page.fill("input[name=secret]", self.password())
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/masuk" not in url)

    def health(self) -> Any:  # noqa: ANN401 - JSON
        """What /healthz answers, or None while it does not."""
        try:
            url = f"http://127.0.0.1:{self.port}/healthz"
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.loads(answer.read())
        except OSError:
            return None


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[Site]:
    """A station at work on these settings, stopped at the end."""
    with Station(settings) as station:
        port = station.listen(0)
        web = threading.Thread(target=station.run)
        web.start()
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        try:
            yield Site(
                station, f"http://127.0.0.1:{port}", urllib.request.build_opener(jar)
            )
        finally:
            station.stop()
            web.join()


def until(fact: Callable[[], Any], patience_s: float = 60.0) -> Any:  # noqa: ANN401
    """Wait for a fact and give it back; the patience only ends a broken test.

    Raises:
        AssertionError: it never became so.
    """
    end = time.monotonic() + patience_s
    while True:
        found = fact()
        if found:
            return found
        if time.monotonic() > end:
            message = f"still not so after {patience_s:.0f} s: {fact}"
            raise AssertionError(message)
        time.sleep(0.05)


def hrefs(page: str, pattern: str) -> list[str]:
    """The addresses on a page that match."""
    return [
        found
        for found in re.findall(r'(?:href|src)="([^"]+)"', page)
        if re.search(pattern, found)
    ]


def forked(target: Callable[..., None], *arguments: object) -> tuple[Forked, int]:
    """A process at this work, and the end of the pipe into which it tells of it.

    It is forked from a process that has imported the station: killing it is the same
    cut as killing one begun anew, without two seconds of imports each time. The
    target's first argument is the pipe, a file descriptor of its own.
    """
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload(["station.serve"])
    ours, theirs = forks.Pipe(duplex=False)
    process = forks.Process(target=_work, args=(target, theirs, *arguments))
    process.start()
    theirs.close()
    return process, os.dup(ours.fileno())


def _work(target: Callable[..., None], pipe: Connection, *arguments: object) -> None:
    target(pipe.fileno(), *arguments)


def children(pid: int) -> list[int]:
    """The processes that this one began, as Linux lists them."""
    return [
        int(status.parent.name)
        for status in Path("/proc").glob("[0-9]*/status")
        if f"\nPPid:\t{pid}\n" in _text(status)
    ]


def alive(pid: int) -> bool:
    """Whether this process runs, as Linux tells it; one that nobody waited for, not."""
    text = _text(Path(f"/proc/{pid}/status"))
    return bool(text) and "\nState:\tZ" not in text


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


@contextlib.contextmanager
def demo(folder: Path) -> Iterator[Demo]:
    """`jejak demo` in a process of its own, killed at the end if it still runs."""
    log = folder.parent / "demo.log"
    with log.open("wb") as printed:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "station.cli.main", "demo", "--no-browser"),
                *("--port", "0", "--data", str(folder)),
            ],
            stdout=printed,
            stderr=printed,
        )
    try:
        port = until(lambda: _printed_port(log) or process.poll() is not None)
        assert process.poll() is None, log.read_text("utf-8")
        yield Demo(process, int(port), folder)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)


def _printed_port(log: Path) -> str:
    found = re.search(r"Jejak: http://127\.0\.0\.1:(\d+)/", log.read_text("utf-8"))
    return found[1] if found else ""
