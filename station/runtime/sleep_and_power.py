"""What this machine tells of itself: sleep and power, on Linux and on Windows.

Everything here only looks. Where a system does not tell, the answer is "awake" and
None, never an error.
"""

from __future__ import annotations

import ctypes
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUPPLIES = Path("/sys/class/power_supply")
_UNKNOWN = 255
_NO_BATTERY = 128
_SLEEPLESS = 0x80000000 | 0x00000001
"""ES_CONTINUOUS and ES_SYSTEM_REQUIRED of SetThreadExecutionState."""


@dataclass(frozen=True, slots=True)
class Power:
    """Where the power comes from, on a machine with a battery."""

    on_battery: bool
    percent: int | None
    """Of the battery; None where it does not tell."""


@dataclass(frozen=True, slots=True)
class Uptime:
    """Two clocks of the machine, read at once; both in ms from an arbitrary start."""

    whole_ms: int
    """Goes on while the machine sleeps."""
    awake_ms: int
    """Stands still then."""


def uptime() -> Uptime:
    """Both clocks; equal steps where the system cannot tell sleep."""
    if sys.platform == "linux":
        return Uptime(
            time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000,
            time.monotonic_ns() // 1_000_000,
        )
    whole_ms = time.monotonic_ns() // 1_000_000
    return Uptime(whole_ms, _unbiased_ms(whole_ms))


def power(supplies: Path = _SUPPLIES) -> Power | None:
    """Where the power comes from; None on a machine without a battery.

    Args:
        supplies: Linux: the folder in which the kernel tells of its supplies.
    """
    return _windows_power() if sys.platform == "win32" else _linux_power(supplies)


def stay_awake() -> bool:
    """Ask Windows not to sleep by itself while the calling thread lives; True if heard.

    A closed lid and the power button still do: those are settings of the power plan.
    """
    if sys.platform != "win32":
        return False
    return bool(ctypes.windll.kernel32.SetThreadExecutionState(_SLEEPLESS))


def _linux_power(supplies: Path) -> Power | None:
    batteries = [
        folder
        for folder in sorted(supplies.glob("*"))
        # A mouse has a battery too, and says so.
        if _line(folder / "type") == "Battery" and _line(folder / "scope") != "Device"
    ]
    if not batteries:
        return None
    states = {_line(battery / "status") for battery in batteries}
    return Power("Discharging" in states, _least(batteries))


def _least(batteries: list[Path]) -> int | None:
    """The fullest battery's charge: a laptop with two runs until both are empty."""

    def charges() -> Iterator[int]:
        for battery in batteries:
            told = _line(battery / "capacity")
            if told.isdecimal():
                yield min(100, int(told))

    return max(charges(), default=None)


def _line(file: Path) -> str:
    try:
        return file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


class _PowerStatus(ctypes.Structure):
    """SYSTEM_POWER_STATUS of winbase.h."""

    _fields_ = (
        ("line", ctypes.c_ubyte),
        ("flag", ctypes.c_ubyte),
        ("percent", ctypes.c_ubyte),
        ("saver", ctypes.c_ubyte),
        ("life_s", ctypes.c_uint32),
        ("full_life_s", ctypes.c_uint32),
    )


def told_by_windows(line: int, flag: int, percent: int) -> Power | None:
    """What the numbers of GetSystemPowerStatus mean.

    >>> told_by_windows(0, 2, 41)
    Power(on_battery=True, percent=41)
    >>> told_by_windows(1, 8, 255)
    Power(on_battery=False, percent=None)
    >>> told_by_windows(1, 128, 255)
    """
    if flag == _UNKNOWN or flag & _NO_BATTERY:
        return None
    return Power(line == 0, None if percent == _UNKNOWN else percent)


if sys.platform == "win32":

    def _windows_power() -> Power | None:
        status = _PowerStatus()
        if not ctypes.windll.kernel32.GetSystemPowerStatus(ctypes.byref(status)):
            return None
        return told_by_windows(status.line, status.flag, status.percent)

    def _unbiased_ms(_: int) -> int:
        # In 100 ns; Python's monotonic clock goes on during sleep on Windows.
        told = ctypes.c_ulonglong()
        ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(told))
        return told.value // 10_000

else:

    def _windows_power() -> Power | None:
        return None

    def _unbiased_ms(whole_ms: int) -> int:
        return whole_ms
