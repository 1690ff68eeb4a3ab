"""A station that is left alone: killed, put back, damaged, asked for a backup."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from station.backup import retention, snapshot
from station.backup.backup_order import BackupOrder
from station.backup.snapshot import BackupError, BackupHooks
from station.camera_frames import CameraSettings, CameraState, ScanSource
from station.cli.main import main
from station.custody.entry_data.words import MarkState
from station.errors import OperationRefused, RefusalReason
from station.founding import create_station, high_water_mark
from station.ledger import log as ledger
from station.ledger.verify import verify
from station.model import Draft, EntryType, Instant, Json, system_clock
from station.runtime import background_services, subprocess_job
from station.runtime.backup_schedule import BackupScheduler
from station.runtime.subprocess_job import JobAbandoned, JobProcess
from station.serve import Station
from station.settings.backup_settings import BackupSettings
from station.storage import database
from tests import shift_worker
from tests.running import alive, children, forked, running, until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from station.settings.station_toml import Settings


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def told(settings: Settings) -> list[dict[str, Any]]:
    """The station's own events in its ledger."""
    with closing(database.open_reader(settings.database)) as db:
        return [
            dict(entry.draft.data)
            for entry in ledger.entries(db)
            if entry.draft.type is EntryType.SYSTEM
        ]


def events(settings: Settings) -> list[str]:
    return [str(one["event"]) for one in told(settings)]


FACTS: dict[str, dict[str, Json]] = {
    "camera_lost": {"camera": "kamera-1", "detail": "no pictures"},
    "unclean_stop": {"started_ms": 0, "last_entry_ms": 0},
}


def write(settings: Settings, *names: str) -> None:
    """Entries as a run of the station leaves them, in one commit."""
    log = create_station.open_log(settings, system_clock)
    with log.writing() as batch:
        for name in names:
            batch.append(
                Draft(
                    type=EntryType.SYSTEM,
                    event=system_clock(),
                    actor="system",
                    place=settings.place_id,
                    data={"event": name, **FACTS.get(name, {})},
                )
            )
    database.close_writer(log.db)


def refused(station: Station) -> RefusalReason:
    with pytest.raises(OperationRefused) as error:
        station.gates["gerbang-1"].submit("x", ScanSource.HANDHELD, "p01")
    return error.value.code


def test_a_clean_stop_is_followed_by_no_check(settings: Settings) -> None:
    for _ in range(2):
        with Station(settings) as station:
            assert station.scan_stops.alarms() in ([], ["disk"])

    assert events(settings) == ["start", "stop", "start", "stop"]
    assert settings.high_water.is_file()


def test_an_unclean_stop_is_told_and_the_whole_ledger_checked(
    settings: Settings,
) -> None:
    write(settings, "start", "camera_lost")

    with Station(settings) as station:
        assert "unclean" in station.scan_stops.alarms() or "checked" in events(settings)
        until(lambda: "checked" in events(settings))
        until(lambda: "unclean" not in station.scan_stops.alarms())

    # The mark was laid when the station was founded: none is begun here.
    assert events(settings) == [
        *("start", "camera_lost", "unclean_stop"),
        *("start", "checked", "stop"),
    ]
    (found,) = [one for one in told(settings) if one["event"] == "checked"]
    assert found["holds"] is True


def test_a_check_whose_process_is_killed_is_told_and_begun_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system does where memory is short; the bar may not end with it."""
    again = threading.Event()
    real = subprocess_job._answer

    def die(process: subprocess.Popen[str], job: Mapping[str, Any]) -> str:
        if job["work"] == "verify" and not again.is_set():
            process.kill()
        return real(process, job)

    monkeypatch.setattr(subprocess_job, "_answer", die)
    monkeypatch.setattr(background_services, "_CHECK_AGAIN_S", 0.1)
    write(settings, "start", "camera_lost")
    with running(settings) as site:
        alarms = site.station.scan_stops.alarms
        until(lambda: "unchecked" in alarms())
        assert "unclean" in alarms()
        assert "belum diketahui apakah semuanya utuh" in site.get("/papan")
        until(lambda: "check_failed" in events(settings))
        assert "checked" not in events(settings)
        site.station.scan_stops.check()
        again.set()
        until(lambda: not {"unchecked", "unclean"} & set(alarms()))

    assert events(settings).count("checked") == 1
    assert events(settings).count("check_failed") == 1


def test_damage_found_by_the_check_stops_the_scans(settings: Settings) -> None:
    write(settings, "start", *["disk_enough"] * 1_100)
    with closing(database.open_reader(settings.database)) as db:
        (body,) = db.execute("SELECT body FROM entry WHERE seq = 40").fetchone()
    raw = bytearray(settings.database.read_bytes())
    at = raw.find(bytes(body))
    raw[raw.find(b"disk_enough", at)] ^= 1
    settings.database.write_bytes(raw)

    with running(settings) as site:
        until(lambda: "ledger:check" in site.station.scan_stops.alarms())
        until(lambda: "unclean" not in site.station.scan_stops.alarms())
        assert refused(site.station) is RefusalReason.LEDGER_UNCLEAR
        site.station.scan_stops.worked()
        assert refused(site.station) is RefusalReason.LEDGER_UNCLEAR
        assert "Pemeriksaan menemukan catatan yang tidak utuh" in site.get("/papan")
        assert site.health()["ok"] is False

    with Station(settings) as station:  # a restart makes nothing whole
        until(lambda: "ledger:check" in station.scan_stops.alarms())
    assert events(settings).count("unclean_stop") == 1


def test_a_check_that_was_not_finished_is_begun_anew(settings: Settings) -> None:
    write(settings, "start", "unclean_stop", "start", "stop")

    with Station(settings):
        until(lambda: "checked" in events(settings))
    with Station(settings):
        pass

    assert events(settings).count("checked") == 1


def test_a_mark_that_is_ahead_stops_the_scans_until_it_is_gone(
    settings: Settings,
) -> None:
    with Station(settings) as station:
        # It lies there from the founding on: the watch must have moved it on, too.
        until(lambda: station.background._marked)
        size = len(events(settings)) + 900
        signer = create_station.signer(settings)
        note = signer.sign(settings.origin, size, bytes(32))
        settings.high_water.write_text(note, "utf-8")
        station.note("disk_enough")
        until(lambda: "ledger:old" in station.scan_stops.alarms())
        assert refused(station) is RefusalReason.LEDGER_UNCLEAR
        assert settings.high_water.read_text("utf-8") == note
        settings.high_water.unlink()
        until(lambda: "ledger:old" not in station.scan_stops.alarms())

    assert "high_water_ahead" in events(settings)
    assert "high_water_back" in events(settings)


def test_a_mark_whose_disk_is_away_is_shown_and_scans_go_on(
    settings: Settings, stick: Path
) -> None:
    mark = stick / "high-water"
    settings = replace(settings, backup=BackupSettings(high_water=mark))
    shutil.rmtree(stick)

    with Station(settings) as station:
        until(lambda: "high_water" in station.scan_stops.alarms())
        station.scan_stops.check()
        stick.mkdir()
        until(lambda: "high_water" not in station.scan_stops.alarms())
        until(mark.is_file)

    assert {"high_water_missing", "high_water_back"} <= set(events(settings))


def test_a_start_while_the_disk_of_the_mark_is_away_goes_by_the_own_mark(
    settings: Settings, stick: Path
) -> None:
    """The first start of it elsewhere, and any start without that disk."""
    mark = stick / "high-water"
    with Station(settings):
        pass
    moved = replace(settings, backup=BackupSettings(high_water=mark))
    with Station(moved):
        until(mark.is_file)
        until(lambda: "high_water_begun" in events(settings))
    stick.rename(stick.with_name("pocket"))
    with Station(moved) as station:
        until(lambda: "high_water" in station.scan_stops.alarms())
        station.scan_stops.check()
        station.note("disk_enough")
        until(lambda: station.background._trouble)
    # The mark of the own folder went on without the other.
    with closing(database.open_reader(settings.database)) as db:
        own = (settings.folder / "high-water").read_text("utf-8")
        away = (stick.with_name("pocket") / "high-water").read_text("utf-8")
        assert int(own.splitlines()[1]) > int(away.splitlines()[1])
        assert (
            high_water_mark.check(db, settings.folder / "high-water") is MarkState.HOLDS
        )


@dataclass
class SetClock:
    """The machine's clock, which somebody sets."""

    by_ms: int = 0

    def __call__(self) -> Instant:
        now = system_clock()
        return Instant(now.wall_ms + self.by_ms, now.mono_ms)


def test_a_clock_that_is_set_is_told_on_the_page_and_in_the_ledger(
    settings: Settings,
) -> None:
    clock = SetClock()
    with Station(settings, clock) as station:
        until(
            lambda: station.background._machine and station.background._machine._before
        )
        clock.by_ms = 3_600_000
        until(lambda: "clock:jump" in station.scan_stops.alarms())
        clock.by_ms = 0
        until(lambda: "clock:back" in station.scan_stops.alarms())
        until(lambda: {"clock_jumped", "clock_behind"} <= set(events(settings)))
        station.scan_stops.check()


def test_a_ledger_put_back_is_not_served(settings: Settings, tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    shutil.copyfile(settings.database, older)
    with Station(settings) as station:
        station.note("disk_enough")
    shutil.copyfile(older, settings.database)

    for command in (["serve", "--port", "1"], ["backup", str(tmp_path)]):
        result = CliRunner().invoke(main, [*command, "--data", str(settings.folder)])
        assert result.exit_code == 1
        assert "it is an older copy" in result.stderr
        assert "begin a next generation" in result.stderr
    assert settings.database.read_bytes() == older.read_bytes()


@pytest.mark.parametrize("at_work", [True, False])
def test_the_command_backs_up_with_or_without_a_running_station(
    at_work: bool,  # noqa: FBT001 - a parameter of the test
    settings: Settings,
    stick: Path,
) -> None:
    command = ["backup", str(stick / "jejak"), "--data", str(settings.folder)]
    if at_work:
        with Station(settings):
            said = CliRunner().invoke(main, command)
            as_json = CliRunner().invoke(main, [*command, "--json"])
    else:
        said = CliRunner().invoke(main, command)
        as_json = CliRunner().invoke(main, [*command, "--json"])

    assert (said.exit_code, as_json.exit_code) == (0, 0), said.output
    assert "read back and verified" in said.output
    assert "No key is in it" in said.output
    assert json.loads(as_json.stdout)["ok"] is True
    kept = retention.kept(stick / "jejak", settings.origin)
    assert len(kept) == 2
    recorded = [json.loads(as_json.stdout)["recorded"], *events(settings)]
    assert recorded.count("backup") == (0 if at_work else 2)
    assert recorded[0] is not at_work
    assert ("no entry about this backup" in said.output) is at_work
    found = CliRunner().invoke(main, ["verify", str(kept[0].folder)])
    assert found.exit_code == 0, found.output


def test_the_command_backs_up_while_the_disk_of_the_mark_is_away(
    settings: Settings, stick: Path
) -> None:
    file = settings.folder / "station.toml"
    away = (stick / "away" / "high-water").as_posix()
    line = f'\n[backup]\nhigh_water = "{away}"\n'
    file.write_text(file.read_text("utf-8") + line, "utf-8")

    command = ["backup", str(stick), "--data", str(settings.folder)]
    said = CliRunner().invoke(main, command)

    assert said.exit_code == 0, said.output
    assert "read back and verified" in said.stdout
    assert "Cannot update the high-water mark" in said.stderr


def test_commands_at_once_are_both_served(settings: Settings, stick: Path) -> None:
    """Into one folder while the station runs: neither spoils what the other writes."""
    command = (sys.executable, "-m", "station.cli.main", "backup", str(stick))
    with Station(settings):
        both = [
            subprocess.Popen(
                [*command, "--data", str(settings.folder)],
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        outputs = [process.communicate(timeout=60)[0] for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert all("read back and verified" in output for output in outputs)
    assert len(retention.kept(stick, settings.origin)) == 2
    assert not list(stick.glob("*.part"))


def test_a_second_backup_into_one_folder_waits_for_the_first(
    settings: Settings, stick: Path
) -> None:
    order = BackupOrder.of(settings, stick, 0)
    begun, go_on = threading.Event(), threading.Event()

    def hold(_: Path) -> None:
        begun.set()
        assert go_on.wait(10)

    first = threading.Thread(
        target=lambda: snapshot.make(order, BackupHooks(settled=hold))
    )
    first.start()
    assert begun.wait(10)
    second = threading.Thread(target=lambda: snapshot.make(replace(order, at_ms=5_000)))
    second.start()
    second.join(0.5)
    assert second.is_alive()
    assert len(list(stick.glob("*.part"))) == 1
    go_on.set()
    first.join()
    second.join()

    assert len(retention.kept(stick, settings.origin)) == 2


def test_a_backup_that_takes_too_long_is_not_waited_for_without_end(
    settings: Settings, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "_PATIENCE_S", 0.1)
    order = BackupOrder.of(settings, stick, 0)

    with (
        snapshot._alone_in(order),
        pytest.raises(BackupError, match="choose another folder"),
    ):
        snapshot.make(order)


def test_the_command_backs_up_beside_a_station_that_hangs(
    settings: Settings, stick: Path
) -> None:
    """It holds the ledger and does nothing; nothing is asked of it."""
    with database.WriterLock(settings.folder):
        command = ["backup", str(stick), "--data", str(settings.folder)]
        said = CliRunner().invoke(main, command)

    assert said.exit_code == 0, said.output
    assert len(retention.kept(stick, settings.origin)) == 1


def test_a_request_left_by_an_earlier_release_is_taken_away(settings: Settings) -> None:
    (settings.folder / "backup.request-0123456789abcdef").write_text("{}", "utf-8")
    (settings.folder / "backup.answer-0123456789abcdef").write_text("{}", "utf-8")

    with Station(settings):
        assert not list(settings.folder.glob("backup.*"))


def test_the_command_says_why_there_is_no_backup(
    settings: Settings, stick: Path
) -> None:
    nowhere = str(stick / "not" / "there")
    for more in ([], ["--json"]):
        command = ["backup", nowhere, "--data", str(settings.folder), *more]
        said = CliRunner().invoke(main, command)
        assert said.exit_code == 1
        assert "plug the stick in" in said.output
    assert events(settings) == ["backup_failed", "backup_failed"]


def test_the_board_is_told_of_the_last_backup(settings: Settings, stick: Path) -> None:
    plan = BackupSettings(folder=stick)
    with Station(replace(settings, backup=plan)) as station:
        services = station._services()
        found = until(services.last_backup)
        assert retention.kept(stick, settings.origin)[0].size == found.size
        # Beside it, and by its bytes alone.
        (folder,) = stick.glob("*Z")
        with closing(database.open_reader(folder / "ledger.db")) as db:
            assert verify(db).holds


def test_work_beside_the_station_ends_with_it(settings: Settings, stick: Path) -> None:
    order = BackupOrder(
        database=settings.database,
        evidence=settings.evidence,
        settings=settings.folder / "station.toml",
        to=stick,
        keep=1,
        at_ms=0,
    )
    aside = JobProcess()
    assert aside.backup(order).size == 2
    assert aside.verify(settings.database) == (2, None)
    with pytest.raises(BackupError, match="plug the stick in"):
        aside.backup(replace(order, to=stick / "none"))
    aside.stop()
    with pytest.raises(JobAbandoned):
        aside.backup(order)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and /proc")
@pytest.mark.parametrize("least", [2, pytest.param(6, marks=pytest.mark.slow)])
def test_a_kill_during_a_backup_leaves_the_last_one_and_the_station_whole(
    least: int, settings: Settings, stick: Path
) -> None:
    chance = random.Random(20)  # noqa: S311 - moments, not secrets
    write(settings, *["disk_enough"] * 3_000)
    names: set[str] = set()
    halves = 0
    for number in range(6):
        if number >= least and halves:
            break
        process, pipe = forked(shift_worker.notes, settings.folder, stick)
        with os.fdopen(pipe) as lines:
            assert lines.readline() == "ready\n"
            until(
                lambda: (
                    any(stick.glob("*.part"))
                    or len(retention.kept(stick, settings.origin)) > len(names)  # noqa: B023
                )
            )
            time.sleep(chance.uniform(0, 0.3))
            begun = children(process.pid or 0)
            process.kill()
            process.join()
        assert process.exitcode == -signal.SIGKILL
        until(lambda: not any(map(alive, begun)))  # noqa: B023
        halves += any(stick.glob("*.part"))
        kept = retention.kept(stick, settings.origin)
        assert names <= {one.folder.name for one in kept}, "a good one is gone"
        names = {one.folder.name for one in kept}
        for folder in [one.folder for one in kept] + [settings.folder]:
            with closing(database.open_reader(folder / "ledger.db")) as db:
                assert verify(db).holds
    assert halves, "no backup was killed half way"

    result = CliRunner().invoke(
        main, ["backup", str(stick), "--data", str(settings.folder)]
    )
    assert result.exit_code == 0, result.output
    assert not any(stick.glob("*.part"))
    assert "unclean_stop" in events(settings)


def test_a_watch_that_fails_unforeseen_is_told_and_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, stick: Path
) -> None:
    monkeypatch.setattr(background_services, "_RETRY_S", 0.5)
    plan = BackupSettings(folder=stick)
    real = BackupScheduler.turn

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(BackupScheduler, "turn", fail)
    with Station(replace(settings, backup=plan)) as station:
        until(lambda: "watch" in station.scan_stops.alarms())
        monkeypatch.setattr(BackupScheduler, "turn", real)
        until(lambda: "watch" not in station.scan_stops.alarms())
        until(lambda: "backup" in events(settings))


def test_a_lost_camera_and_its_return_are_an_entry_each(settings: Settings) -> None:
    camera = CameraSettings(name="kamera-1", gate="gerbang-1", source="0")
    with Station(settings) as station:
        for state in (
            *(CameraState.OPENING, CameraState.LIVE, CameraState.LOST),
            *(CameraState.LOST, CameraState.LIVE, CameraState.LIVE),
        ):
            station._cameras.on_state(camera, state, "why")

    cameras = [one for one in told(settings) if "camera" in one]
    assert cameras == [
        {"event": "camera_lost", "camera": "kamera-1", "detail": "why"},
        {"event": "camera_back", "camera": "kamera-1"},
    ]


def test_a_stop_lets_go_of_all_that_waits(settings: Settings, stick: Path) -> None:
    with Station(settings) as station:
        waiting = threading.Thread(target=station.hub.rev, args=(10**9, 600.0))
        waiting.start()

    assert station.hub.closed
    waiting.join(60)
    assert not waiting.is_alive()
    for work in (station.background._backup_job, station.background._check_job):
        with pytest.raises(JobAbandoned):
            work.verify(settings.database)
    assert not list(stick.iterdir())
