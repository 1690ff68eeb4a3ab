"""jejak ...: the command line. Exit status 0 done, 1 the answer is no, 2 used wrongly.

A composition root: it reads the settings, makes the clock and passes both down.
Each command imports what it needs, so that ``jejak verify`` starts without cameras.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from pathlib import Path
from typing import Any

import click

from labels.label_code import LabelError
from station.cli.backup_command import backup
from station.cli.export_command import export
from station.cli.import_command import import_plan
from station.cli.issue_packages import issue
from station.cli.labels_command import labels
from station.cli.read_manifest import read_manifest
from station.cli.run_station import demo, serve
from station.cli.verify_command import rebuild, verify
from station.errors import StationError
from station.model import system_clock
from station.settings import station_toml
from station.zone import ZONES


class _Sentences(click.Group):
    """Commands whose errors are one sentence and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's own type
        from station.storage.database import DatabaseError  # noqa: PLC0415

        try:
            return super().invoke(ctx)
        except (StationError, LabelError) as error:
            click.echo(f"jejak: {error}", err=True)
            ctx.exit(1)
        except DatabaseError as error:
            click.echo(
                f"jejak: Expected a sound database, got: {error}; run `jejak verify`.",
                err=True,
            )
            ctx.exit(1)


_data = click.option(
    "--data",
    metavar="DIR",
    help="Where the station lives; else JEJAK_DATA, else the user's own data folder.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@click.group(cls=_Sentences)
@click.version_option(package_name="jejak")
def main() -> None:
    """Scan ballot boxes out of the warehouse and into the PPK, on a ledger."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("waitress").setLevel(logging.WARNING)


def _four_digits(_: click.Context, __: click.Parameter, given: str) -> str:
    if re.fullmatch("[0-9]{4}", given) is None:
        message = f"expected the kab/kota's four digits such as 1771, got {given!r}"
        raise click.BadParameter(message)
    return given


@main.command()
@click.option(
    "--regency",
    prompt="Kab/kota, four digits",
    callback=_four_digits,
    help="Such as 1771.",
)
@click.option("--title", prompt="Name", help="Such as KPU Kota Bengkulu.")
@click.option(
    "--admin",
    default="Pengelola",
    show_default=True,
    help="Name of the first administrator.",
)
@click.option("--zone", type=click.Choice(list(ZONES)), default="WIB")
@_data
def init(regency: str, title: str, admin: str, zone: str, data: str | None) -> None:
    """Make a station: its folder, keys and ledger."""
    from station.founding.create_station import NewStation, create  # noqa: PLC0415

    folder = station_toml.data_folder(data)
    settings = create(
        folder,
        NewStation(regency=regency, title=title, administrator=admin, zone=zone),
        system_clock,
    )
    click.echo(f"Station {settings.origin} made in {folder}.")
    click.echo(f"Keep copies of {settings.key_file.name} and label.key off this disk.")
    click.echo(
        "`jejak serve` prints a one-time code with which the administrator begins."
    )


@main.command()
@_data
def doctor(data: str | None) -> None:
    """Tell what this machine has, and the line that mends what is missing."""
    from station.doctor import checks  # noqa: PLC0415

    findings = checks.examine(station_toml.data_folder(data))
    for finding in findings:
        click.echo(f"{finding.word:7} {finding.what}: {finding.told}")
        if finding.mend:
            click.echo(f"        -> {finding.mend}")
    if not all(finding.fine for finding in findings):
        sys.exit(1)


main.add_command(demo)
main.add_command(serve)
main.add_command(import_plan)
main.add_command(labels)
main.add_command(issue)
main.add_command(backup)
main.add_command(export)
main.add_command(read_manifest)
main.add_command(verify)
main.add_command(rebuild)


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@_json
def scan(sources: tuple[str, ...], *, as_json: bool) -> None:
    """Decode only: pictures, a folder, a video, a camera, an http address."""
    from station.capture import decode_only as scans  # noqa: PLC0415

    failed = False
    for create in scans.scan(sources):
        failed = failed or "error" in create
        if as_json:
            click.echo(json.dumps(create, ensure_ascii=False))
        elif "error" in create:
            click.echo(f"jejak: {create['error']}", err=True)
        else:
            for symbol in create["symbols"]:
                click.echo(f"{create['source']}\t{symbol['text']}")
    if failed:
        sys.exit(1)


@main.command()
@click.argument("what", type=click.Choice(["decode", "ledger", "gate", "labels"]))
@click.option(
    "--frames",
    "folders",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="With decode: pictures to score, with truth.json; may be given again.",
)
@_json
def bench(what: str, folders: tuple[Path, ...], *, as_json: bool) -> None:
    """Measure this machine: ratios within one run, never a pass or fail."""
    from station.bench import command as benches  # noqa: PLC0415

    if folders and what != "decode":
        click.get_current_context().fail("--frames goes with decode alone")
    figures = benches.run(what, folders)
    if as_json:
        click.echo(json.dumps(figures))
        return
    for name, figure in figures.items():
        click.echo(f"{name}: {figure}")


if __name__ == "__main__":
    main()
