"""What doctor says of cameras, of real sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2  # noqa: TID251 - writes the pictures that a camera would see
import pytest

from labels.trial_label import trial_code
from station.camera_advice import Advice
from station.camera_frames import CameraSettings
from station.capture.sources.picture_source import CameraError
from station.doctor import camera_checks, camera_probe
from station.doctor.camera_checks import ADVICE
from station.founding import create_station
from station.model import system_clock
from station.storage.writer_lock import WriterLock
from tests.capture_pictures import label, pasted, wall

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from station.settings.station_toml import Settings


def shown(folder: Path, picture: NDArray[np.uint8]) -> Path:
    """A camera's source that shows this picture."""
    folder.mkdir()
    for number in range(8):
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    return folder


def with_camera(settings: Settings, source: object) -> Path:
    file = settings.folder / "station.toml"
    camera = f'[[camera]]\nname = "kamera-1"\ngate = "gerbang-1"\nsource = "{source}"\n'
    file.write_text(f"{file.read_text('utf-8')}\n{camera}", "utf-8")
    return settings.folder


def test_camera_that_sees_the_test_label_well_needs_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    text = str(trial_code("1771", create_station.label_key(settings)))
    source = shown(tmp_path / "near", pasted(wall(), label(text, 5), 300, 200))

    (finding,) = camera_checks.examine(with_camera(settings, source.as_posix()))

    assert finding.fine
    assert finding.what == "Sight of kamera-1"
    assert "1280 x 720" in finding.state
    assert "label read with 5.0 px a module (limit 1.8, good from 3)" in finding.state
    # As README's table says of 720p and the largest label: two thirds of 1080p's.
    assert "a4-4 labels up to 0.8 m (at most 1.3)" in finding.state


def test_camera_that_is_too_far_is_told_to_come_closer(
    settings: Settings, tmp_path: Path
) -> None:
    text = str(trial_code("1771", create_station.label_key(settings)))
    source = shown(tmp_path / "far", pasted(wall(), label(text, 2), 300, 200))

    (finding,) = camera_checks.examine(with_camera(settings, source.as_posix()))

    assert finding.fine
    assert finding.advice == ADVICE[Advice.CLOSER]


def test_camera_that_sees_no_label_asks_for_one(
    settings: Settings, tmp_path: Path
) -> None:
    source = shown(tmp_path / "empty", wall())

    (finding,) = camera_checks.examine(with_camera(settings, source.as_posix()))

    assert "no label in view" in finding.state
    assert "--test-label" in finding.advice


def test_camera_that_is_not_there_is_told(settings: Settings) -> None:
    (finding,) = camera_checks.examine(with_camera(settings, "/not/there"))

    assert not finding.fine
    assert "expected a camera number" in finding.state


def test_camera_of_a_running_station_is_left_alone(settings: Settings) -> None:
    folder = with_camera(settings, "/not/there")
    with WriterLock(folder):
        (finding,) = camera_checks.examine(folder)

    assert finding.fine
    assert "Bantu kamera" in finding.state


def test_virtual_camera_needs_no_doctor(settings: Settings) -> None:
    assert list(camera_checks.examine(with_camera(settings, "virtual"))) == []


def test_source_without_a_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    camera = CameraSettings(name="k1", gate="", source=str(tmp_path))

    with pytest.raises(CameraError, match="got none"):
        camera_probe.tried(camera, system_clock)


def test_every_advice_has_its_line() -> None:
    assert set(ADVICE) == set(Advice)
    assert [advice for advice in Advice if not ADVICE[advice]] == [Advice.FINE]
