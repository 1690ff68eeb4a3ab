"""What screens show of a gate and of the registry: only what the ledger holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from station.custody import registry
from station.custody.entry_data.words import OwnWords
from station.custody.gate import panel
from station.custody.history import progress_by_place
from station.custody.load import (
    find_load,
    items_on_truck,
    list_loads,
    missing_by_kind,
    missing_items,
    open_load,
)
from station.model import Ballot, Phase, Verdict
from tests.conftest import FAR, NEAR, Dock

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.ledger.log import Log
    from tests.conftest import City


def test_panel_shows_the_last_scans_newest_first(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    for box in (*city.near, city.loose, city.near[0], city.far[0]):
        loading.see(box)

    shown = panel.panel(log.db, loading.gate.settings)

    assert shown.rev == log.size
    assert shown.last == shown.recent[0]
    assert [line.verdict for line in shown.recent] == [
        Verdict.MISROUTED,
        Verdict.REPEATED,
        *[Verdict.ACCEPTED] * (panel.RECENT - 2),
    ]
    assert shown.holds == shown.recent[:1]
    assert {line.entry.draft.actor for line in shown.recent} == {"p01"}
    assert shown.shift is None
    assert shown.load is not None
    assert (shown.load.counted, shown.load.expected) == (5, 5)


def test_panel_of_a_gate_tells_nothing_of_another(
    loading: Dock, dock: Callable[[str], Dock], city: City, log: Log
) -> None:
    loading.open()
    loading.see(city.far[0])

    shown = panel.panel(log.db, dock("gerbang-2").gate.settings)

    assert (shown.load, shown.holds, shown.last, shown.recent) == (None, (), None, ())


def test_label_that_names_nothing_here_is_a_line_without_an_item(
    loading: Dock, city: City, log: Log
) -> None:
    assert city.near
    loading.open()
    loading.show("J1nonsense", loading.text("1771-B-ZZZZZ"))

    first, second = panel.panel(log.db, loading.gate.settings).holds

    assert (first.item, first.entry.draft.items) == (None, ())
    assert (second.item, second.entry.draft.items) == (None, ("1771-B-ZZZZZ",))


def test_missing_list_goes_by_place_and_its_kinds_add_up(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    loading.see(city.near[1])
    load = open_load(log.db, "gerbang-1")
    assert load is not None

    missing = [line.item for line in missing_items(log.db, load)]

    assert [(one.place.tps, one.item.ballot) for one in missing] == [
        (None, Ballot.PPWP),
        ("001", Ballot.PPWP),
        ("002", Ballot.PPWP),
        ("002", Ballot.DPR),
    ]
    assert missing_by_kind(log.db, load) == {Ballot.PPWP: 3, Ballot.DPR: 1}
    assert load.missing == 4


def test_missing_by_kind_is_counted_by_the_database_not_box_by_box(
    loading: Dock, city: City, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A paint of the panel asks for it, with thousands of boxes missing."""
    loading.open()
    loading.see(city.near[1])
    load = open_load(log.db, "gerbang-1")
    assert load is not None
    monkeypatch.delattr(registry, "item_from_row")

    assert missing_by_kind(log.db, load) == {Ballot.PPWP: 3, Ballot.DPR: 1}


def test_on_truck_is_newest_first_without_what_was_taken_off(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    loading.see(city.near[0])
    loading.see(city.near[1], city.near[2])
    loading.gate.take_off(city.near[1], reason=OwnWords("x"), actor="p01")
    load = open_load(log.db, "gerbang-1")
    assert load is not None

    on_truck = [found.item.id for found in items_on_truck(log.db, load)]

    assert on_truck == [city.near[2], city.near[0]]


def test_loads_are_all_consignments_newest_first(
    loading: Dock, dock: Callable[[str], Dock], city: City, log: Log
) -> None:
    loading.open(NEAR)
    dock("gerbang-2").open(FAR)
    loading.see(city.near[0])
    loading.close("truk penuh")

    found = list_loads(log.db)

    assert [(load.number, load.phase, load.destination_name) for load in found] == [
        (2, Phase.LOADING, "Gading Cempaka"),
        (1, Phase.DEPARTED, "Selebar"),
    ]
    assert find_load(log.db, "C-0001") == found[1]
    assert find_load(log.db, "C-0003") is None


def test_counts_are_of_entries_and_accepted_scans(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    loading.see(city.near[0], city.near[0], city.near[1])

    assert progress_by_place.counts(log.db) == (log.size, 2)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("pagar", 5),
        ("PAGAR dewa tps 002", 2),
        ("tps 2", 2),
        ("TPS2 dpr", 1),
        ("tps", 8),
        ("00002", 2),
        ("selebar ppwp", 4),
        ("1771-K", 2),
        ("gading 001 dpr", 1),
        ("%", 0),
        ("_", 0),
        ("!", 0),
        ("", 0),
        ("pagar nirwana", 0),
        ("' OR 1=1 --", 0),
        ("pagar " * 5_000, 5),
        ("x" * 200_000, 0),
    ],
    ids=lambda value: str(value)[:20],
)
def test_search_finds_what_every_word_fits(
    text: str, count: int, city: City, log: Log
) -> None:
    assert city.near

    found = registry.search(log.db, text, 50)

    assert len(found) == count
    assert registry.search(log.db, text, 1) == found[:1]


def test_registry_names_places_and_leaves_out_what_is_not_there(
    city: City, log: Log
) -> None:
    ids = ["1771-B-ZZZZZ", city.near[1], city.loose]

    box, loose = registry.items(log.db, ids)

    assert (box.item.id, loose.item.id) == (city.near[1], city.loose)
    assert (box.place.kecamatan, box.place.kelurahan, box.place.tps) == (
        "Selebar",
        "Pagar Dewa",
        "001",
    )
    assert (loose.place.kelurahan, loose.place.tps) == (None, None)
    assert box.hri.startswith(f"{city.near[1]}-")
    assert registry.area_name(log.db, NEAR) == "Selebar"
    assert registry.area_name(log.db, "17.02") == "17.02"
    assert registry.kecamatan(log.db) == [(NEAR, "Selebar"), (FAR, "Gading Cempaka")]
