"""jejak import: read the plan's files, show what would change, and record it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station import config
from station.model import system_clock
from station.refusal import StationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.config import Settings
    from station.custody.plan import Plan
    from station.custody.proposal import Proposal
    from station.database import Connection


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
    from station.custody.intake import source  # noqa: PLC0415

    settings = config.load(config.data_folder(data))
    files = [file for given in plan for file in source.in_folder(given)]
    for file in (file for given in plan for file in source.skipped(given)):
        click.echo(
            f"Skipped {file}: expected {', '.join(source.SUFFIXES)} in a folder; name"
            " the file itself to have it read."
        )
    if dry_run:
        _show(settings, files)
    else:
        _record(settings, files, good_rows=good_rows)


def _show(settings: Settings, files: Sequence[Path]) -> None:
    """Tell what would change, beside a station that runs."""
    from station import database  # noqa: PLC0415

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
    from station import cli_alone  # noqa: PLC0415
    from station.custody import plan, report  # noqa: PLC0415
    from station.custody.people import SYSTEM  # noqa: PLC0415

    with cli_alone.ledger(settings, "Rencana") as log:
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
            done = plan.record(
                log,
                read.good_rows() if good_rows else read,
                settings.regency,
                actor=SYSTEM,
                at=system_clock(),
                progress=lambda boxes, _: bar.update(boxes - bar.pos),
            )
    click.echo(report.done(done))


def _told(
    db: Connection, settings: Settings, files: Sequence[Path]
) -> tuple[Plan, Proposal]:
    """The plan and what it would change, both told: problems on stderr."""
    from station.custody import plan, proposal, report  # noqa: PLC0415

    read = plan.read(
        files,
        plan.known_areas(db),
        settings.election,
        settings.regency,
        plan.registered(db, settings.election),
    )
    change = proposal.propose(db, read)
    for line in report.problems(read):
        click.echo(line, err=True)
    for line in report.lines(read, change):
        click.echo(line)
    return read, change
