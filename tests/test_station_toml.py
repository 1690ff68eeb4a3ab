"""station.toml: what is wrong is named by its key and by what to write there."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from station.camera_frames import CameraSettings
from station.errors import StationError
from station.model import Step
from station.settings import station_toml
from station.settings.data_folder import data_folder
from station.settings.station_toml import Settings, load

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
[station]
regency = "1771"
title = "KPU Kota Bengkulu"
place = "kantor"

[[gate]]
name = "gerbang-1"
title = "Gerbang 1"
place = "gudang"

[[camera]]
name = "kamera-1"
gate = "gerbang-1"
source = "0"
"""


def loaded(folder: Path, text: str | bytes) -> Settings:
    raw = text if isinstance(text, bytes) else text.encode()
    (folder / "station.toml").write_bytes(raw)
    return load(folder)


def test_a_short_file_is_enough_and_the_rest_is_usual(tmp_path: Path) -> None:
    settings = loaded(tmp_path, GOOD)

    assert (settings.place_id, settings.origin) == (
        "1771/kantor",
        "jejak/1771/kantor/g1",
    )
    assert (settings.zone, settings.port, settings.made_up) == ("WIB", 8080, False)
    gate = settings.gate("gerbang-1")
    assert (gate.step, gate.place) == (Step.LOADING, "1771/gudang")
    assert settings.cameras == (
        CameraSettings(name="kamera-1", gate="gerbang-1", source="0"),
    )
    with pytest.raises(StationError, match=r"\(gerbang-1\), got 'x'"):
        settings.gate("x")


def test_everything_can_be_set(tmp_path: Path) -> None:
    text = GOOD.replace(
        'place = "kantor"\n\n[[gate]]',
        'place = "ppk-1"\ngeneration = 2\nzone = "WIT"\nmade_up = true\nport = 80\n'
        "voting_day = 2029-02-14\n"
        '[[gate]]\nstep = "accepting"',
    )
    text += 'width = 1920\nheight = 1080\nfps = 30\nfourcc = "YUYV"\nbackend = "msmf"\n'

    settings = loaded(tmp_path, text)

    assert settings.origin == "jejak/1771/ppk-1/g2"
    assert (settings.zone, settings.port, settings.made_up) == ("WIT", 80, True)
    assert settings.voting_day == date(2029, 2, 14)
    assert settings.gates[0].step is Step.ACCEPTING
    assert settings.cameras[0] == CameraSettings(
        name="kamera-1",
        gate="gerbang-1",
        source="0",
        width=1920,
        height=1080,
        fps=30,
        fourcc="YUYV",
        backend="msmf",
    )


def test_what_windows_editors_write_is_read(tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()

    assert loaded(tmp_path, raw).title == "KPU Kota Bengkulu"


WRONG = (
    ('regency = "1771"', "", "[station] regency", 'regency = "1771"'),
    ('regency = "1771"', "regency = 1771", "[station] regency", 'regency = "1771"'),
    ('regency = "1771"', 'regency = "177"', "[station] regency", "'177'"),
    ('regency = "1771"', 'regency = "\\u0661771"', "[station] regency", "771"),
    ('title = "KPU Kota Bengkulu"', "", "[station] title", "nothing"),
    ('title = "KPU Kota Bengkulu"', 'title = " "', "[station] title", "a text"),
    ('title = "KPU Kota Bengkulu"', 'title = "a\\u0007"', "[station] title", "a text"),
    ('place = "kantor"', 'place = "Gudang 1"', "[station] place", "Gudang 1"),
    ('place = "kantor"', 'place = "gudang"\nzone = "UTC"', "zone", "WIB, WITA"),
    ('place = "kantor"', 'place = "gudang"\nzone = ["WIB"]', "zone", "WIB, WITA"),
    ('place = "kantor"', 'place = "gudang"\nport = 0', "[station] port", "1 to"),
    ('place = "kantor"', 'place = "gudang"\nport = 70000', "port", "65535"),
    ('place = "kantor"', 'place = "gudang"\nport = true', "port", "True"),
    ('place = "kantor"', 'place = "gudang"\nport = "80"', "port", "'80'"),
    ('place = "kantor"', 'place = "gudang"\ngeneration = -1', "generation", "-1"),
    ('place = "kantor"', 'place = "g"\nmade_up = "no"', "made_up", "true or"),
    ('place = "kantor"', 'place = "g"\nprot = 80', "[station] prot", "port"),
    ('place = "kantor"', 'place = "g"\nvoting_day = "2029-02-14"', "_day", "quotes"),
    (
        'place = "kantor"',
        'place = "g"\nvoting_day = 2029-02-14T08:00:00',
        "_day",
        "a date",
    ),
    ("[station]", "[stasiun]", "stasiun", "station, gate, camera"),
    ("[station]", "[[station]]", "[station]", "a table"),
    ("[[gate]]", "[gate]", "[[gate]]", "tables of this name"),
    ('name = "gerbang-1"', 'name = "Gerbang 1"', "[[gate]] name", "gerbang"),
    ('name = "gerbang-1"', "", "[[gate]] name", "gerbang-1"),
    ('title = "Gerbang 1"', "", "[[gate]] title", "Gerbang 1"),
    ('title = "Gerbang 1"', 'title = "G"\nstep = "out"', "step", "loading, accepting"),
    ('title = "Gerbang 1"', 'title = "G"\nstep = {}', "step", "loading, accepting"),
    ('title = "Gerbang 1"', 'title = "G"\ncolour = "red"', "colour", "name, title"),
    ('gate = "gerbang-1"', 'gate = "gerbang-9"', "[[camera]] gate", "gerbang-1"),
    ('gate = "gerbang-1"', "", "[[camera]] gate", "gerbang-1"),
    ('source = "0"', "source = 0", "[[camera]] source", 'source = "0"'),
    ('source = "0"', 'source = "0"\nwidth = 0', "[[camera]] width", "0"),
    ('source = "0"', 'source = "0"\nfps = 15.5', "[[camera]] fps", "15.5"),
    ('source = "0"', 'source = "0"\nfourcc = "MJPEG"', "fourcc", "MJPG"),
    ('source = "0"', 'source = "0"\nbackend = "vfw"', "backend", "auto, v4l2"),
    ('place = "kantor"', 'place = "g"\nlegs = []', "[station] legs", "gudang-ppk"),
    ('place = "kantor"', 'place = "g"\nlegs = "gudang-ppk"', "legs", "gudang-ppk"),
    ('place = "kantor"', 'place = "g"\nlegs = ["gudang-tps"]', "legs", "kpps"),
    ('place = "kantor"', 'place = "g"\nlegs = ["ppk-ppk"]', "legs", "to another"),
    (
        'place = "kantor"',
        'place = "g"\nlegs = ["gudang-ppk", "kpps-ppk"]',
        "[station] legs",
        "a leg from the warehouse to kpps, where kpps-ppk begins",
    ),
    (
        'place = "kantor"',
        'place = "g"\nlegs = ["ppk-pps", "pps-ppk"]',
        "[station] legs",
        "a leg from the warehouse to ppk",
    ),
    (
        'title = "Gerbang 1"',
        'title = "G"\nstep = "accepting"\narea = "17.02.01"',
        "area",
        "the kab/kota 1771",
    ),
    ('title = "Gerbang 1"', 'title = "G"\nat = "tps"', "[[gate]] at", "kpps"),
    (
        'title = "Gerbang 1"',
        'title = "G"\nat = "ppk"',
        "at",
        "the legs gudang-ppk begins",
    ),
    (
        'title = "Gerbang 1"',
        'title = "G"\nstep = "accepting"\nat = "gudang"',
        "at",
        "the legs gudang-ppk ends",
    ),
    ('title = "Gerbang 1"', 'title = "G"\narea = "17.71.02"', "area", "no area"),
    (
        'title = "Gerbang 1"',
        'title = "G"\nstep = "accepting"\narea = "17.71.02.1021"',
        "area",
        "17.71.02",
    ),
    ('source = "0"', 'source = "0"\nzoom = 2', "[[camera]] zoom", "source"),
)


@pytest.mark.parametrize(
    ("line", "other", "key", "hint"), WRONG, ids=[f"{w[2]}: {w[3]}" for w in WRONG]
)
def test_a_wrong_key_is_named_with_what_to_write(
    line: str, other: str, key: str, hint: str, tmp_path: Path
) -> None:
    assert GOOD.count(line) == 1

    with pytest.raises(StationError) as refused:
        loaded(tmp_path, GOOD.replace(line, other))

    sentence = str(refused.value)
    assert "station.toml" in sentence
    assert f"{key}: expected" in sentence
    assert hint in sentence
    assert sentence.endswith("correct that line.")
    assert "\n" not in sentence


def test_legs_and_gates_of_every_place(tmp_path: Path) -> None:
    text = GOOD.replace(
        'place = "kantor"',
        'place = "kantor"\nlegs = ["ppk-gudang", "pps-ppk", "gudang-ppk", "ppk-pps"]',
    )
    for name, more in (
        ("masuk", 'step = "accepting"\nat = "gudang"'),
        ("ppk-masuk", 'step = "accepting"\narea = "17.71.02"'),
        ("ppk-keluar", 'at = "ppk"\narea = "17.71.02"'),
        ("pps", 'step = "accepting"\nat = "pps"\narea = "17.71.02.1021"'),
    ):
        text += f'[[gate]]\nname = "{name}"\ntitle = "G"\nplace = "p"\n{more}\n'

    settings = loaded(tmp_path, text)

    assert [leg.name for leg in settings.legs] == [
        "gudang-ppk",
        "ppk-pps",
        "pps-ppk",
        "ppk-gudang",
    ]
    served = {
        gate.name: (gate.area, [leg.name for leg in gate.legs])
        for gate in settings.gates
    }
    assert served == {
        "gerbang-1": (None, ["gudang-ppk"]),
        "masuk": (None, ["ppk-gudang"]),
        "ppk-masuk": ("17.71.02", ["gudang-ppk", "pps-ppk"]),
        "ppk-keluar": ("17.71.02", ["ppk-pps", "ppk-gudang"]),
        "pps": ("17.71.02.1021", ["ppk-pps"]),
    }


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    table = GOOD[GOOD.index("[[gate]]") : GOOD.index("[[camera]]")]
    for twice in (table, GOOD[GOOD.index("[[camera]]") :]):
        with pytest.raises(StationError, match="another name for each"):
            loaded(tmp_path, GOOD + twice)


def test_a_station_without_a_gate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StationError, match=r"\[\[gate\]\]: expected at least one"):
        loaded(tmp_path, GOOD[: GOOD.index("[[gate]]")])


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"[station\n", "line 1"),
        (b"[station]\ntitle = 'a\n", "end of document"),
        (b'[station]\ntitle = "\xe4"\n', "utf-8"),
        (b"a = 1\na = 2\n", "line 2"),
    ],
)
def test_what_is_no_toml_is_one_sentence_with_its_line(
    raw: bytes, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(StationError) as refused:
        loaded(tmp_path, raw)

    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_no_file_or_a_folder_in_its_place_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StationError, match="jejak init"):
        load(tmp_path)
    (tmp_path / "station.toml").mkdir()
    with pytest.raises(StationError, match="Cannot read"):
        load(tmp_path)


def test_where_the_station_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JEJAK_DATA", str(tmp_path / "env"))

    assert data_folder("given") == tmp_path / "given"
    assert data_folder(None) == tmp_path / "env"
    monkeypatch.setenv("JEJAK_DATA", "")
    assert data_folder(None).name == "jejak"
    assert data_folder(None) == data_folder("")


def test_web_names_hosts_and_says_whether_tls_is_in_front(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text(
        'station = { regency = "1771", title = "KPU", place = "gudang" }\n'
        '[[gate]]\nname = "g"\ntitle = "G"\nplace = "gudang"\n'
        '[web]\nhosts = ["gudang.lan", "192.168.1.10"]\ntls = true\n',
        "utf-8",
    )

    settings = station_toml.load(tmp_path)

    assert settings.web.hosts == ("gudang.lan", "192.168.1.10")
    assert settings.web.tls


@pytest.mark.parametrize("hosts", ['"gudang.lan"', '["http://x"]', '["a b"]', "[1]"])
def test_web_hosts_are_names(tmp_path: Path, hosts: str) -> None:
    (tmp_path / "station.toml").write_text(
        'station = { regency = "1771", title = "KPU", place = "gudang" }\n'
        '[[gate]]\nname = "g"\ntitle = "G"\nplace = "gudang"\n'
        f"[web]\nhosts = {hosts}\n",
        "utf-8",
    )

    with pytest.raises(StationError, match="hosts"):
        station_toml.load(tmp_path)


def test_routes_say_how_long_a_truck_takes(tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    file.write_text(GOOD + '[routes]\n"17.71.02" = 45\n', "utf-8")
    assert station_toml.load(tmp_path).routes == {"17.71.02": 45}
    for wrong in ('"17.71" = 45', '"17.71.02" = 0', '"17.71.02" = "45"'):
        file.write_text(f"{GOOD}[routes]\n{wrong}\n", "utf-8")
        with pytest.raises(StationError, match="correct that line"):
            station_toml.load(tmp_path)
