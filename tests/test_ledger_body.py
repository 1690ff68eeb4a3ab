"""The bytes of an entry: RFC 8785, and nothing that another program reads otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from station.errors import StationError
from station.ledger.entry_body import (
    KEYS,
    LIMIT_BYTES,
    LIMIT_DEPTH,
    LIMIT_ITEMS,
    decode,
    index_items,
    inscribe,
)
from station.model import ClockState, Draft, Entry, EntryType, Instant, Verdict
from tests.ledger_station import encode

ENTRY = Entry(
    log="jejak/1771/gudang/g1",
    seq=9,
    draft=Draft(
        type=EntryType.REFUSED,
        event=Instant(1_795_500_000_000, 77),
        actor="p01",
        place="1771/gudang",
        second="p02",
        gate="gerbang-1",
        items=("1771-B-0007K",),
        verdict=Verdict.MISROUTED,
        consignment="C-0012",
        evidence=("0" * 64,),
        corrects=8,
        data={"alasan": "salah", "n": [1, None, True]},
    ),
    entry_ms=1_795_500_000_004,
    boot="0" * 26,
    mono_ms=77,
    clock=ClockState.OK,
)

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
COUNTS = st.integers(0, 2**53 - 1)
KEY_TEXTS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEY_TEXTS, inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = TEXTS.filter(bool)
ENTRIES = st.builds(
    Entry,
    log=NAMES,
    seq=st.integers(1, 2**53 - 1),
    draft=st.builds(
        Draft,
        type=st.sampled_from(EntryType),
        event=st.builds(Instant, COUNTS, st.just(5)),
        actor=NAMES,
        place=NAMES,
        second=st.none() | NAMES,
        gate=st.none() | NAMES,
        items=st.just(()) | st.just(("1771-B-00001..1771-B-0000Z",)),
        verdict=st.none() | st.sampled_from(Verdict),
        consignment=st.none() | NAMES,
        evidence=st.just(()) | st.just(("ab" * 32,)),
        corrects=st.sampled_from([None, 0]),
        data=st.dictionaries(KEY_TEXTS, VALUES, max_size=4),
    ),
    entry_ms=COUNTS,
    boot=st.just("0123456789ABCDEFGHJKMNPQRS"),
    mono_ms=st.just(5),
    clock=st.sampled_from(ClockState),
)


@settings(max_examples=150, deadline=None)
@given(ENTRIES)
def test_bytes_are_rfc_8785_and_read_back_the_same(entry: Entry) -> None:
    body, recorded = inscribe(entry)

    value = json.loads(body)
    assert body == rfc8785.dumps(value)
    assert value.keys() == KEYS
    assert decode(body) == recorded == entry


def test_tuples_and_views_are_recorded_as_plain_json() -> None:
    data: Any = MappingProxyType({"a": (1, MappingProxyType({"b": 2}))})
    entry = replace(ENTRY, draft=replace(ENTRY.draft, data=data))

    body, recorded = inscribe(entry)

    assert recorded.draft.data == {"a": [1, {"b": 2}]}
    assert decode(body) == recorded


def deep(levels: int) -> Any:  # noqa: ANN401 - nested JSON
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_data_may_be_as_deep_as_the_limit() -> None:
    draft = replace(ENTRY.draft, data={"x": deep(LIMIT_DEPTH - 1)})

    assert decode(encode(replace(ENTRY, draft=draft))).draft == draft


BAD_DRAFTS: dict[str, dict[str, Any]] = {
    "float": {"data": {"x": 1.5}},
    "float inside": {"data": {"x": [{"y": 1.0}]}},
    "nan": {"data": {"x": float("nan")}},
    "large": {"data": {"x": 2**53}},
    "large negative": {"data": {"x": -(2**53)}},
    "bytes": {"data": {"x": b""}},
    "set": {"data": {"x": {1}}},
    "key of another alphabet": {"data": {"é": 1}},
    "key that is a number": {"data": {1: 1}},
    "half a character": {"data": {"x": "\ud800"}},
    "half a character in the actor": {"actor": "\udfff"},
    "too deep": {"data": {"x": deep(LIMIT_DEPTH)}},
    "data that is a list": {"data": [1]},
    "too long": {"data": {"x": "x" * LIMIT_BYTES}},
    "no actor": {"actor": ""},
    "place that is none": {"place": None},
    "empty gate": {"gate": ""},
    "second that is a number": {"second": 2},
    "items that are numbers": {"items": (1,)},
    "evidence that is no hash": {"evidence": ("xyz",)},
    "upper case hash": {"evidence": ("AB" * 32,)},
    "event before 1970": {"event": Instant(-1, 0)},
    "event that is a float": {"event": Instant(1.5, 0)},  # type: ignore[arg-type]
    "type of another list": {"type": "flying"},
    "verdict of another list": {"verdict": "MAYBE"},
    "verdict that is a number": {"verdict": 1},
    "correction of itself": {"corrects": 9},
    "correction of a later one": {"corrects": 10},
    "correction of none": {"corrects": -1},
    "correction that is true": {"corrects": True},
}


@pytest.mark.parametrize("change", BAD_DRAFTS.values(), ids=BAD_DRAFTS)
def test_a_draft_that_cannot_be_recorded_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(StationError):
        encode(replace(ENTRY, draft=replace(ENTRY.draft, **change)))


@pytest.mark.parametrize(
    "change",
    [{"boot": "x"}, {"boot": None}, {"clock": "late"}, {"seq": -1}, {"mono_ms": None}],
)
def test_an_entry_with_a_bad_frame_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(StationError, match=next(iter(change))):
        encode(replace(ENTRY, **change))


def of_length(length: int) -> Entry:
    """The entry with a note that makes its bytes so many."""
    plain = replace(ENTRY, draft=replace(ENTRY.draft, data={"note": ""}))
    note = "x" * (length - len(encode(plain)))
    return replace(ENTRY, draft=replace(ENTRY.draft, data={"note": note}))


def test_an_entry_has_65535_bytes_at_most() -> None:
    longest = encode(of_length(65_535))
    longer = longest.replace(b'"note":"', b'"note":"x')

    assert len(longest) == 65_535
    assert decode(longest) == of_length(65_535)
    with pytest.raises(StationError, match="at most 65535 bytes, got 65536: split it"):
        encode(of_length(65_536))
    with pytest.raises(StationError, match="at most 65535 bytes, got 65536"):
        decode(longer)


BODY = encode(ENTRY)
BAD_BODIES = {
    "nothing": b"",
    "no json": b"{",
    "no utf-8": b"\xff",
    "a list": b"[]",
    "a number": b"1",
    "blank": BODY.replace(b'","', b'", "', 1),
    "another order": b'{"v":1,' + BODY[1:].replace(b',"v":1', b""),
    "twice a key": BODY.replace(b'"actor"', b'"actor":"p01","actor"'),
    "escaped": BODY.replace(b"p01", b"p\\u0030\\u0031"),
    "missing key": BODY.replace(b'"gate":"gerbang-1",', b""),
    "another key": BODY.replace(b'"gate"', b'"gatf"'),
    "more keys": BODY.replace(b'"v":1', b'"v":1,"w":1'),
    "version": BODY.replace(b'"v":1', b'"v":2'),
    "version that is true": BODY.replace(b'"v":1', b'"v":true'),
    "float": BODY.replace(b'"seq":9', b'"seq":9.0'),
    "exponent": BODY.replace(b'"seq":9', b'"seq":9e0'),
    "infinite": BODY.replace(b'"seq":9', b'"seq":Infinity'),
    "large": BODY.replace(b'"n":[1', b'"n":[9007199254740992'),
    "type that is a list": BODY.replace(b'"type":"refused"', b'"type":[]'),
    "clock that is an object": BODY.replace(b'"clock":"ok"', b'"clock":{}'),
    "items that are text": BODY.replace(b'["1771-B-0007K"]', b'"1771-B-0007K"'),
    "data that is null": BODY.replace(b'{"alasan":"salah","n":[1,null,true]}', b"null"),
    "half a character": BODY.replace(b"salah", b"\\ud800"),
    "too long": BODY.replace(b"salah", b"x" * LIMIT_BYTES),
    "very deep": b'{"a":' + b"[" * 60_000,
    "very long number": BODY.replace(b'"seq":9', b'"seq":' + b"9" * 5000),
    "trailing": BODY + b"\n",
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_bytes_that_are_no_entry_are_refused(body: bytes) -> None:
    assert body != BODY
    with pytest.raises(StationError):
        decode(body)


def test_items_are_indexed_once_each_ranges_opened() -> None:
    items = ["1771-B-00009..1771-B-0000B", "1771-B-0000A", "1771-K-00001"]

    assert index_items(items) == [
        "1771-B-00009",
        "1771-B-0000A",
        "1771-B-0000B",
        "1771-K-00001",
    ]
    assert index_items([]) == []


@pytest.mark.parametrize(
    "items",
    [["x"], ["1771-B-00001", "x"], ["1771-B-00002..1771-B-00001"], ["a..b"], [""]],
)
def test_items_that_are_none_are_refused(items: list[str]) -> None:
    with pytest.raises(StationError, match="item ids or ranges"):
        index_items(items)


def test_a_range_without_end_is_refused() -> None:
    with pytest.raises(StationError, match=str(LIMIT_ITEMS)):
        index_items(["1771-B-00000..1771-B-ZZZZZ"])
