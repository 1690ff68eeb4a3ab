"""The pages of a station: ``create_app`` puts the rooms and their guards together."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, g, request
from flask_babel import Babel, get_locale
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from station.model import system_clock
from web import (
    access,
    account,
    alarms,
    auth,
    board,
    closing,
    condition,
    consignment_page,
    consignments,
    context,
    correction,
    error_pages,
    found_afterwards,
    gate,
    gate_acts,
    health,
    help_pages,
    issuing,
    items,
    label_printing,
    live,
    old_addresses,
    paper_fallback,
    passed_undecided,
    people,
    plan_import,
    relabel,
    second_person,
    shift,
    trips,
    trucks,
)
from web.wording import dates, item_names, place_names, terms, verdicts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response

    from station.model import Clock
    from web.services import Services

FORM_BYTES = 64 * 1024
PHOTO_BYTES = 12 * 1024 * 1024
LARGER: Mapping[str, int] = {
    "gate_acts.photo": PHOTO_BYTES,
    "condition.record": PHOTO_BYTES,
    "plan_import.receive": plan_import.UPLOAD_BYTES,
    # A word for each of 3,800 missing boxes.
    "closing.close": 512 * 1024,
}
"""Endpoints that take more than a form, in bytes."""
YEAR_S = 31_536_000
ROOMS = (
    auth,
    account,
    gate,
    gate_acts,
    shift,
    live,
    consignments,
    consignment_page,
    closing,
    trips,
    trucks,
    found_afterwards,
    paper_fallback,
    second_person,
    correction,
    board,
    passed_undecided,
    condition,
    items,
    people,
    plan_import,
    label_printing,
    issuing,
    relabel,
    help_pages,
    health,
)
GUESSES: Mapping[str, str] = {
    "auth.sign_in": "30/minute",
    "auth.once": "30/minute",
    "account.password": "10/minute",
    "account.pin": "10/minute",
    "second_person.sign": "30/minute",
    "shift.hand_over": "30/minute",
}
"""Where secrets are typed, and how often from one address."""

POLICY = (
    "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class _Jejak(Flask):
    """Flask, but browsers keep a static file only where its address names its content.

    A module that another module imports has no such address.
    """

    def get_send_file_max_age(  # noqa: PLR6301, RUF100 - Flask's own method
        self,
        filename: str | None,  # noqa: ARG002 - the address decides
    ) -> int | None:
        """A year, in seconds, for an address with a version; else ask each time."""
        return YEAR_S if "v" in request.args else None


def create_app(
    services: Services,
    clock: Clock = system_clock,
    rules: Mapping[str, access.Rule] = access.ACCESS,
) -> Flask:
    """The WSGI app of this station; it reads the ledger and asks lines to write it.

    Give it at least 16 threads: a gate's page holds one for its events and one for
    its picture (``live`` caps the first).

    Raises:
        StationError: an endpoint has no access rule, or a rule no endpoint.
    """
    app = _Jejak(__name__)
    _configure(app, services)
    app.extensions[context.SERVICES] = services
    app.extensions[context.CLOCK] = clock
    Babel(app, locale_selector=auth.spoken)
    # Before CSRFProtect, which reads the form and with it the body.
    app.before_request(_limit_body)
    # Before CSRFProtect too: who may not come in learns nothing about forms.
    auth.guard(app, rules)
    CSRFProtect(app)
    app.after_request(_guard)
    app.teardown_appcontext(_close)
    error_pages.add_handlers(app)
    _furnish(app, services.settings.zone)
    for room in ROOMS:
        app.register_blueprint(room.pages)
    old_addresses.add_to(app)
    _slow_down(app)
    access.check(app, rules)
    return app


def _configure(app: Flask, services: Services) -> None:
    """Sessions, host names and limits, as station.toml has them."""
    settings = services.settings
    app.config.update(
        SECRET_KEY=services.secret_key,
        # Two stations on one machine share a host name, not a session.
        SESSION_COOKIE_NAME=f"jejak_{settings.port}",
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=settings.web.tls,
        TRUSTED_HOSTS=["127.0.0.1", "localhost", *settings.web.hosts],
        MAX_CONTENT_LENGTH=FORM_BYTES,
        # A gate's page stays open for a whole shift; the session ends with the
        # browser.
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="id",
    )
    if settings.web.tls:
        # One proxy, on this machine: only its word on who asks is believed.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]


def _furnish(app: Flask, zone: str) -> None:
    """What templates use: words, dates, versioned addresses, the bar."""
    dates.add_filters(app, zone)
    app.jinja_env.globals.update(
        wording=terms,
        verdicts=verdicts,
        places=place_names,
        naming=item_names,
        static=_versions(app),
    )
    app.context_processor(_bar)


def _slow_down(app: Flask) -> None:
    """Cap how often one address may guess; accounts are locked one by one besides."""
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    for endpoint, limit in GUESSES.items():
        view: Callable[..., Any] = limiter.limit(limit)(app.view_functions[endpoint])
        app.view_functions[endpoint] = view


def _limit_body() -> None:
    larger = LARGER.get(request.endpoint or "")
    if larger is not None:
        request.max_content_length = larger


def _guard(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers.setdefault("Cache-Control", "no-store")
    return response


def _close(_: BaseException | None) -> None:
    connection = g.pop("db", None)
    if connection is not None:
        connection.close()


def _versions(app: Flask) -> Any:  # noqa: ANN401 - a Jinja global, called by name
    folder = Path(app.static_folder or "")
    versions = {
        file.relative_to(folder).as_posix(): hashlib.sha256(
            file.read_bytes()
        ).hexdigest()[:12]
        for file in folder.rglob("*")
        if file.is_file()
    }

    def static(name: str) -> str:
        return f"{app.static_url_path}/{name}?v={versions[name]}"

    return static


def _bar() -> dict[str, Any]:
    services = context.services()
    return {
        "settings": services.settings,
        "alarms": alarms.now(),
        "now_ms": context.now_ms(),
        "role": context.role(),
        "may": auth.may,
        "person": context.person,
        "languages": auth.LANGUAGES,
        "language": str(get_locale() or "id"),
        "help_page": help_pages.matching,
    }
