"""Condition of boxes and the seals on them (kondisi dan segel), at one gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from labels.label_code import SCHEME, LabelError
from station.custody.entry_data.words import Condition
from station.custody.gate import seals_and_condition
from station.custody.gate.seals_and_condition import Inspection
from station.custody.labelling import selection
from station.custody.load import open_load
from station.errors import StationError
from web import context, error_pages
from web.wording import error_sentences

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from station.settings.gates_and_legs import GateSettings

pages = Blueprint("condition", __name__)

_LISTED = 40


@pages.get("/gerbang/<name>/kondisi")
def page(name: str) -> str:
    """What was counted last, and the form. Query: ``item``, to be told of."""
    gate, _ = context.work_or_403(name)
    return _page(gate)


@pages.post("/gerbang/<name>/kondisi")
def record(name: str) -> ResponseReturnValue:
    """Record what was seen. Form: ``item``, ``condition``, ``seals``, ``note``.

    File ``photo``: a picture of the box, kept as evidence.
    """
    gate, line = context.work_or_403(name)
    try:
        # One of our labels as scanned, or what stands under it, or the item's id.
        item = _item(request.form.get("item", ""))
        looked = Inspection(
            condition=Condition(request.form.get("condition", "")),
            seals=seals_and_condition.parse_seals(request.form.get("seals", "")),
            note=request.form.get("note", "").strip(),
        )
        line.inspect(item, looked, context.actor(), _photo())
    except (StationError, LabelError) as error:
        return _page(gate, error_sentences.of_error(error)), error_pages.CONFLICT
    except ValueError:
        return _page(gate, str(error_sentences.NO_CONDITION)), error_pages.CONFLICT
    return redirect(url_for("condition.page", name=name, tercatat=item), 303)


def _page(gate: GateSettings, trouble: str = "") -> str:
    db = context.fresh_db()
    load = open_load(db, gate.name)
    lines = [] if load is None else seals_and_condition.newest(db, gate, load, _LISTED)
    bare = seals_and_condition.bare(db, gate, load) if load is not None else []
    names = [line.item for line in lines]
    wanted = request.values.get("item", "")
    if not wanted and names:
        wanted = (bare or names)[0].item.id
    shown = next(
        (line for line in lines if wanted in {line.item.item.id, line.item.hri}), None
    )
    return render_template(
        "condition.html",
        gate=gate,
        load=load,
        lines=lines,
        bare=bare,
        shown=shown,
        values=request.form,
        item=wanted if shown is None else shown.item.hri,
        done=request.args.get("tercatat", ""),
        trouble=trouble,
    )


def _item(text: str) -> str:
    if text.strip().upper().startswith(SCHEME):
        found = context.services().print_queue.resolve(context.db(), text)
        return found.item.id
    return selection.item_of(text)


def _photo() -> bytes | None:
    upload = request.files.get("photo")
    data = b"" if upload is None else upload.read()
    return context.services().decode_photo(data).jpeg if data else None
