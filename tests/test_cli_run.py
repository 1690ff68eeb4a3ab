"""jejak serve as it is typed: what cannot work is told before anything is shown."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import cv2  # noqa: TID251 - writes the pictures that a camera would see
import pytest
from click.testing import CliRunner, Result

from station import database
from station.cli import main
from station.writer import WriterLock
from tests.capture_pictures import wall
from tests.running import free_port, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from station.config import Settings

linux = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux lists webcams without opening them"
)


def serve(settings: Settings, *options: str) -> Result:
    return CliRunner().invoke(main, ["serve", "--data", str(settings.folder), *options])


def entries(settings: Settings) -> int:
    with contextlib.closing(database.open_reader(settings.database)) as db:
        return int(db.execute("SELECT count(*) FROM entry").fetchone()[0])


@contextlib.contextmanager
def started(settings: Settings, *options: str) -> Iterator[Path]:
    """What a running `jejak serve` prints, into a file; stopped at the end."""
    said = settings.folder.parent / "serve.log"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "station.cli", "serve"),
                *("--data", str(settings.folder), "--port", str(free_port()), *options),
            ],
            stdout=out,
            stderr=out,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        yield said
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        ("nowhere/x.mp4", "which is not there"),
        ("cam0", "expected a camera number"),
        ("notes.txt", "expected a video in"),
        ("empty", "expected pictures in"),
    ],
)
def test_a_camera_that_can_never_work_is_told_at_once(
    settings: Settings, tmp_path: Path, made: str, sentence: str
) -> None:
    (tmp_path / "notes.txt").write_text("no video")
    (tmp_path / "empty").mkdir()
    before = entries(settings)
    there = tmp_path / made

    result = serve(settings, "--camera", str(there if there.exists() else made))

    assert result.exit_code == 2
    assert sentence in result.output
    assert len(result.output.splitlines()) == 1
    assert entries(settings) == before


@linux
def test_a_webcam_that_is_not_plugged_in_is_told_and_the_station_starts(
    settings: Settings,
) -> None:
    with started(settings, "--camera", "971") as said:
        until(lambda: "Jejak: http" in said.read_text("utf-8"))

    told = said.read_text("utf-8")
    assert told.index("no webcam 971 now (found:") < told.index("Jejak: http")


def test_a_wrong_camera_of_station_toml_is_told_and_the_station_starts(
    settings: Settings,
) -> None:
    file = settings.folder / "station.toml"
    camera = '[[camera]]\nname = "kamera-1"\ngate = "gerbang-1"\nsource = "no.mp4"\n'
    file.write_text(f"{file.read_text('utf-8')}\n{camera}", "utf-8")

    with started(settings) as said:
        until(lambda: "Jejak: http" in said.read_text("utf-8"))

    told = said.read_text("utf-8")
    assert told.index("camera kamera-1: expected a camera number") < told.index(
        "Jejak: http"
    )


def test_a_recording_that_is_shown_is_told_as_ended_and_not_as_lost(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "1.png"), wall())

    with started(settings, "--camera", str(folder)) as said:
        until(lambda: "state=ended" in said.read_text("utf-8"))

    assert "state=lost" not in said.read_text("utf-8")


def test_a_taken_port_is_told_before_an_address_or_a_code(settings: Settings) -> None:
    before = entries(settings)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        result = serve(settings, "--port", str(port))

    assert result.exit_code == 1
    assert result.output.startswith(f"jejak: Expected port {port} to be free")
    assert len(result.output.splitlines()) == 1
    assert entries(settings) == before


def test_that_the_station_runs_already_is_told_before_its_port(
    settings: Settings,
) -> None:
    with WriterLock(settings.folder), socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        result = serve(settings, "--port", str(other.getsockname()[1]))

    assert result.exit_code == 1
    assert "already running" in result.output


def test_a_station_that_was_moved_into_a_synchronised_folder_does_not_start(
    settings: Settings, tmp_path: Path
) -> None:
    moved = tmp_path / "OneDrive - KPU" / "jejak"
    moved.parent.mkdir()
    settings.folder.rename(moved)

    # Without the refusal it would start: the port that is taken ends it then.
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        result = CliRunner().invoke(
            main, ["serve", "--data", str(moved), "--port", port]
        )

    assert result.exit_code == 1
    assert "in OneDrive" in result.output
