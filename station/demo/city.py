"""The made-up city of ``jejak demo``: its station, its people, its labels.

Only the names of kecamatan and kelurahan are real (``demo_city/README.md``). What
the ledger holds is recorded by the real station; ``director.py`` plays the rest.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from labels.label_code import ItemKind
from station.custody import registry
from station.custody.accounts import credentials, directory
from station.custody.accounts.directory import Newcomer
from station.custody.labelling import first_issue, reissue, selection
from station.custody.labelling.first_issue import Issue
from station.custody.labelling.selection import Selection
from station.custody.plan import plan_records, record_plan
from station.errors import StationError
from station.founding import create_station
from station.founding.create_station import NewStation
from station.model import ItemState
from station.roles import Role
from station.settings import station_toml
from station.settings.election_profiles import PEMILU
from station.storage import database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.custody.accounts.sign_in import Write
    from station.custody.registry import NamedItem
    from station.ledger.log import Log
    from station.model import Clock
    from station.settings.station_toml import Settings
    from station.storage.database import Connection

REGENCY = "1771"
ACCOUNTS = {
    "petugas": ("Petugas Gudang", Role.OPERATOR),
    "pengemas": ("Pengemas", Role.PACKER),
    "ppk": ("Penerima PPK", Role.RECEIVER),
    "penyelia": ("Penyelia", Role.SUPERVISOR),
    "pengawas": ("Pengawas", Role.OBSERVER),
}
"""Login -> name and role; the administrator was there before them."""
LOGINS = (*ACCOUNTS, create_station.FIRST_LOGIN)
DEMO_PERSON, DEMO_RECEIVER, DEMO_SECOND = (
    "Petugas demo",
    "Penerima demo",
    "Penyelia demo",
)
"""Who acts where no person does: at the warehouse, at the PPK, and who signs there
as the second person."""
_PLAYERS = {
    "demo-petugas": (DEMO_PERSON, Role.OPERATOR),
    "demo-ppk": (DEMO_RECEIVER, Role.RECEIVER),
    "demo-penyelia": (DEMO_SECOND, Role.SUPERVISOR),
}
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


def prepare(folder: Path, clock: Clock) -> Settings:
    """The demo's station in this folder, made now or found there.

    Raises:
        StationError: the folder holds a real station, or something else.
    """
    if (folder / "station.toml").exists():
        return made_up(folder)
    founding = NewStation(
        regency=REGENCY,
        title="KPU Kota Bengkulu",
        made_up=True,
        more=_TOML,
    )
    settings = create_station.create(folder, founding, clock)
    try:
        _furnish(settings, clock)
    except BaseException:
        # Half a city would be taken for a whole one the next time.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return settings


def _furnish(settings: Settings, clock: Clock) -> None:
    """Areas, polling stations, items and the demo's people, as entries."""
    log = create_station.open_log(settings, clock)
    try:
        with log.writing() as batch:
            enrolled = {
                login: directory.enrol(
                    batch, Newcomer(name=name, role=role, login=login), clock()
                )
                for login, (name, role) in {**ACCOUNTS, **_PLAYERS}.items()
            }
            actor = enrolled["demo-petugas"]
        record_plan.record(log, city(), REGENCY, actor=actor, at=clock())
        add_extras(log, actor, clock)
    finally:
        database.close_writer(log.db)


def give_accounts(write: Write) -> tuple[str, str]:
    """(password, PIN) of every account of the demo, new at each start.

    One for all, since it is printed anyway; nothing of it is in the program.
    """
    password = "-".join(f"{secrets.randbelow(10_000):04d}" for _ in range(4))
    pin = random_pin()
    kept, kept_pin = credentials.make_hash(password), credentials.make_hash(pin)

    def act(log: Log) -> None:
        with log.writing() as batch:
            for login in LOGINS:
                person = _person(batch.db, login)
                credentials.put(batch.db, person, "password", kept)
                credentials.put(batch.db, person, "pin", kept_pin)

    write(act)
    return password, pin


def visitor(write: Write) -> str:
    """Person id of the account that the demo's browser is signed in with."""
    return write(lambda log: _person(log.db, "petugas"))


def random_pin() -> str:
    """Six random digits that may be a PIN."""
    while True:
        pin = f"{secrets.randbelow(1_000_000):06d}"
        with contextlib.suppress(StationError):
            credentials.check_pin(pin)
            return pin


def _person(db: Connection, login: str) -> str:
    row = db.execute("SELECT person FROM credential WHERE login = ?", (login,))
    return str(row.fetchone()["person"])


def made_up(folder: Path) -> Settings:
    """The settings of a station of made-up data.

    Raises:
        StationError: there is a real station in this folder, or none.
    """
    settings = station_toml.load(folder)
    if not settings.made_up:
        raise StationError(
            "Expected the demo's own folder, got the real station %(folder)s; "
            "choose another folder with --data.",
            folder=folder,
        )
    return settings


def city() -> plan_records.Plan:
    """The plan that ships with the program."""
    data = Path(__file__).resolve().parents[1] / "demo_city"
    return record_plan.read([data / "areas.csv", data / "polling_stations.csv"])


def round_of(db: Connection) -> int:
    """How many times the whole city's boxes were issued in this ledger."""
    boxes = len(selection.select(db, Selection(kind=ItemKind.BOX.value)))
    once = sum(len(station.sheets) for station in city().stations.values())
    return max(1, boxes // once)


def new_round(log: Log, actor: str, clock: Clock) -> None:
    """Issue a fresh set of labels for the whole city: everything was delivered."""
    boxes = [
        Issue(kind=ItemKind.BOX, destination=station.id, ballots=tuple(station.sheets))
        for station in city().stations.values()
    ]
    with log.writing() as batch:
        first_issue.issue(batch, REGENCY, boxes, actor=actor, at=clock())
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
        first_issue.issue(batch, REGENCY, bundles, actor=actor, at=clock())
    for box in first.values():
        reason = "Label rusak (rekaan)"
        with log.writing() as batch:
            reissue.reissue(
                batch, [box.item.id], reason=reason, actor=actor, at=clock()
            )


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
    boxes = selection.select(db, Selection(area=kecamatan, kind=ItemKind.BOX.value))
    return [box for box in boxes if box.item.state is ItemState.REGISTERED]
