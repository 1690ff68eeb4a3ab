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
    return Finding("Python", fine=True, told=platform.python_version())


def _sqlite() -> Finding:
    name, version = database.driver()
    sound = tuple(int(part) for part in version.split(".")) >= SOUND_SQLITE
    return Finding(
        "SQLite",
        fine=True,
        told=f"{version} by {name}"
        + ("" if sound else "; older than 3.51.3: safe with the one writing process"),
        mend="" if sound else "pip install pysqlite3   (where it has a wheel)",
    )


def _readers() -> Finding:
    status = decoder.zbar_status()
    if status.endswith("ok"):
        return Finding("QR readers", fine=True, told="zxing-cpp and zbar")
    mend = (
        "install the Visual C++ 2013 runtime (x64)"
        if platform.system() == "Windows"
        else "sudo apt-get install --no-install-recommends libzbar0"
    )
    return Finding(
        "QR readers",
        fine=False,
        told=f"zxing-cpp alone; the second reader is off: {status}",
        mend=mend,
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
            f"Camera {one.index}",
            fine=True,
            told=f"{one.width} x {one.height}; thumbnail {picture}",
            mend=""
            if one.lasting is None
            else f'source = "{one.lasting}"   (finds it again in any socket)',
        )


def _wants_webcam(folder: Path) -> bool:
    """False where station.toml names other cameras alone."""
    try:
        sources = [one.source for one in station_toml.load(folder).cameras]
    except StationError:  # told by the finding about the station
        return True
    kinds = {kind for source in sources if (kind := _kind(source))}
    return not kinds or Kind.WEBCAM in kinds


def _kind(source: str) -> Kind | None:
    try:
        return open_camera.kind_of(source)
    except CameraError:  # told by the finding about that camera's sight
        return None


def _no_webcam(folder: Path) -> Finding:
    if camera_checks.in_use(folder):
        named = "in use by the running station"
        with contextlib.suppress(StationError):  # told by the finding about the station
            if not station_toml.load(folder).cameras:
                named = "station.toml names none: the gates take scanners and photos"
        return Finding("Cameras", fine=True, told=named)
    return Finding(
        "Cameras",
        fine=False,
        told="no webcam found",
        mend="plug one in; on Windows allow desktop apps to use the camera",
        missing=True,
    )


def _station(folder: Path) -> Finding:
    try:
        settings = station_toml.load(folder)
    except StationError as error:
        missing = not (folder / "station.toml").exists()
        return Finding(
            "Station",
            fine=False,
            told=str(error),
            mend='jejak init --regency 1771 --title "KPU Kota Bengkulu"'
            if missing
            else f"mend it in {folder / 'station.toml'}",
            missing=missing,
        )
    return Finding("Station", fine=True, told=f"{settings.origin} in {folder}")


def _gates(folder: Path) -> Iterator[Finding]:
    """Legs without a gate, and gates of a place that the plan does not have."""
    with contextlib.suppress(StationError):  # told by the finding about the station
        settings = station_toml.load(folder)
        for leg in settings.legs:
            if not any(leg in gate.legs for gate in settings.gates):
                yield Finding(
                    f"Leg {leg.name}",
                    fine=True,
                    told="no gate here loads or accepts on it",
                    mend=f'a [[gate]] with at = "{leg.source}" and step = "loading", '
                    f'or at = "{leg.destination}" and step = "accepting"',
                )
        with contextlib.closing(database.open_reader(settings.database)) as db:
            for gate in settings.gates:
                if gate.area is None:
                    continue
                planned = bool(registry.places(db, gate.at))
                if planned and not registry.is_place(db, gate.area, gate.at):
                    yield Finding(
                        f"Gate {gate.name}",
                        fine=False,
                        told=f"{gate.area} is no {gate.at} of the plan here",
                        mend="write the code of its place as area in its [[gate]]",
                    )


def _disk(folder: Path) -> Finding:
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(place).free
    return Finding(
        "Disk",
        fine=free >= LEAST_FREE,
        told=f"{free // 1_000_000} MB free at {place}",
        mend="" if free >= LEAST_FREE else "free at least 200 MB, or move the station",
    )


def _folder(folder: Path) -> Finding:
    unsafe = folder_safety.unsafe_folder(folder.resolve())  # a link may lead there
    return Finding(
        "Folder",
        fine=unsafe is None,
        told=str(folder) if unsafe is None else f"{folder} lies in {unsafe}",
        mend="" if unsafe is None else "choose a folder on this disk with --data",
    )


def _clock() -> Finding:
    now = system_clock().wall_ms
    fine = now >= WRITTEN_MS
    return Finding(
        "Clock",
        fine=fine,
        told=f"{_utc(now)} UTC",
        mend="" if fine else "set date and time in the operating system",
    )


def _utc(wall_ms: int) -> str:
    return datetime.fromtimestamp(wall_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
