"""What a gate's screen gets without asking twice: pictures, and word of entries.

Pictures come by long poll (a slow viewer skips, never lags); entries by one event
stream a page that carries only the ledger's size. Whoever waits holds a thread of
the server, so both are capped: a scan always finds one.
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, request

from web import context
from web.wording import camera_help

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.blueprints import BlueprintSetupState

    from station.runtime.hub import Hub, Picture

pages = Blueprint("live", __name__)

PICTURE_WAIT_S = 2.0
EVENT_WAIT_S = 0.5
"""How soon a stream sees that its browser has gone."""
HEARTBEATS = 30
"""Waits without news after which a comment is sent: 15 s."""
STREAMS = 4
"""Event streams at once, a quarter of the server's 16 threads."""
PICTURES = 6
"""Requests that wait for a picture at once; any more are answered as things are."""
AGAIN_MS = 250
"""After how long who was not let wait asks again."""
MARKS = 60
"""Outlines sent with a picture; a header must stay small."""
_SEATS = "jejak.streams"
_BENCH = "jejak.pictures"


@pages.record
def _seats(state: BlueprintSetupState) -> None:
    state.app.extensions[_SEATS] = threading.BoundedSemaphore(STREAMS)
    state.app.extensions[_BENCH] = threading.BoundedSemaphore(PICTURES)


@pages.get("/gerbang/<name>/gambar.jpg")
def frame(name: str) -> Response:
    """The newest picture above ``?after=N``, or 204 after 2 s without one.

    Where too many wait already, 204 at once, and ``X-Again-Ms`` says when to ask again.

    Headers: ``X-Seq`` its number, ``X-Ts`` UTC milliseconds, ``X-Size`` the width
    and height that outlines refer to, ``X-Marks`` a JSON list of
    ``[[x1,y1,...,x4,y4], verdict or null]``, ``X-Look`` the item that stands before
    the gate while no consignment is open, ``X-Sight`` how well the camera sees
    (``seeing.figures``).
    """
    gate, _ = context.gate_or_404(name)
    after = request.args.get("after", default=0, type=int)
    picture, waited = _newest(gate.name, after)
    if picture is None:
        again = {} if waited else {"X-Again-Ms": str(AGAIN_MS)}
        return Response(status=204, headers=again)
    response = Response(picture.jpeg, mimetype="image/jpeg")
    response.headers["X-Seq"] = str(picture.number)
    response.headers["X-Ts"] = str(picture.taken_ms)
    response.headers["X-Size"] = f"{picture.width},{picture.height}"
    response.headers["X-Marks"] = _marks(picture)
    response.headers["X-Look"] = context.services().hub.looked_at(gate.name) or ""
    response.headers["X-Sight"] = camera_help.figures(picture, _asked_fps(picture))
    return response


@pages.get("/gerbang/<name>/kabar")
def events(name: str) -> Response:
    """A stream of the ledger's size, at once and whenever it grows.

    When all seats are taken the answer is an empty stream that asks to come back in
    a second: a 503 would stop the browser's EventSource for good.
    """
    context.gate_or_404(name)
    seats: threading.BoundedSemaphore = current_app.extensions[_SEATS]
    hub = context.services().hub
    if hub.closed or not seats.acquire(blocking=False):
        return _stream(iter(["retry: 1000\n\n"]))
    gone = request.environ.get("waitress.client_disconnected", lambda: False)
    response = _stream(revisions(hub, gone))
    # However the stream ends, even before its first event, the seat is given back.
    response.call_on_close(seats.release)
    return response


def revisions(hub: Hub, gone: Callable[[], bool]) -> Iterator[str]:
    """The events of one stream, until the browser has gone or the hub is closed."""
    yield "retry: 2000\n\n"
    sent, silent = -1, 0
    while not hub.closed and not gone():
        rev = hub.rev(sent, EVENT_WAIT_S)
        if rev > sent:
            sent, silent = rev, 0
            yield f"data: {rev}\n\n"
        elif (silent := silent + 1) >= HEARTBEATS:
            silent = 0
            yield ": still here\n\n"


def _newest(gate: str, after: int) -> tuple[Picture | None, bool]:
    """A gate's picture above this number, and whether it was waited for."""
    bench: threading.BoundedSemaphore = current_app.extensions[_BENCH]
    hub = context.services().hub
    if not bench.acquire(blocking=False):
        return hub.picture(gate, after, 0), False
    try:
        return hub.picture(gate, after, PICTURE_WAIT_S), True
    finally:
        bench.release()


def _asked_fps(picture: Picture) -> float:
    """What the settings ask of the picture's camera."""
    cameras = context.services().settings.cameras
    asked = (camera.fps for camera in cameras if camera.name == picture.camera)
    return next(asked, picture.fps)


def _marks(picture: Picture) -> str:
    marks: list[list[Any]] = [
        [[value for point in mark.outline for value in point], mark.verdict]
        for mark in picture.marks[:MARKS]
    ]
    return json.dumps(marks, separators=(",", ":"))


def _stream(chunks: Iterator[str]) -> Response:
    return Response(
        chunks, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )
