"""jejak backup: a checked copy of the ledger, also while a station is running."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from station.errors import StationError
from station.model import Draft, EntryType, system_clock
from station.settings import station_toml

if TYPE_CHECKING:
    from station.backup.backup_order import BackupResult
    from station.model import Json
    from station.settings.station_toml import Settings


@click.command()
@click.argument("dest", type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.option("--data", metavar="DIR", help="Where the station lives.")
def backup(dest: Path, data: str | None, *, as_json: bool) -> None:
    """Copy ledger, pictures and settings to a stick, and check the copy.

    It works while the station scans. The keys are never copied.
    """
    settings = station_toml.load(station_toml.data_folder(data))
    to = _made_ready(dest.expanduser().absolute())
    told = _backed_up(settings, to)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    elif told["ok"]:
        for line in _lines(told, to):
            click.echo(line)
    else:
        click.echo(f"jejak: {told['sentence']}", err=True)
    if not told["ok"]:
        sys.exit(1)


def _made_ready(to: Path) -> Path:
    # The last folder alone: a whole path made up would hide a stick that is not there.
    if to.parent.is_dir() and not to.exists():
        to.mkdir()
    return to


def _backed_up(settings: Settings, to: Path) -> dict[str, Any]:
    """Back up, and record it unless a running station alone may write."""
    from station.backup import snapshot  # noqa: PLC0415 - not needed for --help
    from station.backup.backup_order import BackupOrder  # noqa: PLC0415
    from station.storage.writer_lock import WriterLock  # noqa: PLC0415

    lock = WriterLock(settings.folder)
    try:
        lock.acquire()
    except StationError:
        recorded = False
    else:
        recorded = True
    try:
        if recorded:
            made = _make_and_record(settings, to)
        else:
            at_ms = system_clock().wall_ms
            made = snapshot.make(BackupOrder.of(settings, to, at_ms))
    except snapshot.BackupError as error:
        return {"ok": False, "fault": error.fault, "sentence": str(error)}
    finally:
        lock.release()
    return {"ok": True, **asdict(made), "recorded": recorded}


def _make_and_record(settings: Settings, to: Path) -> BackupResult:
    """Back up as the ledger's only writer.

    Raises:
        BackupError: there is none.
    """
    from station.backup import snapshot  # noqa: PLC0415
    from station.cli import open_for_writing  # noqa: PLC0415
    from station.custody.accounts import directory  # noqa: PLC0415
    from station.founding import create_station  # noqa: PLC0415
    from station.runtime.backup_schedule import BackupScheduler  # noqa: PLC0415
    from station.runtime.scan_stops import ScanStops  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    log = create_station.open_log(
        settings, system_clock, progress=open_for_writing.progress
    )

    def note(event: str, **facts: Json) -> None:
        with log.writing() as batch:
            batch.append(
                Draft(
                    type=EntryType.SYSTEM,
                    event=system_clock(),
                    actor=directory.SYSTEM,
                    place=settings.place_id,
                    data={"event": event, **facts},
                )
            )

    scan_stops = ScanStops(settings.folder)
    try:
        return BackupScheduler(
            settings, system_clock, scan_stops, note, snapshot.make
        ).make_now(to)
    finally:
        _advance_mark(settings)
        database.close_writer(log.db)


def _advance_mark(settings: Settings) -> None:
    from station.founding import high_water_mark  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    try:
        with closing(database.open_reader(settings.database)) as db:
            high_water_mark.advance_all(db, settings)
    except OSError as error:  # the backup is made all the same
        click.echo(
            f"jejak: The high-water mark {settings.high_water} could not be moved "
            f"on ({error.strerror}): plug its disk in.",
            err=True,
        )


def _lines(told: dict[str, Any], to: Path) -> list[str]:
    done = (
        f"{told['name']} in {to}: {told['size']} entries, {told['pictures']} new "
        "pictures; read back and verified."
    )
    lines = [
        done,
        "No key is in it: keep copies of station.key and label.key apart, under lock.",
    ]
    if told["lost"]:
        lines.append(
            f"{told['lost']} pictures that the ledger names are not on this station "
            "or are damaged; they are not in it."
        )
    if told["others"]:
        lines.append(
            f"Backups of another ledger that lie there under the same name: "
            f"{told['others']}. Each was left alone and is not counted for `keep`."
        )
    if told["own_disk"]:
        lines.append(
            "It lies on the ledger's own disk and would be lost with it: use a stick."
        )
    if not told["recorded"]:
        lines.append("A station is running, so this backup is no entry of its ledger.")
    return lines
