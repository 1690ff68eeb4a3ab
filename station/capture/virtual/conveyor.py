"""The boxes on the virtual roller line: where each one is, and how it is drawn."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from station.capture.virtual.box_texture import BORDER_PX
from station.capture.virtual.pinhole import BELT_NEAR_MM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from station.capture.virtual.box_texture import BoxLook, Faces, Paper, Picture
    from station.capture.virtual.pinhole import PinholeCamera

SPEED_MM_S = 700.0
"""A box needs about 2.8 s from its first edge in view to its last."""
_BRAKE_MM_S2 = 2800.0
_ENTER_MM = 1000.0
"""Right of the picture's middle: just out of view."""
_GAP_MM = 110.0
"""Between two boxes, at least."""
_LIFT_S = 0.8
_LIFT_MM = 900.0
_FRONT_MM = BELT_NEAR_MM + 70.0
"""Depth of a box's front."""


@dataclass(slots=True)
class PlacedBox:
    """A box on the line."""

    look: BoxLook
    faces: Faces
    x_mm: float
    """Of its middle."""
    z_mm: float
    """Of its face."""
    yaw_rad: float
    lifted_s: float | None = None
    """Since somebody began to lift it off, or None."""

    @property
    def y_mm(self) -> float:
        """Of its bottom, above the line."""
        share = (self.lifted_s or 0.0) / _LIFT_S
        return _LIFT_MM * share * share

    @property
    def half_mm(self) -> float:
        """Half of the length that it takes on the line."""
        width, _, depth = self.look.shape.value
        turn = abs(self.yaw_rad)
        return (width * math.cos(turn) + depth * math.sin(turn)) / 2


@dataclass(slots=True)
class Conveyor:
    """Moves boxes from right to left, apart from each other; can stop and start."""

    paper: Paper
    speed_mm_s: float = SPEED_MM_S
    _running: bool = True
    _waiting: deque[BoxLook] = field(default_factory=deque)
    _boxes: list[PlacedBox] = field(default_factory=list)

    def enter(self, looks: Iterable[BoxLook]) -> None:
        """Let these come in, as soon as there is room behind the last one."""
        self._waiting.extend(looks)

    def stop(self) -> None:
        """Brake."""
        self._running = False

    def go(self) -> None:
        """Run again."""
        self._running = True

    def take(self, text: str) -> None:
        """Begin to lift the box with this text off the line, if it is there."""
        for placed in self._boxes:
            if placed.look.text == text and placed.lifted_s is None:
                placed.lifted_s = 0.0
                return

    def move(self, step_s: float) -> None:
        """Let so many seconds go by."""
        wanted = SPEED_MM_S if self._running else 0.0
        change = _BRAKE_MM_S2 * step_s
        self.speed_mm_s += max(-change, min(change, wanted - self.speed_mm_s))
        for placed in self._boxes:
            placed.x_mm -= self.speed_mm_s * step_s
            if placed.lifted_s is not None:
                placed.lifted_s += step_s
        self._boxes = [placed for placed in self._boxes if _stays(placed)]
        while self._waiting and self._has_room():
            self._boxes.append(self._placed(self._waiting.popleft()))

    def view(self) -> Iterator[PlacedBox]:
        """The boxes, those that hide others last."""
        yield from sorted(self._boxes, key=lambda placed: -abs(placed.x_mm))

    def _has_room(self) -> bool:
        last = self._boxes[-1] if self._boxes else None
        if last is None:
            return True
        needed = last.half_mm + _GAP_MM + self._waiting[0].shape.value[0] * 0.58
        return _ENTER_MM - last.x_mm >= needed

    def _placed(self, look: BoxLook) -> PlacedBox:
        faces = self.paper.faces(look)
        depth, turn = self.paper.sway()
        return PlacedBox(look, faces, _ENTER_MM, _FRONT_MM + depth, turn)


def _stays(placed: PlacedBox) -> bool:
    gone = placed.lifted_s is not None and placed.lifted_s > _LIFT_S
    return not gone and placed.x_mm > -_ENTER_MM - placed.half_mm


def draw(
    picture: Picture,
    placed: PlacedBox,
    camera: PinholeCamera,
    lamp: NDArray[np.uint8],
    smear_px: int,
) -> None:
    """Draw one box into the picture.

    Args:
        picture: BGR, changed in place.
        placed: The box.
        camera: The camera.
        lamp: Light that arrives at each pixel, 255 = all.
        smear_px: Sideways motion while the shutter was open.
    """
    corners = camera.project(_corners(placed))
    low = np.floor(corners.min(0) - 3 - smear_px).astype(int)
    high = np.ceil(corners.max(0) + 4 + smear_px).astype(int)
    left, top = max(0, low[0]), max(0, low[1])
    right, bottom = min(camera.width, high[0]), min(camera.height, high[1])
    if right - left < 4 or bottom - top < 4:  # noqa: PLR2004 - nothing to see
        return
    canvas = np.zeros((bottom - top, right - left, 4), np.uint8)
    for face, quad in _visible(placed, corners - (left, top)):
        _lay(canvas, face, quad)
    if smear_px > 1:
        cv2.blur(canvas, (smear_px, 1), dst=canvas)
    region = picture[top:bottom, left:right]
    _shadow(picture, placed, camera)
    _blend(region, canvas, lamp[top:bottom, left:right])


def _corners(placed: PlacedBox) -> NDArray[np.float64]:
    """Eight corners (8, 3): front from top left going round, then back."""
    width, height, depth = placed.look.shape.value
    cos, sin = math.cos(placed.yaw_rad), math.sin(placed.yaw_rad)
    corners = []
    for z in (0.0, float(depth)):
        for x, y in ((-1, height), (1, height), (1, 0), (-1, 0)):
            across = x * width / 2
            corners.append(
                (
                    placed.x_mm + across * cos + z * sin,
                    placed.y_mm + y,
                    placed.z_mm - across * sin + z * cos,
                )
            )
    return np.array(corners)


def _visible(
    placed: PlacedBox, corners: NDArray[np.float64]
) -> Iterator[tuple[Picture, NDArray[np.float32]]]:
    """Each face that is turned to the camera, and its corners in the picture."""
    faces = placed.faces
    sides = (
        (faces.top, (4, 5, 1, 0)),
        (faces.side, (1, 5, 6, 2)),
        (faces.side, (4, 0, 3, 7)),
        (_glossy(placed), (0, 1, 2, 3)),
    )
    for face, numbers in sides:
        quad = corners[list(numbers)].astype(np.float32)
        (ax, ay), (bx, by), (cx, cy) = quad[0], quad[1], quad[2]
        if (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) > 1:
            yield face, quad


def _glossy(placed: PlacedBox) -> Picture:
    """The front with the lamps' mirror images where they are seen now."""
    front, glare = placed.faces.front, placed.faces.glare
    if glare is None:
        return front
    width = placed.look.shape.value[0]
    # The lamps are fixed, so their reflections slide over a moving box.
    share = (placed.x_mm + _ENTER_MM) / (2 * _ENTER_MM)
    start = int(np.clip(share, 0, 1) * (glare.shape[1] - width))
    shone = front.copy()
    inside = shone[BORDER_PX:-BORDER_PX, BORDER_PX:-BORDER_PX]
    cv2.add(inside, glare[:, start : start + width], dst=inside)
    return shone


def _lay(canvas: Picture, face: Picture, quad: NDArray[np.float32]) -> None:
    """Add a face, seen in perspective; edges that meet add up to one."""
    low = np.maximum(np.floor(quad.min(0)).astype(int) - 1, 0)
    high = np.ceil(quad.max(0)).astype(int) + 2
    part = canvas[low[1] : high[1], low[0] : high[0]]
    if part.size == 0:
        return
    tall, wide = face.shape[:2]
    rim = BORDER_PX - 0.5
    drawn = np.array(
        [
            (rim, rim),
            (wide - 1 - rim, rim),
            (wide - 1 - rim, tall - 1 - rim),
            (rim, tall - 1 - rim),
        ],
        np.float32,
    )
    turn = cv2.getPerspectiveTransform(drawn, (quad - low).astype(np.float32))
    seen = cv2.warpPerspective(face, turn, (part.shape[1], part.shape[0]))
    cv2.add(part, seen, dst=part)


def _shadow(picture: Picture, placed: PlacedBox, camera: PinholeCamera) -> None:
    """Darken the rollers around the box's foot."""
    if placed.y_mm > 1:
        return
    corners = _corners(placed)[[3, 2, 6, 7]]
    middle = corners.mean(0)
    corners[:] = middle + (corners - middle) * 1.16
    corners[:2, 2] = np.maximum(corners[:2, 2], BELT_NEAR_MM)
    foot = camera.project(corners)
    low = np.maximum(np.floor(foot.min(0)).astype(int) - 24, 0)
    high = np.ceil(foot.max(0)).astype(int) + 24
    part = picture[low[1] : high[1], low[0] : high[0]]
    if part.size == 0:
        return
    dark = np.full(part.shape[:2], 255, np.uint8)
    cv2.fillConvexPoly(dark, np.round(foot - low).astype(np.int32), 105)
    dark = cv2.blur(dark, (25, 15)).astype(np.uint8)
    cv2.multiply(part, cv2.merge([dark] * 3), dst=part, scale=1 / 255)


def _blend(region: Picture, canvas: Picture, lamp: NDArray[np.uint8]) -> None:
    """Lay the canvas (colours already weighed by alpha) over the region."""
    alpha = canvas[..., 3]
    behind = cv2.bitwise_not(alpha)
    cv2.multiply(region, cv2.merge([behind] * 3), dst=region, scale=1 / 255)
    colour = cv2.cvtColor(canvas, cv2.COLOR_BGRA2BGR)
    cv2.multiply(colour, cv2.merge([lamp] * 3), dst=colour, scale=1 / 255)
    cv2.add(region, colour, dst=region)
