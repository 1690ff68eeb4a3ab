"""The item room (riwayat): what happened to one box, with its pictures and proof."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    abort,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)

from labels.label_code import ItemId, LabelError, parse_typed
from station.camera_frames import ScanSource
from station.custody import departures, registry
from station.custody.accounts.who_may_sign import firsts
from station.custody.entry_data.words import Condition, Where
from station.custody.history import error_declaration, item_history
from station.custody.load import find_ends
from station.errors import StationError
from station.ledger import inclusion_proof, log
from station.model import Disposition, EntryType, Verdict
from station.roles import Act, Role
from web import context
from web.wording import entry_words, item_names, place_names, terms, verdicts
from web.wording.gettext import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from station.custody.departures import Departure
    from station.custody.history.item_history import History, HistoryLine
    from station.custody.registry import NamedItem
    from station.ledger.inclusion_proof import Found
    from station.model import Json

pages = Blueprint("items", __name__)

FOUND = 50
"""Items that a search lists at most."""
LONGEST_QUERY = 80

_SHAPES = {
    EntryType.COMMISSIONING: "tag",
    EntryType.LOADING: "go-square",
    EntryType.DEPARTING: "go-square",
    EntryType.ACCEPTING: "go-square",
    EntryType.CONSIGNMENT: "tag",
    EntryType.INSPECTING: "pencil",
    EntryType.UNLOADING: "pencil",
    EntryType.ERROR_DECLARATION: "pencil",
    EntryType.DECOMMISSIONING: "pencil",
}


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line of the history as it is drawn."""

    line: HistoryLine
    title: str
    detail: str
    shape: str


@pages.get("/riwayat")
def search() -> BaseResponse | str:
    """Items that fit ``?q=``: an id, the code under a QR, a TPS, a kelurahan."""
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    item_id = _exact(query)
    if item_id is not None and registry.item(context.db(), item_id) is not None:
        return redirect(url_for("items.history", item_id=item_id), 303)
    found = registry.search(context.db(), query, FOUND + 1)
    return render_template(
        "search.html",
        query=query,
        found=[(item, _now(item, _last(item))) for item in found[:FOUND]],
        more=len(found) > FOUND,
    )


def _last(item: NamedItem) -> Departure | None:
    """What was said last of an item that stands somewhere."""
    if item.item.moving:
        return None
    return departures.last(context.db(), item.item.id)


@pages.get("/riwayat/<item_id>")
def history(item_id: str) -> str:
    """Everything the ledger says of an item, oldest first; 404 where unknown."""
    known = item_history.history(context.db(), item_id)
    if known is None:
        abort(404)
    lines = [history_row(line) for line in known.lines]
    pictured = [
        line for line in known.lines if line.entry.draft.evidence and sees_people()
    ]
    db = context.db()
    correctable = {
        line.entry.seq
        for line in known.lines
        if _may_ask() and error_declaration.may_correct(db, line.entry)
    }
    return render_template(
        "item_history.html",
        item=known.item,
        lines=lines,
        now=_now(known.item, known.departure),
        proof=_proof(known),
        thing=item_names.thing(known.item.item.id),
        last_picture=pictured[-1].entry if pictured else None,
        pictures=sees_people(),
        correctable=correctable,
    )


@pages.get("/bukti/<name>.jpg")
def evidence(name: str) -> Response:
    """The picture with this SHA-256; it never changes, so browsers keep it."""
    if not re.fullmatch(r"[0-9a-f]{64}", name):
        abort(404)
    try:
        path = context.services().evidence(name)
    except StationError:
        abort(404)
    if not path.is_file():
        abort(404)
    response = send_file(path, mimetype="image/jpeg", etag=name)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def sees_people() -> bool:
    """False for observers: no names, no camera pictures, no notes."""
    return context.role() is not Role.OBSERVER


def _may_ask() -> bool:
    return context.role() in firsts(Act.CORRECT)


def _exact(query: str) -> str | None:
    for read in (parse_typed, ItemId.parse):
        try:
            return str(read(query))
        except LabelError:
            continue
    return None


def _now(named: NamedItem, last: Departure | None) -> str:
    item = named.item
    if item.voided:
        return gettext("Dibatalkan")
    words = str(terms.ITEM_STATE[item.state]) % {
        "destination": _bound_for(named),
        "place": place_names.place_of(item.at, named.place),
    }
    if item.moving or last is None or not last.disposition:
        return words
    number = f"{last.number:04d}"
    why = terms.DISPOSITION[last.disposition]
    return f"{words} · {why} · " + gettext("Surat jalan %(number)s", number=number)


def _bound_for(named: NamedItem) -> str:
    if not named.item.moving:
        return ""
    ends = find_ends(context.db(), str(named.item.consignment))
    return "" if ends is None else place_names.destination(ends)


def _proof(known: History) -> Found | None:
    """The check of every entry of our own log; None where the head does not hold."""
    db = context.db()
    ours = log.head(db).origin
    seqs = [line.entry.seq for line in known.lines if line.entry.log == ours]
    try:
        return inclusion_proof.check(db, seqs)
    except StationError:
        return None


def history_row(line: HistoryLine) -> HistoryRow:
    """A line of the history as it is drawn for whoever looks."""
    draft = line.entry.draft
    shape = _SHAPES.get(draft.type, "tag")
    if line.disposition is not None:
        lost = line.disposition in {Disposition.DAMAGED, Disposition.LOST}
        shape = "alert-triangle" if lost else "ring"
    if draft.verdict not in {None, Verdict.ACCEPTED}:
        shape = verdicts.VERDICT[Verdict(draft.verdict or "")].shape
    return HistoryRow(line, _title(line), _detail(line), shape)


def _title(line: HistoryLine) -> str:
    if line.disposition is not None:
        return f"{terms.CAME['left']}: {terms.DISPOSITION[line.disposition]}"
    own = entry_words.of_consignment(line.entry.draft)
    if own is None:
        return _of_type(line)
    if line.entry.draft.data.get("action") == "found" and line.ends is not None:
        arrived = line.entry.draft.data["where"] == Where.ARRIVED
        where = (
            place_names.arrival(line.ends) if arrived else place_names.origin(line.ends)
        )
        return f"{own}: {where}"
    return str(own)


def _of_type(line: HistoryLine) -> str:
    draft = line.entry.draft
    words = str(entry_words.ENTRY[draft.type]) % {
        "n": draft.corrects,
        "to": "" if line.ends is None else place_names.destination(line.ends),
        "at": "" if line.ends is None else place_names.arrival(line.ends),
    }
    if draft.type is EntryType.REFUSED and draft.verdict is not None:
        word = str(verdicts.VERDICT[draft.verdict].word)
        return f"{words}: {word.lower()}" if draft.verdict.holds else word
    own = _of_what_was_done(draft.data)
    if own is not None:
        return own
    if draft.type in {EntryType.INSPECTING, EntryType.UNLOADING}:
        return f"{words}: {terms.act_reason(str(draft.data.get('reason', '')))}"
    return words


def _of_what_was_done(data: Mapping[str, Json]) -> str | None:
    """The words of an entry that says what was done; None: its type says enough."""
    if data.get("event") == "print":
        return gettext("Label dicetak")
    if data.get("event") == "looked_for":
        return gettext("Lewat tanpa dicatat, lalu dicari")
    if data.get("action") == "alias":
        return gettext("QR SILOG ditautkan")
    if data.get("action") == "condition":
        seen = Condition(str(data["condition"]))
        return gettext("Kondisi dicatat: %(words)s", words=terms.CONDITION[seen])
    return None


def _detail(line: HistoryLine) -> str:
    draft, settings = line.entry.draft, context.services().settings
    gates = {gate.name: gate.title for gate in settings.gates}
    where = gates.get(draft.gate or "", draft.place.rpartition("/")[2].title())
    data = draft.data
    parts = [where]
    if draft.consignment is not None:
        number = draft.consignment.removeprefix("C-")
        parts.append(gettext("Surat jalan %(number)s", number=number))
    if draft.type is EntryType.COMMISSIONING:
        parts.append(gettext("penerbitan %(n)s", n=data.get("issue", 1)))
    seals = data.get("seals")
    if isinstance(seals, list) and seals:
        history_row = ", ".join(str(seal) for seal in seals)
        parts.append(gettext("segel %(list)s", list=history_row))
    source = data.get("source")
    if isinstance(source, str) and source in set(ScanSource):
        parts.append(str(terms.SOURCE[ScanSource(source)]))
    reasoned = (
        draft.type in {EntryType.COMMISSIONING, EntryType.DECOMMISSIONING}
        or line.disposition is not None
        or data.get("action") in {"cancel", "found", "retract"}
    )
    note = data.get("reason" if reasoned else "note")
    # What people write may name people.
    if isinstance(note, str) and note and sees_people():
        parts.append(f"“{note}”")
    parts.append(context.person(draft.actor))
    if draft.second is not None:
        parts.append(gettext("disaksikan %(name)s", name=context.person(draft.second)))
    return " · ".join(parts)
