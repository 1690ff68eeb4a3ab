"""The one door to SQLite: what it opens, what it refuses, who may write."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from station.errors import StationError
from station.storage import database, folder_safety, schema_versions
from station.storage.database import DatabaseError, Writer, WriterLock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from station.storage.database import Connection

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A new, empty station's database."""
    made = tmp_path / "a folder #1" / "ledger.db"
    made.parent.mkdir()
    database.close_writer(database.create(made))
    return made


@pytest.fixture
def db(path: Path) -> Iterator[Connection]:
    opened = database.open_writer(path)
    yield opened
    opened.close()


def pragma(db: Connection, name: str) -> object:
    return db.execute(f"PRAGMA {name}").fetchone()[0]


def add(db: Connection, code: str) -> None:
    db.execute("INSERT INTO area VALUES (?, 'kota', 'X', NULL, NULL)", (code,))


def codes(db: Connection) -> list[str]:
    return [row["code"] for row in db.execute("SELECT code FROM area ORDER BY code")]


def test_every_writing_connection_is_durable(db: Connection, tmp_path: Path) -> None:
    made = database.create(tmp_path / "made.db")
    for opened in (db, made):
        assert pragma(opened, "journal_mode") == "wal"
        assert pragma(opened, "synchronous") == 2  # FULL
        assert pragma(opened, "foreign_keys") == 1
        assert pragma(opened, "trusted_schema") == 0
        assert pragma(opened, "cell_size_check") == 1
        assert pragma(opened, "busy_timeout") == 5000
        assert pragma(opened, "application_id") == schema_versions.APPLICATION_ID
        assert pragma(opened, "user_version") == schema_versions.SCHEMA_VERSION
        assert opened.isolation_level is None
    made.close()


def test_the_schema_is_one_file_in_checkout_and_wheel() -> None:
    assert database.schema() == (ROOT / "schema.sql").read_text(encoding="utf-8")


def test_create_refuses_an_existing_file(path: Path) -> None:
    before = path.read_bytes()

    with pytest.raises(StationError, match="Expected no file"):
        database.create(path)

    assert path.read_bytes() == before


def test_create_says_that_a_folder_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StationError, match="Cannot make"):
        database.create(tmp_path / "nowhere" / "ledger.db")


def test_create_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "schema", lambda: "CREATE TABLE x(y); NONSENSE;")

    with pytest.raises(DatabaseError):
        database.create(tmp_path / "ledger.db")

    assert not (tmp_path / "ledger.db").exists()


@pytest.mark.parametrize("opener", [database.open_writer, database.open_reader])
def test_a_file_that_is_no_station_is_not_opened(
    opener: Callable[[Path], Connection], tmp_path: Path, path: Path
) -> None:
    def refused(file: Path, words: str) -> None:
        with pytest.raises(StationError, match=words):
            opener(file)

    refused(tmp_path / "nothing.db", "jejak init")
    (tmp_path / "text.db").write_text("a letter " * 1000)
    refused(tmp_path / "text.db", "as a database")
    (tmp_path / "empty.db").touch()
    refused(tmp_path / "empty.db", "another file")
    db = database.open_writer(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    refused(path, f"version {schema_versions.SCHEMA_VERSION} or older")


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TRIGGER entry_no_update",
        "CREATE TABLE more (x)",
        "CREATE INDEX more ON entry (type)",
        "ALTER TABLE entry ADD COLUMN x TEXT",
    ],
)
def test_a_changed_schema_is_read_but_never_written(path: Path, sql: str) -> None:
    db = database.open_writer(path)
    db.execute(sql)
    db.close()

    with pytest.raises(StationError, match="not those that this release"):
        database.open_writer(path)

    database.open_reader(path).close()


def test_statistics_of_sqlite_are_no_change_of_schema(path: Path) -> None:
    db = database.open_writer(path)
    add(db, "1")
    db.execute("ANALYZE")
    db.close()

    database.open_writer(path).close()


def test_a_reader_sees_commits_and_cannot_write(path: Path, db: Connection) -> None:
    reader = database.open_reader(path)
    add(db, "17.71")

    assert codes(reader) == ["17.71"]
    with pytest.raises(DatabaseError):
        add(reader, "17.72")
    reader.execute("PRAGMA query_only = OFF")  # The file itself is opened read-only.
    with pytest.raises(DatabaseError):
        add(reader, "17.72")
    reader.close()


def test_a_folder_without_a_journal_is_refused(path: Path) -> None:
    class Deaf:
        def execute(self, _: str) -> SimpleNamespace:
            return SimpleNamespace(fetchone=lambda: ("delete",))

    with pytest.raises(StationError, match="local disk"):
        database._journal(Deaf(), path)  # type: ignore[arg-type]


def test_closing_leaves_no_wal(path: Path) -> None:
    db = database.open_writer(path)
    reader = database.open_reader(path)
    add(db, "17.71")
    wal = path.with_name("ledger.db-wal")
    assert wal.stat().st_size > 0

    database.close_writer(db)

    assert wal.stat().st_size == 0
    assert codes(reader) == ["17.71"]
    reader.close()


def test_closing_beside_a_reader_at_work_loses_nothing(path: Path) -> None:
    db = database.open_writer(path)
    add(db, "1")
    reader = database.open_reader(path)
    with database.snapshot(reader):
        assert codes(reader) == ["1"]
        add(db, "2")
        db.execute("PRAGMA busy_timeout = 0")

        database.close_writer(db)

        assert path.with_name("ledger.db-wal").stat().st_size > 0
        assert codes(reader) == ["1"]
    reader.close()
    db = database.open_writer(path)
    assert codes(db) == ["1", "2"]
    db.close()


def test_transaction_commits_or_undoes_and_does_not_nest(db: Connection) -> None:
    with database.transaction(db):
        add(db, "1")
        with (
            pytest.raises(StationError, match="not nested"),
            database.transaction(db),
        ):
            pass

    def fail() -> None:
        with database.transaction(db):
            add(db, "2")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    assert codes(db) == ["1"]
    assert not db.in_transaction


def test_transaction_survives_that_sqlite_rolled_back_itself(db: Connection) -> None:
    def fail() -> None:
        with database.transaction(db):
            add(db, "1")
            db.execute("ROLLBACK")
            raise DatabaseError("full")

    with pytest.raises(DatabaseError, match="full"):
        fail()

    assert codes(db) == []


# --- one driver --------------------------------------------------------------

LOADED = """
import sys
events = []
sys.addaudithook(lambda event, _: events.append(event))
import importlib, pkgutil
import labels, station, web
for package in (labels, station, web):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(found.name)
import sqlite_utils, sqlite_utils.db
from pathlib import Path
from station.storage import database, schema_versions
assert sqlite_utils.db.sqlite3 is database._driver
path = Path(sys.argv[1])
db = database.create(path)
sqlite_utils.Database(db)
sqlite_utils.Database(memory=True)
db.close()
database.open_writer(path).close()
database.open_reader(path).close()
print(database.driver()[0], sum(event == "sqlite3.connect" for event in events))
"""


def test_one_copy_of_sqlite_opens_everything(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(tmp_path / "ledger.db")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    name, opened_by_the_standard_one = done.stdout.split()
    assert name == database.driver()[0]
    # The standard driver tells the interpreter of each connection it opens.
    if name == "pysqlite3":
        assert opened_by_the_standard_one == "0"
    else:
        assert int(opened_by_the_standard_one) > 0


def test_no_other_file_imports_a_driver() -> None:
    imports = [
        file.relative_to(ROOT).as_posix()
        for folder in ("labels", "station", "web", "tests")
        for file in (ROOT / folder).rglob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith(("import ", "from "))
        and any(word in ("sqlite3", "pysqlite3", "apsw") for word in line.split())
    ]

    assert set(imports) == {"station/storage/database.py"}


def test_two_copies_of_sqlite_are_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = SimpleNamespace(sqlite3=SimpleNamespace(__name__="another"))
    monkeypatch.setitem(sys.modules, "sqlite_utils.utils", other)

    with pytest.raises(StationError, match="one copy of SQLite"):
        database.open_writer(path)


def test_driver_tells_its_version(db: Connection) -> None:
    assert database.driver()[1] == db.execute("SELECT sqlite_version()").fetchone()[0]


# --- who writes --------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        (PureWindowsPath(r"C:\Users\a\OneDrive\jejak"), "OneDrive"),
        (PureWindowsPath(r"C:\Users\a\OneDrive - KPU\jejak"), "OneDrive"),
        (PurePosixPath("/home/a/Dropbox/jejak"), "Dropbox"),
        (PurePosixPath("/home/a/Google Drive/jejak"), "Google Drive"),
        (PureWindowsPath(r"G:\My Drive\jejak"), "Google Drive"),
        (PureWindowsPath(r"\\server\share\jejak"), "a network share"),
        (PurePosixPath("/run/user/1000/gvfs/smb/jejak"), "a network share"),
        (PurePosixPath("/home/a/jejak"), None),
        (PureWindowsPath(r"C:\ProgramData\jejak"), None),
    ],
)
def test_synchronised_and_network_folders_are_named(
    folder: PurePosixPath | PureWindowsPath, name: str | None
) -> None:
    assert folder_safety.unsafe_folder(folder) == name


HOLDER = """
import sys
from pathlib import Path
from station.storage.database import WriterLock
with WriterLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"

    with pytest.raises(StationError, match="already running") as refused:
        WriterLock(tmp_path).acquire()
    assert str(tmp_path) in str(refused.value)
    assert "Ctrl-C" in str(refused.value)

    child.kill()
    child.communicate()
    with WriterLock(tmp_path) as held:
        with pytest.raises(StationError, match="already running"):
            WriterLock(tmp_path).acquire()
        held.release()
        held.release()  # Once more does nothing.
        WriterLock(tmp_path).acquire()


def test_a_lock_needs_its_folder(tmp_path: Path) -> None:
    with pytest.raises(StationError, match="Cannot lock"):
        WriterLock(tmp_path / "nowhere").acquire()


def test_the_writer_keeps_a_connection_on_its_own_thread(path: Path) -> None:
    writer = Writer(lambda: database.open_writer(path))

    with pytest.raises(DatabaseError, match="thread"):
        codes(writer.made)
    writer.run(lambda: add(writer.made, "1"))
    assert writer.run(lambda: codes(writer.made)) == ["1"]

    writer.run(writer.made.close)
    writer.close()


def test_the_writer_runs_one_thing_after_another_and_raises_here() -> None:
    writer = Writer(threading.get_ident)
    seen: list[int] = []

    def slow(number: int) -> None:
        ident = threading.get_ident()
        assert ident == writer.made
        # Within what runs there, running is just calling.
        assert writer.run(threading.get_ident) == ident
        before = len(seen)
        os.sched_yield() if hasattr(os, "sched_yield") else None
        assert len(seen) == before
        seen.append(number)

    threads = [
        threading.Thread(target=writer.run, args=(lambda n=n: slow(n),))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(20))
    with pytest.raises(ZeroDivisionError):
        writer.run(lambda: 1 // 0)
    writer.close()


def test_a_closed_writer_takes_nothing() -> None:
    writer = Writer(list[int])
    writer.close()
    writer.close()

    with pytest.raises(StationError, match="closing"):
        writer.run(lambda: writer.made.append(1))

    assert writer.made == []


def test_a_writer_that_cannot_be_made_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()

    with pytest.raises(StationError, match="jejak init"):
        Writer(lambda: database.open_writer(tmp_path / "nothing.db"))

    assert threading.active_count() == before
