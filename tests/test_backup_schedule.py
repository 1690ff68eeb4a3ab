"""When backups are made, what is told when one is not, and how it ends by itself."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from station.backup import snapshot
from station.backup.backup_order import BackupOrder, BackupResult
from station.backup.snapshot import BackupError, BackupHooks
from station.custody.entry_data.words import BackupFault
from station.errors import StationError
from station.ledger import log as ledger
from station.model import Draft, EntryType, Instant
from station.runtime.backup_schedule import (
    OLD_AFTER,
    RETRY_MS,
    BackupScheduler,
    LastBackup,
    last_good,
)
from station.runtime.scan_stops import ScanStops
from station.settings.backup_settings import BackupSettings
from station.storage import database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from station.ledger.log import Log
    from station.model import Json
    from station.settings.station_toml import Settings
    from tests.conftest import StillClock

MINUTE = 60_000


@dataclass
class House:
    """A keeper on a real ledger and stick; the clock moves when it is told to."""

    settings: Settings
    log: Log
    clock: StillClock
    world: BackupHooks = field(default_factory=BackupHooks)

    def __post_init__(self) -> None:
        self.guard = ScanStops(self.settings.folder, 0)
        self.reader = database.open_reader(self.settings.database)
        self.made = 0
        self.open()

    def open(self) -> None:
        self.keeper = BackupScheduler(
            self.settings, self.clock, self.guard, self.note, self.make
        )

    def make(self, order: BackupOrder) -> BackupResult:
        self.made += 1
        return snapshot.make(order, self.world)

    def note(self, event: str, **facts: Json) -> None:
        draft = Draft(
            type=EntryType.SYSTEM,
            event=self.clock(),
            actor="system",
            place=self.settings.place_id,
            data={"event": event, **facts},
        )
        with self.log.writing() as batch:
            batch.append(draft)

    def turn(self, minutes: float = 0) -> list[str]:
        """Let time pass, look once; what is shown then."""
        self.clock.pass_ms(int(minutes * MINUTE))
        self.keeper.turn(self.reader)
        return self.guard.alarms()

    def events(self) -> list[dict[str, Any]]:
        found = ledger.entries(self.log.db, 2)
        return [dict(entry.draft.data) for entry in found]


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def house(
    settings: Settings, log: Log, clock: StillClock, stick: Path
) -> Iterator[House]:
    plan = BackupSettings(folder=stick, every_minutes=60, keep=3)
    made = House(replace(settings, backup=plan), log, clock)
    yield made
    made.reader.close()


def test_backups_come_at_the_start_and_then_on_the_hour(
    house: House, stick: Path
) -> None:
    assert house.turn() == []
    first = house.keeper.last
    assert first == LastBackup(
        house.clock().wall_ms,
        2,
        first.root if first else "",
        "jejak-1771-gudang-g1-20270115T080000Z",
        own_disk=True,
    )
    assert first == last_good(house.reader)
    for _ in range(59):
        house.turn(1)
    assert house.made == 1
    house.turn(1)
    assert house.made == 2
    for _ in range(4 * 60):
        house.turn(1)
    assert house.made == 6
    assert len(list(stick.glob("*Z"))) == 3
    assert {event["event"] for event in house.events()} == {"backup"}
    assert [event["size"] for event in house.events()] == [2, 3, 4, 5, 6, 7]


def test_a_restart_makes_no_backup_that_is_not_due(house: House) -> None:
    house.turn()
    house.turn(20)
    house.open()
    house.turn(1)
    assert house.made == 1
    house.turn(60)
    assert house.made == 2


def test_a_night_asleep_makes_a_backup_due(house: House) -> None:
    house.turn()
    now = house.clock()
    house.clock.now = replace(now, wall_ms=now.wall_ms + 480 * MINUTE)  # mono stood

    house.turn(0.2)

    assert house.made == 2


@pytest.mark.parametrize(
    ("event", "facts"),
    [
        ("shift_start", {"before": None}),
        ("shift_end", {}),
        ("handover", {"before": "p01", "holds": [], "counted": None}),
    ],
)
def test_the_end_of_a_shift_is_backed_up(
    event: str, facts: dict[str, Json], house: House
) -> None:
    house.turn()
    house.turn(6)
    house.note("camera_back", camera="kamera-1")
    house.turn(0.1)
    assert house.made == 1

    house.note(event, **facts)
    house.turn(0.1)
    assert house.made == 2
    house.note(event, **facts)
    house.turn(0.1)
    assert house.made == 2, "twice within minutes is once too often"


def test_a_shift_that_ends_soon_after_a_backup_is_backed_up_later(
    house: House,
) -> None:
    house.turn()
    house.turn(4)
    house.note("shift_end")
    for _ in range(5):
        house.turn(0.1)
    assert house.made == 1, "twice within minutes is once too often"

    house.turn(1)
    assert house.made == 2, "it is made when the calm is over, not on the hour"
    for _ in range(50):
        house.turn(1)
    assert house.made == 2, "once is enough"


def test_a_shift_that_ended_before_a_restart_is_backed_up_after_it(
    house: House,
) -> None:
    house.turn()
    house.turn(4)
    house.note("shift_end")
    house.open()
    house.turn(0.1)
    assert house.made == 1

    house.turn(6)
    assert house.made == 2
    house.open()
    for _ in range(20):
        house.turn(1)
    assert house.made == 2


def test_a_shift_that_ends_while_the_stick_is_away_is_backed_up_when_it_is_back(
    house: House, stick: Path
) -> None:
    house.turn()
    house.turn(2)
    house.note("shift_end")
    away = stick.with_name("pocket")
    stick.rename(away)
    assert house.turn(10) == ["backup:missing"]
    away.rename(stick)

    assert house.turn(1) == []
    assert house.made == 2


def test_a_shift_is_not_backed_up_where_nobody_wants_it(house: House) -> None:
    plan = replace(house.settings.backup, at_shift_end=False)
    house.settings = replace(house.settings, backup=plan)
    house.open()
    house.turn()
    house.turn(6)
    house.note("shift_end")
    house.turn(1)
    assert house.made == 1


def test_a_missing_stick_is_told_at_once_and_recovers_by_itself(
    house: House, stick: Path
) -> None:
    house.turn()
    away = stick.with_name("pocket")
    stick.rename(away)

    assert house.turn(1) == ["backup:missing"]
    for _ in range(5):
        assert house.turn(1) == ["backup:missing"]
    assert house.made == 1
    away.rename(stick)
    assert house.turn(1) == []

    assert [event["event"] for event in house.events()] == [
        "backup",
        "backup_failed",
        "backup_possible",
    ]
    assert house.events()[1]["fault"] == "missing"
    assert house.made == 1, "it is not due yet"


def test_a_stick_that_comes_back_late_is_written_at_once(
    house: House, stick: Path
) -> None:
    stick.rmdir()
    assert house.turn() == ["backup:missing"]
    assert "backup:old" in house.turn(OLD_AFTER * 60)
    stick.mkdir()

    assert house.turn(1) == []
    assert house.made == 1


def test_an_empty_mount_point_is_no_stick(house: House) -> None:
    house.note(
        "backup",
        to="x",
        size=1,
        root="00",
        pictures=0,
        lost=0,
        own_disk=False,
        asked=False,
    )

    assert house.turn(120) == ["backup:missing"]
    assert house.made == 0


def moved(house: House, folder: Path) -> None:
    """station.toml names another folder from the next start on."""
    plan = replace(house.settings.backup, folder=folder)
    house.settings = replace(house.settings, backup=plan)
    house.open()


def test_a_folder_in_the_place_of_a_stick_is_no_missing_stick(
    house: House, stick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lies on the ledger's own disk, as who set it may want."""
    own = tmp_path / "own disk"
    own.mkdir()
    monkeypatch.setattr(snapshot, "own_disk", lambda to, _: to != stick)
    assert house.turn() == []
    assert house.keeper.last is not None
    assert house.keeper.last.own_disk is False

    moved(house, own)
    assert house.turn(1) == []
    assert house.made == 2, "none lies there yet"
    assert len(list(own.glob("*Z"))) == 1

    moved(house, stick)
    assert house.turn(30) == []
    assert house.made == 2, "that of the stick is not old yet"
    monkeypatch.setattr(snapshot, "own_disk", lambda *_: True)
    assert house.turn(1) == ["backup:missing"], "an empty mount point is no stick"


def test_the_folder_of_a_backup_is_told_without_its_name(
    house: House, stick: Path
) -> None:
    house.turn()

    (told,) = house.events()
    assert len(told["folder"]) == 16
    assert str(stick) not in json.dumps(told)


def test_a_restart_does_not_begin_the_hour_anew(house: House) -> None:
    house.turn()
    house.turn(50)
    house.open()
    for _ in range(9):
        assert house.turn(1) == []
    assert house.made == 1

    house.turn(1)
    assert house.made == 2, "an hour after the last one, not after the restart"


def test_a_shift_that_ended_long_after_the_last_one_is_backed_up_at_the_restart(
    house: House,
) -> None:
    house.turn()
    house.turn(50)
    house.note("shift_end")
    house.note("stop")
    house.clock.pass_ms(MINUTE)
    house.open()

    house.turn()
    assert house.made == 2


def test_a_machine_that_was_started_anew_counts_on_from_the_last_one(
    house: House,
) -> None:
    """Its other clock begins at zero, and its wall clock may stand behind."""
    house.turn()
    at_ms = house.clock().wall_ms
    house.clock.now = Instant(at_ms + 50 * MINUTE, 5_000)
    house.open()
    assert house.turn(1) == []
    assert house.made == 1
    house.turn(9)
    assert house.made == 2

    house.clock.now = Instant(at_ms - 1_000 * MINUTE, 5_000)
    house.open()
    assert house.turn(1) == []
    assert house.made == 2
    assert house.turn(60) == []
    assert house.made == 3


def test_a_full_stick_is_told_once_and_tried_again(house: House, stick: Path) -> None:
    house.world = BackupHooks(free=lambda _: 1_000)
    assert house.turn() == ["backup:full"]
    for _ in range(3):
        assert house.turn(RETRY_MS[BackupFault.FULL] / MINUTE) == ["backup:full"]
    assert house.made == 4
    assert [event["event"] for event in house.events()] == ["backup_failed"]
    house.world = BackupHooks()

    assert house.turn(RETRY_MS[BackupFault.FULL] / MINUTE) == []
    assert [event["event"] for event in house.events()[1:]] == [
        "backup",
        "backup_possible",
    ]
    assert len(list(stick.glob("*Z"))) == 1


def test_a_copy_that_does_not_hold_is_told_and_one_fault_follows_another(
    house: House, stick: Path
) -> None:
    def spoil(part: Path) -> None:
        (part / "ledger.db").write_bytes(b"")

    house.turn()
    good = house.keeper.last
    house.world = BackupHooks(settled=spoil)
    assert house.turn(60) == ["backup:failed"]
    assert house.keeper.last == good
    house.world = BackupHooks(free=lambda _: 0)
    assert house.turn(RETRY_MS[BackupFault.FAILED] / MINUTE) == ["backup:full"]
    stick.rename(stick.with_name("pocket"))
    assert house.turn(RETRY_MS[BackupFault.FULL] / MINUTE) == ["backup:missing"]
    faults = [e["fault"] for e in house.events() if e["event"] == "backup_failed"]
    assert faults == ["failed", "full", "missing"]


def test_no_backup_for_hours_is_told_until_there_is_one(house: House) -> None:
    house.turn()
    house.world = BackupHooks(free=lambda _: 0)
    assert house.turn(OLD_AFTER * 60 - 1) == ["backup:full"]
    assert house.turn(2) == ["backup:full", "backup:old"]
    house.world = BackupHooks()
    assert house.turn(2) == []


def test_a_stick_that_hangs_does_not_hide_that_backups_are_old(house: House) -> None:
    began, answers = threading.Event(), threading.Event()

    def hang(order: BackupOrder) -> BackupResult:
        began.set()
        assert answers.wait(60)
        raise BackupError(BackupFault.FAILED, f"no answer from {order.to}")

    notes: list[str] = []
    keeper = BackupScheduler(
        house.settings,
        house.clock,
        house.guard,
        lambda event, **_: notes.append(event),
        hang,
    )

    def turn() -> None:
        with closing(database.open_reader(house.settings.database)) as db:
            keeper.turn(db)

    thread = threading.Thread(target=turn)
    thread.start()
    assert began.wait(60)
    house.clock.pass_ms(OLD_AFTER * 60 * MINUTE)
    keeper.age()

    assert house.guard.alarms() == ["backup:old"]
    answers.set()
    thread.join()
    assert sorted(house.guard.alarms()) == ["backup:failed", "backup:old"]
    assert notes == ["backup_failed"]


def test_without_a_folder_nothing_is_made_and_nothing_told(house: House) -> None:
    house.settings = replace(house.settings, backup=BackupSettings())
    house.open()

    assert house.turn(10_000) == []
    assert house.turn(10_000) == []
    assert (house.made, house.keeper.last) == (0, None)


def test_an_entry_that_cannot_be_written_does_not_undo_a_backup(
    house: House, stick: Path
) -> None:
    def refuse(event: str, **facts: Json) -> None:
        raise StationError(f"cannot record {event} {facts}")

    house.keeper = BackupScheduler(
        house.settings, house.clock, house.guard, refuse, house.make
    )

    assert house.turn() == ["ledger"]
    assert house.keeper.last is not None
    assert len(list(stick.glob("*Z"))) == 1


def test_a_backup_by_hand_is_made_and_recorded(house: House, tmp_path: Path) -> None:
    other = tmp_path / "other stick"
    other.mkdir()

    good = house.keeper.make_now(other)
    with pytest.raises(BackupError) as missing:
        house.keeper.make_now(tmp_path / "no stick")

    assert good.size == 2
    assert (other / good.name / "manifest.json").is_file()
    assert missing.value.fault is BackupFault.MISSING
    assert [event["event"] for event in house.events()] == ["backup", "backup_failed"]
    assert house.guard.alarms() == [], "the person was told already"


def test_a_backup_by_hand_beside_the_station_is_shown_without_an_entry(
    house: House, stick: Path
) -> None:
    """`jejak backup` leaves no entry while the station runs; its manifest is read."""
    house.turn()
    house.note("start")
    order = BackupOrder.of(house.settings, stick, house.clock.pass_ms(1000).wall_ms)
    by_hand = snapshot.make(order)

    assert house.turn(2) == []

    assert house.keeper.last is not None
    assert house.keeper.last.name == by_hand.name
    assert (house.keeper.last.size, house.keeper.last.root) == (
        by_hand.size,
        by_hand.root,
    )
    assert house.made == 1, "it ends no schedule"


def test_a_backup_that_a_person_asked_for_ends_no_schedule(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other stick"
    other.mkdir()
    # The folder of the schedule lies on the ledger's disk, the person's stick not.
    monkeypatch.setattr(snapshot, "own_disk", lambda to, _: to != other)
    house.turn()
    house.turn(30)
    house.keeper.make_now(other)
    assert house.keeper.last is not None
    assert house.keeper.last.own_disk is False

    assert house.turn(30) == [], "the folder of the schedule is no other stick"
    assert house.made == 3
    assert [event["asked"] for event in house.events()] == [False, True, False]

    house.keeper.make_now(other)
    house.open()
    for _ in range(3):
        assert house.turn(30) == []
    assert house.made == 5


def test_the_settings_name_whole_paths(tmp_path: Path, settings: Settings) -> None:
    from station.settings import station_toml  # noqa: PLC0415 - beside the one test that needs it

    file = settings.folder / "station.toml"
    text = file.read_text("utf-8")
    more = f'\n[backup]\nfolder = "{tmp_path.as_posix()}"\nevery_minutes = 5\n'
    more += f'at_shift_end = false\nkeep = 2\nhigh_water = "{tmp_path.as_posix()}/hw"\n'
    file.write_text(text + more, "utf-8")
    assert station_toml.load(settings.folder).backup == BackupSettings(
        folder=tmp_path,
        every_minutes=5,
        at_shift_end=False,
        keep=2,
        high_water=tmp_path / "hw",
    )
    assert settings.high_water == settings.folder / "high-water"

    for line in ('folder = "stick"', "every_minutes = 0", "keys = true"):
        file.write_text(f"{text}\n[backup]\n{line}\n", "utf-8")
        with pytest.raises(StationError, match=r"\[backup\] .*correct that line"):
            station_toml.load(settings.folder)


def test_a_backup_order_crosses_to_another_process(settings: Settings) -> None:
    order = BackupOrder(
        database=settings.database,
        evidence=settings.evidence,
        settings=settings.folder / "station.toml",
        to=settings.folder,
        keep=1,
        at_ms=2**41,
    )

    assert BackupOrder.parse(json.loads(json.dumps(order.as_dict()))) == order
    with pytest.raises(BackupError), closing(database.open_reader(settings.database)):
        snapshot.make(replace(order, to=settings.folder / "none"))
