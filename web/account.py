"""One's own account (akun): password and PIN, chosen by nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from station.custody.accounts import credentials
from station.errors import OperationRefused, RefusalReason
from web import auth, context
from web.wording import error_sentences
from web.wording.gettext import gettext

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

pages = Blueprint("account", __name__)

_CONFLICT = 409


@pages.get("/akun")
def page() -> str:
    """Password and PIN of who is signed in."""
    return _form()


@pages.post("/akun/sandi")
def password() -> ResponseReturnValue:
    """Choose a password. Form: ``current`` where there is one, ``password``."""
    visitor, services = context.visitor(), context.services()
    chosen = request.form.get("password", "")
    try:
        if not visitor.by_code:
            _prove(request.form.get("current", ""))
        token = services.authenticator.set_password(visitor.person, chosen)
    except OperationRefused as refusal:
        return _form(trouble=error_sentences.of_error(refusal)), _CONFLICT
    auth.begin(token)
    return _form(done=gettext("Sandi baru berlaku. Sesi lain sudah diakhiri."))


@pages.post("/akun/pin")
def pin() -> ResponseReturnValue:
    """Choose a PIN for signing. Form: ``current`` the password, ``pin``."""
    try:
        _prove(request.form.get("current", ""))
        context.services().authenticator.set_pin(
            context.actor(), request.form.get("pin", "").strip()
        )
    except OperationRefused as refusal:
        return _form(trouble=error_sentences.of_error(refusal)), _CONFLICT
    return _form(done=gettext("PIN baru berlaku."))


def _prove(secret: str) -> None:
    """Let pass who knows the password of who is signed in.

    Raises:
        OperationRefused: it is wrong, or too many were wrong before.
    """
    person, door = context.actor(), context.services().authenticator
    login = credentials.login(context.db(), person)
    if login is None or door.prove(login, secret)[0] != person:
        raise OperationRefused(
            RefusalReason.WRONG_PASSWORD, "Expected one's own password."
        )


def _form(trouble: str = "", done: str = "") -> str:
    me = context.visitor()
    return render_template(
        "account.html",
        me=me,
        login=credentials.login(context.db(), me.person) or "",
        has_pin=credentials.has_pin(context.db(), me.person),
        trouble=trouble,
        done=done,
        shortest=credentials.SHORTEST_PASSWORD,
        digits=credentials.PIN_DIGITS,
    )
