"""The demo as its user starts it: a process of its own, ended in every way."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from station import database
from station.custody import board
from station.ledger import log
from station.ledger.verify import verify
from tests.running import free_port, until

if TYPE_CHECKING:
    from collections.abc import Iterator

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").is_file(), reason="reads child processes from /proc"
)


@dataclass(frozen=True, slots=True)
class Demo:
    """A running `jejak demo`."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    def health(self) -> Any:  # noqa: ANN401 - JSON
        """What /healthz answers, or None while it does not."""
        try:
            url = f"http://127.0.0.1:{self.port}/healthz"
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                return json.loads(answer.read())
        except OSError:
            return None


def test_demo_fills_the_ledger_and_ends_well(tmp_path: Path) -> None:
    with _demo(tmp_path / "demo") as demo:
        until(lambda: (demo.health() or {"accepted": 0})["accepted"] >= 20, 180)
        demo.process.send_signal(signal.SIGTERM)
        status = demo.process.wait(30)

    assert status == 0
    assert not (demo.folder / "ledger.db-wal").exists()
    assert _verdict(demo.folder) == (True, None)

    seq = _flip_a_byte(demo.folder / "ledger.db")
    found = subprocess.run(
        [sys.executable, "-m", "station.cli", "verify", str(demo.folder)],
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
        with _demo(folder) as demo:
            seen = until(demo.health)
            wanted = seen["entries"] + chance.randint(2, 12)
            seen = until(lambda: _at_least(demo, wanted), 120)  # noqa: B023
            children = _children(demo.process.pid)
            demo.process.kill()
            demo.process.wait(10)
        assert children, "no camera process was running when the station was killed"
        until(lambda: not any(map(_alive, children)), 3)  # noqa: B023
        assert demo.process.returncode == -signal.SIGKILL
        db = database.open_reader(folder / "ledger.db")
        entries, accepted = board.counts(db)
        assert entries >= seen["entries"]
        assert accepted >= seen["accepted"]
        assert log.head(db).size == entries
        db.close()
        assert _verdict(folder) == (True, None)


@contextmanager
def _demo(folder: Path) -> Iterator[Demo]:
    port = free_port()
    with (folder.parent / "demo.log").open("ab") as said:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "station.cli", "demo", "--no-browser"),
                *("--port", str(port), "--data", str(folder)),
            ],
            stdout=said,
            stderr=said,
        )
    try:
        yield Demo(process, port, folder)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)


def _at_least(demo: Demo, entries: int) -> Any:  # noqa: ANN401 - JSON
    found = demo.health()
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
    raw = bytearray(file.read_bytes())
    at = raw.find(bytes(body))
    assert at > 0, "the entry does not lie in one piece in the file"
    raw[at + len(body) // 2] ^= 1
    file.write_bytes(raw)
    return seq


def _children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except OSError:
            continue
        if f"\nPPid:\t{pid}\n" in text:
            found.append(int(status.parent.name))
    return found


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (OSError, ProcessLookupError):
        return False
