"""What a page says when something went wrong: one sentence, as page or as JSON."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask import jsonify, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from labels.label_errors import LabelError
from station.errors import StationError
from web.wording import error_sentences

if TYPE_CHECKING:
    from flask import Flask, Response
    from werkzeug.wrappers import Response as BaseResponse

LOG = logging.getLogger("jejak.web")
CONFLICT = 409
PLAIN = "text/plain; charset=utf-8"


def wants_json() -> bool:
    """True when a script asked, which shows the sentence in the page itself."""
    accepts = request.accept_mimetypes
    return accepts["application/json"] > accepts["text/html"]


def add_handlers(app: Flask) -> None:
    """Register the handlers of every error that a page may end in."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StationError, _refused)
    app.register_error_handler(LabelError, _refused)
    app.register_error_handler(Exception, _broken)


def _http(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):
        # No address can be made for a host that is not ours, so no page either.
        return make_response(str(error_sentences.HOST), 400, {"Content-Type": PLAIN})
    status = error.code or 500
    if isinstance(error, CSRFError):
        status = 400
    sentence = error_sentences.HTTP.get(status, error_sentences.HTTP[400])
    return answer(str(sentence), status)


def _refused(error: StationError | LabelError) -> Response:
    return answer(error_sentences.of_error(error), CONFLICT)


def _broken(error: Exception) -> Response:
    LOG.error("event=page_failed path=%s", request.path, exc_info=error)
    return answer(str(error_sentences.HTTP[500]), 500)


def refuse(sentence: str) -> Response:
    """The answer to an act that was not done, with the reason."""
    return answer(sentence, CONFLICT)


def done(address: str, **told: Any) -> BaseResponse:  # noqa: ANN401 - JSON
    """The answer to an act that was done: for a script what is told, else a page."""
    if wants_json():
        return make_response(jsonify(done=True, **told))
    return redirect(address, 303)


def answer(sentence: str, status: int, back: str = "") -> Response:
    """One sentence, as JSON for a script and as a page for a person.

    ``back`` is the address to which the page leads on.
    """
    if wants_json():
        return make_response(jsonify(error=sentence), status)
    page = render_template("error.html", sentence=sentence, status=status, back=back)
    return make_response(page, status)
