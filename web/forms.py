"""The paper fallback (formulir cadangan): print numbered forms, enter them later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    abort,
    redirect,
    render_template,
    request,
    url_for,
)

from labels import papers
from labels.code import parse_typed
from station.custody import forms, panel
from station.custody.forms import MOST_ROWS, Row
from station.custody.rule import WORKS
from station.model import Refusal, RefusalCode
from station.zone import moment
from web import context
from web.attached import attached

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

pages = Blueprint("forms", __name__)

LONGEST_REASON = 500


@pages.get("/formulir")
def page() -> str:
    """How many forms there are, which are missing, and what can be done with them."""
    db, settings = context.db(), context.services().settings
    role = context.role()
    gates = [
        (gate, load)
        for gate in settings.gates
        if role in WORKS[gate.step]
        and (load := panel.open_load(db, gate.name)) is not None
    ]
    known = forms.known(db)
    return render_template(
        "forms.html",
        known=known,
        missing=[papers.form_name(number) for number in known.missing],
        gates=gates,
        rows=range(1, MOST_ROWS + 1),
    )


@pages.post("/formulir/cetak")
def issue() -> BaseResponse:
    """The next forms as PDF; their numbers are an entry. Form: ``count``."""
    services = context.services()
    count = request.form.get("count", default=0, type=int)
    numbers = services.office.issue_forms(count, context.actor())
    settings = services.settings
    data = papers.custody_form(
        numbers,
        settings.place.capitalize(),
        issuer=settings.title,
        note="DATA REKAAN" if settings.made_up else "",
    )
    return attached(data, f"formulir-{numbers[0]:04d}-{numbers[-1]:04d}.pdf")


@pages.post("/formulir/isi")
def enter() -> BaseResponse:
    """Enter a form. Form: ``number``, ``gate``, ``date``; ``code-N`` and ``time-N``.

    Raises:
        Refusal: a row has no time, or the station refuses the form.
    """
    name = request.form.get("gate", "")
    _, line = context.work_or_403(name)
    number = request.form.get("number", type=int)
    if number is None:
        abort(400)
    line.enter_form(number, _rows(), context.actor())
    return redirect(url_for("gate.page", name=name), 303)


@pages.post("/formulir/kosong")
def unused() -> BaseResponse:
    """Say of a form that it was spoilt or not used. Form: ``number``, ``reason``."""
    number = request.form.get("number", type=int)
    if number is None:
        abort(400)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    context.services().office.declare_unused(number, reason, context.actor())
    return redirect(url_for("forms.page"), 303)


def _rows() -> list[Row]:
    """The rows that hold a code, each code's check character compared.

    Raises:
        Refusal: a row's time is none.
    """
    zone, day = context.services().settings.zone, request.form.get("date", "")
    found = []
    for number in range(1, MOST_ROWS + 1):
        code = request.form.get(f"code-{number}", "").strip()
        if not code:
            continue
        time = request.form.get(f"time-{number}", "").strip()
        try:
            at_ms = moment(f"{day}T{time}", zone)
        except ValueError:
            message = f"Expected a date and a time for {code}, got {day} {time}."
            raise Refusal(RefusalCode.WRONG_TIME, message, item=code[:40]) from None
        found.append(Row(parse_typed(code).as_hri(), at_ms))
    return found
