"""The paper fallback (formulir cadangan): print numbered forms, enter them later."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    abort,
    redirect,
    render_template,
    request,
    url_for,
)

from labels.label_code import LabelError, parse_typed
from labels.papers import paper_pdf
from station.custody.accounts.who_may_sign import WORKS
from station.custody.entry_data.words import Condition
from station.custody.gate import paper_forms
from station.custody.gate.paper_forms import MOST_ROWS, PaperForm, PaperFormRow
from station.custody.gate.seals_and_condition import Inspection, parse_seals
from station.custody.load import open_load
from station.errors import OperationRefused, RefusalReason
from station.zone import moment
from web import context, error_pages
from web.context import attached
from web.wording import error_sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response as BaseResponse

pages = Blueprint("paper_fallback", __name__)

LONGEST_REASON = 500
_SPAN = re.compile("([0-9]{1,9})-([0-9]{1,9})")
_DAY_MS = 24 * 3_600_000


@pages.get("/formulir")
def page() -> str:
    """What was printed, what is missing, and what can be done. Query: ``cetak``."""
    return _page()


def _page(trouble: str = "") -> str:
    """The page, with the form as it was filled in and what is wrong with it."""
    db, settings = context.db(), context.services().settings
    role = context.role()
    gates = [
        (gate, load)
        for gate in settings.gates
        if role in WORKS[gate.at] and (load := open_load(db, gate.name)) is not None
    ]
    known = paper_forms.known(db)
    return render_template(
        "paper_fallback.html",
        known=known,
        missing=[paper_pdf.form_name(number) for number in known.missing],
        gates=gates,
        rows=range(1, MOST_ROWS + 1),
        values=request.form,
        out=_spans(paper_forms.outstanding(db)),
        printed=_span(request.args.get("cetak", ""), known.printed),
        trouble=trouble,
    )


@pages.post("/formulir/cetak")
def issue() -> ResponseReturnValue:
    """Give out the next numbers. Form: ``count``; ``after`` the last one seen."""
    count = request.form.get("count", default=0, type=int)
    after = request.form.get("after", type=int)
    try:
        numbers = context.services().office.issue_forms(count, after, context.actor())
    except OperationRefused as refusal:
        return _page(error_sentences.of_error(refusal)), error_pages.CONFLICT
    span = f"{numbers[0]}-{numbers[-1]}"
    return redirect(url_for("paper_fallback.page", cetak=span), 303)


@pages.get("/formulir/<span>.pdf")
def file(span: str) -> BaseResponse:
    """Forms whose numbers were given out, such as ``4-13``, as PDF."""
    numbers = _span(span, paper_forms.known(context.db()).printed)
    if numbers is None:
        abort(404)
    settings = context.services().settings
    data = paper_pdf.custody_form(
        numbers,
        settings.place.capitalize(),
        issuer=settings.title,
        note="DATA REKAAN" if settings.made_up else "",
    )
    return attached(data, f"formulir-{numbers[0]:04d}-{numbers[-1]:04d}.pdf")


def _spans(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers as spans that one file holds each, the newest first."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        first, last = found[-1] if found else (0, 0)
        if found and number == last + 1 and number - first < paper_forms.MOST_PRINTED:
            found[-1] = (first, number)
        else:
            found.append((number, number))
    return found[:-6:-1]


def _span(text: str, printed: int) -> range | None:
    """First and last number of forms that were given out; None: no such forms."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    first, last = int(found[1]), int(found[2])
    if not (0 < first <= last <= printed and last - first < paper_forms.MOST_PRINTED):
        return None
    return range(first, last + 1)


@pages.post("/formulir/isi")
def enter() -> ResponseReturnValue:
    """Enter a form. Form: ``number``, ``load``, ``gate``, ``date``; rows.

    A row is ``code-N`` and ``time-N``; what is wrong with one is told on the page,
    which keeps what was typed.
    """
    name = request.form.get("gate", "")
    _, line = context.work_or_403(name)
    number = request.form.get("number", type=int)
    load = request.form.get("load", type=int)
    if number is None or load is None:
        abort(400)
    try:
        line.enter_form(PaperForm(number, load, _rows()), context.actor())
    except OperationRefused as refusal:
        return _page(error_sentences.of_error(refusal)), error_pages.CONFLICT
    return redirect(url_for("gate.page", name=name), 303)


@pages.post("/formulir/kosong")
def unused() -> ResponseReturnValue:
    """Say of a form that it was spoilt or not used. Form: ``number``, ``reason``."""
    number = request.form.get("number", type=int)
    if number is None:
        abort(400)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    try:
        context.services().office.declare_unused(number, reason, context.actor())
    except OperationRefused as refusal:
        return _page(error_sentences.of_error(refusal)), error_pages.CONFLICT
    return redirect(url_for("paper_fallback.page"), 303)


def _rows() -> list[PaperFormRow]:
    """The rows that were filled in; a time before the row above is of the next day.

    Raises:
        OperationRefused: a row lacks its code or its time, or its code is mistyped.
    """
    zone, day = context.services().settings.zone, request.form.get("date", "")
    found: list[PaperFormRow] = []
    for number in range(1, MOST_ROWS + 1):
        code = request.form.get(f"code-{number}", "").strip()
        time = request.form.get(f"time-{number}", "").strip()
        if not code and not time:
            continue
        try:
            row = PaperFormRow(
                parse_typed(code).as_hri(), moment(f"{day}T{time}", zone)
            )
        except LabelError as error:
            message = f"Row {number}: {error}"
            raise OperationRefused(
                RefusalReason.ROW_CODE, message, row=number, got=code[:40]
            ) from error
        except ValueError as error:
            message = f"Expected a date and a time in row {number}, got {day} {time}."
            raise OperationRefused(
                RefusalReason.ROW_TIME, message, row=number, got=time[:40]
            ) from error
        if found and row.at_ms < found[-1].at_ms:
            row = replace(row, at_ms=row.at_ms + _DAY_MS)
        found.append(replace(row, looked=_looked(number)))
    return found


def _looked(number: int) -> Inspection | None:
    """Condition and seals of a row; None where neither was written down.

    Raises:
        OperationRefused: a seal is no number of one.
    """
    condition = request.form.get(f"cond-{number}", "")
    seals = parse_seals(request.form.get(f"seals-{number}", ""))
    if not condition and not seals:
        return None
    known = condition in set(Condition)
    return Inspection(
        condition=Condition(condition) if known else Condition.GOOD, seals=seals
    )
