"""What the ledger says now, kept in tables that can be thrown away and rebuilt.

``apply`` runs inside the transaction of the entry it applies, so a table is never
ahead of the ledger nor behind it. Nothing else writes the tables named in TABLES.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labels.label_code import expand
from labels.label_errors import LabelError
from station.custody.consignment import truck_plan
from station.custody.entry_data.check import check_data
from station.custody.gate import bring_back, paper_forms, seals_and_condition
from station.custody.projection import consignment_tables
from station.errors import StationError
from station.ledger import log
from station.leg import kecamatan_of
from station.model import (
    Draft,
    EntryType,
    Verdict,
)
from station.settings.election_profiles import MAIN
from station.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.model import Entry
    from station.storage.database import Connection

    Progress = Callable[[int, int], None]
    """Called with the entries applied so far, and all there are."""

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


def silent(done: int, entries: int) -> None:
    """Tell nobody how far a rebuild is."""


def apply(db: Connection, entry: Entry) -> None:
    """Bring the tables up to this entry; the caller's transaction is open."""
    project = _BY_TYPE.get(entry.draft.type)
    if project is not None:
        project(db, entry.seq, entry.draft)
    consignment_tables.project(db, entry.seq, entry.draft)
    bring_back.project(db, entry.seq, entry.draft)
    paper_forms.project(db, entry.seq, entry.draft)
    seals_and_condition.project(db, entry.seq, entry.draft)
    truck_plan.project(db, entry.seq, entry.draft)


def record(db: Connection, entry: Entry) -> None:
    """Bring the tables up to an entry that is being appended, once it was checked.

    Its bytes stay for ever: what no release could read is stopped before that.

    Raises:
        StationError: its ``data`` is not of a known shape.
    """
    check_data(entry.draft.type, entry.draft.data)
    apply(db, entry)


def rebuild(db: Connection, progress: Progress = silent) -> int:
    """Throw the tables away and make them again; gives the entries applied.

    The caller's transaction is open.

    Raises:
        StationError: as ``replay``.
    """
    for table in TABLES:
        db.execute(f"DELETE FROM {table}")  # noqa: S608  # names from TABLES
    return replay(db, db, progress)


def replay(source: Connection, db: Connection, progress: Progress = silent) -> int:
    """Fill empty tables; gives the entries applied.

    Args:
        source: Where the entries are.
        db: Where the tables are; the caller's transaction is open.
        progress: Told how far it is: at the start, at each hundredth, at the end.

    Raises:
        StationError: An entry cannot be read, or says what no table can take.
    """
    applied, size = 0, log.head(source).size
    progress(0, size)
    for entry in log.entries(source):
        try:
            apply(db, entry)
        except (DatabaseError, LabelError, LookupError, TypeError, ValueError) as fault:
            raise StationError(
                "Entry %(seq)s cannot be replayed (%(fault)s): run `jejak verify` "
                "and keep the file.",
                seq=entry.seq,
                fault=fault,
            ) from fault
        applied += 1
        if applied * 100 // size > (applied - 1) * 100 // size:
            progress(applied, size)
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


def _scanned(db: Connection, seq: int, draft: Draft) -> None:
    accepted = draft.verdict is Verdict.ACCEPTED
    db.execute(
        "INSERT INTO gate_scan (seq, gate, accepted) VALUES (?, ?, ?)",
        (seq, draft.gate, int(accepted)),
    )


_BY_TYPE: dict[EntryType, Callable[[Connection, int, Draft], None]] = {
    EntryType.REGISTRY: _registry,
    EntryType.COMMISSIONING: _commissioning,
    EntryType.DECOMMISSIONING: _decommissioning,
    EntryType.LOADING: _scanned,
    EntryType.ACCEPTING: _scanned,
    EntryType.REFUSED: _refused,
    EntryType.INSPECTING: _inspecting,
    EntryType.ERROR_DECLARATION: _declared,
    EntryType.SYSTEM: _system,
}
