"""jejak ...: the command line. Exit status 0 done, 1 the answer is no, 2 used wrongly.

A composition root: it reads the settings, makes the clock and passes both down.
Each command imports what it needs, so that ``jejak verify`` starts without cameras.
"""

from __future__ import annotations

import json
import logging
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from labels.code import LabelError
from station import config
from station.cli_backup import backup
from station.cli_export import export
from station.cli_import import import_plan
from station.cli_labels import labels
from station.cli_verify import rebuild, verify
from station.model import CameraSettings, StationError, Step, system_clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.config import Settings
    from station.serve import Station


class _Sentences(click.Group):
    """Commands whose errors are one sentence and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's own type
        from station.database import DatabaseError  # noqa: PLC0415

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


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--no-browser", is_flag=True, help="Do not open the gate page.")
@click.option("--data", metavar="DIR", help="Keep the demo's station in this folder.")
def demo(port: int, *, no_browser: bool, data: str | None) -> None:
    """A made-up Kota Bengkulu with virtual gate cameras; runs until stopped."""
    from station import demo as city  # noqa: PLC0415
    from station.serve import Station  # noqa: PLC0415

    with city.folder(None if data is None else Path(data)) as folder:
        settings = city.prepare(folder, system_clock)
        click.echo(f"Data rekaan di {folder}")
        with Station(settings, system_clock) as station:
            password, pin = city.give_accounts(station.on_ledger)
            click.echo(f"Akun: {', '.join(city.LOGINS)}")
            click.echo(f"Sandi semua akun: {password}   PIN orang kedua: {pin}")
            with city.Director(station):
                once = station.door.open_once(city.visitor(station.on_ledger))
                _serve(station, port, open_at=None if no_browser else f"sekali/{once}")


@main.command()
@click.option("--regency", prompt="Kab/kota, four digits", help="Such as 1771.")
@click.option("--title", prompt="Name", help="Such as KPU Kota Bengkulu.")
@click.option(
    "--admin",
    default="Pengelola",
    show_default=True,
    help="Name of the first administrator.",
)
@click.option("--zone", type=click.Choice(list(config.ZONES)), default="WIB")
@_data
def init(regency: str, title: str, admin: str, zone: str, data: str | None) -> None:
    """Make a station: its folder, keys and ledger."""
    from station.foundation import Founding, found  # noqa: PLC0415

    folder = config.data_folder(data)
    settings = found(
        folder,
        Founding(regency=regency, title=title, administrator=admin, zone=zone),
        system_clock,
    )
    click.echo(f"Station {settings.origin} made in {folder}.")
    click.echo(f"Keep copies of {settings.key_file.name} and label.key off this disk.")
    click.echo(
        "`jejak serve` prints a one-time code with which the administrator begins."
    )


@main.command()
@click.option(
    "--camera",
    "sources",
    multiple=True,
    metavar="SOURCE",
    help="In place of station.toml's cameras: 0, a video, a folder, an http address.",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Instead of station.toml's."
)
@click.option("--browser/--no-browser", default=False, help="Open the gate page.")
@click.option("--lan", is_flag=True, help="Let other machines open the pages too.")
@click.option(
    "--admin-code", is_flag=True, help="A new one-time code: the password is lost."
)
@_data
def serve(  # noqa: PLR0913 - one parameter for each option
    sources: tuple[str, ...],
    port: int | None,
    data: str | None,
    *,
    browser: bool,
    lan: bool,
    admin_code: bool,
) -> None:
    """Run the station: cameras, gates, ledger and pages on this machine."""
    from station.serve import Station  # noqa: PLC0415

    settings = config.load(config.data_folder(data))
    if sources:
        settings = replace(settings, cameras=tuple(_cameras(settings, sources)))
    with Station(settings, system_clock) as station:
        if lan:
            station.check_lan()
        _tell_code(station, anew=admin_code)
        _serve(
            station,
            port or settings.port,
            open_at="" if browser else None,
            host="0.0.0.0" if lan else "127.0.0.1",  # noqa: S104 - asked for by --lan
        )


@main.command()
@_data
def doctor(data: str | None) -> None:
    """Tell what this machine has, and the line that mends what is missing."""
    from station import doctor as checks  # noqa: PLC0415

    findings = checks.examine(config.data_folder(data))
    for finding in findings:
        click.echo(f"{'ok ' if finding.fine else 'NOT'} {finding.what}: {finding.told}")
        if finding.mend:
            click.echo(f"    -> {finding.mend}")
    if not all(finding.fine for finding in findings):
        sys.exit(1)


main.add_command(import_plan)

main.add_command(labels)
main.add_command(backup)
main.add_command(export)
main.add_command(verify)
main.add_command(rebuild)


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@_json
def scan(sources: tuple[str, ...], *, as_json: bool) -> None:
    """Decode only: pictures, a folder, a video, a camera, an http address."""
    from station.capture import scan as scans  # noqa: PLC0415

    failed = False
    for found in scans.scan(sources):
        failed = failed or "error" in found
        if as_json:
            click.echo(json.dumps(found, ensure_ascii=False))
        elif "error" in found:
            click.echo(f"jejak: {found['error']}", err=True)
        else:
            for symbol in found["symbols"]:
                click.echo(f"{found['source']}\t{symbol['text']}")
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
    from station import bench as benches  # noqa: PLC0415

    if folders and what != "decode":
        click.get_current_context().fail("--frames goes with decode alone")
    figures = benches.run(what, folders)
    if as_json:
        click.echo(json.dumps(figures))
        return
    for name, figure in figures.items():
        click.echo(f"{name}: {figure}")


def _tell_code(station: Station, *, anew: bool) -> None:
    """Print how the administrator comes in, while none has a password."""
    told = station.door.first_code(anew=anew)
    if told is not None:
        login, code = told
        click.echo(f"Masuk pertama: nama {login}, kode sekali pakai {code} (15 menit)")


def _serve(
    station: Station, port: int, *, open_at: str | None, host: str = "127.0.0.1"
) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: station.on_signal())
    address = f"http://127.0.0.1:{port}/"
    click.echo(f"Jejak: {address}  (Ctrl-C stops it)")
    if host != "127.0.0.1":
        for name in station.settings.web.hosts:
            click.echo(f"Jejak: http://{name}:{port}/")
        click.echo(
            "Without TLS passwords cross the network readable: put a proxy in front "
            "(README, Accounts)."
        )
    if open_at is not None:
        click.launch(f"{address}{open_at}")
    station.run(port, host)


def _cameras(settings: Settings, sources: Iterable[str]) -> Iterable[CameraSettings]:
    """One camera for each source, at the first loading gate."""
    loading = [gate for gate in settings.gates if gate.step is Step.LOADING]
    gate = (loading or list(settings.gates))[0]
    for number, source in enumerate(sources, start=1):
        yield CameraSettings(name=f"kamera-{number}", gate=gate.name, source=source)


if __name__ == "__main__":
    main()
