"""How long to wait before a lost camera, or its process, is started again."""

from __future__ import annotations

from typing import Final

FIRST_DELAY_S: Final = 0.5
LONGEST_DELAY_S: Final = 10.0
SOURCE_CALM_S, PROCESS_CALM_S = 10.0, 30.0
"""A camera, or its process, that ran longer than this starts with the first delay."""


class BackOff:
    """Delays that double from the first to the longest.

    >>> back_off = BackOff(calm_s=10.0)
    >>> [back_off.after(lasted_s=1.0) for _ in range(6)]
    [0.5, 1.0, 2.0, 4.0, 8.0, 10.0]
    >>> back_off.after(lasted_s=60.0)
    0.5
    """

    def __init__(self, calm_s: float) -> None:
        self._calm_s = calm_s
        self._delay_s = FIRST_DELAY_S

    def after(self, lasted_s: float) -> float:
        """Seconds to wait after an attempt that lasted this long."""
        delay_s = FIRST_DELAY_S if lasted_s > self._calm_s else self._delay_s
        self._delay_s = min(delay_s * 2, LONGEST_DELAY_S)
        return delay_s
