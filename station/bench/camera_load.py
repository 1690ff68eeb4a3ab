"""Several 1080p cameras at once on a running station, with its pages in use.

Every camera shows 24 labels of its gate's consignment; they move, leave and come
again, so that the line has work too. A browser's part is played by another process:
it looks at each gate's picture all the time, and measures two requests.
"""

from __future__ import annotations

import dataclasses
import itertools
import multiprocessing
import shutil
import statistics
import tempfile
import threading
import time
import urllib.request
from contextlib import closing
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from labels.label_code import ItemId, LabelCode
from station.bench import synthetic_frames
from station.camera_frames import CameraSettings, CameraState
from station.capture.sources.looped_pictures import open_looped
from station.custody.consignment.opening import OpeningOrder
from station.custody.consignment.trip_details import Trip
from station.custody.history import progress_by_place
from station.custody.load import missing_items, open_load
from station.demo import city
from station.founding import create_station
from station.model import Step, system_clock
from station.serve import Station
from station.settings.election_profiles import PEMILU
from station.settings.gates_and_legs import GateSettings
from station.storage import database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.settings.station_toml import Settings

LABELS: Final = 24
FPS: Final = 15
WIDTH, HEIGHT = 1920, 1080
SECONDS: Final = 30
_WARM_S: Final = 10.0
_OPENING_S: Final = 60.0
_EVERY_S: Final = 0.1
"""Between two measured requests."""
_GATES: Final = tuple(f"gerbang-{number}" for number in range(1, 5))


def run(counts: Sequence[int] = (1, 2, 4, 6), seconds: float = SECONDS) -> list[Any]:
    """Pictures read in a second by each camera, and how long pages took.

    With more than four cameras some gates have two, which see the same labels.

    Args:
        counts: How many cameras at once, one run each.
        seconds: Measured in each run, after a warm-up.
    """
    folder = Path(tempfile.mkdtemp(prefix="jejak-bench-"))
    try:
        settings = _prepared(folder)
        folders = {
            gate: _pictures(settings, folder, gate) for gate in _GATES[: max(counts)]
        }
        cameras = [
            _camera(number, gate, folders[gate])
            for number, gate in zip(range(max(counts)), itertools.cycle(folders))
        ]
        return [_with_cameras(settings, cameras[:count], seconds) for count in counts]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepared(folder: Path) -> Settings:
    """The made-up city with four loading gates, a consignment and a shift at each."""
    settings = city.prepare(folder / "station", system_clock)
    gates = tuple(
        GateSettings(name=name, title=name, step=Step.LOADING, place="1771/gudang")
        for name in _GATES
    )
    settings = dataclasses.replace(settings, gates=gates, cameras=())
    with Station(settings) as station:
        person = city.visitor(station.on_ledger)
        with closing(database.open_reader(settings.database)) as db:
            # The fullest first, so that there are enough labels to show.
            lines = sorted(
                progress_by_place.progress(db),
                key=lambda line: -line.planned,
            )
        for gate, line in zip(_GATES, lines, strict=False):
            order = OpeningOrder(
                area=line.kecamatan, kinds=PEMILU, trip=Trip(vehicle="BD 1 XX")
            )
            station.gates[gate].open(order, person)
            station.gates[gate].start_shift(person, sound_heard=False)
    return settings


def _pictures(settings: Settings, folder: Path, gate: str) -> Path:
    """The folder of what cameras at this gate will show."""
    texts = _texts(settings, gate)
    place = folder / gate
    place.mkdir()
    pictures = synthetic_frames.moving_labels(WIDTH, HEIGHT, texts, _GATES.index(gate))
    for number, data in enumerate(pictures):
        (place / f"{number:03d}.jpg").write_bytes(data)
    return place


def _camera(number: int, gate: str, pictures: Path) -> CameraSettings:
    return CameraSettings(
        name=f"kamera-{number + 1}",
        gate=gate,
        source=str(pictures),
        width=WIDTH,
        height=HEIGHT,
        fps=FPS,
    )


def _texts(settings: Settings, gate: str) -> list[str]:
    """The labels of what this gate expects; others' where that is too little."""
    key = create_station.label_key(settings)
    with closing(database.open_reader(settings.database)) as db:
        load = open_load(db, gate)
        lines = [] if load is None else missing_items(db, load)
    items = [line.item.item for line in lines]
    ours = [
        str(LabelCode.issue(ItemId.parse(item.id), item.issue, key)) for item in items
    ]
    others = (f"PAKET-{number:05d}-KURIR" for number in itertools.count())
    return list(itertools.islice(itertools.chain(ours, others), LABELS))


def _with_cameras(
    settings: Settings, cameras: Sequence[CameraSettings], seconds: float
) -> dict[str, Any]:
    settings = dataclasses.replace(settings, cameras=tuple(cameras))
    with Station(settings, make=open_looped) as station:
        port = station.listen(0)
        web = threading.Thread(target=station.run)
        web.start()
        try:
            _wait_for_pictures(station)
            once = station.authenticator.open_once(city.visitor(station.on_ledger))
            time.sleep(_WARM_S)
            return {
                "cameras": len(cameras),
                "width": WIDTH,
                "height": HEIGHT,
                "labels_each": LABELS,
                "asked_fps": FPS,
                **_measured(station, f"http://127.0.0.1:{port}", once, seconds),
            }
        finally:
            station.stop()
            web.join()


def _wait_for_pictures(station: Station) -> None:
    end = time.monotonic() + _OPENING_S
    while time.monotonic() < end and not all(
        camera.status.state is CameraState.LIVE for camera in station.cameras.values()
    ):
        time.sleep(0.1)


def _measured(
    station: Station, address: str, once: str, seconds: float
) -> dict[str, Any]:
    gates = [camera.gate for camera in station.settings.cameras]
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    browser = context.Process(
        target=browse, args=(theirs, address, once, gates, seconds), daemon=True
    )
    browser.start()
    before = _numbers(station)
    began = time.monotonic()
    requests = ours.recv()
    lasted = time.monotonic() - began
    after = _numbers(station)
    browser.join()
    read = {
        name: round((after[name] - before[name]) / lasted, 1) for name in sorted(after)
    }
    return {"read_per_second": read, **requests}


def _numbers(station: Station) -> dict[str, int]:
    """How many views each camera has given so far."""
    return {name: camera.views for name, camera in station.cameras.items()}


# --- the browser's part, in a process of its own --------------------------------------


def browse(
    pipe: Any,  # noqa: ANN401 - a connection of either kind
    address: str,
    once: str,
    gates: Sequence[str],
    seconds: float,
) -> None:
    """Look at every gate's picture, and time a trivial page and a gate's panel."""
    browser = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(CookieJar())
    )
    browser.open(f"{address}/sekali/{once}").close()
    end = time.monotonic() + seconds
    viewers = [
        threading.Thread(target=_view, args=(browser, f"{address}/gerbang/{gate}", end))
        for gate in gates
    ]
    for viewer in viewers:
        viewer.start()
    pages = {"trivial_ms": "/healthz", "panel_ms": f"/gerbang/{gates[0]}/panel"}
    times: dict[str, list[float]] = {name: [] for name in pages}
    while time.monotonic() < end:
        for name, path in pages.items():
            began = time.perf_counter()
            browser.open(address + path).read()
            times[name].append((time.perf_counter() - began) * 1000)
            time.sleep(_EVERY_S)
    for viewer in viewers:
        viewer.join()
    pipe.send({name: _spread(values) for name, values in times.items()})


def _view(browser: urllib.request.OpenerDirector, gate: str, end: float) -> None:
    """Fetch each newest picture as a page does, until the time is up."""
    after = 0
    while time.monotonic() < end:
        with browser.open(f"{gate}/gambar.jpg?after={after}") as answer:
            answer.read()
            after = int(answer.headers.get("X-Seq") or 0)


def _spread(values: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return {
        "p50": round(cuts[9], 1),
        "p95": round(cuts[18], 1),
        "max": round(max(values), 1),
    }
