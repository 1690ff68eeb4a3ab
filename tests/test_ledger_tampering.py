"""Every way to alter the ledger is refused, and found when it is forced."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from station.errors import StationError
from station.ledger import merkle
from station.ledger.entry_body import decode
from station.ledger.log import Log
from station.ledger.verify import verify
from station.model import EntryType
from station.storage import database
from station.storage.database import DatabaseError
from tests.ledger_station import (
    ORIGIN,
    SIGNER,
    Ledger,
    bare,
    drop_guards,
    from_leaves,
    item,
    ledgers,
    loading,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from station.storage.database import Connection


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    yield from ledgers(tmp_path)


TAMPERINGS = {
    "update": "UPDATE entry SET body = x'7b7d' WHERE seq = 3",
    "update or replace": "UPDATE OR REPLACE entry SET seq = 2 WHERE seq = 3",
    "delete": "DELETE FROM entry WHERE seq = 6",
    "insert or replace": "INSERT OR REPLACE INTO entry"
    " SELECT log_id, 3, leaf_hash, body, type FROM entry WHERE seq = 4",
    "reorder": "UPDATE entry SET seq = CASE seq WHEN 3 THEN 4 ELSE 3 END"
    " WHERE seq IN (3, 4)",
    "gap": "INSERT INTO entry SELECT log_id, 99, leaf_hash, body, type"
    " FROM entry WHERE seq = 4",
    "negative": "INSERT OR IGNORE INTO entry SELECT log_id, -1, leaf_hash, body, type"
    " FROM entry WHERE seq = 4",
    "item update": "UPDATE entry_item SET item = '1771-B-99999' WHERE seq = 3",
    "item delete": "DELETE FROM entry_item WHERE seq = 3",
    "item late": "INSERT INTO entry_item VALUES (1, 3, '1771-B-99999')",
    "item replace": "REPLACE INTO entry_item SELECT log_id, 2, item FROM entry_item"
    " WHERE seq = 3",
    "node update": "UPDATE node SET hash = zeroblob(32) WHERE level = 1",
    "node delete": "DELETE FROM node",
    "node replace": "REPLACE INTO node VALUES (1, 1, 0, zeroblob(32))",
    "node gap": "INSERT INTO node VALUES (1, 1, 99, zeroblob(32))",
    "checkpoint update": "UPDATE checkpoint SET root = zeroblob(32)",
    "checkpoint delete": "DELETE FROM checkpoint WHERE size = 7",
    "checkpoint replace": "REPLACE INTO checkpoint"
    " SELECT log_id, 7, root, note FROM checkpoint WHERE size = 6",
    "log update": "UPDATE log SET vkey = 'x'",
    "log delete": "DELETE FROM log",
    "log replace": "REPLACE INTO log VALUES (1, 'jejak/x', 'x', 1, NULL)",
    "log second": "INSERT INTO log VALUES (2, 'jejak/x', 'x', 1, NULL)",
    "log same origin": "REPLACE INTO log"
    " SELECT 2, origin, vkey, 0, predecessor FROM log",
}


@pytest.mark.parametrize("sql", TAMPERINGS.values(), ids=TAMPERINGS)
def test_a_bare_connection_cannot_alter_the_ledger(ledger: Ledger, sql: str) -> None:
    before = dump(ledger.db)
    other = bare(ledger.path)

    with pytest.raises(DatabaseError) as refused:
        other.execute(sql)

    assert "constraint" not in str(refused.value).lower()  # A guard, not chance.
    other.close()
    assert dump(ledger.db) == before
    assert verify(ledger.db).holds


def dump(db: Connection) -> list[tuple[object, ...]]:
    return [
        tuple(row)
        for table in ("log", "entry", "entry_item", "node", "checkpoint")
        for row in db.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own names
    ]


SWAPPED = """
UPDATE entry SET seq = 1000 WHERE seq = 3;
UPDATE entry SET seq = 3 WHERE seq = 4;
UPDATE entry SET seq = 4 WHERE seq = 1000;
"""
FORCED = {
    "body": ("UPDATE entry SET body = x'7b7d' WHERE seq = 3", 3, "bytes"),
    "deleted": (
        "DELETE FROM entry_item WHERE seq = 2; DELETE FROM entry WHERE seq = 2",
        2,
        "missing",
    ),
    "last deleted": (
        "DELETE FROM entry_item WHERE seq = 6; DELETE FROM entry WHERE seq = 6",
        6,
        "missing",
    ),
    "swapped": (SWAPPED, 3, "say that it is entry 4"),
    "type": ("UPDATE entry SET type = 'accepting' WHERE seq = 5", 5, "filed as"),
    "hash": ("UPDATE entry SET leaf_hash = zeroblob(32) WHERE seq = 1", 1, "hash"),
    "item changed": (
        "UPDATE entry_item SET item = '1771-B-99999' WHERE seq = 4",
        4,
        "index",
    ),
    "item lost": ("DELETE FROM entry_item WHERE seq = 4", 4, "index"),
    "item more": ("INSERT INTO entry_item VALUES (1, 0, '1771-B-00001')", 0, "index"),
    "item of none": (
        "PRAGMA foreign_keys = OFF; INSERT INTO entry_item VALUES (1, 7, 'x')",
        None,
        "for no entry",
    ),
    "node": (
        "UPDATE node SET hash = zeroblob(32) WHERE level = 1 AND idx = 1",
        None,
        "node 1 at level 1 is damaged",
    ),
    "node lost": ("DELETE FROM node WHERE level = 2", None, "node 0 at level 2"),
    "node more": (
        "INSERT INTO node VALUES (1, 1, 3, zeroblob(32))",
        None,
        "no entry calls for",
    ),
    "level more": (
        "INSERT INTO node VALUES (1, 9, 0, zeroblob(32))",
        None,
        "no entry calls for",
    ),
    "root": ("UPDATE checkpoint SET root = zeroblob(32) WHERE size = 6", 5, "text"),
    "note": (
        (
            "UPDATE checkpoint SET note = replace(note, char(10)||'6'||char(10),"
            " char(10)||'5'||char(10)) WHERE size = 6"
        ),
        5,
        "not signed",
    ),
    "head lost": ("DELETE FROM checkpoint WHERE size = 7", 6, "no signed checkpoint"),
    "everything lost": (
        (
            "DELETE FROM entry_item; DELETE FROM entry; DELETE FROM checkpoint;"
            " DELETE FROM node"
        ),
        0,
        "missing",
    ),
    "vkey": ("UPDATE log SET vkey = 'x'", None, "vkey"),
    "predecessor": ("UPDATE log SET predecessor = 'x'", 0, "does not name"),
    "log": (
        "PRAGMA foreign_keys = OFF; DELETE FROM log",
        None,
        "jejak init",
    ),
}


@pytest.mark.parametrize(("sql", "seq", "words"), FORCED.values(), ids=FORCED)
def test_verify_names_what_was_forced(
    ledger: Ledger, sql: str, seq: int | None, words: str
) -> None:
    drop_guards(ledger.db)
    ledger.db.execute("PRAGMA foreign_keys = OFF")
    ledger.db.executescript(sql)

    report = verify(ledger.db)

    assert not report.holds
    assert report.seq == seq
    assert report.fault is not None
    assert words in report.fault
    assert "NOT" in report.sentence


def rehash(db: Connection, seq: int) -> None:
    """Alter an entry's bytes, and all that follows from them but the signature."""
    (body,) = db.execute("SELECT body FROM entry WHERE seq = ?", (seq,)).fetchone()
    forged = body.replace(b"p01", b"p09")
    assert decode(forged).draft.actor == "p09"
    db.execute(
        "UPDATE entry SET body = ?, leaf_hash = ? WHERE seq = ?",
        (forged, merkle.leaf_hash(forged), seq),
    )


@pytest.mark.parametrize(
    ("seq", "first", "words"),
    [
        (1, 1, "One of 1 to 4"),  # Four entries of one commit lie under one head;
        (3, 2, "One of 2 to 4"),  # a stored node tells more of where it is.
        (5, 5, "Entry 5 is not the entry that was signed"),
        (6, 6, "Entry 6 is not the entry that was signed"),
    ],
)
def test_verify_finds_a_forged_entry_with_its_hash(
    ledger: Ledger, seq: int, first: int, words: str
) -> None:
    drop_guards(ledger.db)
    rehash(ledger.db, seq)

    report = verify(ledger.db)

    assert report.seq == first
    assert words in str(report.fault)
    assert report.size == (1 if seq < 5 else seq)


def test_verify_finds_a_tree_grown_anew_without_the_key(ledger: Ledger) -> None:
    drop_guards(ledger.db)
    rehash(ledger.db, 5)
    rows = ledger.db.execute("SELECT leaf_hash FROM entry ORDER BY seq").fetchall()
    read = from_leaves([row[0] for row in rows])
    for level, index in ledger.db.execute("SELECT level, idx FROM node").fetchall():
        ledger.db.execute(
            "UPDATE node SET hash = ? WHERE level = ? AND idx = ?",
            (read(level, index), level, index),
        )

    report = verify(ledger.db)

    assert report.seq == 5


def test_verify_holds_the_ledger_against_a_key_from_elsewhere(ledger: Ledger) -> None:
    ours = SIGNER.vkey(ORIGIN)

    assert verify(ledger.db, ours).holds
    assert "key" in str(verify(ledger.db, ours[:-1] + "5").fault)


def test_verify_tells_of_a_sound_ledger(ledger: Ledger) -> None:
    report = verify(ledger.db)

    assert report.as_dict() == {
        "holds": True,
        "origin": ORIGIN,
        "entries": 7,
        "checkpoints": 4,
        "root": report.root.hex() if report.root else "",
        "first_bad_entry": None,
        "altered_table": None,
        "fault": None,
    }
    assert report.sentence == (
        f"The ledger {ORIGIN} is sound: 7 entries, every one as it was signed (4 "
        "signatures checked)."
    )


def test_verify_works_inside_a_transaction_and_on_a_reader(ledger: Ledger) -> None:
    reader = database.open_reader(ledger.path)
    reader.execute("BEGIN")

    assert verify(reader).holds
    assert reader.in_transaction
    reader.close()


def test_one_byte_flipped_in_the_file_is_found(ledger: Ledger) -> None:
    body = ledger.db.execute("SELECT body FROM entry WHERE seq = 4").fetchone()[0]
    database.close_writer(ledger.db)
    file = bytearray(ledger.path.read_bytes())
    at = file.find(body)
    assert at > 0
    file[at + body.index(b"kamera-")] ^= 1
    ledger.path.write_bytes(file)
    reader = database.open_reader(ledger.path)

    report = verify(reader)

    assert report.seq == 4
    assert "Entry 4" in report.sentence
    reader.close()
    db = database.open_writer(ledger.path)
    with pytest.raises(StationError, match="Entry 4"):
        Log.open(db, SIGNER, ledger.clock)
    db.close()


def test_a_damaged_page_is_found(ledger: Ledger) -> None:
    ledger.append(*(loading(number) for number in range(100)))
    body = ledger.db.execute("SELECT body FROM entry WHERE seq = 50").fetchone()[0]
    database.close_writer(ledger.db)
    file = bytearray(ledger.path.read_bytes())
    page = file.find(body) // 4096 * 4096
    file[page : page + 64] = bytes(64)
    ledger.path.write_bytes(file)
    reader = database.open_reader(ledger.path)

    report = verify(reader)

    assert not report.holds
    assert "cannot be read" in str(report.fault)
    assert report.seq is not None
    reader.close()


def test_a_page_that_no_entry_lies_on_is_checked_too(ledger: Ledger) -> None:
    ledger.db.execute("INSERT INTO area VALUES ('17.71', 'kota', 'X', NULL, NULL)")
    (root,) = ledger.db.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'area'"
    ).fetchone()
    database.close_writer(ledger.db)
    file = bytearray(ledger.path.read_bytes())
    file[(root - 1) * 4096 + 1 : (root - 1) * 4096 + 8] = b"\xff" * 7
    ledger.path.write_bytes(file)
    reader = database.open_reader(ledger.path)

    report = verify(reader)

    assert not report.holds
    assert report.seq is None
    reader.close()


def test_an_index_that_leads_elsewhere_is_found(ledger: Ledger) -> None:
    """By it the station would not see that it never stopped."""
    ledger.append(
        replace(loading(0), type=EntryType.SYSTEM, items=(), data={"event": "start"})
    )
    (root,) = ledger.db.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = 'entry_event'"
    ).fetchone()
    database.close_writer(ledger.db)
    file = bytearray(ledger.path.read_bytes())
    at = file.find(b"start", (root - 1) * 4096, root * 4096)
    assert at > 0
    file[at] ^= 1
    ledger.path.write_bytes(file)
    reader = database.open_reader(ledger.path)

    report = verify(reader)

    assert "SQLite finds the file damaged" in str(report.fault)
    reader.close()


def test_a_log_with_another_key_or_a_changed_schema_is_not_opened(
    ledger: Ledger,
) -> None:
    drop_guards(ledger.db)

    with pytest.raises(StationError, match="not those that this release"):
        ledger.reopen()


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE checkpoint SET root = zeroblob(32) WHERE size = 7", "row differs"),
        ("UPDATE node SET hash = zeroblob(32) WHERE level = 2", None),
        ("DELETE FROM node WHERE level = 2", None),
        ("DELETE FROM checkpoint WHERE size = 7", "do not lead"),
        ("DELETE FROM checkpoint", "signed checkpoint"),
    ],
)
def test_opening_checks_the_newest_part(
    ledger: Ledger, sql: str, words: str | None
) -> None:
    drop_guards(ledger.db)
    ledger.db.execute(sql)

    if words is None:  # Seven entries are all newest: their nodes are not needed.
        Log.open(ledger.db, SIGNER, ledger.clock)
        return
    with pytest.raises(StationError, match=words):
        Log.open(ledger.db, SIGNER, ledger.clock)


def test_opening_reads_the_nodes_before_the_newest_part(ledger: Ledger) -> None:
    ledger.append(*(loading(number) for number in range(1100)))
    drop_guards(ledger.db)
    Log.open(ledger.db, SIGNER, ledger.clock)
    ledger.db.execute("UPDATE node SET hash = zeroblob(32) WHERE level = 5")

    with pytest.raises(StationError, match="do not lead"):
        Log.open(ledger.db, SIGNER, ledger.clock)

    ledger.db.execute("DELETE FROM node WHERE level = 5")
    with pytest.raises(StationError, match="has no node"):
        Log.open(ledger.db, SIGNER, ledger.clock)


def test_a_batch_does_not_grow_a_tree_that_was_not_signed(ledger: Ledger) -> None:
    ledger.reopen()
    drop_guards(ledger.db)
    ledger.db.execute("UPDATE node SET hash = zeroblob(32) WHERE level = 2")

    with pytest.raises(StationError, match="not the one that was last signed"):
        ledger.append(loading(9))

    assert ledger.log.size == 7


def test_items_stay_found_after_all_refusals(ledger: Ledger) -> None:
    other = bare(ledger.path)
    for sql in TAMPERINGS.values():
        with pytest.raises(DatabaseError):
            other.execute(sql)
    other.close()

    ledger.append(loading(2))

    rows = ledger.db.execute(
        "SELECT seq FROM entry_item WHERE item = ? ORDER BY seq", (item(2),)
    )
    assert [row[0] for row in rows] == [3, 7]
