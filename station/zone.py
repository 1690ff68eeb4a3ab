"""Indonesia's three time zones; only screens and papers know of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST_YEAR, _LAST_YEAR = 1970, 2199
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
        ValueError: it is none, of no year from 1970 to 2199, or of a zone of its own.
    """
    fixed = timezone(timedelta(hours=ZONES[zone]), zone)
    told = datetime.fromisoformat(text)
    if told.tzinfo is not None or not _FIRST_YEAR <= told.year <= _LAST_YEAR:
        message = f"Expected a local time such as 2027-02-13T14:32, got {text[:40]!r}."
        raise ValueError(message)
    return round(told.replace(tzinfo=fixed).timestamp() * 1000)
