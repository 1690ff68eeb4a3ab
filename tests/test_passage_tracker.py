from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.camera_frames import FrameResult, Quad, Reader, Symbol
from station.capture.passage_tracker import PassageTracker
from station.model import Instant, Verdict

A, B = "J1-A", "J1-B"


def box(x: int = 100, y: int = 100, side: int = 80) -> Quad:
    return (x, y), (x + side, y), (x + side, y + side), (x, y + side)


def view(ms: int, *seen: str | None, camera: str = "k1", x: int = 100) -> FrameResult:
    symbols = tuple(
        Symbol(text, box(x + 200 * i), Reader.ZXING) for i, text in enumerate(seen)
    )
    return FrameResult(
        camera, ms, Instant(ms + 10**12, ms), 1280, 720, symbols, b"", 15.0, 5.0
    )


def texts(passing: PassageTracker, *, held: bool = False) -> list[str]:
    return [track.text for track in passing.due(held=held)]


def scans(frames: list[FrameResult]) -> list[str]:
    """Feed the frames, deciding at once; the texts of all scans."""
    passing, made = PassageTracker(), []
    for frame in frames:
        passing.update(frame)
        for track in passing.due(held=False):
            passing.decided(track.text, Verdict.ACCEPTED)
            made.append(track.text)
    return made


def steady(start: int, end: int, *seen: str, camera: str = "k1") -> list[FrameResult]:
    return [view(ms, *seen, camera=camera) for ms in range(start, end, 66)]


def merged(*parts: list[FrameResult]) -> list[FrameResult]:
    return sorted((v for part in parts for v in part), key=lambda v: v.taken.mono_ms)


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        pytest.param(steady(0, 9000, A), [A], id="stands-still"),
        pytest.param(steady(0, 500, A, B), [A, B], id="two-in-a-frame"),
        pytest.param(
            [*steady(0, 500, A), *steady(500, 2300), *steady(2300, 2600, A)],
            [A],
            id="missed-for-1.8-s",
        ),
        pytest.param(
            [*steady(0, 500, A), *steady(500, 2700), *steady(2700, 3000, A)],
            [A, A],
            id="gone-for-2.2-s-and-back",
        ),
        pytest.param(
            [*steady(0, 500, A), view(60_000), *steady(60_066, 61_000, A)],
            [A],
            id="frozen-camera-ends-nothing",
        ),
        pytest.param(
            merged(steady(0, 1000, A), steady(300, 1500, A, camera="k2")),
            [A],
            id="two-cameras-one-passing",
        ),
        pytest.param(
            merged(
                [*steady(0, 300, A), *steady(300, 5000)],
                steady(200, 5000, A, camera="k2"),
            ),
            [A],
            id="still-seen-by-the-other-camera",
        ),
    ],
)
def test_passing_makes_one_scan(frames: list[FrameResult], expected: list[str]) -> None:
    assert scans(frames) == expected


@pytest.mark.parametrize(("back_at", "expected"), [(1_999, 1), (2_000, 2)])
def test_passing_ends_after_two_seconds_without_a_read(
    back_at: int, expected: int
) -> None:
    frames = [view(0, A), *(view(ms) for ms in range(400, 2_000, 400))]
    assert len(scans([*frames, view(back_at, A)])) == expected


@pytest.mark.parametrize(("left_ms", "seen"), [(499, True), (500, False)])
def test_label_is_in_view_for_half_a_second_after_its_last_read(
    left_ms: int, *, seen: bool
) -> None:
    passing = PassageTracker()
    passing.update(view(0, A))
    passing.update(view(left_ms))

    assert texts(passing) == ([A] if seen else [])
    assert len(passing.in_view("k1")) == int(seen)


def test_track_holds_the_first_picture() -> None:
    passing = PassageTracker()
    passing.update(view(5, A, x=10))
    passing.update(view(70, A, x=30))

    (track,) = passing.due(held=False)

    assert track.seen == Instant(10**12 + 5, 5)
    assert track.outline == box(10)
    assert (track.camera, track.width, track.height) == ("k1", 1280, 720)


def test_held_gate_decides_what_is_still_in_view_at_release() -> None:
    passing = PassageTracker()
    for frame in steady(0, 3000, A):
        passing.update(frame)
        assert texts(passing, held=True) == []

    assert texts(passing) == [A]
    assert passing.take_missed() == []


def test_held_gate_lists_what_came_and_left() -> None:
    passing = PassageTracker()
    for frame in [*steady(0, 500, A), *steady(500, 1500, B), *steady(1500, 5000, B)]:
        passing.update(frame)
        passing.due(held=True)

    assert passing.take_missed() == [A]
    assert passing.take_missed() == []
    assert texts(passing) == [B]


def test_missed_label_that_left_less_than_2_s_ago_is_listed_and_not_decided() -> None:
    passing = PassageTracker()
    for frame in [*steady(0, 500, A), *steady(500, 1200)]:
        passing.update(frame)
        passing.due(held=True)

    assert texts(passing) == []
    assert passing.take_missed() == [A]


def test_missed_label_that_is_brought_back_is_decided() -> None:
    passing = PassageTracker()
    for frame in [*steady(0, 500, A), *steady(500, 1200)]:
        passing.update(frame)
        passing.due(held=True)
    passing.take_missed()

    passing.update(view(1300, A))

    assert texts(passing) == [A]


def test_label_decided_before_the_hold_is_not_missed() -> None:
    passing = PassageTracker()
    passing.update(view(0, A))
    passing.decided(A, Verdict.UNKNOWN)
    for frame in steady(66, 4000):
        passing.update(frame)
        passing.due(held=True)

    assert passing.take_missed() == []


def test_frozen_camera_shows_nothing_as_due_when_it_returns_without_the_label() -> None:
    passing = PassageTracker()
    passing.update(view(0, A))
    passing.due(held=True)
    passing.update(view(300_000))

    assert texts(passing) == []
    assert passing.take_missed() == [A]


def held_by_a_dead_camera(*, told: bool) -> PassageTracker:
    """A is read by k1, which dies; k2 runs on for 6 s and never sees A."""
    passing = PassageTracker()
    for frame in merged(steady(0, 1000, A), steady(0, 1000, camera="k2")):
        passing.update(frame)
        passing.due(held=True)
    if told:
        passing.lost("k1", 1500)
    for frame in steady(1066, 7000, camera="k2"):
        passing.update(frame)
        passing.due(held=True)
    return passing


def test_lost_camera_hands_its_passing_to_the_others() -> None:
    passing = held_by_a_dead_camera(told=True)
    passing.update(view(7066, A, camera="k2"))

    (track,) = passing.due(held=False)

    assert track.camera == "k2"
    assert passing.take_missed() == [A]


def test_silent_camera_that_nobody_calls_lost_ends_nothing() -> None:
    passing = held_by_a_dead_camera(told=False)
    passing.update(view(7066, A, camera="k2"))

    (track,) = passing.due(held=False)

    assert track.camera == "k1"


def test_camera_lost_for_a_moment_goes_on_as_before() -> None:
    frames = merged(
        [*steady(0, 1000, A), *steady(2900, 4000, A)],
        steady(0, 4000, camera="k2"),
    )
    passing, made = PassageTracker(), 0
    for frame in frames:
        if 1200 < frame.taken.mono_ms < 2900:
            passing.lost("k1", 1200)
        passing.update(frame)
        for track in passing.due(held=False):
            passing.decided(track.text, Verdict.ACCEPTED)
            made += 1

    assert made == 1


def test_what_a_lost_camera_saw_is_not_decided_as_if_it_were_in_view() -> None:
    passing = PassageTracker()
    for frame in merged(steady(0, 1000, A), steady(0, 1000, camera="k2")):
        passing.update(frame)
        passing.due(held=True)
    passing.lost("k1", 1000)

    passing.update(view(3066, camera="k2"))

    assert texts(passing) == []
    assert passing.in_view("k2") == []
    assert passing.take_missed() == [A]


def test_only_camera_that_is_lost_ends_nothing() -> None:
    passing = PassageTracker()
    passing.update(view(0, A))
    passing.decided(A, Verdict.ACCEPTED)
    passing.lost("k1", 100)

    passing.update(view(60_000, A))

    assert texts(passing) == []


def taken_off(passing: PassageTracker, now_ms: int) -> None:
    passing.forget(lambda text: text == A, now_ms)


def test_forgotten_passing_is_a_new_scan_at_the_next_sight() -> None:
    passing = PassageTracker()
    passing.update(view(0, A, B))
    for text in (A, B):
        passing.decided(text, Verdict.ACCEPTED)
    taken_off(passing, 60_000)  # the camera has been silent for a minute

    passing.update(view(60_066, A, B, camera="k2"))

    assert texts(passing) == [A]


def test_forgotten_passing_goes_on_while_a_camera_sees_the_label() -> None:
    passing = PassageTracker()
    passing.update(view(0, A))
    passing.decided(A, Verdict.ACCEPTED)
    taken_off(passing, 500)

    for frame in steady(66, 3000, A):
        passing.update(frame)

    assert texts(passing) == []


def test_undecided_passing_is_not_forgotten() -> None:
    passing = PassageTracker()
    passing.update(view(0, A))
    passing.due(held=True)
    taken_off(passing, 60_000)

    for frame in steady(60_066, 63_500):
        passing.update(frame)

    assert passing.take_missed() == [A]


def test_in_view_tells_text_outline_and_verdict_per_camera() -> None:
    passing = PassageTracker()
    passing.update(view(0, A, B))
    passing.decided(A, Verdict.MISROUTED)

    found = {s.text: (s.verdict, s.decided, s.outline) for s in passing.in_view("k1")}

    assert found == {
        A: (Verdict.MISROUTED, True, box(100)),
        B: (None, False, box(300)),
    }
    assert passing.in_view("k2") == []


def test_in_view_forgets_a_label_after_half_a_second() -> None:
    passing = PassageTracker()
    passing.update(view(0, A))
    for frame in steady(66, 700):
        passing.update(frame)

    assert passing.in_view("k1") == []


def test_unread_is_told_once_after_700_ms_and_again_when_it_comes_back() -> None:
    passing, told = PassageTracker(), []
    frames = [view(ms, None) for ms in range(0, 2000, 66)]
    frames += steady(2000, 3000)
    frames += [view(ms, None) for ms in range(3000, 4000, 66)]
    for frame in frames:
        passing.update(frame)
        told += [frame.taken.mono_ms for _ in passing.unread("k1")]

    assert len(told) == 2
    assert told[0] == 726
    assert 3700 <= told[1] <= 3800


@pytest.mark.parametrize("every", [3, 4])
def test_unread_box_that_flickers_is_no_alarm(every: int) -> None:
    passing, told = PassageTracker(), 0
    for i in range(200):
        passing.update(view(i * 66, *([None] if i % every == 0 else [])))
        told += len(passing.unread("k1"))

    assert told == 0


def test_unread_box_where_a_label_was_just_read_is_no_alarm() -> None:
    passing, told = PassageTracker(), 0
    for i in range(100):
        passing.update(view(i * 66, A if i % 10 == 0 else None))
        told += len(passing.unread("k1"))

    assert told == 0


def test_unread_box_is_shown_with_its_verdict() -> None:
    passing = PassageTracker()
    for ms in range(0, 800, 66):
        passing.update(view(ms, None))

    assert [(s.text, s.verdict) for s in passing.in_view("k1")] == [
        (None, Verdict.UNREAD)
    ]


frame_lists = st.lists(
    st.tuples(
        st.integers(1, 5000),
        st.sets(st.sampled_from([A, B]), max_size=2),
        st.sampled_from(["k1", "k2"]),
        st.booleans(),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(frame_lists)
def test_every_text_seen_is_decided_or_missed_and_never_both_in_one_passing(
    steps: list[tuple[int, set[str], str, bool]],
) -> None:
    passing, now = PassageTracker(), 0
    decided: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    seen: set[str] = set()
    for step, present, camera, held in steps:
        now += step
        passing.update(view(now, *sorted(present), camera=camera))
        seen |= present
        for track in passing.due(held=held):
            assert any(
                track.text == s.text for c in ("k1", "k2") for s in passing.in_view(c)
            )
            passing.decided(track.text, Verdict.ACCEPTED)
            decided[track.text] += 1
        if not held:
            missed.update(passing.take_missed())
    for _ in range(30):  # everything leaves while the cameras run on
        for camera in ("k1", "k2"):
            now += 100
            passing.update(view(now, camera=camera))
            passing.due(held=True)
    missed.update(passing.take_missed())

    assert set(decided) | set(missed) == seen
    assert not passing.in_view("k1")
    assert not passing.in_view("k2")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=60))
def test_label_never_unread_for_2_s_makes_one_scan(steps: list[int]) -> None:
    now, frames = 0, []
    for i, step in enumerate(steps):
        now += step
        frames.append(view(now, *([A] if i % 5 == 0 else [])))

    assert scans(frames) == [A]


def test_what_stands_unread_in_the_place_of_a_label_that_left_is_told() -> None:
    """Another box: 1.7 s suffice, although the passing of the first lasts 2 s."""
    passing = PassageTracker()
    passing.update(view(0, A))
    told = []
    for ms in range(100, 2_000, 100):
        passing.update(view(ms, None))
        told += passing.unread("k1")

    assert len(told) == 1
