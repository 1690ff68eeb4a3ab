"""Flask-Babel's gettext with types: a text in, a text out."""

from __future__ import annotations

import flask_babel


def gettext(text: str, **facts: object) -> str:
    """The translation of ``text`` for this request, its ``%(name)s`` filled."""
    return str(flask_babel.gettext(text, **facts))
