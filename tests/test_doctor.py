"""jejak doctor as it is typed: what is missing is called missing, with its mend."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from station.capture.decoding import decoder
from station.capture.sources import open_camera
from station.capture.sources.open_camera import CameraFound
from station.cli.main import main
from station.doctor import checks
from station.storage.writer_lock import WriterLock
from tests.capture_pictures import jpeg, wall

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from station.doctor.unattended_checks import Finding
    from station.settings.station_toml import Settings
    from tests.conftest import City


@pytest.fixture
def webcams(monkeypatch: pytest.MonkeyPatch) -> list[CameraFound]:
    """The webcams of this machine; none."""
    found: list[CameraFound] = []
    monkeypatch.setattr(open_camera, "cameras", lambda: found)
    return found


def examined(folder: Path) -> dict[str, Finding]:
    return {finding.what: finding for finding in checks.examine(folder)}


def typed(folder: Path) -> Result:
    return CliRunner().invoke(main, ["doctor", "--data", str(folder)])


def with_source(settings: Settings, source: str) -> Path:
    file = settings.folder / "station.toml"
    named = f'[[camera]]\nname = "kamera-1"\ngate = "gerbang-1"\nsource = "{source}"\n'
    file.write_text(f"{file.read_text('utf-8')}\n{named}", "utf-8")
    return settings.folder


@pytest.mark.usefixtures("webcams")
def test_no_webcam_is_missing(settings: Settings) -> None:
    result = typed(settings.folder)

    assert result.exit_code == 1
    lines = result.output.splitlines()
    (at,) = [n for n, line in enumerate(lines) if line.startswith("missing Cameras:")]
    assert lines[at + 1].strip().startswith("-> plug one in")


@pytest.mark.usefixtures("webcams")
def test_a_station_with_network_cameras_needs_no_webcam(settings: Settings) -> None:
    folder = with_source(settings, "http://127.0.0.1:9/")

    assert "Cameras" not in examined(folder)


@pytest.mark.usefixtures("webcams")
def test_webcams_of_a_running_station_are_not_missing(settings: Settings) -> None:
    folder = with_source(settings, "0")

    with WriterLock(folder):
        finding = examined(folder)["Cameras"]

    assert finding.fine


def test_no_second_reader_is_missing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder, "zbar_status", lambda: "no libzbar")

    finding = examined(settings.folder)["QR readers"]

    assert finding.word == "missing"
    assert "libzbar0" in finding.advice or "Visual C++" in finding.advice


def test_no_station_is_missing(tmp_path: Path) -> None:
    finding = examined(tmp_path / "none")["Station"]

    assert finding.word == "missing"
    assert finding.advice.startswith("jejak init")


def test_a_wrong_line_is_wrong_and_no_new_station_mends_it(settings: Settings) -> None:
    (settings.folder / "station.toml").write_text("[station]\n", "utf-8")

    finding = examined(settings.folder)["Station"]

    assert finding.word == "wrong"
    assert "init" not in finding.advice


@pytest.mark.usefixtures("webcams")
def test_a_gate_of_a_place_that_the_plan_has_not_is_wrong(
    settings: Settings, city: City
) -> None:
    assert city.near
    file = settings.folder / "station.toml"
    text = file.read_text("utf-8")

    for area, wrong in (("17.71.02", False), ("17.71.77", True)):
        more = text.replace('place = "ppk"', f'place = "ppk"\narea = "{area}"')
        file.write_text(more, "utf-8")
        found = examined(settings.folder)
        assert ("Gate ppk" in found) == wrong
    assert "17.71.77 is no ppk" in found["Gate ppk"].state


def test_ok_is_said_only_where_nothing_is_to_be_done(
    settings: Settings, webcams: list[CameraFound]
) -> None:
    webcams.append(CameraFound(0, None, 640, 480, jpeg(wall())))

    for finding in checks.examine(settings.folder):
        assert (finding.word == "ok") == (finding.fine and not finding.advice)
        assert replace(finding, advice="", fine=True).word == "ok"
