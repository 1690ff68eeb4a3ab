"""Appending: all or nothing, on the disk when it is said, readable again."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from station.errors import OperationRefused, RefusalReason, StationError
from station.ledger import batch as batches
from station.ledger import leaves, log, log_reading, merkle
from station.ledger.log import WRITTEN_MS, Log
from station.ledger.verify import verify
from station.model import ClockState, Draft, EntryType, Instant
from station.storage import database
from station.storage.database import DatabaseError
from tests.ledger_station import (
    ORIGIN,
    PLACE,
    SIGNER,
    Ledger,
    TickingClock,
    begin,
    item,
    ledgers,
    loading,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.model import Entry
    from station.storage.database import Connection


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    yield from ledgers(tmp_path)


def test_entry_0_names_key_place_and_predecessor(ledger: Ledger) -> None:
    genesis = log.entry(ledger.db, 0)

    assert genesis.draft.data == {
        "genesis": True,
        "vkey": SIGNER.vkey(ORIGIN),
        "predecessor": None,
    }
    assert genesis.draft.place == PLACE
    assert genesis.draft.actor == "system"
    assert (genesis.log, genesis.seq) == (ORIGIN, 0)


def test_a_second_log_of_our_own_is_not_begun(ledger: Ledger) -> None:
    with pytest.raises(StationError, match="found one"):
        Log.create(
            ledger.db,
            origin="jejak/x/g1",
            place="x",
            signer=SIGNER,
            clock=ledger.clock,
        )


def test_what_is_appended_is_what_is_read(tmp_path: Path) -> None:
    projected: list[Entry] = []
    ledger = begin(tmp_path, lambda _, entry: projected.append(entry))

    made = ledger.append(loading(1), loading(2))

    assert made == list(log.entries(ledger.db, 1))
    assert projected == list(log.entries(ledger.db))
    assert made[1] == log.entry(ledger.db, 2)
    assert made == list(log.entries(ledger.db, 1, 3))
    assert [entry.seq for entry in log.entries(ledger.db, 1, 2)] == [1]
    ledger.db.close()


def test_a_batch_has_one_head_and_tells_where_it_is(ledger: Ledger) -> None:
    with ledger.log.writing() as batch:
        assert batch.place == PLACE
        assert batch.db is ledger.db
        batch.append(loading(1))
        batch.append(loading(2))

    (heads,) = ledger.db.execute("SELECT count(*) FROM checkpoint").fetchone()
    assert heads == 5
    assert ledger.log.size == log.head(ledger.db).size == 9


def test_an_empty_batch_signs_nothing(ledger: Ledger) -> None:
    before = log.head(ledger.db)

    with ledger.log.writing():
        pass

    assert log.head(ledger.db) == before
    ledger.append(loading(1))
    assert verify(ledger.db).holds


def test_history_is_by_item_with_ranges_opened(ledger: Ledger) -> None:
    ranged = Draft(
        type=EntryType.COMMISSIONING,
        event=Instant(1, 1),
        actor="p01",
        place=PLACE,
        items=(f"{item(0)}..{item(3)}", item(3), "1771-K-00001"),
    )
    ledger.append(ranged)

    assert [entry.seq for entry in log.history(ledger.db, item(3))] == [4, 7]
    assert [entry.seq for entry in log.history(ledger.db, "1771-K-00001")] == [7]
    assert log.history(ledger.db, item(99)) == []
    assert verify(ledger.db).holds


def test_what_is_not_there_is_said(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(StationError, match="Expected an entry 99"):
        log.entry(ledger.db, 99)
    (tmp_path / "new").mkdir()
    empty = database.create(tmp_path / "new" / "ledger.db")
    with pytest.raises(StationError, match="jejak init"):
        log.head(empty)
    empty.close()


# --- clock -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wall_ms", "mono_ms", "state"),
    [
        (10, 10, ClockState.OK),
        (0, 0, ClockState.OK),
        (2_010, 10, ClockState.OK),
        (2_011, 10, ClockState.JUMP),
        (10, 2_011, ClockState.JUMP),
        (-1, 10, ClockState.BACK),
        (-9_000, 10, ClockState.BACK),
    ],
)
def test_clock_is_judged_by_the_entry_before(
    ledger: Ledger, wall_ms: int, mono_ms: int, state: ClockState
) -> None:
    last = log.entry(ledger.db, 6)
    now = Instant(last.entry_ms + wall_ms, last.mono_ms + mono_ms)

    assert batches.clock_state(last, now, last.boot) is state
    if state is ClockState.JUMP:  # Two runs' monotonic clocks do not compare.
        assert batches.clock_state(last, now, "another run") is ClockState.OK


def test_a_clock_that_was_never_set_is_recorded_as_such(ledger: Ledger) -> None:
    ledger.clock.wall_ms = WRITTEN_MS - 11

    first, second, third = ledger.append(loading(1), loading(2), loading(3))

    assert first.clock is ClockState.UNSET
    assert second.clock is ClockState.OK
    assert third.clock is ClockState.OK


def test_every_run_has_its_own_boot(ledger: Ledger) -> None:
    before = ledger.log.boot

    ledger.reopen()

    assert len(before) == len(ledger.log.boot) == 26
    assert before != ledger.log.boot
    assert ledger.append(loading(1))[0].boot == ledger.log.boot


# --- faults ------------------------------------------------------------------


def unchanged(ledger: Ledger, size: int = 7) -> bool:
    """True when nothing was recorded, and the next entry is."""
    whole = verify(ledger.db)
    if not whole.holds or whole.size != size:
        return False
    made = ledger.append(loading(7))
    whole = verify(ledger.db)
    return made[0].seq == size and whole.holds and whole.size == size + 1


def test_a_fault_of_the_caller_undoes_the_batch(ledger: Ledger) -> None:
    def fail() -> None:
        with ledger.log.writing() as batch:
            batch.append(loading(1))
            _ = 1 // 0

    with pytest.raises(ZeroDivisionError):
        fail()

    assert unchanged(ledger)


def test_a_draft_that_cannot_be_recorded_undoes_the_batch(ledger: Ledger) -> None:
    bad = Draft(type=EntryType.SYSTEM, event=Instant(1, 1), actor="", place=PLACE)

    with pytest.raises(StationError, match="actor"):
        ledger.append(loading(1), bad)

    assert unchanged(ledger)


def test_a_fault_of_the_projection_undoes_the_batch(ledger: Ledger) -> None:
    faults = iter([StationError("no such box")])

    def project(db: Connection, _: Entry) -> None:
        db.execute("INSERT INTO area VALUES ('1', 'kota', 'X', NULL, NULL)")
        for fault in faults:
            raise fault
        db.execute("DELETE FROM area")

    ledger.reopen(project)
    with pytest.raises(StationError, match="no such box"):
        ledger.append(loading(1))

    assert ledger.db.execute("SELECT * FROM area").fetchall() == []
    assert unchanged(ledger)


def test_a_fault_caught_inside_the_batch_records_no_half_entry(
    ledger: Ledger,
) -> None:
    faults = iter([StationError("no such box")])

    def project(_: Connection, __: Entry) -> None:
        for fault in faults:
            raise fault

    def swallow() -> None:
        with ledger.log.writing() as batch, contextlib.suppress(StationError):
            batch.append(loading(1))

    ledger.reopen(project)
    with pytest.raises(StationError, match="half way"):
        swallow()

    assert unchanged(ledger)


def test_a_draft_refused_inside_the_batch_leaves_the_others(ledger: Ledger) -> None:
    bad = Draft(type=EntryType.SYSTEM, event=Instant(1, 1), actor="", place=PLACE)

    with ledger.log.writing() as batch:
        with contextlib.suppress(StationError):
            batch.append(bad)
        batch.append(loading(1))

    assert unchanged(ledger, 8)


def test_a_recheck_that_fails_is_a_refusal_too(ledger: Ledger) -> None:
    ledger.log._fault = "earlier"
    ledger.db.close()

    with pytest.raises(OperationRefused, match="closed database"):
        ledger.append(loading(1))

    ledger.db = database.open_writer(ledger.path)


def test_a_fault_of_the_database_is_a_refusal_and_rechecked(ledger: Ledger) -> None:
    def project(db: Connection, entry: Entry) -> None:
        if entry.draft.actor == "p01":
            db.execute("SELECT * FROM nowhere")

    ledger.reopen(project)
    with pytest.raises(OperationRefused, match="no such table: nowhere") as refused:
        ledger.append(loading(1))

    assert refused.value.code is RefusalReason.LEDGER_UNCLEAR
    assert verify(ledger.db).size == 7
    ledger.reopen()
    assert unchanged(ledger)


def test_a_size_that_cannot_be_read_is_a_refusal_too(ledger: Ledger) -> None:
    ledger.log.db = database.open_reader(ledger.path)
    ledger.log.db.close()

    with pytest.raises(OperationRefused) as refused:
        _ = ledger.log.size

    assert refused.value.code is RefusalReason.LEDGER_UNCLEAR
    ledger.log.db = ledger.db
    assert ledger.log.size == 7
    ledger.append(loading(6))


def test_after_a_lasting_fault_nothing_is_appended_until_reopened(
    ledger: Ledger,
) -> None:
    fault = DatabaseError("disk I/O error")
    fault.sqlite_errorcode = 10 | 4 << 8  # IOERR_FSYNC

    def fail() -> None:
        with ledger.log.writing() as batch:
            batch.append(loading(1))
            raise fault

    with pytest.raises(OperationRefused, match="disk I/O error"):
        fail()

    with pytest.raises(OperationRefused, match="start the station again"):
        ledger.append(loading(1))

    ledger.reopen()
    assert unchanged(ledger)


def test_a_full_disk_is_said_and_survived(ledger: Ledger) -> None:
    (pages,) = ledger.db.execute("PRAGMA page_count").fetchone()
    ledger.db.execute(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        for number in range(1_000):
            ledger.append(loading(number))

    with pytest.raises(OperationRefused, match="disk is full") as refused:
        fill()

    recorded = ledger.log.size
    assert refused.value.code is RefusalReason.DISK_FULL
    assert isinstance(refused.value.__cause__, DatabaseError)
    assert recorded < 1_000
    with pytest.raises(
        OperationRefused
    ):  # Still full: refused again, nothing half done.
        ledger.append(*(loading(number) for number in range(50)))
    ledger.db.execute("PRAGMA max_page_count = 1000000")
    assert unchanged(ledger, recorded)


def test_a_bit_that_flips_before_the_row_is_stored_is_noticed(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = merkle.leaf_hash

    def flip() -> None:
        with ledger.log.writing() as batch:
            with monkeypatch.context() as patch:
                patch.setattr(merkle, "leaf_hash", lambda body: real(body + b" "))
                batch.append(loading(1))
            batch.append(loading(2))

    with pytest.raises(StationError, match="read back"):
        flip()

    assert unchanged(ledger)


def test_a_head_that_does_not_hold_is_not_stored(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SIGNER.sign
    with monkeypatch.context() as patch:
        patch.setattr(
            SIGNER, "sign", lambda origin, size, root: real(origin, size + 1, root)
        )
        with pytest.raises(StationError, match="head does not hold"):
            ledger.append(loading(1))

    assert unchanged(ledger)


def test_two_batches_at_once_are_refused(ledger: Ledger) -> None:
    with ledger.log.writing() as batch:
        batch.append(loading(1))
        with (
            pytest.raises(StationError, match="not nested"),
            ledger.log.writing(),
        ):
            pass

    assert verify(ledger.db).size == 8


def test_another_key_opens_nothing(ledger: Ledger, tmp_path: Path) -> None:
    other = type(SIGNER).create(tmp_path / "other.key")

    with pytest.raises(StationError, match="right key"):
        Log.open(ledger.db, other, ledger.clock)


# --- two writers, two processes ----------------------------------------------


def test_a_second_writer_without_the_lock_never_doubles_an_entry(
    ledger: Ledger,
) -> None:
    db = database.open_writer(ledger.path)
    other = Ledger(ledger.path, db, Log.open(db, SIGNER, TickingClock()))
    for number in range(10):
        ledger.append(loading(number))
        other.append(loading(number))
        if number % 3 == 0:
            other.append(loading(number))

    seqs = [entry.seq for entry in log.entries(ledger.db)]
    assert seqs == list(range(31))
    assert verify(ledger.db).holds
    db.execute("PRAGMA busy_timeout = 0")
    with ledger.log.writing() as batch:
        batch.append(loading(1))
        with pytest.raises(OperationRefused, match="locked"):
            other.append(loading(1))
    assert other.append(loading(2))[0].seq == 32
    db.close()


APPENDER = """
import sys
from pathlib import Path
from station.storage import database
from station.ledger.log import Log
from tests.ledger_station import SIGNER, TickingClock, loading

with database.WriterLock(Path(sys.argv[1]).parent):
    db = database.open_writer(Path(sys.argv[1]))
    log = Log.open(db, SIGNER, TickingClock())
    for number in range(100_000):
        with log.writing() as batch:
            made = batch.append(loading(number))
        print(made.seq, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9(ledger: Ledger) -> None:
    database.close_writer(ledger.db)
    chance = random.Random(9)  # noqa: S311 - when to kill
    acknowledged = 6
    for _ in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", APPENDER, str(ledger.path)],
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        acknowledged = int(child.stdout.readline())
        time.sleep(chance.random() / 10)
        child.kill()
        acknowledged = max([acknowledged, *map(int, whole_lines(child))])

        reader = database.open_reader(ledger.path)
        report = verify(reader)
        assert report.holds, report.sentence
        assert report.size > acknowledged
        reader.close()
    assert acknowledged > 10
    ledger.db = database.open_writer(ledger.path)


def whole_lines(child: subprocess.Popen[str]) -> list[str]:
    """What the child acknowledged before it was killed."""
    out, _ = child.communicate()
    if os.name == "posix":
        assert child.returncode == -signal.SIGKILL
    return out[: out.rfind("\n") + 1].split()


FAILING = """
import sys
from pathlib import Path
from station.storage import database
from station.ledger.log import Log
from station.errors import OperationRefused
from tests.ledger_station import SIGNER, TickingClock, loading

db = database.open_writer(Path(sys.argv[1]))
log = Log.open(db, SIGNER, TickingClock())
for number in range(20):
    try:
        with log.writing() as batch:
            made = batch.append(loading(number))
        print(made.seq, flush=True)
    except OperationRefused as refused:
        print(refused.code, flush=True)
"""


@pytest.mark.parametrize(
    ("fault", "code", "goes_on"),
    [
        ("fsync,fdatasync:error=EIO:when=4", RefusalReason.LEDGER_UNCLEAR, False),
        ("fsync,fdatasync:error=EIO:when=1", RefusalReason.LEDGER_UNCLEAR, False),
        ("pwrite64:error=EIO:when=20", RefusalReason.LEDGER_UNCLEAR, False),
        ("pwrite64:error=ENOSPC:when=20", RefusalReason.DISK_FULL, True),
        ("pwrite64:error=ENOSPC:when=21..24", RefusalReason.DISK_FULL, True),
    ],
)
def test_a_call_that_the_kernel_refuses_loses_nothing(
    ledger: Ledger, fault: str, code: RefusalReason, *, goes_on: bool
) -> None:
    if (strace := shutil.which("strace")) is None:
        pytest.skip("strace is not installed, so no fault is injected")
    calls = fault.partition(":")[0]
    database.close_writer(ledger.db)
    done = subprocess.run(
        [
            *(strace, "-f", "-o", os.devnull, "-e", f"trace={calls}"),
            *("-e", f"inject={fault}", sys.executable, "-c", FAILING),
            str(ledger.path),
        ],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    if "ptrace" in done.stderr:
        pytest.skip("this machine lets no program be traced")
    said = done.stdout.split()

    assert code in said, done.stderr  # The fault did fire.
    recorded = [int(word) for word in said if word.isdigit()]
    assert said[-1].isdigit() == goes_on
    ledger.db = database.open_writer(ledger.path)
    report = verify(ledger.db)
    assert report.holds, report.sentence
    assert report.size > max(recorded, default=6)
    seqs = [entry.seq for entry in log.entries(ledger.db)]
    assert set(recorded) <= set(seqs)


def test_a_large_ledger_is_checked_by_several_processes(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append(*(loading(number) for number in range(60)))
    monkeypatch.setattr(leaves, "_MANY", 10)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)

    started: list[str] = []
    real = multiprocessing.get_context

    def get_context(method: str) -> object:
        started.append(method)
        return real(method)

    monkeypatch.setattr(multiprocessing, "get_context", get_context)

    assert verify(ledger.db).size == 67
    assert started == ["spawn"]


def test_where_no_process_can_be_spawned_the_ledger_is_checked_all_the_same(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append(*(loading(number) for number in range(60)))
    monkeypatch.setattr(leaves, "_MANY", 10)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    real = ProcessPoolExecutor.map

    def break_off(*arguments: object) -> Iterator[leaves.Leaves]:
        yield next(real(*arguments))  # type: ignore[arg-type]
        raise BrokenProcessPool

    monkeypatch.setattr(ProcessPoolExecutor, "map", break_off)

    assert verify(ledger.db).size == 67


def event(name: str) -> Draft:
    return replace(
        loading(0), type=EntryType.SYSTEM, items=(), verdict=None, data={"event": name}
    )


def test_events_are_found_by_name_the_newest_first(ledger: Ledger) -> None:
    made = ledger.append(*(event(name) for name in ("start", "backup", "stop")))
    ledger.append(replace(event("start"), type=EntryType.INSPECTING))
    made += ledger.append(event("start"))

    starts = log_reading.events(ledger.db, 0, "start", "stop")
    assert [entry.seq for entry in starts] == [made[3].seq, made[2].seq, made[0].seq]
    assert log_reading.events(ledger.db, made[1].seq, "start") == [made[3]]
    assert log_reading.last_event(ledger.db, "stop", "backup") == made[2]
    assert log_reading.last_event(ledger.db, "handover") is None
    assert log_reading.events(ledger.db, 0) == []


def test_events_are_looked_up_and_not_looked_for(ledger: Ledger) -> None:
    asked: list[str] = []
    ledger.db.set_trace_callback(asked.append)
    log_reading.events(ledger.db, 3, "start", "stop")
    log_reading.last_event(ledger.db, "start", "stop")
    ledger.db.set_trace_callback(None)

    plans = [
        row["detail"]
        for sql in asked
        if "json_extract" in sql
        for row in ledger.db.execute(f"EXPLAIN QUERY PLAN {sql}")
    ]
    assert len(plans) == 4
    assert all("USING INDEX entry_event (log_id=? AND" in plan for plan in plans), plans
