"""jejak import: read the plan's files, show what would change, and record it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli import options
from station.cli.speech import say, spoken
from station.errors import StationError
from station.language import Text

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
    help="Record the correct rows; the others are listed as open.",
)
@click.option(
    "--all-rows",
    is_flag=True,
    help="Under each problem, list every row that has it.",
)
@options.data
def import_plan(
    plan: tuple[Path, ...],
    data: str | None,
    *,
    dry_run: bool,
    good_rows: bool,
    all_rows: bool,
) -> None:
    """Register areas, polling stations and boxes: CSV, XLSX, ODS, XLS, or a folder.

    All problems are listed at once, those with one cause together. With any of them
    nothing is recorded, unless --good-rows asks for the correct rows. Importing the
    same files again changes nothing.
    """
    from station.intake import uploaded_file  # noqa: PLC0415

    settings = options.settings(data)
    files = [file for given in plan for file in uploaded_file.in_folder(given)]
    for file in (file for given in plan for file in uploaded_file.skipped(given)):
        say(
            "Skipped %(file)s: expected %(suffixes)s in a folder; name the file "
            "itself to have it read.",
            file=file,
            suffixes=", ".join(uploaded_file.SUFFIXES),
        )
    if dry_run:
        _show(settings, files, all_rows=all_rows)
    else:
        _record(settings, files, good_rows=good_rows, all_rows=all_rows)


def _show(settings: Settings, files: Sequence[Path], *, all_rows: bool) -> None:
    """Print what would change; works beside a running station."""
    from station.storage import database  # noqa: PLC0415

    db = database.open_reader(settings.database)
    try:
        read, _ = _proposed(db, settings, files, all_rows=all_rows)
    finally:
        db.close()
    say("Nothing was recorded: this was a dry run.")
    if read.problems:
        sys.exit(1)


def _record(
    settings: Settings, files: Sequence[Path], *, good_rows: bool, all_rows: bool
) -> None:
    """Print what would change, then record it.

    Raises:
        StationError: there are problems, or a station runs here; nothing is recorded.
    """
    from station.cli import open_for_writing  # noqa: PLC0415
    from station.custody.accounts.directory import SYSTEM  # noqa: PLC0415
    from station.custody.plan import dry_run_text, record_plan  # noqa: PLC0415
    from station.intake.problem_groups import grouped  # noqa: PLC0415
    from station.model import system_clock  # noqa: PLC0415

    with open_for_writing.ledger(settings, "Rencana") as log:
        read, change = _proposed(log.db, settings, files, all_rows=all_rows)
        if read.problems and not good_rows:
            raise StationError(
                "%(count)s problems, nothing recorded: correct the files, or record "
                "the correct rows alone with --good-rows.",
                count=len(grouped(read.problems)),
            )
        with click.progressbar(
            length=change.boxes, label=spoken(Text("Boxes")), file=sys.stderr
        ) as bar:
            done = record_plan.record(
                log,
                read.good_rows() if good_rows else read,
                settings.regency,
                actor=SYSTEM,
                at=system_clock(),
                progress=lambda boxes, _: bar.update(boxes - bar.pos),
            )
    click.echo(spoken(dry_run_text.done(done)))


def _proposed(
    db: Connection, settings: Settings, files: Sequence[Path], *, all_rows: bool
) -> tuple[Plan, Proposal]:
    """Print the plan and what it would change; problems on stderr. Gives both."""
    from station.custody.plan import dry_run as proposal  # noqa: PLC0415
    from station.custody.plan import dry_run_text, record_plan  # noqa: PLC0415
    from station.intake.problem import printable  # noqa: PLC0415

    read = record_plan.read(
        files,
        record_plan.known_areas(db),
        settings.election,
        settings.regency,
        record_plan.registered(db, settings.election),
    )
    change = proposal.propose(db, read)
    for line in dry_run_text.problems(read, all_rows=all_rows):
        click.echo(printable(spoken(line)), err=True)
    for line in dry_run_text.lines(read, change):
        click.echo(printable(spoken(line)))
    return read, change
