"""The board room (papan): one table, a line for every kecamatan, worst first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import lazy_gettext as _l

from station.custody import board
from station.ledger import log
from web import context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString

    from station.custody.board import Progress

pages = Blueprint("board", __name__)


class Standing(IntEnum):
    """How a kecamatan stands; the lowest number is shown first."""

    HELD = 0
    GOING = 1
    WAITING = 2
    DONE = 3


STANDING: Mapping[Standing, tuple[LazyString, str]] = {
    Standing.HELD: (_l("Ada tahanan"), "stop-octagon"),
    Standing.GOING: (_l("Berjalan"), "go-on"),
    Standing.WAITING: (_l("Belum mulai"), "ring"),
    Standing.DONE: (_l("Selesai"), "go-square"),
}
"""Word and drawing of each; never a colour alone."""


@dataclass(frozen=True, slots=True)
class Line:
    """A kecamatan's line as it is drawn."""

    progress: Progress
    standing: Standing

    @property
    def accepted_percent(self) -> float:
        """Width of the solid part of its bar."""
        return _percent(self.progress.accepted, self.progress.planned)

    @property
    def departed_percent(self) -> float:
        """Width of the hatched part, the solid part included."""
        return _percent(self.progress.departed, self.progress.planned)


@pages.get("/papan")
def page() -> str:
    """The board; its table renews itself every 2 s."""
    return render_template("board.html", **_scene())


@pages.get("/papan/tabel")
def table() -> Response:
    """The table alone; 304 while the ledger has not grown and no alarm changed."""
    head = log.head(context.db())
    tag = f"{head.size}-{'-'.join(context.services().alarms())}"
    if tag in request.if_none_match:
        response = Response(status=304)
    else:
        response = make_response(render_template("board_table.html", **_scene()))
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    return response


def standing(progress: Progress) -> Standing:
    """How this kecamatan stands."""
    if progress.held:
        return Standing.HELD
    if progress.planned and progress.accepted == progress.planned:
        return Standing.DONE
    moved = progress.loaded or progress.departed
    return Standing.GOING if moved else Standing.WAITING


def _scene() -> dict[str, object]:
    db = context.db()
    lines = [Line(progress, standing(progress)) for progress in board.progress(db)]
    lines.sort(key=lambda line: (line.standing, line.progress.name))
    return {
        "lines": lines,
        "standings": STANDING,
        "planned": sum(line.progress.planned for line in lines),
        "accepted": sum(line.progress.accepted for line in lines),
        "head": log.head(db),
    }


def _percent(part: int, whole: int) -> float:
    """A share in percent, one decimal, 0 where there is no whole."""
    return round(100 * part / whole, 1) if whole else 0.0
