"""jejak init: a whole station, or nothing at all."""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from station.custody.accounts import directory
from station.errors import StationError
from station.founding import create_station
from station.founding.create_station import NewStation
from station.ledger import log as ledger
from station.ledger.checkpoint import Signer
from station.model import EntryType
from station.settings import station_toml
from station.storage import database

if TYPE_CHECKING:
    from pathlib import Path

    from station.settings.station_toml import Settings
    from tests.conftest import StillClock

POSIX = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no file modes of this kind"
)
FOUNDING = NewStation(
    regency="1771", title="KPU Kota Bengkulu", administrator="Siti Rahma"
)
KEYS = ("station.key", "label.key", "web.key")


def test_a_new_station_has_all_it_needs(settings: Settings, clock: StillClock) -> None:
    log = create_station.open_log(settings, clock)
    first = list(ledger.entries(log.db))

    assert settings == station_toml.load(settings.folder)
    assert [entry.draft.type for entry in first] == [EntryType.REGISTRY] * 2
    assert first[0].draft.data["vkey"] == create_station.signer(settings).vkey(
        log.origin
    )
    assert log.origin == "jejak/1771/gudang/g1"
    assert directory.names(log.db) == {"p01": "Siti Rahma"}
    assert settings.evidence.is_dir()
    keys = {create_station.label_key(settings), create_station.web_key(settings)}
    assert {len(key) for key in keys} == {32}
    assert len(keys) == 2
    log.db.close()


@POSIX
def test_keys_are_the_owners_alone_whatever_the_umask(
    tmp_path: Path, clock: StillClock
) -> None:
    before = os.umask(0)
    try:
        settings = create_station.create(tmp_path / "s", FOUNDING, clock)
    finally:
        os.umask(before)

    for name in KEYS:
        mode = stat.S_IMODE((settings.folder / name).stat().st_mode)
        assert mode == 0o600, name


@pytest.mark.parametrize("name", ["label.key", "web.key"])
@pytest.mark.parametrize(
    "content", [b"", b"xyz", b"ab" * 31, b"ab" * 33, b"\xff" * 64, b"a b" * 32]
)
def test_a_wrong_key_file_is_one_sentence_that_names_it(
    name: str, content: bytes, settings: Settings
) -> None:
    (settings.folder / name).write_bytes(content)
    read = create_station.label_key if name == "label.key" else create_station.web_key

    with pytest.raises(StationError, match="64 hexadecimal digits") as refused:
        read(settings)

    assert name in str(refused.value)
    assert content.decode("latin-1") not in str(refused.value) or not content


@pytest.mark.parametrize("name", KEYS)
def test_a_key_that_cannot_be_read_is_one_sentence(
    name: str, settings: Settings
) -> None:
    path = settings.folder / name
    path.unlink()
    reads = {
        "station.key": create_station.signer,
        "label.key": create_station.label_key,
        "web.key": create_station.web_key,
    }

    if name != "web.key":  # that one is made anew
        with pytest.raises(StationError) as refused:
            reads[name](settings)
        assert name in str(refused.value)
    path.mkdir()
    with pytest.raises(StationError) as refused:
        reads[name](settings)
    assert name in str(refused.value)
    helps = "delete it" if name == "web.key" else "locked away; no backup holds a key"
    assert helps in str(refused.value)


def test_a_restored_station_gets_a_new_key_for_its_browsers(
    settings: Settings,
) -> None:
    before = create_station.web_key(settings)
    settings.web_key_file.unlink()

    after = create_station.web_key(settings)

    assert after != before
    assert create_station.web_key(settings) == after


def test_another_stations_key_does_not_open_the_ledger(
    settings: Settings, clock: StillClock
) -> None:
    settings.key_file.unlink()
    Signer.create(settings.key_file)

    with pytest.raises(StationError, match="key"):
        create_station.open_log(settings, clock)


def test_a_label_key_survives_the_line_end_of_an_editor(settings: Settings) -> None:
    key = create_station.label_key(settings)
    text = settings.label_key_file.read_text("ascii")

    settings.label_key_file.write_bytes(f" {text.strip().upper()}\r\n".encode())

    assert create_station.label_key(settings) == key


def test_a_folder_that_holds_something_is_left_as_it_is(
    tmp_path: Path, clock: StillClock
) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"x")

    with pytest.raises(StationError, match="empty folder"):
        create_station.create(tmp_path, FOUNDING, clock)

    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


def test_a_station_is_never_founded_on_another(
    settings: Settings, clock: StillClock
) -> None:
    before = settings.key_file.read_bytes()

    with pytest.raises(StationError, match="empty folder"):
        create_station.create(settings.folder, FOUNDING, clock)

    assert settings.key_file.read_bytes() == before


@pytest.mark.parametrize("name", ["OneDrive - KPU", "Dropbox"])
def test_a_synchronised_folder_is_refused_also_behind_a_link(
    name: str, tmp_path: Path, clock: StillClock
) -> None:
    synced = tmp_path / name
    with pytest.raises(StationError, match="own disk"):
        create_station.create(synced / "station", FOUNDING, clock)
    assert not synced.exists()
    synced.mkdir()
    link = tmp_path / "station"
    try:
        link.symlink_to(synced, target_is_directory=True)
    except OSError:
        pytest.skip("this account may not make links")

    with pytest.raises(StationError, match="own disk"):
        create_station.create(link, FOUNDING, clock)

    assert not list(synced.iterdir())


@pytest.mark.parametrize(
    ("founding", "sentence"),
    [
        (NewStation(regency="177", title="t", administrator="o"), "regency"),
        (NewStation(regency='1"\n', title="t", administrator="o"), "regency"),
        (NewStation(regency="1771", title="", administrator="o"), "title"),
        (NewStation(regency="1771", title="a\nb", administrator="o"), "title"),
        (NewStation(regency="1771", title="\udc80", administrator="o"), "station.toml"),
        (NewStation(regency="1771", title="t", administrator="  "), "name"),
        (NewStation(regency="1771", title="t", administrator="\udc80"), "name"),
        (NewStation(regency="1771", title="t", administrator="o", zone="UTC"), "zone"),
        (NewStation(regency="1771", title="t", administrator="o", more="\n["), "TOML"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_fails_leaves_nothing_behind(
    founding: NewStation, sentence: str, tmp_path: Path, clock: StillClock
) -> None:
    new, empty = tmp_path / "a" / "b" / "new", tmp_path / "empty"
    empty.mkdir()

    for folder in (new, empty):
        with pytest.raises(StationError, match=sentence):
            create_station.create(folder, founding, clock)

    assert list(tmp_path.iterdir()) == [empty]
    assert not list(empty.iterdir())


def test_an_interrupted_founding_leaves_nothing_behind(
    tmp_path: Path, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(path: Path) -> None:
        assert path.name == "ledger.db"
        raise KeyboardInterrupt

    monkeypatch.setattr(database, "create", interrupt)
    with pytest.raises(KeyboardInterrupt):
        create_station.create(tmp_path / "new", FOUNDING, clock)

    assert not list(tmp_path.iterdir())


def test_a_file_in_the_way_is_one_sentence(tmp_path: Path, clock: StillClock) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"mine")

    for folder in (file, file / "below"):
        with pytest.raises(StationError, match="choose another folder"):
            create_station.create(folder, FOUNDING, clock)

    assert file.read_bytes() == b"mine"


def test_titles_are_written_as_they_are_said(tmp_path: Path, clock: StillClock) -> None:
    title = 'KPU "Kota" \\ Bengkulu é ꦗ'
    founding = NewStation(regency="1771", title=title, administrator='O\'Neil "Bob"')

    settings = create_station.create(tmp_path / "s", founding, clock)

    assert settings.title == title
    reader = database.open_reader(settings.database)
    assert directory.names(reader) == {"p01": 'O\'Neil "Bob"'}
    reader.close()
