"""What is on the outside of a box at the virtual gate: cardboard, print, label.

Pictures are BGR(A), uint8, one pixel to the millimetre. Labels are drawn 1.35
times too large for their box: true to scale a camera of 1280 x 720 would have to
hang nearer than a screen can show well.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np

from labels.geometry import MODULES
from labels.qr_symbol import matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

Picture: TypeAlias = "NDArray[np.uint8]"

MODULE_PX = 4
QUIET_MODULES = 4
BORDER_PX = 2
"""Transparent rim of every face, so that a warped edge comes out smooth."""
_FINE = 3
"""Labels are drawn this much larger, then area-averaged: smooth small type."""
_SLANT = 0.25
"""How much is seen of a side's or top's depth, about."""
_FONT = cv2.FONT_HERSHEY_DUPLEX


class Shape(enum.Enum):
    """Width, height and depth in millimetres of what passes."""

    BOX = (400, 600, 400)
    """A ballot box of white duplex board, standing."""
    BUNDLE = (330, 260, 220)
    """Ballot papers in brown wrapping paper."""
    PARCEL = (390, 300, 300)
    """Somebody else's: brown cardboard, a courier's label."""


@dataclass(frozen=True, slots=True)
class BoxLook:
    """How one box, bundle or foreign parcel looks as it passes."""

    text: str
    """Of its QR symbol: 20 characters or fewer of the alphanumeric set. Empty: its
    paper bears words alone, and without a caption there is no paper."""
    caption: tuple[str, ...] = ()
    """Printed below the symbol; the first line is the large one."""
    kind: str = ""
    """Name in the colour bar; empty: no bar."""
    colour: tuple[int, int, int] = (120, 120, 120)
    """Of the bar: red, green, blue."""
    shape: Shape = Shape.BOX
    wrap: float = 0.0
    """Plastic film over it: 0 none, 1 so much that some pictures are unreadable."""


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """A box's three sorts of face, BGRA with a transparent rim."""

    front: Picture
    side: Picture
    top: Picture
    glare: Picture | None
    """Streaks of the film, (height, 3 widths, 4); they slide as the box moves."""


class Paper:
    """Draws the faces; owns the random numbers of stains, creases and hands.

    Board, print and creases are drawn once, so that a box that comes in costs the
    picture in hand only its label.
    """

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._blank = {shape: self._blanks(shape) for shape in Shape}
        self._creases = [self._streaks(*Shape.BOX.value[:2]) for _ in range(3)]

    def faces(self, look: BoxLook) -> Faces:
        """The faces of one box.

        Raises:
            LabelError: If the text does not fit the label's symbol.
        """
        blank, side, top = self._blank[look.shape]
        # No two boards are equally white.
        front = _scaled(blank, self._random.uniform(0.95, 1.02))
        if look.text or look.caption:
            self._stick(front, _label(look), look.shape)
        glare = None
        if look.wrap > 0:
            # Film scatters light: blacks turn grey.
            front = _scaled(front, 1 - 0.16 * look.wrap, 34 * look.wrap)
            creases = self._creases[int(self._random.integers(len(self._creases)))]
            glare = _scaled(creases[: front.shape[0]], look.wrap)
        return Faces(_rimmed(front), side, top, glare)

    def sway(self) -> tuple[float, float]:
        """How a hand puts a box down: depth in mm and turn in radians, off true."""
        turn = self._random.uniform(-0.13, 0.13)
        return float(self._random.uniform(0, 60)), float(turn)

    def _blanks(self, shape: Shape) -> tuple[Picture, Picture, Picture]:
        """Front (no rim yet), side and top of a box without a label."""
        width, height, depth = shape.value
        front = self._board(width, height, shape)
        _print_on(front, shape)
        side = _bytes(self._board(depth, height, shape) * 0.66)
        top = self._board(width, depth, shape)
        _tape(top)
        # Both are seen at a slant; drawn narrow, their edges come out smooth.
        slim = (int(depth * _SLANT), height), (width, int(depth * _SLANT))
        side, top = (
            cv2.resize(face, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
            for face, size in zip((side, top), slim, strict=True)
        )
        return front, _rimmed(side), _rimmed(top)

    def _board(self, width: int, height: int, shape: Shape) -> Picture:
        """Plain board (height, width, 3): colour, stains, darker near the edges."""
        white = shape is Shape.BOX
        colour = (203, 212, 216) if white else (96, 140, 176)
        coarse = self._random.normal(0, 1, (7, 5)).astype(np.float32)
        stains = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        fine = self._random.normal(0, 1, (height, width)).astype(np.float32)
        x = np.minimum(np.arange(width), np.arange(width)[::-1])[None, :]
        y = np.minimum(np.arange(height), np.arange(height)[::-1])[:, None]
        edge = np.minimum(x, y).astype(np.float32)
        shade = 1 - 0.22 * np.exp(-edge / 3.5) - 0.07 * np.exp(-edge / 40)
        shade *= np.linspace(1.03, 0.9, height)[:, None]
        tone = stains * (2.5 if white else 5) + fine * 1.2
        board = (np.array(colour, np.float32) + tone[..., None]) * shade[..., None]
        return _bytes(board)

    def _stick(self, front: Picture, label: Picture, shape: Shape) -> None:
        """Lay the label on the face by hand: not quite straight, a little off."""
        height, width = front.shape[:2]
        tall, wide = label.shape[:2]
        rim = 14
        middle = 0.40 if shape is Shape.BOX else 0.5
        x = int(width / 2 + self._random.uniform(-22, 22) - wide / 2) - rim
        y = int(height * middle + self._random.uniform(-10, 10) - tall / 2) - rim
        y = max(0, min(y, height - tall - 2 * rim))
        part = front[y : y + tall + 2 * rim, x : x + wide + 2 * rim]
        angle = float(self._random.uniform(-3.0, 3.0))
        turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), angle, 1.0)
        turn[:, 2] += rim
        size = (part.shape[1], part.shape[0])
        mask = cv2.warpAffine(np.ones((tall, wide), np.float32), turn, size)
        shadow = cv2.GaussianBlur(mask, (0, 0), 2.5)[..., None]
        laid = cv2.warpAffine(label, turn, size)
        under = part * (1 - 0.35 * shadow)
        part[:] = _bytes(under * (1 - mask[..., None]) + laid * mask[..., None])

    def _streaks(self, width: int, height: int) -> Picture:
        """Lamps mirrored in plastic film (height, 3 widths, 4): creases, two bands."""
        wide = 3 * width
        light = np.zeros((height, wide), np.float32)
        for _ in range(18):
            x, y = self._random.uniform(0, wide), self._random.uniform(0, height)
            dx, dy = self._random.normal(0, 45), self._random.uniform(60, 260)
            ends = (int(x - dx), int(y - dy)), (int(x + dx), int(y + dy))
            strength = float(self._random.uniform(35, 105))
            thick = int(self._random.integers(1, 5))
            cv2.line(light, *ends, strength, thick, cv2.LINE_AA)
        light = cv2.GaussianBlur(light, (0, 0), 1.6).astype(np.float32)
        for start in (0.2, 0.6):
            lean = self._random.uniform(-60, 60)
            x = (start + self._random.uniform(0, 0.25)) * wide
            slope = lean * np.linspace(0, 1, height)[:, None]
            across = np.arange(wide)[None, :] - x - slope
            light += 215 * np.exp(-((across / 34) ** 2))
        return _bytes(light[..., None] * np.array([1.0, 0.98, 0.94, 0.0], np.float32))


def _label(look: BoxLook) -> Picture:
    """The printed label (height, width, 3): symbol, lines, colour bar."""
    modules = ~matrix(look.text) if look.text else np.ones((MODULES,) * 2, np.bool_)
    framed = np.pad(modules, QUIET_MODULES, constant_values=True)
    step = MODULE_PX * _FINE
    symbol = np.kron(framed, np.ones((step, step), np.bool_))
    side = symbol.shape[0]
    small = look.shape is not Shape.BOX
    tall = int(side * (1.34 if small else 1.48))
    paper = np.full((tall, side, 3), 244, np.uint8)
    paper[:side] = np.where(symbol, 244, 28)[..., None]
    _lines(paper, look, side - 2 * step)
    if look.kind:
        bar = side // (9 if small else 8)
        red, green, blue = look.colour
        paper[-bar:] = (blue, green, red)
        light = 0.3 * red + 0.6 * green + 0.1 * blue > 140  # noqa: PLR2004 - half grey
        ink = (20, 20, 20) if light else (250, 250, 250)
        _write(paper, look.kind, (tall - bar // 4, bar * 0.55), ink)
    size = (side // _FINE, tall // _FINE)
    return _bytes(cv2.resize(paper, size, interpolation=cv2.INTER_AREA))


def _lines(paper: Picture, look: BoxLook, top: int) -> None:
    """Write the caption from a row downwards, the first line large."""
    side = paper.shape[1]
    row = float(top)
    room = 2 if look.shape is not Shape.BOX else len(look.caption)
    for number, line in enumerate(look.caption[:room]):
        size = side * (0.082 if number == 0 else 0.058)
        row += size * 1.42
        _write(paper, line, (row, size), (20, 20, 20))


def _write(
    paper: Picture,
    line: str,
    place: tuple[float, float],
    ink: tuple[int, int, int],
) -> None:
    """Write one centred line; ``place`` = base line and height of a capital, px."""
    base, capital = place
    scale = capital / 22.0
    thick = max(1, round(capital / 9))
    (wide, _), _ = cv2.getTextSize(line, _FONT, scale, thick)
    room = paper.shape[1] * 0.94
    if wide > room:
        scale *= room / wide
        wide = int(room)
    at = (int(paper.shape[1] - wide) // 2, int(base))
    cv2.putText(paper, line, at, _FONT, scale, ink, thick, cv2.LINE_AA)


def _print_on(front: Picture, shape: Shape) -> None:
    """What the maker printed on the board, and a box's window of clear plastic."""
    height, width = front.shape[:2]
    if shape is Shape.PARCEL:
        _write(front, "FRAGILE", (height - 24, 26), (60, 70, 150))
        return
    if shape is Shape.BUNDLE:
        # Two paper bands hold the sheets together.
        for x in (26, width - 50):
            front[:, x : x + 24] = _bytes(front[:, x : x + 24] * 1.25)
        return
    _write(front, "KOTAK SUARA", (height * 0.115, 34), (92, 74, 62))
    left, right, top, bottom = 105, width - 105, int(height * 0.66), height - 42
    glass = np.linspace(92, 58, bottom - top, dtype=np.float32)[:, None, None]
    pane = np.broadcast_to(glass, (bottom - top, right - left, 3))
    tint = np.array([1.02, 1.0, 0.95], np.float32)
    window = front[top:bottom, left:right]
    window[:] = _bytes(pane * tint)
    below = bottom - top + 20
    cv2.line(window, (24, below), (98, -20), (104, 104, 99), 11, cv2.LINE_AA)
    cv2.line(window, (58, below), (124, -20), (94, 94, 90), 5, cv2.LINE_AA)
    cv2.rectangle(front, (left, top), (right, bottom), (150, 152, 152), 2)


def _tape(top: Picture) -> None:
    """Close the lid with a strip of tape."""
    width = top.shape[1]
    middle = slice(width // 2 - 24, width // 2 + 24)
    top[:, middle] = _bytes(top[:, middle] * np.array([0.8, 0.92, 1.0]))
    top[:] = _bytes(top * 1.08)


def _rimmed(face: Picture) -> Picture:
    """The face as BGRA with a transparent rim."""
    height, width = face.shape[:2]
    rim = np.zeros((height + 2 * BORDER_PX, width + 2 * BORDER_PX, 4), np.uint8)
    rim[BORDER_PX:-BORDER_PX, BORDER_PX:-BORDER_PX, :3] = face
    rim[BORDER_PX:-BORDER_PX, BORDER_PX:-BORDER_PX, 3] = 255
    return rim


def _scaled(face: Picture, gain: float, more: float = 0.0) -> Picture:
    """Every pixel times ``gain`` plus ``more``, cut off at 255."""
    return cv2.convertScaleAbs(face, alpha=gain, beta=more).astype(np.uint8, copy=False)


def _bytes(values: NDArray[np.generic]) -> Picture:
    """The values as pixels, cut off at 0 and 255."""
    pixels: Picture = np.clip(values, 0, 255).astype(np.uint8)
    return pixels
