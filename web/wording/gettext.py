"""Flask-Babel's gettext with types: a text in, a text out."""

from __future__ import annotations

import flask_babel

from station import language


def gettext(text: str, **facts: object) -> str:
    """The translation of ``text`` for this request, its ``%(name)s`` filled."""
    return str(flask_babel.gettext(text, **facts))


def translated(text: str) -> str:
    """A text of the station in the language of this request."""
    return language.translated(text, str(flask_babel.get_locale() or "id"))
