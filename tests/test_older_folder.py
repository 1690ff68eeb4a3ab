"""A data folder that an older release made opens with this one, and says the same.

``data/folder-7076f06`` was made by commit 7076f06, which also answered what
``expected.json`` holds.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlite_utils.migrations import (  # noqa: TID251 - plays the next release
    Migrations,
)

from station.cli.main import main
from station.custody.history import item_history, progress_by_place
from station.custody.projection import apply_entries, tables_audit
from station.errors import StationError
from station.founding import create_station, high_water_mark, restored_ledger
from station.ledger import log_reading
from station.ledger.verify import verify
from station.model import Draft, EntryType, Instant
from station.settings import station_toml
from station.storage import database, migrations, schema_upgrade, schema_versions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from station.settings.station_toml import Settings
    from station.storage.database import Connection

HERE = Path(__file__).parent / "data" / "folder-7076f06"
EXPECTED: dict[str, Any] = json.loads((HERE / "expected.json").read_text("utf-8"))
ENTRIES: int = EXPECTED["verify"]["entries"]
LATER = Instant(1_800_100_000_000, 100_000_000)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The older folder, for this test to open."""
    folder = tmp_path / "station"
    shutil.copytree(HERE, folder)
    return station_toml.load(folder)


@pytest.fixture
def opened(settings: Settings) -> Iterator[Connection]:
    """Its database, brought up to this release."""
    log = create_station.open_log(settings, lambda: LATER)
    yield log.db
    database.close_writer(log.db)


def plain(value: object) -> object:
    return value.hex() if isinstance(value, bytes) else value


def rows(db: Connection, table: str) -> list[dict[str, object]]:
    found = db.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - of expected.json
    return [{name: plain(row[name]) for name in row.keys()} for row in found]  # noqa: SIM118 - a Row iterates its values


def assert_same(got: list[dict[str, object]], said: list[dict[str, object]]) -> None:
    """Row by row, in what both have: later releases may know more of each."""
    names = (got[0].keys() if got else set()) & (said[0].keys() if said else set())
    assert bool(names) == bool(said)
    shared = [
        [{name: row[name] for name in names} for row in side] for side in (got, said)
    ]
    assert sorted(shared[0], key=repr) == sorted(shared[1], key=repr)


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        # Any reader of a WAL database makes these beside it.
        if file.is_file() and file.suffix not in {".db-shm", ".db-wal"}
    }


def test_the_ledger_and_the_tables_are_as_they_were(opened: Connection) -> None:
    report = tables_audit.check(opened)

    assert report.as_dict() == EXPECTED["verify"]
    for table, said in EXPECTED["tables"].items():
        assert_same(rows(opened, table), said)


def test_history_of_each_item_and_the_board_are_as_they_were(
    opened: Connection,
) -> None:
    for item, said in EXPECTED["items"].items():
        found = item_history.history(opened, item)
        assert found is not None
        one = found.item.item
        assert [one.state, one.at, one.reached, one.consignment, one.last_seq] == [
            said[name] for name in ("state", "at", "reached", "consignment", "last_seq")
        ]
        assert found.item.place.kecamatan == said["kecamatan"]
        assert found.item.place.tps == said["tps"]
        departure = found.departure and found.departure.entry.seq
        assert departure == said["departure"]
        assert said["history"] == [
            [line.entry.seq, line.entry.draft.type, line.corrected_by, line.disposition]
            for line in found.lines
        ]
    assert_same(rows(opened, "standing"), EXPECTED["standing"])
    assert_same(rows(opened, "consignment_progress"), EXPECTED["progress"])
    assert list(progress_by_place.counts(opened)) == EXPECTED["counts"]


def test_it_is_brought_up_once_and_goes_on_from_there(settings: Settings) -> None:
    told: list[tuple[int, int]] = []
    log = create_station.open_log(
        settings, lambda: LATER, progress=lambda *now: told.append(now)
    )
    assert (told[0], told[-1]) == ((0, ENTRIES), (ENTRIES, ENTRIES))
    with log.writing() as batch:
        batch.append(
            Draft(
                type=EntryType.SYSTEM,
                event=LATER,
                actor="system",
                place=settings.place_id,
                data={"event": "start"},
            )
        )
    database.close_writer(log.db)

    def again(*_: int) -> None:
        pytest.fail("it was brought up twice")

    log = create_station.open_log(settings, lambda: LATER, progress=again)
    assert log.size == ENTRIES + 1
    assert tables_audit.check(log.db).holds
    database.close_writer(log.db)
    new = schema_versions.digest(database.scratch())
    with closing(database.open_reader(settings.database)) as db:
        assert schema_versions.digest(db) == new


def test_schema_sql_is_the_newest_version_and_the_ones_before_stay(
    settings: Settings,
) -> None:
    """Whoever changes schema.sql adds a version; docs/development.md tells how."""
    with closing(database.scratch()) as db:
        assert schema_versions.version(db) == schema_versions.SCHEMA_VERSION
        assert schema_versions.digest(db) == schema_versions.DIGESTS[-1]
    with closing(database.open_reader(settings.database, older=True)) as db:
        assert schema_versions.digest(db) == schema_versions.DIGESTS[0]


def test_a_foreign_trigger_in_an_older_file_is_not_brought_along(
    settings: Settings,
) -> None:
    with closing(database.open_writer(settings.database, older=True)) as db:
        db.execute(
            "CREATE TRIGGER mine AFTER INSERT ON entry"
            " BEGIN UPDATE item SET state = 'accepted'; END"
        )

    with pytest.raises(StationError, match="not those that this release"):
        create_station.open_log(settings, lambda: LATER)


def test_an_older_copy_put_back_is_refused_and_left_as_it_is(
    settings: Settings,
) -> None:
    log = create_station.open_log(settings, lambda: LATER)
    with log.writing() as batch:
        batch.append(
            Draft(
                type=EntryType.SYSTEM,
                event=LATER,
                actor="system",
                place=settings.place_id,
                data={"event": "start"},
            )
        )
    database.close_writer(log.db)
    high_water_mark.lay(settings)
    shutil.copy(HERE / "ledger.db", settings.database)
    before = settings.database.read_bytes()

    with pytest.raises(StationError, match="older copy"):
        create_station.open_log(settings, lambda: LATER)

    assert settings.database.read_bytes() == before


# What people type ----------------------------------------------------------------


def test_commands_that_read_write_nothing_and_say_what_is_so(
    settings: Settings, plan_files: list[Path]
) -> None:
    before = contents(settings.folder)

    verified = run("verify", settings.folder)
    dry = run("import", "--dry-run", "--data", settings.folder, *plan_files)

    assert verified.exit_code == 0
    assert f"is sound: {ENTRIES} entries" in verified.output
    assert "were not compared" in verified.output
    assert dry.exit_code == 1
    assert dry.output == (
        f"jejak: Expected schema version {schema_versions.SCHEMA_VERSION} in "
        f"{settings.database}, got 1, an older release's: run `jejak serve`, or "
        "`jejak rebuild`, once with this release, which brings the folder up to date."
        " Nothing was changed.\n"
    )
    assert contents(settings.folder) == before


def test_verify_finds_a_changed_entry_in_an_older_folder(settings: Settings) -> None:
    file = bytearray(settings.database.read_bytes())
    with closing(database.open_reader(settings.database, older=True)) as db:
        (body,) = db.execute("SELECT body FROM entry WHERE seq = 20").fetchone()
    at = file.index(body) + body.index(b'"actor":"p') + len(b'"actor":"p')
    file[at] ^= 1
    settings.database.write_bytes(file)

    found = run("verify", settings.folder)

    assert found.exit_code == 1
    assert "Entry 20" in found.output


@pytest.mark.parametrize("command", ["rebuild", "export", "import"])
def test_commands_that_write_bring_it_up_and_say_so(
    settings: Settings, plan_files: list[Path], tmp_path: Path, command: str
) -> None:
    words: dict[str, list[str | Path]] = {
        "rebuild": [],
        "export": ["tiles", tmp_path / "tiles"],
        "import": [*plan_files],
    }

    done = run(command, *words[command], "--data", settings.folder)

    assert done.exit_code == 0, done.output
    assert f"its tables are rebuilt from {ENTRIES} entries" in done.stderr
    assert f"{ENTRIES} of {ENTRIES} entries\n" in done.stderr
    assert "An older release" not in run("verify", settings.folder).output


def test_tiles_of_an_older_folder_are_exported_beside_whoever_has_it(
    settings: Settings, tmp_path: Path
) -> None:
    before = contents(settings.folder)

    with database.WriterLock(settings.folder):
        done = run("export", "tiles", tmp_path / "tiles", "--data", settings.folder)

    assert done.exit_code == 0, done.output
    assert run("verify", tmp_path / "tiles").exit_code == 0
    after = contents(settings.folder)
    after.pop("ledger.lock")
    assert after == before


@pytest.mark.parametrize("command", ["verify", "rebuild"])
def test_the_folder_of_a_newer_release_is_refused_in_one_sentence(
    settings: Settings, command: str
) -> None:
    newer = schema_versions.SCHEMA_VERSION + 3
    with closing(database.open_writer(settings.database, older=True)) as db:
        db.execute(f"PRAGMA user_version = {newer}")

    done = run(command, "--data", settings.folder)

    assert done.exit_code == 1
    assert done.output == (
        f"jejak: Expected schema version {schema_versions.SCHEMA_VERSION} or older in "
        f"{settings.database}, got {newer}: a newer release of Jejak has worked in "
        "this folder; install that release or a later one. Nothing was changed.\n"
    )


def test_a_backup_of_an_older_release_is_restored(settings: Settings) -> None:
    (settings.folder / "high-water").unlink()

    told = restored_ledger.restore(settings, lambda: LATER)

    assert told.seq == ENTRIES
    assert "is sound" in run("verify", settings.folder).output
    create_station.open_log(settings, lambda: LATER).db.close()


def test_names_are_put_back_from_a_backup_of_an_older_release(
    settings: Settings, opened: Connection, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(HERE, backup)
    opened.execute("UPDATE person SET name = 'Orang Lain' WHERE id = 'p02'")

    done = run("rebuild", "--names-from", backup, "--data", settings.folder)

    assert done.exit_code == 0, done.output
    assert "Names restored: p02; erased: none." in done.output
    assert_same(rows(opened, "person"), EXPECTED["tables"]["person"])


# What can go wrong in between ----------------------------------------------------

_KILLED = """
import sys
from pathlib import Path
from station.founding import create_station, high_water_mark
from station.settings import station_toml

def progress(done, entries):
    if done * 2 > entries:
        print("in it", flush=True)
        sys.stdin.read()

create_station.upgrade(station_toml.load(Path(sys.argv[1])), progress)
print("out of it", flush=True)
"""


def test_killed_in_the_middle_the_folder_opens_all_the_same(settings: Settings) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED, settings.folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline().split() == [b"in", b"it"]
        process.kill()
        assert process.stdout.read() == b""

    with closing(database.open_reader(settings.database, older=True)) as db:
        assert schema_upgrade.needed(db)
        assert_same(rows(db, "item"), EXPECTED["tables"]["item"])
    log = create_station.open_log(settings, lambda: LATER)
    assert tables_audit.check(log.db).as_dict() == EXPECTED["verify"]
    database.close_writer(log.db)


def test_an_entry_that_cannot_be_replayed_leaves_the_folder_as_it_was(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = apply_entries.apply

    def fail_late(db: Any, entry: Any) -> None:  # noqa: ANN401 - passed through
        if entry.seq == ENTRIES - 1:
            raise KeyError("item")
        real(db, entry)

    monkeypatch.setattr(apply_entries, "apply", fail_late)

    with pytest.raises(StationError, match="cannot be replayed"):
        create_station.open_log(settings, lambda: LATER)

    with closing(database.open_writer(settings.database, older=True)) as db:
        assert schema_upgrade.needed(db)
        assert_same(rows(db, "item"), EXPECTED["tables"]["item"])


# The next release ----------------------------------------------------------------

_PERSON = (
    "CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT NOT NULL, badge TEXT UNIQUE,"
    " salt BLOB NOT NULL CHECK (length(salt) = 16), title TEXT) STRICT, WITHOUT ROWID"
)


@pytest.fixture
def next_release(monkeypatch: pytest.MonkeyPatch) -> Migrations:
    """A release whose people have a title; its migration is for the test to write."""
    begins, ends = "CREATE TABLE person (", ") STRICT, WITHOUT ROWID"
    before, after = schema_versions.schema().split(begins)
    later = before + _PERSON + after.partition(ends)[2]
    later = later.replace("user_version = 2", "user_version = 3")
    made = Migrations("jejak")
    monkeypatch.setattr(database, "schema", lambda: later)
    digest = schema_versions.digest(database.scratch())
    monkeypatch.setattr(schema_versions, "DIGESTS", (*schema_versions.DIGESTS, digest))
    monkeypatch.setattr(schema_versions, "SCHEMA_VERSION", 3)
    monkeypatch.setattr(migrations, "migrations", made)
    return made


def test_a_numbered_migration_changes_a_table_that_entries_cannot_fill(
    settings: Settings, next_release: Migrations
) -> None:
    @next_release(name="0003_title")
    def title(db: Any) -> None:  # noqa: ANN401 - a Database
        migrations.reshape(db, "person", _PERSON)
        db.execute("UPDATE person SET title = 'Ibu' WHERE id = 'p01'")

    log = create_station.open_log(settings, lambda: LATER)

    assert_same(rows(log.db, "person"), EXPECTED["tables"]["person"])
    assert_same(rows(log.db, "session"), EXPECTED["tables"]["session"])
    assert log.db.execute("SELECT title FROM person WHERE id = 'p01'").fetchone()[0]
    assert [row["name"] for row in rows(log.db, "_sqlite_migrations")] == ["0003_title"]
    assert log.db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    log.db.execute("DELETE FROM person WHERE id = 'p01'")
    assert rows(log.db, "session") == []  # what refers to it still does
    database.close_writer(log.db)


def test_a_file_that_was_laid_with_a_migrations_outcome_is_not_migrated_again(
    tmp_path: Path, next_release: Migrations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version 4 changes nothing but what this test's migration notes."""
    ran = []
    next_release(name="0003_title")(lambda _: ran.append("0003"))
    next_release(name="0004_more")(lambda _: ran.append("0004"))
    with closing(database.create(tmp_path / "ledger.db")) as db:
        digests = (*schema_versions.DIGESTS, schema_versions.DIGESTS[-1])
        monkeypatch.setattr(schema_versions, "DIGESTS", digests)
        monkeypatch.setattr(schema_versions, "SCHEMA_VERSION", 4)

        schema_upgrade.run(db, apply_entries.TABLES, lambda _: ran.append("tables"))

        assert ran == ["0004"]
        assert not schema_upgrade.needed(db)
        assert [row["name"] for row in rows(db, "_sqlite_migrations")] == [
            "0003_title",
            "0004_more",
        ]


def test_a_release_without_the_migration_that_it_needs_changes_nothing(
    settings: Settings, next_release: Migrations
) -> None:
    assert next_release.name == "jejak"

    with pytest.raises(StationError, match="this release has a fault"):
        create_station.open_log(settings, lambda: LATER)

    with closing(database.open_reader(settings.database, older=True)) as db:
        assert schema_versions.version(db) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entry SET type = 'system'",
        "DELETE FROM checkpoint",
        "INSERT INTO node VALUES (1, 40, 0, zeroblob(32))",
        "DROP TABLE entry_item",
        "DROP TRIGGER entry_no_update",
        "ALTER TABLE log ADD COLUMN x TEXT",
        "ALTER TABLE entry RENAME TO entries",
    ],
)
def test_no_migration_can_touch_the_ledger(
    settings: Settings, next_release: Migrations, sql: str
) -> None:
    @next_release(name="0003_harm")
    def harm(db: Any) -> None:  # noqa: ANN401 - a Database
        db.execute(sql)

    with pytest.raises(StationError, match=r"not authorized|prohibited"):
        create_station.open_log(settings, lambda: LATER)

    with closing(database.open_reader(settings.database, older=True)) as db:
        assert verify(db).as_dict() == EXPECTED["verify"]
        assert log_reading.head(db).size == ENTRIES


def test_tables_are_left_alone_where_their_part_of_schema_sql_is_the_same(
    opened: Connection, settings: Settings, next_release: Migrations
) -> None:
    """Only the people changed between these two releases."""
    opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @next_release(name="0003_title")
    def title(db: Any) -> None:  # noqa: ANN401 - a Database
        migrations.reshape(db, "person", _PERSON)

    def anew(*_: int) -> None:
        pytest.fail("the tables were made anew")

    log = create_station.open_log(settings, lambda: LATER, progress=anew)

    assert tables_audit.check(log.db).as_dict() == EXPECTED["verify"]
    database.close_writer(log.db)
