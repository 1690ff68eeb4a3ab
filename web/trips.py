"""The trip of a consignment (perjalanan): entered, corrected, printed, cancelled."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    abort,
    redirect,
    render_template,
    request,
    url_for,
)

from station.custody.accounts.who_may_sign import WORKS
from station.custody.consignment import split_stations, trip_details
from station.custody.consignment.trip_details import Trip
from station.custody.load import find_load
from station.errors import OperationRefused, RefusalReason
from station.model import Phase
from station.roles import Act
from station.zone import local, moment
from web import context, error_pages, second_person
from web.context import attached
from web.wording import error_sentences
from web.wording.gettext import gettext

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response as BaseResponse

    from station.custody.load import Load

pages = Blueprint("trips", __name__)

LONGEST_REASON = 500
TIMES = ("leaves_ms", "arrives_ms")
COVER = "rain_cover"


@pages.get("/surat-jalan/<consignment>/perjalanan")
def page(consignment: str) -> str:
    """Trip details, with the form to edit or correct them."""
    return _page(_load_or_404(consignment))


def _page(load: Load, trouble: str = "") -> str:
    """The page; with trouble, the form as it was filled in."""
    db, zone = context.db(), context.services().settings.zone
    consignment = load.id
    trip = trip_details.current(db, consignment)
    values = {name: _shown(name, value, zone) for name, value in _parts(trip)}
    if trouble:
        values = {name: request.form.get(name, "") for name in values}
    return render_template(
        "trip.html",
        load=load,
        values=values,
        seen=trip_details.seq_of(db, consignment),
        told=request.args.get("tercatat") == "1",
        backwards=_is_backwards(trip),
        splits=split_stations.split(db, load),
        trouble=trouble,
        reason=request.form.get("reason", ""),
        times=TIMES,
        cover=COVER,
        loading=load.phase is Phase.LOADING,
        may_tell=_may_tell(load),
        can_cancel=load.phase in {Phase.LOADING, Phase.DEPARTED}
        and context.may_ask(Act.CANCEL, load),
        version=trip_details.version(db, consignment),
    )


@pages.post("/surat-jalan/<consignment>/perjalanan/catat")
def record(consignment: str) -> ResponseReturnValue:
    """Record trip details. Form: the parts of ``Trip``; ``reason`` once it departed.

    ``seen`` is the entry of the trip that the form was filled with.

    Raises:
        OperationRefused: nothing differs, a part cannot be taken, or it was told anew
            meanwhile; told in the form where a person sees it.
    """
    load = _load_or_404(consignment)
    if not _may_tell(load):
        abort(403)
    try:
        return _tell(load, request.form.get("seen", type=int))
    except OperationRefused as refusal:
        if error_pages.wants_json():
            raise
        return _page(load, error_sentences.of_error(refusal)), error_pages.CONFLICT


def _may_tell(load: Load) -> bool:
    """True for who works where it is loaded; later for who may ask to put it right."""
    if load.phase is Phase.LOADING:
        return context.role() in WORKS[load.leg.source]
    return context.may_ask(Act.CORRECT_TRIP, load)


def _tell(load: Load, seen: int | None) -> ResponseReturnValue:
    office, trip = context.services().office, _told()
    if load.phase is Phase.LOADING:
        office.tell_trip(load.id, trip, context.actor(), seen)
        return redirect(url_for("trips.page", consignment=load.id, tercatat=1), 303)
    if seen not in {None, trip_details.seq_of(context.db(), load.id)}:
        message = f"The trip of {load.id} was put right meanwhile."
        raise OperationRefused(RefusalReason.CHANGED_MEANWHILE, message)
    asked = office.ask_trip(load.id, trip, _reason(), context.actor())
    return second_person.dialog(asked, url_for("trips.page", consignment=load.id))


def _is_backwards(trip: Trip) -> bool:
    """True if it would arrive before it leaves; the page shows a warning."""
    if trip.leaves_ms is None or trip.arrives_ms is None:
        return False
    return trip.arrives_ms <= trip.leaves_ms


@pages.post("/surat-jalan/<consignment>/batal")
def cancel(consignment: str) -> str:
    """Ask a second person to sign that it is given up. Form: ``reason``."""
    if not context.may_ask(Act.CANCEL, _load_or_404(consignment)):
        abort(403)
    asked = context.services().office.ask_cancel(
        consignment, _reason(), context.actor()
    )
    return second_person.dialog(asked, url_for("trips.page", consignment=consignment))


@pages.post("/surat-jalan/<consignment>/hapus-nama")
def forget(consignment: str) -> ResponseReturnValue:
    """Erase the names of driver, escort and others; hashes and entries stay.

    Form: ``sure``, since it cannot be undone.
    """
    load = _load_or_404(consignment)
    if request.form.get("sure") != "yes":
        trouble = gettext("Belum dihapus. Centang dulu bahwa nama boleh dihapus.")
        return _page(load, trouble), error_pages.CONFLICT
    context.services().office.forget_trip_names(consignment, context.actor())
    return redirect(url_for("trips.page", consignment=consignment), 303)


@pages.post("/surat-jalan/<consignment>/cetak")
def waybill(consignment: str) -> BaseResponse:
    """The waybill as PDF; that it was made is an entry."""
    _load_or_404(consignment)
    made = context.services().waybills.print(consignment, context.actor())
    name = f"surat-jalan-{made.number:04d}-v{made.version}.pdf"
    return attached(made.data, name)


def _load_or_404(consignment: str) -> Load:
    load = find_load(context.db(), consignment)
    if load is None:
        abort(404)
    return load


def _reason() -> str:
    return request.form.get("reason", "").strip()[:LONGEST_REASON]


def _parts(trip: Trip) -> list[tuple[str, Any]]:
    return [(part.name, getattr(trip, part.name)) for part in fields(trip)]


def _shown(name: str, value: Any, zone: str) -> str:  # noqa: ANN401 - any part
    """A part as a form's field holds it."""
    if value is None:
        return ""
    if name in TIMES:
        return f"{local(value, zone):%Y-%m-%dT%H:%M}"
    if name == COVER:
        return "yes" if value else "no"
    return str(value)


def _told() -> Trip:
    """The form as a trip.

    Raises:
        OperationRefused: a time is none.
    """
    zone = context.services().settings.zone
    parts: dict[str, Any] = {}
    for part in fields(Trip):
        text = " ".join(request.form.get(part.name, "").split())
        if not text:
            continue
        if part.name in TIMES:
            parts[part.name] = _moment(text, zone)
        elif part.name == COVER:
            parts[part.name] = text == "yes"
        else:
            # A number plate is written in capitals, as on the truck.
            parts[part.name] = text.upper() if part.name == "vehicle" else text
    return Trip(**parts)


def _moment(text: str, zone: str) -> int:
    try:
        return moment(text, zone)
    except ValueError:
        message = f"Expected a date and a time, got {text[:40]!r}."
        raise OperationRefused(
            RefusalReason.NO_MOMENT, message, got=text[:40]
        ) from None
