"""jejak ...: the command line. Exit status 0 done, 1 the answer is no, 2 used wrongly.

A composition root: it reads the settings, makes the clock, chooses the language and
passes them down. Each command imports what it needs, so that ``jejak --help`` and
``jejak verify`` start without cameras.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import click

from station.cli import options, speech
from station.cli.backup_command import backup
from station.cli.export_command import export
from station.cli.import_command import import_plan
from station.cli.issue_packages import issue
from station.cli.labels_command import labels
from station.cli.read_manifest import read_manifest
from station.cli.run_station import demo, serve
from station.cli.speech import say, spoken
from station.cli.verify_command import rebuild, verify
from station.errors import StationError
from station.language import LANGUAGES, Text
from station.zone import ZONES


class _Commands(click.Group):
    """Commands in one language a run; an error is one sentence and exit status 1."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Choose the language first: help is printed while arguments are read."""
        ctx.obj, args = speech.choose(args)
        speech.speak(ctx.obj)
        return super().parse_args(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help in the language of this run."""
        click.Group.format_help(speech.help_in(self, ctx.obj), ctx, formatter)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, with its help in the language of this run."""
        command = super().get_command(ctx, cmd_name)
        return None if command is None else speech.help_in(command, str(ctx.obj))

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's own type
        """Run the command; an error of the station is one sentence."""
        try:
            return super().invoke(ctx)
        except StationError as error:
            say("jejak: %(error)s", err=True, error=error.text)
        except Exception as error:
            sentence = _sentence(error)
            if sentence is None:
                raise
            say("jejak: %(error)s", err=True, error=sentence)
        return ctx.exit(1)


def _sentence(error: Exception) -> Text | None:
    """The sentence of an error that is not the station's own; None for a bug."""
    from labels.label_errors import SENTENCES, LabelError  # noqa: PLC0415
    from station.storage.database import DatabaseError  # noqa: PLC0415

    if isinstance(error, LabelError):
        sentence = SENTENCES[error.fault]
        return Text(sentence, expected=error.expected, got=error.got)
    if isinstance(error, DatabaseError):
        return Text(
            "Expected a sound database, got: %(error)s; run `jejak verify`.",
            error=error,
        )
    return None


@click.group(cls=_Commands)
@click.version_option(package_name="jejak")
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    expose_value=False,
    help="The language of this run; else JEJAK_LANG, else the station's, else id.",
)
def main() -> None:
    """Scan ballot boxes out of the warehouse and into the PPK, on a ledger."""
    import logging  # noqa: PLC0415 - slow to import, and no help needs it

    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("waitress").setLevel(logging.WARNING)


def _four_digits(_: click.Context, __: click.Parameter, given: str) -> str:
    if re.fullmatch("[0-9]{4}", given) is None:
        raise click.BadParameter(
            spoken(
                Text(
                    "expected the kab/kota's four digits such as 1771, got %(given)r",
                    given=given,
                )
            )
        )
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
@options.data
def init(regency: str, title: str, admin: str, zone: str, data: str | None) -> None:
    """Make a station: its folder, keys and ledger."""
    from station.founding.create_station import NewStation, create  # noqa: PLC0415
    from station.model import system_clock  # noqa: PLC0415

    folder = options.folder(data)
    settings = create(
        folder,
        NewStation(regency=regency, title=title, administrator=admin, zone=zone),
        system_clock,
    )
    say("Station %(origin)s made in %(folder)s.", origin=settings.origin, folder=folder)
    say(
        "Keep copies of %(key)s and label.key off this disk.",
        key=settings.key_file.name,
    )
    say("`jejak serve` prints a one-time code with which the administrator begins.")


@main.command()
@options.data
def doctor(data: str | None) -> None:
    """Check this machine; for what is missing, print the line that fixes it."""
    from station.doctor import checks  # noqa: PLC0415

    findings = checks.examine(options.folder(data))
    for finding in findings:
        word, what = spoken(finding.word), spoken(finding.what)
        click.echo(f"{word:7} {what}: {spoken(finding.state)}")
        if finding.advice:
            click.echo(f"        -> {spoken(finding.advice)}")
    if not all(finding.fine for finding in findings):
        sys.exit(1)


for command in (demo, serve, import_plan, labels, issue, backup, export):
    main.add_command(command)
for command in (read_manifest, verify, rebuild):
    main.add_command(command)


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@options.as_json
def scan(sources: tuple[str, ...], *, as_json: bool) -> None:
    """Decode only: pictures, a folder, a video, a camera, an http address."""
    from station.capture import decode_only  # noqa: PLC0415

    failed = False
    for found in decode_only.scan(sources):
        failed = failed or "error" in found
        if as_json:
            click.echo(json.dumps(_shown(found), ensure_ascii=False))
        elif "error" in found:
            say("jejak: %(error)s", err=True, error=found["error"])
        else:
            for symbol in found["symbols"]:
                click.echo(f"{found['source']}\t{symbol['text']}")
    if failed:
        sys.exit(1)


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    if "error" not in found:
        return found
    return {**found, "error": spoken(found["error"])}


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
@options.as_json
def bench(what: str, folders: tuple[Path, ...], *, as_json: bool) -> None:
    """Measure this machine: ratios within one run, never a pass or fail."""
    from station.bench import command as benches  # noqa: PLC0415

    if folders and what != "decode":
        click.get_current_context().fail(
            spoken(Text("--frames goes with decode alone"))
        )
    figures = benches.run(what, folders)
    if as_json:
        click.echo(json.dumps(figures))
        return
    for name, figure in figures.items():
        click.echo(f"{name}: {figure}")


if __name__ == "__main__":
    main()
