"""The made-up city, its labels at a real gate, and the play on a real ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from labels.label_code import ItemId, LabelCode
from station import demo
from station.camera_frames import CameraState, FrameResult, Reader, ScanSource, Symbol
from station.capture.jpeg import jpeg_of
from station.capture.process.supervisor import CameraStatus
from station.capture.virtual.virtual_camera import Pass, Pause, Resume, Take
from station.custody import registry
from station.custody.accounts import directory
from station.custody.consignment.opening import OpeningOrder
from station.custody.history import progress_by_place
from station.custody.load import list_loads, missing_items, open_load
from station.demo import city
from station.demo.boxes import Props
from station.demo.director import Play
from station.demo.script import HOLDING, PassingBox, ScriptPart
from station.errors import StationError
from station.founding import create_station
from station.ledger import log as ledger
from station.model import Ballot, EntryType, Instant, Phase, Verdict
from station.roles import Role
from station.serve import Station
from station.storage import database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import TypeVar

    from station.capture.process.supervisor import CameraProcess
    from station.custody.accounts.sign_in import Authenticator
    from station.ledger.log import Log
    from station.model import Clock, Entry
    from station.runtime.gate_operations import GateOperations
    from station.settings.station_toml import Settings
    from station.storage.database import Connection

    T = TypeVar("T")

TURN_MS = 150
PIN = "280642"
JPEG = jpeg_of(np.full((72, 128), 90, np.uint8))


class Ticks:
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        self.ms = 0

    def __call__(self) -> Instant:
        return Instant(1_900_000_000_000 + self.ms, 5_000 + self.ms)


@dataclass
class Camera:
    """Reads every label that passes, from 1 s after its cue for 2 s of running."""

    line: GateOperations
    clock: Clock
    name: str
    passing: list[list[str | int]] = field(default_factory=list)
    told: list[object] = field(default_factory=list)
    state: CameraState = CameraState.LIVE
    running: bool = True
    number: int = 0

    @property
    def status(self) -> CameraStatus:
        return CameraStatus(self.name, self.state, 15.0, 0, "")

    def cue(self, message: object) -> None:
        self.told.append(message)
        match message:
            case Pass(boxes):
                self.passing += [[box.text, 0] for box in boxes]
            case Pause():
                self.running = False
            case Resume():
                self.running = True
            case Take(text):
                self.passing = [one for one in self.passing if one[0] != text]

    def tick(self) -> None:
        if self.running:
            self.passing = [
                [text, int(age) + TURN_MS]
                for text, age in self.passing
                if int(age) < 3_000
            ]
        seen = [str(text) for text, age in self.passing if int(age) >= 1_000]
        self.number += 1
        self.line.cameras.on_frame(
            FrameResult(
                camera=self.name,
                number=self.number,
                taken=self.clock(),
                width=128,
                height=72,
                symbols=tuple(
                    Symbol(
                        text,
                        ((1, 1), (9, 1), (9, 9), (1, 9)),
                        Reader.ZXING,
                    )
                    for text in seen
                ),
                jpeg=JPEG,
                fps=15.0,
                decode_ms=3.0,
            )
        )


@dataclass
class Stage:
    """The real station with pretended cameras."""

    settings: Settings
    clock: Ticks
    station: Station
    fakes: dict[str, Camera]

    @property
    def gates(self) -> Mapping[str, GateOperations]:
        return self.station.gates

    @property
    def cameras(self) -> Mapping[str, CameraProcess]:
        return self.fakes  # type: ignore[return-value]  # as much as is asked of one

    @property
    def authenticator(self) -> Authenticator:
        return self.station.authenticator

    def on_ledger(self, act: Callable[[Log], T]) -> T:
        return self.station.on_ledger(act)

    def run(self, play: Play, seconds: float) -> None:
        for _ in range(int(seconds * 1000 / TURN_MS)):
            self.clock.ms += TURN_MS
            play.turn()
            for camera in self.fakes.values():
                camera.tick()


@pytest.fixture
def clock() -> Ticks:
    return Ticks()


@pytest.fixture
def settings(tmp_path: Path, clock: Ticks) -> Settings:
    return demo.prepare(tmp_path / "demo", clock)


@pytest.fixture
def db(settings: Settings) -> Iterator[Connection]:
    reader = database.open_reader(settings.database)
    yield reader
    reader.close()


@pytest.fixture
def log(settings: Settings, clock: Ticks) -> Iterator[Log]:
    opened = create_station.open_log(settings, clock)
    yield opened
    database.close_writer(opened.db)


@pytest.fixture
def stage(settings: Settings, clock: Ticks) -> Iterator[Stage]:
    with Station(replace(settings, cameras=()), clock) as station:
        fakes = {
            camera.name: Camera(station.gates[camera.gate], clock, camera.name)
            for camera in settings.cameras
        }
        yield Stage(settings, clock, station, fakes)


def entries(db: Connection, kind: EntryType) -> list[Entry]:
    return [entry for entry in ledger.entries(db) if entry.draft.type is kind]


def test_prepare_makes_a_city_of_nine_kecamatan(db: Connection) -> None:
    lines = progress_by_place.progress(db)

    assert [line.name for line in lines][:3] == [
        "Selebar",
        "Gading Cempaka",
        "Teluk Segara",
    ]
    assert len(lines) == 9
    assert {line.planned for line in lines} == {22, 27}


def test_prepare_makes_all_that_the_play_needs(
    settings: Settings, db: Connection
) -> None:
    assert settings.made_up
    assert [camera.source for camera in settings.cameras] == ["virtual"] * 2
    known = {person.login: (person.name, person.role) for person in directory.roll(db)}
    assert {login: known[login] for login in city.ACCOUNTS} == city.ACCOUNTS
    assert known["pengelola"][1] is Role.ADMINISTRATOR
    assert city.DEMO_PERSON in directory.names(db).values()
    assert not any(
        person.has_password or person.has_pin for person in directory.roll(db)
    )
    props = Props(db, create_station.label_key(settings), 1)
    for code, _ in registry.kecamatan(db):
        parts = [PassingBox(part) for part in (*HOLDING, ScriptPart.FOREIGN)]
        assert len(props.looks(parts, code).all) == len(parts)


def test_prepare_goes_on_in_a_demo_folder(
    settings: Settings, clock: Ticks, db: Connection
) -> None:
    before = progress_by_place.counts(db)

    again = demo.prepare(settings.folder, clock)

    assert again == settings
    assert progress_by_place.counts(db) == before


def test_prepare_refuses_the_folder_of_a_real_station(
    tmp_path: Path, clock: Ticks
) -> None:
    founding = create_station.NewStation(regency="1771", title="KPU")
    create_station.create(tmp_path / "real", founding, clock)

    with pytest.raises(StationError, match="real station"):
        demo.prepare(tmp_path / "real", clock)


def test_prepare_leaves_no_half_city(
    tmp_path: Path, clock: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        message = "disk full"
        raise OSError(message)

    monkeypatch.setattr(city, "add_extras", full)
    with pytest.raises(OSError, match="disk full"):
        demo.prepare(tmp_path / "demo", clock)

    assert not (tmp_path / "demo").exists()


def test_the_demos_own_folder_is_made_anew_each_time(
    tmp_path: Path, clock: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: tmp_path)
    with demo.folder(None) as own:
        first = demo.prepare(own, clock).key_file.read_bytes()
    assert (own / "ledger.db").exists(), "jejak verify needs it after the demo"

    with database.WriterLock(own), pytest.raises(StationError), demo.folder(None):
        pass
    with demo.folder(None) as own:
        assert demo.prepare(own, clock).key_file.read_bytes() != first


def test_the_last_demo_is_kept_beside_the_next(
    tmp_path: Path, clock: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "jejak-demo"
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: home)
    keys = []
    for _ in range(3):
        with demo.folder(None) as own:
            keys.append(demo.prepare(own, clock).key_file.read_bytes())

    last = demo.last(home)
    assert (last / "station.key").read_bytes() == keys[1]
    assert (last / "ledger.db").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [home.name, last.name]


@pytest.mark.parametrize("place", ["jejak-demo", "jejak-demo-last"])
def test_a_training_station_in_the_demos_place_is_never_wiped(
    tmp_path: Path, clock: Ticks, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    home = tmp_path / "jejak-demo"
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: home)
    if place != home.name:
        demo.prepare(home, clock)
    founding = create_station.NewStation(regency="1771", title="Latihan", made_up=True)
    mine = create_station.create(tmp_path / place, founding, clock)

    with pytest.raises(StationError, match="demo's own folder"), demo.folder(None):
        pass

    assert mine.key_file.exists()


@pytest.mark.parametrize("place", ["jejak-demo", "jejak-demo-last"])
def test_files_of_others_in_the_demos_place_are_never_wiped(
    tmp_path: Path, clock: Ticks, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    home = tmp_path / "jejak-demo"
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: home)
    if place != home.name:
        demo.prepare(home, clock)
    (tmp_path / place).mkdir()
    (tmp_path / place / "thesis.txt").write_text("years of work")

    with pytest.raises(StationError), demo.folder(None) as own:
        demo.prepare(own, clock)

    assert (tmp_path / place / "thesis.txt").exists()


@pytest.mark.parametrize(
    ("part", "verdict"),
    [
        (ScriptPart.EXPECTED, Verdict.ACCEPTED),
        (ScriptPart.FOREIGN, Verdict.FOREIGN),
        (ScriptPart.MISROUTED, Verdict.MISROUTED),
        (ScriptPart.SUPERSEDED, Verdict.SUPERSEDED),
        (ScriptPart.IN_BOX, Verdict.UNEXPECTED),
        (ScriptPart.FORGED, Verdict.UNKNOWN),
    ],
)
def test_every_part_gets_its_verdict_at_a_real_gate(
    part: ScriptPart, verdict: Verdict, stage: Stage, db: Connection
) -> None:
    play = Play(stage, db, 1)
    stage.clock.ms += TURN_MS
    play.turn()
    load = open_load(db, city.LOADING_GATE)
    assert load is not None
    item = missing_items(db, load)[0].item.item.id
    prop = PassingBox(part, item if part is ScriptPart.EXPECTED else None)
    props = Props(db, create_station.label_key(stage.settings), 1)

    (look,) = props.looks([prop], load.destination).all
    line = stage.gates[city.LOADING_GATE]
    outcome = line.submit(look.text, ScanSource.HANDHELD, "p01")

    assert outcome.decision.verdict is verdict
    assert "DATA REKAAN" in look.caption or part is ScriptPart.FOREIGN


def test_the_play_loads_a_consignment_and_the_other_end_counts_it_in(
    stage: Stage, db: Connection
) -> None:
    play = Play(stage, db, 1771)

    stage.run(play, 120)

    first = list_loads(db)[-1]
    assert first.destination_name == "Selebar"
    assert first.phase is Phase.ACCEPTED
    assert first.departed == first.accepted == 27
    assert list_loads(db)[-2].destination_name == "Gading Cempaka"
    (departing, *_) = entries(db, EntryType.DEPARTING)
    assert departing.draft.data["foreign"] >= 1  # type: ignore[operator]


def test_the_play_acknowledges_as_the_demos_person_and_says_so(
    stage: Stage, db: Connection
) -> None:
    play = Play(stage, db, 1771)

    stage.run(play, 60)

    names = directory.names(db)
    acknowledged = entries(db, EntryType.INSPECTING)
    assert len(acknowledged) == 2
    for entry in acknowledged:
        assert names[entry.draft.actor] == city.DEMO_PERSON
        assert "demo" in str(entry.draft.data["note"])
        held = ledger.entry(db, int(str(entry.draft.data["hold"])))
        waited_ms = entry.draft.event.wall_ms - held.draft.event.wall_ms
        assert 4_000 <= waited_ms < 5_000
    told = stage.fakes["kamera-gudang"].told
    assert sum(isinstance(cue, Take) for cue in told) == 2
    scans = Counter(entry.draft.verdict for entry in ledger.entries(db))
    assert scans[Verdict.ACCEPTED] >= 20


def test_the_play_waits_for_a_camera_that_is_not_live(
    stage: Stage, db: Connection
) -> None:
    for camera in stage.fakes.values():
        camera.state = CameraState.OPENING
    play = Play(stage, db, 1)

    stage.run(play, 5)

    assert list_loads(db) == []
    assert not any(camera.told for camera in stage.fakes.values())


def test_a_new_round_issues_fresh_items_for_the_whole_city(
    log: Log, clock: Ticks
) -> None:
    before = {
        line.kecamatan: line.planned for line in progress_by_place.progress(log.db)
    }

    city.new_round(log, "p02", clock)

    after = {
        line.kecamatan: line.planned for line in progress_by_place.progress(log.db)
    }
    assert after == {code: 2 * planned for code, planned in before.items()}


def test_the_play_issues_a_new_round_when_all_is_delivered(
    stage: Stage, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    key = create_station.label_key(stage.settings)
    for code, _ in registry.kecamatan(db):
        order = OpeningOrder(area=code, kinds=list(Ballot))
        out, at_ppk = stage.gates[city.LOADING_GATE], stage.gates[city.ACCEPTING_GATE]
        load = out.open(order, "p01")
        deliver(stage, db, out, key)
        at_ppk.arrive(load, "p01")
        deliver(stage, db, at_ppk, key)
    assert {load.phase for load in list_loads(db)} == {Phase.ACCEPTED}

    with caplog.at_level("INFO", "jejak.demo"):
        stage.run(Play(stage, db, 1), 8)

    opened = open_load(db, city.LOADING_GATE)
    assert opened is not None
    assert opened.listed == 27
    assert opened.vehicle == "BD 8001 XX (putaran 2)"
    assert "round=2 everything was delivered" in caplog.text
    assert city.round_of(db) == 2


def deliver(stage: Stage, db: Connection, line: GateOperations, key: bytes) -> None:
    """Scan by hand whatever is open at a gate, and close it."""
    load = open_load(db, line.name)
    assert load is not None
    for missing in missing_items(db, load):
        item = missing.item.item
        label = LabelCode.issue(ItemId.parse(item.id), item.issue, key)
        line.submit(str(label), ScanSource.HANDHELD, "p01")
    person = {one.login: one.id for one in directory.roll(db)}
    first, second = (
        ("petugas", "pengemas")
        if line.name == city.LOADING_GATE
        else ("ppk", "petugas")
    )
    stage.authenticator.set_pin(person[second], PIN)
    line.close(line.ask_close(person[first]), person[second], PIN)
