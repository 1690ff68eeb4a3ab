"""The demo as its user starts it: a process of its own, ended in every way."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from station.custody.history import progress_by_place
from station.ledger import log
from station.ledger.verify import verify
from station.storage import database
from tests.running import Demo, alive, children, demo, until

pytestmark = pytest.mark.slow
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").is_file(), reason="reads child processes from /proc"
)


def test_demo_fills_the_ledger_and_ends_well(tmp_path: Path) -> None:
    with demo(tmp_path / "demo") as shown:
        until(lambda: (shown.health() or {"accepted": 0})["accepted"] >= 20, 180)
        for _ in range(2):  # the second comes in the middle of the first
            shown.process.send_signal(signal.SIGTERM)
        status = shown.process.wait(30)

    assert status == 0
    assert not (shown.folder / "ledger.db-wal").exists()
    assert _verdict(shown.folder) == (True, None)

    seq = _flip_a_byte(shown.folder / "ledger.db")
    found = subprocess.run(
        [sys.executable, "-m", "station.cli.main", "verify", str(shown.folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    assert f"ntry {seq}" in found.stdout + found.stderr


@needs_proc
def test_demo_killed_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    chance = random.Random(1771)  # noqa: S311 - moments, not secrets
    folder = tmp_path / "demo"
    for _ in range(3):
        with demo(folder) as shown:
            seen = until(shown.health)
            wanted = seen["entries"] + chance.randint(2, 12)
            seen = until(lambda: _at_least(shown, wanted), 120)  # noqa: B023
            begun = children(shown.process.pid)
            shown.process.kill()
            shown.process.wait(10)
        assert begun, "no camera process was running when the station was killed"
        until(lambda: not any(map(alive, begun)))  # noqa: B023
        assert shown.process.returncode == -signal.SIGKILL
        db = database.open_reader(folder / "ledger.db")
        entries, accepted = progress_by_place.counts(db)
        assert entries >= seen["entries"]
        assert accepted >= seen["accepted"]
        assert log.head(db).size == entries
        db.close()
        assert _verdict(folder) == (True, None)


def _at_least(shown: Demo, entries: int) -> Any:  # noqa: ANN401 - JSON
    found = shown.health()
    return found if found and found["entries"] >= entries else None


def _verdict(folder: Path) -> tuple[bool, int | None]:
    db = database.open_reader(folder / "ledger.db")
    try:
        report = verify(db)
        return report.holds, report.seq
    finally:
        db.close()


def _flip_a_byte(file: Path) -> int:
    """Change one letter inside a stored entry, in the file; gives its seq."""
    db = database.open_reader(file)
    seq = log.head(db).size // 2
    (body,) = db.execute("SELECT body FROM entry WHERE seq = ?", (seq,)).fetchone()
    db.close()
    raw, changed = file.read_bytes(), bytearray(body)
    assert bytes(body) in raw, "the entry does not lie in one piece in the file"
    changed[len(body) // 2] ^= 1
    # Every copy: a page that was split may keep a dead one in its free space.
    file.write_bytes(raw.replace(bytes(body), bytes(changed)))
    return seq
