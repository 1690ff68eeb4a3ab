"""Indonesia's three time zones; only screens and papers know of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ZONES: Mapping[str, int] = {"WIB": 7, "WITA": 8, "WIT": 9}
"""Hours ahead of UTC; none has summer time."""


def local(ms: int, zone: str) -> datetime:
    """UTC milliseconds as a time in WIB, WITA or WIT.

    >>> local(0, "WITA").isoformat()
    '1970-01-01T08:00:00+08:00'
    """
    fixed = timezone(timedelta(hours=ZONES[zone]), zone)
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(fixed)


def moment(text: str, zone: str) -> int:
    """A local date and time, ``2027-02-13T14:32``, as UTC milliseconds.

    >>> moment("1970-01-01T08:00", "WITA")
    0

    Raises:
        ValueError: it is none.
    """
    fixed = timezone(timedelta(hours=ZONES[zone]), zone)
    return round(datetime.fromisoformat(text).replace(tzinfo=fixed).timestamp() * 1000)
