from __future__ import annotations

import pytest

from station.camera_advice import (
    Advice,
    Gauge,
    Grade,
    LabelSight,
    Sight,
    advice,
    readings,
)

GOOD = LabelSight(
    read=True, px_per_module=4.0, contrast=180, blur_modules=0.2, smear_modules=0.2
)


def told(sight: Sight, fps: float = 15.0) -> Advice:
    return advice(readings(sight, fps, 15.0), sight)


def label(**changed: float) -> LabelSight:
    facts = {
        "px_per_module": 4.0,
        "contrast": 180,
        "blur_modules": 0.2,
        "smear_modules": 0.2,
    }
    return LabelSight(read=True, **(facts | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("px", "grade"),
    [(1.0, Grade.BAD), (1.79, Grade.BAD), (1.8, Grade.FAIR), (3.0, Grade.GOOD)],
)
def test_size_is_graded_by_the_limit_and_by_comfort(px: float, grade: Grade) -> None:
    size = readings(Sight(120, label(px_per_module=px)), 15, 15)[0]

    assert (size.gauge, size.value, size.grade) == (Gauge.SIZE, px, grade)


@pytest.mark.parametrize(
    ("sight", "expected"),
    [
        (Sight(120, GOOD), Advice.FINE),
        (Sight(120), Advice.SHOW),
        (Sight(20), Advice.LIGHT),
        (Sight(120, label(px_per_module=2.0)), Advice.CLOSER),
        (Sight(120, label(px_per_module=2.0, smear_modules=2.0)), Advice.SLOWER),
        (Sight(120, label(contrast=20)), Advice.LIGHT),
        (Sight(200, label(contrast=20)), Advice.GLARE),
        (Sight(120, label(blur_modules=0.8)), Advice.FOCUS),
        # Small in the picture, and as sharp as that can be.
        (Sight(120, label(px_per_module=3.1, blur_modules=0.5)), Advice.FINE),
        (Sight(120, label(px_per_module=6.0, blur_modules=0.5)), Advice.FOCUS),
    ],
)
def test_advice_is_the_worst_fault(sight: Sight, expected: Advice) -> None:
    assert told(sight) is expected


@pytest.mark.parametrize(
    ("fps", "expected"), [(15, Advice.FINE), (9, Advice.RATE), (3, Advice.RATE)]
)
def test_few_pictures_a_second_are_told(fps: float, expected: Advice) -> None:
    assert told(Sight(120, GOOD), fps) is expected


def test_every_gauge_is_told_with_and_without_a_label() -> None:
    for sight in (Sight(120), Sight(120, GOOD)):
        assert [r.gauge for r in readings(sight, 15, 15)] == list(Gauge)


@pytest.mark.parametrize("fine", [True, False])
def test_bar_is_past_two_thirds_only_where_all_is_well(*, fine: bool) -> None:
    sight = (
        GOOD
        if fine
        else label(px_per_module=2.9, contrast=59, blur_modules=0.69, smear_modules=0.8)
    )

    for reading in readings(Sight(120, sight), 15 if fine else 10, 15):
        assert (reading.share >= 2 / 3) is fine, reading
        assert (reading.grade is Grade.GOOD) is fine, reading
