"""Projects points of the virtual gate into the picture: a pinhole camera.

World coordinates in millimetres: x right, y up from the belt, z away from the camera,
which is above x = z = 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


BELT_NEAR_MM: Final = 1330.0
"""Depth of the roller line's near rail."""


@dataclass(frozen=True, slots=True)
class PinholeCamera:
    """A camera on a bracket over the belt, looking slightly down."""

    width: int
    """Of the picture, px."""
    height: int
    y_mm: float = 760.0
    """Above the belt."""
    pitch_deg: float = 17.0
    """Downwards."""
    roll_deg: float = 0.8
    """No bracket is quite straight."""
    focal: float = 1.016
    """In widths of the picture: 52 degrees from left to right."""

    def project(self, points: ArrayLike) -> NDArray[np.float64]:
        """The pixels (n, 2) of world points (n, 3) in front of the camera."""
        world = np.asarray(points, np.float64) - (0.0, self.y_mm, 0.0)
        seen = world @ self._turn().T
        scale = self.focal * self.width / seen[:, 2]
        across = self.width / 2 + seen[:, 0] * scale
        down = self.height / 2 - seen[:, 1] * scale
        return np.stack([across, down], axis=1)

    def px_per_mm(self, z_mm: float) -> float:
        """Pixels per millimetre at a depth, seen frontally."""
        return self.focal * self.width / z_mm

    def _turn(self) -> NDArray[np.float64]:
        """The rotation from world to camera axes."""
        pitch, roll = math.radians(self.pitch_deg), math.radians(self.roll_deg)
        down = np.array(
            [
                [1.0, 0.0, 0.0],
                [0.0, math.cos(pitch), math.sin(pitch)],
                [0.0, -math.sin(pitch), math.cos(pitch)],
            ],
        )
        tilt = np.array(
            [
                [math.cos(roll), -math.sin(roll), 0.0],
                [math.sin(roll), math.cos(roll), 0.0],
                [0.0, 0.0, 1.0],
            ],
        )
        turn: NDArray[np.float64] = tilt @ down
        return turn
