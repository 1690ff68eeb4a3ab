"""The directory: names behind person ids, erasable, never in the ledger."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from station.model import Draft, EntryType, StationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.database import Connection
    from station.ledger.log import Batch
    from station.model import Instant

SYSTEM = "system"
"""The actor of what no person did."""


def names(db: Connection) -> dict[str, str]:
    """Every name in the directory, by person id."""
    return {row["id"]: row["name"] for row in db.execute("SELECT id, name FROM person")}


def name(known: Mapping[str, str], person: str) -> str:
    """The name to show for a person id; ``person 17`` where it was erased.

    >>> name({"p01": "Siti Rahma"}, "p01"), name({}, "p17"), name({}, "system")
    ('Siti Rahma', 'person 17', 'system')
    """
    if person in known:
        return known[person]
    return f"person {person[1:].lstrip('0')}" if person.startswith("p") else person


def enrol(db: Connection, batch: Batch, full_name: str, at: Instant) -> str:
    """Put a name in the directory and its salted hash in the ledger.

    Returns:
        The new person id, such as ``p01``; never that of a name that was erased.

    Raises:
        StationError: there is no name, or it holds what cannot be printed.
    """
    full_name = " ".join(full_name.split())
    if not full_name or not full_name.isprintable():
        message = f"Expected a person's name, got {full_name!r}."
        raise StationError(message)
    person = f"p{_last(db) + 1:02d}"
    salt = secrets.token_bytes(16)
    db.execute(
        "INSERT INTO person (id, name, salt) VALUES (?, ?, ?)",
        (person, full_name, salt),
    )
    digest = hashlib.sha256(salt + full_name.encode()).hexdigest()
    batch.append(
        Draft(
            type=EntryType.REGISTRY,
            event=at,
            actor=SYSTEM,
            place=batch.place,
            data={"action": "enrol", "person": person, "name_sha256": digest},
        )
    )
    return person


def _last(db: Connection) -> int:
    """The highest number given out; the ledger keeps it when the name is erased."""
    (last,) = db.execute(
        "SELECT max(CAST(substr("
        "  json_extract(CAST(body AS TEXT), '$.data.person'), 2) AS INTEGER))"
        " FROM entry JOIN log USING (log_id) WHERE mine = 1 AND type = 'registry'"
    ).fetchone()
    return last or 0
