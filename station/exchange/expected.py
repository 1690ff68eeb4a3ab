"""What a manifest's bits are of: a kecamatan's items, in the registry's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.custody import registry
from station.model import Ballot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.custody.registry import NamedItem
    from station.database import Connection

_NO_KIND = len(Ballot)


def in_order(items: Iterable[NamedItem]) -> list[NamedItem]:
    """The registry's order: kelurahan, TPS, kind, number."""
    kinds = list(Ballot)

    def key(item: NamedItem) -> tuple[str, int, str]:
        kind = item.item.ballot
        place = _NO_KIND if kind is None else kinds.index(kind)
        return item.item.destination, place, item.item.id

    return sorted(items, key=key)


def plan(db: Connection, kecamatan: str, before: int | None = None) -> list[NamedItem]:
    """The items of a kecamatan that travel by themselves, in that order.

    Args:
        db: Any connection of a station.
        kecamatan: Its code.
        before: Only what was registered by entries before this one of the station's
            own log; None: all.
    """
    rows = db.execute(
        "SELECT id FROM item WHERE kecamatan = ? AND container IS NULL"
        " AND (?2 IS NULL OR registered_seq < ?2)",
        (kecamatan, before),
    )
    return in_order(registry.items(db, [row["id"] for row in rows]))
