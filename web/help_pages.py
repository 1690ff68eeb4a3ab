"""Help (bantuan): the pages of docs/, drawn here so that no network is needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    abort,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from markdown_it import MarkdownIt
from markupsafe import Markup

from station.leg import Tier
from station.roles import Role
from web import context

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markdown_it.token import Token
    from werkzeug.wrappers import Response as BaseResponse

pages = Blueprint("help", __name__)

INDEX = "index"
PAGE_OF: Mapping[str, str] = {
    "account": "petugas",
    "board": "penyelia",
    "closing": "petugas",
    "condition": "petugas",
    "consignment_page": "petugas",
    "consignments": "petugas",
    "correction": "penyelia",
    "found_afterwards": "petugas",
    "gate": "petugas",
    "gate_acts": "petugas",
    "issuing": "label",
    "items": "penyelia",
    "passed_undecided": "petugas",
    "people": "administrator",
    "plan_import": "penyelia",
    "label_printing": "label",
    "relabel": "label",
    "shift": "petugas",
    "trips": "petugas",
    "trucks": "penyelia",
}
"""The page of docs/ for each blueprint; the index for the others."""


def folder() -> Path:
    """Where docs/ is: in this package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    shipped = package / "docs"
    return shipped if shipped.is_dir() else package.parent / "docs"


def matching() -> str:
    """The name of the help page for who is looking at what."""
    role = context.role()
    if role is Role.OBSERVER:
        return "pengamat"
    if role is Role.ADMINISTRATOR and request.blueprint in {"account", "gate"}:
        return "administrator"
    if role in {Role.OPERATOR, Role.PACKER} and request.blueprint == "board":
        return "petugas"
    name = (request.view_args or {}).get("name")
    gates = {gate.name: gate for gate in context.services().settings.gates}
    if role is Role.RECEIVER or (name in gates and gates[name].at is not Tier.GUDANG):
        return "ppk"
    return PAGE_OF.get(request.blueprint or "", INDEX)


@pages.get("/bantuan")
def index() -> BaseResponse:
    """The list of all pages."""
    return redirect(url_for("help.page", name=INDEX), 303)


@pages.get("/bantuan/<name>")
def page(name: str) -> str:
    """One page of docs/."""
    file = folder() / f"{name}.md"
    if file not in set(folder().glob("*.md")):
        abort(404)
    title, body = drawn(file.read_text("utf-8"))
    return render_template("help.html", title=title, body=body, name=name)


@pages.get("/bantuan/gambar/<file>")
def picture(file: str) -> BaseResponse:
    """A picture of a page."""
    return send_from_directory(folder() / "gambar", file)


def drawn(text: str) -> tuple[str, Markup]:
    """The title and the HTML of a Markdown text; HTML inside it stays text."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    title = ""
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = tokens[at + 1].content
            token.attrSet("id", slug(heading))
            title = title or heading
        _lead(token.children or ())
    html = parser.renderer.render(tokens, parser.options, {})
    return title, Markup(html)  # noqa: S704 - drawn from our own pages, HTML off


def slug(heading: str) -> str:
    """The anchor of a heading, as code hosts make it.

    >>> slug("Muat: kotak demi kotak (2 orang)")
    'muat-kotak-demi-kotak-2-orang'
    """
    words = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return words.replace(" ", "-")


def _lead(tokens: Sequence[Token]) -> None:
    """Point links between pages to their addresses here.

    What leads out of docs/, to source files, is not here: those words are no link.
    """
    for token in tokens:
        href = token.attrGet("href")
        if token.type != "link_open" or not isinstance(href, str):
            continue
        target, sign, anchor = href.partition("#")
        if target.endswith(".md") and "/" not in target:
            address = url_for("help.page", name=target.removesuffix(".md"))
            token.attrSet("href", address + sign + anchor)
        elif target.startswith("../"):
            del token.attrs["href"]
