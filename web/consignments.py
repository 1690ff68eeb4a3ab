"""The consignment room (surat jalan): open, close, arrive, and the list of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request, url_for

from station.custody import panel, registry
from station.custody.closing import Closing
from station.custody.consignment import Order
from station.custody.rule import WORKS
from station.custody.trip import Trip
from station.model import Ballot, Disposition, Refusal, RefusalCode, Role, Step
from web import context, second

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from station.config import GateSettings
    from station.custody.panel import Load

pages = Blueprint("consignments", __name__)

LONGEST_VEHICLE = 40
LONGEST_REASON = 500


@pages.get("/surat-jalan")
def page() -> str:
    """Every consignment, open ones first, and the form that opens one.

    ``?kecamatan=17.71.03`` shows those of one kecamatan.
    """
    db, settings = context.db(), context.services().settings
    chosen = request.args.get("kecamatan", "")
    loads = [load for load in panel.loads(db) if chosen in {"", load.destination}]
    loads.sort(key=lambda load: load.gate is None)
    busy = {load.gate for load in panel.loads(db)}
    role = context.role()
    free = [
        gate
        for gate in settings.gates
        if gate.name not in busy and role in WORKS[gate.step]
    ]
    return render_template(
        "consignments.html",
        loads=loads,
        chosen=registry.area_name(db, chosen) if chosen else "",
        areas=registry.kecamatan(db),
        loading=[gate for gate in free if gate.step is Step.LOADING],
        accepting=[gate for gate in free if gate.step is Step.ACCEPTING],
        may_load=role in WORKS[Step.LOADING],
        may_see_gates=role is not Role.OBSERVER,
        preset=request.args.get("gate", ""),
        ballots=registry.kinds(db),
    )


@pages.post("/surat-jalan/open")
def open_() -> BaseResponse:
    """Open one. Form: ``gate``, ``destination``, ``kinds`` (many), ``vehicle``.

    Raises:
        Refusal: no kind was chosen, or the station refuses it.
    """
    name = request.form.get("gate", "")
    _, line = context.work_or_403(name)
    chosen = request.form.getlist("kinds")
    if not set(chosen) <= set(Ballot):
        abort(400)
    kinds = [ballot for ballot in Ballot if ballot in chosen]
    if not kinds:
        raise Refusal(RefusalCode.NO_KINDS, "Expected a kind of election, got none.")
    vehicle = request.form.get("vehicle", "").strip()[:LONGEST_VEHICLE]
    order = Order(
        destination=request.form.get("destination", ""),
        kinds=kinds,
        trip=Trip(vehicle=vehicle or None),
    )
    line.open(order, context.actor())
    return _to_gate(name)


@pages.post("/surat-jalan/arrive")
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
    load = panel.open_load(context.db(), gate.name)
    if load is None:
        return _to_gate(name)
    lines = panel.missing(context.db(), load)
    return render_template("closing.html", gate=gate, load=load, lines=lines)


@pages.post("/surat-jalan/close")
def close() -> BaseResponse | str:
    """Ask a second person to sign the closing of what is open at a gate.

    Form: ``gate``, ``consignment`` its id, ``reason`` where some are missing;
    ``all`` what becomes of them, ``of-ITEM`` where it is another for one.
    """
    name = request.form.get("gate", "")
    gate, line = context.work_or_403(name)
    load = panel.open_load(context.db(), gate.name)
    if load is None or load.id != request.form.get("consignment"):
        # Another one was opened since that page was shown: it is not the one meant.
        return _to_gate(name)
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    closing = Closing(reason, _dispositions(gate, load))
    asked = line.ask_close(context.actor(), closing)
    return second.dialog(asked, url_for("consignments.closing", name=name))


def _dispositions(gate: GateSettings, load: Load) -> dict[str, Disposition]:
    """What the form says becomes of each missing item; none where it says nothing."""
    if gate.step is not Step.LOADING:
        return {}
    said = {}
    for line in panel.missing(context.db(), load):
        item = line.item.item.id
        chosen = request.form.get(f"of-{item}") or request.form.get("all", "")
        if chosen in set(Disposition):
            said[item] = Disposition(chosen)
    return said


def _to_gate(name: str) -> BaseResponse:
    return redirect(url_for("gate.page", name=name), 303)
