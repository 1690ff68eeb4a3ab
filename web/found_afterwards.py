"""What is known too late (susulan): boxes that turned up, an arrival by mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, render_template, request, url_for

from station.custody.accounts.who_may_sign import SIGNS
from station.custody.consignment import after_closing
from station.custody.entry_data.words import Where
from station.custody.load import find_load
from station.errors import OperationRefused
from station.model import Phase
from station.roles import Act
from web import context, error_pages, second_person
from web.wording import error_sentences

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from station.custody.load import Load

pages = Blueprint("found_afterwards", __name__)

LONGEST_REASON = 500


@pages.get("/surat-jalan/<consignment>/susulan")
def page(consignment: str) -> str:
    """What was missing when it was closed, and what can still be recorded."""
    return _page(_load_or_404(consignment))


@pages.post("/surat-jalan/<consignment>/ditemukan")
def found(consignment: str) -> ResponseReturnValue:
    """Ask a second person to sign that a box turned up. Form: ``item``, ``where``."""
    load = _load_or_404(consignment)
    where = request.form.get("where", "")
    if where not in set(Where):
        abort(400)
    if not _may_say(load, Where(where)):
        abort(403)
    named = (request.form.get("item", ""), Where(where))
    try:
        asked = context.services().office.ask_found(
            load.id, named, _reason(), context.actor()
        )
    except OperationRefused as refusal:
        return _page(load, error_sentences.of_error(refusal)), error_pages.CONFLICT
    return second_person.dialog(
        asked, url_for("found_afterwards.page", consignment=load.id)
    )


@pages.post("/surat-jalan/<consignment>/belum-tiba")
def retract(consignment: str) -> ResponseReturnValue:
    """Ask a second person to sign that it has not arrived. Form: ``reason``."""
    load = _load_or_404(consignment)
    if not context.may_ask(Act.RETRACT, load):
        abort(403)
    try:
        asked = context.services().office.ask_retract(
            load.id, _reason(), context.actor()
        )
    except OperationRefused as refusal:
        return _page(load, error_sentences.of_error(refusal)), error_pages.CONFLICT
    return second_person.dialog(
        asked, url_for("found_afterwards.page", consignment=load.id)
    )


def _page(load: Load, trouble: str = "") -> str:
    return render_template(
        "found_afterwards.html",
        load=load,
        items=after_closing.missing(context.db(), load.id),
        arriving=load.phase is Phase.ARRIVING,
        may_retract=context.may_ask(Act.RETRACT, load),
        wheres=[where for where in Where if _may_say(load, where)],
        values=request.form,
        trouble=trouble,
    )


def _may_say(load: Load, where: Where) -> bool:
    return context.role() in SIGNS[Act.FOUND][where.tier(load.leg)]


def _load_or_404(consignment: str) -> Load:
    load = find_load(context.db(), consignment)
    if load is None:
        abort(404)
    return load


def _reason() -> str:
    return request.form.get("reason", "").strip()[:LONGEST_REASON]
