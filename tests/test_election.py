"""Elections are data: profiles, their figures, and what station.toml may say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from labels.artwork import BARS
from station.custody.labelling.selection import BALLOT_WORDS
from station.errors import StationError
from station.model import Ballot
from station.settings import station_toml
from station.settings.election_profiles import PROFILES, configured

if TYPE_CHECKING:
    from station.settings.station_toml import Settings


@pytest.mark.parametrize(
    ("profile", "kinds", "papers"),
    [
        ("pemilu", 5, 306),
        ("pemilu-dki", 4, 306),
        ("pilkada-kota", 2, 308),
        ("pilkada-kabupaten", 2, 308),
        ("psu", 5, 306),
    ],
)
def test_a_profile_is_kinds_and_a_reserve_rounded_up(
    profile: str, kinds: int, papers: int
) -> None:
    election = PROFILES[profile]

    assert len(election.kinds) == kinds
    assert election.papers(300) == papers
    assert election.papers(0) == 0


def test_every_kind_has_its_words_and_colour_on_paper() -> None:
    assert set(BALLOT_WORDS) == set(Ballot)
    assert set(BARS) == {ballot.value for ballot in Ballot}


def test_a_station_without_the_table_holds_a_pemilu(settings: Settings) -> None:
    assert settings.election == PROFILES["pemilu"]


def test_each_key_changes_one_figure(settings: Settings) -> None:
    file = settings.folder / "station.toml"
    table = """
[election]
profile = "psu"
id = "psu-2024-02"
kinds = ["DPD", "PPWP"]
reserve_percent = 2.5
subset = false
boxes_per_ppk = 2
bundle_size = 10
carton_size = 400
most_voters = 500
special_from = 901
"""
    file.write_text(file.read_text("utf-8") + table, "utf-8")

    election = station_toml.load(settings.folder).election

    assert election.kinds == (Ballot.PPWP, Ballot.DPD)
    assert election.papers(200) == 205
    assert (election.boxes_per_ppk, election.bundle_size) == (2, 10)
    assert election.mark == "PSU-2024-02"


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"profil": "pemilu"}, "profil: expected one of profile"),
        ({"profile": "pilpres"}, "profile: expected one of pemilu"),
        ({"profile": ["pemilu"]}, "profile: expected"),
        ({"id": "PSU 1"}, "id: expected a short name"),
        ({"profile": "psu", "id": "psu-2024-02-xiv"}, "id: expected at most 14"),
        ({"profile": "psu", "id": "ulang"}, "id: expected one that begins with psu"),
        ({"kinds": []}, "kinds: expected a list"),
        ({"kinds": ["DPRD"]}, "kinds: expected a list"),
        ({"kinds": [["DPR"]]}, "kinds: expected a list"),
        ({"kinds": "DPR"}, "kinds: expected a list"),
        ({"reserve_percent": "2"}, "reserve_percent: expected a percentage"),
        ({"reserve_percent": True}, "reserve_percent: expected a percentage"),
        ({"reserve_percent": 2.55}, "reserve_percent: expected a percentage"),
        ({"reserve_percent": 101}, "reserve_percent: expected a percentage"),
        ({"subset": 1}, "subset: expected true or false"),
        ({"boxes_per_ppk": -1}, "boxes_per_ppk: expected a whole number from 0"),
        ({"bundle_size": 0}, "bundle_size: expected a whole number from 1"),
        ({"carton_size": True}, "carton_size: expected a whole number"),
    ],
)
def test_a_wrong_key_is_one_sentence(table: dict[str, object], sentence: str) -> None:
    with pytest.raises(StationError) as refused:
        configured(table)

    assert str(refused.value).startswith(f"[election] {sentence}")
    assert str(refused.value).endswith("correct that line.")


def test_the_error_names_the_file(settings: Settings) -> None:
    file = settings.folder / "station.toml"
    file.write_text(file.read_text("utf-8") + "\n[election]\nkinds = []\n", "utf-8")

    with pytest.raises(StationError, match=r"station\.toml: \[election\] kinds"):
        station_toml.load(settings.folder)
