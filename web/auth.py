"""The door room (masuk): signing in and out, the language, and who is asked in."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from station.errors import OperationRefused
from web import access, context, error_pages
from web.wording import error_sentences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask, Response
    from werkzeug.wrappers import Response as BaseResponse

    from station.custody.accounts.sessions import Visitor
    from station.roles import Role

pages = Blueprint("auth", __name__)

LANGUAGES: Mapping[str, str] = {"id": "Bahasa Indonesia", "en": "English"}
LANGUAGE = "jejak_bahasa"
"""The cookie that keeps the language; no secret."""
YEAR_S = 31_536_000
_ACCESS = "jejak.access"
_UNAUTHORISED, _FORBIDDEN = 401, 403
_CHOOSING = frozenset(
    {
        *("account.page", "account.password", "static"),
        *("auth.page", "auth.sign_in", "auth.sign_out", "auth.language"),
    }
)
"""Where somebody may be who came by a one-time code and has no password yet."""


class Guest(UserMixin):  # type: ignore[misc]  # no types are shipped
    """A visitor in the form that Flask-Login knows."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor

    def get_id(self) -> str:
        """The session's token; the cookie holds it, signed."""
        return self.visitor.token


def guard(app: Flask, rules: Mapping[str, access.Rule]) -> None:
    """Put the door in front of every page of this app."""
    app.extensions[_ACCESS] = rules
    manager = LoginManager(app)
    manager.user_loader(_guest)
    app.before_request(_admit)


def begin(token: str) -> None:
    """Put a new session in the place of whatever the browser had.

    Nothing of the old cookie stays: neither its token nor that of its forms.
    """
    visitor = context.services().authenticator.visitor(context.db(), token)
    if visitor is None:
        abort(500)
    session.clear()
    login_user(Guest(visitor))


@pages.get("/masuk")
def page() -> str:
    """The sign-in page, also after a session has ended."""
    return _form()


@pages.post("/masuk")
def sign_in() -> BaseResponse | tuple[str, int]:
    """Sign in. Form: ``login``, ``secret`` password or one-time code, ``next``."""
    login = request.form.get("login", "")
    try:
        token = context.services().authenticator.sign_in(
            login, request.form.get("secret", "")
        )
    except OperationRefused as refusal:
        return _form(error_sentences.of_error(refusal)), _UNAUTHORISED
    begin(token)
    return redirect(_next(), 303)


@pages.get("/sekali/<token>")
def once(token: str) -> BaseResponse:
    """Sign in by a token that this process made, once, at this machine.

    Spent at first sight and older than two minutes nothing, so what a history or a
    process list keeps of the address opens no door.
    """
    made = context.services().authenticator.enter_once(token) if at_machine() else None
    if made is None:
        return redirect(url_for("auth.page"), 303)
    begin(made)
    return redirect(url_for("gate.index"), 303)


@pages.post("/keluar")
def sign_out() -> BaseResponse:
    """Sign out; the shift at a gate goes on until it is handed over or ended."""
    visitor = context.visitor()
    context.services().authenticator.sign_out(visitor.token, visitor.person)
    logout_user()
    session.clear()
    return redirect(url_for("auth.page"), 303)


@pages.post("/bahasa")
def language() -> BaseResponse:
    """Choose the language of the pages. Form: ``language`` id or en, ``next``."""
    chosen = request.form.get("language", "")
    if chosen not in LANGUAGES:
        abort(400)
    answer = redirect(_next(), 303)
    answer.set_cookie(
        LANGUAGE,
        chosen,
        max_age=YEAR_S,
        secure=context.services().settings.web.tls,
        httponly=True,
        samesite="Strict",
    )
    return answer


def spoken() -> str:
    """The language of this request, from the browser's cookie."""
    chosen = request.cookies.get(LANGUAGE, "id")
    return chosen if chosen in LANGUAGES else "id"


def may(endpoint: str) -> bool:
    """True if the person signed in may open this page."""
    rules: Mapping[str, access.Rule] = current_app.extensions[_ACCESS]
    return access.admits(rules[endpoint], context.role(), at_machine=at_machine())


def at_machine() -> bool:
    """True where the browser runs on this machine itself."""
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _admit() -> Response | BaseResponse | None:
    """Refuse anybody whom the table does not admit; before any view, also for HEAD."""
    rules: Mapping[str, access.Rule] = current_app.extensions[_ACCESS]
    if request.endpoint is None or request.endpoint not in rules:
        return None  # no such page: 404 or 405 is all that anybody learns
    rule = rules[request.endpoint]
    role: Role | None = None
    if current_user.is_authenticated:
        visitor = context.visitor()
        role = visitor.role
        if visitor.by_code and request.endpoint not in _CHOOSING:
            return redirect(url_for("account.page"), 303)
    if access.admits(rule, role, at_machine=at_machine()):
        if role is not None and not rule.waits:
            context.services().authenticator.touch(context.visitor())
        return None
    if role is not None:
        return error_pages.answer(str(error_sentences.HTTP[_FORBIDDEN]), _FORBIDDEN)
    if request.method == "GET" and not error_pages.wants_json() and not rule.waits:
        return redirect(url_for("auth.page", next=request.full_path.rstrip("?")), 303)
    return error_pages.answer(str(error_sentences.HTTP[_UNAUTHORISED]), _UNAUTHORISED)


def _guest(token: str) -> Guest | None:
    visitor = context.services().authenticator.visitor(context.db(), token)
    return None if visitor is None else Guest(visitor)


def _form(sentence: str = "") -> str:
    # The cookie is there, and nobody is behind it any more.
    over = "_user_id" in session and not current_user.is_authenticated
    return render_template(
        "sign_in.html", sentence=sentence, over=over, next=_next(default="")
    )


def _next(default: str = "/") -> str:
    """Where to go then: a path of this station, never another one's address."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if local and not (parts.scheme or parts.netloc) else default
