"""How well a camera sees labels, and what to do about it.

Measured in station/capture/sight_measurement.py; its words are in
web/wording/camera_help.py.
Limits: the curves of ``jejak bench decode``.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.stocks import COMFORTABLE_PX, LEAST_PX

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class LabelSight:
    """One label in a picture, measured."""

    read: bool
    """False if found and not read."""
    px_per_module: float
    """Along the side that appears shorter."""
    contrast: int
    """Paper minus ink, 0-255."""
    blur_modules: float
    """Out of focus: radius of the spot that a point becomes; unread from 0.75 on."""
    smear_modules: float
    """Moved while the shutter was open; unread by the engines from 1.25 on."""

    @property
    def blur_px(self) -> float:
        """The same spot in pixels; a good lens has about one."""
        return self.blur_modules * self.px_per_module


@dataclass(frozen=True, slots=True)
class Sight:
    """What a picture shows of the camera's position, light and lens."""

    light: int
    """Mean brightness of the whole picture, 0-255."""
    label: LabelSight | None = None
    """The label that is seen best, or None without a label."""


class Gauge(enum.StrEnum):
    """What is measured."""

    SIZE = "size"
    LIGHT = "light"
    FOCUS = "focus"
    MOTION = "motion"
    RATE = "rate"


class Grade(enum.StrEnum):
    """How good a measure is; never shown by colour alone."""

    GOOD = "good"
    FAIR = "fair"
    """Labels read, but not every one."""
    BAD = "bad"


class Advice(enum.StrEnum):
    """What helps most now."""

    SHOW = "show"
    """No label is in the picture."""
    CLOSER = "closer"
    LIGHT = "light"
    GLARE = "glare"
    """Bright, and yet no contrast: plastic, or a lamp in the lens."""
    FOCUS = "focus"
    SLOWER = "slower"
    RATE = "rate"
    """Few pictures a second: cable, light or the machine."""
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class GaugeReading:
    """The current reading of one gauge."""

    gauge: Gauge
    value: float | None
    """Pixels a module, percent of contrast or brightness, modules, modules,
    pictures per second. None without a label."""
    grade: Grade
    share: float
    """Of a full bar, 0 to 1; a third is the limit, two thirds comfortable."""


@dataclass(frozen=True, slots=True)
class TrialCount:
    """How far the trial of a camera with the test label has come."""

    read: int
    """Frames in which the label was read."""
    frames: int
    ended: bool

    @property
    def good(self) -> bool:
        """True when nearly every frame was read."""
        return self.read >= ENOUGH * self.frames


ENOUGH = 0.9
"""A camera that reads the test label in this share of its frames is fit for work."""
CONTRAST_LEAST, CONTRAST_FINE = 30, 60
"""Paper minus ink: from 27 on some labels were not read in noise, at 50 all were."""
DARK, BRIGHT = 40, 140
"""Mean brightness of a picture: too dark to find a label; lit well."""
BLUR_LEAST, BLUR_FINE = 0.7, 0.4
"""Modules."""
BLUR_PX_FINE = 2.0
"""A lens that is in focus draws a smaller spot, however far the label."""
SMEAR_LEAST, SMEAR_FINE = 1.1, 0.75
"""Modules."""
RATE_LEAST, RATE_FINE = 0.4, 0.7
"""Of the pictures a second that the camera was asked for."""
_LIMIT, _FINE = 1 / 3, 2 / 3


def readings(sight: Sight, fps: float, asked_fps: float) -> list[GaugeReading]:
    """Every gauge, in the order in which they are shown.

    Args:
        sight: measured in the newest pictures.
        fps: pictures read in a second.
        asked_fps: what the camera was asked for.
    """
    return [*_of_label(sight), _rate(fps, asked_fps)]


def advice(readings: list[GaugeReading], sight: Sight) -> Advice:
    """The one thing to do first; bad gauges come before fair ones.

    Light comes first, since no other measure is reliable without it. Blur that a
    small label alone explains is cured by coming closer.
    """
    by_gauge = {reading.gauge: reading for reading in readings}
    for grade in (Grade.BAD, Grade.FAIR):
        if by_gauge[Gauge.LIGHT].grade is grade:
            bright = sight.label is not None and sight.light > BRIGHT
            return Advice.GLARE if bright else Advice.LIGHT
        if sight.label is None:
            return Advice.SHOW
        for gauge, help_ in (
            (Gauge.SIZE, Advice.CLOSER),
            (Gauge.FOCUS, Advice.FOCUS),
            (Gauge.MOTION, Advice.SLOWER),
            (Gauge.RATE, Advice.RATE),
        ):
            if by_gauge[gauge].grade is grade:
                return help_
    return Advice.FINE


def _of_label(sight: Sight) -> Iterator[GaugeReading]:
    label = sight.label
    if label is None:
        yield GaugeReading(Gauge.SIZE, None, Grade.FAIR, 0.0)
        percent = round(100 * sight.light / 255)
        # Without a label only darkness is a fault: an empty hall may be any grey.
        grade = Grade.BAD if sight.light < DARK else Grade.GOOD
        yield GaugeReading(
            Gauge.LIGHT, percent, grade, _share(sight.light, DARK, BRIGHT)
        )
        yield GaugeReading(Gauge.FOCUS, None, Grade.FAIR, 0.0)
        yield GaugeReading(Gauge.MOTION, None, Grade.FAIR, 0.0)
        return
    yield _rising(Gauge.SIZE, label.px_per_module, LEAST_PX, COMFORTABLE_PX)
    light = _rising(Gauge.LIGHT, label.contrast, CONTRAST_LEAST, CONTRAST_FINE)
    percent = round(100 * label.contrast / 255)
    yield GaugeReading(Gauge.LIGHT, percent, light.grade, light.share)
    yield _focus(label)
    yield _falling(Gauge.MOTION, label.smear_modules, SMEAR_LEAST, SMEAR_FINE)


def _focus(label: LabelSight) -> GaugeReading:
    reading = _falling(Gauge.FOCUS, label.blur_modules, BLUR_LEAST, BLUR_FINE)
    if reading.grade is Grade.FAIR and label.blur_px < BLUR_PX_FINE:
        # The label is small, not the lens out of focus.
        return GaugeReading(
            Gauge.FOCUS, reading.value, Grade.GOOD, max(reading.share, _FINE)
        )
    return reading


def _rate(fps: float, asked_fps: float) -> GaugeReading:
    reading = _rising(Gauge.RATE, fps, RATE_LEAST * asked_fps, RATE_FINE * asked_fps)
    return GaugeReading(Gauge.RATE, round(fps, 1), reading.grade, reading.share)


def _rising(gauge: Gauge, value: float, least: float, fine: float) -> GaugeReading:
    """A gauge of which more is better."""
    share = _share(value, least, fine)
    grade = Grade.BAD if value < least else Grade.FAIR if value < fine else Grade.GOOD
    return GaugeReading(gauge, round(value, 2), grade, share)


def _falling(gauge: Gauge, value: float, least: float, fine: float) -> GaugeReading:
    """A gauge of which less is better."""
    grade = Grade.BAD if value > least else Grade.FAIR if value > fine else Grade.GOOD
    return GaugeReading(gauge, round(value, 2), grade, _share(-value, -least, -fine))


def _share(value: float, least: float, fine: float) -> float:
    """How much of a bar a value fills: a third at the limit, two thirds when fine.

    >>> [round(_share(px, 1.8, 3.0), 2) for px in (0.0, 1.8, 2.4, 3.0, 9.0)]
    [0.0, 0.33, 0.5, 0.67, 1.0]
    """
    share = _LIMIT + (value - least) / (fine - least) * (_FINE - _LIMIT)
    return max(0.0, min(1.0, share))
