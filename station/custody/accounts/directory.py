"""The directory: names behind person ids, erasable, never in the ledger.

The ledger holds who has which role, and a salted hash of each name and badge, so
that nobody can put another name behind an id unseen. Names and badges lie beside it
and can be erased: the ledger verifies as before, and says "person 17".
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody.entry_data.words import RegistryAction, SystemEvent
from station.errors import OperationRefused, RefusalReason
from station.ledger import log
from station.model import Draft, EntryType
from station.roles import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.ledger.log import Batch
    from station.model import Instant, Json
    from station.storage.database import Connection, Row

SYSTEM = "system"
"""The actor of what no person did, and of commands typed at the machine itself."""
LONGEST = 80
"""Characters of a name or badge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody to be put in the directory."""

    name: str
    role: Role
    badge: str | None = None
    login: str | None = None
    """What is typed to sign in; None: this person never signs in."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the administrator's page tells of them."""

    id: str
    role: Role
    name: str | None
    """None: erased."""
    badge: str | None
    login: str | None
    has_password: bool
    has_pin: bool
    bound: bool
    """Name and badge are those whose hash the ledger holds; True once erased."""


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
    return f"person {number(person)}" if person.startswith("p") else person


def number(person: str) -> str:
    """The number in a person id.

    >>> number("p07"), number("p112")
    ('7', '112')
    """
    return person[1:].lstrip("0")


def role(db: Connection, person: str) -> Role | None:
    """The person's role; None for nobody, and for one who was erased."""
    row = db.execute(
        "SELECT role FROM account WHERE person = ? AND erased = 0", (person,)
    ).fetchone()
    return None if row is None else Role(row["role"])


def roll(db: Connection) -> list[Person]:
    """Everybody who ever was in the directory, by id."""
    rows = db.execute(
        "SELECT account.person, role, erased, seq, name, badge, salt, login,"
        " password_hash IS NOT NULL AS has_password, pin_hash IS NOT NULL AS has_pin"
        " FROM account LEFT JOIN person ON person.id = account.person"
        " LEFT JOIN credential ON credential.person = account.person"
        " ORDER BY CAST(substr(account.person, 2) AS INTEGER)"
    ).fetchall()
    return [
        Person(
            row["person"],
            Role(row["role"]),
            row["name"],
            row["badge"],
            row["login"],
            bool(row["has_password"]),
            bool(row["has_pin"]),
            bool(row["erased"]) or bound(db, row),
        )
        for row in rows
    ]


def enrol(batch: Batch, newcomer: Newcomer, at: Instant, actor: str = SYSTEM) -> str:
    """Put somebody in the directory, and role and salted hashes in the ledger.

    Returns:
        The new person id, such as ``p01``; never that of somebody who was erased.

    Raises:
        OperationRefused: there is no name, it cannot be printed, or badge or login are
            another person's.
    """
    db = batch.db
    full_name = _clean(newcomer.name, "a person's name")
    badge = _clean(newcomer.badge, "a badge") if newcomer.badge else None
    _check_free(db, badge, newcomer.login)
    person = f"p{_last(db) + 1:02d}"
    salt = secrets.token_bytes(16)
    db.execute(
        "INSERT INTO person (id, name, badge, salt) VALUES (?, ?, ?, ?)",
        (person, full_name, badge, salt),
    )
    if newcomer.login:
        db.execute(
            "INSERT INTO credential (person, login) VALUES (?, ?)",
            (person, newcomer.login),
        )
    record(
        batch,
        {
            "action": RegistryAction.ENROL,
            "person": person,
            "role": newcomer.role.value,
            "name_sha256": _salted(salt, full_name),
            "badge_sha256": None if badge is None else _salted(salt, badge),
        },
        at,
        actor,
    )
    return person


def change_role(
    batch: Batch, person: str, to: Role, at: Instant, actor: str = SYSTEM
) -> None:
    """Give a person another role; their shifts end, and what they are signed in to.

    Raises:
        OperationRefused: nobody has this id, or no administrator would be left.
    """
    before = _known(batch.db, person)
    if before is to:
        return
    _spare_last_administrator(batch.db, person, before)
    _end_shifts(batch, person, at, actor)
    record(
        batch,
        {
            "action": RegistryAction.ROLE,
            "person": person,
            "role": to.value,
            "before": before.value,
        },
        at,
        actor,
    )
    # A page that was opened under the old role must not act under the new one.
    batch.db.execute("DELETE FROM session WHERE person = ?", (person,))


def erase(batch: Batch, person: str, at: Instant, actor: str = SYSTEM) -> None:
    """Erase name, badge, salt, login, password and PIN; end shifts and sessions.

    The bytes are overwritten in the database file. Backups made before hold them
    until they are thrown away.

    Raises:
        OperationRefused: nobody has this id, or no administrator would be left.
    """
    db = batch.db
    before = _known(db, person)
    _spare_last_administrator(db, person, before)
    _end_shifts(batch, person, at, actor)
    record(batch, {"action": RegistryAction.ERASE, "person": person}, at, actor)
    # Credentials, attempts and sessions go with it (ON DELETE CASCADE).
    db.execute("DELETE FROM person WHERE id = ?", (person,))


def _end_shifts(batch: Batch, person: str, at: Instant, actor: str) -> None:
    """End every shift of a person: cameras record under nobody who may not work."""
    gates = batch.db.execute(
        "SELECT gate FROM shift WHERE person = ?", (person,)
    ).fetchall()
    for row in gates:
        facts = {"person": person}
        batch.note(SystemEvent.SHIFT_END, facts, actor=actor, at=at, gate=row["gate"])


def record(batch: Batch, data: Mapping[str, Json], at: Instant, actor: str) -> None:
    """Record a fact about people; ids only."""
    batch.append(
        Draft(
            type=EntryType.REGISTRY,
            event=at,
            actor=actor,
            place=batch.place,
            data=data,
        )
    )


def _known(db: Connection, person: str) -> Role:
    """The role of somebody who is in the directory.

    Raises:
        OperationRefused: nobody has this id.
    """
    found = role(db, person)
    if found is None:
        message = f"Nobody in the directory has the id {person!r}."
        raise OperationRefused(RefusalReason.NO_NAME, message)
    return found


def _spare_last_administrator(db: Connection, person: str, before: Role) -> None:
    """Let pass who is not the only administrator that can sign in.

    Raises:
        OperationRefused: this one is.
    """
    if before is not Role.ADMINISTRATOR:
        return
    others = db.execute(
        "SELECT 1 FROM account JOIN credential USING (person)"
        " WHERE role = ? AND erased = 0 AND person <> ?"
        " AND password_hash IS NOT NULL",
        (Role.ADMINISTRATOR, person),
    ).fetchone()
    if others is None:
        message = (
            f"{person} is the only administrator with a password; make another first."
        )
        raise OperationRefused(RefusalReason.LAST_ADMINISTRATOR, message)


def _clean(text: str, what: str) -> str:
    """Its words with one blank between; begins with a letter or digit.

    What a spreadsheet would take for a formula is no name.

    Raises:
        OperationRefused: it is no such text.
    """
    text = " ".join(text.split())
    if not text.isprintable() or not text[:1].isalnum() or len(text) > LONGEST:
        message = f"Expected {what}, got {text!r}."
        raise OperationRefused(RefusalReason.NO_NAME, message)
    return text


def _check_free(db: Connection, badge: str | None, login: str | None) -> None:
    """Let a badge and a login pass.

    Raises:
        OperationRefused: one of them is another person's.
    """
    taken = db.execute(
        "SELECT 1 FROM person WHERE badge = ?"
        " UNION SELECT 1 FROM credential WHERE login = ?",
        (badge, login),
    ).fetchone()
    if taken is not None:
        message = f"Expected a badge and login of nobody else, got {badge!r}, {login!r}"
        raise OperationRefused(RefusalReason.NAME_TAKEN, message)


def _salted(salt: bytes, text: str) -> str:
    return hashlib.sha256(salt + text.encode()).hexdigest()


def bound(db: Connection, row: Row) -> bool:
    """True when name and badge are those whose hash the enrolling entry holds.

    Args:
        db: A connection.
        row: ``seq`` of that entry, ``name``, ``badge`` and ``salt``.
    """
    if row["name"] is None:
        return False
    said = log.entry(db, row["seq"]).draft.data
    badge = None if row["badge"] is None else _salted(row["salt"], row["badge"])
    own = _salted(row["salt"], row["name"])
    return (said.get("name_sha256"), said.get("badge_sha256")) == (own, badge)


def _last(db: Connection) -> int:
    """The highest number given out; the ledger keeps it when the name is erased."""
    (last,) = db.execute(
        "SELECT max(CAST(substr(person, 2) AS INTEGER)) FROM account"
    ).fetchone()
    return last or 0
