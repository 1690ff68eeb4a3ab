"""Several cameras at once on a running station, in small."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from station.bench import camera_load, gate_latency, synthetic_frames
from station.camera_frames import CameraSettings
from station.capture.decoding.decoder import still
from station.capture.jpeg import grey_of
from station.capture.sources.looped_pictures import open_looped
from station.capture.sources.picture_source import CameraError
from station.errors import StationError
from station.storage import database

if TYPE_CHECKING:
    from pathlib import Path

    from station.settings.station_toml import Settings


def settings(folder: Path) -> CameraSettings:
    return CameraSettings(name="k1", gate="g1", source=str(folder), fps=500)


def test_looped_shows_its_labels_and_takes_them_away() -> None:
    texts = synthetic_frames.codes_of(4)

    pictures = list(synthetic_frames.moving_labels(960, 540, texts, seed=3))

    shown = []
    for data in (pictures[0], pictures[22], pictures[44], pictures[60]):
        grey = grey_of(data)
        assert grey is not None
        shown.append(sorted(s.text for s in still(grey) if s.text is not None))
    assert shown == [texts, texts, texts, []]


def test_looped_begins_again_when_it_is_through(tmp_path: Path) -> None:
    pictures = list(synthetic_frames.moving_labels(320, 180, [], seed=1))[:2]
    for number, data in enumerate(pictures):
        (tmp_path / f"{number}.jpg").write_bytes(data)
    looped = open_looped(settings(tmp_path))

    shown = [looped.read() for _ in range(5)]

    assert [found[1] for found in shown if found] == [*pictures, *pictures, pictures[0]]


def test_looped_with_a_file_that_is_no_picture_says_so(tmp_path: Path) -> None:
    (tmp_path / "0.jpg").write_bytes(b"no picture")

    with pytest.raises(CameraError, match="take that file out"):
        open_looped(settings(tmp_path)).read()


def test_load_counts_what_the_cameras_read_while_pages_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(camera_load, "_WARM_S", 0.0)
    monkeypatch.setattr(camera_load, "WIDTH", 960)
    monkeypatch.setattr(camera_load, "HEIGHT", 540)
    monkeypatch.setattr(camera_load, "LABELS", 4)
    kept: list[Any] = []
    real = camera_load._measured

    def watched(station: Any, *rest: Any) -> Any:  # noqa: ANN401 - passed on
        found = real(station, *rest)
        kept.append(_loaded(station.settings))
        return found

    monkeypatch.setattr(camera_load, "_measured", watched)

    (figures,) = camera_load.run((2,), seconds=3.0)

    assert figures["cameras"] == 2
    assert set(figures["read_per_second"]) == {"kamera-1", "kamera-2"}
    assert all(rate > 0 for rate in figures["read_per_second"].values())
    for name in ("trivial_ms", "panel_ms"):
        assert 0 < figures[name]["p50"] <= figures[name]["p95"] <= figures[name]["max"]
    # The whole way: what the cameras saw is in the ledger.
    assert kept == [8]


def _loaded(settings: Settings) -> int:
    with closing(database.open_reader(settings.database)) as db:
        row = db.execute("SELECT count(*) AS n FROM item WHERE state = 'loaded'")
        return int(row.fetchone()["n"])


def test_gate_bench_says_at_once_which_browser_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)

    with pytest.raises(StationError, match="no playwright and no Chromium"):
        gate_latency.run()
