"""What a page reaches for while it answers: the station, the ledger, the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import abort, current_app, g, make_response
from flask_login import current_user

from station.custody.accounts import directory
from station.custody.accounts.who_may_sign import SIGNS, WORKS, place_of_act
from station.roles import Role
from web.wording.gettext import gettext

if TYPE_CHECKING:
    from flask import Response

    from station.custody.accounts.sessions import Visitor
    from station.custody.load import Load
    from station.model import Clock
    from station.roles import Act
    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Connection
    from web.services import GateActions, Services

SERVICES = "jejak"
"""Where ``create_app`` keeps the services in ``app.extensions``."""
CLOCK = "jejak.clock"
PDF = "application/pdf"


def services() -> Services:
    """The running station behind this app."""
    return cast("Services", current_app.extensions[SERVICES])


def db() -> Connection:
    """The read-only connection of this request; closed when it ends."""
    if "db" not in g:
        g.db = services().read()
    return cast("Connection", g.db)


def fresh_db() -> Connection:
    """The reading connection; each statement of it sees the newest commit.

    A reader in autocommit holds no snapshot between statements, so after an act the
    same connection shows what was recorded.
    """
    g.pop("names", None)
    return db()


def now_ms() -> int:
    """The present, UTC milliseconds."""
    return cast("Clock", current_app.extensions[CLOCK])().wall_ms


def gate_or_404(name: str) -> tuple[GateSettings, GateActions]:
    """The gate of this name, what it is and what it can do; 404 where none is."""
    found = [gate for gate in services().settings.gates if gate.name == name]
    if not found or name not in services().gates:
        abort(404)
    return found[0], services().gates[name]


def may_ask(act: Act, load: Load) -> bool:
    """True where this person may begin an act about a consignment, for two to sign."""
    return role() in SIGNS[act][place_of_act(act, load.leg)]


def work_or_403(name: str) -> tuple[GateSettings, GateActions]:
    """The gate of this name for people who work there; 403 for others."""
    gate, line = gate_or_404(name)
    if visitor().role not in WORKS[gate.at]:
        abort(403)
    return gate, line


def visitor() -> Visitor:
    """Who is signed in; the access table has seen to it that somebody is."""
    return cast("Visitor", current_user.visitor)


def actor() -> str:
    """Person id of who is signed in."""
    return visitor().person


def role() -> Role | None:
    """The role of who is signed in, or None."""
    return visitor().role if current_user.is_authenticated else None


def person(person_id: str) -> str:
    """The name of a person as the viewer may see it.

    Observers see numbers, and so does everybody for those who were erased.
    """
    if person_id == directory.SYSTEM:
        return gettext("stasiun")
    if "names" not in g:
        g.names = {} if role() in {None, Role.OBSERVER} else directory.names(db())
    known = g.names.get(person_id)
    return known or gettext("Orang %(n)s", n=directory.number(person_id))


def attached(data: bytes, name: str, mimetype: str = PDF) -> Response:
    """A download of these bytes under this file name."""
    response = make_response(data)
    response.mimetype = mimetype
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
