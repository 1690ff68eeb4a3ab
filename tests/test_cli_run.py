"""jejak serve as it is typed: what cannot work is told before anything is shown."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import cv2  # noqa: TID251 - writes the pictures that a camera would see
import pytest
from click.testing import CliRunner, Result

from station.capture.evidence_store import EvidenceStore
from station.cli.main import main
from station.founding import create_station
from station.ledger.log_reading import last_event
from station.model import Draft, EntryType, system_clock
from station.settings import station_toml
from station.storage import database
from station.storage.writer_lock import WriterLock
from tests.capture_pictures import wall
from tests.running import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from station.settings.station_toml import Settings

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
                *(sys.executable, "-m", "station.cli.main", "serve"),
                *("--data", str(settings.folder), "--port", "0", *options),
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


def test_a_backup_is_restored_as_the_readme_says(
    settings: Settings, tmp_path: Path
) -> None:
    """The disk is lost; there is a stick with backups, and the two keys."""
    picture = with_a_picture(settings)
    restored = station_toml.load(copied_back(settings, tmp_path))
    refused = jejak("serve", "--data", str(restored.folder))
    assert refused.exit_code == 1
    assert "start once with `jejak serve --restored`" in refused.output
    assert not restored.web_key_file.exists()
    size = entries(restored)

    with started(restored, "--restored") as said:
        until(lambda: "Jejak: http" in said.read_text("utf-8"))
    assert f"Restored: entry {size} records" in said.read_text("utf-8")
    with contextlib.closing(database.open_reader(restored.database)) as db:
        told = last_event(db, "restored")
        assert told is not None
        assert told.seq == size
        assert last_event(db, "unclean_stop") is not None, "so all of it is checked"
    assert EvidenceStore(restored.evidence).path(picture).is_file()
    assert jejak("verify", "--data", str(restored.folder)).exit_code == 0

    again = jejak("serve", "--restored", "--data", str(restored.folder))
    assert again.exit_code == 1
    assert "leave out --restored" in again.output
    with started(restored) as said:
        until(lambda: "Jejak: http" in said.read_text("utf-8"))


def copied_back(settings: Settings, tmp_path: Path) -> Path:
    """A new folder as the README has it made, from a backup of a running station."""
    stick, keys, new = tmp_path / "stick", tmp_path / "keys", tmp_path / "new"
    for folder in (stick, keys, new):
        folder.mkdir()
    for key in ("station.key", "label.key"):
        shutil.copy(settings.folder / key, keys)
    with started(settings) as said:
        until(lambda: "Jejak: http" in said.read_text("utf-8"))
        made = jejak("backup", str(stick), "--data", str(settings.folder))
        assert made.exit_code == 0
    settings.folder.rename(tmp_path / "lost")

    (backup,) = stick.glob("jejak-*Z")
    (pictures,) = stick.glob("jejak-*-evidence")
    assert jejak("verify", str(backup)).exit_code == 0
    for file in (backup / "ledger.db", backup / "station.toml", *keys.iterdir()):
        shutil.copy(file, new)
    shutil.copytree(pictures, new / "evidence")
    return new


def jejak(*command: str) -> Result:
    return CliRunner().invoke(main, command)


def with_a_picture(settings: Settings) -> str:
    """The SHA-256 of a picture that an entry names."""
    ok, jpeg = cv2.imencode(".jpg", wall())
    assert ok
    name = EvidenceStore(settings.evidence).keep(jpeg.tobytes())
    log = create_station.open_log(settings, system_clock)
    draft = Draft(
        type=EntryType.SYSTEM,
        event=system_clock(),
        actor="system",
        place=settings.place_id,
        evidence=(name,),
        data={"event": "disk_enough"},
    )
    with log.writing() as batch:
        batch.append(draft)
    database.close_writer(log.db)
    return name


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
