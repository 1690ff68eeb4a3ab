"""``jejak bench ledger``: syncs, CPU and rates of the ledger on this machine.

Ratios within one run compare between machines; absolute figures do not.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from station.camera_frames import ScanSource
from station.custody.entry_data.check import check_data
from station.errors import StationError
from station.ledger.checkpoint import Signer
from station.ledger.log import Log, history
from station.ledger.verify import verify
from station.model import Draft, EntryType, Verdict, system_clock
from station.storage import database

if TYPE_CHECKING:
    from collections.abc import Callable

Figures: TypeAlias = "dict[str, str | int | float | Figures]"
"""What ``--json`` prints."""

_ORIGIN = "jejak/9999/bench/g1"
_BATCH = 1_000
_COMMITS = 300
_LOOKUPS = 500
_VISITS = 10
"""Entries that a box gets on its way."""
_SYNC = re.compile(r"\b(?:fsync|fdatasync)\(\d+<(?P<path>[^>]*)>")
_START, _STOP = "start", "stop"


def run(entries: int = 100_000) -> Figures:
    """The figures of a ledger of ``entries``, built in a temporary folder.

    The history of an item is looked up when a tenth is built, and at the end.
    """
    with tempfile.TemporaryDirectory(prefix="jejak-bench-") as name:
        folder = Path(name)
        _lay(folder)
        with closing(database.open_writer(folder / "ledger.db")) as db:
            log = _open(folder, db)
            looked_up: Figures = {}
            first = _bulk(log, entries // 10)
            looked_up[str(entries // 10)] = _history(db, entries // 10)
            rest = _bulk(log, entries - entries // 10)
            looked_up[str(entries)] = _history(db, entries)
            single = _single(log, folder)
            checked = _verify(db)
        return {
            "sqlite": " ".join(database.driver()),
            "append": {**single, "syncs": count_syncs(folder, _COMMITS)},
            "bulk": {"first_tenth": first, "rest": rest},
            "history_ms": looked_up,
            "verify": checked,
        }


def count_syncs(folder: Path, commits: int) -> Figures:
    """How often the kernel was asked to sync while so many entries were appended.

    A child that appends runs under strace; the tool sees every call. The WAL is
    moved into the database file every few hundred commits, outside this count.

    Returns:
        ``wal`` and ``other`` a commit, or ``not_counted`` with the reason.
    """
    strace = shutil.which("strace")
    if strace is None:
        return {"not_counted": "strace is missing (apt-get install strace)"}
    trace = folder / "trace.txt"
    tool = [strace, "-f", "-y", "-e", "trace=fsync,fdatasync", "-o", str(trace)]
    child = [
        sys.executable,
        "-m",
        "station.bench.ledger_speed",
        str(folder),
        str(commits),
    ]
    done = subprocess.run(  # noqa: S603 - our own module, our own arguments
        [*tool, *child], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        return {"not_counted": f"strace failed: {done.stderr.strip()[-200:]}"}
    paths = [
        Path(found["path"]).name
        for found in _SYNC.finditer(trace.read_text(encoding="utf-8"))
    ]
    counted = paths[paths.index(_START) + 1 : paths.index(_STOP)]
    wal = counted.count("ledger.db-wal")
    return {
        "commits": commits,
        "wal": wal / commits,
        "other": (len(counted) - wal) / commits,
    }


def _append_for_count(folder: Path, commits: int) -> None:
    """The child of ``count_syncs``: two marks in the trace, commits between."""
    db = database.open_writer(folder / "ledger.db")
    log = _open(folder, db)
    db.execute("PRAGMA wal_autocheckpoint = 0")
    _commit(log, 0)  # The first one also begins the WAL's header.
    _mark(folder / _START)
    for number in range(commits):
        _commit(log, number)
    _mark(folder / _STOP)


def _mark(path: Path) -> None:
    with path.open("wb") as file:
        os.fsync(file.fileno())


def _lay(folder: Path) -> None:
    signer = Signer.create(folder / "station.key")
    db = database.create(folder / "ledger.db")
    Log.create(db, origin=_ORIGIN, place="bench", signer=signer, clock=system_clock)
    database.close_writer(db)


def _open(folder: Path, db: database.Connection) -> Log:
    return Log.open(db, Signer.load(folder / "station.key"), system_clock)


def _draft(number: int) -> Draft:
    """A scan as a gate records it, about 440 bytes."""
    return Draft(
        type=EntryType.LOADING,
        event=system_clock(),
        actor="p01",
        place="bench",
        gate="gerbang-1",
        items=(_item(number),),
        verdict=Verdict.ACCEPTED,
        consignment="C-0012",
        evidence=(f"{number:064x}",),
        data={"source": ScanSource.CAMERA, "camera": "kamera-1"},
    )


def _item(number: int) -> str:
    return f"9999-B-{number % 100_000:05d}"


def _commit(log: Log, number: int) -> None:
    with log.writing() as batch:
        batch.append(_draft(number))


def _bulk(log: Log, entries: int) -> Figures:
    """Entries appended in batches; items come round ``_VISITS`` times."""
    items = max(1, entries // _VISITS)
    wall, cpu = time.perf_counter(), time.process_time()
    for start in range(0, entries, _BATCH):
        with log.writing() as batch:
            for number in range(start, min(start + _BATCH, entries)):
                batch.append(_draft(number % items))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "entries": entries,
        "batch": _BATCH,
        "per_s": round(entries / wall),
        "cpu_us": round(cpu / entries * 1e6),
    }


def _single(log: Log, folder: Path) -> Figures:
    """One entry a commit, and beside it the bare cost of a synced write."""
    cpu = time.process_time()
    commits = _times(lambda number: _commit(log, number), _COMMITS)
    cpu = time.process_time() - cpu
    with (folder / "bare").open("wb", buffering=0) as file:

        def bare(_: int) -> None:
            file.write(bytes(4096))
            os.fsync(file.fileno())

        syncs = _times(bare, _COMMITS)
    return {
        "commits": _COMMITS,
        "cpu_ms": round(cpu / _COMMITS * 1e3, 3),
        "wall_ms": _spread(commits),
        "bare_sync_ms": _spread(syncs),
    }


def _history(db: database.Connection, entries: int) -> Figures:
    items = max(1, entries // _VISITS)
    chosen = random.Random(entries).choices(range(items), k=_LOOKUPS)  # noqa: S311 - which boxes to look up
    return _spread(_times(lambda n: history(db, _item(chosen[n])), _LOOKUPS))


def _verify(db: database.Connection) -> Figures:
    """The rate of a whole check.

    Raises:
        StationError: The ledger just made does not hold.
    """
    wall = time.perf_counter()
    report = verify(db, check_data=check_data)
    wall = time.perf_counter() - wall
    if not report.holds:
        raise StationError(report.sentence)
    return {
        "entries": report.size,
        "checkpoints": report.checkpoints,
        "seconds": round(wall, 2),
        "per_s": round(report.size / wall),
    }


def _times(act: Callable[[int], object], count: int) -> list[float]:
    """Milliseconds that each of ``count`` calls took."""
    taken = []
    for number in range(count):
        start = time.perf_counter()
        act(number)
        taken.append((time.perf_counter() - start) * 1e3)
    return taken


def _spread(times_ms: list[float]) -> Figures:
    cuts = statistics.quantiles(times_ms, n=100)
    return {"p50": round(cuts[49], 3), "p99": round(cuts[98], 3)}


if __name__ == "__main__":
    _append_for_count(Path(sys.argv[1]), int(sys.argv[2]))
