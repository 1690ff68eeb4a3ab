"""Keeps watch over the machine while nobody looks: sleep, clock, power, disk.

Every second it is shown what the machine tells of itself, compares that with the
second before, and says what began and what ended: a bar on every page while it
lasts, and an entry for each. Lost cameras are told by their own processes.
"""

from __future__ import annotations

import contextlib
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from station.errors import OperationRefused, RefusalReason, StationError
from station.ledger.batch import WRITTEN_MS
from station.runtime import sleep_and_power

if TYPE_CHECKING:
    from station.model import Clock, Json
    from station.runtime.scan_stops import ScanStops
    from station.runtime.sleep_and_power import Power

SHOWN_MS = 60_000
"""How long a sleep is shown after it: it is over when it can be noticed."""
CLOCK_SHOWN_MS = 600_000
"""The longest that a jump of the clock is shown; then the new time is believed."""
LOW_PERCENT, ENOUGH_PERCENT = 5, 8
"""Scans stop at or below the first, on battery, and go on at the second."""
_ASLEEP_MS = 5_000
_STANDSTILL_MS = 15_000
_JUMP_MS = 2_000
"""As in the entries' own ``clock``."""
_RETRY_MS = 10_000
_MOST_UNTOLD = 100
"""So many events wait to be recorded; beyond that the oldest are counted alone."""


class RecordNote(Protocol):
    """Records a fact about the station itself; StationError where it cannot."""

    def __call__(self, event: str, **facts: Json) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSample:
    """What the machine tells in one look."""

    wall_ms: int
    """UTC, as the operating system believes."""
    whole_ms: int
    """A clock that goes on while the machine sleeps."""
    awake_ms: int
    """A clock that stands still then."""
    power: Power | None = None
    disk_low: bool = False


def look(clock: Clock, scan_stops: ScanStops) -> MachineSample:
    """What the machine tells now."""
    while True:
        before = sleep_and_power.uptime()
        wall_ms = clock().wall_ms
        after = sleep_and_power.uptime()
        # A sleep between the readings would be taken for a jump of the clock.
        if after.whole_ms - before.whole_ms < _JUMP_MS:
            return MachineSample(
                wall_ms=wall_ms,
                whole_ms=after.whole_ms,
                awake_ms=after.awake_ms,
                power=sleep_and_power.power(),
                disk_low=scan_stops.disk_low,
            )


class MachineMonitor:
    """Tells what began and ended between two looks; one thread looks."""

    def __init__(self, scan_stops: ScanStops, note: RecordNote, latest_ms: int) -> None:
        """Begin to watch.

        Args:
            scan_stops: Shows the alarms and stops the scans.
            note: Records.
            latest_ms: The wall clock of the newest entry, UTC milliseconds.
        """
        self._scan_stops, self._note = scan_stops, note
        self._latest_ms = latest_ms
        self._before: MachineSample | None = None
        self._shown: dict[str, int] = {}
        """Alarms that end by themselves, and when on the whole clock."""
        self._battery: str | None = None
        self._low = self._back = self._disk = False
        self._untold: deque[tuple[str, dict[str, Json]]] = deque()
        self._dropped: Counter[str] = Counter()
        """How many of each that could not be told were given up for newer ones."""
        self._retry_ms = 0

    def see(self, now: MachineSample) -> None:
        """Compare with the look before, and tell."""
        before, self._before = self._before, now
        if before is not None:
            self._sleep(before, now)
            self._jump(before, now)
        self._clock(now)
        self._power(now.power)
        if now.disk_low != self._disk:
            self._disk = now.disk_low
            self._say("disk_low" if now.disk_low else "disk_enough")
        self._end_shown(now)
        self._tell(now)

    def _sleep(self, before: MachineSample, now: MachineSample) -> None:
        awake_ms = now.awake_ms - before.awake_ms
        slept_ms = now.whole_ms - before.whole_ms - awake_ms
        if slept_ms >= _ASLEEP_MS:
            event, ms = "slept", slept_ms
        elif awake_ms >= _STANDSTILL_MS:
            # A stopped process, a paused virtual machine, a system that cannot tell.
            event, ms = "stood_still", awake_ms
        else:
            return
        # One entry for both ends: nobody could write when it began.
        self._say(event, ms=ms, since_ms=before.wall_ms)
        self._show("sleep", now, SHOWN_MS)

    def _jump(self, before: MachineSample, now: MachineSample) -> None:
        by_ms = now.wall_ms - before.wall_ms - (now.whole_ms - before.whole_ms)
        if abs(by_ms) > _JUMP_MS and not self._is_behind(now):
            self._say("clock_jumped", by_ms=by_ms)
            self._show("clock:jump", now, CLOCK_SHOWN_MS)

    def _is_behind(self, now: MachineSample) -> bool:
        return now.wall_ms < self._latest_ms - _JUMP_MS

    def _clock(self, now: MachineSample) -> None:
        """Tell while the clock stands before what is already in the ledger."""
        behind = self._is_behind(now)
        if behind and not self._back:
            self._say("clock_behind", by_ms=now.wall_ms - self._latest_ms)
            self._show("clock:back", now, CLOCK_SHOWN_MS)
        elif behind and "clock:back" not in self._shown:
            # Shown for long enough: a clock that was ahead once must not be told of
            # for a year.
            self._latest_ms, behind = now.wall_ms, False
        if self._back and not behind:
            self._say("clock_behind_over")
            self._hide("clock:back")
        self._back = behind
        if now.wall_ms < WRITTEN_MS:
            self._scan_stops.begin("clock:unset")
        else:
            self._scan_stops.end("clock:unset")
        self._latest_ms = max(self._latest_ms, now.wall_ms)

    def _power(self, power: Power | None) -> None:
        code = None
        if power is not None and power.on_battery:
            percent = power.percent
            code = f"battery:{'?' if percent is None else percent}"
        if (code is None) != (self._battery is None):
            facts: dict[str, Json] = {} if power is None else {"percent": power.percent}
            self._say("on_mains" if code is None else "on_battery", **facts)
        if code != self._battery:
            if self._battery is not None:
                self._scan_stops.end(self._battery)
            if code is not None:
                self._scan_stops.begin(code)
            self._battery = code
        self._charge(power)

    def _charge(self, power: Power | None) -> None:
        """Stop the scans before the battery is empty; let them go on in time."""
        percent = None
        if power is not None and power.on_battery:
            percent = power.percent
        limit = ENOUGH_PERCENT - 1 if self._low else LOW_PERCENT
        low = percent is not None and percent <= limit
        if low and not self._low:
            message = (
                f"Expected mains or a battery above {LOW_PERCENT} %, got {percent} %: "
                "plug the charger in; scanning goes on by itself."
            )
            refusal = OperationRefused(
                RefusalReason.POWER_LOW, message, percent=percent or 0
            )
            self._scan_stops.begin("battery_low", refusal)
            self._say("battery_low", percent=percent)
        elif self._low and not low:
            self._scan_stops.end("battery_low")
            self._say(
                "battery_enough", percent=None if power is None else power.percent
            )
        self._low = low

    def _show(self, code: str, now: MachineSample, for_ms: int) -> None:
        self._scan_stops.begin(code)
        self._shown[code] = now.whole_ms + for_ms

    def _hide(self, code: str) -> None:
        self._scan_stops.end(code)
        self._shown.pop(code, None)

    def _end_shown(self, now: MachineSample) -> None:
        for code, until_ms in list(self._shown.items()):
            if now.whole_ms >= until_ms:
                self._hide(code)

    def _say(self, event: str, **facts: Json) -> None:
        if len(self._untold) == _MOST_UNTOLD:
            oldest, _ = self._untold.popleft()
            self._dropped[oldest] += 1
        self._untold.append((event, facts))

    def _tell(self, now: MachineSample) -> None:
        """Record in order what is not yet recorded; a full disk may refuse for long.

        What had to be given up meanwhile was the oldest: it is told first, by number.
        """
        if now.awake_ms < self._retry_ms or not self._untold:
            return
        self._retry_ms = now.awake_ms + _RETRY_MS
        with contextlib.suppress(StationError):
            if self._dropped:
                events: dict[str, Json] = dict(sorted(self._dropped.items()))
                self._note("untold", number=self._dropped.total(), events=events)
                self._dropped.clear()
            while self._untold:
                event, facts = self._untold[0]
                self._note(event, **facts)
                self._untold.popleft()
            self._retry_ms = 0
