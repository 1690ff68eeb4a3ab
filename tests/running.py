"""A station that runs for a test: the real one, on a free port of this machine."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any

from station.serve import Station

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from station.config import Settings


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of a running station, with the cookies of one browser."""

    station: Station
    address: str
    opener: urllib.request.OpenerDirector

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


def free_port() -> int:
    """A port that nothing uses right now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[Site]:
    """A station at work on these settings, stopped at the end."""
    port = free_port()
    with Station(settings) as station:
        web = threading.Thread(target=station.run, args=(port,))
        web.start()
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        site = Site(
            station, f"http://127.0.0.1:{port}", urllib.request.build_opener(jar)
        )
        try:
            until(lambda: _answers(site))
            yield site
        finally:
            station.stop()
            station.hub.close()
            web.join()


def until(fact: Callable[[], Any], patience_s: float = 60.0) -> Any:  # noqa: ANN401
    """Wait for a fact and give it back; the patience only ends a broken test."""
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
    return [found for found in re.findall(r'(?:href|src)="([^"]+)"', page) if re.search(pattern, found)]


def _answers(site: Site) -> bool:
    try:
        return bool(site.health())
    except OSError:
        return False
