"""``jejak verify`` and ``jejak rebuild``: is the ledger sound; mend what is not it."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station import config
from station.model import system_clock

if TYPE_CHECKING:
    from station.ledger.report import Report

_data = click.option(
    "--data",
    metavar="DIR",
    help="Where the station lives; else JEJAK_DATA, else the user's own data folder.",
)


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@_data
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def verify(path: Path | None, data: str | None, *, as_json: bool) -> None:
    """Check a whole ledger, or exported tiles; names the first bad entry.

    In a ledger the tables made from the entries are compared with them too.
    """
    report = _report(path or config.data_folder(data))
    click.echo(json.dumps(report.as_dict()) if as_json else report.sentence)
    if not report.holds:
        sys.exit(1)


@click.command()
@_data
def rebuild(data: str | None) -> None:
    """Make the tables anew from the entries, where `jejak verify` finds one altered."""
    from station import database, foundation  # noqa: PLC0415

    settings = config.load(config.data_folder(data))
    with database.WriterLock(settings.folder):
        told = foundation.rebuild(settings, system_clock)
    if told is None:
        click.echo("Every table says what the entries say: nothing was done.")
        return
    facts = told.draft.data
    click.echo(
        f"The tables were made anew from {facts['entries']} entries; the first that "
        f"differed was {facts['table']}. Entry {told.seq} says so."
    )


def _report(folder: Path) -> Report:
    from station import database  # noqa: PLC0415
    from station.custody import shadow  # noqa: PLC0415
    from station.ledger.verify import verify_tiles  # noqa: PLC0415

    if (folder / "checkpoint").is_file():
        return verify_tiles(folder)
    with closing(database.open_reader(folder / "ledger.db")) as db:
        return shadow.check(db)
