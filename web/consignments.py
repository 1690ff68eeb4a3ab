"""The consignment room (surat jalan): open, close, arrive, and the list of all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request, url_for

from station.custody import registry
from station.custody.accounts.who_may_sign import WORKS
from station.custody.consignment import opening as consignments
from station.custody.consignment import overdue
from station.custody.consignment.opening import OpeningOrder, set_digest
from station.custody.consignment.trip_details import Trip
from station.custody.gate.closing import Closing
from station.custody.history import consignment_journey as journeys
from station.custody.history.item_history import HistoryLine
from station.custody.load import busy_gates, list_loads, missing_items, open_load
from station.errors import OperationRefused, RefusalReason
from station.model import Ballot, Disposition, Phase, Role, Step
from web import context, error_pages, items, leg_picker, second_person
from web.wording import entry_words, error_sentences, refusals, terms
from web.wording.gettext import gettext

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.datastructures import MultiDict
    from werkzeug.wrappers import Response as BaseResponse

    from station.custody.history.consignment_journey import Carried, Journey
    from station.custody.load import Load
    from station.model import Entry
    from station.settings.gates_and_legs import GateSettings

pages = Blueprint("consignments", __name__)

LONGEST_VEHICLE = 40
MOST_LISTED = 300
"""Consignments of the list: whatever is open or on its way, then the newest."""
LONGEST_REASON = 500


@pages.get("/surat-jalan")
def page() -> str:
    """Every consignment, open ones first, and the form that opens one.

    ``?kecamatan=17.71.03`` shows those of one kecamatan, ``?pemilihan=psu-1`` those
    of one election.
    """
    return _list(request.args)


@pages.get("/surat-jalan/<consignment>/riwayat")
def one(consignment: str) -> str:
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


def _list(values: MultiDict[str, str], trouble: str = "") -> str:
    """The list and the form as it was filled in, with what is wrong with it."""
    db, settings = context.db(), context.services().settings
    chosen = request.args.get("kecamatan", "")
    elections = registry.elections(db)
    election = request.args.get("pemilihan", "")
    loads = list_loads(
        db,
        election if election in elections else None,
        chosen or None,
        MOST_LISTED + 1,
    )
    more, loads = len(loads) > MOST_LISTED, loads[:MOST_LISTED]
    loads.sort(key=lambda load: (load.gate is None, -load.number))
    busy = busy_gates(db)
    role = context.role()
    mine = [gate for gate in settings.gates if role in WORKS[gate.at]]
    sending = [gate for gate in mine if gate.step is Step.LOADING]
    leg, legs = leg_picker.shown(sending)
    free = [gate for gate in mine if gate.name not in busy]
    loading = [gate for gate in free if gate in sending and leg in gate.legs]
    accepting = [gate for gate in free if gate.step is Step.ACCEPTING]
    return render_template(
        "consignments.html",
        loads=loads,
        more=more,
        due=overdue.due(db, settings.routes),
        now_ms=context.now_ms(),
        chosen=registry.area_name(db, chosen) if chosen else "",
        areas=leg_picker.areas(leg, loading),
        leg=leg,
        legs=legs,
        leg_page="consignments.page",
        can_resend=leg_picker.can_resend(leg),
        loading=loading,
        accepting=accepting,
        unreceived={load.id: _unreceived(load, busy) for load in loads},
        gave={
            load.id
            for load in loads
            if load.phase is Phase.DEPARTED
            and any(gate.serves(load.leg, load.destination) for gate in accepting)
            and consignments.gave(db, load.id, context.actor())
        },
        may_load=bool(sending),
        may_see_gates=role is not Role.OBSERVER,
        ballots=registry.kinds(db),
        kindless=registry.has_kindless(db),
        elections=elections,
        election=election,
        values=values,
        trouble=trouble,
    )


def _unreceived(load: Load, busy: set[str]) -> str:
    """Why no gate of this station takes it in now; empty where one can, or none ever.

    The other end may be another station, which has gates of its own.
    """
    ends = [
        gate
        for gate in context.services().settings.gates
        if gate.step is Step.ACCEPTING and load.leg in gate.legs
    ]
    serving = [gate for gate in ends if gate.serves(load.leg, load.destination)]
    if load.phase is not Phase.DEPARTED or not ends:
        return ""
    if not serving:
        return gettext("Di sini tidak ada gerbang yang menerimanya.")
    if all(gate.name in busy for gate in serving):
        titles = ", ".join(gate.title for gate in serving)
        return gettext("%(gate)s sedang dipakai.", gate=titles)
    return ""


@pages.post("/surat-jalan/buka")
def open_() -> ResponseReturnValue:
    """Open one. Form: ``gate``, ``jalur``, ``area``, ``kinds`` (many), ``vehicle``.

    ``returned`` takes what came back already too, ``kindless`` the boxes without a
    kind, ``election`` those of one election. Without a number plate ``no_plate`` says
    so. What is refused stays filled in.

    Raises:
        OperationRefused: as ``_open``; told in the form where a person sees it.
    """
    try:
        return _open()
    except OperationRefused as refusal:
        if error_pages.wants_json():
            raise
        return _list(
            request.form, error_sentences.of_error(refusal)
        ), error_pages.CONFLICT


def _open() -> BaseResponse:
    """Open what the form asks for.

    Raises:
        OperationRefused: no kind was chosen, no plate told, or the station refuses it.
    """
    name = request.form.get("gate", "")
    gate, line = context.work_or_403(name)
    leg = leg_picker.asked(gate)
    chosen = request.form.getlist("kinds")
    if not set(chosen) <= set(Ballot):
        abort(400)
    kinds = [ballot for ballot in Ballot if ballot in chosen]
    kindless = "kindless" in request.form
    if not (kinds or kindless):
        raise OperationRefused(
            RefusalReason.NO_KINDS, "Expected a kind of election, got none."
        )
    election = request.form.get("election") or None
    if election is not None and election not in registry.elections(context.db()):
        abort(400)
    vehicle = " ".join(request.form.get("vehicle", "").upper().split())
    vehicle = vehicle[:LONGEST_VEHICLE]
    if not vehicle and "no_plate" not in request.form:
        raise OperationRefused(
            RefusalReason.NO_VEHICLE, "Expected a number plate, got none."
        )
    order = OpeningOrder(
        area=request.form.get("area", ""),
        leg=leg,
        kinds=kinds,
        kindless=kindless,
        election=election,
        returned="returned" in request.form,
        trip=Trip(vehicle=vehicle or None),
    )
    line.open(order, context.actor())
    return _to_gate(name)


@pages.post("/surat-jalan/terima")
def arrive() -> BaseResponse:
    """Open a departed one at this end. Form: ``gate``, ``consignment``."""
    name = request.form.get("gate", "")
    _, line = context.work_or_403(name)
    consignment = request.form.get("consignment", "")
    line.arrive(consignment, context.actor())
    return _to_gate(name)


@pages.get("/gerbang/<name>/tutup")
def closing(name: str) -> BaseResponse | str:
    """What is counted and missing, and the form that closes it."""
    gate, _ = context.work_or_403(name)
    load = open_load(context.db(), gate.name)
    return _to_gate(name) if load is None else _closing(gate, load)


def _closing(gate: GateSettings, load: Load, trouble: str = "") -> str:
    """The closing form as it was filled in, with what is wrong with it."""
    lines = missing_items(context.db(), load)
    return render_template(
        "closing.html",
        gate=gate,
        load=load,
        lines=lines,
        shown=_shown(load),
        values=request.form,
        trouble=trouble,
    )


@pages.post("/surat-jalan/tutup")
def close() -> ResponseReturnValue:
    """Ask a second person to sign the closing of what is open at a gate.

    Form: ``gate``, ``consignment`` its id, ``reason`` where some are missing;
    ``all`` what becomes of them, ``of-ITEM`` where it is another for one.

    Raises:
        OperationRefused: it cannot be closed so; told in the form where a person sees
            it.
    """
    name = request.form.get("gate", "")
    gate, line = context.work_or_403(name)
    load = open_load(context.db(), gate.name)
    if load is None or load.id != request.form.get("consignment"):
        # Another one was opened since that page was shown: it is not the one meant.
        return _to_gate(name)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    closing = Closing(reason, _dispositions(gate, load))
    if request.form.get("shown") not in {None, _shown(load)}:
        # What is said of all that is missing was said of another list.
        trouble = str(refusals.REFUSAL[RefusalReason.CHANGED_MEANWHILE])
        return _closing(gate, load, trouble), error_pages.CONFLICT
    try:
        asked = line.ask_close(context.actor(), closing)
    except OperationRefused as refusal:
        if error_pages.wants_json():
            raise
        return _closing(
            gate, load, error_sentences.of_error(refusal)
        ), error_pages.CONFLICT
    return second_person.dialog(asked, url_for("consignments.closing", name=name))


def _shown(load: Load) -> str:
    """A digest of what is missing, so that a form tells which list it was about."""
    missing = missing_items(context.db(), load)
    return set_digest(line.item.item.id for line in missing)


def _told(entry: Entry, found: Journey) -> items.HistoryRow:
    """A line of a consignment's history; what opened and ended it in its own words."""
    line = HistoryLine(entry, found.load, None)
    action = str(entry.draft.data.get("action", ""))
    told = items.told(line)
    title = entry_words.CONSIGNMENT.get(action)
    return told if title is None else replace(told, title=str(title))


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


def _dispositions(gate: GateSettings, load: Load) -> dict[str, Disposition]:
    """What the form says becomes of each missing item; none where it says nothing."""
    if gate.step is not Step.LOADING:
        return {}
    said = {}
    for line in missing_items(context.db(), load):
        item = line.item.item.id
        chosen = request.form.get(f"of-{item}") or request.form.get("all", "")
        if chosen in set(Disposition):
            said[item] = Disposition(chosen)
    return said


def _to_gate(name: str) -> BaseResponse:
    return redirect(url_for("gate.page", name=name), 303)
