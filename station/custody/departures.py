"""With which consignments an item departed, and what was said where it stayed behind.

A departing entry names what departed; what was missing stands in its dispositions
alone, so no index by item leads there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labels.label_code import expand
from station.ledger import log
from station.model import Disposition

if TYPE_CHECKING:
    from station.model import Entry
    from station.storage.database import Connection, Row


@dataclass(frozen=True, slots=True)
class Departure:
    """A consignment that departed with the item on its list."""

    entry: Entry
    """The departing one."""
    consignment: str
    number: int
    vehicle: str | None
    """Its number plate, as last told."""
    disposition: Disposition | None
    """Why the item stayed behind; None: it went along."""


_ALL = """\
SELECT consignment.id, number, vehicle, departed_seq FROM consignment_item
JOIN consignment ON consignment.id = consignment_item.consignment
WHERE item = ? AND departed_seq IS NOT NULL
ORDER BY departed_seq
"""
_LAST = """\
SELECT consignment.id, number, vehicle, departed_seq FROM consignment_item
JOIN consignment ON consignment.id = consignment_item.consignment
WHERE item = ? AND departed_seq IS NOT NULL
  AND departed_seq NOT IN (SELECT wrong FROM correction)
  AND (departed = 1 OR loaded_seq IS NULL) -- else it turned up where it had stood
ORDER BY departed_seq DESC LIMIT 1
"""


def departures(db: Connection, item: str) -> list[Departure]:
    """Every one, oldest first, also those that were cancelled since."""
    return [_departure(db, row, item) for row in db.execute(_ALL, (item,)).fetchall()]


def last(db: Connection, item: str) -> Departure | None:
    """The newest one that holds, or None where the item was on none."""
    row = db.execute(_LAST, (item,)).fetchone()
    return None if row is None else _departure(db, row, item)


def dispositions_in(entry: Entry) -> dict[str, Disposition]:
    """What a closing entry says of each item that was missing."""
    said: dict[str, Disposition] = {}
    ranges: Any = entry.draft.data.get("dispositions")
    for code, items in (ranges or {}).items():
        said.update(dict.fromkeys(expand(items), Disposition(code)))
    return said


def _departure(db: Connection, row: Row, item: str) -> Departure:
    entry = log.entry(db, row["departed_seq"])
    return Departure(
        entry=entry,
        consignment=row["id"],
        number=row["number"],
        vehicle=row["vehicle"],
        disposition=dispositions_in(entry).get(item),
    )
