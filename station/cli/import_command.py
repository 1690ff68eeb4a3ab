"""jejak import: read the plan's files, show what would change, and record it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.errors import StationError
from station.model import system_clock
from station.settings import station_toml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.custody.plan.dry_run import Proposal
    from station.custody.plan.plan_records import Plan
    from station.settings.station_toml import Settings
    from station.storage.database import Connection


@click.command("import")
@click.argument(
    "plan", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True)
)
@click.option("--dry-run", is_flag=True, help="Show what would change; record nothing.")
@click.option(
    "--good-rows",
    is_flag=True,
    help="Record the sound rows; the held ones are listed as open.",
)
@click.option("--data", metavar="DIR", help="Where the station lives.")
def import_plan(
    plan: tuple[Path, ...], data: str | None, *, dry_run: bool, good_rows: bool
) -> None:
    """Register areas, polling stations and boxes: CSV, XLSX, ODS, XLS, or a folder.

    All problems are told at once; with any of them nothing is recorded, unless the
    sound rows are asked for. The same files again change nothing.
    """
    from station.intake import uploaded_file  # noqa: PLC0415

    settings = station_toml.load(station_toml.data_folder(data))
    files = [file for given in plan for file in uploaded_file.in_folder(given)]
    for file in (file for given in plan for file in uploaded_file.skipped(given)):
        click.echo(
            f"Skipped {file}: expected {', '.join(uploaded_file.SUFFIXES)} in a "
            "folder; name the file itself to have it read."
        )
    if dry_run:
        _show(settings, files)
    else:
        _record(settings, files, good_rows=good_rows)


def _show(settings: Settings, files: Sequence[Path]) -> None:
    """Tell what would change, beside a station that runs."""
    from station.storage import database  # noqa: PLC0415

    db = database.open_reader(settings.database)
    try:
        read, _ = _told(db, settings, files)
    finally:
        db.close()
    click.echo("Nothing was recorded: this was a dry run.")
    if read.problems:
        sys.exit(1)


def _record(settings: Settings, files: Sequence[Path], *, good_rows: bool) -> None:
    """Tell it, then record it.

    Raises:
        StationError: there are problems, or a station runs here; nothing is recorded.
    """
    from station.cli import open_for_writing  # noqa: PLC0415
    from station.custody.accounts.directory import SYSTEM  # noqa: PLC0415
    from station.custody.plan import dry_run_text, record_plan  # noqa: PLC0415

    with open_for_writing.ledger(settings, "Rencana") as log:
        read, change = _told(log.db, settings, files)
        if read.problems and not good_rows:
            message = (
                f"{len(read.problems)} problems, nothing recorded: mend the files, or "
                "record the sound rows alone with --good-rows."
            )
            raise StationError(message)
        with click.progressbar(
            length=change.boxes, label="Boxes", file=sys.stderr
        ) as bar:
            done = record_plan.record(
                log,
                read.good_rows() if good_rows else read,
                settings.regency,
                actor=SYSTEM,
                at=system_clock(),
                progress=lambda boxes, _: bar.update(boxes - bar.pos),
            )
    click.echo(dry_run_text.done(done))


def _told(
    db: Connection, settings: Settings, files: Sequence[Path]
) -> tuple[Plan, Proposal]:
    """The plan and what it would change, both told: problems on stderr."""
    from station.custody.plan import dry_run as proposal  # noqa: PLC0415
    from station.custody.plan import dry_run_text, record_plan  # noqa: PLC0415

    read = record_plan.read(
        files,
        record_plan.known_areas(db),
        settings.election,
        settings.regency,
        record_plan.registered(db, settings.election),
    )
    change = proposal.propose(db, read)
    for line in dry_run_text.problems(read):
        click.echo(line, err=True)
    for line in dry_run_text.lines(read, change):
        click.echo(line)
    return read, change
