"""A real station of the made-up city without cameras, and its pages."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import re
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labels.label_code import ItemId, LabelCode
from station.camera_frames import ScanSource
from station.custody import registry
from station.custody.consignment.opening import OpeningOrder
from station.custody.consignment.trip_details import Trip
from station.custody.load import open_load
from station.demo import city
from station.founding import create_station
from station.leg import Leg, Tier, in_order
from station.model import Ballot, Step, system_clock
from station.serve import Station
from station.settings.gates_and_legs import GateSettings, legs_at
from station.storage import database
from tests.conftest import staying
from web.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from station.custody.gate.scanning import Outcome
    from station.custody.registry import NamedItem
    from station.model import Entry
    from station.runtime.gate_operations import GateOperations
    from station.settings.station_toml import Settings
    from tests.running import Site

HERE = "17.71.03"
"""Teluk Segara, where the consignment of these tests goes."""
ELSEWHERE = "17.71.04"
PIN = "280642"


def enter(client: FlaskClient, once: str) -> None:
    """Sign in by a one-time token, as the demo's browser does."""
    # Each from an address of its own on this machine: one alone would be slowed down.
    address = f"127.0.{secrets.randbelow(255)}.{secrets.randbelow(254) + 1}"
    answer = client.get(f"/sekali/{once}", environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 303
    assert not answer.headers["Location"].startswith("/masuk")


def token(client: FlaskClient) -> str:
    """The token of this browser's forms."""
    found = re.search(r'csrf-token" content="([^"]+)"', client.get("/masuk").text)
    assert found is not None
    return found[1]


@dataclass(frozen=True, slots=True)
class Scene:
    """A station, its app, and what a test does at its first gate."""

    station: Station
    app: Flask
    client: FlaskClient
    port: int = 0
    """Where a browser finds it; 0: nowhere."""

    @classmethod
    def of(cls, site: Site) -> Scene:
        """The scene behind a running site, with the very app that it serves."""
        app = site.station.app
        return cls(site.station, app, app.test_client(), site.port)

    def address(self, path: str) -> str:
        """Where a browser finds this page."""
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def line(self) -> GateOperations:
        return self.station.gates[city.LOADING_GATE]

    def box(self, kecamatan: str, ballot: Ballot, number: int = 1) -> NamedItem:
        """A box of this kecamatan and kind; number 0 has a reprinted label."""
        with contextlib.closing(self.read()) as db:
            rows = db.execute(
                "SELECT id FROM item WHERE kecamatan = ? AND ballot = ?"
                " AND id LIKE '____-B-%' ORDER BY id",
                (kecamatan, ballot),
            ).fetchall()
            found = registry.item(db, rows[number]["id"])
        assert found is not None
        return found

    def code(self, item: NamedItem) -> str:
        """What the QR of the item's valid label holds."""
        key = create_station.label_key(self.station.settings)
        return str(LabelCode.issue(ItemId.parse(item.item.id), item.item.issue, key))

    def scan(self, item: NamedItem) -> Outcome:
        """Record the item by a handheld scanner."""
        petugas = self.person("petugas")
        return self.line.submit(self.code(item), ScanSource.HANDHELD, petugas)

    def open(self, vehicle: str = "BD 8123 AB") -> str:
        """Open a consignment of PPWP and DPR to Teluk Segara."""
        kinds = [Ballot.PPWP, Ballot.DPR]
        order = OpeningOrder(area=HERE, kinds=kinds, trip=Trip(vehicle=vehicle or None))
        return self.line.open(order, self.person("petugas"))

    def person(self, login: str) -> str:
        """Person id behind a login of the demo."""
        with contextlib.closing(self.read()) as db:
            row = db.execute("SELECT person FROM credential WHERE login = ?", (login,))
            return str(row.fetchone()["person"])

    def visit(self, login: str) -> FlaskClient:
        """A browser in which this account is signed in."""
        client = self.app.test_client()
        enter(client, self.station.authenticator.open_once(self.person(login)))
        return client

    def close(self, gate: str = city.LOADING_GATE, reason: str = "") -> Entry:
        """Close what is open at a gate, by two people as it is done."""
        line, door = self.station.gates[gate], self.station.authenticator
        first = "petugas" if gate == city.LOADING_GATE else "ppk"
        second = self.person("penyelia")
        door.set_pin(second, PIN)
        said = self.station.on_ledger(
            lambda log: staying(log.db, self.station.settings.gate(gate), reason)
        )
        request = line.ask_close(self.person(first), said)
        return line.close(request, second, PIN)

    def entries(self) -> int:
        """How many entries the ledger holds."""
        return int(self.client.get("/healthz").get_json()["entries"])

    def listed(self) -> int:
        """How many items the consignment at the first gate expects."""
        with contextlib.closing(self.read()) as db:
            load = open_load(db, city.LOADING_GATE)
        assert load is not None
        return load.listed

    def read(self) -> database.Connection:
        """A new reading connection."""
        return database.open_reader(self.station.settings.database)

    def page(self, path: str) -> str:
        """A page's text, which must be there."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, **form: str | list[str]) -> TestResponse:
        """The answer to a form sent with its token, as a script sends it."""
        headers = {"X-CSRFToken": token(self.client), "Accept": "application/json"}
        return self.client.post(path, data=form, headers=headers)


@functools.cache
def _template() -> Path:
    """The made-up city, made once for all tests of a process, which copy it."""
    folder = Path(tempfile.mkdtemp(prefix="jejak-city-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    city.prepare(folder / "station", system_clock)
    return folder / "station"


def without_cameras(folder: Path) -> Settings:
    """The made-up city in this folder, all its gates, none of its cameras.

    A folder that has a station already keeps it.
    """
    if not (folder / "station.toml").exists():
        shutil.copytree(_template(), folder, dirs_exist_ok=True)
    settings = city.prepare(folder, system_clock)
    return dataclasses.replace(settings, cameras=())


def with_legs(settings: Settings, *names: str) -> Settings:
    """The same station with these legs and a gate for either end of each tier."""
    legs = in_order({Leg.parse(name) for name in names})
    gates = []
    for tier in Tier:
        for step in Step:
            served = legs_at(legs, step, tier)
            way = "keluar" if step is Step.LOADING else "masuk"
            if served:
                gate = GateSettings(
                    name=f"{tier}-{way}",
                    title=f"{tier.upper()} {way}",
                    step=step,
                    place=f"1771/{tier}",
                    at=tier,
                    legs=served,
                )
                gates.append(gate)
    return dataclasses.replace(settings, legs=legs, gates=tuple(gates))


@contextlib.contextmanager
def scene(folder: Path, *legs: str) -> Iterator[Scene]:
    """The station at work in this folder, its pages asked without a network.

    The client is signed in as ``penyelia``, who may work at every gate. With legs it
    has a gate for either end of each place, such as ``ppk-keluar``.
    """
    settings = without_cameras(folder)
    with Station(with_legs(settings, *legs) if legs else settings) as station:
        app = create_app(station._services())
        made = Scene(station, app, app.test_client())
        enter(made.client, station.authenticator.open_once(made.person("penyelia")))
        yield made
