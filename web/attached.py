"""A file as an answer: the browser keeps it under its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import make_response

if TYPE_CHECKING:
    from flask import Response

PDF = "application/pdf"


def attached(data: bytes, name: str, mimetype: str = PDF) -> Response:
    """These bytes as a file of this name."""
    response = make_response(data)
    response.mimetype = mimetype
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
