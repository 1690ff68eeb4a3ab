"""The second person: what is signed, by whom, and for how long.

One person asks for an act; another, with a PIN entered for this very act within a
minute, signs a digest of the act and of the ledger facts it stands on. The digest is
made again when it is carried out: what changed meanwhile is signed by nobody.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody.accounts import directory, who_may_sign
from station.errors import OperationRefused, RefusalReason
from station.leg import Leg, Tier
from station.roles import Act  # noqa: TC001 - an example needs it

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.model import Json
    from station.roles import Role
    from station.storage.database import Connection

WITHIN_MS = 60_000
"""From asking to the PIN; DESIGN section 5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRequest:
    """An act that waits for its second person."""

    act: Act
    first: str
    """Person id of who asked."""
    facts: Mapping[str, Json]
    """Parameters of the act and the ledger facts it stands on; no floats."""
    asked_ms: int
    """UTC milliseconds."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of act, first person and facts; goes into the entry."""
        return digest(self.act, self.first, self.facts)


def digest(act: Act, first: str, facts: Mapping[str, Json]) -> str:
    """What the second person signs, as SHA-256 (hex) of its RFC 8785 form.

    >>> digest(Act.DEPART, "p01", {"count": 3})[:16]
    '12b2d3d4613a9d8d'
    """
    text = json.dumps(
        {"act": act.value, "facts": facts, "first": first},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def admit(
    db: Connection,
    request: SigningRequest,
    second: str,
    facts: Mapping[str, Json],
    now_ms: int,
) -> None:
    """Let the act be done; call it in the transaction that records it.

    Whether the PIN was right is the door's question, asked before.

    Args:
        db: The writing connection.
        request: What was asked for.
        second: Person id of who signs.
        facts: What the ledger says now, made as the request's were.
        now_ms: UTC milliseconds.

    Raises:
        OperationRefused: the same person, a pair of roles that may not, too late, or
            something changed since it was asked.
    """
    if second == request.first:
        message = f"Another person than {request.first} must sign."
        raise OperationRefused(RefusalReason.SAME_PERSON, message)
    first_role, second_role = (
        directory.role(db, request.first),
        directory.role(db, second),
    )
    if second_role not in _may_sign(db, request):
        message = f"{first_role} and {second_role} may not {request.act} together."
        raise OperationRefused(RefusalReason.MAY_NOT_SIGN, message)
    # A clock that went back is no more time.
    if not 0 <= now_ms - request.asked_ms <= WITHIN_MS:
        message = f"The PIN came later than {WITHIN_MS // 1000} s; ask again."
        raise OperationRefused(RefusalReason.TOO_LATE, message)
    if digest(request.act, request.first, facts) != request.digest:
        message = "What was to be signed has changed; look at it again."
        raise OperationRefused(RefusalReason.CHANGED_MEANWHILE, message)


def seconds(db: Connection, request: SigningRequest) -> list[directory.Person]:
    """Who may sign this, by name; each has a PIN."""
    may = _may_sign(db, request)
    found = [
        person
        for person in directory.roll(db)
        if person.name
        and person.has_pin
        and person.role in may
        and person.id != request.first
    ]
    return sorted(found, key=lambda person: (person.name or "").casefold())


def _may_sign(db: Connection, request: SigningRequest) -> frozenset[Role]:
    """The roles of a second person, after who asked and where it is done."""
    row = db.execute(
        "SELECT leg FROM consignment WHERE id = ?", (request.facts.get("consignment"),)
    ).fetchone()
    leg = None if row is None else Leg.parse(row["leg"])
    at = request.facts.get("at") or who_may_sign.place_of_act(request.act, leg)
    pairs = who_may_sign.SIGNS[request.act][Tier(str(at))]
    role = directory.role(db, request.first)
    return frozenset() if role is None else pairs.get(role, frozenset())
