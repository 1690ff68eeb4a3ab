"""The accounts room (orang), for the administrator alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request, url_for

from station.custody.accounts import directory
from station.custody.accounts.directory import Newcomer
from station.errors import OperationRefused
from station.roles import Role
from web import context
from web.wording import error_sentences

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from werkzeug.wrappers import Response as BaseResponse

pages = Blueprint("people", __name__)

_CONFLICT = 409


@pages.get("/orang")
def page() -> str:
    """Everybody, and the form that adds somebody."""
    return _page()


@pages.post("/orang")
def enrol() -> ResponseReturnValue:
    """Add somebody. Form: ``name``, ``badge``, ``login``, ``role``.

    The answer shows the one-time code: it is in no address, no cookie and no log,
    and is gone when the page is.
    """
    newcomer = Newcomer(
        name=request.form.get("name", ""),
        role=_role(),
        badge=request.form.get("badge", "").strip() or None,
        login=request.form.get("login", "").strip().casefold(),
    )
    try:
        person, code = context.services().office.enrol(newcomer, context.actor())
    except OperationRefused as refusal:
        return _page(
            trouble=error_sentences.of_error(refusal), typed=newcomer
        ), _CONFLICT
    return _page(code=(person, code))


@pages.post("/orang/<person>/peran")
def role(person: str) -> BaseResponse:
    """Change a role. Form: ``role``."""
    context.services().office.change_role(person, _role(), context.actor())
    return redirect(url_for("people.page"), 303)


@pages.post("/orang/<person>/kode")
def code(person: str) -> str:
    """Give somebody a one-time code in place of the password; shown once."""
    _person_or_404(person)
    made = context.services().office.give_code(person, context.actor())
    return _page(code=(person, made))


@pages.post("/orang/<person>/lupakan")
def erase(person: str) -> BaseResponse:
    """Erase a person from the directory. Form: ``sure`` yes."""
    if request.form.get("sure") != "yes":
        abort(400)
    context.services().office.erase(person, context.actor())
    return redirect(url_for("people.page"), 303)


def _role() -> Role:
    chosen = request.form.get("role", "")
    if chosen not in set(Role):
        abort(400)
    return Role(chosen)


def _person_or_404(person: str) -> None:
    if directory.role(context.db(), person) is None:
        abort(404)


def _page(
    trouble: str = "",
    code: tuple[str, str] | None = None,
    typed: Newcomer | None = None,
) -> str:
    # After an act this request's connection may still see the moment before it.
    roll = directory.roll(context.fresh_db())
    return render_template(
        "people.html",
        roll=roll,
        trouble=trouble,
        code=code,
        typed=typed,
        me=context.actor(),
    )
