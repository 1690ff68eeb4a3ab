"""What a field of an entry's ``data`` may hold, and what one kind of entry holds.

A check costs about a microsecond: `jejak verify` makes one for every entry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.model import EntryType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import StrEnum

FIRST_RELEASE = "0.1.0"
_SYSTEM = str(EntryType.SYSTEM)


@dataclass(frozen=True, slots=True)
class JsonKind:
    """A kind of JSON value."""

    name: str
    """As the reference and an error call it: ``whole number``."""
    fits: Callable[[object], bool]
    """True for a value of this kind."""
    fields: tuple[DataField, ...] = ()
    """Of an object with known keys."""


@dataclass(frozen=True, slots=True)
class DataField:
    """One field of an entry's ``data``, or of an object in it."""

    name: str
    kind: JsonKind
    meaning: str
    """One sentence, for the reference."""
    optional: bool = False
    """True where an entry may be without it."""
    since: str = FIRST_RELEASE
    """The release that first wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryShape:
    """What one kind of entry holds in ``data``: these fields and no other."""

    type: EntryType
    meaning: str
    """One sentence, for the reference."""
    word: StrEnum | None = None
    """The value of its ``action`` or ``event``, where it has one."""
    mark: str | None = None
    """The field that only this one of several shapes with this type and word has."""
    fields: tuple[DataField, ...] = ()
    """Without ``action`` or ``event`` itself."""
    since: str = FIRST_RELEASE

    @property
    def word_field(self) -> str:
        """The field that holds ``word``."""
        return word_field(self.type)

    @property
    def whole(self) -> tuple[DataField, ...]:
        """Its fields, ``action`` or ``event`` first."""
        if self.word is None:
            return self.fields
        kind = JsonKind(f"`{self.word}`", str(self.word).__eq__)
        return (need(self.word_field, kind, "The kind of entry."), *self.fields)


def word_field(entry_type: str) -> str:
    """The field that says what kind of entry of this type it is."""
    return "event" if entry_type == _SYSTEM else "action"


def need(name: str, kind: JsonKind, meaning: str) -> DataField:
    """A field that every such entry has."""
    return DataField(name, kind, meaning)


def may(name: str, kind: JsonKind, meaning: str) -> DataField:
    """A field that such an entry may be without."""
    return DataField(name, kind, meaning, optional=True)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_integer(value: object) -> bool:
    return type(value) is int


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _matches(pattern: str) -> Callable[[object], bool]:
    match = re.compile(pattern).fullmatch
    return lambda value: isinstance(value, str) and match(value) is not None


_ITEM = r"[0-9]{4}-[A-Z]-[0-9A-Z]{5}"
TEXT = JsonKind("text", _is_text)
INTEGER = JsonKind("whole number", _is_integer)
COUNT = JsonKind("whole number from 0", _is_count)
SEQ = JsonKind("seq of an entry", _is_count)
MILLISECONDS = JsonKind("milliseconds", _is_count)
UTC_MS = JsonKind("UTC milliseconds since 1970", _is_count)
YES_NO = JsonKind("true or false", lambda value: type(value) is bool)
TRUE = JsonKind("true", lambda value: value is True)
SHA256 = JsonKind("SHA-256 in hexadecimal", _matches("[0-9a-f]{64}"))
ITEM = JsonKind("item id", _matches(_ITEM))
ITEM_OR_RANGE = JsonKind("item id or range", _matches(rf"{_ITEM}(\.\.{_ITEM})?"))
PERSON = JsonKind("person id", _is_text)
CONSIGNMENT = JsonKind("consignment id", _is_text)
AREA = JsonKind("area code", _is_text)
DESTINATION = JsonKind("area code, or area code/TPS", _is_text)
ELECTION = JsonKind("election id of station.toml", _is_text)


def nullable(kind: JsonKind) -> JsonKind:
    """The same, or null."""
    fits = kind.fits
    return JsonKind(
        f"{kind.name}, or null", lambda value: value is None or fits(value), kind.fields
    )


def one_of(words: type[StrEnum]) -> JsonKind:
    """One of a closed set of words."""
    known = frozenset(map(str, words))
    names = ", ".join(f"`{word}`" for word in words)
    return JsonKind(
        f"one of {names}", lambda value: isinstance(value, str) and value in known
    )


def word_or_text(words: type[StrEnum]) -> JsonKind:
    """One of a set of words, or what a person wrote instead."""
    names = ", ".join(f"`{word}`" for word in words)
    return JsonKind(f"one of {names}, or a person's own words", _is_text)


def list_of(kind: JsonKind) -> JsonKind:
    """A list of any length."""
    fits = kind.fits
    return JsonKind(
        f"list: {kind.name}",
        lambda value: isinstance(value, list | tuple) and all(map(fits, value)),
    )


def row_of(*columns: tuple[str, JsonKind]) -> JsonKind:
    """A list of fixed length; each column has a name for the reference."""
    fits = [kind.fits for _, kind in columns]
    names = ", ".join(f"{name} ({kind.name})" for name, kind in columns)

    def is_row(value: object) -> bool:
        return (
            isinstance(value, list | tuple)
            and len(value) == len(fits)
            and all(fit(part) for fit, part in zip(fits, value, strict=True))
        )

    return JsonKind(f"[{names}]", is_row)


def map_of(key: JsonKind, value: JsonKind) -> JsonKind:
    """An object with any number of keys of one kind."""
    key_fits, value_fits = key.fits, value.fits

    def is_map(found: object) -> bool:
        return isinstance(found, dict) and all(
            key_fits(name) and value_fits(part) for name, part in found.items()
        )

    return JsonKind(f"object: {key.name} -> {value.name}", is_map)


def record_of(name: str, fields: tuple[DataField, ...]) -> JsonKind:
    """An object with these fields and no other."""
    fits = fields_fit(fields)
    return JsonKind(name, lambda value: isinstance(value, dict) and fits(value), fields)


def fields_fit(
    fields: tuple[DataField, ...],
) -> Callable[[Mapping[str, object]], bool]:
    """A check of an object: every needed field, no unknown one, each as it may be."""
    known = {field.name: field.kind.fits for field in fields}
    needed = frozenset(field.name for field in fields if not field.optional)

    def fit(data: Mapping[str, object]) -> bool:
        for name, value in data.items():
            fits = known.get(name)
            if fits is None or not fits(value):
                return False
        return needed <= data.keys()

    return fit
