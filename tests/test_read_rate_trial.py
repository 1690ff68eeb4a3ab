from __future__ import annotations

import pytest

from station.camera_advice import LabelSight, Sight, TrialCount
from station.camera_frames import FrameResult, Quad, Reader, Symbol
from station.capture.read_rate_trial import FRAMES, Trial, Trials
from station.model import Instant

TEST, OTHER = "J1-TEST", "J1-A"
SIGHT = Sight(
    110,
    LabelSight(
        read=True, px_per_module=4.0, contrast=180, blur_modules=0.2, smear_modules=0.1
    ),
)


def box(side: int) -> Quad:
    return (100, 100), (100 + side, 100), (100 + side, 100 + side), (100, 100 + side)


def view(ms: int, *seen: str, camera: str = "k1", side: int = 100) -> FrameResult:
    symbols = tuple(Symbol(text, box(side), Reader.ZXING) for text in seen)
    return FrameResult(
        camera, ms, Instant(ms, ms), 1280, 720, symbols, b"", 15.0, 5.0, SIGHT
    )


def tried(
    trials: Trials, views: list[FrameResult], *, wanted: bool = True
) -> list[Trial]:
    ended = [trials.update(v, wanted=wanted) for v in views]
    return [trial for trial in ended if trial is not None]


def steady(
    start: int, frames: int, *seen: str, camera: str = "k1"
) -> list[FrameResult]:
    return [view(start + 66 * n, *seen, camera=camera) for n in range(frames)]


def test_label_held_still_is_read_in_every_frame() -> None:
    (trial,) = tried(Trials(TEST), steady(0, 40, TEST))

    assert trial == Trial(
        "k1", TrialCount(FRAMES, FRAMES, ended=True), 4.0, 15.0, SIGHT
    )
    assert trial.count.good


@pytest.mark.parametrize(("missed", "good"), [(3, True), (4, False)])
def test_trial_is_good_where_nine_of_ten_frames_are_read(
    missed: int, *, good: bool
) -> None:
    frames = steady(0, FRAMES - missed, TEST) + steady(3000, missed)

    (trial,) = tried(Trials(TEST), frames)

    assert trial.count == TrialCount(FRAMES - missed, FRAMES, ended=True)
    assert trial.count.good is good


def test_frames_before_the_label_came_do_not_count() -> None:
    (trial,) = tried(Trials(TEST), steady(0, 90, OTHER) + steady(6000, 30, TEST))

    assert trial.count == TrialCount(30, 30, ended=True)


def test_slow_camera_is_tried_for_ten_seconds() -> None:
    (trial,) = tried(Trials(TEST), [view(1000 * n, TEST) for n in range(12)])

    assert trial.count == TrialCount(11, 11, ended=True)


def test_size_is_the_median_of_what_was_read() -> None:
    views = [view(66 * n, TEST, side=50 if n < 10 else 75) for n in range(FRAMES)]

    (trial,) = tried(Trials(TEST), views)

    assert trial.px_per_module == 3.0


def test_nothing_is_tried_that_nobody_wants() -> None:
    trials = Trials(TEST)

    assert tried(trials, steady(0, 60, TEST), wanted=False) == []
    assert trials.count("k1") is None


def test_shift_that_begins_with_the_label_in_view_is_tried() -> None:
    trials = Trials(TEST)
    tried(trials, steady(0, 60, TEST), wanted=False)

    assert len(tried(trials, steady(4000, 30, TEST))) == 1


def test_label_left_in_view_is_tried_once() -> None:
    assert len(tried(Trials(TEST), steady(0, 300, TEST))) == 1


def test_label_that_comes_again_is_tried_again() -> None:
    frames = steady(0, 40, TEST) + steady(2700, 40) + steady(5400, 40, TEST)

    assert len(tried(Trials(TEST), frames)) == 2


def test_each_camera_is_tried_by_itself() -> None:
    trials = Trials(TEST)
    one, two = steady(0, 20, TEST), steady(30, 30, TEST, camera="k2")

    (trial,) = tried(trials, sorted(one + two, key=lambda found: found.taken.mono_ms))

    assert trial.camera == "k2"
    assert trials.count("k1") == TrialCount(20, 20, ended=False)
    assert trials.count("k2") == TrialCount(30, 30, ended=True)


def test_another_shift_knows_nothing_of_the_last_trial() -> None:
    trials = Trials(TEST)
    tried(trials, steady(0, 40, TEST))
    trials.forget()

    assert trials.count("k1") is None
    assert len(tried(trials, steady(3000, 30, TEST))) == 1
