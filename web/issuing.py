"""Register bundles (ikat) and cartons (dus), so that their labels can be printed."""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request, url_for

from labels.label_code import ItemKind
from station.custody import registry
from station.custody.labelling import bundles_and_cartons
from station.errors import StationError
from web import context, error_pages, print_form
from web.wording import error_sentences

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from station.custody.labelling.selection import Selection

pages = Blueprint("issuing", __name__)

KINDS = (ItemKind.BUNDLE, ItemKind.CARTON)


@pages.get("/label/daftarkan")
def page() -> str:
    """How many packages are to be registered. Query: as the Label page, ``kind``."""
    return _page()


@pages.post("/label/daftarkan")
def register() -> ResponseReturnValue:
    """Register them. Form: as ``page``, and ``count`` as it was shown."""
    shown = request.form.get("count", default=0, type=int)
    try:
        kind, chosen = _chosen()
        context.services().print_queue.register(kind, chosen, shown, context.actor())
    except StationError as error:
        return _page(error_sentences.of_error(error)), error_pages.CONFLICT
    chose = {"asked": "1", "kind": kind.value, "missing": "1"}
    for name in ("kec", "kel", "tps", "ballot", "election"):
        if request.form.get(name):
            chose[name] = request.form[name]
    address = f"{url_for('label_printing.page')}?{urllib.parse.urlencode(chose)}"
    return redirect(address, 303)


def _page(trouble: str = "") -> str:
    db, settings = context.db(), context.services().settings
    many = 0
    values = request.values
    try:
        kind, chosen = _chosen()
        many = bundles_and_cartons.count(
            bundles_and_cartons.proposed(
                db, kind, chosen, settings.election, settings.home
            )
        )
    except StationError as error:
        trouble = trouble or error_sentences.of_error(error)
    kec = values.get("kec", "")
    return render_template(
        "issue.html",
        values=values,
        kinds=KINDS,
        kind=values.get("kind", ItemKind.BUNDLE.value),
        kecamatan=registry.kecamatan(db),
        kelurahan=registry.within(db, kec) if kec else [],
        ballots=registry.kinds(db),
        elections=registry.elections(db),
        election=settings.election,
        count=many,
        most=bundles_and_cartons.MOST,
        trouble=trouble,
    )


def _chosen() -> tuple[ItemKind, Selection]:
    """What the form asks for.

    Raises:
        PaperError: an area or TPS is none.
    """
    values = request.values
    kind = values.get("kind", ItemKind.BUNDLE.value)
    if kind not in set(KINDS):
        abort(400)
    given = {name: values[name].strip() for name in values if values[name].strip()}
    return ItemKind(kind), print_form.chosen(given)
