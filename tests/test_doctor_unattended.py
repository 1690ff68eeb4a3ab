"""What doctor tells of a machine for the night, and the lines that mend it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from station.camera_frames import CameraSettings
from station.capture.sources import open_camera
from station.capture.sources.picture_source import CameraError
from station.doctor import unattended_checks
from station.model import Draft, EntryType

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from station.ledger.log import Log
    from station.settings.station_toml import Settings
    from tests.conftest import StillClock

POWERCFG = """
Power Setting GUID: 29f6c1db-86da-48c5-9fdb-f2b67b1f44da  (Sleep after)
  Minimum Possible Setting: 0x00000000
  Maximum Possible Setting: 0xffffffff
  Possible Settings units: Seconds
Current AC Power Setting Index: 0x{ac:08x}
Current DC Power Setting Index: 0x00000384

"""
"""As Windows 10 and 11 print it, with more spaces."""


def told(folder: Path) -> dict[str, unattended_checks.Finding]:
    return {finding.what: finding for finding in unattended_checks.examine(folder)}


def written(settings: Settings, *lines: str) -> Path:
    file = settings.folder / "station.toml"
    text = file.read_text("utf-8").partition("[backup]")[0]
    file.write_text("\n".join([text, "[backup]", *lines, ""]), "utf-8")
    return settings.folder


def test_a_station_without_a_backup_is_told_how(settings: Settings) -> None:
    found = told(settings.folder)

    assert "under [backup] in station.toml write: folder" in found["Backup"].advice
    assert "write: high_water" in found["High-water mark"].advice
    assert found["Battery"].state
    assert ("Sleep" in found) is (sys.platform == "win32")


@pytest.mark.parametrize(
    ("platform", "stick"), [("win32", "E:/jejak"), ("linux", "/media/stick/jejak")]
)
def test_a_stick_is_named_as_this_system_names_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, platform: str, stick: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    assert stick in unattended_checks._backup(settings).advice
    assert f"{stick}/high-water" in unattended_checks._high_water(settings).advice


def test_a_backup_folder_is_looked_for(settings: Settings, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    folder = written(settings, f'folder = "{stick.as_posix()}"')
    assert not told(folder)["Backup"].fine
    stick.mkdir()
    assert "own disk" in told(folder)["Backup"].state

    folder = written(settings, f'high_water = "{stick.as_posix()}/not/there"')
    assert not told(folder)["High-water mark"].fine


def test_a_ledger_without_its_mark_is_told_before_the_start(
    settings: Settings, log: Log, clock: StillClock
) -> None:
    with log.writing() as batch:
        batch.append(
            Draft(
                type=EntryType.SYSTEM,
                event=clock(),
                actor="system",
                place=settings.place_id,
                data={"event": "start"},
            )
        )
    assert told(settings.folder)["High-water mark"].fine
    settings.high_water.unlink()

    found = told(settings.folder)["High-water mark"]

    assert found.word == "wrong"
    assert "serve --restored" in found.advice


def test_no_station_is_no_fault_of_the_night(tmp_path: Path) -> None:
    assert set(told(tmp_path)) >= {"Battery"}
    assert "Backup" not in told(tmp_path)


@pytest.mark.parametrize("look", [unattended_checks.sleep, unattended_checks.lid])
def test_a_power_plan_that_stops_the_station_is_mended_by_a_line(
    look: Callable[[str], unattended_checks.Finding],
) -> None:
    good, bad, unknown = (
        look(POWERCFG.format(ac=0)),
        look(POWERCFG.format(ac=1800)),
        look("Invalid Parameters"),
    )

    assert (good.fine, good.advice) == (True, "")
    assert not bad.fine
    assert bad.advice.startswith("powercfg /")
    assert unknown.fine
    assert "does not tell" in unknown.state


def test_a_disk_that_ignores_flushes_is_no_place_for_a_ledger() -> None:
    assert unattended_checks.write_cache([]).fine
    found = unattended_checks.write_cache(["Disk&Ven_NVMe"])
    assert not found.fine
    assert "Disk&Ven_NVMe" in found.state
    assert "untick" in found.advice


def test_active_hours_are_told_with_what_they_do_not_cover() -> None:
    assert "8:00 to 23:00" in unattended_checks.active_hours(8, 23).state
    assert "unknown" in unattended_checks.active_hours(None, None).state
    assert "no night" in unattended_checks.active_hours(8, 23).advice


def test_a_webcam_is_found_by_number_or_by_its_device(tmp_path: Path) -> None:
    assert open_camera._number("3") == 3
    assert open_camera._number("/dev/video12") == 12
    assert open_camera._number(str(tmp_path)) is None
    name = "/dev/v4l/by-id/usb-not-plugged-in-video-index0"
    with pytest.raises(CameraError, match="plug it in"):
        open_camera.open_source(CameraSettings(name="k", gate="g", source=name))
