"""The bytes of an entry: RFC 8785 JSON of exactly the keys of DESIGN section 4.

With ASCII keys, no floats, no lone surrogates and integers below 2**53 the
standard library's sorted compact JSON is RFC 8785; both ways of this module
enforce that. The event's monotonic time is not in the bytes: an entry that is
read back has the appending's there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NoReturn, TypeAlias, cast

from labels.code import ItemId, LabelError, expand
from station.model import (
    ClockState,
    Draft,
    Entry,
    EntryType,
    Instant,
    Json,
    StationError,
    Verdict,
)

VERSION = 1
LIMIT_BYTES = 65_535
"""Longest body: an entry bundle of tlog-tiles counts an entry in 16 bits."""
LIMIT_ITEMS = 100_000
"""Most items that one entry names, ranges opened; a city has 150,000 bundles."""
LIMIT_DEPTH = 16
_INTEGERS = 2**53

_COUNTS = ("seq", "event_ms", "entry_ms", "mono_ms")
_TEXTS = ("log", "actor", "place")
_TEXTS_OR_NULL = ("second", "gate", "consignment")
_LISTS = ("items", "evidence")
_OTHERS = ("v", "type", "boot", "clock", "verdict", "corrects", "data")
KEYS = frozenset((*_COUNTS, *_TEXTS, *_TEXTS_OR_NULL, *_LISTS, *_OTHERS))
"""Every one is in every entry, and no other."""

_BOOT = re.compile(r"[0-9A-Z]{26}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SURROGATE = re.compile("[\ud800-\udfff]")

_Plain: TypeAlias = "bool | int | str | list[_Plain] | dict[str, _Plain] | None"


def encode(entry: Entry) -> bytes:
    """The canonical bytes of the entry, which are hashed and kept for ever.

    Raises:
        StationError: A field cannot be recorded; the sentence names it.
    """
    draft = entry.draft
    value: dict[str, object] = {
        "v": VERSION,
        "log": entry.log,
        "seq": entry.seq,
        "type": draft.type,
        "event_ms": draft.event.wall_ms,
        "entry_ms": entry.entry_ms,
        "boot": entry.boot,
        "mono_ms": entry.mono_ms,
        "clock": entry.clock,
        "actor": draft.actor,
        "second": draft.second,
        "place": draft.place,
        "gate": draft.gate,
        "items": list(draft.items),
        "verdict": draft.verdict,
        "consignment": draft.consignment,
        "evidence": list(draft.evidence),
        "corrects": draft.corrects,
        "data": _plain(draft.data, "data", 0),
    }
    _check(value)
    body = _ENCODER.encode(value).encode()
    if len(body) > LIMIT_BYTES:
        raise StationError(
            f"Expected an entry of at most {LIMIT_BYTES} bytes, got {len(body)}: "
            "split it, or name items by ranges."
        )
    return body


def decode(body: bytes) -> Entry:
    """The entry that these bytes are, every rule of ``encode`` checked.

    Raises:
        StationError: They are not the canonical bytes of an entry.
    """
    try:
        value = _DECODER.decode(body.decode())
        canonical = _ENCODER.encode(value).encode()
    except (ValueError, RecursionError) as fault:
        raise StationError(f"Expected an entry in JSON, got {_brief(body)}.") from fault
    if not isinstance(value, dict) or value.keys() != KEYS:
        raise StationError(
            f"Expected exactly the keys of an entry, got {_brief(body)}."
        )
    if canonical != body:
        raise StationError("Expected the canonical form (RFC 8785), got another one.")
    if len(body) > LIMIT_BYTES:
        raise StationError(f"Expected at most {LIMIT_BYTES} bytes, got {len(body)}.")
    _plain(value["data"], "data", 0)
    _check(value)
    return _entry(value)


def index_items(items: Sequence[str]) -> list[str]:
    """Every item that these ids and ranges name, each once, sorted.

    Raises:
        StationError: One is no item id or range, or they are too many.
    """
    try:
        if len(items) == 1 and ".." not in items[0]:  # A scan: keep it cheap.
            return [str(ItemId.parse(items[0]))]
        opened = set(islice(expand(items), LIMIT_ITEMS + 1))
        for text in items:
            if ".." not in text:
                ItemId.parse(text)
    except LabelError as fault:
        raise StationError(f"Expected item ids or ranges: {fault}") from fault
    if len(opened) > LIMIT_ITEMS:
        raise StationError(
            f"Expected at most {LIMIT_ITEMS} items in one entry, got more: split it."
        )
    return sorted(opened)


def _refuse_float(text: str) -> NoReturn:
    raise ValueError(text)


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)
_DECODER = json.JSONDecoder(parse_float=_refuse_float, parse_constant=_refuse_float)


def _brief(body: bytes) -> str:
    return repr(body[:40].decode(errors="replace"))


def _plain(value: object, where: str, depth: int) -> _Plain:
    """The same value in dicts and lists, refused if RFC 8785 and we differ on it.

    Raises:
        StationError: It holds what no entry may hold.
    """
    if value is None or isinstance(value, bool | int | str):
        return _scalar(value, where)
    if depth == LIMIT_DEPTH:
        raise StationError(f"Expected at most {LIMIT_DEPTH} levels in {where}.")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str) or not key.isascii():
                raise StationError(f"Expected ASCII keys in {where}, got {key!r}.")
        return {key: _plain(value[key], key, depth + 1) for key in value}
    if isinstance(value, list | tuple):
        return [_plain(part, where, depth + 1) for part in value]
    raise StationError(
        f"Expected text, a whole number, true, false, null, a list or an object in "
        f"{where}, got {type(value).__name__}."
    )


def _scalar(value: bool | int | str | None, where: str) -> _Plain:  # noqa: FBT001 - any JSON scalar
    if isinstance(value, str):
        if not value.isascii() and _SURROGATE.search(value):
            raise StationError(f"Expected whole characters in {where}, got a half one.")
    elif isinstance(value, int) and not -_INTEGERS < value < _INTEGERS:
        raise StationError(f"Expected |{where}| < 2^53, got a larger number.")
    return value


def _check(value: Mapping[str, object]) -> None:
    """Refuse a body whose own fields are not of DESIGN section 4's types."""
    _must(value["v"] == VERSION, "v", value)
    for key in _COUNTS:
        _must(_is_count(value[key]), key, value)
    for key in _TEXTS:
        _must(_is_text(value[key]), key, value)
    for key in _TEXTS_OR_NULL:
        _must(value[key] is None or _is_text(value[key]), key, value)
    boot, corrects = value["boot"], value["corrects"]
    _must(isinstance(boot, str) and bool(_BOOT.fullmatch(boot)), "boot", value)
    _must(corrects is None or _is_earlier(corrects, value["seq"]), "corrects", value)
    for key in _LISTS:
        _must(_is_texts(value[key]), key, value)
    for digest in cast("list[str]", value["evidence"]):
        _must(bool(_SHA256.fullmatch(digest)), "evidence", value)
    _must(isinstance(value["data"], dict), "data", value)
    _must(value["type"] in _TYPES, "type", value)
    _must(value["clock"] in _CLOCKS, "clock", value)
    _must(value["verdict"] is None or value["verdict"] in _VERDICTS, "verdict", value)


_TYPES = frozenset(EntryType)
_CLOCKS = frozenset(ClockState)
_VERDICTS = frozenset(Verdict)


def _must(holds: bool, key: str, value: Mapping[str, object]) -> None:  # noqa: FBT001 - reads as an assertion
    if not holds:
        shown = repr(value[key])[:60]
        raise StationError(f"An entry cannot be with {key} = {shown}.")


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < _INTEGERS


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != "" and not _SURROGATE.search(value)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _is_earlier(value: object, seq: object) -> bool:
    return _is_count(value) and cast("int", value) < cast("int", seq)


def _entry(value: dict[str, object]) -> Entry:
    """The entry of a checked body."""
    get = cast("dict[str, str]", value).__getitem__
    number = cast("dict[str, int]", value).__getitem__
    texts = cast("dict[str, list[str]]", value).__getitem__
    verdict, mono_ms = value["verdict"], number("mono_ms")
    draft = Draft(
        type=EntryType(get("type")),
        event=Instant(number("event_ms"), mono_ms),
        actor=get("actor"),
        place=get("place"),
        second=get("second"),
        gate=get("gate"),
        items=tuple(texts("items")),
        verdict=None if verdict is None else Verdict(cast("str", verdict)),
        consignment=get("consignment"),
        evidence=tuple(texts("evidence")),
        corrects=number("corrects"),
        data=cast("dict[str, Json]", value["data"]),
    )
    return Entry(
        log=get("log"),
        seq=number("seq"),
        draft=draft,
        entry_ms=number("entry_ms"),
        boot=get("boot"),
        mono_ms=mono_ms,
        clock=ClockState(get("clock")),
    )
