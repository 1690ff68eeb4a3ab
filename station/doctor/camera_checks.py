"""What `jejak doctor` says of each camera: what it gives, and how well it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels import stocks
from station.camera_advice import Advice, advice, readings
from station.camera_frames import CameraSettings
from station.capture.sources import open_camera
from station.capture.sources.picture_source import CameraError
from station.doctor import camera_probe
from station.doctor.unattended_checks import Finding
from station.errors import StationError
from station.language import Text, joined
from station.model import system_clock
from station.settings import station_toml
from station.storage.writer_lock import WriterLock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from station.camera_advice import Sight
    from station.doctor.camera_probe import Tryout

ADVICE: Mapping[Advice, str] = {
    Advice.SHOW: Text(
        "hold a test label there: jejak labels --test-label --out uji.pdf"
    ),
    Advice.CLOSER: Text("closer: bring the camera nearer, or print larger labels"),
    Advice.LIGHT: Text("more light: point a lamp at the label, not at the camera"),
    Advice.GLARE: Text("less glare: move the lamp, tilt the label, smooth the film"),
    Advice.FOCUS: Text("focus: wipe the lens, then turn its ring until it is sharp"),
    Advice.SLOWER: Text("slower: move boxes more slowly, or add light"),
    Advice.RATE: Text("check the USB cable and the light, and close other programs"),
    Advice.FINE: "",
}
"""The one thing to do."""


def examine(folder: Path) -> Iterator[Finding]:
    """Every camera of the station, else every webcam, tried for some seconds."""
    for settings in _cameras(folder):
        what = Text("Sight of %(name)s", name=settings.name)
        if in_use(folder):
            state = Text(
                "in use by the running station; see Bantu kamera on its gate's page"
            )
            yield Finding(what, fine=True, state=state)
            continue
        try:
            found = camera_probe.tried(settings, system_clock)
        except CameraError as error:
            advice = Text(
                "jejak doctor lists the webcams; write one of them in station.toml"
            )
            yield Finding(
                what, fine=False, state=error.text, advice=advice, missing=True
            )
        else:
            yield _sight(what, settings, found)


def _cameras(folder: Path) -> Sequence[CameraSettings]:
    try:
        named = station_toml.load(folder).cameras
    except StationError:  # reported by the finding about the station
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
    pictures = Text(
        "%(width)s x %(height)s, %(fps)g pictures a second, light %(light)s %%",
        width=found.width,
        height=found.height,
        fps=found.fps,
        light=100 * found.sight.light // 255,
    )
    return Finding(
        what,
        fine=True,
        state=joined([joined([pictures, _label(found.sight)]), _reach(found)], "; "),
        advice=ADVICE[advice(gauges, found.sight)],
    )


def _label(sight: Sight) -> Text:
    label = sight.label
    if label is None:
        return Text("no label in view")
    return Text(
        "label %(state)s with %(px_per_module).1f px a module (limit "
        "%(least_px)g, good from %(comfortable_px)g), contrast %(contrast)s "
        "%%, blur %(blur_modules).1f, smear %(smear_modules).1f modules",
        state=Text("read") if label.read else Text("not read"),
        px_per_module=label.px_per_module,
        least_px=stocks.LEAST_PX,
        comfortable_px=stocks.COMFORTABLE_PX,
        contrast=100 * label.contrast // 255,
        blur_modules=label.blur_modules,
        smear_modules=label.smear_modules,
    )


def _reach(found: Tryout) -> Text:
    """From how far this camera reads the largest label and the smallest."""
    reaches = []
    for name in ("a4-4", "60x40"):
        module = stocks.STOCKS[name].layout.spot.module_mm
        fine = stocks.reach_m(module, found.width, stocks.COMFORTABLE_PX)
        most = stocks.reach_m(module, found.width, stocks.LEAST_PX)
        reaches.append(
            Text(
                "%(name)s labels up to %(fine).1f m (at most %(most).1f)",
                name=name,
                fine=fine,
                most=most,
            )
        )
    return Text("reads %(reaches)s", reaches=joined(reaches))
