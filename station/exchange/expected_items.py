"""What a manifest's bits are of: a place's items, in the registry's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.custody import registry
from station.leg import kecamatan_of
from station.model import Ballot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.custody.registry import NamedItem
    from station.storage.database import Connection

_NO_KIND = len(Ballot)


def in_order(items: Iterable[NamedItem]) -> list[NamedItem]:
    """The registry's order: kelurahan, TPS, kind, number."""
    kinds = list(Ballot)

    def key(item: NamedItem) -> tuple[str, int, str]:
        kind = item.item.ballot
        place = _NO_KIND if kind is None else kinds.index(kind)
        return item.item.destination, place, item.item.id

    return sorted(items, key=key)


def plan(db: Connection, area: str, before: int | None = None) -> list[NamedItem]:
    """The items of a PPK, PPS or KPPS that travel by themselves, in that order.

    Args:
        db: Any connection of a station.
        area: Its code.
        before: Only what was registered by entries before this one of the station's
            own log; None: all.
    """
    rows = db.execute(
        # Our own words alone are put in.
        f"SELECT id FROM item WHERE {registry.LIES_IN} AND container IS NULL"  # noqa: S608
        " AND kecamatan = :kecamatan AND (:before IS NULL OR registered_seq < :before)",
        {"kecamatan": kecamatan_of(area), "area": area, "before": before},
    )
    return in_order(registry.items(db, [row["id"] for row in rows]))
