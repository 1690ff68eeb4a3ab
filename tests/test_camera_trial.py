"""The test label at a gate: never an item, and the cameras' trial in a shift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from labels.label_code import LabelCode
from labels.trial_label import trial_code, trial_item
from station.camera_frames import CameraState, ScanSource
from station.capture.read_rate_trial import FRAMES
from station.custody.entry_data.words import AcknowledgeReason, TakeOff
from station.custody.gate import panel
from station.errors import OperationRefused, RefusalReason
from station.model import EntryType
from tests.conftest import OPERATOR, SECOND
from tests.test_camera_pipeline import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.ledger.log import Log
    from station.settings.station_toml import Settings
    from tests.conftest import City, StillClock


@pytest.fixture
def bench(
    settings: Settings, clock: StillClock, city: City, log: Log
) -> Iterator[Bench]:
    assert city.near
    log.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    made = Bench(settings, clock)
    yield made
    made.close()


def trial_text(bench: Bench) -> str:
    return str(trial_code("1771", bench.key))


def hold_up(bench: Bench, frames: int = FRAMES, camera: str = "kamera-1") -> None:
    for _ in range(frames):
        bench.raw(trial_text(bench), camera=camera)


def checks(bench: Bench) -> list[Any]:
    return [
        entry
        for entry in bench.entries()
        if entry.draft.data.get("event") == "shift_check"
    ]


def test_trial_in_a_shift_is_an_entry_with_its_figures(bench: Bench) -> None:
    bench.line().start_shift(SECOND, sound_heard=True)

    hold_up(bench)

    (entry,) = checks(bench)
    assert entry.draft.type is EntryType.SYSTEM
    assert (entry.draft.actor, entry.draft.gate) == (SECOND, "gerbang-1")
    assert entry.draft.items == ()
    assert entry.draft.evidence == ()
    assert dict(entry.draft.data) == {
        "event": "shift_check",
        "camera": "kamera-1",
        "good": True,
        "frames": 30,
        "read": 30,
        "px_per_100_modules": 200,
        "frames_per_10_s": 100,
        "light": None,
        "contrast": None,
        "sound_heard": True,
    }
    assert bench.read(lambda db: panel.panel(db, bench.settings.gates[0])).tried


def test_trial_that_reads_too_little_is_recorded_and_not_good(bench: Bench) -> None:
    line = bench.line()
    hold_up(bench, 20)
    for _ in range(10):
        bench.frame()

    (entry,) = checks(bench)
    assert (entry.draft.data["read"], entry.draft.data["good"]) == (20, False)
    assert not bench.read(lambda db: panel.panel(db, bench.settings.gates[0])).tried
    assert line.name == "gerbang-1"


def test_camera_is_tried_once_a_shift_and_again_in_the_next(bench: Bench) -> None:
    for _ in range(2):
        hold_up(bench)
        bench.empty()
    assert len(checks(bench)) == 1

    bench.line().start_shift(OPERATOR, sound_heard=False)
    assert not bench.read(lambda db: panel.panel(db, bench.settings.gates[0])).tried
    hold_up(bench)

    assert [entry.draft.data["sound_heard"] for entry in checks(bench)] == [True, False]


def test_shift_that_was_handed_over_tries_its_cameras_anew(bench: Bench) -> None:
    hold_up(bench)
    bench.line().hand_over(OPERATOR, SECOND)
    bench.empty()
    hold_up(bench)

    assert [entry.draft.actor for entry in checks(bench)] == [OPERATOR, SECOND]
    assert checks(bench)[1].draft.data["sound_heard"] is None


def test_without_a_shift_nothing_is_tried(bench: Bench) -> None:
    bench.line().end_shift(OPERATOR)

    hold_up(bench)

    assert checks(bench) == []


def test_trial_that_could_not_be_recorded_is_recorded_later(bench: Bench) -> None:
    bench.line()
    bench.guard.begin(
        "power", OperationRefused(RefusalReason.POWER_LOW, "Battery at 4 %.")
    )
    hold_up(bench)
    assert checks(bench) == []

    bench.guard.end("power")
    bench.empty(4_000)

    assert len(checks(bench)) == 1


def test_test_label_is_no_item_whatever_is_open(bench: Bench, city: City) -> None:
    bench.open()
    size = len(bench.entries())
    hold_up(bench, 5)

    for text, source in (
        (trial_text(bench), ScanSource.HANDHELD),
        (trial_text(bench).lower(), ScanSource.HANDHELD),
        (trial_text(bench), ScanSource.PHOTO),
        (trial_item("1771").as_hri(), ScanSource.TYPED),
    ):
        outcome = bench.line().submit(text, source, OPERATOR)
        assert outcome.decision.verdict is None
        assert outcome.decision.item == "1771-X-00000"
        assert outcome.entry is None

    assert len(bench.entries()) == size
    bench.frame(city.near[0])
    assert bench.scans() == ["ACCEPTED"]


def test_test_label_of_another_key_is_unknown(bench: Bench) -> None:
    bench.open()
    forged = str(LabelCode.issue(trial_item("1771"), 1, bytes(32)))

    bench.raw(forged)

    assert bench.scans() == ["UNKNOWN"]


def test_test_label_that_left_while_held_is_not_to_be_brought_back(
    bench: Bench, city: City
) -> None:
    bench.open()
    bench.frame(city.far[0])
    (hold,) = bench.read(lambda db: panel.open_holds(db, "gerbang-1"))
    hold_up(bench, 5)
    bench.empty()

    entry = bench.line().acknowledge(hold, AcknowledgeReason.SET_ASIDE, "", OPERATOR)

    assert not entry.draft.data["bring_back"]


def test_hub_tells_how_far_the_trial_has_come(bench: Bench) -> None:
    bench.line()
    hold_up(bench, 12)

    picture = bench.hub.picture("gerbang-1", 0, 0)

    assert picture is not None
    assert picture.tried is not None
    assert (picture.tried.read, picture.tried.frames) == (12, 12)
    assert not picture.tried.ended


# --- a camera that is lost -------------------------------------------------------


def test_box_that_a_dead_camera_saw_is_scanned_by_the_other_one(
    bench: Bench, city: City
) -> None:
    bench.open()
    bench.frame(city.near[0], camera="kamera-1")
    bench.frame(camera="kamera-2")
    bench.line().cameras.on_state("kamera-1", CameraState.LOST)
    bench.empty(6_000, camera="kamera-2")

    bench.frame(city.near[0], camera="kamera-2")

    assert bench.scans() == ["ACCEPTED", "REPEATED"]


def test_item_taken_off_is_counted_at_its_next_sight_though_its_camera_froze(
    bench: Bench, city: City
) -> None:
    bench.open()
    bench.frame(city.near[0], camera="kamera-1")  # and nothing more from this camera
    bench.empty(3_000, camera="kamera-2")
    bench.line().take_off(city.near[0], TakeOff.WRONG_TRUCK, OPERATOR)

    bench.frame(city.near[0], camera="kamera-2")

    assert bench.scans() == ["ACCEPTED", "ACCEPTED"]


def test_item_taken_off_before_the_camera_is_not_counted_again(
    bench: Bench, city: City
) -> None:
    bench.open()
    bench.frame(city.near[0])
    bench.line().take_off(city.near[0], TakeOff.WRONG_TRUCK, OPERATOR)

    for _ in range(30):
        bench.frame(city.near[0])
    assert bench.scans() == ["ACCEPTED"]

    bench.empty()
    bench.frame(city.near[0])
    assert bench.scans() == ["ACCEPTED", "ACCEPTED"]
