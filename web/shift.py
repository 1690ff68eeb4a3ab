"""The shift at a gate (tugas): begun, handed over, ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request, url_for

from station.custody.gate import panel, shift_changes
from station.custody.load import open_load
from station.errors import OperationRefused
from web import auth, context, error_pages
from web.wording import error_sentences

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response as BaseResponse

    from station.settings.gates_and_legs import GateSettings

pages = Blueprint("shift", __name__)

_CONFLICT = 409


@pages.post("/gerbang/<name>/mulai-tugas")
def start(name: str) -> BaseResponse:
    """Begin a shift. Form: ``sound`` yes or no, heard clearly."""
    _, line = context.work_or_403(name)
    heard = request.form.get("sound")
    if heard not in {"yes", "no"}:
        abort(400)
    line.start_shift(context.actor(), sound_heard=heard == "yes")
    return error_pages.done(url_for("gate.page", name=name))


@pages.get("/gerbang/<name>/serah-terima")
def page(name: str) -> str:
    """What goes along, and where the next person signs in."""
    gate, _ = context.work_or_403(name)
    return _form(gate)


@pages.post("/gerbang/<name>/serah-terima")
def hand_over(name: str) -> ResponseReturnValue:
    """Hand the shift over. Form: ``login`` and ``secret`` of the next person.

    This browser's session is theirs then. What is open and held stays as it is.
    """
    gate, line = context.work_or_403(name)
    door, before = context.services().authenticator, context.visitor()
    try:
        person, by_code = door.prove(
            request.form.get("login", ""),
            request.form.get("secret", ""),
            lambda to: shift_changes.check_pair(
                context.db(), gate, (before.person, to)
            ),
        )
        line.hand_over(before.person, person)
    except OperationRefused as refusal:
        return _form(gate, error_sentences.of_error(refusal)), _CONFLICT
    door.sign_out(before.token, before.person)
    auth.begin(door.admit(person, by_code=by_code))
    return redirect(url_for("gate.page", name=name), 303)


@pages.post("/gerbang/<name>/akhiri-tugas")
def end(name: str) -> BaseResponse:
    """End one's shift with nobody to take it; the cameras then record nothing."""
    _, line = context.work_or_403(name)
    line.end_shift(context.actor())
    return redirect(url_for("gate.page", name=name), 303)


def _form(gate: GateSettings, trouble: str = "") -> str:
    db = context.fresh_db()
    return render_template(
        "handover.html",
        gate=gate,
        load=open_load(db, gate.name),
        holds=len(panel.open_holds(db, gate.name)),
        shift=panel.shift(db, gate.name),
        me=context.actor(),
        trouble=trouble,
    )
