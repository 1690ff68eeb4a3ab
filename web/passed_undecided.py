"""What passed a gate undecided and cannot be brought back (bawa kembali)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from station.custody.entry_data.words import LookedFor, OwnWords
from station.custody.gate import bring_back
from station.errors import OperationRefused, RefusalReason
from web import context, error_pages
from web.wording import error_sentences

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from station.settings.gates_and_legs import GateSettings

pages = Blueprint("passed_undecided", __name__)

LONGEST_NOTE = 500


@pages.get("/gerbang/<name>/bawa-kembali")
def page(name: str) -> str:
    """The items that passed undecided, each with a way to say what became of it."""
    gate, _ = context.work_or_403(name)
    return _page(gate)


@pages.post("/gerbang/<name>/bawa-kembali")
def settle(name: str) -> ResponseReturnValue:
    """Take one off the list. Form: ``item``, ``reason``, and ``note`` for another."""
    gate, line = context.work_or_403(name)
    reason = request.form.get("reason", "")
    known = set(LookedFor) - {LookedFor.OTHER}
    note = request.form.get("note", "") if reason == LookedFor.OTHER else ""
    try:
        became = LookedFor(reason) if reason in known else OwnWords(note[:LONGEST_NOTE])
        line.looked_for(request.form.get("item", ""), became, context.actor())
    except OperationRefused as refusal:
        # Sent twice: it is off the list already.
        if refusal.code is not RefusalReason.NOT_WAITING:
            return _page(gate, error_sentences.of_error(refusal)), error_pages.CONFLICT
    if bring_back.ids(context.db(), gate.name):
        return redirect(url_for("passed_undecided.page", name=name), 303)
    return redirect(url_for("gate.page", name=name), 303)


def _page(gate: GateSettings, trouble: str = "") -> str:
    return render_template(
        "passed_undecided.html",
        gate=gate,
        items=bring_back.waiting(context.db(), gate.name),
        strangers=bring_back.strangers(context.db(), gate.name),
        values=request.form,
        trouble=trouble,
    )
