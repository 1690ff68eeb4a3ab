"""A waybill's QR shown to a gate: of which consignment it is, and whether true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import jsonify, make_response, url_for

from labels.code import MANIFEST_SCHEME
from station.custody import panel
from station.ledger import log
from station.model import Phase
from station.refusal import StationError
from web import context, moments, places
from web.speech import gettext

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from station.custody.panel import Load
    from station.exchange.manifest import Manifest


def is_one(text: str) -> bool:
    """True for a waybill's QR, whoever signed it; Caps Lock may be on."""
    return text.upper().startswith(f"{MANIFEST_SCHEME}:")


def told(text: str) -> BaseResponse:
    """What a person is told of it, as JSON: ``message``, and a ``link`` to its page."""
    waybills = context.services().waybills
    try:
        if not waybills.is_ours(text.upper()):
            message = gettext(
                "QR surat jalan ini dari stasiun lain. Periksa dengan jejak manifest."
            )
            return make_response(jsonify(message=message))
        said = waybills.told(text.upper())
    except StationError:
        message = gettext(
            "QR surat jalan ini rusak, atau bukan tanda tangan stasiun ini. "
            "Jangan dipakai sebelum diperiksa."
        )
        return make_response(jsonify(message=message))
    load = panel.load(context.db(), f"C-{said.number:04d}")
    if load is None or (
        load.phase is not Phase.CANCELLED and not _is_the_same(load.id, said)
    ):
        message = gettext(
            "Surat jalan %(number)s: tanda tangan benar, tetapi isinya tidak sama "
            "dengan buku stasiun ini. Hubungi pengelola.",
            number=f"{said.number:04d}",
        )
        return make_response(jsonify(message=message))
    link = url_for("consignments.one", consignment=load.id)
    return make_response(jsonify(message=_agreed(load, said), link=link))


def _agreed(load: Load, said: Manifest) -> str:
    number = f"{load.number:04d}"
    if load.phase is Phase.CANCELLED:
        return gettext(
            "Surat jalan %(number)s sudah dibatalkan. Jangan diterima.", number=number
        )
    message = gettext(
        "Surat jalan %(number)s · %(to)s · %(n)s kotak. Tanda tangan dan isi cocok "
        "dengan buku.",
        number=number,
        to=places.route(load),
        n=moments.number(sum(said.counts.values())),
    )
    (version,) = (
        context.db()
        .execute("SELECT version FROM consignment WHERE id = ?", (load.id,))
        .fetchone()
    )
    if version > 1:
        message += " " + gettext("Kertas yang berlaku: versi %(n)s.", n=version)
    return message


def _is_the_same(consignment: str, said: Manifest) -> bool:
    """True where the departure that holds is of the same set of items."""
    row = (
        context.db()
        .execute(
            "SELECT departed_seq FROM consignment WHERE id = ?"
            " AND departed_seq IS NOT NULL",
            (consignment,),
        )
        .fetchone()
    )
    if row is None:
        return False
    digest = str(log.entry(context.db(), row["departed_seq"]).draft.data["digest"])
    return bytes.fromhex(digest).startswith(said.digest)
