"""What the ledger says now, kept in tables that can be thrown away and rebuilt.

``apply`` runs inside the transaction of the entry it applies, so a table is never
ahead of the ledger nor behind it. Nothing else writes the tables named in TABLES.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labels.code import expand
from station.custody import bringback, condition, forms, trucks
from station.election import MAIN
from station.ledger import log
from station.leg import Leg, Tier, kecamatan_of
from station.model import (
    Draft,
    EntryType,
    ItemState,
    Phase,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.database import Connection
    from station.model import Entry

TABLES = (
    "area",
    "polling_station",
    "ballot_count",
    "item",
    "consignment",
    "consignment_item",
    "truck_plan",
    "gate_scan",
    "correction",
    "account",
    "shift",
    "hold",
    "inspection",
    "seal",
    "bring_back",
    "form",
    "printed",
    "alias",
)
"""Every table that ``rebuild`` empties; ``tally`` counts what has no entry."""


def apply(db: Connection, entry: Entry) -> None:
    """Bring the tables up to this entry; the caller's transaction is open."""
    project = _BY_TYPE.get(entry.draft.type)
    if project is not None:
        project(db, entry.seq, entry.draft)
    bringback.project(db, entry.seq, entry.draft)
    forms.project(db, entry.seq, entry.draft)
    condition.project(db, entry.seq, entry.draft)
    trucks.project(db, entry.seq, entry.draft)


def rebuild(db: Connection) -> int:
    """Throw the tables away and make them again; gives the entries applied.

    The caller's transaction is open.
    """
    applied = 0
    for table in TABLES:
        db.execute(f"DELETE FROM {table}")  # noqa: S608  # names from TABLES
    for entry in log.entries(db):
        apply(db, entry)
        applied += 1
    return applied


def _registry(db: Connection, seq: int, draft: Draft) -> None:
    data: Any = draft.data
    _person(db, seq, data)
    if data.get("action") == "alias":
        db.execute(
            "INSERT INTO alias (text, item, seq) VALUES (?, ?, ?)",
            (data["text"], draft.items[0], seq),
        )
    db.executemany(
        "INSERT INTO area (level, code, name, parent, dapil) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (code) DO UPDATE SET"
        " level = excluded.level, name = excluded.name,"
        " parent = excluded.parent, dapil = excluded.dapil",
        data.get("areas", ()),
    )
    election = data.get("election", MAIN)
    for area, number, dpt, sheets in data.get("polling_stations", ()):
        station = f"{area}/{number}"
        db.execute(
            "INSERT INTO polling_station (election, id, area, number, dpt)"
            " VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (election, id) DO UPDATE SET dpt = excluded.dpt",
            (election, station, area, number, dpt),
        )
        # A kind that the new plan does not hold here is no longer counted.
        db.execute(
            "DELETE FROM ballot_count WHERE election = ? AND polling_station = ?",
            (election, station),
        )
        db.executemany(
            "INSERT INTO ballot_count (election, polling_station, ballot, sheets)"
            " VALUES (?, ?, ?, ?)",
            [(election, station, ballot, count) for ballot, count in sheets.items()],
        )


def _person(db: Connection, seq: int, data: Any) -> None:  # noqa: ANN401 - JSON
    match data.get("action"):
        case "enrol":
            db.execute(
                "INSERT INTO account (person, role, seq) VALUES (?, ?, ?)",
                (data["person"], data["role"], seq),
            )
        case "role":
            db.execute(
                "UPDATE account SET role = ? WHERE person = ?",
                (data["role"], data["person"]),
            )
        case "erase":
            db.execute(
                "UPDATE account SET erased = 1 WHERE person = ?", (data["person"],)
            )


def _commissioning(db: Connection, seq: int, draft: Draft) -> None:
    data: Any = draft.data
    ids = list(expand(draft.items))
    if "destination" not in data:  # a reprint: the item stands, its label is new
        db.executemany(
            "UPDATE item SET issue = ?, issued_seq = ? WHERE id = ?",
            [(data["issue"], seq, item) for item in ids],
        )
        return
    kinds = data["kinds"]
    if len(kinds) == 1:
        kinds = kinds * len(ids)
    destination = data["destination"]
    shared = (
        destination,
        kecamatan_of(destination),
        data.get("election", MAIN),
        data.get("container"),
        data.get("quantity"),
        data["issue"],
        seq,
        seq,
        seq,
    )
    db.executemany(
        "INSERT INTO item (id, ballot, destination, kecamatan, election, container,"
        " quantity, issue, issued_seq, registered_seq, last_seq)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(item, kind, *shared) for item, kind in zip(ids, kinds, strict=True)],
    )


def _decommissioning(db: Connection, seq: int, draft: Draft) -> None:
    db.executemany(
        "UPDATE item SET voided = 1, last_seq = ? WHERE id = ?",
        [(seq, item) for item in expand(draft.items)],
    )


def _system(db: Connection, seq: int, draft: Draft) -> None:
    match draft.data.get("event"):
        case "print":
            db.executemany(
                "INSERT INTO printed (item, issue, seq) SELECT id, issue, ? FROM item"
                " WHERE id = ? ON CONFLICT DO UPDATE SET seq = excluded.seq",
                [(seq, item) for item in expand(draft.items)],
            )
        case "shift_start" | "handover" if draft.gate is not None:
            db.execute(
                "INSERT INTO shift (gate, person, seq) VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET person = excluded.person,"
                " seq = excluded.seq, tried_seq = NULL",
                (draft.gate, draft.actor, seq),
            )
        case "shift_check" if draft.data.get("good"):
            db.execute(
                "UPDATE shift SET tried_seq = ? WHERE gate = ?", (seq, draft.gate)
            )
        case "shift_end":
            db.execute("DELETE FROM shift WHERE gate = ?", (draft.gate,))


def _consignment(db: Connection, seq: int, draft: Draft) -> None:
    data: Any = draft.data
    if data["action"] == "open":
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
    elif data["action"] == "trip":
        _trip(db, seq, draft)
    elif data["action"] == "cancel":
        _cancelled(db, seq, draft)
    elif data["action"] == "found":
        if data["where"] == "arrived":
            _land(db, seq, draft)
        else:
            _give_back(db, seq, draft)
    elif data["action"] == "accepted":
        db.execute(
            "UPDATE consignment SET phase = ?, gate = NULL, closed_seq = ?"
            " WHERE id = ?",
            (Phase.ACCEPTED, seq, draft.consignment),
        )


def _trip(db: Connection, seq: int, draft: Draft) -> None:
    told: Any = draft.data["trip"]
    db.execute(
        "UPDATE consignment SET trip_seq = ?, vehicle = ?, arrives_ms = ? WHERE id = ?",
        (seq, told.get("vehicle"), told.get("arrives_ms"), draft.consignment),
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
    _scanned(db, seq, draft)
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


def _accepting(db: Connection, seq: int, draft: Draft) -> None:
    _scanned(db, seq, draft)
    _land(db, seq, draft)


def _refused(db: Connection, seq: int, draft: Draft) -> None:
    _scanned(db, seq, draft)
    if draft.verdict is not None and draft.verdict.holds:
        db.execute("INSERT INTO hold (seq, gate) VALUES (?, ?)", (seq, draft.gate))


def _inspecting(db: Connection, seq: int, draft: Draft) -> None:
    if draft.data.get("action") == "acknowledge":
        db.execute(
            "UPDATE hold SET acknowledged_seq = ? WHERE seq = ?",
            (seq, draft.data["hold"]),
        )


def _declared(db: Connection, seq: int, draft: Draft) -> None:
    db.execute(
        "INSERT INTO correction (wrong, seq) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (draft.corrects, seq),
    )
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


def _scanned(db: Connection, seq: int, draft: Draft) -> None:
    accepted = draft.verdict is Verdict.ACCEPTED
    db.execute(
        "INSERT INTO gate_scan (seq, gate, accepted) VALUES (?, ?, ?)",
        (seq, draft.gate, int(accepted)),
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
        "UPDATE item SET at = ?, landed = consignment WHERE id = ?",
        [(leg.destination, item) for item in expand(draft.items)],
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
    EntryType.REGISTRY: _registry,
    EntryType.COMMISSIONING: _commissioning,
    EntryType.DECOMMISSIONING: _decommissioning,
    EntryType.CONSIGNMENT: _consignment,
    EntryType.LOADING: _loading,
    EntryType.UNLOADING: _unloading,
    EntryType.DEPARTING: _departing,
    EntryType.ARRIVING: _arriving,
    EntryType.ACCEPTING: _accepting,
    EntryType.REFUSED: _refused,
    EntryType.INSPECTING: _inspecting,
    EntryType.ERROR_DECLARATION: _declared,
    EntryType.SYSTEM: _system,
}
