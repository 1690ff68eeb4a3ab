"""jejak export: the tiles hold the entry that says they were taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from station.cli.main import main
from station.founding import create_station
from station.founding.create_station import NewStation
from station.ledger import log as ledger
from station.ledger.verify import verify_tiles
from station.model import system_clock
from station.storage import database

if TYPE_CHECKING:
    from pathlib import Path

    from station.model import Entry
    from station.settings.station_toml import Settings


def _station(folder: Path) -> Settings:
    founding = NewStation(regency="1771", title="KPU Kota Bengkulu")
    return create_station.create(folder, founding, system_clock)


def _export(settings: Settings, to: Path) -> str:
    arguments = ["export", "tiles", str(to), "--data", str(settings.folder)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    return done.output


def _entries(settings: Settings) -> list[Entry]:
    db = database.open_reader(settings.database)
    try:
        return list(ledger.entries(db))
    finally:
        db.close()


def test_an_export_is_an_entry_and_in_the_export(tmp_path: Path) -> None:
    settings = _station(tmp_path / "station")
    before = len(_entries(settings))

    _export(settings, tmp_path / "tiles")

    newest = _entries(settings)[-1].draft
    assert len(_entries(settings)) == before + 1
    assert newest.data == {"event": "export", "what": "tiles", "size": before + 1}
    assert newest.actor == "system"
    assert verify_tiles(tmp_path / "tiles").holds


def test_an_export_beside_a_running_station_says_that_it_is_no_entry(
    tmp_path: Path,
) -> None:
    settings = _station(tmp_path / "station")
    before = len(_entries(settings))

    with database.WriterLock(settings.folder):
        told = _export(settings, tmp_path / "tiles")

    assert "no entry about this export" in told
    assert len(_entries(settings)) == before
    assert verify_tiles(tmp_path / "tiles").holds
