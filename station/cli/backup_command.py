"""jejak backup: a checked copy of the ledger, also while a station is running."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from station.cli import options
from station.cli.speech import say, spoken
from station.errors import StationError
from station.language import Text

if TYPE_CHECKING:
    from station.backup.backup_order import BackupResult
    from station.model import Json
    from station.settings.station_toml import Settings


@click.command()
@click.argument("dest", type=click.Path(path_type=Path, file_okay=False))
@options.as_json
@options.data
def backup(dest: Path, data: str | None, *, as_json: bool) -> None:
    """Copy ledger, pictures and settings to a stick, and check the copy.

    It works while the station scans. The keys are never copied.
    """
    settings = options.settings(data)
    to = _made_ready(dest.expanduser().absolute())
    result = _backed_up(settings, to)
    if as_json:
        if not result["ok"]:
            result["sentence"] = spoken(result["sentence"])
        click.echo(json.dumps(result, ensure_ascii=False))
    elif result["ok"]:
        for line in _lines(result, to):
            click.echo(spoken(line))
    else:
        say("jejak: %(error)s", err=True, error=spoken(result["sentence"]))
    if not result["ok"]:
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
    from station.model import system_clock  # noqa: PLC0415
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
        return {"ok": False, "fault": error.fault, "sentence": error.text}
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
    from station.model import Draft, EntryType, system_clock  # noqa: PLC0415
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
        say(
            "jejak: Cannot update the high-water mark %(high_water)s (%(reason)s): "
            "plug its disk in.",
            err=True,
            high_water=settings.high_water,
            reason=error.strerror,
        )


def _lines(result: dict[str, Any], to: Path) -> list[str]:
    lines: list[str] = [
        Text(
            "%(name)s in %(folder)s: %(entries)s entries, %(pictures)s new pictures; "
            "read back and verified.",
            name=result["name"],
            folder=to,
            entries=result["size"],
            pictures=result["pictures"],
        ),
        Text(
            "No key is in it: keep copies of station.key and label.key apart, under "
            "lock."
        ),
    ]
    if result["lost"]:
        lines.append(
            Text(
                "%(lost)s pictures that the ledger names are missing or damaged on "
                "this station, so they are not in the backup.",
                lost=result["lost"],
            )
        )
    if result["others"]:
        lines.append(
            Text(
                "The folder also holds backups of another ledger under the same name: "
                "%(others)s. They were left alone and do not count for `keep`.",
                others=result["others"],
            )
        )
    if result["own_disk"]:
        lines.append(
            Text(
                "It lies on the ledger's own disk and would be lost with it: use a "
                "stick."
            )
        )
    if not result["recorded"]:
        lines.append(
            Text("A station is running, so its ledger has no entry about this backup.")
        )
    return lines
