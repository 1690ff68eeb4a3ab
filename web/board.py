"""The board room (papan): one table, a line for every kecamatan, worst first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import lazy_gettext as _l

from station.custody import registry
from station.custody.consignment import overdue
from station.custody.history import five_rights
from station.custody.history import progress_by_place as progresses
from station.ledger import log
from station.zone import local
from web import context
from web.wording.gettext import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask_babel import LazyString

    from station.custody.history.five_rights import Rights
    from station.custody.history.progress_by_place import Progress
    from station.leg import Leg
    from station.runtime.backup_schedule import LastBackup

pages = Blueprint("board", __name__)

OLD_MS = 86_400_000
"""A backup older than a day is shown in red."""


class PlaceStatus(IntEnum):
    """The status of a kecamatan; the lowest number is shown first."""

    HELD = 0
    OVERDUE = 1
    GOING = 2
    WAITING = 3
    DONE = 4


STANDING: Mapping[PlaceStatus, tuple[LazyString, str]] = {
    PlaceStatus.HELD: (_l("Ada tahanan"), "stop-octagon"),
    PlaceStatus.OVERDUE: (_l("Belum lengkap H-1"), "alert-triangle"),
    PlaceStatus.GOING: (_l("Berjalan"), "go-on"),
    PlaceStatus.WAITING: (_l("Belum mulai"), "ring"),
    PlaceStatus.DONE: (_l("Selesai"), "go-square"),
}
"""Word and drawing of each; never a colour alone."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the five rights: its name, and what is counted of it."""

    name: str
    counts: tuple[tuple[int, str], ...]
    """Each number with the words for what it counts; never a sum of two."""
    wrong: bool
    """True where one of them is a fault."""

    @property
    def open(self) -> bool:
        """True while something that is no fault is still to come."""
        return not self.wrong and any(number for number, _ in self.counts)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A kecamatan's line as it is drawn."""

    progress: Progress
    standing: PlaceStatus

    @property
    def travelling(self) -> int:
        """Departed and not accepted at the other end yet."""
        return self.progress.departed - self.progress.accepted

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
    """The board; its table renews itself every 2 s. ``?pemilihan=`` one election."""
    return render_template("board.html", **_scene())


@pages.get("/papan/tabel")
def table() -> Response:
    """The table alone; 304 while nothing that it shows has changed."""
    db = context.db()
    backup = context.services().last_backup()
    parts = (
        *(days_left(), log.head(db).size, request.args.get("pemilihan", "")),
        _leg(days_left()).name,
        *(
            overdue.late(db, context.now_ms(), _routes()),
            backup and backup.at_ms,
            _old(backup),
        ),
        *context.services().alarms(),
    )
    tag = "-".join(str(part) for part in parts)
    if tag in request.if_none_match:
        response = Response(status=304)
    else:
        response = make_response(render_template("board_table.html", **_scene()))
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _routes() -> Mapping[str, int]:
    return context.services().settings.routes


def _leg(left: int | None) -> Leg:
    """The leg that ``?jalur=`` asks for.

    Else the first one out; once the vote is over the first one back, if there is one.
    """
    legs = context.services().settings.legs
    asked = request.args.get("jalur", "")
    named = [leg for leg in legs if leg.name == asked]
    back = [leg for leg in legs if leg.returns and left is not None and left < 0]
    return (named or back or list(legs))[0]


def days_left() -> int | None:
    """Days until the voting day in the station's zone; None: no day is set."""
    settings = context.services().settings
    if settings.voting_day is None:
        return None
    today = local(context.now_ms(), settings.zone).date()
    return (settings.voting_day - today).days


def standing(progress: Progress, left: int | None = None) -> PlaceStatus:
    """How this kecamatan stands, so many days before the vote; None: no matter."""
    if progress.held:
        return PlaceStatus.HELD
    if progress.planned and progress.accepted == progress.planned:
        return PlaceStatus.DONE
    if left is not None and left <= 1 and progress.planned:
        return PlaceStatus.OVERDUE
    moved = progress.loaded or progress.departed
    return PlaceStatus.GOING if moved else PlaceStatus.WAITING


def _scene() -> dict[str, object]:
    db = context.db()
    elections, asked = registry.elections(db), request.args.get("pemilihan", "")
    election, left = asked if asked in elections else None, days_left()
    legs = context.services().settings.legs
    leg = _leg(left)
    heaps = progresses.heaps(db)
    lines = [
        # What comes back has no day to be there.
        BoardRow(progress, standing(progress, None if leg.returns else left))
        for progress in progresses.progress(db, election, leg, heaps)
    ]
    lines.sort(key=lambda line: (line.standing, line.progress.name))
    return {
        "lines": lines,
        "leg": leg,
        "legs": legs,
        "leg_page": "board.page",
        "standings": STANDING,
        "planned": sum(line.progress.planned for line in lines),
        "accepted": sum(line.progress.accepted for line in lines),
        "head": log.head(db),
        "countdown": _countdown(left),
        "voting_day": context.services().settings.voting_day,
        "elections": elections,
        "election": election or "",
        "tiles": _tiles(
            five_rights.rights(
                db, context.now_ms(), _routes(), progresses.waiting(heaps, legs)
            )
        ),
        "backup": (backup := context.services().last_backup()),
        "backup_old": _old(backup),
    }


def _countdown(left: int | None) -> str:
    """``H-12``, as everybody at KPU counts; empty where no day is set."""
    if left is None:
        return ""
    if left == 0:
        return gettext("Hari H")
    return f"H-{left}" if left > 0 else f"H+{-left}"


def _old(backup: LastBackup | None) -> bool:
    """True where there is no backup, or none of the last day."""
    return backup is None or context.now_ms() - backup.at_ms > OLD_MS


def _tiles(rights: Rights) -> list[Tile]:
    """The five rights in the law's own order and words."""
    number = (rights.not_received, gettext("tidak sampai"))
    road = (rights.on_road, gettext("masih di jalan"))
    kind = (rights.unexpected, gettext("di luar daftar"))
    astray = (rights.misrouted, gettext("salah tujuan"))
    unknown = (rights.unknown, gettext("tidak terdaftar"))
    late = (rights.late, gettext("truk terlambat"))
    mixed = (rights.out_of_sequence, gettext("urutan salah"))
    waiting = (rights.waiting, gettext("belum tiba"))
    old = (rights.superseded, gettext("label lama"))
    harmed = (rights.harmed, gettext("basah atau rusak"))
    unread = (rights.unread, gettext("tidak terbaca"))
    return [
        _tile(gettext("Tepat jumlah"), faults=[number], other=[road]),
        _tile(gettext("Tepat jenis"), faults=[kind]),
        _tile(gettext("Tepat sasaran"), faults=[astray, unknown]),
        _tile(gettext("Tepat waktu"), faults=[late, mixed], other=[waiting]),
        _tile(gettext("Tepat kualitas"), faults=[old, harmed], other=[unread]),
    ]


def _tile(
    name: str,
    faults: Sequence[tuple[int, str]],
    other: Sequence[tuple[int, str]] = (),
) -> Tile:
    """A tile of the counts that are not 0, or of the first one where all are."""
    counts = tuple(count for count in (*faults, *other) if count[0])
    return Tile(name, counts or (faults[0],), wrong=any(count[0] for count in faults))


def _percent(part: int, whole: int) -> float:
    """A share in percent, one decimal, 0 where there is no whole."""
    return round(100 * part / whole, 1) if whole else 0.0
