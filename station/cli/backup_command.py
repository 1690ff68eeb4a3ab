"""jejak backup: by the running station where there is one, else by this command."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from station.errors import StationError
from station.model import Draft, EntryType, system_clock
from station.settings import station_toml

if TYPE_CHECKING:
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
    """What came of it, by whoever may write.

    Raises:
        StationError: nobody can.
    """
    from station.backup import request_files  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    lock = database.WriterLock(settings.folder)
    try:
        lock.acquire()
    except StationError:
        return request_files.ask(settings.folder, to)
    try:
        return _alone(settings, to)
    finally:
        lock.release()


def _alone(settings: Settings, to: Path) -> dict[str, Any]:
    from station.backup import snapshot as backups  # noqa: PLC0415
    from station.backup.request_files import BackupRequest  # noqa: PLC0415
    from station.cli import open_for_writing  # noqa: PLC0415
    from station.custody.accounts import directory  # noqa: PLC0415
    from station.founding import create_station, high_water_mark  # noqa: PLC0415
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

    guard = ScanStops(settings.folder)
    try:
        keeper = BackupScheduler(settings, system_clock, guard, note, backups.make)
        told = keeper.on_request(BackupRequest("", to))
        try:
            with closing(database.open_reader(settings.database)) as db:
                high_water_mark.advance_all(db, settings)
        except OSError as error:  # the backup is made all the same
            click.echo(
                f"jejak: The high-water mark {settings.high_water} could not be moved "
                f"on ({error.strerror}): plug its disk in.",
                err=True,
            )
        return told
    finally:
        database.close_writer(log.db)


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
    return lines
