"""The trip of a consignment (perjalanan): told, put right, printed, given up."""

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

from station.custody import panel, registry, trip
from station.custody.trip import Trip
from station.model import Phase, Refusal, RefusalCode
from station.zone import local, moment
from web import context, second
from web.attached import attached

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

    from station.custody.panel import Load

pages = Blueprint("trips", __name__)

LONGEST_REASON = 500
TIMES = ("leaves_ms", "arrives_ms")
COVER = "rain_cover"


@pages.get("/surat-jalan/<consignment>/perjalanan")
def page(consignment: str) -> str:
    """What is told of the trip, and the form that tells it anew or puts it right."""
    load = _load_or_404(consignment)
    db, zone = context.db(), context.services().settings.zone
    told = trip.current(db, consignment)
    return render_template(
        "trip.html",
        load=load,
        values={name: _shown(name, value, zone) for name, value in _parts(told)},
        times=TIMES,
        cover=COVER,
        loading=load.phase is Phase.LOADING,
        can_cancel=load.phase in {Phase.LOADING, Phase.DEPARTED},
        version=_version(consignment),
        destination=registry.area_name(db, load.destination),
    )


@pages.post("/surat-jalan/<consignment>/perjalanan/catat")
def tell(consignment: str) -> BaseResponse | str:
    """Tell the trip. Form: the parts of ``Trip``; ``reason`` once it departed.

    Raises:
        Refusal: nothing differs, or a part cannot be taken.
    """
    load = _load_or_404(consignment)
    office, told = context.services().office, _told()
    if load.phase is Phase.LOADING:
        office.tell_trip(consignment, told, context.actor())
        return redirect(url_for("trips.page", consignment=consignment), 303)
    asked = office.ask_trip(consignment, told, _reason(), context.actor())
    return second.dialog(asked, url_for("trips.page", consignment=consignment))


@pages.post("/surat-jalan/<consignment>/batal")
def cancel(consignment: str) -> str:
    """Ask a second person to sign that it is given up. Form: ``reason``."""
    _load_or_404(consignment)
    asked = context.services().office.ask_cancel(
        consignment, _reason(), context.actor()
    )
    return second.dialog(asked, url_for("trips.page", consignment=consignment))


@pages.post("/surat-jalan/<consignment>/hapus-nama")
def forget(consignment: str) -> BaseResponse:
    """Erase the names of driver, escort and others; hashes and entries stay."""
    _load_or_404(consignment)
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
    load = panel.load(context.db(), consignment)
    if load is None:
        abort(404)
    return load


def _reason() -> str:
    return request.form.get("reason", "").strip()[:LONGEST_REASON]


def _version(consignment: str) -> int:
    row = context.db().execute(
        "SELECT version FROM consignment WHERE id = ?", (consignment,)
    )
    return int(row.fetchone()["version"])


def _parts(told: Trip) -> list[tuple[str, Any]]:
    return [(part.name, getattr(told, part.name)) for part in fields(told)]


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
        Refusal: a time is none.
    """
    zone = context.services().settings.zone
    said: dict[str, Any] = {}
    for part in fields(Trip):
        text = " ".join(request.form.get(part.name, "").split())
        if not text:
            continue
        if part.name in TIMES:
            said[part.name] = _moment(text, zone)
        elif part.name == COVER:
            said[part.name] = text == "yes"
        else:
            said[part.name] = text
    return Trip(**said)


def _moment(text: str, zone: str) -> int:
    try:
        return moment(text, zone)
    except ValueError:
        message = f"Expected a date and a time, got {text[:40]!r}."
        raise Refusal(RefusalCode.WRONG_TIME, message, item=text[:40]) from None
