"""Closing what is open at a gate: what is missing, and the form to be signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from station.custody.consignment.opening import set_digest
from station.custody.gate.closing import Closing
from station.custody.load import missing_items, open_load
from station.errors import OperationRefused, RefusalReason
from station.model import Disposition, Step
from web import context, error_pages, second_person
from web.wording import error_sentences, refusals

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response as BaseResponse

    from station.custody.load import Load
    from station.settings.gates_and_legs import GateSettings

pages = Blueprint("closing", __name__)

LONGEST_REASON = 500


@pages.get("/gerbang/<name>/tutup")
def page(name: str) -> BaseResponse | str:
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
        OperationRefused: it cannot be closed so; shown in the form.
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
        # The dispositions were chosen for another list of missing items.
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
    return second_person.dialog(asked, url_for("closing.page", name=name))


def _shown(load: Load) -> str:
    """A digest of what is missing: which list a form was filled in for."""
    missing = missing_items(context.db(), load)
    return set_digest(line.item.item.id for line in missing)


def _dispositions(gate: GateSettings, load: Load) -> dict[str, Disposition]:
    """The disposition that the form gives each missing item."""
    if gate.step is not Step.LOADING:
        return {}
    dispositions = {}
    for line in missing_items(context.db(), load):
        item = line.item.item.id
        chosen = request.form.get(f"of-{item}") or request.form.get("all", "")
        if chosen in set(Disposition):
            dispositions[item] = Disposition(chosen)
    return dispositions


def _to_gate(name: str) -> BaseResponse:
    return redirect(url_for("gate.page", name=name), 303)
