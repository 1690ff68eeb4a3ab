"""``jejak doctor``: what this machine has, and the line that mends what is missing."""

from __future__ import annotations

import contextlib
import platform
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from station.capture.decoding import decoder
from station.capture.sources import open_camera
from station.capture.sources.picture_source import CameraError, Kind
from station.custody import registry
from station.doctor import camera_checks, unattended_checks
from station.doctor.unattended_checks import Finding
from station.errors import StationError
from station.language import Text
from station.ledger.log import WRITTEN_MS
from station.model import system_clock
from station.runtime.scan_stops import LEAST_FREE
from station.settings import station_toml
from station.storage import database, folder_safety

if TYPE_CHECKING:
    from collections.abc import Iterator

SOUND_SQLITE = (3, 51, 3)
"""Before this release two writing connections could corrupt a WAL."""


def examine(folder: Path) -> list[Finding]:
    """Everything that a station on this machine needs, looked at now."""
    return [
        _python(),
        _sqlite(),
        _readers(),
        *_cameras(folder),
        *camera_checks.examine(folder),
        _station(folder),
        *_gates(folder),
        _disk(folder),
        _folder(folder),
        _clock(),
        *unattended_checks.examine(folder),
    ]


def _python() -> Finding:
    return Finding("Python", fine=True, state=platform.python_version())


def _sqlite() -> Finding:
    name, version = database.driver()
    sound = tuple(int(part) for part in version.split(".")) >= SOUND_SQLITE
    return Finding(
        "SQLite",
        fine=True,
        state=Text("%(version)s by %(name)s", version=version, name=name)
        if sound
        else Text(
            "%(version)s by %(name)s; older than 3.51.3: safe with one writing process",
            version=version,
            name=name,
        ),
        advice="" if sound else Text("pip install pysqlite3   (where it has a wheel)"),
    )


def _readers() -> Finding:
    status = decoder.zbar_status()
    if status.endswith("ok"):
        return Finding(Text("QR readers"), fine=True, state=Text("zxing-cpp and zbar"))
    advice = (
        Text("install the Visual C++ 2013 runtime (x64)")
        if platform.system() == "Windows"
        else "sudo apt-get install --no-install-recommends libzbar0"
    )
    return Finding(
        Text("QR readers"),
        fine=False,
        state=Text(
            "zxing-cpp alone; the second reader is off: %(status)s", status=status
        ),
        advice=advice,
        missing=True,
    )


def _cameras(folder: Path) -> Iterator[Finding]:
    found = open_camera.cameras()
    if not found:
        if _wants_webcam(folder):
            yield _no_webcam(folder)
        return
    pictures = Path(tempfile.mkdtemp(prefix="jejak-cameras-"))
    for one in found:
        picture = pictures / f"camera-{one.index}.jpg"
        picture.write_bytes(one.thumbnail)
        yield Finding(
            Text("Camera %(index)s", index=one.index),
            fine=True,
            state=Text(
                "%(width)s x %(height)s; thumbnail %(picture)s",
                width=one.width,
                height=one.height,
                picture=picture,
            ),
            advice=""
            if one.lasting is None
            else Text(
                'source = "%(lasting)s"   (finds it again in any socket)',
                lasting=one.lasting,
            ),
        )


def _wants_webcam(folder: Path) -> bool:
    """False where station.toml names other cameras alone."""
    try:
        sources = [one.source for one in station_toml.load(folder).cameras]
    except StationError:  # reported as the station's
        return True
    kinds = {kind for source in sources if (kind := _kind(source))}
    return not kinds or Kind.WEBCAM in kinds


def _kind(source: str) -> Kind | None:
    try:
        return open_camera.kind_of(source)
    except CameraError:  # reported by the finding about that camera's sight
        return None


def _no_webcam(folder: Path) -> Finding:
    if camera_checks.in_use(folder):
        named = Text("in use by the running station")
        with contextlib.suppress(StationError):  # reported as the station's
            if not station_toml.load(folder).cameras:
                named = Text(
                    "station.toml names none: the gates take scanners and photos"
                )
        return Finding(Text("Cameras"), fine=True, state=named)
    return Finding(
        Text("Cameras"),
        fine=False,
        state=Text("no webcam found"),
        advice=Text("plug one in; on Windows allow desktop apps to use the camera"),
        missing=True,
    )


def _station(folder: Path) -> Finding:
    try:
        settings = station_toml.load(folder)
    except StationError as error:
        missing = not (folder / "station.toml").exists()
        return Finding(
            Text("Station"),
            fine=False,
            state=error.text,
            advice='jejak init --regency 1771 --title "KPU Kota Bengkulu"'
            if missing
            else Text("correct it in %(file)s", file=folder / "station.toml"),
            missing=missing,
        )
    return Finding(
        Text("Station"),
        fine=True,
        state=Text("%(origin)s in %(folder)s", origin=settings.origin, folder=folder),
    )


def _gates(folder: Path) -> Iterator[Finding]:
    """Legs without a gate, and gates of a place that the plan does not have."""
    with contextlib.suppress(StationError):  # reported as the station's
        settings = station_toml.load(folder)
        for leg in settings.legs:
            if not any(leg in gate.legs for gate in settings.gates):
                yield Finding(
                    Text("Leg %(name)s", name=leg.name),
                    fine=True,
                    state=Text("no gate here loads or accepts on it"),
                    advice=Text(
                        'a [[gate]] with at = "%(source)s" and step = "loading", '
                        'or at = "%(destination)s" and step = "accepting"',
                        source=leg.source,
                        destination=leg.destination,
                    ),
                )
        with contextlib.closing(database.open_reader(settings.database)) as db:
            for gate in settings.gates:
                if gate.area is None:
                    continue
                planned = bool(registry.places(db, gate.at))
                if planned and not registry.is_place(db, gate.area, gate.at):
                    yield Finding(
                        Text("Gate %(name)s", name=gate.name),
                        fine=False,
                        state=Text(
                            "%(area)s is no %(at)s of the plan here",
                            area=gate.area,
                            at=gate.at,
                        ),
                        advice=Text(
                            "write the code of its place as area in its [[gate]]"
                        ),
                    )


def _disk(folder: Path) -> Finding:
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(place).free
    return Finding(
        Text("Disk"),
        fine=free >= LEAST_FREE,
        state=Text(
            "%(megabytes)s MB free at %(place)s", megabytes=free // 1000000, place=place
        ),
        advice=""
        if free >= LEAST_FREE
        else Text("free at least 200 MB, or move the station"),
    )


def _folder(folder: Path) -> Finding:
    unsafe = folder_safety.unsafe_folder(folder.resolve())  # a link may lead there
    return Finding(
        Text("Folder"),
        fine=unsafe is None,
        state=str(folder)
        if unsafe is None
        else Text("%(folder)s lies in %(unsafe)s", folder=folder, unsafe=unsafe),
        advice=""
        if unsafe is None
        else Text("choose a folder on this disk with --data"),
    )


def _clock() -> Finding:
    now = system_clock().wall_ms
    fine = now >= WRITTEN_MS
    return Finding(
        Text("Clock"),
        fine=fine,
        state=f"{_utc(now)} UTC",
        advice="" if fine else Text("set date and time in the operating system"),
    )


def _utc(wall_ms: int) -> str:
    return datetime.fromtimestamp(wall_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
