"""The gate room (gerbang): the screen at a gate and the acts of who works there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    abort,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from labels.label_code import is_manifest, parse_typed
from labels.trial_label import trial_item
from station.custody import registry
from station.custody.accounts.who_may_sign import WORKS
from station.custody.entry_data.words import AcknowledgeReason, TakeOff
from station.custody.gate import bring_back
from station.custody.gate import panel as panels
from station.custody.load import (
    items_on_truck,
    missing_by_kind,
    missing_items,
    open_load,
)
from station.errors import OperationRefused, RefusalReason
from station.ledger import log
from station.model import Role, ScanSource, Verdict
from web import alarms, context, error_pages, gate_idle, manifest_scan, scan_view
from web.wording import (
    camera_help,
    entry_words,
    error_sentences,
    item_names,
    verdicts,
)
from web.wording.gettext import gettext

if TYPE_CHECKING:
    from collections.abc import Iterable

    from werkzeug.wrappers import Response as BaseResponse

    from station.custody.gate.panel import Panel
    from station.custody.gate.scan_line import ScanLine
    from station.custody.gate.scanning import Outcome
    from station.custody.load import MissingLine
    from station.settings.gates_and_legs import GateSettings

pages = Blueprint("gate", __name__)

LONGEST_TEXT = 4_296
"""Characters that the largest QR symbol can hold."""
LONGEST_NOTE = 500


@pages.get("/")
def index() -> BaseResponse | str:
    """The only gate, or the list of gates; the board for who has no gate."""
    if context.role() is Role.OBSERVER:
        return redirect(url_for("board.page"), 303)
    gates = context.services().settings.gates
    if len(gates) == 1:
        return redirect(url_for("gate.page", name=gates[0].name), 303)
    return render_template("gates.html", gates=gates)


@pages.get("/gerbang")
def gates() -> str:
    """The list of gates."""
    return render_template("gates.html", gates=context.services().settings.gates)


@pages.get("/gerbang/<name>")
def page(name: str) -> str:
    """The whole screen of a gate."""
    gate, _ = context.gate_or_404(name)
    words = {verdict: str(told.word) for verdict, told in verdicts.VERDICT.items()}
    hints = {key: str(told) for key, told in scan_view.HINTS.items()}
    return render_template(
        "gate.html", **_scene(gate), words=words, hints=hints, seeing=camera_help
    )


@pages.get("/gerbang/<name>/panel")
def panel(name: str) -> str:
    """All of the screen that changes, to be put in place of what is there."""
    gate, _ = context.gate_or_404(name)
    return render_template("gate_panel.html", **_scene(gate))


@pages.get("/gerbang/<name>/kurang")
def missing(name: str) -> str:
    """The missing list, by kelurahan and TPS; in place of the right column."""
    gate, _ = context.gate_or_404(name)
    load = open_load(context.db(), gate.name)
    lines = [] if load is None else missing_items(context.db(), load)
    return render_template(
        "gate_missing.html",
        gate=gate,
        load=load,
        groups=_by_place(lines),
    )


@pages.get("/gerbang/<name>/muat")
def loaded(name: str) -> str:
    """What is on the truck, newest first, each with a way to take it off again."""
    gate, _ = context.gate_or_404(name)
    load = open_load(context.db(), gate.name)
    lines = [] if load is None else items_on_truck(context.db(), load)
    return render_template(
        "gate_loaded.html",
        gate=gate,
        load=load,
        lines=lines,
        may_work=context.role() in WORKS[gate.at],
    )


@pages.post("/gerbang/<name>/pindai")
def scan(name: str) -> BaseResponse:
    """Record what a handheld scanner read or a person typed; a waybill is told of.

    Form: ``text``; ``source`` handheld or typed. A typed code is checked first: one
    that is mistyped never becomes a scan.
    """
    _, line = context.work_or_403(name)
    text = request.form.get("text", "").strip()
    if not text or len(text) > LONGEST_TEXT:
        abort(400)
    if is_manifest(text):
        return manifest_scan.told(text)
    if request.form.get("source") == ScanSource.TYPED:
        text, source = parse_typed(text).as_hri(), ScanSource.TYPED
    else:
        source = ScanSource.HANDHELD
    return _settled(name, [line.submit(text, source, context.actor())])


@pages.post("/gerbang/<name>/foto")
def photo(name: str) -> BaseResponse:
    """Record every label in an uploaded picture (form file ``photo``)."""
    _, line = context.work_or_403(name)
    services = context.services()
    upload = request.files.get("photo")
    if upload is None:
        abort(400)
    read = services.decode_photo(upload.read())
    texts = [text for text in read.texts if not is_manifest(text)]
    if not read.texts:
        return error_pages.refuse(str(error_sentences.NO_LABEL))
    if not texts:
        return manifest_scan.told(read.texts[0])
    outcomes = line.submit_all(texts, ScanSource.PHOTO, context.actor(), read.jpeg)
    return _settled(name, outcomes)


@pages.post("/gerbang/<name>/selesaikan")
def acknowledge(name: str) -> BaseResponse:
    """End a hold. Form: ``hold`` its entry, ``reason``, ``note``.

    Sent twice, or for a hold that somebody else ended, it changes nothing.

    Raises:
        OperationRefused: no reason was chosen, or the other reason was not written.
    """
    gate, line = context.work_or_403(name)
    hold = request.form.get("hold", type=int)
    reason = request.form.get("reason", "")
    note = request.form.get("note", "").strip()[:LONGEST_NOTE]
    if hold is None:
        abort(400)
    if hold not in panels.open_holds(context.db(), gate.name):
        return _done(name)
    if reason not in set(AcknowledgeReason) or (
        reason == AcknowledgeReason.OTHER and not _worded(note)
    ):
        raise OperationRefused(
            RefusalReason.REASON_NEEDED, "Expected a reason, got none."
        )
    line.acknowledge(hold, reason, note, context.actor())
    return _done(name)


@pages.post("/gerbang/<name>/turunkan")
def take_off(name: str) -> BaseResponse:
    """Take an item off the truck again. Form: ``item``, ``reason``, ``note``.

    Raises:
        OperationRefused: no reason was chosen, or it is not on the truck.
    """
    _, line = context.work_or_403(name)
    reason = request.form.get("reason", "")
    if reason not in set(TakeOff):
        raise OperationRefused(
            RefusalReason.REASON_NEEDED, "Expected a reason, got none."
        )
    if reason == TakeOff.OTHER:
        reason = request.form.get("note", "").strip()[:LONGEST_NOTE]
        if not _worded(reason):
            raise OperationRefused(
                RefusalReason.REASON_NEEDED, "Expected words, got none."
            )
    line.take_off(request.form.get("item", ""), reason, context.actor())
    return _done(name)


def _worded(note: str) -> bool:
    """True for a reason in words; a lone digit is a key that was meant to choose."""
    return any(letter.isalpha() for letter in note)


def _scene(gate: GateSettings) -> dict[str, Any]:
    db, services = context.db(), context.services()
    shown = panels.panel(db, gate)
    zone = services.settings.zone
    hold = shown.holds[0] if shown.holds else None
    last = _fresh(shown)
    cameras = [c for c in services.cameras() if c.gate == gate.name]
    may_work = context.role() in WORKS[gate.at]
    return {
        "gate": gate,
        "panel": shown,
        "hold": hold,
        "held": scan_view.tell(hold, shown, zone) if hold else None,
        "last": last,
        "told": scan_view.tell(last, shown, zone) if last else None,
        "telling": scan_view,
        "bring": bring_back.waiting(db, gate.name),
        "strangers": bring_back.strangers(db, gate.name),
        "idle": gate_idle.idle(shown, cameras, may_work=may_work),
        "cameras": cameras,
        "shift": shown.shift,
        "may_work": may_work,
        "alarms": _alarms(shown),
        "looked": None if shown.load else _looked_at(gate.name),
        "kinds": {} if shown.load is None else missing_by_kind(db, shown.load),
    }


def _alarms(shown: Panel) -> list[str]:
    """What is wrong with the station, and with this gate."""
    told = alarms.now()
    cameras = [c for c in context.services().cameras() if c.gate == shown.gate]
    if shown.load is not None and shown.shift is None and cameras:
        told.append(str(error_sentences.NO_SHIFT))
    return told


def _looked_at(name: str) -> dict[str, Any] | None:
    """What stands before a gate where nothing is open, and its last entry."""
    item_id = context.services().hub.looked_at(name)
    item = None if item_id is None else registry.item(context.db(), item_id)
    if item is None or item.item.last_seq is None:
        return None
    draft = log.entry(context.db(), item.item.last_seq).draft
    return {"item": item, "last": entry_words.event(draft), "entry": draft}


def _by_place(
    lines: Iterable[MissingLine],
) -> list[tuple[tuple[str, str | None], list[MissingLine]]]:
    """Missing lines under their (kelurahan, TPS), in the order they came."""
    groups: dict[tuple[str, str | None], list[MissingLine]] = {}
    for line in lines:
        place = line.item.place
        groups.setdefault((place.kelurahan or place.kecamatan, place.tps), []).append(
            line
        )
    return list(groups.items())


def _fresh(panel: Panel) -> ScanLine | None:
    """The newest scan of this gate, while it is new enough to be shown large."""
    line = panel.last
    if panel.load is None or line is None or line.undone:
        return None
    if line.entry.draft.consignment != panel.load.id or line.verdict not in {
        Verdict.ACCEPTED,
        Verdict.REPEATED,
    }:
        return None
    age = context.now_ms() - line.entry.entry_ms
    # Below 0 the clock was set back: what is old must not look new.
    return line if 0 <= age < scan_view.SHOWN_MS else None


def _settled(name: str, outcomes: list[Outcome]) -> BaseResponse:
    if any(outcome.waits for outcome in outcomes):
        return error_pages.refuse(str(error_sentences.UNDECIDED))
    undecided = [o for o in outcomes if o.decision.verdict is None]
    if not undecided or not error_pages.wants_json():
        verdicts = [o.decision.verdict for o in outcomes if o.decision.verdict]
        return _done(name, verdicts=verdicts)
    item = undecided[-1].decision.item
    if item is None:
        message = gettext("Bukan label kita. Tidak ada surat jalan terbuka.")
        return make_response(jsonify(message=message))
    if item == str(trial_item(context.services().settings.regency)):
        message = gettext("Label uji terbaca. Bukan kotak, jadi tidak dicatat.")
        return make_response(jsonify(message=message))
    message = gettext(
        "%(code)s. Tidak dicatat, karena tidak ada surat jalan terbuka.",
        code=item_names.printed(item),
    )
    return make_response(
        jsonify(message=message, link=url_for("items.history", item_id=item))
    )


def _done(name: str, **told: Any) -> BaseResponse:  # noqa: ANN401 - JSON
    return error_pages.done(url_for("gate.page", name=name), **told)
