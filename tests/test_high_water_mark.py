"""A ledger that was put back is refused; one that merely died is not."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from station.cli.main import main
from station.custody.entry_data.words import MarkState
from station.errors import StationError
from station.founding import create_station, high_water_mark, restored_ledger
from station.founding.create_station import NewStation
from station.founding.high_water_mark import Behind
from station.ledger.log import Log
from station.ledger.log_reading import head
from station.model import Draft, EntryType
from station.settings import station_toml
from station.settings.backup_settings import BackupSettings
from station.storage import database
from tests import ledger_station
from tests.ledger_station import SIGNER, begin, loading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from station.settings.station_toml import Settings
    from tests.conftest import StillClock
    from tests.ledger_station import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    yield from ledger_station.ledgers(tmp_path)


def marked(ledger: Ledger, path: Path) -> MarkState:
    with closing(database.open_reader(ledger.path)) as db:
        return high_water_mark.advance(db, path)


def copied(ledger: Ledger, to: Path) -> Path:
    with closing(database.open_reader(ledger.path)) as db:
        database.copy(db, to)
    return to


def test_the_mark_may_lag_and_moves_on(ledger: Ledger, tmp_path: Path) -> None:
    mark = tmp_path / "high-water"
    assert marked(ledger, mark) is MarkState.GONE
    first = mark.read_text("utf-8")
    ledger.append(loading(6))

    assert high_water_mark.check(ledger.db, mark) is MarkState.HOLDS
    assert mark.read_text("utf-8") == first
    assert marked(ledger, mark) is MarkState.HOLDS
    assert mark.read_text("utf-8") == head(ledger.db).note
    assert [path.name for path in tmp_path.glob("*high-water*")] == ["high-water"]


def test_a_ledger_that_was_put_back_is_refused_with_the_way_forward(
    ledger: Ledger, tmp_path: Path
) -> None:
    mark = tmp_path / "high-water"
    older = copied(ledger, tmp_path / "older.db")
    ledger.append(loading(6), loading(7))
    marked(ledger, mark)
    kept = mark.read_text("utf-8")

    with (
        closing(database.open_reader(older)) as db,
        pytest.raises(Behind, match=r"the 9 entries .* got only 7: .* next generation"),
    ):
        high_water_mark.advance(db, mark)
    assert mark.read_text("utf-8") == kept


def test_another_ledger_under_the_same_numbers_is_refused(
    ledger: Ledger, tmp_path: Path
) -> None:
    mark = tmp_path / "high-water"
    other = copied(ledger, tmp_path / "other.db")
    ledger.append(loading(6))
    marked(ledger, mark)
    db = database.open_writer(other)
    forked = Log.open(db, SIGNER, ledger.clock)
    for number in (8, 9, 10):
        with forked.writing() as batch:
            batch.append(loading(number))

    with pytest.raises(Behind, match="others in their place"):
        high_water_mark.check(db, mark)
    db.close()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "jejak/1771/gudang/g1\n",
        "\x00" * 200,
        b"\xff\xfe\x00".decode("latin-1"),
    ],
)
def test_what_is_no_mark_is_told_and_written_anew(
    text: str, ledger: Ledger, tmp_path: Path
) -> None:
    mark = tmp_path / "high-water"
    mark.write_text(text, "latin-1")

    assert marked(ledger, mark) is MarkState.UNREADABLE
    assert marked(ledger, mark) is MarkState.HOLDS


def test_a_mark_signed_by_another_key_says_nothing(
    ledger: Ledger, tmp_path: Path
) -> None:
    mark = tmp_path / "high-water"
    note = head(ledger.db).note
    mark.write_text(note.replace("\n7\n", "\n8\n"), "utf-8")

    assert high_water_mark.check(ledger.db, mark) is MarkState.UNREADABLE


@pytest.mark.parametrize(
    ("origin", "refused"),
    [
        ("jejak/1771/gudang/g0", None),
        ("jejak/1771/gudang/g2", "followed by jejak/1771/gudang/g2"),
        ("jejak/1771/ppk-3/g1", "name another file with high_water"),
    ],
)
def test_the_mark_of_another_log_is_told_by_its_name(
    origin: str, refused: str | None, ledger: Ledger, tmp_path: Path
) -> None:
    mark = tmp_path / "high-water"
    mark.write_text(SIGNER.sign(origin, 900, bytes(32)), "utf-8")

    if refused is None:
        assert high_water_mark.check(ledger.db, mark) is MarkState.GONE
    else:
        with pytest.raises(Behind, match=refused):
            high_water_mark.check(ledger.db, mark)


def test_a_station_put_back_does_not_open_and_says_why(
    settings: Settings, clock: StillClock, tmp_path: Path
) -> None:
    mark = tmp_path / "stick" / "high-water"
    mark.parent.mkdir()
    settings = replace(settings, backup=BackupSettings(high_water=mark))
    older = tmp_path / "older.db"
    shutil.copyfile(settings.database, older)
    log = create_station.open_log(settings, clock)
    with log.writing() as batch:
        batch.append(loading(1))
    with closing(database.open_reader(settings.database)) as db:
        high_water_mark.advance(db, mark)
    database.close_writer(log.db)
    shutil.copyfile(older, settings.database)

    with pytest.raises(StationError, match="old copy is never continued"):
        create_station.open_log(settings, clock)
    assert settings.database.read_bytes() == older.read_bytes()


def at_work(settings: Settings, clock: StillClock) -> None:
    """A station that was started once, whose mark is lost."""
    log = create_station.open_log(settings, clock)
    with log.writing() as batch:
        batch.append(replace(event(settings, clock, 0), data={"event": "start"}))
    database.close_writer(log.db)
    settings.high_water.unlink()


def test_a_station_has_its_mark_from_its_founding_on(settings: Settings) -> None:
    """One that dies in its first second is not taken for a restored one."""
    with closing(database.open_reader(settings.database)) as db:
        assert high_water_mark.check(db, settings.high_water) is MarkState.HOLDS
        assert settings.high_water.read_text("utf-8") == head(db).note


@pytest.mark.parametrize("mark", [None, "garbage"])
def test_a_ledger_in_use_without_its_mark_is_not_continued(
    mark: str | None,
    settings: Settings,
    clock: StillClock,
    tmp_path: Path,
    plan_files: list[Path],
) -> None:
    """As one that was copied from a backup; every command that writes says so."""
    at_work(settings, clock)
    if mark is not None:
        settings.high_water.write_text(mark, "utf-8")
    before = settings.database.read_bytes()
    commands = (
        ["serve"],
        ["backup", str(tmp_path)],
        ["import", str(plan_files[0].parent)],
        ["labels", "--out", str(tmp_path / "x.pdf")],
        ["rebuild"],
    )
    for command in commands:
        done = CliRunner().invoke(main, [*command, "--data", str(settings.folder)])
        assert done.exit_code == 1, command
        assert "jejak serve --restored" in done.output.splitlines()[-1], command
    assert settings.database.read_bytes() == before


def test_a_ledger_that_never_was_at_work_opens_without_a_mark(
    settings: Settings, clock: StillClock
) -> None:
    settings.high_water.unlink()

    database.close_writer(create_station.open_log(settings, clock).db)


def test_what_was_restored_is_taken_once_and_recorded(
    settings: Settings, clock: StillClock
) -> None:
    at_work(settings, clock)

    told = restored_ledger.restore(settings, clock)

    assert (told.seq, told.draft.actor) == (3, "system")
    assert told.draft.data == {"event": "restored", "entries": 3}
    with closing(database.open_reader(settings.database)) as db:
        assert high_water_mark.check(db, settings.high_water) is MarkState.HOLDS
    database.close_writer(create_station.open_log(settings, clock).db)
    with pytest.raises(StationError, match="leave out --restored"):
        restored_ledger.restore(settings, clock)


def test_no_word_lets_an_older_ledger_pass_that_a_mark_elsewhere_knows(
    settings: Settings, clock: StillClock, tmp_path: Path
) -> None:
    """The disk with the ledger is lost, that of the mark is not."""
    settings = replace(settings, backup=BackupSettings(high_water=tmp_path / "hw"))
    older = tmp_path / "older.db"
    shutil.copyfile(settings.database, older)
    grown(settings, clock, 3)
    shutil.copyfile(older, settings.database)
    (settings.folder / "high-water").unlink()

    for opened in (create_station.open_log, restored_ledger.restore):
        with pytest.raises(Behind, match="got only 2: it is an older copy"):
            opened(settings, clock)
    assert settings.database.read_bytes() == older.read_bytes()


def jejak_verify(*command: str) -> Result:
    return CliRunner().invoke(main, ["verify", *command])


def grown(settings: Settings, clock: StillClock, entries: int) -> None:
    """Let the station record so many, and mark the last."""
    log = create_station.open_log(settings, clock)
    for number in range(entries):
        with log.writing() as batch:
            batch.append(event(settings, clock, number))
    with closing(database.open_reader(settings.database)) as db:
        high_water_mark.advance(db, settings.high_water)
    database.close_writer(log.db)


def event(settings: Settings, clock: StillClock, number: int) -> Draft:
    return Draft(
        type=EntryType.SYSTEM,
        event=clock.pass_ms(10),
        actor="system",
        place=settings.place_id,
        data={"event": "untold", "number": number, "events": {}},
    )


@pytest.mark.parametrize("elsewhere", [False, True])
def test_verify_finds_an_older_ledger_that_was_put_back(
    elsewhere: bool,  # noqa: FBT001 - a parameter of the test
    settings: Settings,
    clock: StillClock,
    tmp_path: Path,
) -> None:
    """The mark beside it says more, or the one that station.toml names."""
    if elsewhere:
        file = settings.folder / "station.toml"
        line = f'\n[backup]\nhigh_water = "{(tmp_path / "hw").as_posix()}"\n'
        file.write_text(file.read_text("utf-8") + line, "utf-8")
        settings = station_toml.load(settings.folder)
    older = tmp_path / "older.db"
    shutil.copyfile(settings.database, older)
    grown(settings, clock, 3)
    fine = jejak_verify("--data", str(settings.folder))
    assert (fine.exit_code, len(fine.stdout.splitlines())) == (0, 1), fine.output
    shutil.copyfile(older, settings.database)

    said = jejak_verify(str(settings.folder))
    as_json = jejak_verify("--json", "--data", str(settings.folder))

    assert (said.exit_code, as_json.exit_code) == (1, 1)
    assert "NOT sound, although its 2 entries agree with each other" in said.stdout
    assert "with the 5 entries" in said.stdout
    assert "got only 2: it is an older copy" in said.stdout
    told = json.loads(as_json.stdout)
    assert told["holds"] is False
    assert "older copy" in told["fault"]


def test_verify_without_a_mark_says_what_it_cannot_tell(settings: Settings) -> None:
    settings.high_water.unlink(missing_ok=True)

    said = jejak_verify(str(settings.folder))

    assert said.exit_code == 0
    assert "is sound" in said.stdout
    assert "No high-water mark" in said.stdout


def test_verify_finds_a_ledger_that_another_key_signed(
    settings: Settings, clock: StillClock, tmp_path: Path
) -> None:
    """Whole, of the same origin, and not the one whose mark lies there."""
    grown(settings, clock, 1)
    founding = NewStation(regency="1771", title="KPU Kota Bengkulu")
    other = create_station.create(tmp_path / "other", founding, clock)
    shutil.copyfile(other.database, settings.database)

    said = jejak_verify(str(settings.folder))

    assert said.exit_code == 1
    assert "The high-water mark in" in said.stdout
    assert "not signed with this ledger's key" in said.stdout


_WRITE = """
import sys, threading
from contextlib import closing
from pathlib import Path
from station.storage import database
from station.founding import high_water_mark
from station.ledger.log import Log
from tests.ledger_station import SIGNER, TickingClock, loading

path, mark = Path(sys.argv[1]), Path(sys.argv[2])
db = database.open_writer(path)
high_water_mark.check(db, mark)
log = Log.open(db, SIGNER, TickingClock())

def advance():
    with closing(database.open_reader(path)) as reader:
        while True:
            high_water_mark.advance(reader, mark)

threading.Thread(target=advance, daemon=True).start()
print("ready", flush=True)
while True:
    with log.writing() as batch:
        batch.append(loading(1))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_station_that_is_killed_is_never_refused(tmp_path: Path) -> None:
    """Appending and marking as fast as they can, killed at random moments."""
    chance = random.Random(4)  # noqa: S311 - moments, not secrets
    begin(tmp_path).db.close()
    path, mark = tmp_path / "ledger.db", tmp_path / "high-water"
    sizes = []
    for _ in range(10):
        process = subprocess.Popen(
            [sys.executable, "-c", _WRITE, str(path), str(mark)],
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", "it was refused"
            time.sleep(chance.uniform(0.05, 0.4))
            process.kill()
        assert process.returncode == -signal.SIGKILL
        with closing(database.open_reader(path)) as db:
            assert high_water_mark.check(db, mark) is MarkState.HOLDS
            sizes.append(head(db).size)
    assert sizes == sorted(set(sizes)), "nothing was recorded between two kills"


def test_a_mark_that_is_moved_by_the_writing_connection_is_refused(
    ledger: Ledger, tmp_path: Path
) -> None:
    """It sees what no sync has brought to the disk yet."""
    with pytest.raises(StationError, match="reading connection"):
        high_water_mark.advance(ledger.db, tmp_path / "high-water")

    assert not (tmp_path / "high-water").exists()
