"""The bytes of an entry: RFC 8785 JSON of exactly the keys of DESIGN section 4.

With ASCII keys, no floats, no lone surrogates and integers below 2**53 the
standard library's sorted compact JSON is RFC 8785; both ways of this module
enforce that. The event's monotonic time is not in the bytes: an entry that is
read back has the appending's there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import NoReturn, TypeAlias, cast

from labels.label_code import ItemId, LabelError, expand
from station.errors import StationError
from station.model import ClockState, Draft, Entry, EntryType, Instant, Json, Verdict

VERSION = 1
LIMIT_BYTES = 65_535
"""Longest body: an entry bundle of tlog-tiles counts an entry in 16 bits."""
LIMIT_ITEMS = 100_000
"""Most items that one entry names, ranges opened; a city has 150,000 bundles."""
LIMIT_DEPTH = 16
_INTEGERS = 2**53

_BOOT = re.compile(r"[0-9A-Z]{26}")
_SHA256 = re.compile(r"[0-9a-f]{64}")

CheckData: TypeAlias = "Callable[[str, Mapping[str, object]], None]"
"""Refuses an entry's ``data`` that its ``type`` does not have, by a StationError."""


def any_data(entry_type: str, data: Mapping[str, object]) -> None:
    """Refuse nothing: what ``data`` means is not the ledger's to know."""


_Plain: TypeAlias = "bool | int | str | list[_Plain] | dict[str, _Plain] | None"


def inscribe(entry: Entry) -> tuple[bytes, Entry]:
    """The canonical bytes, hashed and kept for ever, and what ``decode`` finds there.

    Raises:
        StationError: A field cannot be recorded; the sentence names it.
    """
    value = _json_object(entry)
    _check(value)
    try:
        body = _ENCODER.encode(value).encode()
    except UnicodeEncodeError as fault:
        raise StationError(
            "Expected whole characters in an entry, got half a surrogate pair."
        ) from fault
    if len(body) > LIMIT_BYTES:
        raise StationError(
            "Expected an entry of at most %(limit_bytes)s bytes, got %(count)s: "
            "split it, or name items by ranges.",
            limit_bytes=LIMIT_BYTES,
            count=len(body),
        )
    return body, _entry(value)


def _json_object(entry: Entry) -> dict[str, object]:
    draft = entry.draft
    return {
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


def decode(body: bytes) -> Entry:
    """The entry that these bytes are, every rule of ``inscribe`` checked.

    Raises:
        StationError: They are not the canonical bytes of an entry.
    """
    return _entry(checked(body))


def checked(body: bytes) -> dict[str, object]:
    """The JSON object of an entry's bytes, every rule of ``inscribe`` checked.

    Raises:
        StationError: They are not the canonical bytes of an entry.
    """
    try:
        value = _DECODER.decode(body.decode())
        canonical = _ENCODER.encode(value).encode()
    except (ValueError, RecursionError) as fault:
        raise StationError(
            "Expected an entry in JSON, got %(body)s.",
            body=_brief(body),
        ) from fault
    if not isinstance(value, dict) or value.keys() != KEYS:
        raise StationError(
            "Expected the keys of an entry, got %(body)s.",
            body=_brief(body),
        )
    if canonical != body:
        raise StationError("Expected the canonical form (RFC 8785), got another one.")
    if len(body) > LIMIT_BYTES:
        raise StationError(
            "Expected at most %(limit_bytes)s bytes, got %(count)s.",
            limit_bytes=LIMIT_BYTES,
            count=len(body),
        )
    _plain(value["data"], "data", 0)
    _check(value)
    return cast("dict[str, object]", value)


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
        raise StationError(
            "Expected item ids or ranges: %(fault)s",
            fault=fault,
        ) from fault
    if len(opened) > LIMIT_ITEMS:
        raise StationError(
            "Expected at most %(limit_items)s items in one entry, got more: split it.",
            limit_items=LIMIT_ITEMS,
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
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        if not -_INTEGERS < value < _INTEGERS:
            raise StationError(
                "Expected |%(where)s| < 2^53, got a larger number.",
                where=where,
            )
        return value
    if depth == LIMIT_DEPTH:
        raise StationError(
            "Expected at most %(limit_depth)s levels in %(where)s.",
            limit_depth=LIMIT_DEPTH,
            where=where,
        )
    if isinstance(value, Mapping):
        _check_keys(value, where)
        return {key: _plain(value[key], key, depth + 1) for key in value}
    if isinstance(value, list | tuple):
        return [_plain(part, where, depth + 1) for part in value]
    raise StationError(
        "Expected text, a whole number, true, false, null, a list or an object in "
        "%(where)s, got %(name)s.",
        where=where,
        name=type(value).__name__,
    )


def _check_keys(value: Mapping[object, object], where: str) -> None:
    for key in value:
        if not isinstance(key, str) or not key.isascii():
            raise StationError(
                "Expected ASCII keys in %(where)s, got %(key)r.",
                where=where,
                key=key,
            )


def _check(value: Mapping[str, object]) -> None:
    """Refuse a body whose own fields are not of DESIGN section 4's types.

    Half characters need no look: they have no UTF-8, so encoding refuses them.

    Raises:
        StationError: A field is not; the sentence names it.
    """
    for key, fits in _FITS:
        if not fits(value[key]):
            shown = repr(value[key])[:60]
            raise StationError(
                "An entry cannot be with %(key)s = %(shown)s.",
                key=key,
                shown=shown,
            )
    corrects = value["corrects"]
    if corrects is not None and not cast("int", corrects) < cast("int", value["seq"]):
        raise StationError(
            "An entry cannot correct a later one, %(corrects)s.",
            corrects=corrects,
        )


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < _INTEGERS


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_text_or_null(value: object) -> bool:
    return value is None or (isinstance(value, str) and value != "")


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


def _is_evidence(value: object) -> bool:
    return _is_texts(value) and all(map(_SHA256.fullmatch, cast("list[str]", value)))


_TYPES = {str(member): member for member in EntryType}
_CLOCKS = {str(member): member for member in ClockState}
_VERDICTS = {str(member): member for member in Verdict}

_FITS: tuple[tuple[str, Callable[[object], bool]], ...] = (
    ("v", lambda value: type(value) is int and value == VERSION),
    ("log", _is_text),
    ("seq", _is_count),
    ("type", lambda value: isinstance(value, str) and value in _TYPES),
    ("event_ms", _is_count),
    ("entry_ms", _is_count),
    ("boot", lambda value: isinstance(value, str) and bool(_BOOT.fullmatch(value))),
    ("mono_ms", _is_count),
    ("clock", lambda value: isinstance(value, str) and value in _CLOCKS),
    ("actor", _is_text),
    ("second", _is_text_or_null),
    ("place", _is_text),
    ("gate", _is_text_or_null),
    ("items", _is_texts),
    (
        "verdict",
        lambda value: value is None or (isinstance(value, str) and value in _VERDICTS),
    ),
    ("consignment", _is_text_or_null),
    ("evidence", _is_evidence),
    ("corrects", lambda value: value is None or _is_count(value)),
    ("data", lambda value: isinstance(value, dict)),
)
KEYS = frozenset(key for key, _ in _FITS)
"""Every one is in every entry, and no other."""


def _entry(value: dict[str, object]) -> Entry:
    """The entry of a checked body."""
    text = cast("dict[str, str]", value)
    number = cast("dict[str, int]", value)
    texts = cast("dict[str, list[str]]", value)
    mono_ms = number["mono_ms"]
    draft = Draft(
        type=_TYPES[text["type"]],
        event=Instant(number["event_ms"], mono_ms),
        actor=text["actor"],
        place=text["place"],
        second=text["second"],
        gate=text["gate"],
        items=tuple(texts["items"]),
        verdict=None if value["verdict"] is None else _VERDICTS[text["verdict"]],
        consignment=text["consignment"],
        evidence=tuple(texts["evidence"]),
        corrects=number["corrects"],
        data=cast("dict[str, Json]", value["data"]),
    )
    return Entry(
        log=text["log"],
        seq=number["seq"],
        draft=draft,
        entry_ms=number["entry_ms"],
        boot=text["boot"],
        mono_ms=mono_ms,
        clock=_CLOCKS[text["clock"]],
    )
