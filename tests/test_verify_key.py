"""``jejak verify --vkey``: a ledger held against a key that somebody has elsewhere."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from station.backup import snapshot
from station.backup.backup_order import BackupOrder
from station.cli.main import main
from station.founding import create_station
from station.founding.create_station import NewStation
from station.ledger.log import Log
from station.model import system_clock
from station.storage import database
from tests import ledger_station
from tests.ledger_station import SIGNER

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from station.settings.station_toml import Settings


def jejak(*command: str) -> Result:
    return CliRunner().invoke(main, list(command))


@pytest.fixture
def places(settings: Settings, tmp_path: Path) -> dict[str, Path]:
    """The same ledger in the three forms that can be checked."""
    tiles, stick = tmp_path / "tiles", tmp_path / "stick"
    stick.mkdir()
    done = jejak("export", "tiles", str(tiles), "--data", str(settings.folder))
    assert done.exit_code == 0, done.output
    order = BackupOrder(
        database=settings.database,
        evidence=settings.evidence,
        settings=settings.folder / "station.toml",
        to=stick,
        keep=1,
        at_ms=system_clock().wall_ms,
    )
    made = snapshot.make(order)
    return {"station": settings.folder, "tiles": tiles, "backup": stick / made.name}


@pytest.mark.parametrize("form", ["station", "tiles", "backup"])
def test_a_ledger_is_checked_against_a_key_that_somebody_holds(
    form: str, places: dict[str, Path], settings: Settings
) -> None:
    file, place = places["tiles"] / "vkey", str(places[form])
    text = file.read_text("utf-8").strip()
    other = SIGNER.vkey(settings.origin)

    for ours in (text, str(file)):
        said = jejak("verify", place, "--vkey", ours)
        assert said.exit_code == 0, said.output
        assert "is sound" in said.stdout
    said = jejak("verify", place, "--vkey", other)
    as_json = jejak("verify", place, "--vkey", other, "--json")

    assert (said.exit_code, as_json.exit_code) == (1, 1)
    assert f"signed with another key than yours: expected {other}, got {text}." in (
        said.stdout
    )
    assert json.loads(as_json.stdout)["holds"] is False


def test_a_station_written_anew_with_another_key_is_found(
    places: dict[str, Path], settings: Settings
) -> None:
    """Ledger, key and mark are of one piece, and agree with each other."""
    key = (places["tiles"] / "vkey").read_text("utf-8").strip()
    shutil.rmtree(settings.folder)
    founding = NewStation(regency="1771", title="KPU Kota Bengkulu")
    create_station.create(settings.folder, founding, system_clock)

    assert jejak("verify", str(settings.folder)).exit_code == 0
    assert jejak("verify", str(settings.folder), "--vkey", key).exit_code == 1


def test_a_ledger_that_only_states_the_key_does_not_hold(
    places: dict[str, Path], settings: Settings
) -> None:
    """Another key signed it, and the row was altered to name the one that is held."""
    key = (places["tiles"] / "vkey").read_text("utf-8").strip()
    folder = settings.folder.with_name("forged")
    folder.mkdir()
    forged = ledger_station.begin(folder)
    assert Log.open(forged.db, SIGNER, system_clock).origin == settings.origin
    ledger_station.drop_guards(forged.db)
    forged.db.execute("UPDATE log SET vkey = ?", (key,))
    database.close_writer(forged.db)

    said = jejak("verify", str(folder), "--vkey", key)

    assert said.exit_code == 1
    assert "NOT sound" in said.stdout


@pytest.mark.parametrize(
    "text", ["", "x", "/no/such/file", "jejak/1771+0+AAAA", "y" * 999]
)
def test_what_is_no_key_is_refused_in_a_sentence(text: str, settings: Settings) -> None:
    said = jejak("verify", str(settings.folder), "--vkey", text)

    assert said.exit_code == 1
    assert "Expected for --vkey a key such as" in said.stderr
