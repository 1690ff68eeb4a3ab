"""The web server's end: requests in hand are answered before its sockets close."""

from __future__ import annotations

import socket
import threading
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from station.errors import StationError
from station.runtime.hub import Hub
from station.runtime.page_server import PageServer
from tests.running import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def test_a_request_in_hand_is_answered_when_the_server_stops(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its thread wakes the server's loop by a trigger that must not be closed yet."""
    asked, go_on, hub = threading.Event(), threading.Event(), Hub()
    answers: list[bytes] = []

    def app(_: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        asked.set()
        assert go_on.wait(60)
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"answered"]

    server = PageServer(hub)
    port = server.listen(app, "127.0.0.1", 0, behind_proxy=False)
    serving = threading.Thread(target=server.run)
    serving.start()

    def ask() -> None:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            answers.append(answer.read())

    asking = threading.Thread(target=ask)
    asking.start()
    assert asked.wait(60)
    server.stop()
    until(lambda: hub.closed)
    go_on.set()
    asking.join(60)
    serving.join(60)

    assert answers == [b"answered"]
    assert not serving.is_alive()
    assert [record.message for record in caplog.records] == []


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(StationError, match=f"Expected port {port} to be free"):
            PageServer(Hub()).listen(print, "127.0.0.1", port, behind_proxy=False)
