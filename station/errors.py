"""Errors in one sentence, and refusals of what a person can mend."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from station.language import Text

if TYPE_CHECKING:
    from collections.abc import Mapping


class StationError(Exception):
    """One sentence: what was expected, what was found, what to do."""

    def __init__(self, sentence: str, /, **facts: object) -> None:
        """Fill in the sentence's ``%(name)s``; a fact may be another StationError."""
        if facts:
            sentence = Text(sentence, **{name: _fact(it) for name, it in facts.items()})
        elif not isinstance(sentence, Text):
            sentence = Text(sentence)
        super().__init__(sentence)
        self.text = sentence
        """The same to be translated; ``str`` gives it in English."""


class RefusalReason(enum.StrEnum):
    """Why an act at a screen cannot be done; the screen has a sentence for each."""

    NO_CONSIGNMENT = "no_consignment"
    CONSIGNMENT_OPEN = "consignment_open"
    NOTHING_TO_SEND = "nothing_to_send"
    NO_KINDS = "no_kinds"
    NO_VEHICLE = "no_vehicle"
    """Neither a number plate, nor said that there is none."""
    UNKNOWN_AREA = "unknown_area"
    NOT_ON_THE_WAY = "not_on_the_way"
    WRONG_STEP = "wrong_step"
    WRONG_PLACE = "wrong_place"
    """A consignment for another place than this gate's."""
    WRONG_WAY = "wrong_way"
    """No load begins at this gate on that leg, or of that place."""
    MISSING_WITHOUT_REASON = "missing_without_reason"
    LINE_OPEN = "line_open"
    UNDECIDED_LEFT = "undecided_left"
    """Items passed the gate undecided; they may be on the truck."""
    NOT_WAITING = "not_waiting"
    NOT_THAT_WAY = "not_that_way"
    """An exception of a plan that does not go there anyway."""
    NOT_PLANNED = "not_planned"
    """A planned consignment was opened or dropped meanwhile."""
    NOT_MISSING = "not_missing"
    """It is not missing from what was closed at the other end."""
    COUNTED_ALREADY = "counted_already"
    WRONG_COUNT = "wrong_count"
    WRONG_TIME = "wrong_time"
    NO_MOMENT = "no_moment"
    """It is no date and time that a trip could have."""
    ROW_CODE = "row_code"
    ROW_TIME = "row_time"
    """A row of a paper form lacks its code or time, or it cannot be read."""
    OTHER_CONSIGNMENT = "other_consignment"
    """A form is of another consignment than the one that is open."""
    NO_SUCH_FORM = "no_such_form"
    FORM_ENTERED = "form_entered"
    NOTHING_DIFFERS = "nothing_differs"
    NOTHING_COUNTED = "nothing_counted"
    GATE_HELD = "gate_held"
    NO_SUCH_HOLD = "no_such_hold"
    REASON_NEEDED = "reason_needed"
    NO_PICTURE = "no_picture"
    PICTURE_TOO_LARGE = "picture_too_large"
    NOT_LOADED = "not_loaded"
    NOT_COUNTED = "not_counted"
    """It is not counted on what is open here."""
    SEAL_FORM = "seal_form"
    SEAL_TAKEN = "seal_taken"
    """That number was said of another box."""
    SEALS_MISSING = "seals_missing"
    TOO_MANY_ITEMS = "too_many_items"
    DISK_FULL = "disk_full"
    LEDGER_UNCLEAR = "ledger_unclear"
    POWER_LOW = "power_low"
    NO_SHIFT = "no_shift"
    """Nobody has the shift at a gate, so its cameras record nothing."""
    SAME_PERSON = "same_person"
    GIVER_IS_RECEIVER = "giver_is_receiver"
    MAY_NOT_SIGN = "may_not_sign"
    MAY_NOT_WORK = "may_not_work"
    """At such a gate, or not any more."""
    TOO_LATE = "too_late"
    """The PIN came after the 60 s of a signature."""
    CHANGED_MEANWHILE = "changed_meanwhile"
    """What was to be signed is not so any more."""
    WRONG_PIN = "wrong_pin"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a code, no password
    LOCKED = "locked"
    """Too many wrong passwords or PINs; ``wait_s`` says for how long."""
    WEAK_PIN = "weak_pin"
    WEAK_PASSWORD = "weak_password"  # noqa: S105 - a code, no password
    NO_NAME = "no_name"
    NAME_TAKEN = "name_taken"
    LAST_ADMINISTRATOR = "last_administrator"
    NOT_YOURS = "not_yours"
    NOT_CORRECTABLE = "not_correctable"
    """No such entry, one of another log, or declared wrong already."""


class OperationRefused(StationError):  # noqa: N818 - the word of the dock
    """An act that cannot be done now, for a reason that a person can mend."""

    def __init__(self, code: RefusalReason, sentence: str, **facts: str | int) -> None:
        super().__init__(sentence)
        self.code = code
        self.facts: Mapping[str, str | int] = facts
        """What the screen's sentence fills in, such as ``missing``: 3."""


def sentence_of(error: Exception) -> str:
    """What an error says; to be translated where it is one of the station's own."""
    return error.text if isinstance(error, StationError) else str(error)


def _fact(fact: object) -> object:
    return sentence_of(fact) if isinstance(fact, Exception) else fact
