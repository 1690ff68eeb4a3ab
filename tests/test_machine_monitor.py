"""What the station notices of its machine while nobody looks."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from station.errors import OperationRefused, RefusalReason, StationError
from station.ledger.batch import WRITTEN_MS
from station.runtime import machine_monitor, sleep_and_power
from station.runtime.machine_monitor import (
    CLOCK_SHOWN_MS,
    SHOWN_MS,
    MachineMonitor,
    MachineSample,
)
from station.runtime.scan_stops import ScanStops
from station.runtime.sleep_and_power import Power
from web.wording import alarm_sentences

if TYPE_CHECKING:
    from pathlib import Path

    from station.model import Json
    from tests.conftest import StillClock

NOW = MachineSample(wall_ms=1_800_000_000_000, whole_ms=90_000, awake_ms=60_000)
MINUTE = 60_000


@dataclass
class Room:
    """A vigil, what it wrote, and the machine that it is shown."""

    guard: ScanStops
    signs: MachineSample = NOW
    notes: list[tuple[str, dict[str, Json]]] = field(default_factory=list)
    refusing: bool = False

    def __post_init__(self) -> None:
        self.vigil = MachineMonitor(self.guard, self.note, self.signs.wall_ms - 1_000)
        self.vigil.see(self.signs)

    def note(self, event: str, **facts: Json) -> None:
        if self.refusing:
            raise StationError("The disk is full.")
        self.notes.append((event, facts))

    def after(self, ms: int = 1_000, *, slept: int = 0, **more: Any) -> None:  # noqa: ANN401
        """So long later, of which it slept; the wall clock goes right unless told."""
        self.signs = replace(
            self.signs,
            wall_ms=self.signs.wall_ms + ms + more.pop("jump", 0),
            whole_ms=self.signs.whole_ms + ms,
            awake_ms=self.signs.awake_ms + ms - slept,
            **more,
        )
        self.vigil.see(self.signs)

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.notes]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(ScanStops(tmp_path, 0))


def test_a_quiet_night_is_not_worth_an_entry(room: Room) -> None:
    for second in range(1_000):
        # A slow machine, and a clock that is slewed by NTP.
        room.after(1_000 + second % 3 * 900, jump=second % 2)

    assert room.notes == []
    assert room.guard.alarms() == []


def test_sleep_is_told_once_with_both_ends_and_shown_for_a_minute(room: Room) -> None:
    room.after(8 * 60 * MINUTE, slept=8 * 60 * MINUTE - 500)

    assert room.notes == [
        ("slept", {"ms": 8 * 60 * MINUTE - 500, "since_ms": NOW.wall_ms})
    ]
    assert room.guard.alarms() == ["sleep"]
    for _ in range(SHOWN_MS // 10_000 - 1):
        room.after(10_000)
    assert room.guard.alarms() == ["sleep"]
    room.guard.check()
    room.after(10_000)
    assert room.guard.alarms() == []
    assert room.events == ["slept"]


def test_a_machine_that_cannot_tell_sleep_is_told_by_the_gap(room: Room) -> None:
    room.after(20_000)

    assert room.notes == [("stood_still", {"ms": 20_000, "since_ms": NOW.wall_ms})]
    assert room.guard.alarms() == ["sleep"]


def test_a_clock_that_jumps_ahead_is_told_and_then_believed(room: Room) -> None:
    room.after(jump=3_600_000)

    assert room.notes == [("clock_jumped", {"by_ms": 3_600_000})]
    assert room.guard.alarms() == ["clock:jump"]
    for _ in range(CLOCK_SHOWN_MS // 10_000):
        room.after(10_000)
    assert room.guard.alarms() == []
    assert room.events == ["clock_jumped"]


def test_a_clock_that_is_set_back_is_told_until_it_has_caught_up(room: Room) -> None:
    room.after(jump=-MINUTE)

    assert room.notes == [("clock_behind", {"by_ms": 1_000 - MINUTE})]
    assert room.guard.alarms() == ["clock:back"]
    for _ in range(4):
        room.after(10_000)
    assert room.guard.alarms() == ["clock:back"]
    for _ in range(2):
        room.after(10_000)
    assert room.events == ["clock_behind", "clock_behind_over"]
    assert room.guard.alarms() == []


def test_two_seconds_are_no_jump_and_one_millisecond_more_is(room: Room) -> None:
    room.after(jump=2_000)
    assert room.notes == []
    room.after(jump=2_001)
    assert room.notes == [("clock_jumped", {"by_ms": 2_001})]


def test_two_seconds_back_are_not_behind_and_one_millisecond_more_is(
    room: Room,
) -> None:
    room.after(jump=-3_000)  # a second passed too
    assert room.notes == [("clock_jumped", {"by_ms": -3_000})]
    room.after(jump=-1_001)
    assert room.notes[1:] == [("clock_behind", {"by_ms": -2_001})]


def test_a_clock_that_was_far_ahead_is_not_told_of_for_a_year(room: Room) -> None:
    room.after(jump=-365 * 24 * 60 * MINUTE)
    for _ in range(CLOCK_SHOWN_MS // 10_000 + 1):
        room.after(10_000)

    assert room.events == ["clock_behind", "clock_behind_over"]
    assert room.guard.alarms() == []
    room.after(jump=-MINUTE)
    assert room.events[2:] == ["clock_behind"]


def test_a_clock_behind_the_ledger_is_told_at_the_start(tmp_path: Path) -> None:
    guard = ScanStops(tmp_path, 0)
    late = replace(NOW, wall_ms=WRITTEN_MS - 1)
    notes: list[str] = []

    def note(event: str, **_: Json) -> None:
        notes.append(event)

    watching = MachineMonitor(guard, note, NOW.wall_ms)
    watching.see(late)

    assert notes == ["clock_behind"]
    assert guard.alarms() == ["clock:back", "clock:unset"]
    watching.see(replace(NOW, whole_ms=late.whole_ms + 1_000))
    assert notes == ["clock_behind", "clock_jumped", "clock_behind_over"]
    assert guard.alarms() == ["clock:jump"]


def test_a_power_cut_is_told_and_the_last_percents_stop_the_scans(room: Room) -> None:
    room.after(power=Power(on_battery=False, percent=80))
    assert room.notes == []

    room.after(power=Power(on_battery=True, percent=80))
    assert room.guard.alarms() == ["battery:80"]
    room.after(power=Power(on_battery=True, percent=6))
    assert room.guard.alarms() == ["battery:6"]
    room.guard.check()
    room.after(power=Power(on_battery=True, percent=5))
    assert room.guard.alarms() == ["battery:5", "battery_low"]
    with pytest.raises(
        OperationRefused, match="got 5 %: plug the charger in"
    ) as refused:
        room.guard.check()
    assert refused.value.code is RefusalReason.POWER_LOW
    room.after(power=Power(on_battery=True, percent=7))  # a gauge that wavers
    with pytest.raises(OperationRefused):
        room.guard.check()

    room.after(power=Power(on_battery=False, percent=5))
    room.guard.check()
    assert room.guard.alarms() == []
    assert room.events == ["on_battery", "battery_low", "on_mains", "battery_enough"]
    assert room.notes[0] == ("on_battery", {"percent": 80})


def test_a_battery_of_unknown_charge_is_shown_and_stops_nothing(room: Room) -> None:
    room.after(power=Power(on_battery=True, percent=None))

    assert room.guard.alarms() == ["battery:?"]
    room.guard.check()
    room.after(power=None)
    assert room.guard.alarms() == []


def test_what_cannot_be_recorded_is_recorded_later_in_its_order(room: Room) -> None:
    room.refusing = True
    room.after(disk_low=True)
    room.after(power=Power(on_battery=True, percent=50))
    assert room.guard.alarms() == ["battery:50"]
    room.after(disk_low=False)
    assert room.notes == []

    room.refusing = False
    for _ in range(10):
        room.after()

    assert room.events == ["disk_low", "on_battery", "disk_enough"]


def test_what_waited_for_too_long_is_told_by_its_number(room: Room) -> None:
    """A battery that wavers while the disk refuses must not hide that it slept."""
    room.refusing = True
    room.after(8 * 60 * MINUTE, slept=8 * 60 * MINUTE - 500, disk_low=True)
    for _ in range(51):
        room.after(power=Power(on_battery=True, percent=80))
        room.after(power=Power(on_battery=False, percent=80))
    room.refusing = False
    for _ in range(10):
        room.after()

    gone = {"disk_low": 1, "on_battery": 1, "on_mains": 1, "slept": 1}
    assert room.notes[0] == ("untold", {"number": 4, "events": gone})
    assert room.events[1:] == ["on_battery", "on_mains"] * 50
    room.after(disk_low=False)
    assert room.events[-1] == "disk_enough", "what is told is not told again"
    assert room.events.count("untold") == 1


@pytest.mark.parametrize("code", [alarm.value for alarm in alarm_sentences.Alarm])
def test_every_alarm_has_a_sentence_of_what_to_do(code: str) -> None:
    told = alarm_sentences.of_alarm(
        f"{code}:41" if code in {"battery", "camera"} else code
    )

    assert not told.startswith("Ada yang salah")
    assert told.endswith(".")
    assert told.count(".") >= 2
    assert "%(" not in told
    assert ("41" in told) is (code in {"battery", "camera"})


def supply(folder: Path, name: str, **lines: str) -> None:
    (folder / name).mkdir()
    for file, text in lines.items():
        (folder / name / file).write_text(f"{text}\n", "ascii")


def test_linux_tells_power_of_its_batteries_but_not_of_a_mouse(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("the kernel's files are Linux's")
    assert sleep_and_power.power(tmp_path / "none") is None
    supply(tmp_path, "AC", type="Mains", online="1")
    supply(
        tmp_path, "hid-1", type="Battery", scope="Device", capacity="9", status="Full"
    )
    assert sleep_and_power.power(tmp_path) is None

    supply(tmp_path, "BAT0", type="Battery", capacity="64", status="Charging")
    assert sleep_and_power.power(tmp_path) == Power(on_battery=False, percent=64)
    (tmp_path / "BAT0" / "status").write_text("Discharging\n", "ascii")
    supply(tmp_path, "BAT1", type="Battery", capacity="70", status="Not charging")
    assert sleep_and_power.power(tmp_path) == Power(on_battery=True, percent=70)
    for battery in ("BAT0", "BAT1"):
        (tmp_path / battery / "capacity").write_bytes(b"\xff")
    assert sleep_and_power.power(tmp_path) == Power(on_battery=True, percent=None)


def test_this_machine_tells_of_itself(tmp_path: Path, clock: StillClock) -> None:
    found = machine_monitor.look(clock, ScanStops(tmp_path, 2**62))

    assert found.wall_ms == clock().wall_ms
    assert found.whole_ms >= found.awake_ms - 1_000
    assert found.disk_low
    assert not sleep_and_power.stay_awake() or sys.platform == "win32"
