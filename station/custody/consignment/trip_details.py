"""The trip of a consignment: vehicle, driver, escort, seal, planned times.

It is told when the consignment is opened, may be told anew while it is loaded, and is
put right after it departed by a correction that two people sign. Names of people lie
in an erasable table beside the ledger; an entry holds their salted hashes.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from station.custody.accounts import second_signature
from station.custody.accounts.second_signature import SigningRequest
from station.custody.load import find_load
from station.errors import OperationRefused, RefusalReason
from station.ledger import log as ledger
from station.model import Draft, EntryType, Phase
from station.roles import Act

if TYPE_CHECKING:
    from station.custody.load import Load
    from station.ledger.log import Batch, Log
    from station.model import Entry, Instant, Json
    from station.storage.database import Connection

LONGEST = 80
"""Characters of one of its texts."""
PEOPLE = ("driver", "escort", "supervisor", "key_holder")
"""The fields that are names of people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """What is known of a trip; None: not told."""

    vehicle: str | None = None
    """Number plate."""
    driver: str | None = None
    carrier: str | None = None
    """Whose truck it is."""
    escort_unit: str | None = None
    """Such as Polresta Bengkulu."""
    escort: str | None = None
    supervisor_unit: str | None = None
    """Such as Panwascam Selebar."""
    supervisor: str | None = None
    """Who of Bawaslu or Panwascam is present."""
    door_seal: str | None = None
    """Number of the seal on the truck's door."""
    key_holder: str | None = None
    leaves_ms: int | None = None
    """Planned departure, UTC milliseconds."""
    arrives_ms: int | None = None
    """Planned arrival, UTC milliseconds."""
    weather: str | None = None
    rain_cover: bool | None = None


def trip_data(db: Connection, seq: int, trip: Trip) -> dict[str, Json]:
    """The field of entry ``seq`` that tells the trip; the names go to their table.

    Raises:
        OperationRefused: a text is too long or cannot be printed.
    """
    _check(trip)
    public: dict[str, Json] = {}
    hashes: dict[str, Json] = {}
    for field in fields(trip):
        value = getattr(trip, field.name)
        if value is None:
            continue
        if field.name not in PEOPLE:
            public[field.name] = value
            continue
        salt = secrets.token_bytes(16)
        db.execute(
            "INSERT INTO trip_name (seq, part, name, salt) VALUES (?, ?, ?, ?)",
            (seq, field.name, value, salt),
        )
        hashes[field.name] = hashlib.sha256(salt + value.encode()).hexdigest()
    return {**public, "names_sha256": hashes}


def trip_at(db: Connection, seq: int) -> Trip:
    """The trip that entry ``seq`` tells; names that were erased are missing."""
    recorded: Any = ledger.entry(db, seq).draft.data["trip"]
    names = db.execute("SELECT part, name FROM trip_name WHERE seq = ?", (seq,))
    public = {key: value for key, value in recorded.items() if key != "names_sha256"}
    return Trip(**public, **{row["part"]: row["name"] for row in names})


def current(db: Connection, consignment: str) -> Trip:
    """The trip of a consignment as it was told last."""
    return trip_at(db, seq_of(db, consignment))


def change(  # noqa: PLR0913 - what is told, of what, and by whom
    log: Log,
    consignment: str,
    trip: Trip,
    *,
    seen: int | None = None,
    actor: str,
    at: Instant,
) -> Entry | None:
    """Record new trip details of a consignment still loading, or None if the same.

    ``seen`` is the entry of the trip that the person had on screen.

    Raises:
        OperationRefused: it is not being loaded, a text cannot be taken, or somebody
            changed the trip since then.
    """
    with log.writing() as batch:
        load = _still_loading(batch.db, consignment, seen)
        if current(batch.db, consignment) == trip:
            return None
        data: dict[str, Json] = {
            "action": "trip",
            "trip": trip_data(batch.db, batch.next_seq, trip),
        }
        return batch.append(
            Draft(
                type=EntryType.CONSIGNMENT,
                event=at,
                actor=actor,
                place=batch.place,
                gate=load.gate,
                consignment=consignment,
                data=data,
            )
        )


def _still_loading(db: Connection, consignment: str, seen: int | None) -> Load:
    load = find_load(db, consignment)
    if load is None or load.phase is not Phase.LOADING:
        message = f"Consignment {consignment} is not being loaded."
        raise OperationRefused(RefusalReason.NO_CONSIGNMENT, message)
    if seen not in {None, seq_of(db, consignment)}:
        message = f"The trip of {consignment} was changed meanwhile; look again."
        raise OperationRefused(RefusalReason.CHANGED_MEANWHILE, message)
    return load


def ask_correction(
    db: Connection, consignment: str, trip: Trip, *, reason: str, by: tuple[str, int]
) -> SigningRequest:
    """A correction of the trip of a departed consignment, for a second person to sign.

    Args:
        db: A connection.
        consignment: Its id.
        trip: The trip as it was.
        reason: Why it was told otherwise.
        by: Person id of who asks, and UTC milliseconds.

    Raises:
        OperationRefused: no reason, nothing differs, or it did not depart.
    """
    first, now_ms = by
    if not reason.strip():
        message = "Say why it is corrected."
        raise OperationRefused(RefusalReason.REASON_NEEDED, message)
    _check(trip)
    if current(db, consignment) == trip:
        message = f"Nothing differs from what is recorded of {consignment}."
        raise OperationRefused(RefusalReason.NOTHING_DIFFERS, message)
    facts = {
        **_facts(db, consignment),
        "reason": reason.strip(),
        "trip": _as_json(trip),
        "gone": _gone(current(db, consignment), trip),
        # Names are short: without it the digest would tell them to who guesses.
        "nonce": secrets.token_hex(16),
    }
    return SigningRequest(
        act=Act.CORRECT_TRIP, first=first, facts=facts, asked_ms=now_ms
    )


def correct(log: Log, request: SigningRequest, second: str, at: Instant) -> Entry:
    """Record the trip as both signed it; what was told before stays, struck out.

    Raises:
        OperationRefused: it was put right meanwhile, or it may not be signed so.
    """
    asked: Any = request.facts
    with log.writing() as batch:
        db, consignment = batch.db, asked["consignment"]
        approved = {key: asked[key] for key in ("reason", "trip", "gone", "nonce")}
        facts = {**_facts(db, consignment), **approved}
        second_signature.admit(db, request, second, facts, at.wall_ms)
        trip = Trip(**asked["trip"])
        return batch.append(
            Draft(
                type=EntryType.ERROR_DECLARATION,
                event=at,
                actor=request.first,
                second=second,
                place=batch.place,
                consignment=consignment,
                corrects=facts["corrects"],
                data={
                    "reason": "incorrect_data",
                    "note": asked["reason"],
                    "trip": trip_data(db, batch.next_seq, trip),
                    "signed": request.digest,
                },
            )
        )


def bound(db: Connection, seq: int) -> bool:
    """True when every name still there is the one whose hash the entry holds."""
    recorded: Any = ledger.entry(db, seq).draft.data.get("trip")
    hashes = {} if recorded is None else recorded["names_sha256"]
    rows = db.execute("SELECT part, name, salt FROM trip_name WHERE seq = ?", (seq,))
    return all(
        hashlib.sha256(row["salt"] + row["name"].encode()).hexdigest()
        == hashes.get(row["part"])
        for row in rows
    )


def forget_names(
    batch: Batch, consignment: str, *, actor: str, at: Instant
) -> Entry | None:
    """Erase every name told of a consignment's trips; None: there is none left.

    Their hashes stay in the ledger, and the entry says that they were erased. The
    bytes are overwritten in the database file; backups made before hold them.
    """
    db = batch.db
    seqs = db.execute(
        "SELECT seq FROM trip_name JOIN entry USING (seq)"
        " WHERE json_extract(CAST(body AS TEXT), '$.consignment') = ?",
        (consignment,),
    ).fetchall()
    if not seqs:
        return None
    db.executemany("DELETE FROM trip_name WHERE seq = ?", [tuple(row) for row in seqs])
    return batch.append(
        Draft(
            type=EntryType.REGISTRY,
            event=at,
            actor=actor,
            place=batch.place,
            consignment=consignment,
            data={"action": "trip_names_erased"},
        )
    )


def _facts(db: Connection, consignment: str) -> dict[str, Any]:
    """What the correction stands on.

    Raises:
        OperationRefused: it did not depart.
    """
    load = find_load(db, consignment)
    if load is None or load.phase in {Phase.LOADING, Phase.CANCELLED}:
        message = f"Consignment {consignment} has not departed."
        raise OperationRefused(RefusalReason.NOT_ON_THE_WAY, message)
    return {
        "consignment": consignment,
        "corrects": seq_of(db, consignment),
        "erased": _erased_seq(db, consignment),
    }


def _erased_seq(db: Connection, consignment: str) -> int | None:
    """The entry that erased its names last: what was asked before brings none back."""
    (seq,) = db.execute(
        "SELECT max(seq) FROM entry WHERE type = 'registry'"
        " AND json_extract(CAST(body AS TEXT), '$.consignment') = ?"
        " AND json_extract(CAST(body AS TEXT), '$.data.action') = 'trip_names_erased'",
        (consignment,),
    ).fetchone()
    return None if seq is None else int(seq)


def version(db: Connection, consignment: str) -> int:
    """Of its waybill: 1, and one more for each time that its trip was put right."""
    row = db.execute(
        "SELECT version FROM consignment WHERE id = ?", (consignment,)
    ).fetchone()
    return int(row["version"])


def seq_of(db: Connection, consignment: str) -> int:
    """The entry that told its trip last."""
    row = db.execute(
        "SELECT trip_seq FROM consignment WHERE id = ?", (consignment,)
    ).fetchone()
    return int(row["trip_seq"])


def _gone(before: Trip, after: Trip) -> list[Json]:
    """The parts that were told and are told no more."""
    left = _as_json(after)
    return [name for name in _as_json(before) if name not in left]


def _as_json(trip: Trip) -> dict[str, Json]:
    named = ((field.name, getattr(trip, field.name)) for field in fields(trip))
    return {name: value for name, value in named if value is not None}


def _check(trip: Trip) -> None:
    """Let texts pass that can be printed.

    Raises:
        OperationRefused: one is too long, or is no line of text.
    """
    for name, value in _as_json(trip).items():
        if isinstance(value, str) and not (
            0 < len(value) <= LONGEST and value.isprintable()
        ):
            message = (
                f"Expected a line of at most {LONGEST} characters for {name}, got "
                f"{value[:100]!r}."
            )
            raise OperationRefused(RefusalReason.NO_NAME, message)
