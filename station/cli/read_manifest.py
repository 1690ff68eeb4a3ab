"""jejak manifest: read a waybill's QR from a picture, and name the boxes to expect."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.errors import StationError
from station.settings import station_toml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.custody.registry import NamedItem
    from station.exchange.manifest import Manifest
    from station.storage.database import Connection


@click.command("manifest")
@click.argument("picture", metavar="PICTURE|TEXT")
@click.option(
    "--vkey",
    metavar="TEXT|FILE",
    help="The public key of the log that signed it; else this station's own.",
)
@click.option("--data", metavar="DIR", help="Where a station with the plan lives.")
def read_manifest(picture: str, vkey: str | None, data: str | None) -> None:
    """Read the signed manifest of a waybill; no network is needed.

    PICTURE is a photo of the waybill, or TEXT what any reader made of its QR. Whose
    signature it is, what it says, and each box by polling station.
    """
    from station.cli import verify_command  # noqa: PLC0415
    from station.exchange import manifest  # noqa: PLC0415
    from station.ledger import log_reading  # noqa: PLC0415
    from station.ledger.checkpoint import Verifier  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    settings = station_toml.load(station_toml.data_folder(data))
    with closing(database.open_reader(settings.database)) as db:
        own = log_reading.vkey(db)
        held = own if vkey is None else verify_command.held_key(vkey)
        said = manifest.read(_text(picture), Verifier(held))
        click.echo(_head(said, held, settings.zone))
        try:
            gone = _expected(db, said, own=held == own)
        except StationError as error:
            click.echo(str(error), err=True)
            sys.exit(1)
    for line in _lines(gone):
        click.echo(line)


def _text(given: str) -> str:
    """The manifest's text, out of a picture where one is given.

    Raises:
        StationError: no such picture, or none with a manifest in it.
    """
    from labels.label_code import is_manifest  # noqa: PLC0415
    from station.capture import jpeg  # noqa: PLC0415
    from station.capture.decoding import decoder  # noqa: PLC0415

    if is_manifest(given):
        return given
    try:
        pixels = jpeg.colour_of(Path(given).read_bytes())
    except OSError as error:
        message = f"Expected a picture at {given[:200]!r}, got {error.strerror}."
        raise StationError(message) from error
    found = [] if pixels is None else decoder.texts(pixels)
    told = [text for text in found if is_manifest(text)]
    if len(told) != 1:
        message = (
            f"Expected one waybill's QR in {given[:200]!r}, got {len(told)}: take the "
            "picture straight, sharp and from 30 to 50 cm."
        )
        raise StationError(message)
    return told[0]


def _head(said: Manifest, vkey: str, zone: str) -> str:
    from station.custody.labelling.selection import BALLOT_WORDS  # noqa: PLC0415
    from station.zone import local  # noqa: PLC0415

    counts = ", ".join(
        f"{'no kind' if kind is None else BALLOT_WORDS[kind]} {many}"
        for kind, many in said.counts.items()
    )
    when = f"{local(said.departed_ms, zone):%Y-%m-%d %H:%M} {zone}"
    origin = vkey.split("+", 1)[0]
    return (
        f"Waybill {said.number:04d}, {said.leg.name} of {said.area}, departed {when}.\n"
        f"Signed by {origin}: the signature holds.\n"
        f"{sum(said.counts.values())} boxes: {counts}."
    )


def _expected(db: Connection, said: Manifest, *, own: bool) -> list[NamedItem]:
    """The items that departed.

    Raises:
        StationError: the plan here is another one.
    """
    from station.exchange import expected_items  # noqa: PLC0415

    # Of the station's own log it is known what was registered by then.
    row = db.execute(
        "SELECT departed_seq FROM consignment WHERE number = ?", (said.number,)
    ).fetchone()
    before = row["departed_seq"] if own and row is not None else None
    plan = expected_items.plan(db, said.area, before)
    here = set(said.items([item.item.id for item in plan]))
    return [item for item in plan if item.item.id in here]


def _lines(items: Iterable[NamedItem]) -> Iterable[str]:
    from station.custody.labelling.selection import BALLOT_WORDS  # noqa: PLC0415

    for item in items:
        place, kind = item.place, item.item.ballot
        tps = f"TPS {place.tps}" if place.tps else "-"
        words = "-" if kind is None else BALLOT_WORDS[kind]
        yield f"{item.hri}  {place.kelurahan or place.kecamatan}  {tps}  {words}"
