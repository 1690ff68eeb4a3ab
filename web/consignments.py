"""The consignment room (surat jalan): open, close, arrive, and the list of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request, url_for

from station.custody import registry
from station.custody.accounts.who_may_sign import WORKS
from station.custody.consignment import opening as consignments
from station.custody.consignment import overdue
from station.custody.consignment.opening import OpeningOrder
from station.custody.consignment.trip_details import Trip
from station.custody.load import busy_gates, list_loads
from station.errors import OperationRefused, RefusalReason
from station.model import Ballot, Phase, Step
from station.roles import Role
from web import context, error_pages, leg_picker
from web.wording import error_sentences
from web.wording.gettext import gettext

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.datastructures import MultiDict
    from werkzeug.wrappers import Response as BaseResponse

    from station.custody.load import Load
    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Connection

pages = Blueprint("consignments", __name__)

LONGEST_VEHICLE = 40
MOST_LISTED = 300
"""Consignments of the list: whatever is open or on its way, then the newest."""


@pages.get("/surat-jalan")
def page() -> str:
    """Every consignment, open ones first, and the form that opens one.

    ``?kecamatan=17.71.03`` shows those of one kecamatan, ``?pemilihan=psu-1`` those
    of one election.
    """
    return _list(request.args)


def _list(values: MultiDict[str, str], trouble: str = "") -> str:
    """The list and the form as it was filled in, with what is wrong with it."""
    db, settings = context.db(), context.services().settings
    chosen = request.args.get("kecamatan", "")
    loads, more = _listed(db, chosen)
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
        gave={load.id for load in loads if _gave(db, load, accepting)},
        may_load=bool(sending),
        may_see_gates=role is not Role.OBSERVER,
        ballots=registry.kinds(db),
        kindless=registry.has_kindless(db),
        elections=registry.elections(db),
        election=request.args.get("pemilihan", ""),
        values=values,
        trouble=trouble,
    )


def _listed(db: Connection, kecamatan: str) -> tuple[list[Load], bool]:
    """The consignments asked for, open ones first; True where there are more."""
    election = request.args.get("pemilihan", "")
    known = election if election in registry.elections(db) else None
    loads = list_loads(db, known, kecamatan or None, MOST_LISTED + 1)
    shown = loads[:MOST_LISTED]
    shown.sort(key=lambda load: (load.gate is None, -load.number))
    return shown, len(loads) > MOST_LISTED


def _gave(db: Connection, load: Load, accepting: list[GateSettings]) -> bool:
    """True where this person handed it over and a gate here could take it in."""
    return (
        load.phase is Phase.DEPARTED
        and any(gate.serves(load.leg, load.destination) for gate in accepting)
        and consignments.gave(db, load.id, context.actor())
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
        OperationRefused: as ``_open``; shown in the form.
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
        OperationRefused: no kind was chosen, no plate given, or the station refuses it.
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


def _to_gate(name: str) -> BaseResponse:
    return redirect(url_for("gate.page", name=name), 303)
