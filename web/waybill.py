"""A waybill's QR shown to a gate: of which consignment it is, and whether true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import jsonify, make_response, url_for

from labels.code import MANIFEST_SCHEME
from station.custody import panel
from station.ledger import log
from station.refusal import StationError
from web import context, moments, places
from web.speech import gettext

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from station.exchange.manifest import Manifest


def is_one(text: str) -> bool:
    """True for the text of a waybill's QR, whoever signed it."""
    return text.startswith(f"{MANIFEST_SCHEME}:")


def told(text: str) -> BaseResponse:
    """What a person is told of it, as JSON: ``message``, and a ``link`` to its page."""
    try:
        said = context.services().waybills.told(text)
    except StationError:
        message = gettext(
            "QR surat jalan ini rusak, atau bukan tanda tangan stasiun ini. "
            "Jangan dipakai sebelum diperiksa."
        )
        return make_response(jsonify(message=message))
    consignment = f"C-{said.number:04d}"
    load = panel.load(context.db(), consignment)
    if load is None or not _is_the_same(consignment, said):
        message = gettext(
            "Surat jalan %(number)s: tanda tangan benar, tetapi isinya tidak sama "
            "dengan buku stasiun ini. Hubungi pengelola.",
            number=f"{said.number:04d}",
        )
        return make_response(jsonify(message=message))
    message = gettext(
        "Surat jalan %(number)s · %(to)s · %(n)s kotak. Tanda tangan dan isi cocok "
        "dengan buku.",
        number=f"{said.number:04d}",
        to=places.route(load),
        n=moments.number(sum(said.counts.values())),
    )
    link = url_for("consignments.one", consignment=consignment)
    return make_response(jsonify(message=message, link=link))


def _is_the_same(consignment: str, said: Manifest) -> bool:
    """True where the departure that holds is of the same set of items."""
    row = (
        context.db()
        .execute(
            "SELECT departed_seq FROM consignment WHERE id = ?"
            " AND phase <> 'cancelled' AND departed_seq IS NOT NULL",
            (consignment,),
        )
        .fetchone()
    )
    if row is None:
        return False
    digest = str(log.entry(context.db(), row["departed_seq"]).draft.data["digest"])
    return bytes.fromhex(digest).startswith(said.digest)
