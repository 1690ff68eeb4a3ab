"""What many tests stand on: a clock that stands still, a real station, its gates."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from labels.label_code import ItemId, ItemKind, LabelCode, expand
from station.camera_frames import Scan, ScanSource
from station.custody.accounts import directory
from station.custody.accounts.directory import Newcomer
from station.custody.consignment import opening
from station.custody.consignment.opening import OpeningOrder
from station.custody.entry_data.words import AcknowledgeReason
from station.custody.gate.closing import Closing
from station.custody.gate.scanning import Gate
from station.custody.labelling import first_issue, reissue
from station.custody.labelling.first_issue import Issue
from station.custody.load import missing_items, open_load
from station.custody.plan import record_plan
from station.founding import create_station
from station.founding.create_station import NewStation
from station.model import Ballot, Disposition, Draft, EntryType, Instant, Step
from station.roles import Role
from station.storage import database
from tests import browsing

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from station.ledger.log import Log
    from station.model import Entry, Json
    from station.settings.gates_and_legs import GateSettings
    from station.settings.station_toml import Settings
    from station.storage.database import Connection

OPERATOR, SECOND, RECEIVER = "p01", "p02", "p03"
NEAR, FAR = "17.71.01", "17.71.02"
"""Two kecamatan of the small plan."""
MORE = """
[[gate]]
name = "ppk"
title = "Gerbang PPK"
step = "accepting"
place = "ppk"

[[gate]]
name = "gerbang-2"
title = "Gerbang 2"
step = "loading"
place = "gudang"
"""
AREAS = """\
level,code,name,parent_code,dapil_dprd_kota
kota,17.71,Kota Bengkulu,,
kecamatan,17.71.01,Selebar,17.71,3
kecamatan,17.71.02,Gading Cempaka,17.71,2
kelurahan,17.71.01.1001,Pagar Dewa,17.71.01,3
kelurahan,17.71.02.1001,Jalan Gedang,17.71.02,2
"""
STATIONS = """\
kelurahan_code,tps,dpt,ballots_ppwp,ballots_dpr
17.71.01.1001,001,228,233,233
17.71.01.1001,002,291,297,297
17.71.02.1001,001,100,102,102
"""


@dataclass
class StillClock:
    """Moves only when it is told to; each reading is one and the same moment."""

    now: Instant = field(default_factory=lambda: Instant(1_800_000_000_000, 5_000))

    def __call__(self) -> Instant:
        return self.now

    def pass_ms(self, ms: int) -> Instant:
        """Let time pass on both clocks; gives the new moment."""
        self.now = Instant(self.now.wall_ms + ms, self.now.mono_ms + ms)
        return self.now


@dataclass(frozen=True)
class City:
    """The small plan as registered: who is who."""

    near: tuple[str, ...]
    """Boxes of NEAR: TPS 001 PPWP, DPR, TPS 002 PPWP, DPR."""
    far: tuple[str, ...]
    """Boxes of FAR: TPS 001 PPWP, DPR."""
    loose: str
    """A bundle of reserve ballots (PPWP) that travels to NEAR by itself."""
    packed: str
    """A bundle that belongs in the first box of NEAR."""


@dataclass(frozen=True)
class Dock:
    """A gate's acts in the words of a test."""

    gate: Gate
    clock: StillClock
    key: bytes

    def open(self, to: str = NEAR, kinds: tuple[Ballot, ...] = tuple(Ballot)) -> str:
        entry = opening.open_consignment(
            self.gate.log,
            self.gate.settings,
            OpeningOrder(area=to, kinds=kinds),
            actor=OPERATOR,
            at=self.clock(),
        )
        return str(entry.draft.consignment)

    def arrive(self, load: str) -> Entry:
        return opening.arrive(
            self.gate.log, self.gate.settings, load, actor=OPERATOR, at=self.clock()
        )

    def close(self, reason: str = "") -> Entry:
        """Two people close it; whoever sent it off does not receive it."""
        loading = self.gate.settings.step is Step.LOADING
        first, second = (OPERATOR, SECOND) if loading else (RECEIVER, OPERATOR)
        said = staying(self.gate.log.db, self.gate.settings, reason)
        return self.gate.close(self.gate.ask_close(said, first=first), second)

    def text(self, item: str, issue: int = 1, key: bytes | None = None) -> str:
        return str(LabelCode.issue(ItemId.parse(item), issue, key or self.key))

    def scan(self, text: str, source: ScanSource = ScanSource.CAMERA) -> Scan:
        return Scan(self.gate.settings.name, text, source, self.clock.pass_ms(10))

    def see(self, *items: str) -> list[str]:
        """Show good labels of these items in one frame; gives the verdicts."""
        return self.show(*(self.text(item) for item in items))

    def show(self, *texts: str) -> list[str]:
        outcomes = self.gate.record([self.scan(text) for text in texts], OPERATOR)
        return [
            "WAITS" if found.waits else str(found.decision.verdict)
            for found in outcomes
        ]

    def release(self, hold: int, *bring_back: str) -> Entry:
        return self.gate.acknowledge(
            hold,
            reason=AcknowledgeReason.SET_ASIDE,
            actor=OPERATOR,
            bring_back=bring_back,
        )


def staying(db: Connection, gate: GateSettings, reason: str) -> Closing:
    """Whatever is missing at a loading gate stays, for this reason."""
    load = open_load(db, gate.name)
    if load is None or gate.step is not Step.LOADING:
        return Closing(reason)
    missing = [line.item.item.id for line in missing_items(db, load)]
    return Closing(reason, dict.fromkeys(missing, Disposition.STAYS))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process; each opens a window of its own."""
    with browsing.chromium() as opened:
        yield opened


@pytest.fixture(autouse=True, scope="session")
def english() -> None:
    """The command line in English, in processes that a test starts, too."""
    os.environ["JEJAK_LANG"] = "en"


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def settings(tmp_path: Path, clock: StillClock) -> Settings:
    """A founded station with two loading gates and an accepting one."""
    founding = NewStation(
        regency="1771", title="KPU Kota Bengkulu", administrator="Siti Rahma", more=MORE
    )
    return create_station.create(tmp_path / "station", founding, clock)


@pytest.fixture
def log(settings: Settings, clock: StillClock) -> Iterator[Log]:
    """The station's ledger, open for appending on this thread."""
    opened = create_station.open_log(settings, clock)
    yield opened
    database.close_writer(opened.db)


@pytest.fixture
def plan_files(tmp_path: Path) -> list[Path]:
    """The small plan: two kecamatan, three TPS, two kinds of election."""
    areas, stations = tmp_path / "areas.csv", tmp_path / "polling_stations.csv"
    areas.write_text(AREAS, "utf-8")
    stations.write_text(STATIONS, "utf-8")
    return [areas, stations]


@pytest.fixture
def city(log: Log, clock: StillClock, plan_files: list[Path]) -> City:
    """The small plan recorded, a loose and a packed bundle issued, a second person."""
    with log.writing() as batch:
        # Who founded the station works at its gates in these tests.
        data: dict[str, Json] = {
            "action": "role",
            "person": OPERATOR,
            "role": Role.SUPERVISOR,
            "before": Role.ADMINISTRATOR,
        }
        directory.record(batch, data, clock(), OPERATOR)
        for name in ("Budi Santoso", "Rina Dewi"):
            directory.enrol(batch, Newcomer(name=name, role=Role.SUPERVISOR), clock())
    record_plan.record(
        log, record_plan.read(plan_files), "1771", actor=OPERATOR, at=clock()
    )
    near = boxes(log, "17.71.01.1001/001") + boxes(log, "17.71.01.1001/002")
    with log.writing() as batch:
        entries = first_issue.issue(
            batch,
            "1771",
            [
                bundle(NEAR, Ballot.PPWP),
                bundle("17.71.01.1001/001", Ballot.PPWP, near[0]),
            ],
            actor=OPERATOR,
            at=clock(),
        )
    loose, packed = (next(expand(entry.draft.items)) for entry in entries)
    return City(near, boxes(log, "17.71.02.1001/001"), loose, packed)


def bundle(to: str, ballot: Ballot | None, box: str | None = None) -> Issue:
    return Issue(
        kind=ItemKind.BUNDLE,
        destination=to,
        ballots=(ballot,),
        container=box,
        quantity=25,
    )


def void(log: Log, item: str, clock: StillClock) -> None:
    with log.writing() as batch:
        batch.append(
            Draft(
                type=EntryType.DECOMMISSIONING,
                event=clock(),
                actor=OPERATOR,
                place=batch.place,
                items=(item,),
                data={"reason": "torn"},
            )
        )


def boxes(log: Log, destination: str) -> tuple[str, ...]:
    rows = log.db.execute(
        "SELECT id FROM item WHERE destination = ? ORDER BY id", (destination,)
    )
    return tuple(row["id"] for row in rows)


@pytest.fixture
def dock(settings: Settings, log: Log, clock: StillClock) -> Callable[[str], Dock]:
    """Gives a gate of the station by its name."""
    key = create_station.label_key(settings)

    def make(name: str) -> Dock:
        return Dock(Gate(log, settings.gate(name), key, clock), clock, key)

    return make


@pytest.fixture
def loading(dock: Callable[[str], Dock]) -> Dock:
    return dock("gerbang-1")


@pytest.fixture
def accepting(dock: Callable[[str], Dock]) -> Dock:
    return dock("ppk")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[
    None, pytest.TestReport, pytest.TestReport
]:
    """Where nothing may be missing (JEJAK_NO_SKIP=1), a skipped test has failed."""
    report = yield
    if os.environ.get("JEJAK_NO_SKIP") == "1" and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, and JEJAK_NO_SKIP is set: {report.longrepr}"
    return report


def reprint(log: Log, item: str, reason: str, at: Instant) -> Entry:
    """The next issue of an item's label; the one before is dead."""
    with log.writing() as batch:
        (entry,) = reissue.reissue(batch, [item], reason=reason, actor=OPERATOR, at=at)
    return entry
