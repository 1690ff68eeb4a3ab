"""A consignment from its opening to its acceptance at the other end."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from labels.label_code import ItemId, ItemKind, compress, expand
from station.custody import registry
from station.custody.consignment import opening as consignment
from station.custody.consignment import overdue, split_stations
from station.custody.consignment.opening import MAX_LISTED, OpeningOrder
from station.custody.entry_data.words import OwnWords
from station.custody.gate.closing import Closing
from station.custody.history import consignment_journey, progress_by_place
from station.custody.labelling import first_issue
from station.custody.labelling.first_issue import Issue
from station.custody.load import find_load, missing_items, open_load
from station.errors import OperationRefused, RefusalReason, StationError
from station.ledger import log as ledger
from station.model import Ballot, Disposition, Entry, EntryType, ItemState, Phase
from tests.conftest import FAR, NEAR, OPERATOR, SECOND, Dock, reprint, void

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.custody.accounts.second_signature import SigningRequest
    from station.custody.consignment.split_stations import Split
    from station.ledger.log import Log
    from tests.conftest import City, StillClock


def data(entry: Entry) -> Any:  # noqa: ANN401 - JSON
    return entry.draft.data


def opening(log: Log, load: str) -> Entry:
    return next(
        entry
        for entry in ledger.entries(log.db)
        if entry.draft.consignment == load and entry.draft.type is EntryType.CONSIGNMENT
    )


def digest_by_hand(items: list[str]) -> str:
    """What an auditor computes with nothing of ours: sort, one a line, SHA-256."""
    return hashlib.sha256(("\n".join(sorted(items)) + "\n").encode()).hexdigest()


def ids_by_hand(items: tuple[str, ...]) -> list[str]:
    """Ranges opened with nothing of ours."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    ids = []
    for text in items:
        first, _, end = text.partition("..")
        numbers = [
            sum(
                alphabet.index(letter) * 32**place
                for place, letter in enumerate(reversed(name[7:]))
            )
            for name in (first, end or first)
        ]
        for number in range(numbers[0], numbers[1] + 1):
            serial = "".join(alphabet[number >> 5 * p & 31] for p in range(4, -1, -1))
            ids.append(first[:7] + serial)
    return ids


def state(log: Log, item: str) -> tuple[ItemState, str | None]:
    found = registry.item(log.db, item)
    assert found is not None
    return found.item.state, found.item.consignment


def code_of(refused: pytest.ExceptionInfo[OperationRefused]) -> RefusalReason:
    return refused.value.code


def test_opening_freezes_the_set_in_its_entry(
    loading: Dock, city: City, log: Log, clock: StillClock
) -> None:
    load = loading.open(kinds=(Ballot.DPR, Ballot.PPWP))
    entry = opening(log, load)
    expected = [*city.near, city.loose]
    with log.writing() as batch:
        late = Issue(
            kind=ItemKind.BOX,
            destination=f"{NEAR}.1001/003",
            ballots=(Ballot.PPWP, Ballot.DPR),
        )
        first_issue.issue(batch, "1771", [late], actor=OPERATOR, at=clock())

    assert sorted(ids_by_hand(entry.draft.items)) == sorted(expected)
    assert data(entry) == {
        "action": "open",
        "number": 1,
        "leg": "gudang-ppk",
        "from": "17.71",
        "returned": False,
        "to": NEAR,
        "kinds": ["PPWP", "DPR"],
        "kindless": False,
        "election": None,
        "count": 5,
        "digest": digest_by_hand(expected),
        "trip": {"names_sha256": {}},
    }
    found = find_load(log.db, load)
    assert found is not None
    assert (found.listed, found.missing, found.phase) == (5, 5, Phase.LOADING)


def test_packed_voided_and_other_kinds_are_not_on_the_list(
    loading: Dock, city: City, log: Log, clock: StillClock
) -> None:
    void(log, city.near[2], clock)

    entry = opening(log, loading.open(kinds=(Ballot.PPWP,)))

    assert set(expand(entry.draft.items)) == {city.near[0], city.loose}


def test_items_without_a_kind_and_of_one_election_are_chosen(
    city: City, log: Log, clock: StillClock
) -> None:
    """The PPK's own boxes go where they are asked for; a second vote goes alone."""
    again = "psu-2024-02"
    wanted = [
        Issue(kind=ItemKind.BOX, destination=NEAR, ballots=(None,)),
        Issue(
            kind=ItemKind.BOX,
            destination="17.71.01.1001/001",
            ballots=(Ballot.PPWP,),
            election=again,
        ),
    ]
    with log.writing() as batch:
        entries = first_issue.issue(batch, "1771", wanted, actor=OPERATOR, at=clock())
    own, second = (next(expand(entry.draft.items)) for entry in entries)

    def listed(**more: Any) -> set[str]:  # noqa: ANN401 - parts of an Order
        order = OpeningOrder(area=NEAR, kinds=(Ballot.PPWP,), **more)
        return set(consignment.ready(log.db, order))

    main = {city.near[0], city.near[2], city.loose}
    assert listed(election="pemilu") == main
    assert listed(election=again) == {second}
    assert listed() == main | {second}
    assert listed(kindless=True, election="pemilu") == main | {own}


def test_one_item_is_never_on_two_open_consignments(
    loading: Dock, dock: Callable[[str], Dock], city: City
) -> None:
    second = dock("gerbang-2")
    loading.open(kinds=(Ballot.PPWP,))

    with pytest.raises(OperationRefused) as refused:
        second.open(kinds=(Ballot.PPWP,))
    assert code_of(refused) is RefusalReason.NOTHING_TO_SEND
    load = second.open(kinds=(Ballot.PPWP, Ballot.DPR))

    entry = opening(second.gate.log, load)
    assert set(expand(entry.draft.items)) == {city.near[1], city.near[3]}


def test_numbers_go_on_and_are_never_given_twice(
    loading: Dock, accepting: Dock, city: City
) -> None:
    numbers = []
    for box in city.near[:3]:
        load = loading.open(kinds=(Ballot.PPWP, Ballot.DPR))
        loading.see(box)
        loading.close("later")
        accepting.arrive(load)
        accepting.see(box)
        accepting.close()
        numbers.append(load)

    assert numbers == ["C-0001", "C-0002", "C-0003"]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (OpeningOrder(area="17.71.09", kinds=[Ballot.DPR]), RefusalReason.UNKNOWN_AREA),
        (
            OpeningOrder(area="17.71.01.1001", kinds=[Ballot.DPR]),
            RefusalReason.UNKNOWN_AREA,
        ),
        (OpeningOrder(area="17.71", kinds=[Ballot.DPR]), RefusalReason.UNKNOWN_AREA),
        (OpeningOrder(area="", kinds=[Ballot.DPR]), RefusalReason.UNKNOWN_AREA),
        (OpeningOrder(area=NEAR, kinds=[]), RefusalReason.NO_KINDS),
        (OpeningOrder(area=NEAR, kinds=[Ballot.DPD]), RefusalReason.NOTHING_TO_SEND),
    ],
    ids=lambda value: str(value) if isinstance(value, RefusalReason) else "",
)
def test_what_cannot_be_opened_is_refused_with_its_reason(
    order: OpeningOrder, code: RefusalReason, loading: Dock, city: City, log: Log
) -> None:
    assert city.near
    size = log.size

    with pytest.raises(OperationRefused) as refused:
        consignment.open_consignment(
            log,
            loading.gate.settings,
            order,
            actor=OPERATOR,
            at=loading.clock(),
        )

    assert code_of(refused) is code
    assert log.size == size


def test_a_gate_opens_one_at_a_time_and_only_its_own_step(
    loading: Dock, accepting: Dock, city: City, log: Log
) -> None:
    load = loading.open()
    size = log.size

    with pytest.raises(OperationRefused) as twice:
        loading.open(FAR)
    with pytest.raises(OperationRefused) as wrong:
        accepting.open(FAR)
    with pytest.raises(OperationRefused) as backwards:
        loading.arrive(load)

    assert code_of(twice) is RefusalReason.CONSIGNMENT_OPEN
    assert twice.value.facts == {"number": 1}
    assert code_of(wrong) is code_of(backwards) is RefusalReason.WRONG_STEP
    assert log.size == size
    assert city.far


def test_nothing_open_cannot_be_closed(loading: Dock, city: City) -> None:
    assert city.near
    with pytest.raises(OperationRefused) as refused:
        loading.close("x")

    assert code_of(refused) is RefusalReason.NO_CONSIGNMENT


def test_an_empty_truck_does_not_depart(loading: Dock, city: City, log: Log) -> None:
    loading.open()
    loading.see(city.near[0])
    loading.gate.take_off(city.near[0], reason=OwnWords("x"), actor=OPERATOR)

    with pytest.raises(OperationRefused) as refused:
        loading.close("all of it missing")

    assert code_of(refused) is RefusalReason.NOTHING_COUNTED
    assert open_load(log.db, "gerbang-1") is not None


def test_missing_items_need_a_reason(loading: Dock, city: City, log: Log) -> None:
    loading.open()
    loading.see(city.near[0])

    for reason in ("", "  "):
        with pytest.raises(OperationRefused) as refused:
            loading.close(reason)
        assert code_of(refused) is RefusalReason.MISSING_WITHOUT_REASON
        assert refused.value.facts == {"missing": 4}
    entry = loading.close(" truk penuh ")

    assert entry.draft.type is EntryType.DEPARTING
    assert data(entry) == {
        "reason": "truk penuh",
        "dispositions": {"stays": list(compress([*city.near[1:], city.loose]))},
        "foreign": 0,
        "unread": 0,
        "count": 1,
        "digest": digest_by_hand([city.near[0]]),
        "signed": data(entry)["signed"],
    }
    assert re.fullmatch("[0-9a-f]{64}", str(data(entry)["signed"]))
    assert open_load(log.db, "gerbang-1") is None


def test_no_line_stays_open_when_it_departs(loading: Dock, city: City) -> None:
    loading.open()
    loading.see(city.near[0], city.loose)
    lost, torn, late = city.near[1:]

    def ask(lines: dict[str, Disposition]) -> SigningRequest:
        return loading.gate.ask_close(Closing("malam", lines), first=OPERATOR)

    for lines in (
        {},
        {lost: Disposition.LOST, torn: Disposition.DAMAGED},
        dict.fromkeys(city.near, Disposition.STAYS),
    ):
        with pytest.raises(OperationRefused) as refused:
            ask(lines)
        assert code_of(refused) is RefusalReason.LINE_OPEN
    asked = ask(
        {
            lost: Disposition.LOST,
            torn: Disposition.DAMAGED,
            late: Disposition.NOT_READY,
        }
    )
    entry = loading.gate.close(asked, SECOND)

    assert data(entry)["dispositions"] == {
        "lost": [lost],
        "damaged": [torn],
        "not_ready": [late],
    }
    assert data(entry)["signed"] == asked.digest


def test_what_changes_after_it_was_asked_for_is_signed_by_nobody(
    loading: Dock, city: City
) -> None:
    loading.open()
    loading.see(*city.near)
    asked = loading.gate.ask_close(
        Closing("malam", {city.loose: Disposition.LOST}), first=OPERATOR
    )
    loading.see(city.loose)
    with pytest.raises(OperationRefused) as refused:
        loading.gate.close(asked, SECOND)
    assert code_of(refused) is RefusalReason.CHANGED_MEANWHILE


def test_a_held_gate_closes_nothing(loading: Dock, city: City, log: Log) -> None:
    loading.open()
    loading.see(city.near[0])
    loading.see(city.far[0])

    with pytest.raises(OperationRefused) as refused:
        loading.close("x")

    assert code_of(refused) is RefusalReason.GATE_HELD
    loading.release(log.size - 1)
    loading.close("x")


def test_a_whole_consignment_goes_through_both_gates(
    loading: Dock, accepting: Dock, city: City, log: Log
) -> None:
    load = loading.open()
    everything = (*city.near, city.loose)
    assert loading.see(*everything) == ["ACCEPTED"] * 5
    assert state(log, city.near[0]) == (ItemState.LOADED, load)

    departed = loading.close()
    assert sorted(ids_by_hand(departed.draft.items)) == sorted(everything)
    assert state(log, city.near[0]) == (ItemState.DEPARTED, load)
    accepting.arrive(load)
    found = open_load(log.db, "ppk")
    assert found is not None
    assert (found.expected, found.counted, found.missing) == (5, 0, 5)
    assert len(missing_items(log.db, found)) == 5

    assert accepting.see(*everything) == ["ACCEPTED"] * 5
    assert accepting.see(city.near[0]) == ["REPEATED"]
    complete = accepting.close()

    assert complete.draft.type is EntryType.CONSIGNMENT
    assert data(complete)["digest"] == data(departed)["digest"]
    assert (data(complete)["action"], data(complete)["missing"]) == ("accepted", [])
    assert state(log, city.loose) == (ItemState.ACCEPTED, load)
    after = find_load(log.db, load)
    assert after is not None
    assert (after.phase, after.gate) == (Phase.ACCEPTED, None)
    line = progress_by_place.progress(log.db)[0]
    assert (line.planned, line.loaded, line.departed, line.accepted) == (5, 0, 5, 5)


def test_items_left_behind_go_on_the_next_consignment(
    loading: Dock, accepting: Dock, city: City, log: Log
) -> None:
    first = loading.open()
    loading.see(*city.near[:2])
    loading.close("truk penuh")

    second = loading.open()

    assert set(expand(opening(log, second).draft.items)) == {
        *city.near[2:],
        city.loose,
    }
    # It stayed here, whatever the first list says, and belongs on the second now.
    accepting.arrive(first)
    assert accepting.see(city.near[2]) == ["MISROUTED"]
    assert data(ledger.entry(log.db, log.size - 1))["belongs_on"] == second
    accepting.release(log.size - 1)
    loading.see(city.near[2])
    loading.close("truk penuh")
    assert accepting.see(city.near[2]) == ["MISROUTED"]
    accepting.release(log.size - 1)
    assert accepting.see(*city.near[:2]) == ["ACCEPTED"] * 2
    accepting.close()
    accepting.arrive(second)
    assert accepting.see(city.near[2], city.near[0]) == ["ACCEPTED", "UNEXPECTED"]


def test_a_box_left_behind_that_arrives_all_the_same_is_an_alarm(
    loading: Dock, accepting: Dock, city: City, log: Log
) -> None:
    load = loading.open()
    loading.see(city.near[0])
    loading.close("truk penuh")
    accepting.arrive(load)

    assert accepting.see(city.near[1]) == ["OUT_OF_SEQUENCE"]

    assert data(ledger.entry(log.db, log.size - 1))["reason"] == "not_departed"


def test_what_does_not_arrive_needs_a_reason_and_stays_departed(
    loading: Dock, accepting: Dock, city: City, log: Log
) -> None:
    load = loading.open(kinds=(Ballot.PPWP,))
    loading.see(city.near[0], city.near[2], city.loose)
    loading.close()
    accepting.arrive(load)
    accepting.see(city.near[0])

    with pytest.raises(OperationRefused) as refused:
        accepting.close()
    entry = accepting.close("hilang di jalan")

    assert code_of(refused) is RefusalReason.MISSING_WITHOUT_REASON
    assert data(entry)["missing"] == [city.near[2], city.loose]
    assert data(entry)["count"] == 1
    assert state(log, city.near[2]) == (ItemState.DEPARTED, load)
    # Gone is gone: it is not sent a second time as if it lay in the warehouse.
    nxt = loading.open()
    assert city.near[2] not in set(expand(opening(log, nxt).draft.items))


def test_only_what_is_on_the_way_arrives_and_only_once(
    loading: Dock, accepting: Dock, city: City, log: Log
) -> None:
    load = loading.open()
    loading.see(city.near[0])

    for name in (load, "C-0099", ""):
        with pytest.raises(OperationRefused) as refused:
            accepting.arrive(name)
        assert code_of(refused) is RefusalReason.NOT_ON_THE_WAY
    loading.close("x")
    accepting.arrive(load)
    with pytest.raises(OperationRefused) as refused:
        accepting.arrive(load)
    assert code_of(refused) is RefusalReason.CONSIGNMENT_OPEN
    accepting.see(city.near[0])
    accepting.close()
    with pytest.raises(OperationRefused) as refused:
        accepting.arrive(load)
    assert code_of(refused) is RefusalReason.NOT_ON_THE_WAY
    assert open_load(log.db, "ppk") is None


def test_longest_list_fits_in_one_entry_whatever_its_order(
    loading: Dock, city: City, log: Log, clock: StillClock
) -> None:
    """Every second number, so that no two ids make a range."""
    assert city.near
    with log.writing() as batch:
        many = Issue(
            kind=ItemKind.CARTON,
            destination=NEAR,
            ballots=(Ballot.DPD, None) * MAX_LISTED,
        )
        first_issue.issue(batch, "1771", [many], actor=OPERATOR, at=clock())

    entry = opening(log, loading.open(kinds=(Ballot.DPD,)))

    assert len(entry.draft.items) == data(entry)["count"] == MAX_LISTED
    first = entry.draft.items[0]
    loading.see(first)
    departing = loading.close("x" * 500)
    assert len(data(departing)["dispositions"]["stays"]) == MAX_LISTED - 1
    with log.writing() as batch:
        two = Issue(kind=ItemKind.CARTON, destination=NEAR, ballots=(Ballot.DPD,) * 2)
        first_issue.issue(batch, "1771", [two], actor=OPERATOR, at=clock())
    with pytest.raises(OperationRefused) as refused:
        loading.open(kinds=(Ballot.DPD,))
    assert code_of(refused) is RefusalReason.TOO_MANY_ITEMS


def test_serials_go_on_from_the_highest_and_end_with_a_sentence(
    city: City, log: Log, clock: StillClock
) -> None:
    highest = str(ItemId.from_number("1771", ItemKind.BOX, 32**5 - 3))
    renumber = "UPDATE item SET id = ? WHERE id = ?"
    log.db.execute(renumber, (highest, city.near[0]))
    log.db.execute(renumber, ("1772-B-ZZZZZ", city.near[1]))

    def issue(number: int) -> list[str]:
        with log.writing() as batch:
            wanted = Issue(
                kind=ItemKind.BOX, destination=NEAR, ballots=(Ballot.DPR,) * number
            )
            (entry,) = first_issue.issue(
                batch, "1771", [wanted], actor=OPERATOR, at=clock()
            )
        return list(expand(entry.draft.items))

    with pytest.raises(StationError, match="1771-B"):
        issue(3)
    assert issue(2) == ["1771-B-ZZZZY", "1771-B-ZZZZZ"]


def test_labels_of_several_kinds_and_of_none_keep_their_own(
    city: City, log: Log, clock: StillClock
) -> None:
    assert city.near
    wanted = [
        (Ballot.PPWP, None),
        (None, None),
        (Ballot.DPR, Ballot.PPWP, None),
        (Ballot.DPR, Ballot.DPR),
    ]
    with log.writing() as batch:
        entries = first_issue.issue(
            batch,
            "1771",
            [
                Issue(kind=ItemKind.CONTAINER, destination=NEAR, ballots=kinds)
                for kinds in wanted
            ],
            actor=OPERATOR,
            at=clock(),
        )

    for kinds, entry in zip(wanted, entries, strict=True):
        found = registry.items(log.db, expand(entry.draft.items))
        assert tuple(one.item.ballot for one in found) == kinds


def test_what_is_not_registered_or_voided_is_not_reprinted(
    city: City, log: Log, clock: StillClock
) -> None:
    assert city.near
    for item in ("1771-B-ZZZZZ", "nonsense"):
        with pytest.raises(StationError, match="registered item"):
            reprint(log, item, "x", clock())


def test_a_long_history_still_says_how_it_began_and_ended(
    loading: Dock, city: City, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consignment_journey, "MOST_ENTRIES", 3)
    load = loading.open()
    loading.see(*city.near[:3])
    for _ in range(5):
        loading.see(city.near[0])
    loading.close("ban pecah")

    found = consignment_journey.journey(log.db, load)

    assert found is not None
    assert found.reasons == ("ban pecah",)
    assert [one.disposition for one in found.carried].count(Disposition.STAYS) > 0
    assert found.entries[0].draft.data["action"] == "open"
    assert found.entries[-1].draft.type is EntryType.DEPARTING


def split_of(log: Log, load: str) -> list[Split]:
    found = find_load(log.db, load)
    assert found is not None
    return split_stations.split(log.db, found)


def test_tps_whose_boxes_are_split_over_consignments_are_told(
    loading: Dock, dock: Callable[[str], Dock], city: City, log: Log
) -> None:
    other = dock("gerbang-2")
    first = loading.open(kinds=(Ballot.PPWP,))
    second = other.open(kinds=(Ballot.DPR,))

    told = split_of(log, first)

    assert [(one.place.tps, one.here, one.elsewhere, one.left) for one in told] == [
        ("001", 1, ((2, 1),), 0),
        ("002", 1, ((2, 1),), 0),
    ]
    assert told[0].place.kelurahan == "Pagar Dewa"
    assert len(split_of(log, second)) == 2
    assert city.near


def test_what_departed_counts_what_left_and_not_what_stayed(
    loading: Dock, city: City, log: Log
) -> None:
    load = loading.open()
    loading.see(*city.near[:3], city.loose)
    loading.close("truk penuh")

    told = split_of(log, load)

    assert [(one.place.tps, one.here, one.left) for one in told] == [("002", 1, 1)]


def test_a_tps_that_is_whole_on_one_truck_is_not_split(
    loading: Dock, city: City, log: Log
) -> None:
    assert city.near
    assert split_of(log, loading.open()) == []


def test_boxes_on_no_list_are_told_too(loading: Dock, city: City, log: Log) -> None:
    assert city.near
    load = loading.open(kinds=(Ballot.PPWP,))

    assert [(one.here, one.elsewhere, one.left) for one in split_of(log, load)] == [
        (1, (), 1),
        (1, (), 1),
    ]


def test_what_is_on_its_way_is_late_by_its_route_where_nothing_was_planned(
    loading: Dock, city: City, log: Log, clock: StillClock
) -> None:
    assert city.near
    load = loading.open()
    loading.see(*city.near)
    departed = clock().wall_ms
    loading.close("truk penuh")
    routes = {NEAR: 45}

    assert overdue.due(log.db, {}) == {}
    assert overdue.due(log.db, routes) == {load: departed + 45 * 60_000}
    assert overdue.late(log.db, departed + 45 * 60_000, routes) == 0
    assert overdue.late(log.db, departed + 45 * 60_000 + 1, routes) == 1


def test_steps_in_an_order_that_cannot_be_are_flagged(
    loading: Dock, accepting: Dock, city: City, log: Log, clock: StillClock
) -> None:
    load = loading.open()
    loading.see(*city.near)
    loading.close("truk penuh")
    assert not consignment_journey.journey(log.db, load).backwards  # type: ignore[union-attr]
    clock.now = replace(clock.now, wall_ms=clock.now.wall_ms - 3_600_000)
    accepting.arrive(load)

    assert consignment_journey.journey(log.db, load).backwards  # type: ignore[union-attr]


def test_a_load_for_another_kecamatan_is_not_taken_in_at_a_ppk(
    loading: Dock, accepting: Dock, city: City, log: Log
) -> None:
    load = loading.open()
    loading.see(*city.near)
    loading.close("truk penuh")
    at_ppk = accepting.gate.settings
    elsewhere = replace(at_ppk, area=FAR)

    with pytest.raises(OperationRefused) as refused:
        consignment.arrive(log, elsewhere, load, actor=OPERATOR, at=accepting.clock())

    assert refused.value.code is RefusalReason.WRONG_PLACE
    assert refused.value.facts["name"] == "Selebar"
    here = replace(at_ppk, area=NEAR)
    consignment.arrive(log, here, load, actor=OPERATOR, at=accepting.clock())
