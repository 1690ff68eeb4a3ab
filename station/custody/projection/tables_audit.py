"""The tables that can be rebuilt, held against what the entries say.

An entry rests on what these tables show, so a row that somebody altered in the file
would reach signed entries. Here the tables are made anew beside the real ones, in a
database of their own that the system deletes, and compared row by row.

What is not one of our labels, or was never read, is counted without an entry; the one
that closes a consignment tells the count, so it is held against that. That of one that
is still open is bound by nothing.

Names of people lie beside the ledger, and no entry tells them: each is held against
the salted hash in the entry that speaks of it. Passwords, PINs and sessions are bound
by nothing.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from station.custody.accounts import directory
from station.custody.consignment import trip_details
from station.custody.entry_data.check import check_data
from station.custody.projection import apply_entries
from station.errors import StationError, sentence_of
from station.language import Text
from station.ledger import log, verify
from station.storage import database, schema_upgrade
from station.storage.database import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.ledger.verify_report import Report
    from station.storage.database import Connection, Row


NAMES = ("person", "trip_name")
"""The tables of names, which no entry could fill anew."""
_NAMES_WAY = Text(
    "run `jejak rebuild --names-from BACKUP`, which puts back what the hashes fit."
)


@dataclass(frozen=True, slots=True)
class Difference:
    """The first row that is not as the entries say."""

    table: str
    row: str
    """Its key."""
    sentence: str


def check(
    db: Connection, processes: int | None = None, vkey: str | None = None
) -> Report:
    """What a check of the whole database finds: the entries, the tables, the names.

    Of one that an older release laid the entries alone are checked: its tables are to
    be made anew.

    Args:
        db: Any connection to the station's database.
        processes: How many share the work; as many as the machine has cores.
        vkey: The log's public key from elsewhere; None: the ledger's own is believed.
    """
    with database.snapshot(db):
        report = verify.verify(db, vkey, processes, check_data)
        if not report.holds or schema_upgrade.needed(db):
            return report
        try:
            found = difference(db)
        except (DatabaseError, StationError) as fault:
            return replace(report, fault=sentence_of(fault))
    if found is None:
        return report
    if found.table in NAMES:
        sentence = Text(
            "%(sentence)s Keep a copy of the file, then %(way)s",
            sentence=found.sentence,
            way=_NAMES_WAY,
        )
        return replace(report, fault=sentence)
    return replace(report, table=found.table, row=found.row, fault=found.sentence)


def difference(db: Connection) -> Difference | None:
    """The first row that is not as the entries say, or None.

    The entries themselves are believed: verify them first.

    Raises:
        StationError: An entry cannot be read, or says what no table can take.
    """
    with database.snapshot(db), closing(database.scratch()) as shadow:
        shadow.execute("BEGIN")
        apply_entries.replay(db, shadow)
        shadow.execute("COMMIT")
        for table in apply_entries.TABLES:
            found = _compared(table, db, shadow)
            if found is not None:
                return found
        return next(miscounted(db), None) or next(unbound(db), None)


def miscounted(db: Connection) -> Iterator[Difference]:
    """The counts of closed consignments that are not as they were at their closing."""
    for row in db.execute(_MISCOUNTED, (log.log_id(db),)).fetchall():
        consignment, step, verdict, expected, got = row
        if expected is None:
            sentence = Text(
                "Expected no count of %(consignment)s in the table tally, since no "
                "entry names it, found one.",
                consignment=consignment,
            )
        else:
            sentence = Text(
                "Expected %(count)s times %(verdict)s of %(consignment)s (%(step)s) in "
                "the table tally, as the entry that closed it says, got %(got)s.",
                count=expected,
                verdict=verdict,
                consignment=consignment,
                step=step,
                got=got,
            )
        yield Difference("tally", f"{consignment} {step} {verdict}", sentence)


def mend_counts(db: Connection) -> None:
    """Put the counts right that an entry tells; the caller's transaction is open."""
    for row in db.execute(_MISCOUNTED, (log.log_id(db),)).fetchall():
        *key, expected, _ = row
        db.execute(
            "DELETE FROM tally WHERE consignment = ? AND step = ? AND verdict = ?", key
        )
        if expected:
            db.execute(
                "INSERT INTO tally (consignment, step, verdict, n) VALUES (?, ?, ?, ?)",
                (*key, expected),
            )


def unbound(db: Connection) -> Iterator[Difference]:
    """The names that are not the ones whose hashes the entries hold.

    What was erased is in order; the table ``account`` is believed.
    """
    rows = db.execute(
        "SELECT account.person, seq, erased, name, badge, salt FROM account"
        " LEFT JOIN person ON person.id = account.person"
        " UNION ALL SELECT id, NULL, 1, name, badge, salt FROM person"
        " WHERE id NOT IN (SELECT person FROM account) ORDER BY 1"
    )
    for row in rows.fetchall():
        if row["erased"] and row["name"] is not None:
            sentence = Text(
                "Expected no name of %(person)s, who was erased or never enrolled, "
                "got one.",
                person=row["person"],
            )
            yield Difference("person", row["person"], sentence)
        elif not row["erased"] and not directory.bound(db, row):
            sentence = Text(
                "Expected of %(person)s the name and badge whose hashes entry "
                "%(seq)s holds, got others or none.",
                person=row["person"],
                seq=row["seq"],
            )
            yield Difference("person", row["person"], sentence)
    for seq in _trips(db):
        sentence = Text(
            "Expected the names of the trip in entry %(seq)s to be those whose "
            "hashes it holds, got others or none.",
            seq=seq,
        )
        yield Difference("trip_name", str(seq), sentence)


_MISCOUNTED = """
WITH closed AS (
  SELECT json_extract(CAST(body AS TEXT), '$.consignment') AS consignment,
    CASE entry.type WHEN 'departing' THEN 'loading' ELSE 'accepting' END AS step,
    upper(counted.key) AS verdict, counted.value AS n, max(seq) AS seq
  FROM entry, json_each(CAST(body AS TEXT), '$.data') AS counted
  WHERE log_id = ? AND counted.key IN ('foreign', 'unread')
    AND (entry.type = 'departing'
    OR entry.type = 'consignment'
    AND json_extract(CAST(body AS TEXT), '$.data.action') = 'accepted')
  GROUP BY 1, 2, 3
)
SELECT closed.consignment, closed.step, closed.verdict, closed.n, coalesce(tally.n, 0)
FROM closed LEFT JOIN tally USING (consignment, step, verdict)
WHERE coalesce(tally.n, 0) IS NOT closed.n
UNION ALL
SELECT consignment, step, verdict, NULL, n FROM tally
WHERE consignment NOT IN (SELECT id FROM consignment)
ORDER BY 1, 2, 3
"""
"""Key, what the entries say (None: of no consignment at all), and what is counted."""


def _trips(db: Connection) -> list[int]:
    """The entries that tell another trip than the names beside them, or none."""
    size = log.head(db).size
    kept = {(row["seq"], row["part"]) for row in db.execute("SELECT * FROM trip_name")}
    erased = dict(db.execute(_ERASED, (log.log_id(db),)).fetchall())
    wrong = {
        seq for seq, _ in kept if not 0 <= seq < size or not trip_details.bound(db, seq)
    }
    for row in db.execute(_TOLD, (log.log_id(db),)):
        seq, consignment, part = row
        if (seq, part) not in kept and erased.get(consignment, -1) < seq:
            wrong.add(seq)
    return sorted(wrong)


_ERASED = (
    "SELECT json_extract(CAST(body AS TEXT), '$.consignment'), max(seq) FROM entry"
    " WHERE log_id = ? AND type = 'registry'"
    " AND json_extract(CAST(body AS TEXT), '$.data.action') = 'trip_names_erased'"
    " GROUP BY 1"
)
"""When the names of each consignment were erased last."""
_TOLD = (
    "SELECT seq, json_extract(CAST(body AS TEXT), '$.consignment'), part.key"
    " FROM entry, json_each(CAST(body AS TEXT), '$.data.trip.names_sha256') AS part"
    " WHERE entry.log_id = ? AND entry.type IN ('consignment', 'error_declaration')"
)
"""Each name that an entry holds the hash of."""


def let_pass(db: Connection) -> None:
    """Let tables pass that say what the entries say.

    Raises:
        StationError: They do not; the sentence names the way to mend them.
    """
    found = difference(db)
    if found is not None:
        way = _NAMES_WAY if found.table in NAMES else Text("run `jejak rebuild`.")
        raise StationError(
            "%(sentence)s Somebody or something altered the file, and nothing is "
            "recorded on top of it: keep a copy of it, then %(way)s",
            sentence=found.sentence,
            way=way,
        )


def _compared(table: str, db: Connection, shadow: Connection) -> Difference | None:
    key = [
        str(row["name"])
        for row in shadow.execute(
            "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,)
        )
    ]
    for real, expected in zip_longest(_rows(table, key, db), _rows(table, key, shadow)):
        if real is None or expected is None or tuple(real) != tuple(expected):
            return _difference(table, key, real, expected)
    return None


def _rows(table: str, key: list[str], db: Connection) -> Iterator[Row]:
    # Names of projection.TABLES and of the schema.
    return db.execute(f"SELECT * FROM {table} ORDER BY {', '.join(key)}")  # noqa: S608


def _difference(
    table: str, key: list[str], real: Row | None, expected: Row | None
) -> Difference:
    """The sentence for two rows of which at most one is there."""
    names = [None if row is None else _key(row, key) for row in (real, expected)]
    if real is not None and expected is not None and names[0] == names[1]:
        column = next(
            name
            for name, is_, was_said in zip(real.keys(), real, expected, strict=True)
            if is_ != was_said
        )
        return Difference(
            table,
            str(names[1]),
            Text(
                "Expected %(column)s of %(row)s in the table %(table)s to be "
                "%(expected)r, as the entries say, got %(got)r.",
                column=column,
                row=names[1],
                table=table,
                expected=expected[column],
                got=real[column],
            ),
        )
    # In the order of the key: the smaller one is missing on the other side.
    if expected is None or (real is not None and _before(real, expected, key)):
        return Difference(
            table,
            str(names[0]),
            Text(
                "Expected no %(row)s in the table %(table)s, since no entry names "
                "it, found one.",
                row=names[0],
                table=table,
            ),
        )
    return Difference(
        table,
        str(names[1]),
        Text(
            "Expected %(names)s in the table %(table)s, as the entries say, "
            "found none.",
            names=names[1],
            table=table,
        ),
    )


def _key(row: Row, key: list[str]) -> str:
    return " ".join(str(row[name]) for name in key)


def _before(one: Row, other: Row, key: list[str]) -> bool:
    return bool([one[name] for name in key] < [other[name] for name in key])
