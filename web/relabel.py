"""The label room's other acts: a destroyed label is voided, a SILOG QR is linked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request, url_for

from labels.label_code import LabelError
from station.custody import registry
from station.errors import StationError
from web import context, second_person
from web.wording import error_sentences

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from station.custody.registry import NamedItem

pages = Blueprint("relabel", __name__)

LONGEST_REASON = 300
LONGEST_TEXT = 4_296
"""Characters that the largest QR symbol can hold."""
_CONFLICT = 409


@pages.get("/label/batal/<item_id>")
def voiding(item_id: str) -> str:
    """The form that asks why a label is voided."""
    return render_template("label_void.html", item=_item_or_404(item_id))


@pages.post("/label/batal/<item_id>")
def void(item_id: str) -> ResponseReturnValue:
    """Ask for a label to be voided. Form: ``reason``; then the second person signs."""
    item = _item_or_404(item_id)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    try:
        asked = context.services().office.ask_void(
            item.item.id, reason, context.actor()
        )
    except StationError as error:
        page = render_template(
            "label_void.html", item=item, trouble=error_sentences.of_error(error)
        )
        return page, _CONFLICT
    return second_person.dialog(asked, url_for("items.history", item_id=item.item.id))


@pages.get("/label/tautan")
def linking() -> str:
    """Where both labels are scanned, ours first."""
    return _link_page(request.args.get("ours", ""), "", "")


@pages.post("/label/tautan")
def link() -> ResponseReturnValue:
    """Link. Form: ``ours`` scanned or typed, ``text`` of the other; one at a time."""
    ours = request.form.get("ours", "").strip()[:LONGEST_TEXT]
    # Its own blanks stay; those around it are the scanner's.
    text = request.form.get("text", "")[:LONGEST_TEXT]
    if ours and not text:
        return _link_page(ours, "", "")
    try:
        item = context.services().print_queue.resolve(context.db(), ours)
        context.services().print_queue.link(item.item.id, text, context.actor())
    except (StationError, LabelError) as error:
        return _link_page(ours, text, error_sentences.of_error(error)), _CONFLICT
    return redirect(url_for("relabel.linking", done=item.item.id), 303)


def _link_page(ours: str, text: str, trouble: str) -> str:
    found = None
    if ours:
        try:
            found = context.services().print_queue.resolve(context.db(), ours)
        except (StationError, LabelError) as error:
            trouble = trouble or error_sentences.of_error(error)
    done = registry.item(context.db(), request.args.get("done", ""))
    return render_template(
        "label_link.html", ours=ours, text=text, found=found, trouble=trouble, done=done
    )


def _item_or_404(item_id: str) -> NamedItem:
    found = registry.item(context.db(), item_id)
    if found is None:
        abort(404)
    return found
