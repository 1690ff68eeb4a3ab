"""A waybill's QR shown to a gate: of which consignment it is, and whether true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import jsonify, make_response, url_for

from station.custody.consignment import opening as consignments
from station.custody.consignment import trip_details
from station.custody.load import find_load
from station.errors import StationError
from station.model import Phase
from web import context
from web.wording import dates, place_names
from web.wording.gettext import gettext

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from station.custody.load import Load
    from station.exchange.manifest import Manifest


def describe(text: str) -> BaseResponse:
    """What it means for this station as JSON: ``message``, and ``link`` to its page."""
    waybills = context.services().waybills
    try:
        if not waybills.is_ours(text.upper()):
            message = gettext(
                "QR surat jalan ini dari stasiun lain. Periksa dengan jejak manifest."
            )
            return make_response(jsonify(message=message))
        manifest = waybills.read_manifest(text.upper())
    except StationError:
        message = gettext(
            "QR surat jalan ini rusak, atau bukan tanda tangan stasiun ini. "
            "Jangan dipakai sebelum diperiksa."
        )
        return make_response(jsonify(message=message))
    load = find_load(context.db(), f"C-{manifest.number:04d}")
    if load is None or (
        load.phase is not Phase.CANCELLED and not _is_the_same(load.id, manifest)
    ):
        message = gettext(
            "Surat jalan %(number)s: tanda tangan benar, tetapi isinya tidak sama "
            "dengan buku stasiun ini. Hubungi pengelola.",
            number=f"{manifest.number:04d}",
        )
        return make_response(jsonify(message=message))
    link = url_for("consignment_page.page", consignment=load.id)
    return make_response(jsonify(message=_agreed(load, manifest), link=link))


def _agreed(load: Load, manifest: Manifest) -> str:
    number = f"{load.number:04d}"
    if load.phase is Phase.CANCELLED:
        return gettext(
            "Surat jalan %(number)s sudah dibatalkan. Jangan diterima.", number=number
        )
    message = gettext(
        "Surat jalan %(number)s · %(to)s · %(n)s kotak. Tanda tangan dan isi cocok "
        "dengan buku.",
        number=number,
        to=place_names.route(load),
        n=dates.number(sum(manifest.counts.values())),
    )
    version = trip_details.version(context.db(), load.id)
    if version > 1:
        message += " " + gettext("Kertas yang berlaku: versi %(n)s.", n=version)
    return message


def _is_the_same(consignment: str, manifest: Manifest) -> bool:
    """True where it departed with the same set of items."""
    departing = consignments.departing(context.db(), consignment)
    if departing is None:
        return False
    digest = str(departing.draft.data["digest"])
    return bytes.fromhex(digest).startswith(manifest.digest)
