"""What a page reaches for while it answers: the station, the ledger, the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import abort, current_app, g

if TYPE_CHECKING:
    from station.config import GateSettings
    from station.database import Connection
    from station.model import Clock
    from web.services import Line, Services

SERVICES = "jejak"
"""Where ``create_app`` keeps the services in ``app.extensions``."""
CLOCK = "jejak.clock"


def services() -> Services:
    """The running station behind this app."""
    return cast("Services", current_app.extensions[SERVICES])


def db() -> Connection:
    """The read-only connection of this request; closed when it ends."""
    if "db" not in g:
        g.db = services().read()
    return cast("Connection", g.db)


def now_ms() -> int:
    """The present, UTC milliseconds."""
    return cast("Clock", current_app.extensions[CLOCK])().wall_ms


def gate_or_404(name: str) -> tuple[GateSettings, Line]:
    """The gate of this name, what it is and what it can do; 404 where none is."""
    found = [gate for gate in services().settings.gates if gate.name == name]
    if not found or name not in services().lines:
        abort(404)
    return found[0], services().lines[name]
