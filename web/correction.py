"""Corrections (ralat): an entry is declared wrong, with a reason and two people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, render_template, request, url_for

from station.custody.entry_data.words import Wrong
from station.custody.history import error_declaration, item_history
from web import context, items, second_person

if TYPE_CHECKING:
    from station.custody.history.item_history import History, HistoryLine

pages = Blueprint("correction", __name__)

LONGEST_NOTE = 500


@pages.get("/riwayat/<item_id>/ralat/<int:seq>")
def page(item_id: str, seq: int) -> str:
    """The form that declares one entry of an item's history wrong."""
    known, line = _line_or_404(item_id, seq)
    return render_template(
        "correction.html", item=known.item, told=items.history_row(line)
    )


@pages.post("/riwayat/<item_id>/ralat/<int:seq>")
def ask(item_id: str, seq: int) -> str:
    """Ask a second person to sign. Form: ``reason``, ``note``."""
    _line_or_404(item_id, seq)
    reason = request.form.get("reason", "")
    if reason not in set(Wrong):
        abort(400)
    note = request.form.get("note", "")[:LONGEST_NOTE]
    asked = context.services().office.ask_correction(
        seq, Wrong(reason), note, context.actor()
    )
    return second_person.dialog(asked, url_for("items.history", item_id=item_id))


def _line_or_404(item_id: str, seq: int) -> tuple[History, HistoryLine]:
    """The entry in this item's history, where it can be declared wrong."""
    db = context.db()
    known = item_history.history(db, item_id)
    found = [
        line
        for line in ([] if known is None else known.lines)
        if line.entry.seq == seq and error_declaration.may_correct(db, line.entry)
    ]
    if known is None or not found:
        abort(404)
    return known, found[0]
