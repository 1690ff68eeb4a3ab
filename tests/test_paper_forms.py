"""The paper fallback: numbered forms, entered later with their own times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from labels.label_code import ItemId, LabelError
from station.custody.gate import panel, paper_forms
from station.custody.gate.paper_forms import PaperForm, PaperFormRow
from station.custody.load import open_load
from station.custody.projection import apply_entries
from station.errors import OperationRefused, RefusalReason
from station.ledger import log as ledger
from tests.conftest import OPERATOR

if TYPE_CHECKING:
    from station.ledger.log import Log
    from tests.conftest import City, Dock, StillClock

MINUTE = 60_000


def issue(log: Log, clock: StillClock, count: int = 3) -> range:
    with log.writing() as batch:
        return paper_forms.issue(batch, count, actor=OPERATOR, at=clock())


def row(item: str, at_ms: int) -> PaperFormRow:
    return PaperFormRow(ItemId.parse(item).as_hri(), at_ms)


def refused(act: Any, *args: Any, **more: Any) -> RefusalReason:  # noqa: ANN401
    with pytest.raises(OperationRefused) as found:
        act(*args, **more)
    return found.value.code


def test_numbers_go_on_and_are_entries(log: Log, clock: StillClock) -> None:
    assert issue(log, clock) == range(1, 4)
    assert issue(log, clock, 2) == range(4, 6)
    assert paper_forms.known(log.db).printed == 5
    assert [e.draft.data["count"] for e in list(ledger.entries(log.db))[-2:]] == [3, 2]
    for count in (0, paper_forms.MOST_PRINTED + 1):
        assert refused(issue, log, clock, count) is RefusalReason.WRONG_COUNT


def test_each_row_is_recorded_with_the_time_on_the_form(
    loading: Dock, city: City, log: Log, clock: StillClock
) -> None:
    issue(log, clock)
    loading.open()
    now = clock.pass_ms(30 * MINUTE).wall_ms
    rows = [
        row(city.near[0], now - 9 * MINUTE),
        row(city.far[0], now - 8 * MINUTE),
        row(city.near[1], now - 7 * MINUTE),
    ]

    outcomes = paper_forms.enter(loading.gate, PaperForm(2, 1, rows), actor=OPERATOR)

    verdicts = [str(outcome.decision.verdict) for outcome in outcomes]
    assert verdicts == ["ACCEPTED", "MISROUTED", "ACCEPTED"]
    first = outcomes[0].entry
    assert first is not None
    assert first.draft.event.wall_ms == now - 9 * MINUTE
    assert first.entry_ms == now
    assert first.draft.data["source"] == "paper"
    assert first.draft.data["form"] == 2
    told = next(
        e.draft for e in ledger.entries(log.db) if e.draft.data.get("event") == "form"
    )
    assert told.consignment == first.draft.consignment
    assert panel.open_holds(log.db, "gerbang-1"), "a wrong box holds here too"
    load = open_load(log.db, "gerbang-1")
    assert load is not None
    assert load.loaded == 2


def test_a_form_is_entered_once_and_whole(
    loading: Dock, city: City, log: Log, clock: StillClock
) -> None:
    issue(log, clock)
    now = clock.pass_ms(MINUTE).wall_ms
    good = [row(city.near[0], now)]

    def enter(number: int, rows: list[PaperFormRow]) -> Any:  # noqa: ANN401
        return paper_forms.enter(
            loading.gate, PaperForm(number, 1, rows), actor=OPERATOR
        )

    assert refused(enter, 1, good) is RefusalReason.NO_CONSIGNMENT
    loading.open()
    size = log.size
    late = [*good, row(city.near[1], now + 1)]
    old = [*good, row(city.near[1], now - paper_forms.OLDEST_MS - 1)]
    assert refused(enter, 1, late) is RefusalReason.WRONG_TIME
    assert refused(enter, 1, old) is RefusalReason.WRONG_TIME
    assert refused(enter, 1, []) is RefusalReason.WRONG_COUNT
    for none in (4, 0, -1, 2**63, 10**30):
        assert refused(enter, none, good) is RefusalReason.NO_SUCH_FORM
    other = PaperForm(1, 7, good)
    code = refused(paper_forms.enter, loading.gate, other, actor=OPERATOR)
    assert code is RefusalReason.OTHER_CONSIGNMENT
    with pytest.raises(LabelError):
        enter(1, [*good, PaperFormRow("1771-B-00000-?", now)])
    assert log.size == size, "nothing is half entered"
    enter(1, good)
    assert refused(enter, 1, good) is RefusalReason.FORM_ENTERED


def test_a_number_that_did_not_come_back_is_missing(
    loading: Dock, city: City, log: Log, clock: StillClock
) -> None:
    issue(log, clock, 5)
    assert paper_forms.known(log.db).missing == ()
    loading.open()
    rows = [row(city.near[0], clock().wall_ms)]
    paper_forms.enter(loading.gate, PaperForm(4, 1, rows), actor=OPERATOR)
    assert paper_forms.known(log.db).missing == (1, 2, 3)

    with log.writing() as batch:
        paper_forms.declare_unused(batch, 2, "basah", actor=OPERATOR, at=clock())
    assert paper_forms.known(log.db).missing == (1, 3)
    assert paper_forms.known(log.db).unused == 1
    with log.writing() as batch:
        code = refused(
            paper_forms.declare_unused, batch, 2, "basah", actor=OPERATOR, at=clock()
        )
    assert code is RefusalReason.FORM_ENTERED
    apply_entries.rebuild(log.db)
    assert paper_forms.known(log.db).missing == (1, 3)


def test_numbers_asked_for_twice_by_one_press_are_given_once(
    log: Log, clock: StillClock
) -> None:
    with log.writing() as batch:
        paper_forms.issue(batch, 2, after=0, actor=OPERATOR, at=clock())

    with pytest.raises(OperationRefused) as found, log.writing() as batch:
        paper_forms.issue(batch, 2, after=0, actor=OPERATOR, at=clock())

    assert found.value.code is RefusalReason.CHANGED_MEANWHILE
    assert paper_forms.known(log.db).printed == 2
