"""The power fails again and again, in the middle of whatever is being done."""

from __future__ import annotations

import os
import queue
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from station.custody.gate import panel
from station.custody.load import open_load
from station.founding import create_station
from station.ledger.log_reading import head
from station.ledger.verify import verify
from station.storage import database
from tests.conftest import FAR, NEAR, OPERATOR

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.ledger.log import Log
    from station.settings.station_toml import Settings
    from tests.conftest import City, Dock, StillClock

KILLS = 50
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
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.shift_worker"),
                *(str(settings.folder), str(to), *items),
            ],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):  # else it was killed while it told
                self._lines.put(line.strip())
        self.process.stdout.close()
        self._lines.put(None)

    def follow(self, number: int) -> None:
        """Take in this many of its lines, from the first act on."""
        while self._lines.get(timeout=PATIENCE_S) != "ready":
            assert self.process.poll() is None
        for _ in range(number):
            line = self._lines.get(timeout=PATIENCE_S)
            assert line is not None, "it ended by itself"
            self._take(line)

    def kill(self) -> None:
        """End it as a power cut does, and take in what it still had told."""
        self.process.send_signal(signal.SIGKILL)
        assert self.process.wait(PATIENCE_S) == -signal.SIGKILL
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
def test_fifty_power_cuts_lose_no_hold_no_consignment_and_no_backup(
    settings: Settings,
    log: Log,
    city: City,
    dock: Callable[[str], Dock],
    tmp_path: Path,
) -> None:
    chance = random.Random(2024)  # noqa: S311 - moments, not secrets
    to = tmp_path / "stick"
    to.mkdir()
    dock("gerbang-1").open(NEAR)
    assert dock("gerbang-1").see(city.far[0]) == ["MISROUTED"]
    (hold,) = panel.open_holds(log.db, "gerbang-1")
    dock("gerbang-2").open(FAR)
    database.close_writer(log.db)
    cut: Counter[str] = Counter()
    half_made = 0

    for _ in range(KILLS):
        with Shift(settings, to, city.far) as shift:
            shift.follow(chance.randint(1, 40))
            shift.kill()
        cut.update(act.split()[0] for act in shift.pending)
        half_made += any(to.glob("*.part"))
        with database.open_reader(settings.database) as db:
            assert verify(db).holds
            assert panel.open_holds(db, "gerbang-1") == [hold]
            near, far = (open_load(db, g) for g in ("gerbang-1", "gerbang-2"))
            assert near is not None
            assert (near.number, near.loaded) == (1, 0)
            assert far is not None
            _check_loaded(db, shift, far.id)
            _check_shift(db, shift)
        _check_backup(to, shift)

    assert cut["shift"], "no kill came while a shift was handed over"
    assert cut["load"] or cut["off"], "no kill came while a box was scanned"
    assert half_made, "no kill came while a backup was written"


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
