"""Pictures and events of a gate: newest only, capped, and never left hanging."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import threading
import urllib.parse
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING

import pytest

from station.camera_frames import CameraSettings
from station.capture.sources.one_shot_recording import open_camera
from station.model import Ballot, Verdict, system_clock
from station.runtime.hub import Hub, OutlinedLabel, Picture
from station.serve import Station
from tests.capture_pictures import jpeg, shelf
from tests.running import running, until
from tests.web_scene import HERE, Scene, enter, scene, without_cameras
from web import live
from web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FRAME = "/gerbang/gerbang-1/gambar.jpg"
EVENTS = "/gerbang/gerbang-1/kabar"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "station") as made:
        yield made


def _picture(*marks: OutlinedLabel) -> Picture:
    return Picture(0, "kamera-1", b"\xff\xd8jpeg", 1280, 720, marks, 1_700_000_000_000)


def test_frame_gives_the_picture_and_what_to_draw_on_it(at: Scene) -> None:
    outline = ((1, 2), (3, 2), (3, 4), (1, 4))
    mark = OutlinedLabel(outline, Verdict.MISROUTED)
    at.station.hub.show("gerbang-1", _picture(mark, OutlinedLabel(outline, None)))

    answer = at.client.get(FRAME)

    assert answer.data == b"\xff\xd8jpeg"
    assert answer.headers["X-Size"] == "1280,720"
    assert json.loads(answer.headers["X-Marks"]) == [
        [[1, 2, 3, 2, 3, 4, 1, 4], "MISROUTED"],
        [[1, 2, 3, 2, 3, 4, 1, 4], None],
    ]
    assert answer.headers["Cache-Control"] == "no-store"


def test_recording_that_is_over_is_told_as_ended_everywhere(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "1.jpg").write_bytes(jpeg(shelf([])))
    camera = CameraSettings(name="kamera-1", gate="gerbang-1", source=str(folder))
    settings = without_cameras(tmp_path / "station")
    settings = dataclasses.replace(settings, cameras=(camera,))
    with Station(settings, system_clock, open_camera) as station:
        app = create_app(station._services())
        at = Scene(station, app, app.test_client())
        enter(at.client, station.authenticator.open_once(at.person("petugas")))
        at.open()
        at.line.start_shift(at.person("petugas"), sound_heard=True)

        def state() -> str:
            (told,) = at.client.get("/healthz").get_json()["cameras"]
            return str(told["state"])

        until(lambda: state() == "ended")
        panel = at.page("/gerbang/gerbang-1/panel")
        alarms = station._services().alarms()

    assert "✕ Rekaman habis" in panel
    assert "Kamera hidup" not in panel
    assert "Rekaman sudah habis." in panel
    assert ">SIAP<" not in panel
    assert alarms == []


def test_frame_is_never_sent_twice(at: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "PICTURE_WAIT_S", 0.01)
    at.station.hub.show("gerbang-1", _picture())
    number = at.client.get(FRAME).headers["X-Seq"]

    assert at.client.get(f"{FRAME}?after={number}").status_code == 204
    at.station.hub.show("gerbang-1", _picture())
    assert at.client.get(f"{FRAME}?after={number}").status_code == 200


def test_marks_of_a_crowded_picture_fit_in_a_header(at: Scene) -> None:
    outline = ((1270, 710), (1279, 710), (1279, 719), (1270, 719))
    marks = [OutlinedLabel(outline, Verdict.OUT_OF_SEQUENCE)] * 500
    at.station.hub.show("gerbang-1", _picture(*marks))

    assert len(at.client.get(FRAME).headers["X-Marks"]) < 8_000


def test_events_carry_the_size_of_the_ledger_at_once_and_when_it_grows() -> None:
    hub = Hub()
    hub.recorded(7)
    stream = live.revisions(hub, lambda: False)

    assert next(stream) == "retry: 2000\n\n"
    assert next(stream) == "data: 7\n\n"
    hub.recorded(8)
    assert next(stream) == "data: 8\n\n"


def test_events_send_a_heartbeat_when_nothing_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "EVENT_WAIT_S", 0.001)
    stream = live.revisions(Hub(), lambda: False)

    told = [next(stream) for _ in range(3)]

    assert told == ["retry: 2000\n\n", "data: 0\n\n", ": still here\n\n"]


def test_events_end_when_the_browser_or_the_station_has_gone() -> None:
    hub = Hub()
    hub.close()

    assert list(live.revisions(hub, lambda: False)) == ["retry: 2000\n\n"]
    assert list(live.revisions(Hub(), lambda: True)) == ["retry: 2000\n\n"]


def test_streams_are_capped_and_a_full_house_asks_to_come_back(at: Scene) -> None:
    taken = [at.client.get(EVENTS, buffered=False) for _ in range(live.STREAMS)]
    full = at.client.get(EVENTS)

    assert full.status_code == 200
    assert full.text == "retry: 1000\n\n"

    for answer in taken:
        answer.close()
    free = at.client.get(EVENTS, buffered=False)
    assert next(iter(free.response)) == b"retry: 2000\n\n"
    free.close()


def test_waits_for_pictures_are_capped_and_one_too_many_is_answered_at_once(
    at: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PICTURE_WAIT_S", 60.0)
    hub = at.station.hub
    waiting = [
        threading.Thread(target=at.visit("penyelia").get, args=(FRAME,))
        for _ in range(live.PICTURES)
    ]
    for one in waiting:
        one.start()
    until(lambda: len(hub._changed._waiters) == live.PICTURES)  # type: ignore[attr-defined]

    none = at.client.get(FRAME)

    assert none.status_code == 204
    assert none.headers["X-Again-Ms"] == str(live.AGAIN_MS)
    assert all(one.is_alive() for one in waiting)
    hub.show("gerbang-1", _picture())
    assert at.client.get(FRAME).status_code == 200
    for one in waiting:
        one.join()
    monkeypatch.setattr(live, "PICTURE_WAIT_S", 0.01)
    patient = at.client.get(f"{FRAME}?after=9")
    assert patient.status_code == 204
    assert "X-Again-Ms" not in patient.headers, "a seat was not given back"


def test_scan_is_recorded_while_more_browsers_watch_than_there_are_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PICTURE_WAIT_S", 60.0)
    with running(without_cameras(tmp_path / "station")) as site:
        app = create_app(site.station._services())
        made = Scene(site.station, app, app.test_client(), site.port)
        made.open()
        site.sign_in("petugas")
        token = site.get("/akun").partition('csrf-token" content="')[2].split('"')[0]
        watching = [
            threading.Thread(target=_watch, args=(site.opener, site.address + path))
            for path in [FRAME] * 20 + [EVENTS] * 6
        ]
        for one in watching:
            one.start()
        hub = site.station.hub
        until(lambda: len(hub._changed._waiters) >= live.PICTURES)  # type: ignore[attr-defined]

        text = made.code(made.box(HERE, Ballot.PPWP))
        form = {"text": text, "source": "handheld", "csrf_token": token}
        before = site.health()["entries"]
        site.opener.open(
            f"{site.address}/gerbang/gerbang-1/pindai",
            urllib.parse.urlencode(form).encode("ascii"),
            timeout=20,
        ).close()

        assert site.health()["entries"] == before + 1
        hub.close()
        for one in watching:
            one.join()


def _watch(opener: urllib.request.OpenerDirector, address: str) -> None:
    with contextlib.suppress(OSError, HTTPException):
        opener.open(address, timeout=120).read()
