"""The label room (label): what to print on what, the job, and what was printed."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from labels import sheets
from labels.label_code import LabelError
from station.custody import registry
from station.custody.entry_data.words import PrintForm
from station.custody.labelling import print_history
from station.errors import StationError
from station.runtime.print_job_view import FILE, PrintStage
from web import context
from web import print_form as asking
from web.context import PDF, attached
from web.wording import error_sentences, label_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

    from labels.stocks import Stock
    from station.runtime.print_job_view import PrintJobView
    from web.print_form import PrintQuery

pages = Blueprint("label_printing", __name__)

LONGEST_TARGET = 120
_JOBS = 20
_TICKET = re.compile(r"[\w-]{8,40}", re.ASCII)
_TYPES = {PrintForm.PDF: PDF, PrintForm.ZPL: "application/octet-stream"}


@dataclass(frozen=True, slots=True)
class Position:
    """A label's place on the picture of a sheet, in mm from its top left."""

    number: int
    left: float
    top: float
    state: str
    """``used``, ``label`` or ``blank``."""


@pages.get("/label")
def page() -> str:
    """Choose, see, print. Query: ``asked.FIELDS``."""
    return _page()


@pages.get("/label/pratinjau.png")
def preview() -> BaseResponse:
    """The first page as PNG; the browser keeps it as long as it is the same."""
    db, services = context.db(), context.services()
    wanted = asking.read(request.args, services.settings, db)
    digest, picture = services.print_queue.preview(db, wanted.request)
    response = make_response(picture)
    response.mimetype = "image/png"
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(digest)
    return response.make_conditional(request)


@pages.get("/label/uji.pdf")
def test_page() -> Response:
    """The test page of a stock: outlines and rulers."""
    wanted = asking.read(request.args, context.services().settings, context.db())
    data = sheets.ruler_page(wanted.stock, wanted.request.offset_mm)
    return attached(data, f"uji-{wanted.request.stock}.pdf")


@pages.post("/label/cetak")
def prepare() -> BaseResponse | tuple[str, int]:
    """Begin a job. Form: as ``page``, ``ticket`` and, printing again, ``reason``."""
    ticket, form = _ticket(request.form.get("ticket", "")), request.form
    services = context.services()
    try:
        reason = form.get("reason", "")
        wanted = asking.read(form, services.settings, context.db(), reason)
        wanted.check_reason()
    except (StationError, LabelError) as error:
        return _page(form, error_sentences.of_error(error)), 409
    services.print_queue.prepare(ticket, wanted.request, context.actor())
    return redirect(url_for("label_printing.job", ticket=ticket), 303)


@pages.get("/label/pekerjaan/<ticket>")
def job(ticket: str) -> str:
    """The state of a print job, and how to hand it over."""
    return render_template("label_job.html", **_state(ticket))


@pages.get("/label/pekerjaan/<ticket>/keadaan")
def job_state(ticket: str) -> str:
    """The part of that page that changes."""
    return render_template("label_job_state.html", **_state(ticket))


@pages.post("/label/pekerjaan/<ticket>/serahkan")
def hand_over(ticket: str) -> BaseResponse:
    """Hand a job over, once. Form: ``way`` file or printer, ``target`` of a printer."""
    found = _found(ticket)
    way = request.form.get("way")
    target = request.form.get("target", "").strip()[:LONGEST_TARGET]
    to_file = way == "file"
    context.services().print_queue.hand_over(
        ticket, FILE if to_file else target, context.actor()
    )
    taken = context.services().print_queue.file(ticket) is not None
    if to_file and taken and found.stage is PrintStage.READY:
        return redirect(url_for("label_printing.file", ticket=ticket), 303)
    return redirect(url_for("label_printing.job", ticket=ticket), 303)


@pages.get("/label/pekerjaan/<ticket>/berkas")
def file(ticket: str) -> Response:
    """The file of a job that was taken as one; its entry is recorded already."""
    found = _found(ticket)
    data = context.services().print_queue.file(ticket)
    if data is None:
        abort(404)
    form = found.request.form
    name = f"label-{found.request.stock}-{found.sha256[:8]}.{form.value}"
    return attached(data, name, _TYPES[form])


@pages.get("/label/cetakan")
def jobs() -> str:
    """What was printed, newest first. Query: ``before`` entry."""
    before = request.args.get("before", type=int)
    return render_template("label_jobs.html", jobs=_printed(before, _JOBS))


def _page(args: Mapping[str, str] | None = None, trouble: str = "") -> str:
    db, settings = context.db(), context.services().settings
    args = request.args if args is None else args
    blocked = ""
    try:
        wanted = asking.read(args, settings, db, args.get("reason", ""))
    except (StationError, LabelError) as error:
        blocked = error_sentences.of_error(error)
        wanted = asking.read_most(args, settings, db)
    kec = wanted.values.get("kec", "")
    fixed = wanted.request.selection.items
    return render_template(
        "label.html",
        asked=wanted,
        positions=_positions(wanted),
        stocks=settings.stocks,
        reaches=wanted.stock.reaches(),
        kecamatan=registry.kecamatan(db),
        kelurahan=registry.within(db, kec) if kec else [],
        ballots=registry.kinds(db),
        elections=registry.elections(db),
        kinds=registry.item_kinds(db),
        items=list(registry.items(db, fixed or ())),
        ticket=secrets.token_urlsafe(12),
        reason=args.get("reason", "")[: asking.LONGEST_REASON],
        trouble=trouble or blocked,
        blocked=bool(blocked),
        jobs=_printed(None, 5),
    )


def _positions(wanted: PrintQuery) -> list[Position]:
    """The places of the first sheet."""
    stock, skip = wanted.stock, wanted.request.skip
    found = []
    for number in range(stock.per_page):
        left, bottom = stock.corner_mm(number)
        state = "blank" if number >= skip + wanted.labels else "label"
        top = stock.page_mm[1] - bottom - stock.label_mm[1]
        found.append(Position(number, left, top, "used" if number < skip else state))
    return found


def _state(ticket: str) -> dict[str, Any]:
    found = _found(ticket)
    settings = context.services().settings
    stock = settings.stocks[found.request.stock]
    return {
        "job": found,
        "stock": stock,
        "words": label_words.STAGE[found.stage],
        "step": label_words.STEP[found.step.name],
        "sheets": _sheets(found, stock),
        "trouble": "" if found.fault is None else failure_sentence(found.fault),
        "busy": found.stage in {PrintStage.PREPARING, PrintStage.SENDING},
        "targets": print_history.targets(context.db(), 8),
        "as_file": found.target == FILE,
    }


def _sheets(found: PrintJobView, stock: Stock) -> int:
    return -(-(found.request.skip + found.labels) // stock.per_page)


def failure_sentence(fault: Exception) -> str:
    """The sentence of what went wrong in a thread of its own."""
    if isinstance(fault, StationError | LabelError):
        return error_sentences.of_error(fault)
    return str(error_sentences.HTTP[500])


def _printed(before: int | None, most: int) -> list[dict[str, Any]]:
    """The last jobs, each with its stock and how many pages it had."""
    stocks = context.services().settings.stocks
    told_: list[dict[str, Any]] = []
    for one in print_history.jobs(context.db(), before, most):
        stock = stocks.get(one.stock)
        told_.append(
            {
                "job": one,
                "stock": stock,
                "pages": one.pages(stock.per_page) if stock else 0,
            }
        )
    return told_


def _found(ticket: str) -> PrintJobView:
    found = context.services().print_queue.ticket(_ticket(ticket))
    if found is None:
        abort(404)
    return found


def _ticket(text: str) -> str:
    if not _TICKET.fullmatch(text):
        abort(400)
    return text
