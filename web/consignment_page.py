"""One consignment: its items, and what was recorded of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, abort, render_template

from station.custody.history import consignment_journey as journeys
from station.custody.history.item_history import HistoryLine
from station.model import Phase
from web import context, items
from web.wording import entry_words, terms

if TYPE_CHECKING:
    from station.custody.history.consignment_journey import Carried, Journey
    from station.custody.load import Load
    from station.model import Entry

pages = Blueprint("consignment_page", __name__)


@pages.get("/surat-jalan/<consignment>/riwayat")
def page(consignment: str) -> str:
    """One consignment: its items, and what was recorded of it; 404 where unknown."""
    found = journeys.journey(context.db(), consignment)
    if found is None:
        abort(404)
    return render_template(
        "consignment.html",
        load=found.load,
        carried=[(one, _came(one, found.load)) for one in found.carried],
        lines=[_told(entry, found) for entry in found.entries],
        reasons=found.reasons if items.sees_people() else (),
        backwards=found.backwards,
    )


def _told(entry: Entry, found: Journey) -> items.HistoryRow:
    """A line of a consignment's history; what opened and ended it in its own words."""
    line = HistoryLine(entry, found.load, None)
    action = str(entry.draft.data.get("action", ""))
    row = items.history_row(line)
    title = entry_words.CONSIGNMENT.get(action)
    return row if title is None else replace(row, title=str(title))


def _came(one: Carried, load: Load) -> tuple[str, str]:
    """How far an item came with its consignment: the words, and a drawing."""
    if one.accepted:
        return str(terms.CAME["accepted"]), "go-square"
    if load.phase is Phase.CANCELLED:
        return str(terms.PHASE[load.phase]), "bar-diamond"
    if one.departed:
        lost = load.phase is Phase.ACCEPTED
        shape = "alert-triangle" if lost else "go-on"
        return str(terms.CAME["lost" if lost else "departed"]), shape
    if load.phase is Phase.LOADING:
        code = "loaded" if one.loaded else "waiting"
        return str(terms.CAME[code]), "go-on" if one.loaded else "ring"
    if one.loaded:  # it was to go along, and turned up where it had stood
        return str(terms.CAME["back"]), "ring"
    words = str(terms.CAME["left"])
    if one.disposition is not None:
        words = f"{words} · {terms.DISPOSITION[one.disposition]}"
    return words, "ring"
