"""What `jejak doctor` asks of a machine that is to be left alone overnight."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.backup import snapshot
from station.errors import StationError
from station.founding import high_water_mark
from station.language import Text
from station.runtime import sleep_and_power
from station.settings import station_toml
from station.storage import database
from station.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from station.settings.station_toml import Settings

_INDEX = re.compile(r"0x([0-9a-fA-F]{8})\s*$", re.MULTILINE)
_UPDATES = r"SOFTWARE\Microsoft\WindowsUpdate\UX\Settings"
_BUSES = ("SCSI", "NVME", "IDE", "USBSTOR")
_PATIENCE_S = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    fine: bool
    state: str
    advice: str = ""
    """The line to type or the thing to do; empty where nothing is to mend."""
    missing: bool = False
    """True where it is not fine because it is not there at all."""

    @property
    def word(self) -> str:
        """``ok`` where nothing is to be done, ``advice`` where something might be."""
        if self.fine:
            return Text("advice") if self.advice else "ok"
        return Text("missing") if self.missing else Text("wrong")


def examine(folder: Path) -> Iterator[Finding]:
    """Backup, power and, on Windows, what it does by itself at night."""
    try:
        settings = station_toml.load(folder)
    except StationError:
        pass  # reported by the finding about the station
    else:
        yield _backup(settings)
        yield _high_water(settings)
    yield _battery()
    if sys.platform == "win32":
        yield sleep(_powercfg("SUB_SLEEP", "STANDBYIDLE"))
        yield lid(_powercfg("SUB_BUTTONS", "LIDACTION"))
        yield active_hours(*_active_hours())
        yield write_cache(_unflushed())


def _stick() -> str:
    """A folder on a stick, as this system writes it."""
    return "E:/jejak" if sys.platform == "win32" else "/media/stick/jejak"


def _backup(settings: Settings) -> Finding:
    folder = settings.backup.folder
    if folder is None:
        advice = Text(
            'under [backup] in station.toml write: folder = "%(stick)s" (a stick)',
            stick=_stick(),
        )
        return Finding(
            Text("Backup"),
            fine=True,
            state=Text("only by `jejak backup`"),
            advice=advice,
        )
    if not folder.is_dir():
        state = Text("%(folder)s is not there", folder=folder)
        return Finding(
            Text("Backup"),
            fine=False,
            state=state,
            advice=Text("plug the stick in"),
            missing=True,
        )
    if settings.database.exists() and snapshot.own_disk(folder, settings.database):
        state = Text(
            "%(folder)s lies on the ledger's own disk and is lost with it",
            folder=folder,
        )
        return Finding(
            Text("Backup"), fine=True, state=state, advice=Text("name a stick's folder")
        )
    every = settings.backup.every_minutes
    return Finding(
        Text("Backup"),
        fine=True,
        state=Text("to %(folder)s every %(every)s minutes", folder=folder, every=every),
    )


def _high_water(settings: Settings) -> Finding:
    mark = settings.high_water
    refused = _refused(settings)
    if refused is not None:
        state = Text("the station will not start on this ledger")
        return Finding(Text("High-water mark"), fine=False, state=state, advice=refused)
    try:
        same = snapshot.own_disk(mark.parent, settings.database)
    except OSError:
        state = Text("%(parent)s is not there", parent=mark.parent)
        return Finding(
            Text("High-water mark"),
            fine=False,
            state=state,
            advice=Text("plug it in"),
            missing=True,
        )
    return Finding(
        Text("High-water mark"),
        fine=True,
        state=Text(
            "%(mark)s, on the ledger's own disk: a disk put back is not noticed",
            mark=mark,
        )
        if same
        else str(mark),
        advice=Text(
            'under [backup] in station.toml write: high_water = "%(stick)s/high-water"',
            stick=_stick(),
        )
        if same
        else "",
    )


def _refused(settings: Settings) -> str | None:
    """Why no mark lets this ledger pass; None where one does, or there is no ledger."""
    try:
        db = database.open_reader(settings.database, older=True)
    except (DatabaseError, StationError):
        return None  # reported by the finding about the station
    with closing(db):
        try:
            high_water_mark.require_current(db, settings)
        except StationError as error:
            return error.text
        except DatabaseError:
            pass  # as above
    return None


def _battery() -> Finding:
    power = sleep_and_power.power()
    if power is None:
        state = Text("none: a power cut stops this machine at once")
        return Finding(
            Text("Battery"), fine=True, state=state, advice=Text("put it on a UPS")
        )
    charge = Text("unknown") if power.percent is None else f"{power.percent} %"
    return Finding(
        Text("Battery"),
        fine=not power.on_battery,
        state=Text("%(charge)s, discharging", charge=charge)
        if power.on_battery
        else Text("%(charge)s, on mains", charge=charge),
        advice=Text("plug the charger in") if power.on_battery else "",
    )


def power_settings(said: str) -> tuple[int, int] | None:
    r"""What powercfg says of one setting, plugged in and on battery.

    The words are in the language of Windows; the last two numbers are these.

    >>> power_settings(" Pengaturan AC: 0x00000000\n Pengaturan DC: 0x00000384\n")
    (0, 900)
    """
    found = [int(index, 16) for index in _INDEX.findall(said)]
    return (found[-2], found[-1]) if len(found) > 1 else None


def sleep(said: str) -> Finding:
    """Whether Windows goes to sleep by itself while plugged in."""
    found = power_settings(said)
    if found is None:
        return Finding(Text("Sleep"), fine=True, state=Text("powercfg does not tell"))
    advice = (
        "powercfg /change standby-timeout-ac 0 && "
        "powercfg /change hibernate-timeout-ac 0"
    )
    return Finding(
        Text("Sleep"),
        fine=found[0] == 0,
        state=Text("never while plugged in")
        if found[0] == 0
        else Text("after %(minutes)s minutes, plugged in", minutes=found[0] // 60),
        advice="" if found[0] == 0 else advice,
    )


def lid(said: str) -> Finding:
    """Whether a closed lid stops the station."""
    found = power_settings(said)
    if found is None:
        return Finding(Text("Lid"), fine=True, state=Text("powercfg does not tell"))
    advice = (
        "powercfg /setacvalueindex SCHEME_CURRENT SUB_BUTTONS LIDACTION 0 && "
        "powercfg /setactive SCHEME_CURRENT"
    )
    return Finding(
        Text("Lid"),
        fine=found[0] == 0,
        state=Text("a closed lid does nothing, plugged in")
        if found[0] == 0
        else Text("a closed lid puts this machine to sleep"),
        advice="" if found[0] == 0 else advice,
    )


def active_hours(start: int | None, end: int | None) -> Finding:
    """When Windows Update may not restart the machine."""
    state = (
        Text("active hours unknown")
        if start is None or end is None
        else Text("no restart from %(start)s:00 to %(end)s:00", start=start, end=end)
    )
    advice = Text(
        "Settings > Windows Update: pause updates until after the election; active "
        "hours cover 18 hours at most and no night"
    )
    return Finding(Text("Windows Update"), fine=True, state=state, advice=advice)


def write_cache(disks: Iterable[str]) -> Finding:
    """Whether a disk was told to ignore that data must be on it now."""
    ticked = ", ".join(disks)
    return Finding(
        Text("Write cache"),
        fine=not ticked,
        state=Text(
            "flushing is turned off: %(ticked)s; a power cut loses entries",
            ticked=ticked,
        )
        if ticked
        else Text("buffers are flushed"),
        advice=Text(
            "Device Manager > Disk drives > Policies: untick 'Turn off Windows "
            "write-cache buffer flushing on the device'"
        )
        if ticked
        else "",
    )


if sys.platform == "win32":
    import winreg

    def _powercfg(group: str, setting: str) -> str:
        try:
            return subprocess.run(  # noqa: S603 - fixed words
                ["powercfg", "/query", "SCHEME_CURRENT", group, setting],  # noqa: S607 - of the system
                capture_output=True,
                check=False,
                encoding="ascii",
                errors="replace",
                timeout=_PATIENCE_S,
            ).stdout
        except (OSError, subprocess.TimeoutExpired):
            return ""

    def _active_hours() -> tuple[int | None, int | None]:
        root = winreg.HKEY_LOCAL_MACHINE
        start = _value(root, _UPDATES, "ActiveHoursStart")
        return start, _value(root, _UPDATES, "ActiveHoursEnd")

    def _unflushed() -> Iterator[str]:
        root = winreg.HKEY_LOCAL_MACHINE
        for bus in _BUSES:
            top = rf"SYSTEM\CurrentControlSet\Enum\{bus}"
            for disk in _keys(root, top):
                for one in _keys(root, rf"{top}\{disk}"):
                    path = rf"{top}\{disk}\{one}\Device Parameters\Disk"
                    if _value(root, path, "CacheIsPowerProtected") == 1:
                        yield disk

    def _value(root: int, path: str, name: str) -> int | None:
        try:
            with winreg.OpenKey(root, path) as key:
                found, _ = winreg.QueryValueEx(key, name)
        except OSError:
            return None
        return found if isinstance(found, int) else None

    def _keys(root: int, path: str) -> list[str]:
        try:
            with winreg.OpenKey(root, path) as key:
                return [
                    winreg.EnumKey(key, number)
                    for number in range(winreg.QueryInfoKey(key)[0])
                ]
        except OSError:
            return []
