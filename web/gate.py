"""The gate room (gerbang): the screen at a gate and the acts of who works there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    redirect,
    render_template,
    url_for,
)

from station.custody import registry
from station.custody.accounts.who_may_sign import WORKS
from station.custody.gate import bring_back
from station.custody.gate import panel as panels
from station.custody.load import (
    items_on_truck,
    missing_by_kind,
    missing_items,
    open_load,
)
from station.ledger import log
from station.model import Verdict
from station.roles import Role
from web import alarms, context, gate_idle, scan_view
from web.wording import (
    camera_help,
    entry_words,
    error_sentences,
    verdicts,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from werkzeug.wrappers import Response as BaseResponse

    from station.custody.gate.panel import Panel
    from station.custody.gate.scan_line import ScanLine
    from station.custody.load import MissingLine
    from station.settings.gates_and_legs import GateSettings

pages = Blueprint("gate", __name__)


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
    words = {verdict: str(text.word) for verdict, text in verdicts.VERDICT.items()}
    hints = {key: str(text) for key, text in scan_view.HINTS.items()}
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
        "held": scan_view.view_of(hold, shown, zone) if hold else None,
        "last": last,
        "told": scan_view.view_of(last, shown, zone) if last else None,
        "scan_words": scan_view,
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
    text = alarms.now()
    cameras = [c for c in context.services().cameras() if c.gate == shown.gate]
    if shown.load is not None and shown.shift is None and cameras:
        text.append(str(error_sentences.NO_SHIFT))
    return text


def _looked_at(name: str) -> dict[str, Any] | None:
    """The item in front of a gate where nothing is open, and its last entry."""
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
