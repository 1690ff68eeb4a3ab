"""The second person (orang kedua): what is to be signed, and the PIN that signs it.

Between the two steps the request travels in the form, signed by this station: it
holds no secret, and its content is compared with the ledger when it comes back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from itsdangerous import BadSignature, URLSafeSerializer

from station.custody.accounts import second_signature
from station.custody.accounts.second_signature import SigningRequest
from station.errors import OperationRefused, RefusalReason
from station.roles import Act
from web import context, error_pages
from web.wording import error_sentences, signed_acts, terms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask.typing import ResponseReturnValue

pages = Blueprint("second_person", __name__)

_CONFLICT = 409
_LONGEST_PIN = 32
_AGAIN = frozenset({RefusalReason.WRONG_PIN, RefusalReason.SAME_PERSON})
"""After these the same request may be signed by another try."""


def dialog(
    asked: SigningRequest, back: str, trouble: str = "", chosen: str = ""
) -> str:
    """The page on which the second person signs; ``back`` is where one gives up.

    After a wrong PIN the one who was ``chosen`` stays so.
    """
    db = context.fresh_db()
    left_ms = asked.asked_ms + second_signature.WITHIN_MS - context.now_ms()
    return render_template(
        "second_person.html",
        asked=asked,
        words=terms.ACT[asked.act],
        lines=_lines(asked),
        ticket=_serializer().dumps(
            {
                "act": asked.act.value,
                "first": asked.first,
                "facts": dict(asked.facts),
                "asked_ms": asked.asked_ms,
                "back": back,
            }
        ),
        left_s=max(0, left_ms // 1000),
        people=second_signature.seconds(db, asked),
        back=back,
        trouble=trouble,
        chosen=chosen,
    )


@pages.post("/tanda-tangan")
def sign() -> ResponseReturnValue:
    """Sign and do it. Form: ``ticket``, ``person`` id, ``pin``."""
    asked, back = _ticket(request.form.get("ticket", ""))
    if asked.first != context.actor():
        abort(403)
    second = request.form.get("person", "")
    pin = request.form.get("pin", "").strip()[:_LONGEST_PIN]
    try:
        _perform(asked, second, pin)
    except OperationRefused as refusal:
        sentence = error_sentences.of_error(refusal)
        if refusal.code in _AGAIN:
            return dialog(asked, back, sentence, second), _CONFLICT
        return error_pages.answer(sentence, _CONFLICT, back)
    return redirect(_after(asked, back), 303)


def _perform(asked: SigningRequest, second: str, pin: str) -> None:
    """Do what was asked for, signed by this person's PIN.

    Raises:
        OperationRefused: it is the same person, before any PIN is looked at; or as the
            act.
    """
    if second == asked.first:
        raise OperationRefused(RefusalReason.SAME_PERSON, "Expected another person.")
    gate = asked.facts.get("gate")
    if asked.act in {Act.DEPART, Act.COMPLETE} or (
        asked.act is Act.CANCEL and gate is not None
    ):
        _, line = context.work_or_403(str(gate))
        act = line.cancel if asked.act is Act.CANCEL else line.close
        act(asked, second, pin)
        return
    context.services().office.sign(asked, second, pin)


def _after(asked: SigningRequest, back: str) -> str:
    if asked.act is Act.DEPART:  # its waybill is printed next
        consignment = str(asked.facts["consignment"])
        return url_for("trips.page", consignment=consignment)
    return "/surat-jalan" if asked.act is Act.COMPLETE else back


def _lines(asked: SigningRequest) -> list[str]:
    """What is signed, in words."""
    facts: dict[str, Any] = dict(asked.facts)
    zone = context.services().settings.zone
    if asked.act is Act.CORRECT_TRIP:
        return signed_acts.trip(facts, zone)
    return _SAID[asked.act](facts)


_SAID: Mapping[Act, Callable[[Mapping[str, Any]], list[str]]] = {
    Act.DEPART: signed_acts.closing,
    Act.COMPLETE: signed_acts.closing,
    Act.CORRECT: signed_acts.correcting,
    Act.CANCEL: signed_acts.cancelling,
    Act.RETRACT: signed_acts.retracting,
    Act.FOUND: signed_acts.found,
    Act.VOID: signed_acts.voiding,
}


def _ticket(text: str) -> tuple[SigningRequest, str]:
    try:
        told = _serializer().loads(text)
    except BadSignature:
        abort(400)
    asked = SigningRequest(
        act=Act(told["act"]),
        first=told["first"],
        facts=told["facts"],
        asked_ms=told["asked_ms"],
    )
    return asked, str(told["back"])


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="jejak second")
