"""A disk that does not answer: told, never waited for without end, never doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from station.errors import StationError
from station.runtime import station_ledger
from station.serve import Station
from station.storage import database
from station.storage.database import Writer
from tests.running import until

if TYPE_CHECKING:
    from station.ledger.log import Log
    from station.settings.station_toml import Settings


class Disk:
    """Holds the act in hand until it answers."""

    def __init__(self) -> None:
        self.asked, self.answers = threading.Event(), threading.Event()

    def act(self, _: Log | None = None) -> str:
        self.asked.set()
        assert self.answers.wait(60)
        return "done"


def test_an_act_that_waits_for_the_disk_is_told_until_it_is_done(
    settings: Settings,
) -> None:
    disk = Disk()
    with Station(settings) as station:
        assert "ledger:slow" not in station.scan_stops.alarms()
        waiting = threading.Thread(target=station.on_ledger, args=(disk.act,))
        waiting.start()
        until(lambda: "ledger:slow" in station.scan_stops.alarms())
        disk.answers.set()
        until(lambda: "ledger:slow" not in station.scan_stops.alarms())
        waiting.join()


def test_a_stop_does_not_wait_for_ever_and_leaves_the_lock_to_the_writer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(station_ledger, "PATIENCE_S", 0.2)
    disk = Disk()
    told: list[str] = []

    def wait() -> None:
        try:
            station.on_ledger(disk.act)
        except StationError as error:
            told.append(str(error))

    station = Station(settings)
    station.__enter__()
    waiting = threading.Thread(target=wait)
    waiting.start()
    assert disk.asked.wait(60)

    with pytest.raises(StationError, match=r"got no answer in .*check the disk"):
        station.__exit__()

    waiting.join(60)
    assert len(told) == 1
    assert "The disk does not answer" in told[0]
    with pytest.raises(StationError, match="already running"):
        database.WriterLock(settings.folder).acquire()
    disk.answers.set()
    station.ledger.writer._thread.join(60)
    station.ledger.log.db  # noqa: B018 - it is there to the end
    station.ledger._lock.release()


def test_a_stop_waits_for_a_disk_that_answers_in_time(settings: Settings) -> None:
    disk = Disk()
    station = Station(settings)
    station.__enter__()
    waiting = threading.Thread(target=station.on_ledger, args=(disk.act,))
    waiting.start()
    assert disk.asked.wait(60)
    stopping = threading.Thread(target=station.__exit__)
    stopping.start()
    disk.answers.set()
    stopping.join(60)
    waiting.join(60)

    with database.WriterLock(settings.folder):
        pass


def test_a_writer_that_is_abandoned_answers_whoever_waits() -> None:
    disk = Disk()
    writer = Writer(lambda: None)
    told: list[str] = []

    def wait() -> None:
        try:
            writer.run(disk.act)
        except StationError as error:
            told.append(str(error))

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert disk.asked.wait(60)
    assert writer.busy_s > 0

    assert writer.close(0.01) is False

    for thread in threads:
        thread.join(60)
    assert len(told) == 2
    disk.answers.set()
    assert writer.close(60) is True
    assert writer.busy_s == 0
    with pytest.raises(StationError, match="closing"):
        writer.run(disk.act)


_HANGS = """
import sys, threading, time
from station import serve

class Hung(serve.Station):
    def run(self):
        hung = threading.Thread(
            target=self.on_ledger, args=(lambda _: time.sleep(600),), daemon=True
        )
        hung.start()
        print("hangs", flush=True)
        while not self._server._stop_requested:
            time.sleep(0.01)
        print("stopping", flush=True)

serve.Station = Hung
from station.cli.main import main
main(["serve", "--port", "0", "--data", sys.argv[1]])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_second_signal_ends_a_stop_that_takes_too_long(settings: Settings) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _HANGS, str(settings.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        assert "hangs\n" in lines
        # One press that arrives twice is one signal.
        os.kill(process.pid, signal.SIGTERM)
        os.kill(process.pid, signal.SIGINT)
        assert "stopping\n" in lines
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1.5)
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(60) == 1
        assert process.stderr is not None
        assert "ended at once by a second signal" in process.stderr.read()
