"""What an entry's ``data`` may hold: refused before it is recorded, and by verify."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from station.custody.consignment.trip_details import PEOPLE, Trip
from station.custody.entry_data import gate_shapes, words
from station.custody.entry_data.check import SHAPES, check_data
from station.custody.entry_data.reference import BODY, TYPES, markdown
from station.errors import StationError
from station.ledger import tiles
from station.ledger.entry_body import KEYS
from station.ledger.verify import verify
from station.model import EntryType
from tests import ledger_station

if TYPE_CHECKING:
    from station.ledger.log import Log

ROOT = Path(__file__).resolve().parent.parent
SCAN = {"source": "camera", "camera": "kamera-1"}
CASES = [
    ("loading", {}, "Expected source in loading, found none"),
    (
        "loading",
        {**SCAN, "note": ""},
        "Expected the fields of loading, got also 'note'",
    ),
    ("loading", {**SCAN, "form": True}, "Expected form of loading to be whole number"),
    ("loading", {"source": "telepathy"}, "Expected source of loading to be one of"),
    ("loading", {"source": ["camera"]}, "Expected source of loading to be one of"),
    ("packing", {}, "Expected a kind of entry that this release knows, got packing"),
    ("system", {"event": "teleport"}, "this release knows, got system 'teleport'"),
    ("system", {"event": ["start"]}, "this release knows, got system"),
    ("system", {}, "this release knows, got system"),
    (
        "consignment",
        {"action": "trip", "trip": {"names_sha256": {"driver": "Agus"}}},
        "Expected trip.names_sha256.driver of consignment 'trip' to be SHA-256",
    ),
    (
        "registry",
        {"action": "plan", "files": {}, "areas": [["kota", "17.71", "Bengkulu"]]},
        "Expected areas of registry 'plan' to be list",
    ),
]


@pytest.mark.parametrize(("entry_type", "data", "sentence"), CASES)
def test_an_unknown_shape_is_refused_by_name(
    entry_type: str, data: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(StationError) as refused:
        check_data(entry_type, data)

    assert sentence in str(refused.value)
    assert "newer release" in str(refused.value)


def test_an_entry_of_an_unknown_shape_is_never_recorded(log: Log) -> None:
    size = log.size
    draft = replace(ledger_station.loading(0), data={**SCAN, "speed": 3})

    with pytest.raises(StationError, match="got also 'speed'"), log.writing() as batch:
        batch.append(draft)

    assert log.size == size
    with log.writing() as batch:
        batch.append(replace(draft, data=SCAN))
    assert log.size == size + 1


def test_verify_names_the_first_entry_that_no_release_up_to_this_one_writes(
    tmp_path: Path,
) -> None:
    ledger = ledger_station.begin(tmp_path)
    good = replace(ledger_station.loading(0), data=SCAN)
    ledger.append(good, replace(good, data={**SCAN, "form": "3"}), good)

    report = verify(ledger.db, check_data=check_data)
    tiles.export(ledger.db, tmp_path / "tiles")
    exported = tiles.verify_tiles(tmp_path / "tiles", check_data=check_data)

    assert verify(ledger.db).holds, "its bytes are sound"
    assert (report.seq, exported.seq) == (2, 2)
    assert report.fault is not None
    assert report.fault.startswith("Entry 2: Expected form of loading to be whole")
    assert exported.fault == report.fault
    ledger.db.close()


def test_each_word_of_an_action_or_event_has_a_shape() -> None:
    known = {(type(shape.word), str(shape.word)) for shape in SHAPES}
    listed = (words.RegistryAction, words.InspectingAction, words.SystemEvent)

    for enum in (*listed, words.ConsignmentAction):
        assert {(enum, str(word)) for word in enum} <= known


def test_the_trip_that_is_recorded_is_the_trip_that_is_known() -> None:
    public = {field.name for field in gate_shapes.TRIP.fields} - {"names_sha256"}

    assert public | {*PEOPLE} == {field.name for field in fields(Trip)}


def test_the_reference_is_what_the_code_says() -> None:
    committed = (ROOT / "docs" / "entries.md").read_text("utf-8")

    assert committed == markdown(), "run: python .ci/entries"
    assert {name for name, *_ in BODY} == KEYS
    assert set(TYPES) == set(EntryType)
