"""The plan room (rencana): files come in, are shown as a dry run, and are recorded."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from station.custody.plan import dry_run, import_history
from station.custody.plan.record_plan import Upload, news
from station.intake.problem import SENTENCES, ProblemKind, Weight
from station.intake.problem_groups import grouped
from station.intake.uploaded_file import SUFFIXES
from station.language import Text
from station.runtime.plan_imports import ImportStage
from web import context, label_printing
from web.wording import label_words
from web.wording.gettext import gettext, translated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response as BaseResponse

from station.runtime.plan_imports import DryRun, ImportView

pages = Blueprint("plan_import", __name__)

UPLOAD_BYTES = 20 * 1024 * 1024
"""Of all files sent at once; Kab. Bogor's plan is about 1 MB."""
MOST_FILES = 50
PAGE = 50
"""Rows of a list on one page."""
VIEWS = ("problems", "changed", "new", "left", "read")
_DRAFT = re.compile(r"[\w-]{8,40}", re.ASCII)
_FACT = re.compile(r"%\(\w+\)s")
_LONGEST_QUERY = 80


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of one list of a dry run."""

    view: str
    rows: Sequence[Any]
    found: int
    """How many rows fit the search."""
    page: int
    pages: int


@pages.get("/rencana")
def page() -> str:
    """Send files, and what was recorded before."""
    return _page()


@pages.post("/rencana/kirim")
def receive() -> ResponseReturnValue:
    """Take files in. Form: ``draft``, ``files`` one or more."""
    draft = _draft(request.form.get("draft", ""))
    sent = [file for file in request.files.getlist("files") if file.filename]
    if not 1 <= len(sent) <= MOST_FILES:
        trouble = gettext(
            "Belum ada yang dibaca. Pilih 1 sampai %(most)s berkas %(forms)s.",
            most=MOST_FILES,
            forms=", ".join(SUFFIXES),
        )
        return _page(trouble), 409
    files = []
    for file in sent:
        files.append(Upload(str(file.filename), file.read()))
        file.close()
    context.services().plans.receive(draft, files)
    return redirect(url_for("plan_import.draft", draft=draft), 303)


@pages.get("/rencana/<draft>")
def draft(draft: str) -> str:
    """A plan: being read, as a dry run, or what it became.

    Query: ``view`` of ``VIEWS``, ``q`` words, ``weight``, ``page`` from 1, ``all``.
    """
    return render_template("plan_draft.html", **_state(draft))


@pages.get("/rencana/<draft>/keadaan")
def draft_state(draft: str) -> str:
    """What a page that waits asks for: how far the work is."""
    return render_template("plan_step.html", **_step(_found(draft)))


@pages.post("/rencana/<draft>/catat")
def record(draft: str) -> BaseResponse:
    """Record a plan as it was shown. Form: ``digest``, ``good_rows`` yes or no."""
    found = _found(draft)
    context.services().plans.record(
        found.id,
        request.form.get("digest", ""),
        context.actor(),
        good_rows=request.form.get("good_rows") == "yes",
    )
    return redirect(url_for("plan_import.draft", draft=draft), 303)


@pages.get("/rencana/entri/<int:seq>")
def recorded(seq: int) -> str:
    """An import as the ledger holds it; 404 where the entry begins none."""
    found = import_history.plan(context.db(), seq) if seq < 2**62 else None
    if found is None:
        abort(404)
    held = [
        (file, sheet, row, _expected(trouble))
        for file, sheet, row, trouble in found.held
    ]
    return render_template("plan_recorded.html", plan=found, held=held)


def _expected(trouble: str) -> str:
    """What was expected; its facts are not in the entry."""
    known = trouble in set(ProblemKind)
    if not known:
        return ""
    return _FACT.sub("…", translated(Text(SENTENCES[ProblemKind(trouble)][0])))


def _page(trouble: str = "") -> str:
    db = context.db()
    return render_template(
        "plan.html",
        election=context.services().settings.election,
        draft=secrets.token_urlsafe(12),
        forms=SUFFIXES,
        plans=import_history.plans(db)[:10],
        waiting=dry_run.still_open(db),
        trouble=trouble,
    )


def _state(draft: str) -> dict[str, Any]:
    found = _found(draft)
    run = found.run
    listed = None if run is None else _listed(run)
    recorded = found.recorded
    db = context.db()
    entry = (
        import_history.plan(db, recorded.first)
        if recorded is not None and recorded.first is not None
        else None
    )
    return {
        **_step(found),
        "run": run,
        "listed": listed,
        "views": _counts(run) if run else {},
        "election": context.services().settings.election,
        "words": label_words,
        "query": _query(),
        "entry": entry,
        "problems": len(grouped(run.plan.problems)) if run else 0,
        "held_rows": run.plan.held_rows if run else 0,
        # Looked up on the dry run alone: it may read every import there was.
        "news": found.stage is ImportStage.SHOWN
        and run is not None
        and news(db, run.plan, run.change),
        "everything": "all" in request.args,
        "name_of": lambda code: _name(run, code),
    }


def _step(found: ImportView) -> dict[str, Any]:
    return {
        "draft": found,
        "stage": label_words.PLAN_STAGE[found.stage],
        "step_words": label_words.STEP[found.step.name],
        "busy": found.stage in {ImportStage.READING, ImportStage.RECORDING},
        "trouble": ""
        if found.fault is None
        else label_printing.failure_sentence(found.fault),
    }


def _name(run: DryRun | None, code: str) -> str:
    """The name of an area or of a TPS's kelurahan, as the files or we have it."""
    area = code.partition("/")[0]
    if run is None:
        return area
    ours = run.plan.areas.get(area)
    return ours.name if ours else run.known.get(area, area)


def _query() -> dict[str, str]:
    view = request.args.get("view", "")
    weight = request.args.get("weight", "")
    return {
        "view": view if view in VIEWS else "",
        "q": request.args.get("q", "").strip()[:_LONGEST_QUERY],
        "weight": weight if weight in set(Weight) else "",
    }


def _lists(run: DryRun) -> dict[str, list[Any]]:
    """The rows of each list of a dry run, in the order of the files."""
    plan, change = run.plan, run.change
    return {
        "problems": grouped([*plan.problems, *plan.notes]),
        "changed": list(change.changes),
        "new": [*change.new_areas, *change.new_stations],
        "left": [
            *(("open", one) for one in plan.waiting),
            *(("special", one) for one in change.special),
            *(("surplus", one) for one in change.surplus),
            *(("absent", one) for one in change.absent),
        ],
        "read": list(plan.readings),
    }


def _counts(run: DryRun) -> dict[str, int]:
    return {view: len(rows) for view, rows in _lists(run).items()}


def _listed(run: DryRun) -> Listed:
    lists, query = _lists(run), _query()
    # What is wrong comes first, then what would change, then what is new.
    first = next((view for view in VIEWS if lists[view]), "read")
    view = query["view"] or first
    words = query["q"].casefold().split()
    rows = [
        row
        for row in lists[view]
        if (not query["weight"] or getattr(row, "weight", None) == query["weight"])
        and _has(row, words, run)
    ]
    pages = max(1, -(-len(rows) // PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    shown = rows if "all" in request.args else rows[(page - 1) * PAGE : page * PAGE]
    return Listed(view, shown, len(rows), page, pages)


def _has(row: object, words: Sequence[str], run: DryRun) -> bool:
    """True where every word is somewhere in the row."""
    if not words:
        return True
    what = getattr(row, "what", getattr(row, "area", ""))
    text = f"{row} {getattr(row, 'id', '')} {_name(run, str(what))}".casefold()
    return all(word in text for word in words)


def _found(draft: str) -> ImportView:
    found = context.services().plans.draft(_draft(draft))
    if found is None:
        abort(404)
    return found


def _draft(text: str) -> str:
    if not _DRAFT.fullmatch(text):
        abort(400)
    return text
