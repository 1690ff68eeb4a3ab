"""Every verdict of DESIGN section 5, and that no one but the highest is given."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.custody.verdict_rule import Label, Question, decide
from station.leg import Leg, Tier
from station.model import (
    Ballot,
    Consignment,
    Item,
    ItemState,
    Phase,
    Reason,
    Step,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable

BOX, BUNDLE = "1771-B-0007K", "1771-K-00001"
TYPED = Label(BOX, typed=True)
HERE = Consignment("C-0001", "17.71.03", frozenset({Ballot.DPR}), Phase.LOADING)
OTHER = Consignment("C-0002", "17.71.03", frozenset({Ballot.DPR}), Phase.LOADING)
ITEM = Item(BOX, Ballot.DPR, "17.71.03.1011/003", 2, last_seq=7)
EXPECTED = Question(
    label=Label(BOX, 2),
    item=ITEM,
    step=Step.LOADING,
    consignment=HERE,
    listed=True,
)
"""All is well; each case below breaks it in one way."""
ARRIVING = replace(
    EXPECTED,
    step=Step.ACCEPTING,
    consignment=replace(HERE, phase=Phase.ARRIVING),
    item=replace(ITEM, state=ItemState.DEPARTED, consignment=HERE.id),
)


def item_with(question: Question, **changes: object) -> Question:
    assert question.item is not None
    return replace(question, item=replace(question.item, **changes))  # type: ignore[arg-type]  # field names are right or this raises


CASES: tuple[tuple[str, Question, Verdict, Reason | None], ...] = (
    ("not ours", replace(EXPECTED, label=None), Verdict.FOREIGN, None),
    (
        "check characters",
        replace(EXPECTED, label=Label(None)),
        Verdict.UNKNOWN,
        Reason.CHECK,
    ),
    (
        "not here",
        replace(EXPECTED, item=None),
        Verdict.UNKNOWN,
        Reason.NOT_REGISTERED,
    ),
    ("tag", replace(EXPECTED, label=Label(BOX)), Verdict.UNKNOWN, Reason.TAG),
    (
        "old issue",
        replace(EXPECTED, label=Label(BOX, 1)),
        Verdict.SUPERSEDED,
        Reason.REPRINTED,
    ),
    (
        "voided",
        item_with(EXPECTED, voided=True),
        Verdict.SUPERSEDED,
        Reason.VOIDED,
    ),
    (
        "other kab/kota",
        item_with(EXPECTED, destination="17.02.01.2001/001"),
        Verdict.MISROUTED,
        Reason.OTHER_REGENCY,
    ),
    (
        "other kecamatan",
        item_with(EXPECTED, destination="17.71.04.1001/001"),
        Verdict.MISROUTED,
        Reason.OTHER_AREA,
    ),
    (
        "a code that only begins alike",
        item_with(EXPECTED, destination="17.71.031.1001/001"),
        Verdict.MISROUTED,
        Reason.OTHER_AREA,
    ),
    (
        "on another consignment",
        replace(EXPECTED, listed=False, elsewhere=OTHER),
        Verdict.MISROUTED,
        Reason.OTHER_CONSIGNMENT,
    ),
    (
        "left behind here, since put on another",
        replace(ARRIVING, item=ITEM, elsewhere=OTHER),
        Verdict.MISROUTED,
        Reason.OTHER_CONSIGNMENT,
    ),
    (
        "belongs in a box",
        item_with(replace(EXPECTED, listed=False), container=BOX),
        Verdict.UNEXPECTED,
        Reason.BELONGS_IN_BOX,
    ),
    (
        "other kind",
        item_with(replace(EXPECTED, listed=False), ballot=Ballot.DPD),
        Verdict.UNEXPECTED,
        Reason.OTHER_KIND,
    ),
    (
        "not on the list",
        replace(EXPECTED, listed=False),
        Verdict.UNEXPECTED,
        Reason.NOT_ON_LIST,
    ),
    (
        "no kind, not on the list",
        item_with(replace(EXPECTED, listed=False), ballot=None),
        Verdict.UNEXPECTED,
        Reason.NOT_ON_LIST,
    ),
    ("again", replace(EXPECTED, counted_seq=5), Verdict.REPEATED, None),
    ("again at the PPK", replace(ARRIVING, counted_seq=5), Verdict.REPEATED, None),
    (
        "loaded elsewhere",
        item_with(EXPECTED, state=ItemState.LOADED, consignment=OTHER.id),
        Verdict.OUT_OF_SEQUENCE,
        Reason.LOADED_ELSEWHERE,
    ),
    (
        "gone",
        item_with(EXPECTED, state=ItemState.DEPARTED, consignment=OTHER.id),
        Verdict.OUT_OF_SEQUENCE,
        Reason.DEPARTED_ALREADY,
    ),
    (
        "there already",
        item_with(
            EXPECTED, state=ItemState.ACCEPTED, consignment=OTHER.id, at=Tier.PPK
        ),
        Verdict.OUT_OF_SEQUENCE,
        Reason.ACCEPTED_ALREADY,
    ),
    (
        "never arrived where it leaves",
        replace(EXPECTED, consignment=replace(HERE, leg=Leg(Tier.PPK, Tier.PPS))),
        Verdict.OUT_OF_SEQUENCE,
        Reason.NOT_ARRIVED,
    ),
    (
        "gone farther than where it leaves",
        replace(
            item_with(EXPECTED, state=ItemState.ACCEPTED, at=Tier.PPS),
            consignment=replace(HERE, leg=Leg(Tier.PPK, Tier.GUDANG)),
        ),
        Verdict.OUT_OF_SEQUENCE,
        Reason.ACCEPTED_ALREADY,
    ),
    (
        "left behind, yet it arrives",
        item_with(ARRIVING, state=ItemState.REGISTERED, consignment=None),
        Verdict.OUT_OF_SEQUENCE,
        Reason.NOT_DEPARTED,
    ),
    (
        "loaded, yet it arrives",
        item_with(ARRIVING, state=ItemState.LOADED),
        Verdict.OUT_OF_SEQUENCE,
        Reason.NOT_DEPARTED,
    ),
    (
        "departed on another, arrives here",
        item_with(ARRIVING, consignment=OTHER.id),
        Verdict.OUT_OF_SEQUENCE,
        Reason.DEPARTED_ALREADY,
    ),
    (
        "accepted on another, arrives here",
        item_with(ARRIVING, state=ItemState.ACCEPTED, consignment=OTHER.id),
        Verdict.OUT_OF_SEQUENCE,
        Reason.ACCEPTED_ALREADY,
    ),
    ("expected", EXPECTED, Verdict.ACCEPTED, None),
    ("typed", replace(EXPECTED, label=TYPED), Verdict.ACCEPTED, None),
    ("expected at the PPK", ARRIVING, Verdict.ACCEPTED, None),
    (
        "from the PPK on to the PPS",
        replace(
            item_with(EXPECTED, state=ItemState.ACCEPTED, at=Tier.PPK),
            consignment=replace(HERE, leg=Leg(Tier.PPK, Tier.PPS)),
        ),
        Verdict.ACCEPTED,
        None,
    ),
    (
        "back from the PPK",
        replace(
            item_with(EXPECTED, state=ItemState.ACCEPTED, at=Tier.PPK),
            consignment=replace(HERE, leg=Leg(Tier.PPK, Tier.GUDANG)),
        ),
        Verdict.ACCEPTED,
        None,
    ),
)


@pytest.mark.parametrize(
    ("question", "verdict", "reason"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_decide_gives_the_verdict_and_why(
    question: Question, verdict: Verdict, reason: Reason | None
) -> None:
    decision = decide(question)

    assert (decision.verdict, decision.reason) == (verdict, reason)
    if verdict is not Verdict.FOREIGN and reason is not Reason.CHECK:
        assert decision.item == BOX


def test_the_table_leaves_no_reason_and_no_verdict_out() -> None:
    # UNREAD is a label without a text: no scan, so no question to the rule.
    assert {case[2] for case in CASES} == set(Verdict) - {Verdict.UNREAD}
    assert {case[3] for case in CASES} - {None} == set(Reason)


Break = tuple[Verdict, "Callable[[Question], Question]"]
BREAKS: tuple[Break, ...] = (
    (Verdict.FOREIGN, lambda q: replace(q, label=None)),
    (Verdict.UNKNOWN, lambda q: replace(q, label=Label(BOX))),
    (Verdict.SUPERSEDED, lambda q: item_with(q, voided=True)),
    (Verdict.MISROUTED, lambda q: item_with(q, destination="17.71.04")),
    (Verdict.UNEXPECTED, lambda q: replace(q, listed=False)),
    (Verdict.REPEATED, lambda q: replace(q, counted_seq=5)),
    (
        Verdict.OUT_OF_SEQUENCE,
        lambda q: item_with(q, state=ItemState.ACCEPTED, at=Tier.PPK),
    ),
)


@pytest.mark.parametrize(
    ("higher", "lower"),
    [(a, b) for a, b in product(range(7), repeat=2) if a < b],
    ids=lambda place: BREAKS[place][0].value,
)
def test_of_two_verdicts_that_apply_the_higher_is_given(
    higher: int, lower: int
) -> None:
    verdict, break_higher = BREAKS[higher]
    lower_verdict, break_lower = BREAKS[lower]

    assert decide(break_lower(EXPECTED)).verdict is lower_verdict
    assert decide(break_higher(break_lower(EXPECTED))).verdict is verdict


def test_of_two_reasons_the_one_a_person_can_act_on_first_is_given() -> None:
    unknown = replace(EXPECTED, label=Label(BOX), item=None)
    old_and_void = item_with(replace(EXPECTED, label=Label(BOX, 1)), voided=True)
    elsewhere = replace(
        item_with(EXPECTED, destination="17.71.04"), listed=False, elsewhere=OTHER
    )
    boxed_of_other_kind = item_with(
        replace(EXPECTED, listed=False), container=BOX, ballot=Ballot.DPD
    )

    assert decide(unknown).reason is Reason.NOT_REGISTERED
    assert decide(old_and_void).reason is Reason.VOIDED
    assert decide(elsewhere).reason is Reason.OTHER_AREA
    assert decide(boxed_of_other_kind).reason is Reason.BELONGS_IN_BOX


@pytest.mark.parametrize("step", Step)
def test_with_no_consignment_open_nothing_is_decided(step: Step) -> None:
    for label, item in ((Label(BOX, 2), ITEM), (Label(BOX), None), (None, None)):
        decision = decide(Question(label=label, item=item, step=step, consignment=None))

        assert decision.verdict is None
        assert decision.item == (None if label is None else BOX)


def test_decide_tells_what_the_screen_needs() -> None:
    facts = {name: dict(decide(question).facts) for name, question, *_ in CASES}

    assert facts["old issue"] == {"issue": 1, "valid_issue": 2}
    assert facts["other kecamatan"] == {
        "belongs_to": "17.71.04",
        "heading_for": "17.71.03",
    }
    assert facts["on another consignment"]["belongs_on"] == "C-0002"
    assert facts["belongs in a box"] == {"box": BOX}
    assert facts["other kind"] == {"kind": "DPD"}
    assert facts["again"] == {"prior": 5}
    assert facts["loaded elsewhere"] == {"prior": 7}
    assert facts["expected"] == {}


labels = st.one_of(
    st.none(),
    st.builds(
        Label,
        st.sampled_from([None, BOX, BUNDLE]),
        st.sampled_from([None, 1, 2, 3]),
        typed=st.booleans(),
    ),
)
consignments = st.builds(
    Consignment,
    st.sampled_from(["C-0001", "C-0002"]),
    st.sampled_from(["17.71.03", "17.71.04", "17.02.01", "17.71"]),
    st.frozensets(st.sampled_from(Ballot)),
    st.sampled_from(Phase),
    st.sampled_from([Leg(a, b) for a in Tier for b in Tier if a is not b]),
)
items = st.builds(
    Item,
    st.sampled_from([BOX, BUNDLE]),
    st.none() | st.sampled_from(Ballot),
    st.sampled_from(["17.71.03", "17.71.03.1011", "17.71.03.1011/003", "17.02.01/001"]),
    st.integers(1, 3),
    voided=st.booleans(),
    container=st.sampled_from([None, BOX]),
    state=st.sampled_from(ItemState),
    at=st.sampled_from(Tier),
    consignment=st.sampled_from([None, "C-0001", "C-0002"]),
    last_seq=st.none() | st.integers(0, 9),
)
questions = st.builds(
    Question,
    label=labels,
    item=st.none() | items,
    step=st.sampled_from(Step),
    consignment=st.none() | consignments,
    listed=st.booleans(),
    counted_seq=st.none() | st.integers(0, 9),
    elsewhere=st.none() | consignments,
)


def by_the_table(q: Question) -> Verdict | None:
    """DESIGN section 5 read as a table: the first row that is true."""
    if q.consignment is None:
        return None
    ours, known = q.label is not None, q.item is not None
    item = q.item or ITEM
    label = q.label or Label(None)
    to, area = item.destination, q.consignment.area
    stands = item.state in {ItemState.REGISTERED, ItemState.ACCEPTED}
    may_go = stands and item.at is q.consignment.leg.source
    may_come = item.state is ItemState.DEPARTED and item.consignment == q.consignment.id
    rows = (
        (Verdict.FOREIGN, not ours),
        (
            Verdict.UNKNOWN,
            label.item_id is None
            or not known
            or (label.issue is None and not label.typed),
        ),
        (
            Verdict.SUPERSEDED,
            item.voided or label.issue not in {None, item.issue},
        ),
        (
            Verdict.MISROUTED,
            to.replace("/", ".").split(".")[: area.count(".") + 1] != area.split(".")
            or q.elsewhere is not None,
        ),
        (Verdict.UNEXPECTED, not q.listed),
        (Verdict.REPEATED, q.counted_seq is not None),
        (
            Verdict.OUT_OF_SEQUENCE,
            not (may_go if q.step is Step.LOADING else may_come),
        ),
        (Verdict.ACCEPTED, True),
    )
    return next(verdict for verdict, applies in rows if applies)


@settings(max_examples=1_000, deadline=None)
@given(questions)
def test_decide_never_raises_and_follows_the_table(question: Question) -> None:
    decision = decide(question)

    assert decision.verdict is by_the_table(question)
    assert (decision.reason is None) == (
        decision.verdict in {None, Verdict.FOREIGN, Verdict.REPEATED, Verdict.ACCEPTED}
    )
