"""One backup: copied while the station records, checked, and never half there."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from station.backup import retention, snapshot
from station.backup.backup_order import BackupOrder
from station.backup.snapshot import BackupError, BackupHooks
from station.cli.main import main
from station.custody.entry_data.words import BackupFault
from station.founding import create_station
from station.founding.create_station import NewStation
from station.ledger.log import Log
from station.ledger.log_reading import head
from station.ledger.verify import verify
from station.model import Draft, EntryType
from station.storage import database
from tests.ledger_station import SIGNER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from station.settings.station_toml import Settings
    from tests.conftest import StillClock

PICTURE = b"\xff\xd8 a picture is only bytes to a backup \xff\xd9"


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def order(settings: Settings, log: Log, clock: StillClock, stick: Path) -> BackupOrder:
    """A backup of a ledger of ten entries, each with a picture of its own."""
    record(log, settings, clock, *range(10))
    return BackupOrder(
        database=settings.database,
        evidence=settings.evidence,
        settings=settings.folder / "station.toml",
        to=stick,
        keep=24,
        at_ms=clock().wall_ms,
    )


def keep_picture(settings: Settings, number: int) -> str:
    data = PICTURE + str(number).encode()
    name = hashlib.sha256(data).hexdigest()
    path = settings.evidence / name[:2] / f"{name}.jpg"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return name


def record(log: Log, settings: Settings, clock: StillClock, *numbers: int) -> None:
    for number in numbers:
        draft = Draft(
            type=EntryType.SYSTEM,
            event=clock.pass_ms(10),
            actor="system",
            place=settings.place_id,
            evidence=(keep_picture(settings, number),),
            data={"event": "untold", "number": number, "events": {}},
        )
        with log.writing() as batch:
            batch.append(draft)


def checked(folder: Path) -> int:
    """The entries of a backup that holds, found from its own bytes."""
    with closing(database.open_reader(folder / "ledger.db")) as db:
        report = verify(db)
        assert report.holds, report.sentence
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        assert report.root is not None
        assert (manifest["size"], manifest["root"]) == (report.size, report.root.hex())
        assert manifest["checkpoint"] == head(db).note
        return report.size


def later(order: BackupOrder, seconds: int = 60) -> BackupOrder:
    return replace(order, at_ms=order.at_ms + seconds * 1000)


def names(stick: Path) -> list[str]:
    return sorted(path.name for path in stick.iterdir())


def test_backup_holds_all_but_the_keys_and_verifies_by_itself(
    order: BackupOrder, settings: Settings, log: Log
) -> None:
    made = snapshot.make(order)

    folder = order.to / made.name
    assert made.name == "jejak-1771-gudang-g1-20270115T080000Z"
    assert made.size == log.size == checked(folder)
    assert (made.pictures, made.lost) == (10, 0)
    files = {path.name for path in order.to.rglob("*") if path.is_file()}
    assert {"ledger.db", "station.toml", "manifest.json"} < files
    for key in (settings.key_file, settings.label_key_file, settings.web_key_file):
        secret = key.read_bytes().strip()
        for path in order.to.rglob("*"):
            assert path.is_dir() or secret not in path.read_bytes()
    assert "station.key" in (folder / "manifest.json").read_text("utf-8")


def test_a_backup_opens_where_nothing_can_be_written(order: BackupOrder) -> None:
    folder = order.to / snapshot.make(order).name
    (folder / "ledger.db").chmod(0o400)

    assert (folder / "ledger.db").read_bytes()[18:20] == b"\x01\x01"  # needs no WAL
    assert checked(folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "ledger.db",
        "manifest.json",
        "station.toml",
    ]


def test_a_picture_is_copied_once_for_all_backups(
    order: BackupOrder, settings: Settings, log: Log, clock: StillClock
) -> None:
    snapshot.make(order)
    pool = order.to / "jejak-1771-gudang-g1-evidence"
    before = {path: path.stat().st_mtime_ns for path in pool.rglob("*.jpg")}
    record(log, settings, clock, 10, 11)

    made = snapshot.make(later(order))

    assert made.pictures == 2
    after = {path: path.stat().st_mtime_ns for path in pool.rglob("*.jpg")}
    assert len(after) == 12
    assert before.items() <= after.items()
    assert {hashlib.sha256(path.read_bytes()).hexdigest() for path in after} == {
        path.stem for path in after
    }


def test_pictures_that_the_station_lost_are_counted_and_no_fault(
    order: BackupOrder, settings: Settings, log: Log, clock: StillClock
) -> None:
    snapshot.make(order)
    gone, damaged = (keep_picture(settings, number) for number in (20, 21))
    record(log, settings, clock, 20, 21)
    (settings.evidence / gone[:2] / f"{gone}.jpg").unlink()
    (settings.evidence / damaged[:2] / f"{damaged}.jpg").write_bytes(b"other")

    made = snapshot.make(later(order))

    assert (made.pictures, made.lost) == (0, 2)
    assert not list(order.to.rglob(f"{damaged}*"))


def spoil(path: Path) -> None:
    """Other bytes, as many as before: what a worn-out stick gives back."""
    path.write_bytes(bytes(path.stat().st_size))


def test_a_picture_that_rotted_on_the_stick_is_copied_again(
    order: BackupOrder, settings: Settings
) -> None:
    snapshot.make(order)
    rotten, gone, *_ = sorted(order.to.rglob("*.jpg"))
    spoil(rotten)
    spoil(gone)
    (settings.evidence / gone.parent.name / gone.name).unlink()

    made = snapshot.make(later(order))

    assert (made.pictures, made.lost) == (1, 1)
    assert hashlib.sha256(rotten.read_bytes()).hexdigest() == rotten.stem
    manifest = (order.to / made.name / "manifest.json").read_text("utf-8")
    assert json.loads(manifest)["lost_pictures"] == [gone.stem]


def test_the_station_records_while_it_is_copied(
    settings: Settings, clock: StillClock, stick: Path
) -> None:
    writer = database.Writer(lambda: create_station.open_log(settings, clock))
    writer.run(lambda: record(writer.made, settings, clock, *range(300)))
    stop = threading.Event()
    grown: list[int] = []

    def load() -> None:
        number = 300
        while not stop.is_set():
            writer.run(lambda: record(writer.made, settings, clock, number))  # noqa: B023
            grown.append(writer.run(lambda: writer.made.size))
            number += 1

    thread = threading.Thread(target=load)
    thread.start()
    order = BackupOrder(
        database=settings.database,
        evidence=settings.evidence,
        settings=settings.folder / "station.toml",
        to=stick,
        keep=24,
        at_ms=clock().wall_ms,
    )
    seen: list[int] = []
    for number in range(3):
        made = snapshot.make(later(order, number))
        assert made.size == checked(stick / made.name)
        seen.append(made.size)
    stop.set()
    thread.join()
    writer.run(lambda: database.close_writer(writer.made.db))
    writer.close()

    assert seen == sorted(set(seen)), "nothing was recorded between the copies"
    assert grown == sorted(set(grown))
    with closing(database.open_reader(settings.database)) as db:
        assert verify(db).holds


def flip(part: Path) -> None:
    path = part / "ledger.db"
    raw = bytearray(path.read_bytes())
    at = raw.rfind(b'"number":7')
    assert at > 0
    raw[at + 9] ^= 1
    path.write_bytes(raw)


def tear(part: Path) -> None:
    path = part / "ledger.db"
    path.write_bytes(path.read_bytes()[:-8192])


def lose(part: Path) -> None:
    (part / "ledger.db").unlink()


def spoil_a_picture(part: Path) -> None:
    path = next((part.parent / "jejak-1771-gudang-g1-evidence").rglob("*.jpg"))
    path.write_bytes(b"x" * path.stat().st_size)


def refuse_to_sync(part: Path) -> None:  # noqa: ARG001 - the fault is anywhere
    raise OSError(errno.EIO, "Input/output error")


def fill(part: Path) -> None:  # noqa: ARG001
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (flip, BackupFault.FAILED),
        (tear, BackupFault.FAILED),
        (lose, BackupFault.FAILED),
        (spoil_a_picture, BackupFault.FAILED),
        (refuse_to_sync, BackupFault.FAILED),
        (fill, BackupFault.FULL),
    ],
)
def test_a_fault_while_copying_is_told_and_leaves_nothing_half(
    fault: Callable[[Path], None], told: BackupFault, order: BackupOrder, stick: Path
) -> None:
    with pytest.raises(BackupError) as first:
        snapshot.make(order, BackupHooks(settled=fault))
    assert first.value.fault is told
    assert names(stick) == ["jejak-1771-gudang-g1-evidence"]

    good = snapshot.make(later(order, 1))
    spoilt = good.pictures  # nothing that is damaged stays in the pool
    assert spoilt == (1 if fault is spoil_a_picture else 0)
    with pytest.raises(BackupError):
        snapshot.make(later(order, 2), BackupHooks(settled=flip))
    assert names(stick) == sorted(["jejak-1771-gudang-g1-evidence", good.name])
    assert checked(stick / good.name) == good.size


def test_a_copy_of_another_ledger_is_no_backup(
    order: BackupOrder, settings: Settings, log: Log, clock: StillClock, tmp_path: Path
) -> None:
    """A copy that holds by itself, but is no prefix of what the station has."""
    record(log, settings, clock, 30)
    ahead = tmp_path / "ahead.db"
    with closing(database.open_reader(settings.database)) as db:
        database.copy(db, ahead)
    older = tmp_path / "older.db"
    with closing(database.open_reader(order.database)) as db:
        database.copy(db, older)

    def swap(part: Path) -> None:
        # The same key signs other entries under the same numbers.
        fork = database.open_writer(older)
        forked = type(log).open(fork, create_station.signer(settings), clock)
        record(forked, settings, clock, 99)
        database.close_writer(fork)
        shutil.copyfile(older, part / "ledger.db")

    with pytest.raises(BackupError):
        snapshot.make(order, BackupHooks(settled=swap))
    assert names(order.to) == ["jejak-1771-gudang-g1-evidence"]


def test_a_full_stick_is_told_before_a_byte_is_written(order: BackupOrder) -> None:
    with pytest.raises(BackupError, match="got 5 MB; take another stick") as told:
        snapshot.make(order, BackupHooks(free=lambda _: 5_000_000))
    assert told.value.fault is BackupFault.FULL
    assert names(order.to) == []

    needed = order.database.stat().st_size + 17_000_000
    rooms = iter([needed, 1_000_000])
    with pytest.raises(BackupError) as told:
        snapshot.make(order, BackupHooks(free=lambda _: next(rooms)))
    assert told.value.fault is BackupFault.FULL
    assert names(order.to) == []


def test_a_stick_that_is_not_there_or_vanishes_is_missing(
    order: BackupOrder, stick: Path
) -> None:
    with pytest.raises(BackupError, match="plug the stick in") as told:
        snapshot.make(replace(order, to=stick / "not"))
    assert told.value.fault is BackupFault.MISSING

    good = snapshot.make(order)
    away = stick.with_name("pulled-out")

    def pull(_: Path) -> None:
        stick.rename(away)

    with pytest.raises(BackupError, match="is gone") as told:
        snapshot.make(later(order), BackupHooks(settled=pull))
    assert told.value.fault is BackupFault.MISSING
    assert not stick.exists()
    away.rename(stick)
    # What lay half on it when it was pulled out goes with the next backup.
    assert any(name.endswith(".part") for name in names(stick))
    made = snapshot.make(later(order, 120))
    assert not any(name.endswith(".part") for name in names(stick))
    assert checked(stick / good.name)
    assert checked(stick / made.name)


_REAL = """
import sys
from pathlib import Path
from station.backup import snapshot
from station.backup.backup_order import BackupOrder
to = Path(sys.argv[4])
order = BackupOrder(
    database=Path(sys.argv[1]), evidence=Path(sys.argv[2]), settings=Path(sys.argv[3]),
    to=to, keep=9, at_ms=1_800_000_000_000,
)
try:
    snapshot.make(order, snapshot.BackupHooks(free=lambda _: 10**12))
except snapshot.BackupError as error:
    print(error.fault, *sorted(path.name for path in to.iterdir()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="mounts or limits as POSIX does")
def test_a_stick_that_takes_no_more_leaves_nothing_half(order: BackupOrder) -> None:
    script = [sys.executable, "-c", _REAL, str(order.database), str(order.evidence)]
    script += [str(order.settings), str(order.to)]
    small = f"mount -t tmpfs -o size=64k tmpfs '{order.to}' 2>/dev/null"
    full = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    mounted = (
        shutil.which("unshare") is not None
        and not subprocess.run(
            [*full, small], check=False, capture_output=True
        ).returncode
    )
    # Where nothing may be mounted, a limit of the process stands in for the stick.
    command = (
        [*full, f'{small} && exec "$@"', "sh", *script]
        if mounted
        else ["sh", "-c", 'ulimit -f 100 && exec "$@"', "sh", *script]
    )

    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert said.split() == ["full" if mounted else "failed"]


def test_old_backups_go_and_the_last_stays(
    order: BackupOrder, settings: Settings, log: Log, clock: StillClock
) -> None:
    made = []
    for number in range(4):
        record(log, settings, clock, 40 + number)
        # The wall clock is set back in between: the size tells which is newer.
        moment = replace(order, keep=2, at_ms=order.at_ms - number * 60_000)
        made.append(snapshot.make(moment).name)

    found = retention.kept(order.to, settings.origin)
    assert [one.folder.name for one in found] == made[-2:]
    unread = order.to / made[-2] / "manifest.json"
    unread.write_text("{", "utf-8")
    record(log, settings, clock, 50)
    last = snapshot.make(replace(later(order), keep=1))
    assert {made[-2], last.name} == set(names(order.to)) - {
        "jejak-1771-gudang-g1-evidence"
    }


def test_what_others_keep_on_the_stick_is_never_touched(
    order: BackupOrder, stick: Path
) -> None:
    theirs = ["jejak-1771-gudang-g2-20270115T080000Z", "jejak-1771-gudang-g1-mine"]
    for name in theirs:
        (stick / name).mkdir()
        manifest = '{"size": 0, "made_ms": 0}'
        (stick / name / "manifest.json").write_text(manifest, "utf-8")

    snapshot.make(replace(order, keep=1))
    snapshot.make(replace(later(order), keep=1))

    assert set(theirs) <= set(names(stick))


def jejak_verify(folder: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["verify", str(folder), *more])


def test_verify_holds_a_backup_against_its_manifest_and_pictures(
    order: BackupOrder,
) -> None:
    made = snapshot.make(order)

    said = jejak_verify(order.to / made.name)
    as_json = jejak_verify(order.to / made.name, "--json")

    assert said.exit_code == 0, said.output
    assert len(said.stdout.splitlines()) == 1
    told = json.loads(as_json.stdout)
    assert (told["holds"], told["notes"]) == (True, [])


@pytest.fixture
def second(order: BackupOrder, settings: Settings, log: Log, clock: StillClock) -> Path:
    """A backup beside an older one that holds two entries less."""
    snapshot.make(order)
    record(log, settings, clock, 80, 81)
    return order.to / snapshot.make(later(order)).name


def put_back(folder: Path) -> None:
    """An older backup's ledger in this one's place."""
    oldest = min(folder.parent.glob("*Z"))
    shutil.copyfile(oldest / "ledger.db", folder / "ledger.db")


def take_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def alter_the_manifest(folder: Path) -> None:
    file = folder / "manifest.json"
    told = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(told | {"size": told["size"] - 1}), "utf-8")


def sign_the_manifest_anew(folder: Path) -> None:
    file = folder / "manifest.json"
    told = json.loads(file.read_text("utf-8"))
    note = SIGNER.sign(told["origin"], told["size"], bytes.fromhex(told["root"]))
    file.write_text(json.dumps(told | {"checkpoint": note}), "utf-8")


def rot_a_picture(folder: Path) -> None:
    spoil(next(folder.parent.rglob("*.jpg")))


def lose_a_picture(folder: Path) -> None:
    next(folder.parent.rglob("*.jpg")).unlink()


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (put_back, "Expected the 14 entries that the backup's manifest names, got 12"),
        (take_the_manifest, "Expected the backup's manifest in"),
        (alter_the_manifest, "name the 14 entries of its signed head, got 13"),
        (sign_the_manifest_anew, "head is not one of this ledger"),
        (rot_a_picture, "1 are missing or damaged"),
        (lose_a_picture, "1 are missing or damaged"),
    ],
)
def test_verify_finds_what_was_done_to_a_backup(
    harm: Callable[[Path], None], told: str, second: Path
) -> None:
    harm(second)

    said, as_json = jejak_verify(second), jejak_verify(second, "--json")
    assert (said.exit_code, as_json.exit_code) == (1, 1)
    assert told in said.stdout
    assert "agree with each other" in said.stdout
    assert told in json.loads(as_json.stdout)["fault"]


def test_verify_tells_what_was_lost_before_the_backup(
    order: BackupOrder, settings: Settings
) -> None:
    next(settings.evidence.rglob("*.jpg")).unlink()

    said = jejak_verify(order.to / snapshot.make(order).name)

    assert said.exit_code == 0
    assert (
        "Of the 10 pictures that the entries name, 1 are not in this backup"
        in said.stdout
    )


def founded(folder: Path, clock: StillClock) -> Settings:
    """Another station of the same kab/kota and place: the same origin, its own key."""
    return create_station.create(
        folder, NewStation(regency="1771", title="KPU Kota Bengkulu"), clock
    )


def test_backups_of_another_ledger_push_nothing_out_and_stay(
    order: BackupOrder, settings: Settings, clock: StillClock, tmp_path: Path
) -> None:
    """A rehearsal's lie on the stick, and hold more entries than the new station."""
    theirs = [snapshot.make(later(order, number)).name for number in range(2)]
    young = founded(tmp_path / "founded anew", clock)
    assert young.origin == settings.origin
    ours = replace(
        order,
        database=young.database,
        evidence=young.evidence,
        settings=young.folder / "station.toml",
        keep=2,
    )

    made = []
    for number in range(3):
        made.append(snapshot.make(later(ours, 60 + number)))
        assert checked(order.to / made[-1].name) == made[-1].size
    with_keep = {one.name for one in made[1:]}

    assert [one.others for one in made] == [2, 2, 2]
    assert set(names(order.to)) == {
        *theirs,
        *with_keep,
        "jejak-1771-gudang-g1-evidence",
    }
    # The other way round too: theirs count theirs alone.
    again = snapshot.make(replace(later(order, 120), keep=1))
    assert again.others == 2
    assert with_keep < set(names(order.to))
    assert not set(theirs) & set(names(order.to))


def test_a_backup_of_what_our_key_signed_otherwise_is_not_ours(
    order: BackupOrder, settings: Settings, clock: StillClock, tmp_path: Path
) -> None:
    """A copy of the station that went on elsewhere, under the same key."""
    fork = tmp_path / "fork.db"
    with closing(database.open_reader(order.database)) as db:
        database.copy(db, fork)
    forked = Log.open(
        database.open_writer(fork), create_station.signer(settings), clock
    )
    record(forked, settings, clock, 70)
    database.close_writer(forked.db)
    theirs = snapshot.make(replace(order, database=fork))

    made = snapshot.make(replace(later(order), keep=1))

    assert made.others == 1
    assert {theirs.name, made.name} < set(names(order.to))


def test_the_backup_just_made_stays_whatever_the_others_tell(
    order: BackupOrder,
) -> None:
    """The wall clock is set back, and nothing was recorded in between."""
    snapshot.make(order)

    made = snapshot.make(replace(order, keep=1, at_ms=order.at_ms - 60_000))

    assert made.name in names(order.to)
    assert len(names(order.to)) == 2


def test_the_command_tells_of_another_ledgers_backups(
    order: BackupOrder, clock: StillClock, tmp_path: Path
) -> None:
    young = founded(tmp_path / "founded anew", clock)
    snapshot.make(order)

    said = CliRunner().invoke(
        main, ["backup", str(order.to), "--data", str(young.folder)]
    )

    assert said.exit_code == 0, said.output
    assert "another ledger under the same name: 1." in said.stdout


def test_a_synchronised_folder_is_refused(order: BackupOrder, tmp_path: Path) -> None:
    cloud = tmp_path / "OneDrive - KPU"
    cloud.mkdir()

    with pytest.raises(BackupError, match="would leave this house"):
        snapshot.make(replace(order, to=cloud))
    assert names(cloud) == []


def test_two_backups_in_one_second_have_two_names(order: BackupOrder) -> None:
    first, second = snapshot.make(order), snapshot.make(order)

    assert second.name == f"{first.name}-2"
    assert checked(order.to / second.name)
