"""The cameras' processes, killed and starved for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from station.camera_frames import CameraSettings, CameraState, FrameResult
from station.capture.jpeg import grey_of
from station.capture.process import grabber as grabber_module
from station.capture.process import supervisor
from station.capture.process.supervisor import CameraProcess
from station.capture.sources.open_camera import open_source
from station.capture.sources.picture_source import CameraError, SourceEnded
from tests.capture_pictures import jpeg, shelf
from tests.running import alive, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.capture.sources.picture_source import Picture

TEXT = "J11771B0007KABCDEF00"
WAIT_S = 20.0
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")


# --- sources for the child; found there by their module's name ------------------


class Steady:
    """A camera that always shows one label."""

    def __init__(self, settings: CameraSettings, step_s: float = 0.02) -> None:
        data = jpeg(shelf([TEXT]))
        grey = grey_of(data)
        assert grey is not None
        self._picture = grey, data
        self._step_s = step_s
        self._told = Path(settings.source)

    def read(self) -> Picture | None:
        time.sleep(self._step_s)
        return self._picture

    def cue(self, message: object) -> None:
        self._told.write_text(str(message))

    def close(self) -> None:
        return


class Hangs(Steady):
    """A driver that shows one picture and never comes back."""

    def read(self) -> Picture | None:
        picture, self._step_s = super().read(), 3600.0
        return picture


class Dies(Steady):
    """A driver that takes its process with it at the third picture."""

    def read(self) -> Picture | None:
        self._left = getattr(self, "_left", 3) - 1
        if not self._left:
            os.abort() if sys.platform != "win32" else os._exit(3)
        return super().read()


class Flickers(Steady):
    """A camera that is lost after five pictures, each time it is opened."""

    def read(self) -> Picture | None:
        self._left = getattr(self, "_left", 6) - 1
        return super().read() if self._left else None


class Surprises(Steady):
    """A driver that fails at its third picture in a way nobody foresaw."""

    def read(self) -> Picture | None:
        self._left = getattr(self, "_left", 3) - 1
        if not self._left:
            raise ValueError("no such pixel format")
        return super().read()


class Ends(Steady):
    def read(self) -> Picture | None:
        raise SourceEnded("the video ended")


def broken(_settings: CameraSettings) -> Steady:
    raise CameraError("expected a camera, got none; plug it in")


# --- the station's side ---------------------------------------------------------


@dataclass
class Ears:
    """What a station hears of one camera."""

    views: list[FrameResult] = field(default_factory=list)
    states: list[tuple[CameraState, str]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    slow_s: float = 0.0

    def on_view(self, view: FrameResult) -> None:
        time.sleep(self.slow_s)
        with self.changed:
            self.views.append(view)
            self.changed.notify_all()

    def on_state(self, _camera: CameraSettings, state: CameraState, why: str) -> None:
        with self.changed:
            self.states.append((state, why))
            self.changed.notify_all()

    def until(self, true: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(true, WAIT_S), self.states

    def named(self) -> list[CameraState]:
        return [state for state, _ in self.states]


@pytest.fixture
def ears() -> Ears:
    return Ears()


def settings(source: Path) -> CameraSettings:
    return CameraSettings(name="k1", gate="g1", source=str(source), fps=100)


def test_camera_process_shows_what_its_source_sees(ears: Ears, tmp_path: Path) -> None:
    camera = CameraProcess(
        settings(tmp_path / "x"), ears.on_view, ears.on_state, Steady
    )
    camera.start()
    ears.until(lambda: len(ears.views) > 5)
    status = camera.status
    camera.stop()

    view = ears.views[3]
    assert [s.text for s in view.symbols] == [TEXT]
    assert (view.camera, view.width, view.height) == ("k1", 1280, 720)
    assert grey_of(view.jpeg) is not None
    assert status.state is CameraState.LIVE
    assert status.fps > 0
    assert status.age_ms is not None
    assert ears.named() == [CameraState.OPENING, CameraState.LIVE, CameraState.STOPPED]
    assert camera.status.state is CameraState.STOPPED
    assert camera.pid is None


def test_camera_process_reads_a_folder_by_its_settings(
    ears: Ears, tmp_path: Path
) -> None:
    (tmp_path / "1.jpg").write_bytes(jpeg(shelf([TEXT])))
    camera = CameraProcess(settings(tmp_path), ears.on_view, ears.on_state)
    camera.start()
    ears.until(lambda: CameraState.LOST in ears.named())
    camera.stop()

    assert ears.states[-2][1] == f"every picture of {tmp_path} was shown"
    assert {s.text for v in ears.views for s in v.symbols} == {TEXT}


def test_slow_station_sees_fewer_frames_and_never_older_ones(
    ears: Ears, tmp_path: Path
) -> None:
    ears.slow_s = 0.3
    camera = CameraProcess(
        settings(tmp_path / "x"), ears.on_view, ears.on_state, Steady
    )
    camera.start()
    ears.until(lambda: len(ears.views) > 8)
    camera.stop()

    gaps = [
        b.number - a.number
        for a, b in zip(ears.views[2:], ears.views[3:], strict=False)
    ]
    assert min(gaps) > 5  # at 50 frames a second, 0.3 s each


def test_lost_camera_is_told_and_opened_again(ears: Ears, tmp_path: Path) -> None:
    camera = CameraProcess(
        settings(tmp_path / "x"), ears.on_view, ears.on_state, Flickers
    )
    camera.start()
    ears.until(lambda: ears.named().count(CameraState.LIVE) > 1)
    camera.stop()

    assert ears.named()[:4] == [
        CameraState.OPENING,
        CameraState.LIVE,
        CameraState.LOST,
        CameraState.LIVE,
    ]
    assert ears.states[2][1].startswith("expected pictures from camera k1, got none")


def test_camera_that_fails_unforeseen_is_told_and_opened_again(
    ears: Ears, tmp_path: Path
) -> None:
    camera = CameraProcess(
        settings(tmp_path / "x"), ears.on_view, ears.on_state, Surprises
    )
    camera.start()
    ears.until(lambda: ears.named().count(CameraState.LIVE) > 1)
    camera.stop()

    assert ears.named()[:4] == [
        CameraState.OPENING,
        CameraState.LIVE,
        CameraState.LOST,
        CameraState.LIVE,
    ]
    assert "ValueError: no such pixel format" in ears.states[2][1]


def test_folder_that_vanishes_and_returns_is_lost_and_live_again(
    ears: Ears, tmp_path: Path
) -> None:
    folder, away = tmp_path / "shots", tmp_path / "away"
    folder.mkdir()
    for i in range(60):
        (folder / f"{i:03d}.jpg").write_bytes(jpeg(shelf([TEXT])))
    camera = CameraProcess(settings(folder), ears.on_view, ears.on_state)
    camera.start()
    ears.until(lambda: len(ears.views) > 3)
    folder.rename(away)
    ears.until(lambda: CameraState.LOST in ears.named())
    away.rename(folder)
    ears.until(lambda: ears.named()[-1] is CameraState.LIVE)
    camera.stop()

    assert "put it back" in ears.states[2][1] or "not there" in ears.states[2][1]


def test_camera_that_is_never_there_is_told_once(ears: Ears, tmp_path: Path) -> None:
    camera = CameraProcess(
        settings(tmp_path / "x"), ears.on_view, ears.on_state, broken
    )
    camera.start()
    ears.until(lambda: CameraState.LOST in ears.named())
    time.sleep(1.0)  # it is tried again meanwhile
    camera.stop()

    assert ears.states[1] == (
        CameraState.LOST,
        "expected a camera, got none; plug it in",
    )
    assert ears.named().count(CameraState.LOST) == 1


def test_source_that_ended_is_not_opened_again(ears: Ears, tmp_path: Path) -> None:
    camera = CameraProcess(settings(tmp_path / "x"), ears.on_view, ears.on_state, Ends)
    camera.start()
    ears.until(lambda: CameraState.LOST in ears.named())
    time.sleep(1.0)
    camera.stop()

    assert ears.states[1:] == [
        (CameraState.LOST, "the video ended"),
        (CameraState.STOPPED, ""),
    ]


def test_driver_that_takes_its_process_with_it_is_started_again(
    ears: Ears, tmp_path: Path
) -> None:
    camera = CameraProcess(settings(tmp_path / "x"), ears.on_view, ears.on_state, Dies)
    camera.start()
    ears.until(lambda: ears.named().count(CameraState.LIVE) > 1)
    camera.stop()

    lost = dict(ears.states)[CameraState.LOST]
    assert lost.startswith("expected the process of camera k1 to run, got its end")


def test_a_view_at_which_the_station_fails_loses_the_camera_for_a_moment(
    ears: Ears, tmp_path: Path
) -> None:
    failed = threading.Event()

    def fail_once(view: FrameResult) -> None:
        if not failed.is_set():
            failed.set()
            raise ZeroDivisionError("nobody foresaw it")
        ears.on_view(view)

    camera = CameraProcess(settings(tmp_path / "x"), fail_once, ears.on_state, Steady)
    camera.start()
    ears.until(lambda: bool(ears.views))
    camera.stop()

    assert failed.is_set()
    lost = dict(ears.states)[CameraState.LOST]
    assert "got ZeroDivisionError: nobody foresaw it; it is started again" in lost


def test_a_state_at_which_the_station_fails_ends_no_camera(
    ears: Ears, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    camera = CameraProcess(settings(tmp_path / "x"), ears.on_view, fail, Steady)
    camera.start()
    ears.until(lambda: bool(ears.views))
    assert camera.status.state is CameraState.LIVE
    camera.stop()


def test_a_stop_does_not_wait_for_a_station_that_takes_no_view(
    ears: Ears, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_GRACE_S", 0.2)
    monkeypatch.setattr(supervisor, "_LEAVE_S", 0.2)
    taking, answers = threading.Event(), threading.Event()

    def hang(_: FrameResult) -> None:
        taking.set()
        assert answers.wait(WAIT_S)

    camera = CameraProcess(settings(tmp_path / "x"), hang, ears.on_state, Steady)
    camera.start()
    assert taking.wait(WAIT_S)
    camera.stop()

    assert not answers.is_set()
    answers.set()
    ears.until(lambda: CameraState.STOPPED in ears.named())


def test_message_reaches_the_source(ears: Ears, tmp_path: Path) -> None:
    told = tmp_path / "told"
    camera = CameraProcess(settings(told), ears.on_view, ears.on_state, Steady)
    camera.cue("lost: nobody runs yet")
    camera.start()
    ears.until(lambda: bool(ears.views))
    camera.cue("next box")
    end = time.monotonic() + WAIT_S
    while not told.exists() and time.monotonic() < end:
        time.sleep(0.02)
    camera.stop()

    assert told.read_text() == "next box"


def test_stop_ends_a_child_whose_driver_hangs(ears: Ears, tmp_path: Path) -> None:
    camera = CameraProcess(settings(tmp_path / "x"), ears.on_view, ears.on_state, Hangs)
    camera.start()
    ears.until(lambda: bool(ears.views))
    pid = camera.pid
    camera.stop()

    assert pid is not None
    assert camera.pid is None
    if sys.platform == "linux":
        assert not alive(pid)


def test_stop_before_start_and_twice_is_harmless(ears: Ears, tmp_path: Path) -> None:
    camera = CameraProcess(
        settings(tmp_path / "x"), ears.on_view, ears.on_state, Steady
    )
    camera.stop()
    camera.start()
    camera.stop()
    camera.stop()

    assert camera.status.state is CameraState.STOPPED


def test_hanging_driver_is_noticed() -> None:
    grabber = grabber_module.Grabber.__new__(grabber_module.Grabber)
    grabber._driver_call = None
    assert not grabber.hangs()
    grabber._driver_call = (time.monotonic(), grabber_module.SILENT_S)
    assert not grabber.hangs()
    grabber._driver_call = (
        time.monotonic() - grabber_module.SILENT_S - 1,
        grabber_module.SILENT_S,
    )
    assert grabber.hangs()


@posix
def test_ctrl_c_for_the_group_does_not_lose_the_camera(
    ears: Ears, tmp_path: Path
) -> None:
    camera = CameraProcess(
        settings(tmp_path / "x"), ears.on_view, ears.on_state, Steady
    )
    camera.start()
    ears.until(lambda: bool(ears.views))
    assert camera.pid is not None
    os.kill(camera.pid, signal.SIGINT)
    seen = len(ears.views)
    ears.until(lambda: len(ears.views) > seen + 5)
    camera.stop()

    assert CameraState.LOST not in ears.named()


@posix
def test_camera_lets_the_station_go_first(ears: Ears, tmp_path: Path) -> None:
    camera = CameraProcess(
        settings(tmp_path / "x"), ears.on_view, ears.on_state, Steady
    )
    camera.start()
    ears.until(lambda: bool(ears.views))
    assert camera.pid is not None
    nicer = os.getpriority(os.PRIO_PROCESS, camera.pid)
    camera.stop()

    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert nicer == min(19, ours + 5)


def test_views_carry_what_the_camera_sees_and_are_counted(
    ears: Ears, tmp_path: Path
) -> None:
    camera = CameraProcess(
        settings(tmp_path / "x"), ears.on_view, ears.on_state, Steady
    )
    camera.start()
    ears.until(lambda: len(ears.views) > 3)
    camera.stop()

    sight = ears.views[-1].sight
    assert sight is not None
    assert sight.label is not None
    assert sight.label.px_per_module == pytest.approx(4.0, rel=0.05)
    assert camera.views == len(ears.views)


STATION = """
import sys, time
from functools import partial
from pathlib import Path
from station.capture.process.supervisor import CameraProcess
from station.camera_frames import CameraSettings
from tests import test_camera_processes as sources

def main():
    make = getattr(sources, sys.argv[1])
    camera = CameraProcess(
        CameraSettings(name="k1", gate="g1", source=sys.argv[2]),
        lambda view: print(camera.pid, flush=True),
        lambda *_: None,
        make,
    )
    camera.start()
    time.sleep(3600)

if __name__ == "__main__":
    main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
@pytest.mark.parametrize("source", ["Steady", "Hangs"])
def test_child_does_not_outlive_a_killed_station(tmp_path: Path, source: str) -> None:
    script = tmp_path / "station_like.py"
    script.write_text(STATION)
    root = Path(__file__).resolve().parents[1]
    with subprocess.Popen(
        [sys.executable, str(script), source, str(tmp_path / "x")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    ) as station:
        assert station.stdout is not None
        pid = int(station.stdout.readline())
        assert alive(pid)
        time.sleep(0.2)  # Hangs is inside its endless read by now
        station.kill()
        assert station.wait(5) == -signal.SIGKILL
        try:
            until(lambda: not alive(pid))
        except AssertionError:
            os.kill(pid, signal.SIGKILL)
            raise


def test_factory_may_be_a_partial(ears: Ears, tmp_path: Path) -> None:
    make = partial(Steady, step_s=0.01)
    camera = CameraProcess(settings(tmp_path / "x"), ears.on_view, ears.on_state, make)
    camera.start()
    ears.until(lambda: bool(ears.views))
    camera.stop()

    assert open_source is not make
    assert ears.views[0].symbols
