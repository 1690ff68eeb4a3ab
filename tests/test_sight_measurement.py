"""What is measured of a label, against labels that were drawn so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2  # noqa: TID251 - blurs and moves what a camera would see
import numpy as np
import pytest

from station.bench import synthetic_frames
from station.camera_advice import Advice, Sight, advice, readings
from station.camera_frames import Reader, Symbol
from station.capture.decoding.decoder import still
from station.capture.decoding.engines import zxing
from station.capture.jpeg import grey_of
from station.capture.sight_measurement import LegibilityMeter, sight_of
from tests.capture_pictures import foreign, jpeg, label, pasted, wall

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from station.camera_advice import LabelSight

CODE = "J11771X00000ABCDEF00"
SEEDS = range(6)


def smear(px: int, turned: float) -> NDArray[np.float32]:
    """The way of a point while the shutter is open: a line of so many pixels."""
    side = 2 * px + 1
    line = np.zeros((side, side), np.float32)
    for at in np.linspace(-px / 2, px / 2, 40 * px):
        x, y = px + at * np.cos(turned), px + at * np.sin(turned)
        line[round(float(y)), round(float(x))] += 1
    return np.asarray(line / line.sum(), np.float32)


def spot(radius_px: int) -> NDArray[np.float32]:
    """What an unfocused lens makes of a point."""
    side = 2 * radius_px + 1
    y, x = np.mgrid[-radius_px : radius_px + 1, -radius_px : radius_px + 1]
    disc = ((x**2 + y**2) <= radius_px**2).astype(np.float32)
    assert disc.shape == (side, side)
    return np.asarray(disc / disc.sum(), np.float32)


def seen(
    px: float, kernel: NDArray[np.float32] | None = None, light: float = 1.0
) -> list[LabelSight]:
    """Labels measured where they were found before the picture was spoilt."""
    found = []
    for seed in SEEDS:
        frame = synthetic_frames.drawn(480, 360, [CODE], px, seed)
        (symbol,) = still(frame)
        if kernel is not None:
            frame = cv2.filter2D(frame, -1, kernel).astype(np.uint8)
        frame = np.clip(frame * light, 0, 255).astype(np.uint8)
        sight = sight_of(frame, [symbol]).label
        assert sight is not None
        found.append(sight)
    return found


@pytest.mark.parametrize("px", [1.8, 2.3, 3.0, 4.0, 6.0])
def test_pixels_per_module_are_those_that_were_drawn(px: float) -> None:
    for sight in seen(px):
        assert sight.px_per_module == pytest.approx(px, rel=0.04)
        assert sight.read


def test_label_seen_from_the_side_has_the_pixels_of_its_shorter_side() -> None:
    frame = synthetic_frames.drawn(480, 360, [CODE], 6.0, 3)
    (symbol,) = zxing(frame)
    narrow = cv2.resize(frame, (240, 360), interpolation=cv2.INTER_AREA)
    a, b, c, d = ((x // 2, y) for x, y in symbol.outline)

    sight = sight_of(
        narrow.astype(np.uint8), [Symbol(CODE, (a, b, c, d), Reader.ZXING)]
    ).label

    assert sight is not None
    assert 3.0 <= sight.px_per_module <= 5.0


@pytest.mark.parametrize("px", [2.3, 4.0, 6.0])
def test_sharp_label_at_rest_is_neither_blurred_nor_smeared(px: float) -> None:
    for sight in seen(px):
        assert sight.blur_px < 1.4
        assert sight.smear_modules < 0.5


@pytest.mark.parametrize("radius_px", [2, 3])
def test_blur_grows_with_the_spot_of_the_lens(radius_px: int) -> None:
    for sight in seen(4.0, spot(radius_px)):
        assert sight.blur_modules == pytest.approx(radius_px / 4, abs=0.12)
        assert sight.smear_modules < 0.75


@pytest.mark.parametrize("turned", [0.0, 0.8, 1.57, 2.5])
@pytest.mark.parametrize("modules", [1.0, 1.5])
def test_smear_is_as_long_as_the_label_moved(modules: float, turned: float) -> None:
    for sight in seen(4.0, smear(round(4 * modules), turned)):
        assert sight.smear_modules == pytest.approx(modules, rel=0.25)


def test_light_is_the_paper_against_the_ink() -> None:
    bright, dim = seen(4.0), seen(4.0, light=0.2)

    for whole, fifth in zip(bright, dim, strict=True):
        assert fifth.contrast == pytest.approx(whole.contrast / 5, abs=3)


def test_picture_without_a_label_tells_its_light_alone() -> None:
    assert sight_of(wall(), []) == Sight(light=110)


def test_symbols_of_others_are_not_measured() -> None:
    picture = pasted(wall(), foreign("https://example.org/a/long/address/indeed"), 9, 9)
    symbols = zxing(picture)

    assert [symbol.text is None for symbol in symbols] == [False]
    assert sight_of(picture, symbols).label is None


def test_label_that_was_read_comes_before_a_larger_one_that_was_not() -> None:
    picture = pasted(wall(), label(CODE, 3), 40, 40)
    (read,) = zxing(picture)
    unread = Symbol(None, ((500, 200), (800, 200), (800, 500), (500, 500)), read.reader)

    sight = sight_of(picture, [unread, read]).label

    assert sight is not None
    assert sight.read
    assert sight.px_per_module == pytest.approx(3.0, rel=0.05)


@pytest.mark.parametrize(
    "outline",
    [
        ((5, 5), (5, 5), (5, 5), (5, 5)),
        ((-60, -60), (-10, -60), (-10, -10), (-60, -10)),
        ((1270, 700), (1400, 700), (1400, 900), (1270, 900)),
    ],
)
def test_any_outline_is_measured_or_left_out(outline: object) -> None:
    symbol = Symbol(None, outline, Reader.ZXING)  # type: ignore[arg-type]

    assert 105 <= sight_of(wall(), [symbol]).light <= 115


def test_frames_are_measured_a_few_times_a_second() -> None:
    meter, dark = LegibilityMeter(), np.zeros((720, 1280), np.uint8)

    told = [
        meter.measure(wall(), [], 0).light,
        meter.measure(dark, [], 150).light,
        meter.measure(dark, [], 210).light,
    ]

    assert told == [110, 110, 0]


@pytest.mark.parametrize(
    ("kernel", "light", "px", "expected"),
    [
        (None, 1.0, 4.0, Advice.FINE),
        (None, 1.0, 2.3, Advice.CLOSER),
        (None, 1.0, 1.7, Advice.CLOSER),
        (None, 0.1, 4.0, Advice.LIGHT),
        (spot(3), 1.0, 4.0, Advice.FOCUS),
        (smear(5, 0.6), 1.0, 4.0, Advice.SLOWER),
    ],
)
def test_advice_is_what_cures_the_picture(
    kernel: NDArray[np.float32] | None, light: float, px: float, expected: Advice
) -> None:
    for found in seen(px, kernel, light):
        sight = Sight(round(110 * light), found)

        assert advice(readings(sight, 15.0, 15.0), sight) is expected


def test_measuring_takes_the_jpeg_of_a_camera_as_it_comes() -> None:
    picture = grey_of(jpeg(pasted(wall(), label(CODE), 300, 200)))
    assert picture is not None

    sight = sight_of(picture, zxing(picture)).label

    assert sight is not None
    assert sight.contrast > 150
