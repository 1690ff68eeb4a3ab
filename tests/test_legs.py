"""Down to the polling stations and back after the vote, each leg with its own gates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from labels.label_code import ItemKind
from station.custody import departures, registry
from station.custody.consignment import (
    after_closing,
    cancelling,
    opening,
    split_stations,
    trip_details,
)
from station.custody.consignment.opening import OpeningOrder
from station.custody.entry_data.words import OwnWords, Where
from station.custody.gate import open_work, seals_and_condition
from station.custody.gate.closing import Closing
from station.custody.gate.scanning import Gate
from station.custody.gate.seals_and_condition import Inspection
from station.custody.history import consignment_journey, progress_by_place
from station.custody.labelling import first_issue, reissue
from station.custody.labelling.first_issue import Issue
from station.custody.labelling.print_errors import PrintError
from station.custody.load import find_load, open_load
from station.custody.projection import apply_entries
from station.errors import OperationRefused, RefusalReason, StationError
from station.ledger import log as ledger
from station.leg import OUT, Leg, Tier, in_order, place_of
from station.model import Ballot, ItemState, Step
from station.settings.gates_and_legs import GateSettings, legs_at
from tests.conftest import FAR, NEAR, OPERATOR, RECEIVER, SECOND, Dock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from station.ledger.log import Log
    from station.settings.station_toml import Settings
    from tests.conftest import City, StillClock

VILLAGE = f"{NEAR}.1001"
TPS = f"{VILLAGE}/001"
DOWN = ("gudang-ppk", "ppk-pps", "pps-kpps")
BACK = ("kpps-pps", "pps-ppk", "ppk-gudang")
ALL = tuple(Leg.parse(name) for name in (*DOWN, *BACK))
AREAS = {
    **dict(zip((*DOWN, *BACK), (NEAR, VILLAGE, TPS, TPS, VILLAGE, NEAR), strict=True)),
    "gudang-pps": VILLAGE,
    "pps-gudang": VILLAGE,
}
"""Whose goods go on each leg in these tests."""


@pytest.fixture
def at(log: Log, clock: StillClock, dock: Callable[[str], Dock]) -> Callable[..., Dock]:
    """A gate of any place: ``at(Tier.PPK, Step.LOADING)``."""
    key = dock("gerbang-1").key

    def make(
        tier: Tier, step: Step, area: str | None = None, legs: Sequence[Leg] = ALL
    ) -> Dock:
        settings = GateSettings(
            name=f"{tier}-{step}",
            title=f"{tier} {step}",
            step=step,
            place=f"1771/{tier}",
            at=tier,
            area=area,
            legs=legs_at(legs, step, tier),
        )
        return Dock(Gate(log, settings, key, clock), clock, key)

    return make


def send(gate: Dock, leg: str) -> str:
    """Open a consignment of everything there on this leg; gives its id."""
    order = OpeningOrder(area=AREAS[leg], kinds=tuple(Ballot), leg=Leg.parse(leg))
    entry = opening.open_consignment(
        gate.gate.log, gate.gate.settings, order, actor=OPERATOR, at=gate.clock()
    )
    return str(entry.draft.consignment)


def go(at: Callable[..., Dock], leg: str, *items: str) -> str:
    """All of a leg: these items are loaded, leave, arrive and are counted in."""
    way = Leg.parse(leg)
    out, inward = at(way.source, Step.LOADING), at(way.destination, Step.ACCEPTING)
    load = send(out, leg)
    assert out.see(*items) == ["ACCEPTED"] * len(items)
    out.close("yang lain tinggal")
    inward.arrive(load)
    assert inward.see(*items) == ["ACCEPTED"] * len(items)
    inward.close()
    return load


def stands(log: Log, item: str) -> tuple[ItemState, Tier]:
    found = registry.item(log.db, item)
    assert found is not None
    return found.item.state, found.item.at


def test_a_box_goes_down_to_its_polling_station_and_back(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    box = city.near[0]
    for leg in ALL:
        assert stands(log, box)[1] is leg.source
        go(at, leg.name, box)
        assert stands(log, box) == (ItemState.ACCEPTED, leg.destination)

    tables = ("item", "consignment", "consignment_item")
    before = [
        [tuple(row) for row in log.db.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]  # noqa: S608
        for table in tables
    ]
    with log.writing() as batch:
        apply_entries.rebuild(batch.db)
    after = [
        [tuple(row) for row in log.db.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]  # noqa: S608
        for table in tables
    ]
    assert after == before


def test_a_site_may_send_straight_to_the_pps_and_take_back_from_there(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    legs = [Leg.parse("gudang-pps"), Leg.parse("pps-gudang")]
    for way in legs:
        out = at(way.source, Step.LOADING, legs=legs)
        inward = at(way.destination, Step.ACCEPTING, legs=legs)
        load = send(out, way.name)
        assert out.see(*city.near) == ["ACCEPTED"] * 4
        out.close()
        inward.arrive(load)
        assert inward.see(*city.near) == ["ACCEPTED"] * 4
        inward.close()
        assert stands(log, city.near[0]) == (ItemState.ACCEPTED, way.destination)
    # The reserve of the PPK itself has no such way to go.
    assert progress_by_place.waiting(progress_by_place.heaps(log.db), legs) == len(
        city.far
    )


def test_its_entries_name_both_places(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    go(at, "gudang-ppk", *city.near[:2])
    down = go(at, "ppk-pps", *city.near[:2])
    back = send(at(Tier.PPS, Step.LOADING), "pps-ppk")

    opened = [
        entry.draft.data
        for entry in ledger.history(log.db, city.near[0])
        if entry.draft.data.get("action") == "open"
    ]

    ends = [(said["leg"], said["from"], said["to"]) for said in opened]
    assert ends == [
        ("gudang-ppk", "17.71", NEAR),
        ("ppk-pps", NEAR, VILLAGE),
        ("pps-ppk", VILLAGE, NEAR),
    ]
    load = find_load(log.db, down)
    assert load is not None
    assert (load.source_name, load.destination_name) == ("Selebar", "Pagar Dewa")
    returning = find_load(log.db, back)
    assert returning is not None
    assert (returning.area, returning.listed) == (VILLAGE, 2)


def test_only_what_stands_there_goes_and_what_came_back_stays(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    with pytest.raises(OperationRefused) as early:
        send(at(Tier.PPK, Step.LOADING), "ppk-gudang")
    assert early.value.code is RefusalReason.NOTHING_TO_SEND

    go(at, "gudang-ppk", *city.near[:2])
    go(at, "ppk-gudang", city.near[0])

    def ready(leg: str, *, returned: bool = False) -> set[str]:
        order = OpeningOrder(
            area=AREAS[leg],
            kinds=tuple(Ballot),
            leg=Leg.parse(leg),
            returned=returned,
        )
        return set(opening.ready(log.db, order))

    never_left = {*city.near[2:], city.loose}
    assert ready("gudang-ppk") == never_left
    assert ready("gudang-ppk", returned=True) == {*never_left, city.near[0]}
    assert ready("ppk-gudang") == ready("ppk-pps") == {city.near[1]}
    # The reserve for the PPK itself goes no farther.
    go(at, "gudang-ppk", city.loose)
    assert ready("ppk-pps") == {city.near[1]}
    assert ready("ppk-gudang") == {city.near[1], city.loose}


def test_taken_off_given_up_or_found_it_stands_where_it_stood(
    at: Callable[..., Dock], city: City, log: Log, clock: StillClock
) -> None:
    box, other = city.near[:2]
    first = go(at, "gudang-ppk", box, other)
    ppk = at(Tier.PPK, Step.LOADING)
    send(ppk, "ppk-pps")
    ppk.see(box)
    ppk.gate.take_off(box, reason=OwnWords("basah"), actor=OPERATOR)
    assert stands(log, box) == (ItemState.ACCEPTED, Tier.PPK)
    found = registry.item(log.db, box)
    assert found is not None
    assert found.item.consignment == first

    assert ppk.see(box, other) == ["ACCEPTED"] * 2
    load = str(ppk.close().draft.consignment)
    assert stands(log, box) == (ItemState.DEPARTED, Tier.PPK)
    pps = at(Tier.PPS, Step.ACCEPTING)
    pps.arrive(load)
    pps.see(other)
    pps.close("satu kurang")
    asked = after_closing.ask_found(
        log.db, load, (box, Where.SOURCE), "di PPK", (RECEIVER, clock().wall_ms)
    )
    after_closing.found(log, asked, SECOND, clock())
    assert stands(log, box) == (ItemState.ACCEPTED, Tier.PPK)
    assert stands(log, other) == (ItemState.ACCEPTED, Tier.PPS)


def test_a_box_that_was_lost_on_the_way_and_came_after_all_stands_there(
    at: Callable[..., Dock], city: City, log: Log, clock: StillClock
) -> None:
    box, other = city.near[:2]
    go(at, "gudang-ppk", box, other)
    ppk, warehouse = at(Tier.PPK, Step.LOADING), at(Tier.GUDANG, Step.ACCEPTING)
    load = send(ppk, "ppk-gudang")
    ppk.see(box, other)
    ppk.close()
    warehouse.arrive(load)
    warehouse.see(other)
    warehouse.close("satu kurang")

    asked = after_closing.ask_found(
        log.db, load, (box, Where.ARRIVED), "di truk", (RECEIVER, clock().wall_ms)
    )
    after_closing.found(log, asked, SECOND, clock())

    assert stands(log, box) == (ItemState.ACCEPTED, Tier.GUDANG)


def test_a_box_of_another_kelurahan_or_kecamatan_stops_the_line(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    go(at, "gudang-ppk", *city.near[:4], city.loose)
    ppk = at(Tier.PPK, Step.LOADING)
    load = send(ppk, "ppk-pps")

    assert ppk.see(city.far[0]) == ["MISROUTED"]
    facts = dict(ledger.history(log.db, city.far[0])[-1].draft.data)
    assert (facts["belongs_to"], facts["heading_for"]) == (FAR, VILLAGE)
    ppk.release(log.size - 1)
    assert ppk.see(city.loose) == ["MISROUTED"], "it is the PPK's own"
    ppk.release(log.size - 1)
    ppk.see(*city.near)
    assert str(ppk.close().draft.consignment) == load

    pps = at(Tier.PPS, Step.ACCEPTING)
    pps.arrive(load)
    pps.see(*city.near)
    pps.close()
    out = at(Tier.PPS, Step.LOADING)
    send(out, "pps-kpps")
    assert out.see(city.near[2]) == ["MISROUTED"]
    facts = dict(ledger.history(log.db, city.near[2])[-1].draft.data)
    assert (facts["belongs_to"], facts["heading_for"]) == (f"{VILLAGE}/002", TPS)


def test_what_never_arrived_is_told_where_it_would_leave(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    box, lost, never = city.near[:3]
    go(at, "gudang-ppk", box)
    out, ppk = at(Tier.GUDANG, Step.LOADING), at(Tier.PPK, Step.ACCEPTING)
    load = send(out, "gudang-ppk")
    out.see(lost)
    out.close("satu saja")
    ppk.arrive(load)
    ppk.close("tidak ada di truk")
    onward = at(Tier.PPK, Step.LOADING)
    send(onward, "ppk-pps")

    for leg in ("ppk-pps", "ppk-gudang"):
        if leg != "ppk-pps":
            send(onward, leg)
        for missing in (lost, never):
            assert onward.see(missing) == ["UNEXPECTED"]
            assert why(log, missing) == "not_arrived"
            onward.release(log.size - 1)
        give_up(log, str(open_load(log.db, "ppk-loading").id), onward)  # type: ignore[union-attr]


def test_what_went_on_was_here_and_did_not_come_back_yet(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    box, other = city.near[:2]
    go(at, "gudang-ppk", box, other)
    go(at, "ppk-pps", box)
    ppk = at(Tier.PPK, Step.LOADING)

    for leg, reason in (("ppk-pps", "not_on_list"), ("ppk-gudang", "not_arrived")):
        load = send(ppk, leg)
        assert ppk.see(box) == ["UNEXPECTED"]
        assert why(log, box) == reason
        ppk.release(log.size - 1)
        give_up(log, load, ppk)


def test_what_was_here_and_went_back_is_not_said_never_to_have_come(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    box, other = city.near[:2]
    go(at, "gudang-ppk", box, other)
    go(at, "ppk-gudang", box)
    ppk = at(Tier.PPK, Step.LOADING)
    send(ppk, "ppk-pps")

    assert ppk.see(box) == ["UNEXPECTED"]
    assert why(log, box) == "not_on_list"


def test_a_seal_told_by_mistake_of_a_load_given_up_blocks_no_other_box(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    box, other = city.near[:2]
    out = at(Tier.GUDANG, Step.LOADING)
    load = send(out, "gudang-ppk")
    out.see(box)
    look(out, box, "S1")
    give_up(log, load, out)
    send(out, "gudang-ppk")
    out.see(box, other)
    look(out, box, "S9")

    look(out, other, "S1")

    with pytest.raises(OperationRefused) as refused:
        look(out, box, "S1")
    assert refused.value.code is RefusalReason.SEAL_TAKEN


def test_what_turned_up_where_it_had_stood_went_with_no_truck(
    at: Callable[..., Dock], city: City, log: Log, clock: StillClock
) -> None:
    box, other = city.near[:2]
    out, ppk = at(Tier.GUDANG, Step.LOADING), at(Tier.PPK, Step.ACCEPTING)
    load = send(out, "gudang-ppk")
    out.see(box, other)
    out.close("dua saja")
    ppk.arrive(load)
    ppk.see(other)
    ppk.close("satu kurang")
    asked = after_closing.ask_found(
        log.db, load, (box, Where.SOURCE), "di rak", (OPERATOR, clock().wall_ms)
    )
    after_closing.found(log, asked, SECOND, clock())

    told = find_load(log.db, load)
    assert told is not None
    assert (told.departed, told.accepted) == (1, 1)
    assert departures.last(log.db, box) is None
    found = consignment_journey.journey(log.db, load)
    assert found is not None
    (line,) = [one for one in found.carried if one.item.item.id == box]
    assert (line.loaded, line.departed) == (True, False)


def why(log: Log, item: str) -> object:
    return ledger.history(log.db, item)[-1].draft.data["reason"]


def give_up(log: Log, load: str, dock: Dock) -> None:
    asked = cancelling.ask(
        log.db,
        load,
        reason="jembatan putus",
        first=OPERATOR,
        now_ms=dock.clock().wall_ms,
    )
    cancelling.cancel(log, asked, SECOND, dock.clock())


def test_a_label_that_passes_again_while_the_next_leg_is_opened_is_repeated(
    at: Callable[..., Dock], city: City
) -> None:
    box, other = city.near[:2]
    out, ppk = at(Tier.GUDANG, Step.LOADING), at(Tier.PPK, Step.ACCEPTING)
    load = send(out, "gudang-ppk")
    out.see(box, other)
    out.close("dua saja")
    ppk.arrive(load)
    ppk.see(box)
    onward = at(Tier.PPK, Step.LOADING)
    send(onward, "ppk-pps")

    assert ppk.see(box) == ["REPEATED"]
    onward.see(box)
    # On the other truck already, it has no business here.
    assert ppk.see(box) == ["MISROUTED"]


def test_what_was_given_up_on_a_later_leg_stands_where_it_stood(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    box, other = city.near[:2]
    first = go(at, "gudang-ppk", box, other)
    for departed in (False, True):
        ppk = at(Tier.PPK, Step.LOADING)
        load = send(ppk, "ppk-pps")
        ppk.see(box, other)
        if departed:
            ppk.close()
        give_up(log, load, ppk)

        found = registry.item(log.db, box)
        assert found is not None
        assert found.item.stands(Tier.PPK)
        assert found.item.consignment == first
        assert progress_by_place.waiting(progress_by_place.heaps(log.db), [OUT]) == 5


def test_seals_told_on_one_leg_stay_when_it_is_taken_off_on_the_next(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    box = city.near[0]
    out = at(Tier.GUDANG, Step.LOADING)
    send(out, "gudang-ppk")
    out.see(box)
    look(out, box, "S1")
    load = str(out.close("satu saja").draft.consignment)
    ppk = at(Tier.PPK, Step.ACCEPTING)
    ppk.arrive(load)
    ppk.see(box)
    ppk.close()
    onward = at(Tier.PPK, Step.LOADING)
    send(onward, "ppk-pps")
    onward.see(box)
    look(onward, box, "S2")
    onward.gate.take_off(box, reason=OwnWords("basah"), actor=OPERATOR)

    rows = log.db.execute("SELECT number, consignment FROM seal").fetchall()
    assert [tuple(row) for row in rows] == [("S1", load)]


def look(dock: Dock, item: str, seal: str) -> None:
    with dock.gate.log.writing() as batch:
        seals_and_condition.record(
            batch,
            dock.gate.settings,
            item,
            Inspection(seals=(seal,)),
            actor=OPERATOR,
            at=dock.clock(),
        )


def test_cartons_wait_for_nothing(city: City, log: Log, clock: StillClock) -> None:
    before = progress_by_place.waiting(progress_by_place.heaps(log.db), ALL)
    with log.writing() as batch:
        carton = Issue(kind=ItemKind.CARTON, destination="17.71", ballots=(Ballot.DPR,))
        first_issue.issue(batch, "1771", [carton], actor=OPERATOR, at=clock())

    assert city.near
    assert progress_by_place.waiting(progress_by_place.heaps(log.db), ALL) == before


def test_a_label_is_voided_in_the_warehouse_before_it_left_and_once_it_is_back(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    box = city.near[0]
    reissue.voidable(log.db, [box], "rusak")
    go(at, "gudang-ppk", box)
    with pytest.raises(PrintError):
        reissue.voidable(log.db, [box], "rusak")
    go(at, "ppk-gudang", box)

    assert reissue.voidable(log.db, [box], "rusak")


def test_a_gate_serves_its_own_place_and_no_other(
    at: Callable[..., Dock], city: City
) -> None:
    go(at, "gudang-ppk", *city.near[:2])
    for gate, leg in (
        (at(Tier.PPK, Step.LOADING, FAR), "ppk-pps"),
        (at(Tier.GUDANG, Step.LOADING), "ppk-pps"),
    ):
        with pytest.raises(OperationRefused) as refused:
            send(gate, leg)
        assert refused.value.code is RefusalReason.WRONG_WAY

    ppk = at(Tier.PPK, Step.LOADING, NEAR)
    load = send(ppk, "ppk-pps")
    ppk.see(*city.near[:2])
    ppk.close()
    for gate in (
        at(Tier.PPK, Step.ACCEPTING),
        at(Tier.PPS, Step.ACCEPTING, f"{FAR}.1001"),
    ):
        with pytest.raises(OperationRefused) as refused:
            gate.arrive(load)
        assert refused.value.code is RefusalReason.WRONG_PLACE
    at(Tier.PPS, Step.ACCEPTING, VILLAGE).arrive(load)


@pytest.mark.parametrize("area", ["", FAR, "17.71.01.9999", TPS, "17.71"])
def test_the_place_is_one_of_the_leg(city: City, log: Log, area: str) -> None:
    assert city.near
    order = OpeningOrder(area=area, kinds=(Ballot.DPR,), leg=Leg.parse("ppk-pps"))
    with pytest.raises(OperationRefused) as refused:
        opening.check_order(log.db, order)
    assert refused.value.code is RefusalReason.UNKNOWN_AREA


def test_who_gave_a_load_away_does_not_receive_it_on_the_way_back_either(
    at: Callable[..., Dock], city: City
) -> None:
    go(at, "gudang-ppk", *city.near[:2])
    ppk, warehouse = at(Tier.PPK, Step.LOADING), at(Tier.GUDANG, Step.ACCEPTING)
    load = send(ppk, "ppk-gudang")
    ppk.see(*city.near[:2])
    gave = ppk.close().draft.actor
    warehouse.arrive(load)
    warehouse.see(*city.near[:2])

    with pytest.raises(OperationRefused) as refused:
        warehouse.gate.ask_close(Closing(), first=gave)

    assert refused.value.code is RefusalReason.GIVER_IS_RECEIVER


def test_the_board_counts_each_leg(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    near = city.near
    assert progress_by_place.waiting(progress_by_place.heaps(log.db), ALL) == 7
    go(at, "gudang-ppk", *near, city.loose)
    go(at, "ppk-pps", near[0], near[1])
    ppk = at(Tier.PPK, Step.LOADING)
    send(ppk, "ppk-pps")
    ppk.see(near[2])

    def counts(leg: str) -> list[tuple[int, int, int, int]]:
        return [
            (line.planned, line.loaded, line.departed, line.accepted)
            for line in progress_by_place.progress(log.db, leg=Leg.parse(leg))
        ]

    assert counts("gudang-ppk") == [(5, 0, 5, 5), (2, 0, 0, 0)]
    assert counts("ppk-pps") == [(4, 1, 2, 2), (2, 0, 0, 0)]
    assert counts("pps-kpps") == [(4, 0, 0, 0), (2, 0, 0, 0)]
    # Back comes what was there.
    assert counts("pps-ppk") == [(2, 0, 0, 0), (0, 0, 0, 0)]
    assert counts("ppk-gudang") == [(5, 0, 0, 0), (0, 0, 0, 0)]
    # The reserve is where it was to go, the others are not at their TPS yet.
    assert progress_by_place.waiting(progress_by_place.heaps(log.db), ALL) == 6
    assert progress_by_place.waiting(progress_by_place.heaps(log.db), [OUT]) == 2
    ppk.see(city.far[0])
    held = progress_by_place.progress(log.db, leg=Leg.parse("ppk-pps"))
    assert [line.held for line in held] == [True, False]
    assert not any(line.held for line in progress_by_place.progress(log.db))


def test_what_came_back_was_there_and_no_deeper(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    box, other = city.near[:2]
    go(at, "gudang-ppk", box, other)
    go(at, "ppk-pps", box)
    go(at, "pps-ppk", box)
    go(at, "ppk-gudang", box, other)

    def accepted(leg: str) -> int:
        lines = progress_by_place.progress(log.db, leg=Leg.parse(leg))
        return sum(line.accepted for line in lines)

    assert [accepted(leg.name) for leg in ALL] == [2, 1, 0, 0, 1, 2]
    # It is sent out once more: it was there, and is back no more.
    out = at(Tier.GUDANG, Step.LOADING)
    order = OpeningOrder(area=NEAR, kinds=tuple(Ballot), returned=True)
    opening.open_consignment(
        log, out.gate.settings, order, actor=OPERATOR, at=out.clock()
    )
    assert out.see(box) == ["ACCEPTED"]
    line = progress_by_place.progress(log.db)[0]
    assert (line.loaded, line.accepted) == (1, 1)
    assert progress_by_place.waiting(progress_by_place.heaps(log.db), [OUT]) == 5


def test_a_tps_is_split_among_the_trucks_of_one_leg_alone(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    def told(load: str) -> list[tuple[int, tuple[tuple[int, int], ...], int]]:
        found = find_load(log.db, load)
        assert found is not None
        return [
            (one.here, one.elsewhere, one.left)
            for one in split_stations.split(log.db, found)
        ]

    first = go(at, "gudang-ppk", city.near[0])
    second = go(at, "gudang-ppk", city.near[1])
    # However far its boxes went since.
    third = go(at, "ppk-pps", city.near[0])
    assert told(first) == [(1, ((2, 1),), 0)]
    assert told(second) == [(1, ((1, 1),), 0)]
    assert told(third) == [(1, (), 1)]


def test_a_trip_on_the_way_back_is_told(
    at: Callable[..., Dock], city: City, log: Log, clock: StillClock
) -> None:
    go(at, "gudang-ppk", *city.near[:2])
    ppk = at(Tier.PPK, Step.LOADING)
    load = send(ppk, "ppk-gudang")
    trip_details.change(
        log, load, trip_details.Trip(vehicle="BD 1"), actor=OPERATOR, at=clock()
    )
    ppk.see(*city.near[:2])
    ppk.close()
    told = find_load(log.db, load)
    assert told is not None
    assert (told.vehicle, told.destination, told.departed) == ("BD 1", "17.71", 2)


def test_a_used_leg_stays_in_the_settings(
    at: Callable[..., Dock], city: City, log: Log, settings: Settings
) -> None:
    go(at, "gudang-ppk", *city.near[:2])
    go(at, "ppk-pps", city.near[0])

    with pytest.raises(StationError, match="Expected ppk-pps among legs"):
        open_work.require_no_open_work(log.db, settings.gates, [OUT])
    open_work.require_no_open_work(log.db, settings.gates, ALL)


def test_a_gate_with_an_open_load_keeps_its_place(
    at: Callable[..., Dock], city: City, log: Log
) -> None:
    assert city.near
    gate = at(Tier.GUDANG, Step.LOADING).gate.settings
    send(at(Tier.GUDANG, Step.LOADING), "gudang-ppk")
    open_work.require_no_open_work(log.db, [gate], ALL)
    moved = replace(gate, at=Tier.PPK, legs=(Leg.parse("ppk-pps"),))

    with pytest.raises(StationError, match="keep its place"):
        open_work.require_no_open_work(log.db, [moved], ALL)


def test_legs_stand_in_the_order_in_which_goods_take_them() -> None:
    assert in_order(set(ALL)) == ALL
    straight = {Leg.parse(name) for name in ("ppk-gudang", "gudang-pps", "gudang-ppk")}
    assert [leg.name for leg in in_order(straight)] == [
        "gudang-ppk",
        "gudang-pps",
        "ppk-gudang",
    ]


@pytest.mark.parametrize(
    ("code", "places"),
    [
        ("17.71", ["17.71", None, None, None]),
        (NEAR, ["17.71", NEAR, None, None]),
        (VILLAGE, ["17.71", NEAR, VILLAGE, None]),
        (TPS, ["17.71", NEAR, VILLAGE, TPS]),
        # What is for a kecamatan's own TPS has no kelurahan.
        ("17.71.01/001", ["17.71", NEAR, None, "17.71.01/001"]),
    ],
)
def test_a_code_lies_in_a_place_of_each_tier(
    code: str, places: list[str | None]
) -> None:
    assert [place_of(code, tier) for tier in Tier] == places


@pytest.mark.parametrize("name", ["", "gudang", "gudang-gudang", "a-b", "ppk-gudang-x"])
def test_what_is_no_leg_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Leg.parse(name)
