"""Names put back from a backup, each only where the ledger's own hash fits it.

A backup is never a place to go on from, but what it says of names can be proved: an
entry of *this* ledger holds the salted hash. So it does not matter whose stick it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.custody.accounts import directory
from station.custody.consignment import trip_details
from station.custody.projection import tables_audit
from station.ledger import log
from station.model import Draft, EntryType
from station.storage.sqlite_tables import tables_of

if TYPE_CHECKING:
    from station.custody.projection.tables_audit import Difference
    from station.ledger.log import Batch
    from station.model import Instant, Json
    from station.storage.database import Connection, Row


def restore(db: Connection, source: Connection) -> list[str]:
    """Put back every altered name that the source still holds; whose they are.

    Args:
        db: A connection to the station's database, in a transaction for writing.
        source: A reading connection to a backup's ``ledger.db``.
    """
    before = list(tables_audit.unbound(db))
    persons = (found.row for found in before if found.table == "person")
    _put_persons(
        db, [row for person in persons for row in _fitting(db, source, person)]
    )
    for found in before:
        if found.table == "trip_name":
            _put_trip(db, source, int(found.row))
    left = {_whose(found) for found in tables_audit.unbound(db)}
    return [_whose(found) for found in before if _whose(found) not in left]


def forget(batch: Batch, at: Instant) -> list[str]:
    """Erase every name that fits no hash, as the pages erase one; whose they were.

    Raises:
        OperationRefused: it is that of the only administrator who can sign in.
    """
    db = batch.db
    found = list(tables_audit.unbound(db))
    for one in found:
        if one.table == "trip_name":
            _forget_trip(batch, int(one.row), at)
        elif directory.role(db, one.row) is None:  # erased, or never enrolled
            db.execute("DELETE FROM person WHERE id = ?", (one.row,))
        else:
            directory.erase(batch, one.row, at)
    return [_whose(one) for one in found]


def _forget_trip(batch: Batch, seq: int, at: Instant) -> None:
    """Erase what stands for the trip of an entry, and say so where it told names."""
    batch.db.execute("DELETE FROM trip_name WHERE seq = ?", (seq,))
    if not 0 <= seq < log.head(batch.db).size:
        return
    told = log.entry(batch.db, seq).draft
    load = told.consignment
    if load is None or "trip" not in told.data:
        return
    if trip_details.forget_names(batch, load, actor=directory.SYSTEM, at=at) is None:
        data: dict[str, Json] = {"action": "trip_names_erased"}
        batch.append(
            Draft(
                type=EntryType.REGISTRY,
                event=at,
                actor=directory.SYSTEM,
                place=batch.place,
                consignment=load,
                data=data,
            )
        )


def _fitting(db: Connection, source: Connection, person: str) -> list[Row]:
    """The source's row of the person, where it fits the entry's hashes; at most one."""
    enrolled = db.execute(
        "SELECT seq FROM account WHERE person = ? AND erased = 0", (person,)
    ).fetchone()
    if enrolled is None:
        return []
    rows = source.execute(
        "SELECT ? AS seq, id, name, badge, salt FROM person WHERE id = ?",
        (enrolled["seq"], person),
    ).fetchall()
    return [row for row in rows if directory.bound(db, row)]


def _put_persons(db: Connection, rows: list[Row]) -> None:
    # A badge is of one person alone, and two may have been exchanged.
    taken = [(row["badge"],) for row in rows]
    db.executemany("UPDATE person SET badge = NULL WHERE badge = ?", taken)
    columns = ("id", "name", "badge", "salt")
    people = ({name: row[name] for name in columns} for row in rows)
    tables_of(db).table("person").upsert_all(people, pk="id")


def _put_trip(db: Connection, source: Connection, seq: int) -> None:
    """Put back the names of a trip, where all of the source's fit the entry's hashes.

    Those that were erased are not put back, whatever somebody wrote in their place.
    """
    own = db.execute("SELECT * FROM trip_name WHERE seq = ?", (seq,)).fetchall()
    db.execute("DELETE FROM trip_name WHERE seq = ?", (seq,))
    if _erased(db, seq):
        return
    rows = source.execute("SELECT * FROM trip_name WHERE seq = ?", (seq,)).fetchall()
    _insert(db, rows)
    if not rows or seq >= log.head(db).size or not trip_details.bound(db, seq):
        db.execute("DELETE FROM trip_name WHERE seq = ?", (seq,))
        _insert(db, own)


def _insert(db: Connection, rows: list[Row]) -> None:
    tables_of(db).table("trip_name").insert_all(map(dict, rows))


def _erased(db: Connection, seq: int) -> bool:
    """True where the names of the consignment were erased after entry ``seq``."""
    row = db.execute(
        "SELECT 1 FROM entry AS erasure JOIN entry AS told USING (log_id)"
        " WHERE log_id = ? AND told.seq = ? AND erasure.seq > told.seq"
        " AND erasure.type = 'registry'"
        " AND json_extract(CAST(erasure.body AS TEXT), '$.data.action')"
        " = 'trip_names_erased'"
        " AND json_extract(CAST(erasure.body AS TEXT), '$.consignment')"
        " = json_extract(CAST(told.body AS TEXT), '$.consignment')",
        (log.log_id(db), seq),
    ).fetchone()
    return row is not None


def _whose(found: Difference) -> str:
    return found.row if found.table == "person" else f"trip {found.row}"
