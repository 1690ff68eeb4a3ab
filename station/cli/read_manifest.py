"""jejak manifest: read a waybill's QR from a picture, and name the boxes to expect."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli import options
from station.cli.speech import spoken
from station.errors import StationError
from station.language import Text, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from station.custody.registry import NamedItem
    from station.exchange.manifest import Manifest
    from station.storage.database import Connection


@click.command("manifest")
@click.argument("picture", metavar="PICTURE|TEXT")
@options.vkey
@options.data
def read_manifest(picture: str, vkey: str | None, data: str | None) -> None:
    """Read the signed manifest of a waybill; no network is needed.

    PICTURE is a photo of the waybill, TEXT what another reader got from its QR.
    Prints who signed it, the totals, and each box by polling station.
    """
    from station.cli import verify_command  # noqa: PLC0415
    from station.exchange import manifest  # noqa: PLC0415
    from station.ledger import log_reading  # noqa: PLC0415
    from station.ledger.checkpoint import Verifier  # noqa: PLC0415
    from station.storage import database  # noqa: PLC0415

    settings = options.settings(data)
    with closing(database.open_reader(settings.database)) as db:
        own = log_reading.vkey(db)
        held = own if vkey is None else verify_command.held_key(vkey)
        signed = manifest.read(_text(picture), Verifier(held))
        for text in _head(signed, held, settings.zone):
            click.echo(spoken(text))
        try:
            departed = _expected(db, signed, own=held == own)
        except StationError as error:
            click.echo(spoken(error.text), err=True)
            sys.exit(1)
    for line in _lines(departed):
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
        raise StationError(
            "Expected a picture at %(given)r, got %(reason)s.",
            given=given[:200],
            reason=error.strerror,
        ) from error
    found = [] if pixels is None else decoder.texts(pixels)
    manifests = [text for text in found if is_manifest(text)]
    if len(manifests) != 1:
        raise StationError(
            "Expected one waybill's QR in %(given)r, got %(count)s: take the "
            "picture straight, sharp and from 30 to 50 cm.",
            given=given[:200],
            count=len(manifests),
        )
    return manifests[0]


def _head(signed: Manifest, vkey: str, zone: str) -> Iterator[Text]:
    from station.custody.labelling.selection import BALLOT_WORDS  # noqa: PLC0415
    from station.zone import local  # noqa: PLC0415

    yield Text(
        "Waybill %(number)04d, %(leg)s of %(area)s, departed %(when)s %(zone)s.",
        number=signed.number,
        leg=signed.leg.name,
        area=signed.area,
        when=f"{local(signed.departed_ms, zone):%Y-%m-%d %H:%M}",
        zone=zone,
    )
    yield Text(
        "Signed by %(origin)s: the signature is valid.", origin=vkey.split("+", 1)[0]
    )
    counts = joined(
        Text(
            "%(kind)s %(count)s",
            kind=Text("no kind") if kind is None else BALLOT_WORDS[kind],
            count=many,
        )
        for kind, many in signed.counts.items()
    )
    total = sum(signed.counts.values())
    yield Text("%(total)s boxes: %(counts)s.", total=total, counts=counts)


def _expected(db: Connection, signed: Manifest, *, own: bool) -> list[NamedItem]:
    """The items that departed.

    Raises:
        StationError: the plan here is another one.
    """
    from station.exchange import expected_items  # noqa: PLC0415

    # Of the station's own log it is known what was registered by then.
    row = db.execute(
        "SELECT departed_seq FROM consignment WHERE number = ?", (signed.number,)
    ).fetchone()
    before = row["departed_seq"] if own and row is not None else None
    plan = expected_items.plan(db, signed.area, before)
    here = set(signed.items([item.item.id for item in plan]))
    return [item for item in plan if item.item.id in here]


def _lines(items: Iterable[NamedItem]) -> Iterable[str]:
    from station.custody.labelling.selection import BALLOT_WORDS  # noqa: PLC0415

    for item in items:
        place, kind = item.place, item.item.ballot
        tps = f"TPS {place.tps}" if place.tps else "-"
        words = "-" if kind is None else BALLOT_WORDS[kind]
        yield f"{item.hri}  {place.kelurahan or place.kecamatan}  {tps}  {words}"
