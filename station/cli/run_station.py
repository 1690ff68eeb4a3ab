"""jejak demo and jejak serve: a station at work until it is stopped."""

from __future__ import annotations

import os
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli import options
from station.cli.speech import say
from station.errors import StationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from station.camera_frames import CameraSettings
    from station.serve import Station
    from station.settings.station_toml import Settings

_HERE = "127.0.0.1"
_ANYWHERE = "0.0.0.0"  # noqa: S104 - asked for by --lan


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="0 takes a free one.",
)
@click.option("--no-browser", is_flag=True, help="Do not open the gate page.")
@click.option("--data", metavar="DIR", help="Keep the demo's station in this folder.")
def demo(port: int, *, no_browser: bool, data: str | None) -> None:
    """A made-up Kota Bengkulu with virtual gate cameras; runs until stopped."""
    from station import demo as city  # noqa: PLC0415
    from station.cli import open_for_writing  # noqa: PLC0415
    from station.founding import create_station  # noqa: PLC0415
    from station.model import system_clock  # noqa: PLC0415
    from station.serve import Station  # noqa: PLC0415
    from station.storage.writer_lock import WriterLock  # noqa: PLC0415

    _check_port(port, _HERE)
    with city.folder(None if data is None else Path(data)) as folder:
        settings = city.prepare(folder, system_clock)
        with WriterLock(settings.folder):
            create_station.upgrade(settings, open_for_writing.progress)
        _print_demo(folder, city.last(folder) if data is None else None)
        with Station(settings, system_clock) as station:
            _print_accounts(city.LOGINS, *city.give_accounts(station.on_ledger))
            with city.Director(station):
                once = station.authenticator.open_once(city.visitor(station.on_ledger))
                _serve(station, port, open_at=None if no_browser else f"sekali/{once}")


@click.command()
@click.option(
    "--camera",
    "sources",
    multiple=True,
    metavar="SOURCE",
    help="Instead of station.toml's cameras: 0, a video, a folder, an http address.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Instead of station.toml's; 0 takes a free one.",
)
@click.option("--browser/--no-browser", default=False, help="Open the gate page.")
@click.option("--lan", is_flag=True, help="Let other machines open the pages too.")
@click.option(
    "--admin-code",
    is_flag=True,
    help="Make a new one-time code when the password is lost.",
)
@click.option(
    "--restored",
    is_flag=True,
    help="Once, after ledger.db was restored from a backup; an entry records it.",
)
@options.data
def serve(  # noqa: PLR0913 - one parameter for each option
    sources: tuple[str, ...],
    port: int | None,
    data: str | None,
    *,
    browser: bool,
    lan: bool,
    admin_code: bool,
    restored: bool,
) -> None:
    """Run the station: cameras, gates, ledger and pages on this machine."""
    from station.capture.sources.one_shot_recording import open_camera  # noqa: PLC0415
    from station.cli import open_for_writing  # noqa: PLC0415
    from station.founding import create_station  # noqa: PLC0415
    from station.model import system_clock  # noqa: PLC0415
    from station.serve import Station  # noqa: PLC0415
    from station.storage.writer_lock import WriterLock  # noqa: PLC0415

    settings = options.settings(data)
    if sources:
        settings = replace(settings, cameras=tuple(_cameras(settings, sources)))
    host = _ANYWHERE if lan else _HERE
    port = settings.port if port is None else port
    _check_folder(settings.folder)
    _check_cameras(settings.cameras, typed=bool(sources))
    with WriterLock(settings.folder):  # that it runs already is the better sentence
        _check_port(port, host)
        if restored:
            _restore(settings)
        else:
            create_station.upgrade(settings, open_for_writing.progress)
    with Station(settings, system_clock, open_camera) as station:
        if lan:
            station.check_lan()
        _print_code(station, anew=admin_code)
        _serve(station, port, open_at="" if browser else None, host=host)


def _print_demo(folder: Path, last: Path | None) -> None:
    say("A made-up city in %(folder)s", folder=folder)
    if last is not None and last.exists():
        say("The last demo is kept in %(last)s, until the next one.", last=last)


def _print_accounts(logins: Sequence[str], password: str, pin: str) -> None:
    say("Accounts: %(logins)s", logins=", ".join(logins))
    say("Password of each: %(password)s", password=password)
    say("PIN of each, to sign as the second person: %(pin)s", pin=pin)


def _restore(settings: Settings) -> None:
    """Go on from a backup; everything that would end this start comes before.

    Raises:
        StationError: it is not the ledger of a backup, or a key or table is unclear.
    """
    from station.cli import open_for_writing  # noqa: PLC0415
    from station.founding import restored_ledger  # noqa: PLC0415
    from station.model import system_clock  # noqa: PLC0415

    entry = restored_ledger.restore(settings, system_clock, open_for_writing.progress)
    say(
        "Restored: entry %(seq)s records that this ledger came from a "
        "backup. What was recorded after that backup is lost, and the "
        "numbers from %(seq)s on are used again: inform everybody who keeps "
        "heads of this ledger.",
        seq=entry.seq,
    )


def _check_folder(folder: Path) -> None:
    """Let no ledger be written where a client may put an older one back.

    Raises:
        StationError: the station was moved into such a folder.
    """
    from station.storage import folder_safety  # noqa: PLC0415

    unsafe = folder_safety.unsafe_folder(folder.resolve())
    if unsafe is not None:
        raise StationError(
            "Expected a station on this machine's own disk, got %(folder)s in "
            "%(unsafe)s; move the folder out of it.",
            folder=folder,
            unsafe=unsafe,
        )


def _check_cameras(cameras: Sequence[CameraSettings], *, typed: bool) -> None:
    """Report cameras that give no pictures; a mistyped --camera ends the start.

    A station whose station.toml names such a source opens all the same: the other
    cameras, scanners and typed codes still work.
    """
    from station.capture.sources import camera_presence  # noqa: PLC0415
    from station.capture.sources.picture_source import CameraError  # noqa: PLC0415

    for camera in cameras:
        try:
            camera_presence.check(camera)
        except CameraError as error:
            say(
                "jejak: camera %(name)s: %(text)s",
                err=True,
                name=camera.name,
                text=error.text,
            )
            if typed:
                sys.exit(2)
        else:
            if absence := camera_presence.absent(camera):
                say("jejak: %(error)s", err=True, error=absence)


def _check_port(port: int, host: str) -> None:
    """Find a taken port before an address or a code is printed.

    Raises:
        StationError: it is taken.
    """
    with socket.socket() as probe:
        if os.name == "posix":  # as the server does; on Windows it would share
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StationError(
                "Expected port %(port)s to be free, got: %(reason)s; stop what "
                "uses it (another jejak?) or choose another with --port.",
                port=port,
                reason=error.strerror,
            ) from error


def _print_code(station: Station, *, anew: bool) -> None:
    """Print how the administrator comes in, while none has a password."""
    first = station.authenticator.first_code(anew=anew)
    if first is not None:
        login, code = first
        say(
            "Sign in first as %(login)s with the one-time code %(code)s (15 minutes).",
            login=login,
            code=code,
        )


def _serve(
    station: Station, port: int, *, open_at: str | None, host: str = _HERE
) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: station.on_signal())
    port = station.listen(port, host)
    address = f"http://127.0.0.1:{port}/"
    say("Jejak: %(address)s  (Ctrl-C stops it)", address=address)
    if host != _HERE:
        for name in station.settings.web.hosts:
            say("Jejak: http://%(name)s:%(port)s/", name=name, port=port)
        say(
            "Without TLS passwords cross the network readable: put a proxy in front "
            "(docs/administrator.md)."
        )
    if open_at is not None:
        click.launch(f"{address}{open_at}")
    station.run()


def _cameras(settings: Settings, sources: Iterable[str]) -> Iterable[CameraSettings]:
    """One camera for each source, at the first loading gate."""
    from station.camera_frames import CameraSettings  # noqa: PLC0415
    from station.model import Step  # noqa: PLC0415

    loading = [gate for gate in settings.gates if gate.step is Step.LOADING]
    gate = (loading or list(settings.gates))[0]
    for number, source in enumerate(sources, start=1):
        yield CameraSettings(name=f"kamera-{number}", gate=gate.name, source=source)
