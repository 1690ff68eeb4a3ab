"""What is written on a label: the item's number and the code in its QR symbol.

    >>> item = ItemId.parse("1771-B-0007K")
    >>> item.as_hri()
    '1771-B-0007K-R'
    >>> str(LabelCode.issue(item, 1, bytes(range(0x20, 0x40))))
    'J11771B0007KVG68C99Y'

Source: DESIGN section 3. Knows no picture, paper, database or screen.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from labels.check_characters import (
    CROCKFORD,
    check_character,
    check_pair,
    crockford,
    crockford_number,
)
from labels.label_errors import LabelError, LabelFault, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ItemId", "ItemKind", "LabelCode", "LabelError", "LabelFault"]
__all__ += ["compress", "expand", "parse_typed"]

SCHEME = "J1"
MANIFEST_SCHEME = "JM1"
"""Of the QR on a waybill, which is no label."""
CODE_CHARACTERS = 20
SERIALS = 32**5
"""How many numbers a kab/kota has for each kind of item."""
KEY_BYTES = 16
"""The shortest label key with which a tag is worth anything."""


class ItemKind(StrEnum):
    """What a label is stuck on."""

    BOX = "B"
    BUNDLE = "K"
    CARTON = "C"
    ENVELOPE = "E"
    CONTAINER = "W"
    SEAL = "X"
    """A seal, or anything else."""


_REGENCY = re.compile(r"[0-9]{4}")
_SERIAL = re.compile(f"[{CROCKFORD}]{{5}}")
_TAG = re.compile(f"[{CROCKFORD}]{{6}}")
_BASE36 = re.compile(r"[0-9A-Z]*")
_KINDS = ", ".join(ItemKind)


@dataclass(frozen=True, slots=True, order=True)
class ItemId:
    """The number of one labelled thing, valid once made; sorts by its parts."""

    regency: str
    """The kab/kota's code (Kemendagri, without the dot), four digits."""
    kind: ItemKind
    serial: str
    """Five characters of Crockford's base 32."""

    def __post_init__(self) -> None:
        if not _REGENCY.fullmatch(self.regency):
            raise LabelError(LabelFault.REGENCY, "four digits", shown(self.regency))
        if not _SERIAL.fullmatch(self.serial):
            expected = "five of 0-9, A-Z without I, L, O, U"
            raise LabelError(LabelFault.SERIAL, expected, shown(self.serial))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The item of a text such as ``1771-B-0007K``, written exactly so.

        Raises:
            LabelError: The text has another form.
        """
        if len(text) != len("1771-B-0007K") or text[4] != "-" or text[6] != "-":
            raise LabelError(
                LabelFault.LENGTH, "a number like 1771-B-0007K", shown(text)
            )
        return cls(text[:4], _kind(text[5]), text[7:])

    @classmethod
    def from_number(cls, regency: str, kind: ItemKind, number: int) -> Self:
        """The item whose serial is this number, 0 to 32**5 - 1.

        Raises:
            LabelError: The number has more than five base 32 characters.
        """
        if not 0 <= number < SERIALS:
            raise LabelError(LabelFault.NUMBER, f"0 to {SERIALS - 1}", str(number))
        return cls(regency, kind, crockford(number, 5))

    @property
    def number(self) -> int:
        """The serial as a number, 0 to 32**5 - 1."""
        return crockford_number(self.serial)

    @property
    def check(self) -> str:
        """The one character that a person types after the number."""
        return check_character(f"{self.regency}{self.kind}{self.serial}")

    def as_hri(self) -> str:
        """The human-readable line under the symbol: ``1771-B-0007K-R``."""
        return f"{self}-{self.check}"

    def __str__(self) -> str:
        return f"{self.regency}-{self.kind}-{self.serial}"


_SEPARATORS = re.compile("[-\u2010-\u2015\u2212\\s]")
_LOOK_ALIKES = str.maketrans("OIL", "011")


def parse_typed(text: str) -> ItemId:
    """The item that a person typed with its check character.

    Any case, with or without hyphens and blanks; O is read as 0 and I, L as 1
    where only base 32 characters can stand.

        >>> str(parse_typed("1771 b ooo7k r"))
        '1771-B-0007K'

    Raises:
        LabelError: The form is another, or (``LabelFault.CHECK``) the last character
            is not the check character, which ``expected`` then tells.
    """
    typed = _SEPARATORS.sub("", text)
    if len(typed) != len("1771B0007KR"):
        expected = "11 characters like 1771-B-0007K-R"
        raise LabelError(LabelFault.LENGTH, expected, str(len(typed)))
    if not typed.isascii():
        raise LabelError(LabelFault.ALPHABET, "digits and letters", shown(typed))
    typed = typed.upper()
    serial, check = typed[5:10], typed[10]
    item = ItemId(typed[:4], _kind(typed[4]), serial.translate(_LOOK_ALIKES))
    check = check.translate(_LOOK_ALIKES)
    if check != item.check:
        raise LabelError(LabelFault.CHECK, item.check, shown(check))
    return item


@dataclass(frozen=True, slots=True)
class LabelCode:
    """The 20 characters in a label's QR symbol, valid once made."""

    item: ItemId
    tag: str
    """Six characters that only a holder of the label key can make."""

    def __post_init__(self) -> None:
        if not _TAG.fullmatch(self.tag):
            expected = "six of 0-9, A-Z without I, L, O, U"
            raise LabelError(LabelFault.TAG, expected, shown(self.tag))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The code that a symbol holds; says nothing of its tag being true.

        Raises:
            LabelError: The text is not 20 characters of our form with the right
                check characters. A text for which the fault is ``SCHEME``, or
                which does not begin with ``J1``, is none of ours.
        """
        if len(text) != CODE_CHARACTERS:
            expected = f"{CODE_CHARACTERS} characters"
            raise LabelError(LabelFault.LENGTH, expected, str(len(text)))
        if not _BASE36.fullmatch(text):
            raise LabelError(LabelFault.ALPHABET, "0-9 and A-Z", shown(text))
        if not text.startswith(SCHEME):
            raise LabelError(LabelFault.SCHEME, SCHEME, text[:2])
        # Before the parts: with a wrong check none of them can be believed.
        if (check := check_pair(text[:18])) != text[18:]:
            raise LabelError(LabelFault.CHECK, check, text[18:])
        return cls(ItemId(text[2:6], _kind(text[6]), text[7:12]), text[12:18])

    @classmethod
    def issue(cls, item: ItemId, issue: int, key: bytes) -> Self:
        """The code of the item's label number ``issue``, counted from 1.

        Raises:
            LabelError: The issue is below 1 or the key too short.
        """
        return cls(item, _tag(item, issue, key))

    def bears(self, issue: int, key: bytes) -> bool:
        """True when the tag is that of this issue; takes equal time either way.

        Raises:
            LabelError: The issue is below 1 or the key too short.
        """
        return hmac.compare_digest(self.tag, _tag(self.item, issue, key))

    def issue_among(self, latest: int, key: bytes) -> int | None:
        """The issue, ``latest`` down to 1, to which the tag belongs, or None.

        Raises:
            LabelError: The key is too short.
        """
        for issue in range(latest, 0, -1):
            if self.bears(issue, key):
                return issue
        return None

    def __str__(self) -> str:
        item = self.item
        body = f"{SCHEME}{item.regency}{item.kind}{item.serial}{self.tag}"
        return body + check_pair(body)


_RANGE = ".."
_SHORTEST_RUN = 3


def expand(items: Iterable[str]) -> Iterator[str]:
    """The ids that an entry's ``items`` name, ranges opened, in their order.

    One range can hold 32**5 ids: take them as they come.

        >>> list(expand(["1771-B-00009..1771-B-0000B", "1771-K-00001"]))
        ['1771-B-00009', '1771-B-0000A', '1771-B-0000B', '1771-K-00001']

    Raises:
        LabelError: A range's ends are of two kab/kota or kinds, or the last
            comes before the first. Plain ids are passed through as they are.
    """
    for text in items:
        first_text, dots, last_text = text.partition(_RANGE)
        if not dots:
            yield text
            continue
        first, last = ItemId.parse(first_text), ItemId.parse(last_text)
        if (first.regency, first.kind) != (last.regency, last.kind):
            raise LabelError(LabelFault.RANGE, "a range of one kab/kota and kind", text)
        if last < first:
            raise LabelError(LabelFault.RANGE, "a range that counts up", text)
        for number in range(first.number, last.number + 1):
            yield str(ItemId.from_number(first.regency, first.kind, number))


def compress(items: Iterable[str]) -> tuple[str, ...]:
    """The shortest list that ``expand`` opens to these ids, each once, sorted.

        >>> compress(["1771-B-0000B", "1771-B-00009", "1771-B-0000A"])
        ('1771-B-00009..1771-B-0000B',)

    Raises:
        LabelError: A text is not an item id (ranges are expanded first).
    """
    runs: list[list[ItemId]] = []
    for item in sorted({ItemId.parse(text) for text in items}):
        if runs and _follows(runs[-1][-1], item):
            runs[-1].append(item)
        else:
            runs.append([item])
    return tuple(text for run in runs for text in _spelled(run))


def _spelled(run: list[ItemId]) -> list[str]:
    if len(run) < _SHORTEST_RUN:
        return [str(item) for item in run]
    return [f"{run[0]}{_RANGE}{run[-1]}"]


def _follows(before: ItemId, item: ItemId) -> bool:
    return (
        before.regency == item.regency
        and before.kind is item.kind
        and before.number + 1 == item.number
    )


def _kind(letter: str) -> ItemKind:
    try:
        return ItemKind(letter)
    except ValueError:
        raise LabelError(LabelFault.KIND, _KINDS, shown(letter)) from None


def _tag(item: ItemId, issue: int, key: bytes) -> str:
    """The first 30 bits of HMAC-SHA256 over the code's parts and the issue.

    Raises:
        LabelError: The issue is below 1 or the key too short.
    """
    if issue < 1:
        raise LabelError(LabelFault.ISSUE, "1 or more", str(issue))
    if len(key) < KEY_BYTES:
        raise LabelError(LabelFault.KEY, f"{KEY_BYTES} bytes or more", str(len(key)))
    message = f"{SCHEME}|{item.regency}|{item.kind}|{item.serial}|{issue}"
    digest = hmac.digest(key, message.encode("ascii"), "sha256")
    return crockford(int.from_bytes(digest[:4], "big") >> 2, 6)


def is_manifest(text: str) -> bool:
    """True for a waybill's QR, whoever signed it; Caps Lock may be on."""
    return text.upper().startswith(f"{MANIFEST_SCHEME}:")
