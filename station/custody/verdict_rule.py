"""The rule: what a scan at a gate is. Pure; it knows the values of the path alone.

One function for each verdict, tried in the order of precedence (DESIGN section 5);
the first that applies decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.leg import kecamatan_of, place_of
from station.model import (
    Consignment,
    Decision,
    Item,
    ItemState,
    Reason,
    Step,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.leg import Leg
    from station.model import Json


@dataclass(frozen=True, slots=True)
class Label:
    """What a text says once it was parsed and its tag compared."""

    item_id: str | None
    """None: it claims to be ours, but form or check characters are wrong."""
    issue: int | None = None
    """The issue whose tag it bears; None: no issue of this item has that tag."""
    typed: bool = False
    """Typed by hand: the item id alone, so no issue can be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that the rule may know of one scan."""

    label: Label | None
    """None: the text is not one of our codes."""
    item: Item | None
    """The registered item that the label names."""
    step: Step
    consignment: Consignment | None
    """What is open at this gate."""
    listed: bool = False
    """The item is in the consignment's frozen expected set."""
    counted_seq: int | None = None
    """The entry by which this consignment counted it at this step."""
    elsewhere: Consignment | None = None
    """Another open consignment whose set holds the item now. It may still be listed
    here: left behind when this consignment departed, then put on the other."""


def decide(question: Question) -> Decision:
    """What this scan is; nothing is recorded here.

    Source: DESIGN section 5.
    """
    if question.consignment is None:
        label = question.label
        return Decision(None, item=None if label is None else label.item_id)
    for check in PRECEDENCE:
        decision = check(question, question.consignment)
        if decision is not None:
            return decision
    return _decision(question, Verdict.ACCEPTED)


def _foreign(question: Question, _: Consignment) -> Decision | None:
    if question.label is None:
        return Decision(Verdict.FOREIGN)
    return None


def _unknown(question: Question, _: Consignment) -> Decision | None:
    label = question.label
    if label is None or label.item_id is None:
        return _decision(question, Verdict.UNKNOWN, Reason.CHECK)
    if question.item is None:
        return _decision(question, Verdict.UNKNOWN, Reason.NOT_REGISTERED)
    if label.issue is None and not label.typed:
        return _decision(question, Verdict.UNKNOWN, Reason.TAG)
    return None


def _superseded(question: Question, _: Consignment) -> Decision | None:
    item, label = _known(question)
    if item.voided:
        return _decision(question, Verdict.SUPERSEDED, Reason.VOIDED, issue=label.issue)
    if label.issue is not None and label.issue != item.issue:
        return _decision(
            question,
            Verdict.SUPERSEDED,
            Reason.REPRINTED,
            issue=label.issue,
            valid_issue=item.issue,
        )
    return None


def _misrouted(question: Question, consignment: Consignment) -> Decision | None:
    item, _ = _known(question)
    ways = {
        "belongs_to": _belongs_to(item, consignment),
        "heading_for": consignment.area,
    }
    if not _within(item.destination, consignment.area):
        other = (
            item.destination.replace(".", "")[:4]
            != consignment.area.replace(".", "")[:4]
        )
        reason = Reason.OTHER_REGENCY if other else Reason.OTHER_AREA
        return _decision(question, Verdict.MISROUTED, reason, **ways)
    if question.elsewhere is not None:
        return _decision(
            question,
            Verdict.MISROUTED,
            Reason.OTHER_CONSIGNMENT,
            belongs_on=question.elsewhere.id,
            **ways,
        )
    return None


def _unexpected(question: Question, consignment: Consignment) -> Decision | None:
    item, _ = _known(question)
    if question.listed:
        return None
    if item.container is not None:
        return _decision(
            question, Verdict.UNEXPECTED, Reason.BELONGS_IN_BOX, box=item.container
        )
    if item.ballot is not None and item.ballot not in consignment.kinds:
        return _decision(
            question, Verdict.UNEXPECTED, Reason.OTHER_KIND, kind=item.ballot
        )
    reason = Reason.NOT_ON_LIST
    if question.step is Step.LOADING and _never_came(item, consignment.leg):
        reason = Reason.NOT_ARRIVED
    return _decision(question, Verdict.UNEXPECTED, reason, prior=item.last_seq)


def _repeated(question: Question, _: Consignment) -> Decision | None:
    if question.counted_seq is None:
        return None
    return _decision(question, Verdict.REPEATED, prior=question.counted_seq)


def _out_of_sequence(question: Question, consignment: Consignment) -> Decision | None:
    item, _ = _known(question)
    here = item.consignment == consignment.id
    stands = item.stands(consignment.leg.source)
    match question.step, item.state:
        case (Step.LOADING, _) if stands:
            return None
        case (Step.LOADING, ItemState.REGISTERED):
            reason = Reason.NOT_ARRIVED
        case (Step.ACCEPTING, ItemState.DEPARTED) if here:
            return None
        case (_, ItemState.ACCEPTED):
            reason = Reason.ACCEPTED_ALREADY
        case (_, ItemState.DEPARTED):
            reason = Reason.DEPARTED_ALREADY
        case (Step.LOADING, _):
            reason = Reason.LOADED_ELSEWHERE
        case _:
            reason = Reason.NOT_DEPARTED
    return _decision(question, Verdict.OUT_OF_SEQUENCE, reason, prior=item.last_seq)


PRECEDENCE: tuple[Callable[[Question, Consignment], Decision | None], ...] = (
    _foreign,
    _unknown,
    _superseded,
    _misrouted,
    _unexpected,
    _repeated,
    _out_of_sequence,
)
"""The checks in order; what passes them all is ACCEPTED."""


def _decision(
    question: Question,
    verdict: Verdict,
    reason: Reason | None = None,
    **facts: Json,
) -> Decision:
    label = question.label
    told = {name: fact for name, fact in facts.items() if fact is not None}
    return Decision(
        verdict,
        item=None if label is None else label.item_id,
        reason=reason,
        facts=told,
    )


def _known(question: Question) -> tuple[Item, Label]:
    # From _unknown on both are there; the order of PRECEDENCE is what says so.
    if question.item is None or question.label is None:
        message = "the rule was asked about an item that _unknown should have stopped"
        raise AssertionError(message)
    return question.item, question.label


def _never_came(item: Item, leg: Leg) -> bool:
    """True where it was never there where this leg begins, or is still below."""
    if item.reached.depth < leg.source.depth:
        return True
    return leg.returns and item.at.depth > leg.source.depth


def _belongs_to(item: Item, consignment: Consignment) -> str:
    """The place that it is for: of the consignment's kind where the kecamatan is."""
    kecamatan = kecamatan_of(item.destination)
    if kecamatan != kecamatan_of(consignment.area):
        return kecamatan
    return place_of(item.destination, consignment.leg.lower) or kecamatan


def _within(destination: str, area: str) -> bool:
    return destination == area or destination.startswith((f"{area}.", f"{area}/"))
