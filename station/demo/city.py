"""The made-up city of ``jejak demo``: its station, its people, its labels.

Only the names of kecamatan and kelurahan are real (``demo_city/README.md``). What
the ledger holds is recorded by the real station; ``director.py`` plays the rest.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from labels.code import ItemKind
from station import config, database, foundation
from station.custody import issuing, people, plan, printing, registry
from station.custody.issuing import Issue
from station.custody.printing import Selection
from station.election import PEMILU
from station.foundation import Founding
from station.model import ItemState, StationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.config import Settings
    from station.custody.registry import NamedItem
    from station.database import Connection
    from station.ledger.log import Log
    from station.model import Clock

REGENCY = "1771"
OPERATOR = "Petugas gerbang"
DEMO_PERSON = "Petugas demo"
"""Who acts where no person does."""
LOADING_GATE, ACCEPTING_GATE = "gerbang-1", "gerbang-ppk"
_RESERVE_SHEETS = 25
_TOML = f"""
[[gate]]
name = "{ACCEPTING_GATE}"
title = "Gerbang PPK"
step = "accepting"
place = "ppk"

[[camera]]
name = "kamera-gudang"
gate = "{LOADING_GATE}"
source = "virtual"
fps = 16

[[camera]]
name = "kamera-ppk"
gate = "{ACCEPTING_GATE}"
source = "virtual"
fps = 16
"""


@contextmanager
def folder(given: Path | None) -> Iterator[Path]:
    """The folder of the demo's station; it stays behind, for ``jejak verify``.

    A folder that was given is played on in. The demo's own one is made up anew each
    time: a weekend of pictures of boxes that never were should not fill a disk.

    Raises:
        StationError: a demo is running in it, or it is no demo's.
    """
    if given is not None:
        yield given
        return
    own = Path(platformdirs.user_data_dir("jejak-demo", appauthor=False))
    if (own / "station.toml").exists():
        _made_up(own)
        with database.WriterLock(own):
            pass  # nobody plays here now
        shutil.rmtree(own)
    yield own


def prepare(folder: Path, clock: Clock) -> Settings:
    """The demo's station in this folder, made now or found there.

    Raises:
        StationError: the folder holds a real station, or something else.
    """
    if (folder / "station.toml").exists():
        return _made_up(folder)
    founding = Founding(
        regency=REGENCY,
        title="KPU Kota Bengkulu",
        operator=OPERATOR,
        made_up=True,
        more=_TOML,
    )
    settings = foundation.found(folder, founding, clock)
    try:
        _furnish(settings, clock)
    except BaseException:
        # Half a city would be taken for a whole one the next time.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return settings


def _furnish(settings: Settings, clock: Clock) -> None:
    """Areas, polling stations, items and the demo's person, as entries."""
    log = foundation.open_log(settings, clock)
    try:
        with log.writing() as batch:
            actor = people.enrol(batch.db, batch, DEMO_PERSON, clock())
        plan.record(log, city(), REGENCY, actor=actor, at=clock())
        add_extras(log, actor, clock)
    finally:
        database.close_writer(log.db)


def _made_up(folder: Path) -> Settings:
    settings = config.load(folder)
    if not settings.made_up:
        message = (
            f"Expected the demo's own folder, got the real station {folder}; "
            "choose another folder with --data."
        )
        raise StationError(message)
    return settings


def city() -> plan.Plan:
    """The plan that ships with the program."""
    data = Path(__file__).resolve().parents[1] / "demo_city"
    return plan.read([data / "areas.csv", data / "polling_stations.csv"])


def new_round(log: Log, actor: str, clock: Clock) -> None:
    """Issue a fresh set of labels for the whole city: everything was delivered."""
    boxes = [
        Issue(kind=ItemKind.BOX, destination=station.id, ballots=tuple(station.sheets))
        for station in city().stations.values()
    ]
    with log.writing() as batch:
        issuing.issue(batch, REGENCY, boxes, actor=actor, at=clock())
    add_extras(log, actor, clock)


def add_extras(log: Log, actor: str, clock: Clock) -> None:
    """Bundles and reprinted labels for every kecamatan's boxes that have not left.

    Two bundles of reserve ballots travel loose, one belongs in a box, and one box's
    label is printed again, so that the first one is dead.
    """
    first = {
        code: waiting[0]
        for code, _ in registry.kecamatan(log.db)
        if (waiting := _waiting_boxes(log.db, code))
    }
    with log.writing() as batch:
        bundles = [issue for code in first for issue in _bundles(code, first[code])]
        issuing.issue(batch, REGENCY, bundles, actor=actor, at=clock())
    for box in first.values():
        reason = "Label rusak (rekaan)"
        issuing.reprint(log, box.item.id, reason=reason, actor=actor, at=clock())


def _bundles(kecamatan: str, box: NamedItem) -> Iterator[Issue]:
    kinds = PEMILU
    start = int(kecamatan[-2:])
    loose = tuple(kinds[(start + step) % len(kinds)] for step in (0, 2))
    yield Issue(
        kind=ItemKind.BUNDLE,
        destination=kecamatan,
        ballots=loose,
        quantity=_RESERVE_SHEETS,
    )
    yield Issue(
        kind=ItemKind.BUNDLE,
        destination=box.item.destination,
        ballots=(box.item.ballot,),
        container=box.item.id,
        quantity=_RESERVE_SHEETS,
    )


def _waiting_boxes(db: Connection, kecamatan: str) -> list[NamedItem]:
    boxes = printing.select(db, Selection(area=kecamatan, kind=ItemKind.BOX.value))
    return [box for box in boxes if box.item.state is ItemState.REGISTERED]
