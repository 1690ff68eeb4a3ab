"""The truck plan of the day (rencana truk): what goes where, when, from which gate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from labels.label_code import LabelError
from station.custody import registry
from station.custody.accounts.who_may_sign import WORKS
from station.custody.consignment import opening as consignments
from station.custody.consignment import truck_plan, truck_plan_view
from station.custody.consignment.opening import OpeningOrder
from station.custody.consignment.trip_details import Trip
from station.custody.labelling import selection
from station.errors import OperationRefused, RefusalReason, StationError
from station.leg import Tier
from station.model import Ballot, Step
from station.zone import local, moment
from web import context, error_pages, leg_picker
from web.wording import error_sentences, place_names, refusals

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from station.custody.consignment.truck_plan import Planned
    from station.leg import Leg
    from station.settings.gates_and_legs import GateSettings

pages = Blueprint("trucks", __name__)

LONGEST_TEXT = 40_000
_BETWEEN = re.compile(r"[\s,;]+")


@pages.get("/rencana-truk")
def page() -> str:
    """The plan, and the form. Query: ``ubah``, id of the one to say anew."""
    wanted = truck_plan.planned(context.db(), request.args.get("ubah", ""))
    return _page(wanted if wanted is None or _may_change(wanted) else None)


@pages.post("/rencana-truk/simpan")
def plan() -> ResponseReturnValue:
    """Plan one, or say one anew. Form: as the page's; ``instead`` its id."""
    try:
        gate = _loading_gate(request.form.get("gate", ""))
        _mine_or_403(request.form.get("instead", ""))
        order, capacity = _order(leg_picker.asked(gate))
        context.services().office.plan_truck(
            gate,
            order,
            capacity=capacity,
            instead=request.form.get("instead") or None,
            seen=request.form.get("seen", type=int),
            actor=context.actor(),
        )
    except (StationError, LabelError) as error:
        return _page(None, error_sentences.of_error(error)), error_pages.CONFLICT
    return redirect(url_for("trucks.page"), 303)


@pages.post("/rencana-truk/<consignment>/hapus")
def drop(consignment: str) -> ResponseReturnValue:
    """Take one off the plan."""
    _mine_or_403(consignment)
    try:
        context.services().office.drop_truck(consignment, context.actor())
    except OperationRefused as refusal:
        return _page(None, error_sentences.of_error(refusal)), error_pages.CONFLICT
    return redirect(url_for("trucks.page"), 303)


@pages.post("/rencana-truk/<consignment>/buka")
def open_(consignment: str) -> ResponseReturnValue:
    """Open one at its gate, with what the rule finds ready now."""
    found = truck_plan.planned(context.db(), consignment)
    if found is None:
        gone = str(refusals.REFUSAL[RefusalReason.NOT_PLANNED])
        return _page(None, gone), error_pages.CONFLICT
    if request.form.get("seen", type=int) not in {None, found.seq}:
        changed = str(refusals.REFUSAL[RefusalReason.CHANGED_MEANWHILE])
        return _page(None, changed), error_pages.CONFLICT
    _, line = context.work_or_403(found.gate)
    try:
        line.open_planned(consignment, context.actor())
    except OperationRefused as refusal:
        return _page(None, error_sentences.of_error(refusal)), error_pages.CONFLICT
    return redirect(url_for("gate.page", name=found.gate), 303)


def _may_change(planned: Planned) -> bool:
    """True for who works at its gate; where that is gone, at such a place."""
    gates = {gate.name: gate.at for gate in context.services().settings.gates}
    return context.role() in WORKS[gates.get(planned.gate, planned.order.leg.source)]


def _mine_or_403(consignment: str) -> None:
    found = truck_plan.planned(context.db(), consignment)
    if found is not None and not _may_change(found):
        abort(403)


def _page(wanted: Planned | None, trouble: str = "") -> str:
    db, settings = context.db(), context.services().settings
    if trouble:
        values: dict[str, Any] = dict(request.form)
        values["kinds"] = request.form.getlist("kinds")
    else:
        values = {} if wanted is None else _values(wanted, settings.zone)
    gates = [gate for gate in settings.gates if gate.step is Step.LOADING]
    mine = [gate for gate in gates if context.role() in WORKS[gate.at]]
    leg, legs = (wanted.order.leg, []) if wanted else leg_picker.shown(mine)
    serving = [gate for gate in mine if leg in gate.legs]
    return render_template(
        "trucks.html",
        standing=(standing := truck_plan_view.standing(db)),
        bound=_bound,
        left=truck_plan_view.unplanned(db, standing, leg),
        following=consignments.next_number(db),
        gates={gate.name: gate for gate in gates},
        may_change=_may_change,
        serving=serving,
        areas=leg_picker.areas(leg, serving),
        leg=leg,
        legs=legs,
        leg_page="trucks.page",
        can_resend=leg_picker.can_resend(leg),
        ballots=registry.kinds(db),
        kindless=registry.has_kindless(db),
        elections=registry.elections(db),
        most=truck_plan.MOST_BOXES,
        may_plan=bool(mine),
        values=values,
        trouble=trouble,
    )


def _bound(order: OpeningOrder) -> str:
    """Where a planned one goes, in words; of what comes back, whence."""
    place = registry.place(context.db(), order.area)
    words = place_names.place_of(order.leg.lower, place)
    if order.leg.returns:
        return f"{words} → {place_names.place_of(order.leg.destination, place)}"
    return place.kecamatan if order.leg.lower is Tier.PPK else words


def _values(wanted: Planned, zone: str) -> dict[str, Any]:
    """A planned one as the form's fields hold it."""
    order, trip = wanted.order, wanted.order.trip

    def time(ms: int | None) -> str:
        return "" if ms is None else f"{local(ms, zone):%Y-%m-%dT%H:%M}"

    return {
        "instead": wanted.id,
        "seen": wanted.seq,
        "gate": wanted.gate,
        "area": order.area,
        "returned": "yes" if order.returned else "",
        "kinds": [kind.value for kind in order.kinds],
        "kindless": "yes" if order.kindless else "",
        "election": order.election or "",
        "without": "\n".join(sorted(order.without)),
        "capacity": wanted.capacity or "",
        "vehicle": trip.vehicle or "",
        "driver": trip.driver or "",
        "leaves": time(trip.leaves_ms),
        "arrives": time(trip.arrives_ms),
    }


def _order(leg: Leg) -> tuple[OpeningOrder, int | None]:
    """What the form asks for, and the truck's capacity.

    Raises:
        OperationRefused: a time or the capacity is none.
        PaperError: an exception is no item.
    """
    form = request.form
    chosen = form.getlist("kinds")
    if not set(chosen) <= set(Ballot):
        abort(400)
    election = form.get("election") or None
    if election is not None and election not in registry.elections(context.db()):
        abort(400)
    codes = filter(None, _BETWEEN.split(form.get("without", "")[:LONGEST_TEXT]))
    return OpeningOrder(
        area=form.get("area", ""),
        leg=leg,
        kinds=[ballot for ballot in Ballot if ballot in chosen],
        kindless="kindless" in form,
        election=election,
        returned="returned" in form,
        without=frozenset(selection.item_of(code) for code in codes),
        trip=Trip(
            vehicle=" ".join(form.get("vehicle", "").upper().split()) or None,
            driver=" ".join(form.get("driver", "").split()) or None,
            leaves_ms=_moment("leaves"),
            arrives_ms=_moment("arrives"),
        ),
    ), _capacity()


def _capacity() -> int | None:
    text = request.form.get("capacity", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < len("100000")):
        message = f"Expected a capacity in boxes, got {text[:20]!a}."
        raise OperationRefused(
            RefusalReason.WRONG_COUNT, message, most=truck_plan.MOST_BOXES
        )
    return int(text)


def _moment(name: str) -> int | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return moment(text, context.services().settings.zone)
    except ValueError as error:
        message = f"Expected a date and a time, got {text[:40]!a}."
        raise OperationRefused(
            RefusalReason.NO_MOMENT, message, got=text[:40]
        ) from error


def _loading_gate(name: str) -> GateSettings:
    gate, _ = context.work_or_403(name)
    if gate.step is not Step.LOADING:
        message = f"Gate {name} is not for loading."
        raise OperationRefused(RefusalReason.WRONG_STEP, message)
    return gate
