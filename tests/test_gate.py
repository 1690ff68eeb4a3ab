"""A scan at a gate becomes an entry, on a real ledger."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from labels.label_code import ItemId, ItemKind, LabelCode, LabelError
from station.camera_frames import ScanSource
from station.custody import registry
from station.custody.entry_data.words import AcknowledgeReason, OwnWords, TakeOff
from station.custody.gate import panel
from station.custody.gate.scanning import Gate
from station.custody.labelling import first_issue
from station.custody.load import open_load
from station.errors import OperationRefused, RefusalReason, StationError
from station.founding import create_station
from station.ledger import log as ledger
from station.model import Ballot, EntryType, ItemState, Reason, Verdict
from tests.conftest import FAR, NEAR, OPERATOR, Dock, boxes, reprint, void

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.ledger.log import Log
    from station.model import Entry
    from station.settings.station_toml import Settings
    from tests.conftest import City, StillClock


def last(log: Log) -> Entry:
    return ledger.entry(log.db, log.size - 1)


def data(entry: Entry) -> Any:  # noqa: ANN401 - JSON
    return entry.draft.data


def loaded(dock: Dock) -> int:
    found = open_load(dock.gate.log.db, dock.gate.settings.name)
    assert found is not None
    return found.loaded


def test_expected_box_is_one_entry_and_counts_one(
    loading: Dock, city: City, log: Log, clock: StillClock
) -> None:
    consignment = loading.open()
    size = log.size
    scan = loading.scan(loading.text(city.near[0]))
    clock.pass_ms(300)

    (outcome,) = loading.gate.record([scan], OPERATOR)

    assert outcome.decision.verdict is Verdict.ACCEPTED
    assert log.size == size + 1
    assert outcome.entry == last(log)
    draft = last(log).draft
    assert (draft.type, draft.items) == (EntryType.LOADING, (city.near[0],))
    assert (draft.gate, draft.place) == ("gerbang-1", "1771/gudang")
    assert (draft.consignment, draft.actor) == (consignment, OPERATOR)
    assert draft.data == {"source": "camera"}
    assert loaded(loading) == 1
    # When it was seen, not when it was written.
    assert draft.event.wall_ms == scan.seen.wall_ms == last(log).entry_ms - 300


def test_tag_and_label_text_never_enter_the_ledger(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    loading.show(
        loading.text(city.near[0]),
        loading.text(city.near[1], key=bytes(32)),
        loading.text(city.far[0]),
    )
    tags = [
        LabelCode.parse(text).tag.encode()
        for text in (
            loading.text(city.near[0]),
            loading.text(city.near[1], key=bytes(32)),
            loading.text(city.far[0]),
        )
    ]

    bodies = b"".join(bytes(row[0]) for row in log.db.execute("SELECT body FROM entry"))

    assert city.far[0].encode() in bodies
    assert not any(tag in bodies for tag in tags)


def test_repeated_box_is_an_entry_that_counts_nothing(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    loading.see(city.near[0])
    first = log.size - 1

    assert loading.see(city.near[0]) == ["REPEATED"]

    assert last(log).draft.type is EntryType.REFUSED
    assert data(last(log))["prior"] == first
    assert loaded(loading) == 1
    assert not panel.open_holds(log.db, "gerbang-1")
    shown = panel.panel(log.db, loading.gate.settings).last
    assert shown is not None
    assert shown.prior is not None
    assert (shown.prior.seq, shown.prior.draft.actor) == (first, OPERATOR)


def test_one_label_twice_in_one_frame_counts_once(loading: Dock, city: City) -> None:
    loading.open()

    assert loading.see(city.near[0], city.near[0]) == ["ACCEPTED", "REPEATED"]

    assert loaded(loading) == 1


Wrong = tuple[str, "Callable[[Dock, City, Log, StillClock], str]", str, Reason]


def reprinted(dock: Dock, city: City, log: Log, clock: StillClock) -> str:
    reprint(log, city.near[0], "torn", clock())
    return dock.text(city.near[0], issue=1)


def voided(dock: Dock, city: City, log: Log, clock: StillClock) -> str:
    void(log, city.near[0], clock)
    return dock.text(city.near[0])


def of_another_regency(dock: Dock, _: City, log: Log, clock: StillClock) -> str:
    with log.writing() as batch:
        (entry,) = first_issue.issue(
            batch,
            "1771",
            [
                first_issue.Issue(
                    kind=ItemKind.BOX,
                    destination="17.02.01.2001/001",
                    ballots=(Ballot.DPR,),
                )
            ],
            actor=OPERATOR,
            at=clock(),
        )
    return dock.text(entry.draft.items[0])


def later(dock: Dock, _: City, log: Log, clock: StillClock) -> str:
    with log.writing() as batch:
        (entry,) = first_issue.issue(
            batch,
            "1771",
            [
                first_issue.Issue(
                    kind=ItemKind.BOX,
                    destination=f"{NEAR}.1001/009",
                    ballots=(Ballot.DPR,),
                )
            ],
            actor=OPERATOR,
            at=clock(),
        )
    return dock.text(entry.draft.items[0])


WRONG: tuple[Wrong, ...] = (
    ("J1 and anything", lambda *_: "J1 is not ours", "UNKNOWN", Reason.CHECK),
    (
        "check characters",
        lambda d, c, *_: d.text(c.near[0])[:-1] + "%",
        "UNKNOWN",
        Reason.CHECK,
    ),
    (
        "another label key",
        lambda d, c, *_: d.text(c.near[0], key=bytes(32)),
        "UNKNOWN",
        Reason.TAG,
    ),
    (
        "an issue to come",
        lambda d, c, *_: d.text(c.near[0], issue=2),
        "UNKNOWN",
        Reason.TAG,
    ),
    (
        "never issued",
        lambda d, *_: d.text("1771-B-ZZZZZ"),
        "UNKNOWN",
        Reason.NOT_REGISTERED,
    ),
    (
        "label of another kab/kota",
        lambda d, *_: d.text("1702-B-00001"),
        "UNKNOWN",
        Reason.NOT_REGISTERED,
    ),
    ("reprinted", reprinted, "SUPERSEDED", Reason.REPRINTED),
    ("voided", voided, "SUPERSEDED", Reason.VOIDED),
    ("other kab/kota", of_another_regency, "MISROUTED", Reason.OTHER_REGENCY),
    (
        "other kecamatan",
        lambda d, c, *_: d.text(c.far[0]),
        "MISROUTED",
        Reason.OTHER_AREA,
    ),
    (
        "belongs in a box",
        lambda d, c, *_: d.text(c.packed),
        "UNEXPECTED",
        Reason.BELONGS_IN_BOX,
    ),
    (
        "other kind",
        lambda d, c, *_: d.text(c.near[1]),
        "UNEXPECTED",
        Reason.OTHER_KIND,
    ),
)


@pytest.mark.parametrize(
    ("make", "verdict", "reason"),
    [case[1:] for case in WRONG],
    ids=[case[0] for case in WRONG],
)
def test_every_wrong_label_is_recorded_and_holds_the_line(  # noqa: PLR0917 - fixtures
    make: Callable[[Dock, City, Log, StillClock], str],
    verdict: str,
    reason: Reason,
    loading: Dock,
    city: City,
    log: Log,
    clock: StillClock,
) -> None:
    text = make(loading, city, log, clock)
    loading.open(kinds=(Ballot.PPWP,))
    size = log.size

    assert loading.show(text) == [verdict]

    assert log.size == size + 1
    draft = last(log).draft
    assert (draft.type, draft.verdict) == (EntryType.REFUSED, verdict)
    assert data(last(log))["reason"] == reason
    assert panel.open_holds(log.db, "gerbang-1") == [size]
    assert loading.see(city.near[2]) == ["WAITS"]
    assert loaded(loading) == 0
    assert log.size == size + 1


def test_item_registered_after_the_opening_is_not_on_the_list(
    loading: Dock, city: City, log: Log, clock: StillClock
) -> None:
    loading.open()
    text = later(loading, city, log, clock)

    assert loading.show(text) == ["UNEXPECTED"]

    assert data(last(log))["reason"] == "not_on_list"


def test_item_of_another_open_consignment_is_misrouted(
    loading: Dock, dock: Callable[[str], Dock], city: City, log: Log
) -> None:
    other = dock("gerbang-2").open(kinds=(Ballot.PPWP,))
    loading.open(kinds=(Ballot.DPR,))

    assert loading.see(city.near[0]) == ["MISROUTED"]

    assert data(last(log))["reason"] == "other_consignment"
    assert data(last(log))["belongs_on"] == other


def test_old_label_shows_both_issues_and_the_new_one_passes(
    loading: Dock, city: City, log: Log, clock: StillClock
) -> None:
    for _ in range(2):
        reprint(log, city.near[0], "wet", clock())
    loading.open()

    assert loading.show(loading.text(city.near[0], issue=2)) == ["SUPERSEDED"]
    hold = last(log)
    loading.release(hold.seq)

    assert (data(hold)["issue"], data(hold)["valid_issue"]) == (2, 3)
    assert loading.show(loading.text(city.near[0], issue=3)) == ["ACCEPTED"]


def test_misrouted_box_names_where_it_belongs(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    loading.see(city.far[0])

    line = panel.panel(log.db, loading.gate.settings).holds[0]

    assert (line.goes_to, line.heading_for) == ("Gading Cempaka", "Selebar")


def test_packed_bundle_names_its_box(loading: Dock, city: City, log: Log) -> None:
    loading.open()
    loading.see(city.packed)

    assert data(last(log))["box"] == city.near[0]
    assert loading.release(last(log).seq).draft.items == (city.packed,)
    assert loading.see(city.loose) == ["ACCEPTED"]


def test_all_labels_of_a_frame_are_decided_before_the_hold_begins(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()

    verdicts = loading.show(
        loading.text(city.far[0]),
        loading.text(city.near[0]),
        "J1nonsense",
        "https://example.com",
    )

    assert verdicts == ["MISROUTED", "ACCEPTED", "UNKNOWN", "FOREIGN"]
    holds = panel.open_holds(log.db, "gerbang-1")
    assert len(holds) == 2
    loading.release(holds[0])
    assert loading.see(city.near[1]) == ["WAITS"]
    loading.release(holds[1])
    assert loading.see(city.near[1]) == ["ACCEPTED"]


def test_hold_is_of_one_gate_and_outlives_the_process(  # noqa: PLR0917 - fixtures
    loading: Dock,
    dock: Callable[[str], Dock],
    city: City,
    log: Log,
    settings: Settings,
    clock: StillClock,
) -> None:
    loading.open(kinds=(Ballot.PPWP,))
    dock("gerbang-2").open(kinds=(Ballot.DPR,))
    loading.see(city.far[0])
    hold = last(log).seq
    assert dock("gerbang-2").see(city.near[1]) == ["ACCEPTED"]

    verdicts: list[str] = []

    def after_restart() -> None:
        again = create_station.open_log(settings, clock)
        gate = Gate(again, settings.gate("gerbang-1"), loading.key, clock)
        reopened = Dock(gate, clock, loading.key)
        verdicts.extend(reopened.see(city.near[0]))
        reopened.release(hold)
        verdicts.extend(reopened.see(city.near[0]))
        again.db.close()

    thread = threading.Thread(target=after_restart)
    thread.start()
    thread.join()

    assert verdicts == ["WAITS", "ACCEPTED"]


def test_acknowledgement_needs_a_reason_and_names_what_to_bring_back(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    loading.see(city.far[0])
    hold = last(log).seq

    other = AcknowledgeReason.OTHER
    for note in ("", "  \t"):
        with pytest.raises(OperationRefused) as refused:
            loading.gate.acknowledge(hold, reason=other, note=note, actor=OPERATOR)
        assert refused.value.code is RefusalReason.REASON_NEEDED
    entry = loading.gate.acknowledge(
        hold,
        reason=AcknowledgeReason.SET_ASIDE,
        note="di kanan gerbang",
        actor="p02",
        bring_back=[city.near[1], city.near[2]],
    )

    draft = entry.draft
    assert (draft.type, draft.actor) == (EntryType.INSPECTING, "p02")
    assert draft.items == (city.far[0],)
    assert draft.data == {
        "action": "acknowledge",
        "hold": hold,
        "reason": "set_aside",
        "note": "di kanan gerbang",
        "bring_back": [city.near[1], city.near[2]],
    }


def test_a_hold_ends_once_and_at_its_own_gate(
    loading: Dock, dock: Callable[[str], Dock], city: City, log: Log
) -> None:
    loading.open()
    loading.see(city.far[0])
    hold = last(log).seq

    for gate, number in ((dock("gerbang-2"), hold), (loading, hold - 1)):
        with pytest.raises(OperationRefused) as refused:
            gate.release(number)
        assert refused.value.code is RefusalReason.NO_SUCH_HOLD
    loading.release(hold)
    size = log.size
    with pytest.raises(OperationRefused):
        loading.release(hold)
    assert log.size == size


def test_foreign_texts_are_counted_and_leave_no_entry_of_their_own(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    loading.see(city.near[0])
    size = log.size

    verdicts = loading.show("https://kpu.go.id", "", "j1 in small letters", "\udc80")
    loading.gate.unread(2)

    assert verdicts == ["FOREIGN"] * 4
    assert log.size == size
    shown = panel.panel(log.db, loading.gate.settings)
    assert (shown.foreign, shown.unread) == (4, 2)
    closing = loading.close("short")
    assert (data(closing)["foreign"], data(closing)["unread"]) == (4, 2)


def test_counts_of_one_consignment_are_not_those_of_the_next(
    loading: Dock, accepting: Dock, city: City
) -> None:
    first = loading.open(kinds=(Ballot.PPWP,))
    loading.show("https://kpu.go.id")
    loading.see(city.near[0])
    loading.close("short")
    loading.open(kinds=(Ballot.DPR,))
    loading.see(city.near[1])
    accepting.arrive(first)
    accepting.show("https://kpu.go.id", "https://kpu.go.id")

    assert data(loading.close("short"))["foreign"] == 0
    assert data(accepting.close("late"))["foreign"] == 2


def test_typed_number_is_enough_whatever_the_issue(
    loading: Dock, city: City, log: Log, clock: StillClock
) -> None:
    reprint(log, city.near[0], "wet", clock())
    loading.open()
    typed = loading.scan(ItemId.parse(city.near[0]).as_hri().lower(), ScanSource.TYPED)

    (outcome,) = loading.gate.record([typed], OPERATOR)

    assert outcome.decision.verdict is Verdict.ACCEPTED
    assert data(last(log)) == {"source": "typed"}


def test_mistyped_number_is_no_scan(loading: Dock, city: City, log: Log) -> None:
    loading.open()
    size = log.size
    right = ItemId.parse(city.near[0])
    wrong = f"{right}-{'0' if right.check != '0' else '1'}"

    with pytest.raises(LabelError):
        loading.gate.record([loading.scan(wrong, ScanSource.TYPED)], OPERATOR)

    assert log.size == size
    assert loading.see(city.near[0]) == ["ACCEPTED"]


def test_wedge_scanner_under_caps_lock_is_understood(loading: Dock, city: City) -> None:
    loading.open()
    text = loading.text(city.near[0]).swapcase()

    (wedge,) = loading.gate.record([loading.scan(text, ScanSource.HANDHELD)], OPERATOR)
    (camera,) = loading.gate.record([loading.scan(text)], OPERATOR)

    assert wedge.decision.verdict is Verdict.ACCEPTED
    assert camera.decision.verdict is Verdict.FOREIGN


def test_evidence_and_camera_stand_in_the_entry(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    scan = loading.scan(loading.text(city.near[0]))
    picture = "ab" * 32

    loading.gate.record(
        [type(scan)(scan.gate, scan.text, scan.source, scan.seen, "kamera-1", picture)],
        OPERATOR,
    )

    assert last(log).draft.evidence == (picture,)
    assert data(last(log))["camera"] == "kamera-1"


def test_box_taken_off_is_not_counted_and_can_be_loaded_again(
    loading: Dock, city: City, log: Log
) -> None:
    consignment = loading.open()
    loading.see(city.near[0], city.near[1])
    loaded_seq = log.size - 2

    entry = loading.gate.take_off(
        city.near[0], reason=TakeOff.WRONG_TRUCK, actor=OPERATOR
    )

    assert entry.draft.type is EntryType.UNLOADING
    assert (entry.draft.consignment, entry.draft.items) == (
        consignment,
        (city.near[0],),
    )
    assert entry.draft.data == {"reason": "wrong_truck", "loaded": loaded_seq}
    assert loaded(loading) == 1
    found = registry.item(log.db, city.near[0])
    assert found is not None
    assert (found.item.state, found.item.consignment) == (ItemState.REGISTERED, None)
    assert loading.see(city.near[0]) == ["ACCEPTED"]
    assert loaded(loading) == 2


def test_only_what_is_on_this_truck_can_be_taken_off(
    loading: Dock, dock: Callable[[str], Dock], city: City, log: Log
) -> None:
    with pytest.raises(OperationRefused) as refused:
        loading.gate.take_off(city.near[0], reason=OwnWords("x"), actor=OPERATOR)
    assert refused.value.code is RefusalReason.NO_CONSIGNMENT
    loading.open(kinds=(Ballot.PPWP,))
    dock("gerbang-2").open(kinds=(Ballot.DPR,))
    dock("gerbang-2").see(city.near[1])
    loading.see(city.near[0])
    size = log.size

    for item in (city.near[1], city.near[2], "1771-B-ZZZZZ", "no id"):
        with pytest.raises(OperationRefused) as refused:
            loading.gate.take_off(item, reason=OwnWords("x"), actor=OPERATOR)
        assert refused.value.code is RefusalReason.NOT_LOADED
    for reason in ("", " "):
        with pytest.raises(OperationRefused) as refused:
            loading.gate.take_off(city.near[0], reason=OwnWords(reason), actor=OPERATOR)
        assert refused.value.code is RefusalReason.REASON_NEEDED
    assert log.size == size


def test_with_nothing_open_nothing_is_recorded(
    loading: Dock, city: City, log: Log
) -> None:
    size = log.size

    (outcome,) = loading.gate.record(
        [loading.scan(loading.text(city.near[0]))], OPERATOR
    )
    loading.gate.unread()

    assert (outcome.decision.verdict, outcome.decision.item) == (None, city.near[0])
    assert (outcome.entry, outcome.waits) == (None, False)
    assert log.size == size


def test_an_error_in_the_middle_of_a_frame_leaves_nothing(
    loading: Dock, city: City, log: Log
) -> None:
    loading.open()
    size = log.size
    good = loading.scan(loading.text(city.near[0]))
    bad = type(good)(good.gate, good.text, good.source, good.seen, None, "no hash")

    with pytest.raises(StationError, match="evidence"):
        loading.gate.record(
            [loading.scan("https://kpu.go.id"), good, loading.scan("J1?"), bad],
            OPERATOR,
        )

    assert log.size == size
    assert loaded(loading) == 0
    assert panel.panel(log.db, loading.gate.settings).foreign == 0
    assert not panel.open_holds(log.db, "gerbang-1")
    assert loading.see(city.near[0]) == ["ACCEPTED"]


def test_the_other_open_consignment_is_found_by_its_index(
    loading: Dock, city: City, log: Log
) -> None:
    """With a hundred consignments a scan must not count them all."""
    loading.open()
    queries: list[str] = []
    log.db.set_trace_callback(queries.append)
    loading.see(city.near[0])
    log.db.set_trace_callback(None)

    reads = [query for query in queries if query.startswith("SELECT")]
    plans = [
        row["detail"]
        for query in reads
        for row in log.db.execute(f"EXPLAIN QUERY PLAN {query}")
    ]

    assert any("consignment_item_item" in step for step in plans)
    tables = ("consignment", "consignment_item", "item", "entry", "hold")
    assert not [step for step in plans if step in {f"SCAN {name}" for name in tables}]


def test_boxes_of_two_kecamatan_leave_by_their_own_trucks(
    loading: Dock, dock: Callable[[str], Dock], city: City, log: Log
) -> None:
    loading.open(NEAR)
    dock("gerbang-2").open(FAR)

    assert loading.see(*city.near) == ["ACCEPTED"] * 4
    assert dock("gerbang-2").see(*city.far) == ["ACCEPTED"] * 2

    assert boxes(log, f"{FAR}.1001/001") == city.far
