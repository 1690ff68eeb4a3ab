"""The line at a gate: views in, entries and pictures out, on a real ledger."""

from __future__ import annotations

import contextlib
import itertools
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cv2  # noqa: TID251 - makes the one picture that every view here carries
import numpy as np
import pytest

from labels.label_code import ItemId, ItemKind, LabelCode
from station.camera_frames import CameraState, FrameResult, Reader, ScanSource, Symbol
from station.capture.evidence_store import EvidenceStore
from station.capture.passage_tracker import LOST_AFTER_MS
from station.custody.accounts import directory, second_signature
from station.custody.consignment import cancelling
from station.custody.consignment.opening import OpeningOrder
from station.custody.entry_data.words import AcknowledgeReason, OwnWords
from station.custody.gate import bring_back, panel
from station.custody.gate.scanning import Gate
from station.custody.labelling import reissue
from station.errors import OperationRefused, RefusalReason, StationError
from station.founding import create_station
from station.ledger import log as ledger
from station.model import Ballot, EntryType, Verdict
from station.roles import Act
from station.runtime.camera_pipeline import RETRY_AFTER_MS
from station.runtime.gate_ledger import GateServices
from station.runtime.gate_operations import GateOperations
from station.runtime.hub import SILENT_MS, Hub, OutlinedLabel, Picture
from station.runtime.scan_stops import ScanStops
from station.storage import database
from tests.conftest import FAR, NEAR, OPERATOR, RECEIVER, SECOND, staying

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from station.ledger.log import Log
    from station.model import Entry
    from station.settings.station_toml import Settings
    from tests.conftest import City, StillClock

OUTLINE = ((10, 10), (60, 10), (60, 60), (10, 60))
ASIDE = ((210, 10), (260, 10), (260, 60), (210, 60))
FRAME_MS = 100
PIN = "280642"
HUGE = 2**62
"""More free bytes than any disk has."""


def picture(shade: int) -> bytes:
    done, jpeg = cv2.imencode(".jpg", np.full((72, 128), shade % 256, np.uint8))
    assert done
    return jpeg.tobytes()


@dataclass
class Bench:
    """A gate line with everything behind it real, and its cameras played by hand."""

    settings: Settings
    clock: StillClock
    least_free: int = 0
    manned: bool = True
    """Somebody begins a shift at every gate."""
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.writer = database.Writer(
            lambda: create_station.open_log(self.settings, self.clock)
        )
        self.hub = Hub()
        self.guard = ScanStops(self.settings.folder, self.least_free)
        self.key = create_station.label_key(self.settings)
        self.lines: dict[str, GateOperations] = {}

    def line(self, gate: str = "gerbang-1") -> GateOperations:
        if gate not in self.lines:
            shared = GateServices(
                writer=self.writer,
                hub=self.hub,
                evidence=EvidenceStore(self.settings.evidence),
                scan_stops=self.guard,
                check_pin=self.check_pin,
                streams=frozenset({"jalan"}),
            )
            settings = self.settings.gate(gate)
            self.lines[gate] = GateOperations(
                Gate(self.writer.made, settings, self.key, self.clock), shared
            )
            if self.read(lambda db: panel.shift(db, gate)) is None and self.manned:
                self.lines[gate].start_shift(OPERATOR, sound_heard=True)
        return self.lines[gate]

    def check_pin(self, person: str, pin: str) -> None:
        """The door's part, played: everybody has the same PIN.

        Raises:
            OperationRefused: it is another.
        """
        if pin != PIN:
            raise OperationRefused(
                RefusalReason.WRONG_PIN, f"{person} has another PIN."
            )

    def end(self, gate: str = "gerbang-1", reason: str = "") -> Entry:
        """Close what is open at a gate: two people, and at the PPK others."""
        first, second = (OPERATOR, SECOND) if gate != "ppk" else (RECEIVER, OPERATOR)
        line = self.line(gate)
        said = self.read(lambda db: staying(db, self.settings.gate(gate), reason))
        return line.close(line.ask_close(first, said), second, PIN)

    def to_bring_back(self, gate: str = "gerbang-1") -> list[str]:
        found: list[str] = self.read(
            lambda db: [named.item.id for named in bring_back.waiting(db, gate)]
        )
        return found

    def close(self) -> None:
        self.writer.run(lambda: database.close_writer(self.writer.made.db))
        self.writer.close()

    def read(self, fn: Callable[[database.Connection], Any]) -> Any:  # noqa: ANN401
        return self.writer.run(lambda: fn(self.writer.made.db))

    def entries(self) -> list[Entry]:
        found: list[Entry] = self.read(lambda db: list(ledger.entries(db)))
        return found

    def scans(self) -> list[str]:
        return [str(e.draft.verdict) for e in self.entries() if e.draft.verdict]

    def text(self, item: str) -> str:
        return str(LabelCode.issue(ItemId.parse(item), 1, self.key))

    def frame(self, *items: str, camera: str = "kamera-1") -> FrameResult:
        """One frame in which the labels of these items are read, 100 ms on."""
        return self.raw(*(self.text(item) for item in items), camera=camera)

    def raw(self, *texts: str | None, camera: str = "kamera-1") -> FrameResult:
        number = next(self.numbers)
        view = FrameResult(
            camera=camera,
            number=number,
            taken=self.clock.pass_ms(FRAME_MS),
            width=1280,
            height=720,
            symbols=tuple(
                Symbol(text, OUTLINE if text else ASIDE, Reader.ZXING) for text in texts
            ),
            jpeg=picture(number),
            fps=10.0,
            decode_ms=5.0,
        )
        self.line().cameras.on_frame(view)
        return view

    def empty(self, ms: int = 2_500, camera: str = "kamera-1") -> None:
        """Nothing in view for so long: every passing ends."""
        for _ in range(ms // FRAME_MS):
            self.frame(camera=camera)

    def open(self, kinds: tuple[Ballot, ...] = tuple(Ballot)) -> str:
        return self.line().open(OpeningOrder(area=NEAR, kinds=kinds), OPERATOR)


@pytest.fixture
def stocked(settings: Settings, city: City, log: Log) -> City:
    """The small plan registered and at rest; a Bench opens the ledger for itself."""
    assert settings.database.is_file()
    log.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return city


@pytest.fixture
def bench(settings: Settings, clock: StillClock, stocked: City) -> Iterator[Bench]:
    assert stocked.near
    made = Bench(settings, clock)
    yield made
    made.close()


def test_one_passing_is_one_entry_with_its_first_picture(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    size = len(bench.entries())

    first = bench.frame(stocked.near[0])
    for _ in range(20):
        bench.frame(stocked.near[0])

    (entry,) = bench.entries()[size:]
    assert entry.draft.type is EntryType.LOADING
    assert entry.draft.event.wall_ms == first.taken.wall_ms
    (sha,) = entry.draft.evidence
    kept = EvidenceStore(bench.settings.evidence).path(sha)
    assert kept.read_bytes() == first.jpeg


def test_the_picture_lies_on_the_disk_before_the_entry_does(
    bench: Bench, stocked: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.open()
    kept: list[bool] = []
    real = Gate.record

    def watched(gate: Gate, scans: Any, actor: str) -> Any:  # noqa: ANN401 - passed on
        store = EvidenceStore(bench.settings.evidence)
        kept.extend(store.path(scan.evidence).is_file() for scan in scans)
        return real(gate, scans, actor)

    monkeypatch.setattr(Gate, "record", watched)
    bench.frame(stocked.near[0])

    assert kept == [True]
    assert bench.scans() == ["ACCEPTED"]


def test_a_second_passing_of_the_same_label_is_repeated(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.frame(stocked.near[0])
    bench.empty()
    bench.frame(stocked.near[0])

    assert bench.scans() == ["ACCEPTED", "REPEATED"]


def test_two_cameras_of_one_gate_make_one_entry(bench: Bench, stocked: City) -> None:
    bench.open()
    for _ in range(5):
        bench.frame(stocked.near[0], camera="kamera-1")
        bench.frame(stocked.near[0], camera="kamera-2")
    bench.empty(1_000, camera="kamera-1")
    bench.frame(stocked.near[0], camera="kamera-2")

    assert bench.scans() == ["ACCEPTED"]


def test_cameras_that_see_at_the_same_moment_make_one_entry(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    view = bench.raw()
    line = bench.line()
    gate = threading.Barrier(4)

    def see(camera: str) -> None:
        symbol = Symbol(bench.text(stocked.near[0]), OUTLINE, Reader.ZXING)
        gate.wait()
        line.cameras.on_frame(
            FrameResult(
                camera, 1, view.taken, 1280, 720, (symbol,), view.jpeg, 10.0, 5.0
            )
        )

    threads = [threading.Thread(target=see, args=(f"k{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert bench.scans() == ["ACCEPTED"]


def test_a_network_camera_is_named_as_such(bench: Bench, stocked: City) -> None:
    bench.open()
    bench.frame(stocked.near[0], camera="jalan")
    bench.frame(stocked.near[1], camera="kamera-1")

    sources = [entry.draft.data.get("source") for entry in bench.entries()[-2:]]

    assert sources == ["stream", "camera"]


def test_with_nothing_open_the_item_is_shown_and_nothing_recorded(
    bench: Bench, stocked: City
) -> None:
    bench.line()
    size = len(bench.entries())

    bench.frame(stocked.near[0])

    assert bench.hub.looked_at("gerbang-1") == stocked.near[0]
    assert len(bench.entries()) == size
    assert not list(bench.settings.evidence.rglob("*.jpg"))
    # What still stands there when the consignment opens is decided then.
    bench.open()
    bench.frame(stocked.near[0])
    assert bench.scans() == ["ACCEPTED"]


def test_a_foreign_code_is_counted_once_a_passing_and_no_picture_is_kept(
    bench: Bench,
) -> None:
    bench.open()
    for _ in range(5):
        bench.raw("https://kpu.go.id")

    shown = bench.read(lambda db: panel.panel(db, bench.settings.gate("gerbang-1")))

    assert shown.foreign == 1
    assert bench.scans() == []
    assert not list(bench.settings.evidence.rglob("*.jpg"))


def test_an_unread_label_is_counted_once_an_episode(bench: Bench) -> None:
    def unread() -> int:
        shown = bench.read(lambda db: panel.panel(db, bench.settings.gate("gerbang-1")))
        return int(shown.unread)

    bench.open()
    for _ in range(30):
        bench.raw(None)
    assert unread() == 1
    bench.empty()
    for _ in range(5):
        bench.raw(None)
    assert unread() == 1
    for _ in range(10):
        bench.raw(None)
    assert unread() == 2


def test_an_unread_label_that_could_not_be_counted_is_counted_later(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    with broken_ledger(bench):
        for _ in range(12):
            bench.raw(None)
    for _ in range(RETRY_AFTER_MS // FRAME_MS + 1):
        bench.frame(stocked.near[0])

    shown = bench.read(lambda db: panel.panel(db, bench.settings.gate("gerbang-1")))

    assert shown.unread == 1


def test_while_held_nothing_is_decided_and_what_is_in_view_is_decided_at_release(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.frame(stocked.far[0])
    hold = bench.entries()[-1].seq
    for _ in range(10):
        bench.frame(stocked.near[0])
    assert bench.scans() == ["MISROUTED"]
    assert (
        bench.line()
        .submit(bench.text(stocked.near[1]), ScanSource.HANDHELD, OPERATOR)
        .waits
    )

    entry = bench.line().acknowledge(hold, AcknowledgeReason.SET_ASIDE, "", OPERATOR)
    bench.frame(stocked.near[0])

    assert entry.draft.data["bring_back"] == []
    assert bench.scans() == ["MISROUTED", "ACCEPTED"]


def test_what_came_and_left_while_held_is_named_in_the_acknowledgement(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.frame(stocked.far[0])
    hold = bench.entries()[-1].seq
    for _ in range(2):  # it comes twice and is named once
        bench.frame(stocked.near[0])
        bench.empty()
    bench.raw("https://kpu.go.id")
    bench.empty()
    bench.frame(stocked.near[1])
    bench.empty(700)

    entry = bench.line().acknowledge(
        hold, AcknowledgeReason.SET_ASIDE, "catatan", "p02"
    )

    assert entry.draft.data["bring_back"] == [stocked.near[0], stocked.near[1]]
    assert (entry.draft.actor, entry.draft.data["note"]) == ("p02", "catatan")
    # Brought back, they are scans like any other; and no hold tells of them again.
    bench.frame(stocked.near[0])
    bench.empty()
    bench.frame(stocked.far[1])
    entry = bench.line().acknowledge(
        _held(bench), AcknowledgeReason.SET_ASIDE, "", OPERATOR
    )
    assert bench.scans() == ["MISROUTED", "ACCEPTED", "MISROUTED"]
    assert entry.draft.data["bring_back"] == []


def test_what_left_and_came_back_into_view_is_not_to_be_brought_back(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.frame(stocked.far[0])
    bench.frame(stocked.near[0])
    bench.empty()
    bench.frame(stocked.near[0])

    entry = bench.line().acknowledge(
        _held(bench), AcknowledgeReason.SET_ASIDE, "", OPERATOR
    )
    bench.frame(stocked.near[0])

    assert entry.draft.data["bring_back"] == []
    assert bench.scans() == ["MISROUTED", "ACCEPTED"]


def test_what_is_in_view_at_the_release_is_recorded_with_it(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.frame(stocked.far[0])
    seen = bench.frame(stocked.near[0])

    bench.line().acknowledge(_held(bench), AcknowledgeReason.SET_ASIDE, "", OPERATOR)

    assert bench.scans() == ["MISROUTED", "ACCEPTED"], "it may leave before the next"
    assert bench.entries()[-1].draft.event.wall_ms == seen.taken.wall_ms
    bench.empty()
    bench.frame(stocked.far[1])
    entry = bench.line().acknowledge(
        _held(bench), AcknowledgeReason.SET_ASIDE, "", OPERATOR
    )
    assert entry.draft.data["bring_back"] == []


def test_what_a_frozen_camera_shows_is_not_decided_as_if_it_stood_there(
    bench: Bench, stocked: City, clock: StillClock
) -> None:
    bench.open()
    bench.frame(stocked.far[0])
    bench.frame(stocked.near[0])
    clock.pass_ms(LOST_AFTER_MS)  # no picture comes meanwhile

    entry = bench.line().acknowledge(
        _held(bench), AcknowledgeReason.SET_ASIDE, "", OPERATOR
    )
    assert bench.scans() == ["MISROUTED"]
    assert entry.draft.data["bring_back"] == []

    bench.empty(700)
    assert bench.to_bring_back() == [stocked.near[0]], "it was gone"


def test_what_is_in_view_when_a_shift_begins_is_recorded_with_it(
    bench: Bench, stocked: City
) -> None:
    bench.manned = False
    bench.open()
    bench.frame(stocked.near[0])
    assert bench.scans() == []

    bench.line().start_shift(SECOND, sound_heard=True)

    assert bench.scans() == ["ACCEPTED"]
    assert bench.entries()[-1].draft.actor == SECOND


def test_what_is_to_be_brought_back_is_listed_until_it_is_scanned(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.frame(stocked.far[0])
    for item in (stocked.near[0], stocked.far[1], stocked.near[1]):
        bench.frame(item)
        bench.empty()
    bench.line().acknowledge(_held(bench), AcknowledgeReason.SET_ASIDE, "", OPERATOR)
    assert bench.to_bring_back() == [stocked.near[0], stocked.far[1], stocked.near[1]]
    assert bench.to_bring_back("ppk") == []

    bench.frame(stocked.near[0])
    assert bench.to_bring_back() == [stocked.far[1], stocked.near[1]]
    bench.empty()
    bench.frame(stocked.far[1])
    assert bench.scans()[-1] == "MISROUTED"
    assert bench.to_bring_back() == [stocked.near[1]], "scanned, though refused"

    bench.line().acknowledge(_held(bench), AcknowledgeReason.SET_ASIDE, "", OPERATOR)
    with pytest.raises(OperationRefused) as refused:
        bench.end(reason="kurang")
    assert refused.value.code is RefusalReason.UNDECIDED_LEFT
    for reason, item in (("", stocked.near[1]), ("di rak", stocked.near[0])):
        with pytest.raises(OperationRefused):
            bench.line().looked_for(item, OwnWords(reason), OPERATOR)
    bench.line().looked_for(stocked.near[1], OwnWords("di rak"), OPERATOR)
    assert bench.to_bring_back() == []
    bench.end(reason="kurang")


def test_what_passed_in_a_hold_is_known_after_a_stop_and_after_a_kill(
    settings: Settings, clock: StillClock, stocked: City
) -> None:
    bench = Bench(settings, clock)
    bench.open()
    bench.frame(stocked.far[0])
    bench.frame(stocked.near[0])
    bench.empty()
    killed = list(bench.to_bring_back())
    bench.frame(stocked.near[1])
    bench.line().stop()
    bench.close()

    after = Bench(settings, clock)
    entry = after.line().acknowledge(
        _held(after), AcknowledgeReason.SET_ASIDE, "", OPERATOR
    )
    after.close()

    assert killed == [stocked.near[0]], "at once, so that no kill loses it"
    assert entry.draft.data["bring_back"] == [stocked.near[0], stocked.near[1]]


def test_a_box_that_goes_round_in_a_hold_is_named_by_one_entry(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.frame(stocked.far[0])
    size = len(bench.entries())

    for _ in range(3):
        bench.frame(stocked.near[0])
        bench.empty()

    assert len(bench.entries()) == size + 1


def test_nothing_is_closed_over_what_passed_while_nobody_had_the_shift(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.frame(stocked.near[0])
    bench.empty()
    bench.line().end_shift(OPERATOR)
    bench.frame(stocked.near[1])
    bench.empty()
    bench.frame(stocked.near[2])  # it stands there still

    with pytest.raises(OperationRefused) as refused:
        bench.end(reason="kurang")

    assert refused.value.code is RefusalReason.UNDECIDED_LEFT
    assert bench.to_bring_back() == [stocked.near[1], stocked.near[2]]


def test_what_passes_while_the_pin_is_checked_stops_the_signature(
    bench: Bench, stocked: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []

    def slow(person: str, pin: str) -> None:
        bench.frame(stocked.near[1])  # and stands there still
        checked.append((person, pin))

    monkeypatch.setattr(bench, "check_pin", slow)
    bench.open()
    bench.frame(stocked.near[0])
    bench.empty()
    line = bench.line()
    said = bench.read(lambda db: staying(db, bench.settings.gate("gerbang-1"), "x"))
    asked = line.ask_close(OPERATOR, said)
    line.end_shift(OPERATOR)
    with pytest.raises(OperationRefused) as refused:
        line.close(asked, SECOND, PIN)

    assert checked == [(SECOND, PIN)]
    assert refused.value.code is RefusalReason.UNDECIDED_LEFT
    assert bench.to_bring_back() == [stocked.near[1]]


def test_what_passes_between_asking_and_signing_stops_the_signature(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.frame(stocked.near[0])
    bench.empty()
    line = bench.line()
    said = bench.read(lambda db: staying(db, bench.settings.gate("gerbang-1"), "x"))
    asked = line.ask_close(OPERATOR, said)
    line.end_shift(OPERATOR)
    bench.frame(stocked.near[1])
    bench.empty()

    with pytest.raises(OperationRefused):
        line.close(asked, SECOND, PIN)

    assert bench.to_bring_back() == [stocked.near[1]]


def test_a_box_known_by_a_linked_label_is_named_like_any_other(
    bench: Bench, stocked: City, clock: StillClock
) -> None:
    raw = "SILOG/2024/17.71/000123"
    bench.writer.run(
        lambda: reissue.link(
            bench.writer.made, stocked.near[0], raw, actor=OPERATOR, at=clock()
        )
    )
    bench.open()
    bench.frame(stocked.far[0])
    bench.raw(raw)
    bench.empty()
    entry = bench.line().acknowledge(
        _held(bench), AcknowledgeReason.SET_ASIDE, "", OPERATOR
    )
    assert entry.draft.data["bring_back"] == [stocked.near[0]]

    bench.raw(raw)
    scan = bench.entries()[-1].draft
    assert scan.verdict is Verdict.ACCEPTED
    assert len(scan.evidence) == 1, "the picture is kept"
    bench.empty()
    bench.line().take_off(stocked.near[0], OwnWords("salah"), OPERATOR)
    bench.raw(raw)
    assert bench.scans()[-1] == "ACCEPTED", "taken off, its next sight is a new scan"


def test_a_list_longer_than_an_entry_blocks_nobody(
    bench: Bench, stocked: City, clock: StillClock
) -> None:
    bench.open()
    bench.frame(stocked.far[0])
    many = [
        str(ItemId.from_number("1771", ItemKind.BOX, n)) for n in range(1, 9_000, 2)
    ]

    def name() -> None:
        with bench.writer.made.writing() as batch:
            gate = bench.settings.gate("gerbang-1")
            bring_back.record(batch, gate, "system", clock(), many)

    bench.writer.run(name)

    entry = bench.line().acknowledge(
        _held(bench), AcknowledgeReason.SET_ASIDE, "", OPERATOR
    )
    again = bench.line().start_shift(SECOND, sound_heard=True)

    told = entry.draft.data["bring_back"]
    assert isinstance(told, list)
    assert len(told) == bring_back.MOST
    assert again is not None
    assert again.draft.data["bring_back"] == told
    assert len(bench.read(lambda db: bring_back.ids(db, "gerbang-1"))) == len(many)


def test_a_cancelled_load_takes_its_list_with_it(
    bench: Bench, stocked: City, clock: StillClock
) -> None:
    load = bench.open()
    bench.frame(stocked.far[0])
    bench.frame(stocked.near[0])
    bench.empty()
    bench.line().acknowledge(_held(bench), AcknowledgeReason.SET_ASIDE, "", OPERATOR)
    assert bench.to_bring_back() == [stocked.near[0]]
    ask = bench.read(
        lambda db: cancelling.ask(
            db, load, reason="batal", first=OPERATOR, now_ms=clock().wall_ms
        )
    )

    bench.line().cancel(ask, SECOND, PIN)

    assert bench.to_bring_back() == []


def _held(bench: Bench) -> int:
    (seq,) = bench.read(lambda db: panel.open_holds(db, "gerbang-1"))
    return int(seq)


def test_an_acknowledgement_that_fails_loses_no_missed_label(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.frame(stocked.far[0])
    hold = bench.entries()[-1].seq
    bench.frame(stocked.near[0])
    bench.empty()
    line = bench.line()

    for reason, number in (
        (AcknowledgeReason.OTHER, hold),
        (AcknowledgeReason.SET_ASIDE, hold - 1),
    ):
        with pytest.raises(OperationRefused):
            line.acknowledge(number, reason, "", OPERATOR)
    with broken_ledger(bench), pytest.raises(OperationRefused):
        line.acknowledge(hold, AcknowledgeReason.SET_ASIDE, "", OPERATOR)

    entry = line.acknowledge(hold, AcknowledgeReason.SET_ASIDE, "", OPERATOR)
    assert entry.draft.data["bring_back"] == [stocked.near[0]]


def test_a_hold_outlives_the_line(bench: Bench, stocked: City) -> None:
    bench.open()
    bench.frame(stocked.far[0])
    bench.empty()
    bench.lines.clear()

    bench.frame(stocked.near[0])

    assert bench.scans() == ["MISROUTED"]


class broken_ledger:  # noqa: N801 - reads as a fact in a with statement
    """While inside, another program holds the database's write lock."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def __enter__(self) -> None:
        self.bench.read(lambda db: db.execute("PRAGMA busy_timeout = 0"))
        self.other = database._connect(self.bench.settings.database, mode="rw")
        self.other.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self.other.close()


def test_a_scan_that_cannot_be_recorded_is_loud_and_tried_again(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.hub.recorded(len(bench.entries()))
    rev = bench.hub.rev(-1, 0)
    with broken_ledger(bench):
        bench.frame(stocked.near[0])

        assert bench.guard.alarms() == ["ledger"]
        assert bench.hub.rev(-1, 0) == rev
        with pytest.raises(OperationRefused) as refused:
            bench.line().submit(
                bench.text(stocked.near[1]), ScanSource.HANDHELD, OPERATOR
            )
        assert refused.value.code is RefusalReason.LEDGER_UNCLEAR
        shown = bench.hub.picture("gerbang-1", 0, 0)
        assert shown is not None
        assert [mark.verdict for mark in shown.marks] == [None]
    assert bench.scans() == []

    for _ in range(RETRY_AFTER_MS // FRAME_MS - 2):
        bench.frame(stocked.near[0])
    assert bench.scans() == []
    assert bench.guard.alarms() == ["ledger"]
    for _ in range(2):
        bench.frame(stocked.near[0])

    assert bench.scans() == ["ACCEPTED"]
    assert bench.guard.alarms() == []
    assert bench.hub.rev(-1, 0) == rev + 1


@pytest.mark.parametrize(
    ("fault", "alarm"),
    [
        # A failing disk: nothing is tried again until the station is started anew.
        ("PRAGMA query_only = ON", "ledger"),
        # A quota of its own: the disk still tells of free space, so this must be
        # told as a failure of the ledger.
        ("PRAGMA max_page_count = 1", "ledger"),
    ],
)
def test_a_fault_of_the_disk_stays_loud_and_counts_nothing(
    fault: str, alarm: str, bench: Bench, stocked: City
) -> None:
    bench.open()
    size = len(bench.entries())
    bench.read(lambda db: db.execute(fault))
    for box in (*stocked.near, stocked.loose) * 200:
        if bench.guard.alarms():
            break
        bench.frame(box)
        bench.empty()

    assert bench.guard.alarms() == [alarm]
    # Where a box's entry found no room, a smaller one still may: use that up too.
    refused = False
    for _ in range(200):
        with contextlib.suppress(OperationRefused):
            refused = True
            bench.line().submit(
                bench.text(stocked.near[0]), ScanSource.HANDHELD, OPERATOR
            )
            refused = False
        if refused:
            break
    assert refused
    counted = bench.scans()
    bench.frame(stocked.near[0])
    with pytest.raises(OperationRefused):
        bench.line().submit(bench.text(stocked.near[0]), ScanSource.HANDHELD, OPERATOR)
    assert bench.scans() == counted
    # What names those that passed is small, and may still have found room.
    others = [e for e in bench.entries() if e.draft.data.get("event") != "undecided"]
    assert len(others) == size + len(counted)
    assert bench.guard.alarms() == [alarm]


def test_a_ledger_that_cannot_even_be_read_ends_no_camera(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.read(lambda db: db.execute("ALTER TABLE hold RENAME TO hold_away"))
    bench.frame(stocked.near[0])
    bench.empty()
    assert bench.guard.alarms() == ["ledger"]
    bench.read(lambda db: db.execute("ALTER TABLE hold_away RENAME TO hold"))

    for _ in range(RETRY_AFTER_MS // FRAME_MS):
        bench.frame(stocked.near[0])

    assert bench.scans() == ["ACCEPTED"]
    assert bench.guard.alarms() == []


def test_a_picture_that_cannot_be_kept_makes_no_entry(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    away = bench.settings.evidence.rename(bench.settings.folder / "away")
    bench.settings.evidence.write_bytes(b"a file in the way")

    bench.frame(stocked.near[0])

    assert bench.scans() == []
    assert bench.guard.alarms() == ["ledger"]
    bench.settings.evidence.unlink()
    away.rename(bench.settings.evidence)
    for _ in range(RETRY_AFTER_MS // FRAME_MS):
        bench.frame(stocked.near[0])
    assert bench.scans() == ["ACCEPTED"]


class FakeDisk:
    """How much is free on it; there is no other way to fill a disk in a test."""

    free = 0

    def __call__(self, _: Path) -> FakeDisk:
        return self


def test_a_full_disk_stops_every_scan_loudly_and_ends_by_itself(
    bench: Bench, stocked: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.open()
    size = len(bench.entries())
    monkeypatch.setattr("station.runtime.scan_stops._LOOK_EVERY_S", 0)
    monkeypatch.setattr(bench.guard, "_least_free", HUGE)

    bench.frame(stocked.near[0])
    line = bench.line()
    asked = second_signature.SigningRequest(
        act=Act.DEPART, first=OPERATOR, facts={"reason": "x"}, asked_ms=0
    )
    acts: list[Callable[[], object]] = [
        lambda: line.submit(bench.text(stocked.near[1]), ScanSource.HANDHELD, OPERATOR),
        lambda: line.close(asked, SECOND, PIN),
        lambda: line.take_off(stocked.near[1], OwnWords("x"), OPERATOR),
        lambda: line.start_shift(SECOND, sound_heard=True),
    ]
    for act in acts:
        with pytest.raises(OperationRefused, match="free the disk") as refused:
            act()
        assert refused.value.code is RefusalReason.DISK_FULL

    assert bench.guard.alarms() == ["disk"]
    assert len(bench.entries()) == size
    assert not list(bench.settings.evidence.rglob("*.jpg"))
    monkeypatch.setattr(bench.guard, "_least_free", 0)
    # Not even a scan is needed for the alarm to end.
    assert bench.guard.alarms() == []
    for _ in range(RETRY_AFTER_MS // FRAME_MS):
        bench.frame(stocked.near[0])
    assert bench.scans() == ["ACCEPTED"]


def test_a_disk_that_is_gone_counts_as_full(tmp_path: Path) -> None:
    guard = ScanStops(tmp_path / "unplugged")

    assert guard.alarms() == ["disk"]
    with pytest.raises(OperationRefused) as refused:
        guard.check()
    assert refused.value.code is RefusalReason.DISK_FULL


def test_lost_cameras_are_alarms_until_they_are_back(tmp_path: Path) -> None:
    guard = ScanStops(tmp_path, 0)

    guard.camera("b", CameraState.LOST)
    guard.camera("a", CameraState.LOST)
    guard.camera("a", CameraState.LOST)
    assert guard.alarms() == ["camera:a", "camera:b"]
    guard.camera("a", CameraState.OPENING)
    guard.camera("b", CameraState.LIVE)
    assert guard.alarms() == []
    guard.failed(StationError("x"))
    assert guard.alarms() == ["ledger"]
    guard.worked()
    assert guard.alarms() == []


def test_what_works_at_one_gate_mends_nothing_at_another(tmp_path: Path) -> None:
    guard = ScanStops(tmp_path, 0)
    guard.failed(StationError("x"), "gerbang-1")
    guard.failed(StationError("y"))

    guard.worked("gerbang-2")
    assert guard.alarms() == ["ledger"]
    guard.worked("gerbang-1")
    assert guard.alarms() == []


def test_the_acts_of_people_go_through_the_line(bench: Bench, stocked: City) -> None:
    line = bench.line()
    shift = line.start_shift("p02", sound_heard=False)
    assert line.start_shift("p02", sound_heard=False) is None, "pressed twice"
    assert shift is not None
    assert shift.draft.data == {
        "event": "shift_start",
        "before": OPERATOR,
        "sound_heard": False,
    }
    load = bench.open((Ballot.PPWP,))
    outcome = line.submit(bench.text(stocked.near[0]), ScanSource.PHOTO, "p02")
    assert outcome.decision.verdict is Verdict.ACCEPTED
    assert outcome.entry is not None
    assert outcome.entry.draft.actor == "p02"
    line.take_off(stocked.near[0], OwnWords("salah truk"), "p02")
    line.submit(bench.text(stocked.near[2]), ScanSource.HANDHELD, OPERATOR)
    bench.end(reason="truk penuh")
    ppk = bench.line("ppk")
    ppk.arrive(load, OPERATOR)
    ppk.submit(bench.text(stocked.near[2]), ScanSource.HANDHELD, OPERATOR)
    bench.end("ppk")

    (phase,) = bench.read(
        lambda db: db.execute("SELECT phase FROM consignment").fetchone()
    )
    assert phase == "accepted"
    assert bench.hub.rev(-1, 0) == len(bench.entries())


def test_the_hub_shows_each_label_in_its_verdict(bench: Bench, stocked: City) -> None:
    bench.open()
    bench.raw(bench.text(stocked.near[0]), None)

    shown = bench.hub.picture("gerbang-1", 0, 0)

    assert shown is not None
    assert [mark.verdict for mark in shown.marks] == [Verdict.ACCEPTED]
    assert (shown.width, shown.height, shown.camera) == (1280, 720, "kamera-1")
    assert bench.hub.picture("gerbang-1", shown.number, 0) is None
    assert bench.hub.picture("ppk", 0, 0) is None


def shot(camera: str, taken_ms: int, *marks: OutlinedLabel) -> Picture:
    return Picture(0, camera, camera.encode(), 1280, 720, marks, taken_ms)


def on_air(hub: Hub) -> str:
    shown = hub.picture("gerbang-1", 0, 0)
    assert shown is not None
    return shown.camera


def test_of_two_cameras_the_one_with_a_label_in_view_is_shown() -> None:
    hub, mark = Hub(), OutlinedLabel(OUTLINE, None)
    hub.show("gerbang-1", shot("kiri", 1_000))
    hub.show("gerbang-1", shot("kanan", 1_050))
    assert on_air(hub) == "kiri", "the screen does not flicker between them"

    hub.show("gerbang-1", shot("kanan", 1_100, mark))
    hub.show("gerbang-1", shot("kiri", 1_150, mark))
    hub.show("gerbang-1", shot("kiri", 1_200))
    assert on_air(hub) == "kanan"

    hub.show("gerbang-1", shot("kiri", 1_100 + SILENT_MS - 1))
    assert on_air(hub) == "kanan"
    hub.show("gerbang-1", shot("kiri", 1_100 + SILENT_MS))
    assert on_air(hub) == "kiri", "the other gives no pictures any more"


def test_a_clock_set_back_leaves_no_gate_without_its_picture() -> None:
    hub = Hub()
    hub.show("gerbang-1", shot("kiri", 9_000))
    hub.show("gerbang-1", shot("kanan", 1_000))
    assert on_air(hub) == "kanan"


def test_the_ledger_on_the_screen_never_grows_smaller() -> None:
    hub = Hub()
    hub.recorded(7)
    hub.recorded(5)
    assert hub.rev(0, 0) == 7


def test_a_closed_hub_lets_every_waiter_go() -> None:
    hub = Hub()
    done: list[object] = []
    waiters = [
        threading.Thread(target=lambda: done.append(hub.picture("g", 0, 60))),
        threading.Thread(target=lambda: done.append(hub.rev(5, 60))),
    ]
    for waiter in waiters:
        waiter.start()

    hub.close()

    for waiter in waiters:
        waiter.join(30)
    assert sorted(map(str, done)) == ["0", "None"]
    assert hub.closed


def test_without_a_shift_cameras_record_nothing_and_the_next_shift_names_what_passed(
    bench: Bench, stocked: City
) -> None:
    bench.manned = False
    bench.open()

    bench.frame(stocked.near[0])
    bench.empty()
    bench.frame(stocked.near[1])

    assert bench.scans() == []
    shift = bench.line().start_shift(SECOND, sound_heard=True)
    bench.frame(stocked.near[1])
    assert shift is not None
    assert shift.draft.data["bring_back"] == [stocked.near[0]]
    assert bench.scans() == ["ACCEPTED"], "what is in view is decided now"
    assert bench.entries()[-1].draft.actor == SECOND
    bench.line().end_shift(SECOND)
    bench.empty()
    bench.frame(stocked.near[0])
    assert bench.scans() == ["ACCEPTED"]


def test_a_shift_handed_over_changes_who_records_and_nothing_else(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.frame(stocked.far[0])
    hold = bench.entries()[-1].seq
    with pytest.raises(OperationRefused) as refused:
        bench.line().hand_over(SECOND, OPERATOR)
    assert refused.value.code is RefusalReason.NOT_YOURS

    bench.line().hand_over(OPERATOR, SECOND)
    bench.frame(stocked.near[0], stocked.far[0])

    assert bench.scans() == ["MISROUTED"], "still held"
    bench.line().acknowledge(hold, AcknowledgeReason.SET_ASIDE, "", SECOND)
    bench.frame(stocked.near[0])
    assert bench.scans() == ["MISROUTED", "ACCEPTED"]
    assert bench.entries()[-1].draft.actor == SECOND


def test_a_line_sees_what_was_done_elsewhere(bench: Bench, stocked: City) -> None:
    bench.open()
    bench.frame(stocked.near[0])
    with_shift = bench.line()

    def erase() -> None:
        with bench.writer.made.writing() as batch:
            directory.erase(batch, OPERATOR, bench.clock())

    bench.writer.run(erase)
    with_shift.renew()
    bench.frame(stocked.near[1])

    assert bench.scans() == ["ACCEPTED"], "who was erased records nothing more"


def test_a_box_that_stays_in_view_is_decided_again_for_the_next_load(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.frame(stocked.near[0])
    bench.end(reason="truk penuh")
    assert _marks(bench, bench.frame(stocked.near[0])) == [None]

    bench.line().open(OpeningOrder(area=FAR, kinds=tuple(Ballot)), OPERATOR)
    seen = bench.frame(stocked.near[0])

    assert bench.scans() == ["ACCEPTED", "MISROUTED"]
    assert bench.entries()[-1].draft.event.wall_ms == seen.taken.wall_ms
    assert _marks(bench, seen) == [Verdict.MISROUTED]


def test_a_box_taken_off_while_in_view_is_green_no_more(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    bench.frame(stocked.near[0])

    bench.line().take_off(stocked.near[0], OwnWords("salah truk"), OPERATOR)

    assert _marks(bench, bench.frame(stocked.near[0])) == [None]
    assert bench.scans() == ["ACCEPTED"]


def _marks(bench: Bench, view: FrameResult) -> list[Verdict | None]:
    shown = bench.hub.picture("gerbang-1", 0, 0)
    assert shown is not None
    assert shown.taken_ms == view.taken.wall_ms
    return [mark.verdict for mark in shown.marks]


def test_what_passes_while_nothing_can_be_recorded_is_named_as_soon_as_it_can_be(
    bench: Bench, stocked: City
) -> None:
    bench.open()
    with broken_ledger(bench):
        bench.frame(stocked.near[0])
        assert bench.guard.alarms() == ["ledger"]
        bench.empty(600)
        bench.frame(stocked.near[1])
        bench.empty(600)
    bench.empty(3_000)
    assert bench.scans() == []

    told = [e.draft for e in bench.entries() if e.draft.data.get("bring_back")]
    assert [draft.data["event"] for draft in told] == ["undecided"]
    assert told[0].data["bring_back"] == [stocked.near[0], stocked.near[1]]
    assert told[0].consignment == bench.entries()[-1].draft.consignment
    assert bench.to_bring_back() == [stocked.near[0], stocked.near[1]]
