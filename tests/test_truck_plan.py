"""The truck plan: planned, said anew, dropped, and opened as it was planned."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from station.custody.consignment import (
    opening,
    trip_details,
    truck_plan,
    truck_plan_view,
)
from station.custody.consignment.opening import OpeningOrder
from station.custody.consignment.trip_details import Trip
from station.custody.load import find_load, open_load
from station.custody.projection import apply_entries, tables_audit
from station.errors import OperationRefused, RefusalReason, StationError
from station.ledger.verify import verify
from station.leg import OUT, Leg, Tier
from station.model import Ballot, Step
from station.settings.gates_and_legs import GateSettings
from tests.conftest import FAR, NEAR, OPERATOR
from tests.web_scene import HERE, Scene, scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from station.ledger.log import Log
    from tests.conftest import City, Dock, StillClock

ALL = tuple(Ballot)


GATE = GateSettings(
    name="gerbang-1", title="Gerbang 1", step=Step.LOADING, place="1771/gudang"
)


def planned(
    log: Log,
    clock: StillClock,
    order: OpeningOrder,
    *,
    capacity: int | None = None,
    instead: str | None = None,
) -> str:
    with log.writing() as batch:
        entry = truck_plan.plan(
            batch,
            GATE,
            order,
            capacity=capacity,
            instead=instead,
            actor=OPERATOR,
            at=clock(),
        )
    return str(entry.draft.consignment)


def order(to: str = NEAR, leaves: int | None = None, *without: str) -> OpeningOrder:
    told = Trip(vehicle="BD 1 A", driver="Rudi Hartono", leaves_ms=leaves)
    return OpeningOrder(area=to, kinds=ALL, without=frozenset(without), trip=told)


def test_what_is_planned_stands_by_its_time_and_says_what_is_ready(
    log: Log, city: City, clock: StillClock
) -> None:
    late = planned(log, clock, order(NEAR, 2_000), capacity=3)
    early = planned(log, clock, order(FAR, 1_000))
    whenever = planned(log, clock, order(NEAR, None, *city.near[1:]))

    found = truck_plan_view.standing(log.db)

    assert [one.planned.id for one in found] == [early, late, whenever]
    assert [one.ready for one in found] == [2, 5, 2]
    assert [one.too_many for one in found] == [0, 2, 0]
    assert [dict(one.overlaps) for one in found] == [{}, {3: 2}, {1: 2}]
    assert (
        truck_plan_view.unplanned(log.db, truck_plan_view.standing(log.db), OUT) == []
    )
    assert verify(log.db).holds
    bodies = b"".join(row["body"] for row in log.db.execute("SELECT body FROM entry"))
    assert b"Rudi" not in bodies, "names lie beside the ledger"


def test_it_is_opened_with_its_number_trip_and_exceptions(
    log: Log, city: City, clock: StillClock, loading: Dock
) -> None:
    one = planned(log, clock, order(NEAR, 1_000, city.near[0]))
    other = planned(log, clock, order(FAR))
    found = truck_plan.planned(log.db, one)
    assert found is not None

    entry = opening.open_consignment(
        log,
        loading.gate.settings,
        found.order,
        planned=found.number,
        actor=OPERATOR,
        at=clock(),
    )

    assert entry.draft.consignment == one
    load = find_load(log.db, one)
    assert load is not None
    assert load.listed == 4
    assert loading.see(city.near[0]) == ["UNEXPECTED"]
    told = trip_details.current(log.db, one)
    assert (told.driver, told.leaves_ms) == ("Rudi Hartono", 1_000)
    assert truck_plan.planned(log.db, one) is None
    (waiting,) = truck_plan_view.standing(log.db)
    assert (waiting.planned.id, waiting.waits_for) == (other, 1)
    # A number that is planned is nobody else's.
    assert opening.next_number(log.db) == 3


def test_it_is_said_anew_and_dropped_with_its_names(
    log: Log, city: City, clock: StillClock
) -> None:
    assert city.near
    one = planned(log, clock, order())

    again = planned(log, clock, order(FAR), instead=one)
    assert again == one
    (found,) = truck_plan.all_(log.db)
    assert found.order.area == FAR
    with log.writing() as batch:
        truck_plan.drop(batch, one, actor=OPERATOR, at=clock())

    assert truck_plan.all_(log.db) == []
    assert log.db.execute("SELECT count(*) FROM trip_name").fetchone()[0] == 0
    # Its number is nobody else's: a page that still shows it opens no other one.
    assert planned(log, clock, order()) == "C-0002"
    with log.writing() as batch:
        truck_plan.drop(batch, "C-0002", actor=OPERATOR, at=clock())
    for act in (
        lambda batch: truck_plan.drop(batch, one, actor=OPERATOR, at=clock()),
        lambda batch: truck_plan.plan(
            batch,
            GATE,
            order(),
            capacity=None,
            instead=one,
            actor=OPERATOR,
            at=clock(),
        ),
    ):
        with pytest.raises(OperationRefused) as gone, log.writing() as batch:
            act(batch)
        assert gone.value.code is RefusalReason.NOT_PLANNED
    assert truck_plan_view.unplanned(log.db, truck_plan_view.standing(log.db), OUT) == [
        ("Selebar", 5),
        ("Gading Cempaka", 2),
    ]
    assert tables_audit.check(log.db).holds


@pytest.mark.parametrize(
    ("wrong", "capacity", "code"),
    [
        (OpeningOrder(area="17.71.99", kinds=ALL), None, RefusalReason.UNKNOWN_AREA),
        (OpeningOrder(area=NEAR, kinds=()), None, RefusalReason.NO_KINDS),
        (OpeningOrder(area=NEAR, kinds=ALL), 0, RefusalReason.WRONG_COUNT),
        (OpeningOrder(area=NEAR, kinds=ALL), 10_001, RefusalReason.WRONG_COUNT),
    ],
)
@pytest.mark.usefixtures("city")
def test_a_plan_without_sense_is_refused(
    wrong: OpeningOrder,
    capacity: int | None,
    code: RefusalReason,
    log: Log,
    clock: StillClock,
) -> None:
    with pytest.raises(OperationRefused) as refused:
        planned(log, clock, wrong, capacity=capacity)
    assert refused.value.code is code


def test_an_exception_is_of_that_kecamatan_and_names_told_before_are_gone(
    log: Log, city: City, clock: StillClock
) -> None:
    for item in (city.far[0], "1771-B-0ZZZZ"):
        with pytest.raises(OperationRefused) as refused:
            planned(log, clock, order(NEAR, None, item))
        assert refused.value.code is RefusalReason.NOT_THAT_WAY
    one = planned(log, clock, order())

    planned(log, clock, OpeningOrder(area=NEAR, kinds=ALL), instead=one)

    assert log.db.execute("SELECT count(*) FROM trip_name").fetchone()[0] == 0
    assert tables_audit.check(log.db).holds


def test_one_truck_in_two_places_is_told(
    log: Log, city: City, clock: StillClock
) -> None:
    assert city.near
    hour = 3_600_000
    for leaves, arrives in ((hour, 2 * hour), (2 * hour, None), (4 * hour, None)):
        told = Trip(vehicle="BD 1 A", leaves_ms=leaves, arrives_ms=arrives)
        planned(log, clock, OpeningOrder(area=NEAR, kinds=ALL, trip=told))
    none = Trip(leaves_ms=hour)
    planned(log, clock, OpeningOrder(area=NEAR, kinds=ALL, trip=none))

    found = {
        one.planned.number: one.same_truck for one in truck_plan_view.standing(log.db)
    }

    assert found == {1: (2,), 2: (1,), 3: (), 4: ()}


def test_a_plan_that_is_not_so_any_more_is_not_opened(
    log: Log, city: City, clock: StillClock
) -> None:
    assert city.near
    found = truck_plan.planned(log.db, planned(log, clock, order()))
    assert found is not None
    truck_plan.require_current(log.db, found)
    log.db.execute("UPDATE trip_name SET name = 'Orang Lain'")
    with pytest.raises(StationError, match="jejak verify"):
        truck_plan.require_current(log.db, found)
    log.db.execute("DELETE FROM trip_name")
    log.db.execute("UPDATE item SET election = 'psu-1' WHERE id = ?", (city.far[0],))
    with pytest.raises(OperationRefused) as refused:
        truck_plan.require_current(log.db, found)
    assert refused.value.code is RefusalReason.CHANGED_MEANWHILE


def test_a_gate_that_does_not_go_that_way_gets_no_plan(
    log: Log, city: City, clock: StillClock
) -> None:
    assert city.near
    onward = OpeningOrder(
        area=f"{NEAR}.1001", kinds=tuple(Ballot), leg=Leg.parse("ppk-pps")
    )
    elsewhere = replace(GATE, at=Tier.PPK, area=FAR, legs=(onward.leg,))
    for gate in (GATE, elsewhere):
        with pytest.raises(OperationRefused) as refused, log.writing() as batch:
            truck_plan.plan(
                batch, gate, onward, capacity=None, actor=OPERATOR, at=clock()
            )
        assert refused.value.code is RefusalReason.WRONG_WAY
    assert truck_plan.all_(log.db) == []


def test_a_plan_pressed_twice_or_from_an_older_page_is_refused(
    log: Log, city: City, clock: StillClock
) -> None:
    assert city.near

    def again(seen: int, instead: str | None) -> RefusalReason:
        with pytest.raises(OperationRefused) as refused, log.writing() as batch:
            truck_plan.plan(
                batch,
                GATE,
                order(),
                capacity=None,
                instead=instead,
                seen=seen,
                actor=OPERATOR,
                at=clock(),
            )
        return refused.value.code

    one = planned(log, clock, order())
    assert again(1, None) is RefusalReason.CHANGED_MEANWHILE
    found = truck_plan.planned(log.db, one)
    assert found is not None
    planned(log, clock, order(FAR), instead=one)
    assert again(found.seq, one) is RefusalReason.CHANGED_MEANWHILE


def test_the_table_is_made_again_from_the_entries(
    log: Log, city: City, clock: StillClock
) -> None:
    planned(log, clock, order(NEAR, None, city.near[0]))
    before = truck_plan.all_(log.db)

    apply_entries.rebuild(log.db)

    assert truck_plan.all_(log.db) == before


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "station") as made:
        yield made


def test_its_page_plans_shows_and_opens(at: Scene) -> None:
    boxes = [at.box(HERE, Ballot.DPR, n) for n in (1, 2)]
    form: dict[str, str | list[str]] = {
        "area": HERE,
        "kinds": ["PPWP", "DPR"],
        "gate": "gerbang-1",
        "vehicle": "bd 7 x",
        "capacity": "3",
        "leaves": "2027-02-13T06:30",
        "without": f"{boxes[0].hri}\n{boxes[1].item.id}",
    }
    saved = at.post("/rencana-truk/simpan", **form)
    assert saved.status_code == 303, saved.text
    page = at.page("/rencana-truk")
    for told in ("06.30", "BD 7 X", "kecuali 2", "dari muatan truk"):
        assert told in page
    path = re.search(r'action="(/rencana-truk/C-\d+/buka)"', page)
    assert path is not None
    edit = at.page("/rencana-truk?ubah=C-0001")
    assert 'value="2027-02-13T06:30"' in edit
    assert boxes[0].item.id in edit

    for wrong in (
        {"capacity": "banyak"},
        {"leaves": "besok"},
        {"without": "x"},
        {"area": "17.71.99"},
    ):
        answer = at.post("/rencana-truk/simpan", **{**form, **wrong})
        assert answer.status_code == 409
        assert 'value="bd 7 x"' in answer.text, "what was typed is there"
    stale = at.post(path[1], seen="1")
    assert stale.status_code == 409
    opened = at.post(path[1])
    assert opened.headers["Location"].endswith("/gerbang/gerbang-1")
    assert at.post(path[1]).status_code == 409
    with contextlib.closing(at.read()) as db:
        load = open_load(db, "gerbang-1")
    assert load is not None
    assert load.vehicle == "BD 7 X"
    gone = at.post("/rencana-truk/C-0001/hapus")
    assert gone.status_code == 409
    other = at.post("/rencana-truk/simpan", **form)
    assert other.status_code == 303
    assert "Menunggu: gerbang dipakai 0001" in at.page("/rencana-truk")
