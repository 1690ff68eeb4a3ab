"""The power fails again and again, in the middle of whatever is being done."""

from __future__ import annotations

import os
import queue
import random
import signal
import threading
from collections import Counter
from typing import TYPE_CHECKING, Self

import pytest

from station.custody.gate import panel
from station.custody.load import open_load
from station.founding import create_station
from station.ledger.log_reading import head
from station.ledger.verify import verify
from station.storage import database
from tests import shift_worker
from tests.conftest import FAR, NEAR, OPERATOR
from tests.running import forked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from station.ledger.log import Log
    from station.settings.station_toml import Settings
    from tests.conftest import City, Dock, StillClock

KILLS = 50
"""The most; one run of every kind of cut is enough where time is short."""
PATIENCE_S = 60


class Shift:
    """The worker's process, and all that it acknowledged."""

    def __init__(self, settings: Settings, to: Path, items: tuple[str, ...]) -> None:
        self.asked: Counter[str] = Counter()
        self.done: dict[str, str] = {}
        """The last acknowledged act of each kind."""
        self.loaded: set[str] = set()
        self.pending: set[str] = set()
        """Asked for and not acknowledged."""
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.process, self._pipe = forked(
            shift_worker.shift, settings.folder, to, *items
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()

    def _read(self) -> None:
        with os.fdopen(self._pipe) as lines:
            for line in lines:
                if line.endswith("\n"):  # else it was killed while it told
                    self._lines.put(line.strip())
        self._lines.put(None)

    def follow(self, number: int) -> None:
        """Take in this many of its lines, from the first act on."""
        while self._lines.get(timeout=PATIENCE_S) != "ready":
            assert self.process.is_alive()
        for _ in range(number):
            line = self._lines.get(timeout=PATIENCE_S)
            assert line is not None, "it ended by itself"
            self._take(line)

    def kill(self) -> None:
        """End it as a power cut does, and take in what it still had told."""
        self.process.kill()
        self.process.join(PATIENCE_S)
        assert self.process.exitcode == -signal.SIGKILL
        self._reader.join(PATIENCE_S)
        while (line := self._lines.get(timeout=PATIENCE_S)) is not None:
            self._take(line)

    def _take(self, line: str) -> None:
        if line.startswith("? "):
            self.pending.add(line[2:])
            return
        kind, what, *_ = line.split()
        self.done[kind] = line
        self.pending.discard("backup" if kind == "backup" else f"{kind} {what}")
        if kind == "load":
            self.loaded.add(what)
        elif kind == "off":
            self.loaded.discard(what)


@pytest.fixture
def log(settings: Settings, clock: StillClock) -> Log:
    """The test closes it itself: who opens the file next recovers it alone."""
    return create_station.open_log(settings, clock)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("least", [3, pytest.param(KILLS, marks=pytest.mark.slow)])
def test_power_cuts_lose_no_hold_no_consignment_and_no_backup(
    least: int,
    settings: Settings,
    log: Log,
    city: City,
    dock: Callable[[str], Dock],
) -> None:
    chance = random.Random(2024)  # noqa: S311 - moments, not secrets
    to = settings.folder.parent / "stick"
    to.mkdir()
    dock("gerbang-1").open(NEAR)
    assert dock("gerbang-1").see(city.far[0]) == ["MISROUTED"]
    (hold,) = panel.open_holds(log.db, "gerbang-1")
    dock("gerbang-2").open(FAR)
    database.close_writer(log.db)
    cut: Counter[str] = Counter()
    half_made = 0

    for number in range(KILLS):
        if number >= least and cut["shift"] and cut["load"] and half_made:
            break
        shift = _killed(Shift(settings, to, city.far), chance.randint(1, 40))
        cut.update(act.split()[0] for act in shift.pending)
        half_made += any(to.glob("*.part"))
        with database.open_reader(settings.database) as db:
            assert verify(db).holds
            assert panel.open_holds(db, "gerbang-1") == [hold]
            near, far = (open_load(db, g) for g in ("gerbang-1", "gerbang-2"))
            assert near is not None
            assert far is not None
            assert (near.number, near.loaded) == (1, 0)
            _check_loaded(db, shift, far.id)
            _check_shift(db, shift)
        _check_backup(to, shift)

    assert cut["shift"], "no kill came while a shift was handed over"
    assert cut["load"] or cut["off"], "no kill came while a box was scanned"
    assert half_made, "no kill came while a backup was written"


def _killed(begun: Shift, after: int) -> Shift:
    with begun as shift:
        shift.follow(after)
        shift.kill()
    return shift


def _check_loaded(db: database.Connection, shift: Shift, consignment: str) -> None:
    """What was acknowledged is there; what was asked for may be."""
    rows = db.execute(
        "SELECT item FROM consignment_item"
        " WHERE consignment = ? AND loaded_seq IS NOT NULL",
        (consignment,),
    )
    differs = {row["item"] for row in rows} ^ shift.loaded
    assert len(differs) <= 1
    acts = {f"{act} {item}" for item in differs for act in ("load", "off")}
    assert not differs or acts & shift.pending


def _check_shift(db: database.Connection, shift: Shift) -> None:
    has = panel.shift(db, "gerbang-1")
    told = shift.done.get("shift", f"shift {OPERATOR}").split()[1]
    assert has == told or f"shift {has}" in shift.pending


def _check_backup(to: Path, shift: Shift) -> None:
    """The last one that was told of is whole: it opens, and verifies."""
    if "backup" not in shift.done:
        return
    _, name, size = shift.done["backup"].split()
    with database.open_reader(to / name / "ledger.db") as db:
        assert verify(db).holds
        assert head(db).size == int(size)
