"""The acts of people at a gate (pindai, foto, selesaikan, turunkan)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    abort,
    jsonify,
    make_response,
    request,
    url_for,
)

from labels.label_code import is_manifest, parse_typed
from labels.trial_label import trial_item
from station.camera_frames import ScanSource
from station.custody.entry_data.words import AcknowledgeReason, OwnWords, TakeOff
from station.custody.gate import panel as panels
from station.errors import OperationRefused, RefusalReason
from web import context, error_pages, manifest_scan
from web.wording import (
    error_sentences,
    item_names,
)
from web.wording.gettext import gettext

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from station.custody.gate.scanning import Outcome

pages = Blueprint("gate_acts", __name__)

LONGEST_TEXT = 4_296
"""Characters that the largest QR symbol can hold."""
LONGEST_NOTE = 500


@pages.post("/gerbang/<name>/pindai")
def scan(name: str) -> BaseResponse:
    """Record what a handheld scanner read or a person typed; describe a waybill.

    Form: ``text``; ``source`` handheld or typed. A typed code is checked first: one
    that is mistyped never becomes a scan.
    """
    _, line = context.work_or_403(name)
    text = request.form.get("text", "").strip()
    if not text or len(text) > LONGEST_TEXT:
        abort(400)
    if is_manifest(text):
        return manifest_scan.describe(text)
    if request.form.get("source") == ScanSource.TYPED:
        text, source = parse_typed(text).as_hri(), ScanSource.TYPED
    else:
        source = ScanSource.HANDHELD
    return _settled(name, [line.submit(text, source, context.actor())])


@pages.post("/gerbang/<name>/foto")
def photo(name: str) -> BaseResponse:
    """Record every label in an uploaded picture (form file ``photo``)."""
    _, line = context.work_or_403(name)
    services = context.services()
    upload = request.files.get("photo")
    if upload is None:
        abort(400)
    read = services.decode_photo(upload.read())
    texts = [text for text in read.texts if not is_manifest(text)]
    if not read.texts:
        return error_pages.refuse(str(error_sentences.NO_LABEL))
    if not texts:
        return manifest_scan.describe(read.texts[0])
    outcomes = line.submit_all(texts, ScanSource.PHOTO, context.actor(), read.jpeg)
    return _settled(name, outcomes)


@pages.post("/gerbang/<name>/selesaikan")
def acknowledge(name: str) -> BaseResponse:
    """End a hold. Form: ``hold`` its entry, ``reason``, ``note``.

    Sent twice, or for a hold that somebody else ended, it changes nothing.

    Raises:
        OperationRefused: no reason was chosen, or the other reason was not written.
    """
    gate, line = context.work_or_403(name)
    hold = request.form.get("hold", type=int)
    reason = request.form.get("reason", "")
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    if hold is None:
        abort(400)
    if hold not in panels.open_holds(context.db(), gate.name):
        return _done(name)
    if reason not in set(AcknowledgeReason) or (
        reason == AcknowledgeReason.OTHER and not _worded(note)
    ):
        raise OperationRefused(RefusalReason.REASON_NEEDED, "Choose a reason.")
    line.acknowledge(hold, AcknowledgeReason(reason), note, context.actor())
    return _done(name)


@pages.post("/gerbang/<name>/turunkan")
def take_off(name: str) -> BaseResponse:
    """Take an item off the truck again. Form: ``item``, ``reason``, ``note``.

    Raises:
        OperationRefused: no reason was chosen, or it is not on the truck.
    """
    _, line = context.work_or_403(name)
    reason = request.form.get("reason", "")
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    if reason not in set(TakeOff) or (reason == TakeOff.OTHER and not _worded(note)):
        raise OperationRefused(RefusalReason.REASON_NEEDED, "Choose a reason.")
    why = OwnWords(note) if reason == TakeOff.OTHER else TakeOff(reason)
    line.take_off(request.form.get("item", ""), why, context.actor())
    return _done(name)


def _worded(note: str) -> bool:
    """True for a reason in words; a lone digit is a key that was meant to choose."""
    return any(letter.isalpha() for letter in note)


def _settled(name: str, outcomes: list[Outcome]) -> BaseResponse:
    if any(outcome.waits for outcome in outcomes):
        return error_pages.refuse(str(error_sentences.UNDECIDED))
    undecided = [o for o in outcomes if o.decision.verdict is None]
    if not undecided or not error_pages.wants_json():
        verdicts = [o.decision.verdict for o in outcomes if o.decision.verdict]
        return _done(name, verdicts=verdicts)
    item = undecided[-1].decision.item
    if item is None:
        message = gettext("Bukan label kita. Tidak ada surat jalan terbuka.")
        return make_response(jsonify(message=message))
    if item == str(trial_item(context.services().settings.regency)):
        message = gettext("Label uji terbaca. Bukan kotak, jadi tidak dicatat.")
        return make_response(jsonify(message=message))
    message = gettext(
        "%(code)s. Tidak dicatat, karena tidak ada surat jalan terbuka.",
        code=item_names.printed(item),
    )
    return make_response(
        jsonify(message=message, link=url_for("items.history", item_id=item))
    )


def _done(name: str, **told: Any) -> BaseResponse:  # noqa: ANN401 - JSON
    return error_pages.done(url_for("gate.page", name=name), **told)
