"""What can be wrong with a label, and the sentence that says so.

The sentence is English; the screen words the fault in its own language.
"""

from __future__ import annotations

from enum import StrEnum


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


_SENTENCES = {
    LabelFault.LENGTH: "Expected {expected}, got {got}: read or type it whole.",
    LabelFault.ALPHABET: "Expected only {expected}, got {got}: read the label again.",
    LabelFault.SCHEME: "A label code begins with {expected}, this text with {got}: "
    "it is not one of our labels.",
    LabelFault.REGENCY: "Expected {expected} for the kab/kota, got {got}: "
    "look at the first four characters.",
    LabelFault.KIND: "Expected one of {expected} for the kind of item, got {got}: "
    "look at the letter after the kab/kota.",
    LabelFault.SERIAL: "Expected {expected} for the serial number, got {got}: "
    "look at the five characters after the kind.",
    LabelFault.TAG: "Expected {expected} for the tag, got {got}: read the label again.",
    LabelFault.CHECK: "The check should be {expected}, but {got} was given: "
    "one of the characters is wrong, read or type it again.",
    LabelFault.NUMBER: "An item's number lies in {expected}, got {got}: "
    "use another kind or number.",
    LabelFault.ISSUE: "The issue of a label is {expected}, got {got}: count from 1.",
    LabelFault.KEY: "A label key has {expected}, this one {got}: "
    "use the key of the kab/kota.",
    LabelFault.RANGE: "Expected {expected}, got {got}: name the items one by one.",
    LabelFault.SYMBOL: "Expected {expected}, got {got}: "
    "print only label codes, and check the version of zxing-cpp.",
    LabelFault.MEASURE: "Expected {expected}, got {got}: correct that measure.",
    LabelFault.COUNT: "Expected {expected}, got {got}: change that number.",
    LabelFault.RIGHT: "Expected an offset to the right of {expected} mm, got {got}: "
    "more would push the labels off the page; mend the printer's own margins.",
    LabelFault.UP: "Expected an offset upwards of {expected} mm, got {got}: "
    "more would push the labels off the page; mend the printer's own margins.",
    LabelFault.BAR: "Expected {expected} for the colour bar, got {got}: "
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
        return _SENTENCES[self.fault].format_map(words)


def shown(text: str) -> str:
    """A foreign text, short and printable enough to stand in a sentence."""
    longest = 40
    return ascii(text if len(text) <= longest else text[:longest] + "...")
