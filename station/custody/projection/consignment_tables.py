"""Consignments and what they carry: how an entry changes where goods are.

``projection`` calls it; what it writes is made anew from the entries with the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labels.label_code import expand
from station.leg import Leg, Tier
from station.model import EntryType, ItemState, Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.model import Draft
    from station.storage.database import Connection


def project(db: Connection, seq: int, draft: Draft) -> None:
    """Bring ``consignment``, ``consignment_item`` and ``item`` up to this entry."""
    change = _BY_TYPE.get(draft.type)
    if change is not None:
        change(db, seq, draft)


def _consignment(db: Connection, seq: int, draft: Draft) -> None:
    data = draft.data
    if data["action"] == "open":
        _opened(db, seq, draft)
    elif data["action"] == "trip":
        _trip(db, seq, draft)
    elif data["action"] == "cancel":
        _cancelled(db, seq, draft)
    elif data["action"] == "found":
        if data["where"] == "arrived":
            _land(db, seq, draft)
        else:
            _count(db, draft, "departed", 0)
            _give_back(db, seq, draft)
    elif data["action"] == "accepted":
        db.execute(
            "UPDATE consignment SET phase = ?, gate = NULL, closed_seq = ?"
            " WHERE id = ?",
            (Phase.ACCEPTED, seq, draft.consignment),
        )


def _opened(db: Connection, seq: int, draft: Draft) -> None:
    data: Any = draft.data
    db.execute(
        "INSERT INTO consignment (id, number, phase, leg, source, destination,"
        " area, kinds, gate, opened_seq, trip_seq)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            draft.consignment,
            data["number"],
            Phase.LOADING,
            data["leg"],
            data["from"],
            data["to"],
            Leg.parse(data["leg"]).area(data["from"], data["to"]),
            ",".join(data["kinds"]),
            draft.gate,
            seq,
            seq,
        ),
    )
    _trip(db, seq, draft)
    db.executemany(
        "INSERT INTO consignment_item (consignment, item) VALUES (?, ?)",
        [(draft.consignment, item) for item in expand(draft.items)],
    )


def _trip(db: Connection, seq: int, draft: Draft) -> None:
    trip: Any = draft.data["trip"]
    db.execute(
        "UPDATE consignment SET trip_seq = ?, vehicle = ?, arrives_ms = ? WHERE id = ?",
        (seq, trip.get("vehicle"), trip.get("arrives_ms"), draft.consignment),
    )


def _cancelled(db: Connection, seq: int, draft: Draft) -> None:
    """It gives back what was loaded on it, or had departed with it."""
    db.execute(
        "UPDATE consignment SET phase = ?, gate = NULL, closed_seq = ? WHERE id = ?",
        (Phase.CANCELLED, seq, draft.consignment),
    )
    _count(db, draft, "loaded_seq", None)
    _count(db, draft, "departed", 0)
    _give_back(db, seq, draft)


def _loading(db: Connection, seq: int, draft: Draft) -> None:
    _count(db, draft, "loaded_seq", seq)
    _move(db, seq, draft, ItemState.LOADED)


def _unloading(db: Connection, seq: int, draft: Draft) -> None:
    _count(db, draft, "loaded_seq", None)
    _give_back(db, seq, draft)


def _departing(db: Connection, seq: int, draft: Draft) -> None:
    db.execute(
        "UPDATE consignment SET phase = ?, gate = NULL, departed_seq = ? WHERE id = ?",
        (Phase.DEPARTED, seq, draft.consignment),
    )
    _count(db, draft, "departed", 1)
    _move(db, seq, draft, ItemState.DEPARTED)


def _arriving(db: Connection, seq: int, draft: Draft) -> None:
    db.execute(
        "UPDATE consignment SET phase = ?, gate = ?, arrived_seq = ? WHERE id = ?",
        (Phase.ARRIVING, draft.gate, seq, draft.consignment),
    )


def _declared(db: Connection, seq: int, draft: Draft) -> None:
    if "trip" in draft.data:
        _trip(db, seq, draft)
        db.execute(
            "UPDATE consignment SET version = version + 1 WHERE id = ?",
            (draft.consignment,),
        )
    elif draft.data.get("action") == "cancel":
        _cancelled(db, seq, draft)
    elif draft.data.get("action") == "retract":
        db.execute(
            "UPDATE consignment SET phase = ?, gate = NULL, arrived_seq = NULL"
            " WHERE id = ?",
            (Phase.DEPARTED, draft.consignment),
        )


def _count(db: Connection, draft: Draft, column: str, value: int | None) -> None:
    db.executemany(
        # The column is one of this module's own three names.
        f"UPDATE consignment_item SET {column} = ?"  # noqa: S608
        " WHERE consignment = ? AND item = ?",
        [(value, draft.consignment, item) for item in expand(draft.items)],
    )


def _move(db: Connection, seq: int, draft: Draft, state: ItemState) -> None:
    db.executemany(
        "UPDATE item SET state = ?, consignment = ?, last_seq = ? WHERE id = ?",
        [(state, draft.consignment, seq, item) for item in expand(draft.items)],
    )


def _land(db: Connection, seq: int, draft: Draft) -> None:
    """It stands at the end of its leg."""
    _count(db, draft, "accepted_seq", seq)
    _move(db, seq, draft, ItemState.ACCEPTED)
    (name,) = db.execute(
        "SELECT leg FROM consignment WHERE id = ?", (draft.consignment,)
    ).fetchone()
    leg = Leg.parse(name)
    db.executemany(
        "UPDATE item SET at = ?, landed = consignment, came_back = ? WHERE id = ?",
        [(leg.destination, leg.returns, item) for item in expand(draft.items)],
    )
    above = [tier for tier in Tier if tier.depth < leg.destination.depth]
    marks = ", ".join("?" * len(above))
    db.executemany(
        # Only question marks are put in.
        f"UPDATE item SET reached = ? WHERE id = ? AND reached IN ({marks})",  # noqa: S608
        [(leg.destination, item, *above) for item in expand(draft.items)],
    )


def _give_back(db: Connection, seq: int, draft: Draft) -> None:
    """It stands where it stood before this consignment took it."""
    db.executemany(
        "UPDATE item SET state = iif(landed IS NULL, ?, ?), consignment = landed,"
        " last_seq = ? WHERE id = ?",
        [
            (ItemState.REGISTERED, ItemState.ACCEPTED, seq, item)
            for item in expand(draft.items)
        ],
    )


_BY_TYPE: dict[EntryType, Callable[[Connection, int, Draft], None]] = {
    EntryType.CONSIGNMENT: _consignment,
    EntryType.LOADING: _loading,
    EntryType.UNLOADING: _unloading,
    EntryType.DEPARTING: _departing,
    EntryType.ARRIVING: _arriving,
    EntryType.ACCEPTING: _land,
    EntryType.ERROR_DECLARATION: _declared,
}
