"""What `jejak doctor` says of each camera: what it gives, and how well it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels import stocks
from station.camera_advice import Advice, advice, readings
from station.capture.sources import open_camera
from station.capture.sources.picture_source import CameraError
from station.doctor import camera_probe
from station.doctor.unattended_checks import Finding
from station.errors import StationError
from station.model import CameraSettings, system_clock
from station.settings import station_toml
from station.storage.writer_lock import WriterLock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from station.doctor.camera_probe import Tryout

MEND: Mapping[Advice, str] = {
    Advice.SHOW: "hold a test label there: jejak labels --test-label --out uji.pdf",
    Advice.CLOSER: "closer: bring the camera nearer, or print larger labels",
    Advice.LIGHT: "more light: point a lamp at the label, not at the camera",
    Advice.GLARE: "less glare: move the lamp, tilt the label, smooth the film",
    Advice.FOCUS: "focus: wipe the lens, then turn its ring until it is sharp",
    Advice.SLOWER: "slower: move boxes more slowly, or add light",
    Advice.RATE: "check the USB cable and the light, and close other programs",
    Advice.FINE: "",
}
"""The one thing to do, beside what was measured."""


def examine(folder: Path) -> Iterator[Finding]:
    """Every camera of the station, else every webcam, tried for some seconds."""
    for settings in _cameras(folder):
        what = f"Sight of {settings.name}"
        if in_use(folder):
            told = "in use by the running station; see Bantu kamera on its gate's page"
            yield Finding(what, fine=True, told=told)
            continue
        try:
            found = camera_probe.tried(settings, system_clock)
        except CameraError as error:
            mend = "jejak doctor lists the webcams; write one of them in station.toml"
            yield Finding(what, fine=False, told=str(error), mend=mend, missing=True)
        else:
            yield _sight(what, settings, found)


def _cameras(folder: Path) -> Sequence[CameraSettings]:
    try:
        named = station_toml.load(folder).cameras
    except StationError:  # told by the finding about the station
        named = ()
    real = [settings for settings in named if settings.source != "virtual"]
    if named:
        return real
    return [
        CameraSettings(name=f"webcam {found.index}", gate="", source=str(found.index))
        for found in open_camera.cameras()
    ]


def in_use(folder: Path) -> bool:
    """True while a station runs here; it then has the cameras."""
    if not (folder / "station.toml").is_file():
        return False
    try:
        with WriterLock(folder):
            return False
    except StationError:
        return True


def _sight(what: str, settings: CameraSettings, found: Tryout) -> Finding:
    gauges = readings(found.sight, found.fps, settings.fps)
    told = advice(gauges, found.sight)
    label = found.sight.label
    seen = (
        f"{found.width} x {found.height}, {found.fps:g} pictures a second, light "
        f"{100 * found.sight.light // 255} %, "
    )
    if label is None:
        seen += "no label in view"
    else:
        seen += (
            f"label {'read' if label.read else 'not read'} with "
            f"{label.px_per_module:.1f} px a module (limit {stocks.LEAST_PX:g}, good "
            f"from {stocks.COMFORTABLE_PX:g}), contrast {100 * label.contrast // 255} "
            f"%, blur {label.blur_modules:.1f}, smear {label.smear_modules:.1f} modules"
        )
    return Finding(what, fine=True, told=f"{seen}; {_far(found)}", mend=MEND[told])


def _far(found: Tryout) -> str:
    """From how far this camera reads the largest label and the smallest."""
    reaches = []
    for name in ("a4-4", "60x40"):
        module = stocks.STOCKS[name].layout.spot.module_mm
        fine = stocks.reach_m(module, found.width, stocks.COMFORTABLE_PX)
        most = stocks.reach_m(module, found.width, stocks.LEAST_PX)
        reaches.append(f"{name} labels up to {fine:.1f} m (at most {most:.1f})")
    return "reads " + ", ".join(reaches)
