"""The pages of a station: ``create_app`` puts the rooms and their guards together."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, g, request
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect

from station.model import system_clock
from web import (
    board,
    consignments,
    context,
    errors,
    gate,
    health,
    items,
    live,
    moments,
    sentences,
    wording,
)

if TYPE_CHECKING:
    from flask import Response

    from station.model import Clock
    from web.services import Services

FORM_BYTES = 64 * 1024
PHOTO_BYTES = 12 * 1024 * 1024
YEAR_S = 31_536_000

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


def create_app(services: Services, clock: Clock = system_clock) -> Flask:
    """The WSGI app of this station; it reads the ledger and asks lines to write it.

    Give it at least 16 threads: a gate's page holds one for its events and one for
    its picture (``live`` caps the first).
    """
    app = _Jejak(__name__)
    settings = services.settings
    app.config.update(
        SECRET_KEY=services.secret_key,
        # Two stations on one machine share a host name, not a session.
        SESSION_COOKIE_NAME=f"jejak_{settings.port}",
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_HTTPONLY=True,
        TRUSTED_HOSTS=["127.0.0.1", "localhost"],
        MAX_CONTENT_LENGTH=FORM_BYTES,
        # A gate's page stays open for a whole shift; the session ends with the
        # browser.
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="id",
    )
    app.extensions[context.SERVICES] = services
    app.extensions[context.CLOCK] = clock
    Babel(app)
    # Before CSRFProtect, which reads the form and with it the body.
    app.before_request(_limit_body)
    CSRFProtect(app)
    app.after_request(_guard)
    app.teardown_appcontext(_close)
    errors.add_handlers(app)
    moments.add_filters(app, settings.zone)
    app.jinja_env.globals.update(wording=wording, static=_versions(app))
    app.context_processor(_bar)
    for room in (gate, live, consignments, board, items, health):
        app.register_blueprint(room.pages)
    return app


def _limit_body() -> None:
    if request.endpoint == "gate.photo":
        request.max_content_length = PHOTO_BYTES


def _guard(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "no-referrer"
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
        "alarms": [sentences.of_alarm(code) for code in services.alarms()],
        "now_ms": context.now_ms(),
    }
