"""Trucks on the way: when each is due, and how many are late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.ledger import log

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.storage.database import Connection


def due(db: Connection, routes: Mapping[str, int]) -> dict[str, int]:
    """When each consignment on the way is to arrive, UTC milliseconds, by its id.

    As planned; where nothing was, by the time that its route takes, either way.

    Args:
        db: Any connection of the station.
        routes: Minutes to a place, by its code.
    """
    found = {}
    for row in db.execute(
        "SELECT id, area, arrives_ms, departed_seq FROM consignment"
        " WHERE phase = 'departed' AND departed_seq IS NOT NULL"
    ):
        if row["arrives_ms"] is not None:
            found[row["id"]] = int(row["arrives_ms"])
        elif row["area"] in routes:
            left = log.entry(db, row["departed_seq"]).draft.event.wall_ms
            found[row["id"]] = left + routes[row["area"]] * 60_000
    return found


def late(db: Connection, now_ms: int, routes: Mapping[str, int]) -> int:
    """How many consignments are on the way after they were to arrive."""
    return sum(at_ms < now_ms for at_ms in due(db, routes).values())
