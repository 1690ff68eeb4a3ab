"""docs/settings.md: every key that the code knows, no other, and its true default."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from station.errors import StationError
from station.settings.election_profiles import PROFILES
from station.settings.station_toml import Settings, load
from tests.doc_pages import ROOT, read

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCS = Path(__file__).resolve().parents[1] / "docs" / "settings.md"

LEAST = {
    "station": {"regency": '"1771"', "title": '"KPU"', "place": '"gudang"'},
    "gate": {"name": '"gerbang-1"', "title": '"Gerbang 1"', "place": '"gudang"'},
    "camera": {"name": '"kamera-1"', "gate": '"gerbang-1"', "source": '"0"'},
    "election": {},
    "stock": {
        "name": '"mine"',
        "title": '"Mine"',
        "page_mm": "[105, 148]",
        "label_mm": "[105, 148]",
    },
    "backup": {},
    "web": {},
}
"""The needed keys of each table whose keys have names of their own."""
MANY = {"gate", "camera", "stock"}
HEADING = r"## `\[{1,2}(\w+)\]{1,2}`"
ROW = r"\| `(\w+)` \| (`.+?`|needed|none) \| [^|]+ \| [^|]+ \|"
PROFILE = r'\| `([a-z-]+)` \| `"(.+?)"` \| `\[(.+?)\]` \| `([\d.]+)` \| `(\w+)` \|'
GIVEN = {"voting_day": "2029-02-14", "area": '"17.71.02"'}
"""What a key without a default may hold."""


@dataclass(frozen=True)
class Key:
    """A row of the page."""

    table: str
    name: str
    default: str
    """TOML, or ``needed`` or ``none``."""


def lines() -> list[str]:
    return DOCS.read_text("utf-8").splitlines()


def rows() -> Iterator[Key]:
    """Every row of the page that describes a key of a named table."""
    table = ""
    for line in lines():
        if heading := re.fullmatch(HEADING, line):
            table = heading[1]
        elif line.startswith("## "):
            table = ""
        elif re.match(PROFILE, line) is None and (row := re.fullmatch(ROW, line)):
            yield Key(table, row[1], row[2].strip("`"))


ROWS = list(rows())


def text(tables: dict[str, dict[str, str]]) -> str:
    """station.toml with these tables."""
    parts = []
    for table, keys in tables.items():
        parts.append(f"[[{table}]]" if table in MANY else f"[{table}]")
        parts.extend(f"{key} = {value}" for key, value in keys.items())
    return "\n".join(parts)


def loaded(folder: Path, tables: dict[str, dict[str, str]]) -> Settings:
    (folder / "station.toml").write_text(text(tables), "utf-8")
    return load(folder)


def known(folder: Path, table: str) -> set[str]:
    """The keys that the code takes there, by its own error."""
    with pytest.raises(StationError) as refused:
        loaded(folder, LEAST | {table: LEAST[table] | {"zzz": "1"}})
    listed = re.search(r"zzz: expected one of (.+), got 'zzz'", str(refused.value))
    assert listed is not None
    return set(listed[1].split(", "))


@pytest.mark.parametrize("table", LEAST)
def test_every_key_has_one_row_and_every_row_a_key(table: str, tmp_path: Path) -> None:
    documented = [row.name for row in ROWS if row.table == table]

    assert sorted(documented) == sorted(known(tmp_path, table))


def test_every_table_has_its_part_of_the_page(tmp_path: Path) -> None:
    with pytest.raises(StationError) as refused:
        loaded(tmp_path, {"zzz": {}} | LEAST)
    listed = re.search(r"zzz: expected one of (.+), got 'zzz'", str(refused.value))

    assert listed is not None
    parts = set(
        re.findall(r"^## `\[{1,2}(\w+)\]{1,2}`$", DOCS.read_text("utf-8"), re.MULTILINE)
    )
    assert parts == set(listed[1].split(", "))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.table}.{row.name}")
def test_its_default_is_what_the_code_takes(row: Key, tmp_path: Path) -> None:
    least = loaded(tmp_path, LEAST)
    needed = row.name in LEAST[row.table]

    assert needed == (row.default == "needed")
    if needed:
        without = {key: LEAST[row.table][key] for key in LEAST[row.table]}
        del without[row.name]
        with pytest.raises(StationError, match=row.name):
            loaded(tmp_path, LEAST | {row.table: without})
    elif row.default != "none":
        with_it = LEAST[row.table] | {row.name: row.default}
        assert loaded(tmp_path, LEAST | {row.table: with_it}) == least


@pytest.mark.parametrize(
    ("table", "key"), [(row.table, row.name) for row in ROWS if row.default == "none"]
)
def test_a_key_without_a_default_changes_something(
    table: str, key: str, tmp_path: Path
) -> None:
    least = loaded(tmp_path, LEAST)
    value = GIVEN.get(key, f"'{tmp_path}'")
    keys = LEAST[table] | {key: value}
    if key == "area":  # no gate of the warehouse has one
        keys |= {"step": '"accepting"'}

    changed = loaded(tmp_path, LEAST | {table: keys})

    assert changed != least


def test_the_profiles_are_as_they_are_in_the_code() -> None:
    found = {}
    pattern = (
        r"^\| `([a-z-]+)` \| `\"(.+?)\"` \| `\[(.+?)\]` \| `([\d.]+)` \| `(\w+)` \|$"
    )
    for row in re.finditer(pattern, DOCS.read_text("utf-8"), re.MULTILINE):
        kinds = tuple(row[3].replace('"', "").split(", "))
        found[row[1]] = (row[2], kinds, round(float(row[4]) * 10), row[5] == "true")

    assert found == {
        name: (
            profile.id,
            tuple(kind.value for kind in profile.kinds),
            profile.reserve_permille,
            profile.subset,
        )
        for name, profile in PROFILES.items()
    }


def test_the_readme_has_a_station_of_two_gates_and_two_cameras(tmp_path: Path) -> None:
    (written,) = (
        block
        for language, block in read(ROOT / "README.md").blocks
        if language == "toml"
    )
    (tmp_path / "station.toml").write_text(written, "utf-8")

    settings = load(tmp_path)

    assert [gate.at for gate in settings.gates] == ["gudang", "ppk"]
    assert [camera.gate for camera in settings.cameras] == [
        gate.name for gate in settings.gates
    ]
