"""The empty gate behind the virtual camera: wall, truck, stacks, roller line.

Drawn once at start; a picture of it is the first layer of every frame. Two gates
look different: ``seed`` mirrors the hall and mixes its paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from station.capture.virtual.box_texture import Picture
    from station.capture.virtual.pinhole import Lens

BELT_NEAR_MM, BELT_FAR_MM = 1330.0, 1960.0
"""Depth of the line's two rails."""
_WALL_MM = 4200.0
_FLOOR_MM = -750.0
"""Below the belt."""
_LEFT_MM, _TOP_MM = -2700.0, 950.0
"""Of the wall's drawing."""
_SCALE = 0.32
"""Pixels of the wall's drawing in one millimetre."""


def hall(lens: Lens, seed: int) -> Picture:
    """The empty gate as the lens sees it, BGR (height, width, 3)."""
    random = np.random.default_rng(seed)
    wall = _wall(random)
    if seed % 2:
        wall = wall[:, ::-1].copy()
    picture = _floor(lens, random)
    corners = [(_LEFT_MM, _TOP_MM), (-_LEFT_MM, _TOP_MM)]
    corners += [(-_LEFT_MM, _FLOOR_MM), (_LEFT_MM, _FLOOR_MM)]
    seen = lens.project([(x, y, _WALL_MM) for x, y in corners])
    tall, wide = wall.shape[:2]
    drawn = np.array([(0, 0), (wide, 0), (wide, tall), (0, tall)], np.float32)
    turn = cv2.getPerspectiveTransform(drawn, seen.astype(np.float32))
    size = (lens.width, lens.height)
    cv2.warpPerspective(
        wall, turn, size, dst=picture, borderMode=cv2.BORDER_TRANSPARENT
    )
    # The lens is focused on the line, not on the hall.
    picture = cv2.GaussianBlur(picture, (0, 0), lens.width / 470).astype(np.uint8)
    _line(picture, lens)
    soft = cv2.GaussianBlur(picture, (0, 0), 0.7).astype(np.float32)
    lit: Picture = np.clip(soft * light(lens)[..., None], 0, 255).astype(np.uint8)
    return lit


def light(lens: Lens) -> NDArray[np.float32]:
    """How much light arrives at each pixel (height, width): lamps and vignette."""
    y, x = np.mgrid[0 : lens.height, 0 : lens.width].astype(np.float32)
    across, down = x / lens.width - 0.5, y / lens.height - 0.5
    vignette = 1.0 - 0.85 * (across**2 + 0.8 * down**2)
    lamp = 0.10 * np.exp(-(((across + 0.12) / 0.3) ** 2) - ((down + 0.2) / 0.4) ** 2)
    return np.asarray(0.94 * (vignette + lamp), np.float32)


def _wall(random: np.random.Generator) -> Picture:
    """The far wall (height, width, 3): paint, a truck at its door, stacked boxes."""
    wide = int(-2 * _LEFT_MM * _SCALE)
    tall = int((_TOP_MM - _FLOOR_MM) * _SCALE)
    plaster = np.array([122, 130, 131], np.float32) + random.normal(0, 5, 3)
    paint = np.array([104, 96, 70], np.float32) + random.normal(0, 9, 3)
    wall = np.empty((tall, wide, 3), np.float32)
    wall[:] = plaster
    wall[_y(120) :] = paint
    wall[_y(120) : _y(95)] = paint * 0.8
    wall[_y(_FLOOR_MM + 70) :] = 52
    coarse = random.normal(0, 1, (5, 9)).astype(np.float32)
    stains = cv2.resize(coarse, (wide, tall), interpolation=cv2.INTER_CUBIC)
    wall += (stains * 4)[..., None]
    picture = np.clip(wall, 0, 255).astype(np.uint8)
    _truck(picture, random)
    for column in range(3):
        _stack(picture, 560 + column * 445, 3 - (column == 2), random)  # noqa: PLR2004 - the last column is lower
    _rectangle(picture, (210, 330), (340, -40), (42, 40, 150))
    _rectangle(picture, (245, 350), (305, 330), (40, 40, 40))
    _rectangle(picture, (190, 640), (420, 420), (176, 182, 182))
    for line in range(4):
        y = 600 - line * 40
        _rectangle(picture, (215, y), (380 - 30 * (line % 2), y - 14), (96, 98, 98))
    return picture


def _truck(picture: Picture, random: np.random.Generator) -> None:
    """A loading door with a truck backed up to it; some boxes are on it."""
    left, right, bed = -2250.0, -330.0, 20.0
    _rectangle(picture, (left - 130, _TOP_MM), (right + 130, _FLOOR_MM), (78, 82, 82))
    _rectangle(picture, (left, _TOP_MM), (right, _FLOOR_MM), (30, 30, 32))
    for number in range(9):
        x = left + 120 + number * 205
        shade = 46 + 2 * (number % 3)
        _rectangle(picture, (x, _TOP_MM), (x + 190, bed), (shade, shade, shade - 4))
    for column in range(3):
        for row in range(2 - (column == 2)):  # noqa: PLR2004 - the stack is growing
            x, y = left + 240 + column * 420, bed + 8 + row * 420
            tone = 96 + float(random.uniform(-5, 5)) - 14 * row
            _carton(picture, (x, y), (400, 410), tone)
    _rectangle(picture, (left + 60, bed), (right - 60, bed - 90), (66, 70, 72))
    _rectangle(picture, (left + 90, bed - 100), (right - 90, bed - 210), (44, 44, 46))
    for x in (left + 130, right - 330):
        _rectangle(picture, (x, bed - 120), (x + 200, bed - 190), (38, 36, 120))
    for x in (left - 130, right):
        _stripes(picture, x, 130)


def _stripes(picture: Picture, x_mm: float, wide_mm: float) -> None:
    """A post painted yellow and black."""
    left, right = _x(x_mm), _x(x_mm + wide_mm)
    post = picture[:, left:right]
    y, x = np.mgrid[0 : post.shape[0], 0 : post.shape[1]]
    yellow = ((x + y) // 26) % 2 == 0
    post[:] = np.where(yellow[..., None], (40, 138, 168), (40, 42, 42))


def _stack(
    picture: Picture, x_mm: float, rows: int, random: np.random.Generator
) -> None:
    """A pallet of ballot boxes that wait."""
    base = _FLOOR_MM + 150
    _rectangle(picture, (x_mm - 10, base), (x_mm + 420, base - 40), (62, 88, 106))
    for leg in (0, 180, 350):
        left, right = x_mm + leg, x_mm + leg + 65
        _rectangle(picture, (left, base - 40), (right, base - 150), (44, 62, 76))
    for row in range(rows):
        tone = 150 + float(random.uniform(-9, 9))
        _carton(picture, (x_mm, base + row * 605), (410, 600), tone)


def _carton(
    picture: Picture,
    corner: tuple[float, float],
    size: tuple[float, float],
    tone: float,
) -> None:
    """A box far away: its face, its window, its label; ``corner`` is bottom left."""
    (x, y), (wide, tall) = corner, size
    face = (tone * 0.95, tone * 0.99, tone)
    edge = (tone * 0.6, tone * 0.62, tone * 0.64)
    dark = (tone * 0.52, tone * 0.52, tone * 0.49)
    paper = (tone * 1.12, tone * 1.12, tone * 1.12)
    _rectangle(picture, (x, y + tall), (x + wide, y), edge)
    _rectangle(picture, (x + 9, y + tall - 9), (x + wide - 9, y + 9), face)
    middle = x + wide / 2
    _rectangle(
        picture, (middle - 95, y + tall * 0.33), (middle + 95, y + tall * 0.07), dark
    )
    _rectangle(
        picture, (middle - 70, y + tall * 0.76), (middle + 70, y + tall * 0.43), paper
    )
    _rectangle(
        picture, (middle - 46, y + tall * 0.72), (middle + 46, y + tall * 0.55), dark
    )


def _floor(lens: Lens, random: np.random.Generator) -> Picture:
    """Smooth concrete, worn, under everything (height, width, 3)."""
    coarse = random.normal(0, 1, (9, 7)).astype(np.float32)
    size = (lens.width, lens.height)
    worn = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)[..., None]
    colour = np.array([84, 90, 92], np.float32)
    floor: Picture = np.clip(colour + worn * 4, 0, 255).astype(np.uint8)
    return floor


def _line(picture: Picture, lens: Lens) -> None:
    """The roller line in the foreground: rails, rollers, legs."""
    reach = 1500.0
    near, far = BELT_NEAR_MM, BELT_FAR_MM
    under = [(-reach, -6, near), (reach, -6, near), (reach, -6, far), (-reach, -6, far)]
    _polygon(picture, lens, under, (30, 31, 32))
    pitch = 62.0
    for number in range(-26, 27):
        _roller(picture, lens, number * pitch, pitch * 0.86)
    for depth, tall in ((far, 46.0), (near, 30.0)):
        top = [(-reach, tall - 42, depth), (reach, tall - 42, depth)]
        rail = [*top, (reach, tall - 150, depth), (-reach, tall - 150, depth)]
        _polygon(picture, lens, rail, (92, 88, 72))
        lip = [(-reach, tall - 42, depth - 26), (reach, tall - 42, depth - 26)]
        _polygon(picture, lens, [*top, *lip[::-1]], (138, 134, 120))
        edge = [(-reach, tall - 60, depth), (reach, tall - 60, depth)]
        _polygon(picture, lens, [*top, *edge[::-1]], (112, 108, 92))
    for number in range(-24, 25):
        bolt = lens.project([(number * pitch, -52, near - 1)])[0]
        centre = (int(bolt[0] * 16), int(bolt[1] * 16))
        cv2.circle(picture, centre, 60, (150, 150, 146), -1, cv2.LINE_AA, 4)
        cv2.circle(picture, centre, 26, (60, 60, 58), -1, cv2.LINE_AA, 4)


def _roller(picture: Picture, lens: Lens, x_mm: float, wide_mm: float) -> None:
    """One roller as five strips of light, dark at its flanks."""
    near, far = BELT_NEAR_MM + 4, BELT_FAR_MM - 4
    tones = (62, 92, 128, 110, 80, 52)
    step = wide_mm / len(tones)
    for number, tone in enumerate(tones):
        left = x_mm + number * step - wide_mm / 2
        strip = [(left, 0, near), (left + step, 0, near)]
        strip += [(left + step, 0, far), (left, 0, far)]
        _polygon(picture, lens, strip, (tone, tone * 1.0, tone * 0.97))


def _polygon(
    picture: Picture,
    lens: Lens,
    world: Sequence[tuple[float, float, float]],
    colour: tuple[float, float, float],
) -> None:
    """Fill one flat piece of the world, smooth at its edges."""
    corners = np.round(lens.project(world) * 16).astype(np.int32)
    cv2.fillConvexPoly(picture, corners, colour, cv2.LINE_AA, 4)


def _rectangle(
    picture: Picture,
    top_left: tuple[float, float],
    bottom_right: tuple[float, float],
    colour: tuple[float, float, float],
) -> None:
    """Fill a rectangle of the wall, given in millimetres."""
    start = (_x(top_left[0]), _y(top_left[1]))
    end = (_x(bottom_right[0]), _y(bottom_right[1]))
    cv2.rectangle(picture, start, end, colour, -1)


def _x(mm: float) -> int:
    """The column of the wall's drawing."""
    return int((mm - _LEFT_MM) * _SCALE)


def _y(mm: float) -> int:
    """The row of the wall's drawing."""
    return int((_TOP_MM - mm) * _SCALE)
