"""``jejak bench gate``: the time from a picture to its entry on a real screen.

Runs the demo with a headless Chromium on the gate page. For every scan it compares
when the picture was taken, when the entry was durable and when the browser had painted
it: one machine, one clock. Then it runs several cameras at once (camera_load.py).
"""

from __future__ import annotations

import importlib.util
import shutil
import statistics
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from station import demo
from station.bench import camera_load
from station.errors import StationError
from station.ledger import log
from station.model import EntryType, Verdict, system_clock
from station.serve import Station
from station.storage import database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SECONDS = 60
GATE = "gerbang-1"
_PORT = 8791
_SOON_MS = 1_000.0

_WATCH = """
() => {
  window.painted = {};
  window.sounds = [];
  const now = () => performance.timeOrigin + performance.now();
  new MutationObserver(() => window.sounds.push(now())).observe(
    document.documentElement, {attributes: true, attributeFilter: ["data-sound"]});
  let last = -1;
  const look = () => {
    const panel = document.getElementById("panel");
    const scans = panel ? panel.dataset.scans.trim().split(" ") : [];
    for (const scan of scans) {
      const seq = Number(scan.split(":")[0]);
      if (scan && seq > last) {
        last = seq;
        requestAnimationFrame(() => requestAnimationFrame(() => {
          window.painted[seq] = now();
        }));
      }
    }
  };
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
  look();
}
"""


def run() -> dict[str, Any]:
    """Milliseconds from picture to durable entry and to the screen, p50 and p95.

    Raises:
        StationError: playwright or Chromium is missing.
    """
    chromium = _chromium()
    folder = Path(tempfile.mkdtemp(prefix="jejak-bench-"))
    try:
        settings = demo.prepare(folder, system_clock)
        with Station(settings) as station, demo.Director(station):
            web = threading.Thread(target=station.run, args=(_PORT,))
            web.start()
            try:
                durable, painted, sounds, fps = _watched(station, chromium)
            finally:
                station.stop()
                web.join()
        return {
            "seconds": SECONDS,
            "cameras": len(settings.cameras),
            "fps": fps,
            **_figures(settings.database, durable, painted, sounds),
            "cameras_at_once": camera_load.run(),
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _watched(
    station: Station, chromium: str
) -> tuple[dict[int, float], dict[int, float], list[float], dict[str, float]]:
    durable: dict[int, float] = {}
    stop = threading.Event()

    def watch() -> None:
        rev = 0
        while not stop.is_set():
            newer = station.hub.rev(rev, 0.5)
            now = time.time() * 1000
            durable.update(dict.fromkeys(range(rev, newer), now))
            rev = newer

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with _browser(chromium) as page:
            once = station.authenticator.open_once(demo.visitor(station.on_ledger))
            page.goto(f"http://127.0.0.1:{_PORT}/sekali/{once}")
            page.goto(f"http://127.0.0.1:{_PORT}/gerbang/{GATE}", wait_until="load")
            # A browser is silent until somebody pressed something.
            page.click("#start")
            page.click("#heard button[value=yes]")
            page.evaluate(_WATCH)
            page.wait_for_timeout(SECONDS * 1000)
            painted = {
                int(seq): float(ms)
                for seq, ms in page.evaluate("() => window.painted").items()
            }
            sounds = [float(ms) for ms in page.evaluate("() => window.sounds")]
        fps = {name: camera.status.fps for name, camera in station.cameras.items()}
    finally:
        stop.set()
        watcher.join()
    return durable, painted, sounds, fps


def _chromium() -> str:
    """The path of Chromium.

    Raises:
        StationError: it or playwright is missing.
    """
    missing = [] if importlib.util.find_spec("playwright") else ["playwright"]
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        missing.append("Chromium")
    if chromium is None or missing:
        message = (
            "jejak bench gate drives a browser, but found no "
            f"{' and no '.join(missing)}. Run it in a checkout, which has "
            "playwright: apt-get install chromium, then uv run jejak bench gate."
        )
        raise StationError(message)
    return chromium


@contextmanager
def _browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - dev group

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield browser.new_page(viewport={"width": 1366, "height": 768})
        browser.close()


def _figures(
    file: Path,
    durable: dict[int, float],
    painted: dict[int, float],
    sounds: Sequence[float],
) -> dict[str, Any]:
    db = database.open_reader(file)
    try:
        scans = {
            entry.seq: entry.draft.event.wall_ms
            for entry in log.entries(db)
            if entry.draft.gate == GATE
            and entry.draft.type in {EntryType.LOADING, EntryType.REFUSED}
            and entry.draft.verdict in set(Verdict)
        }
    finally:
        db.close()
    seen = [seq for seq in scans if seq in durable and seq in painted]
    return {
        "scans": len(seen),
        "picture_to_durable_ms": _spread([durable[s] - scans[s] for s in seen]),
        "durable_to_painted_ms": _spread([painted[s] - durable[s] for s in seen]),
        "picture_to_painted_ms": _spread([painted[s] - scans[s] for s in seen]),
        "picture_to_sound_ms": _spread(
            [sound - scans[s] for s in seen if (sound := _next(sounds, durable[s]))]
        ),
    }


def _next(sounds: Sequence[float], after: float) -> float | None:
    """When the first sound was played soon after a moment, or None."""
    return next((at for at in sounds if 0 <= at - after < _SOON_MS), None)


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    """p50, p95 and maximum, or None of fewer than two values."""
    if len(values) < 2:  # noqa: PLR2004 - quantiles need two
        return None
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return {
        "p50": round(cuts[9], 1),
        "p95": round(cuts[18], 1),
        "max": round(max(values), 1),
    }
