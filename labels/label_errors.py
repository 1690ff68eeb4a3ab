"""What can be wrong with a label, and the sentence that says so.

The sentence is English; the screen words the fault in its own language.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class LabelFault(StrEnum):
    """What is wrong with a text, a number or a measure; one sentence each."""

    LENGTH = "length"
    ALPHABET = "alphabet"
    SCHEME = "scheme"
    REGENCY = "regency"
    KIND = "kind"
    SERIAL = "serial"
    TAG = "tag"
    CHECK = "check"
    NUMBER = "number"
    ISSUE = "issue"
    KEY = "key"
    RANGE = "range"
    SYMBOL = "symbol"
    """The QR symbol could not be written as DESIGN section 3 wants it."""
    MEASURE = "measure"
    """A sheet of labels that cannot be cut as described."""
    COUNT = "count"
    """How many labels, copies or used positions."""
    RIGHT = "right"
    UP = "up"
    """A printer's offset that moves what must be read off the page."""
    BAR = "bar"
    """The colour of a kind of election."""


SENTENCES: Mapping[LabelFault, str] = {
    LabelFault.LENGTH: "Expected %(expected)s, got %(got)s: read or type it whole.",
    LabelFault.ALPHABET: "Expected only %(expected)s, got %(got)s: "
    "read the label again.",
    LabelFault.SCHEME: "A label code begins with %(expected)s, this text with %(got)s: "
    "it is not one of our labels.",
    LabelFault.REGENCY: "Expected %(expected)s for the kab/kota, got %(got)s: "
    "look at the first four characters.",
    LabelFault.KIND: "Expected one of %(expected)s for the kind of item, got %(got)s: "
    "look at the letter after the kab/kota.",
    LabelFault.SERIAL: "Expected %(expected)s for the serial number, got %(got)s: "
    "look at the five characters after the kind.",
    LabelFault.TAG: "Expected %(expected)s for the tag, got %(got)s: "
    "read the label again.",
    LabelFault.CHECK: "The check should be %(expected)s, but %(got)s was given: "
    "one of the characters is wrong, read or type it again.",
    LabelFault.NUMBER: "An item's number lies in %(expected)s, got %(got)s: "
    "use another kind or number.",
    LabelFault.ISSUE: "The issue of a label is %(expected)s, got %(got)s: "
    "count from 1.",
    LabelFault.KEY: "A label key has %(expected)s, this one %(got)s: "
    "use the key of the kab/kota.",
    LabelFault.RANGE: "Expected %(expected)s, got %(got)s: name the items one by one.",
    LabelFault.SYMBOL: "Expected %(expected)s, got %(got)s: "
    "print only label codes, and check the version of zxing-cpp.",
    LabelFault.MEASURE: "Expected %(expected)s, got %(got)s: correct that measure.",
    LabelFault.COUNT: "Expected %(expected)s, got %(got)s: change that number.",
    LabelFault.RIGHT: "Expected an offset to the right of %(expected)s mm, "
    "got %(got)s: "
    "more would push the labels off the page; correct the printer's own margins.",
    LabelFault.UP: "Expected an offset upwards of %(expected)s mm, got %(got)s: "
    "more would push the labels off the page; correct the printer's own margins.",
    LabelFault.BAR: "Expected %(expected)s for the colour bar, got %(got)s: "
    "name the kind of election.",
}


class LabelError(ValueError):
    """One sentence: what was expected, what was got, what to do."""

    def __init__(self, fault: LabelFault, expected: str, got: str) -> None:
        super().__init__(fault, expected, got)
        self.fault = fault
        self.expected = expected
        """What would have been right; for ``CHECK`` the right characters."""
        self.got = got
        """What was there instead, shortened."""

    def __str__(self) -> str:
        """The sentence, in English."""
        words = {"expected": self.expected, "got": self.got}
        return SENTENCES[self.fault] % words


def shown(text: str) -> str:
    """A foreign text, short and printable enough to stand in a sentence."""
    longest = 40
    return ascii(text if len(text) <= longest else text[:longest] + "...")
