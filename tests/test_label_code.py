from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

from labels.check_characters import BASE36, CROCKFORD, check_character, check_pair
from labels.label_code import (
    SERIALS,
    ItemId,
    ItemKind,
    LabelCode,
    LabelError,
    LabelFault,
    compress,
    expand,
    parse_typed,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "vectors" / "label.json").read_text(encoding="utf-8")
)
KEY = bytes.fromhex(VECTORS["label_key_hex"])
FEW = settings(max_examples=50, deadline=None)

items = st.builds(
    ItemId.from_number,
    st.from_regex(r"[0-9]{4}", fullmatch=True),
    st.sampled_from(ItemKind),
    st.integers(0, SERIALS - 1),
)
codes = st.builds(LabelCode, items, st.text(alphabet=CROCKFORD, min_size=6, max_size=6))


@pytest.mark.parametrize("vector", VECTORS["good"], ids=lambda v: v["code"])
def test_a_code_is_that_of_the_vector_byte_for_byte(vector: dict[str, Any]) -> None:
    item = ItemId(vector["kab"], ItemKind(vector["kind"]), vector["serial"])

    code = LabelCode.issue(item, vector["issue"], KEY)

    assert str(code) == vector["code"]
    assert code.tag == vector["tag"]
    assert LabelCode.parse(vector["code"]) == code
    assert str(item) == vector["item_id"]
    assert ItemId.parse(vector["item_id"]) == item
    assert item.check == vector["item_check"]
    assert item.as_hri() == f"{vector['item_id']}-{vector['item_check']}"
    assert ItemId.from_number(item.regency, item.kind, item.number) == item


@pytest.mark.parametrize("vector", VECTORS["bad"], ids=lambda v: v["why"])
def test_a_bad_code_of_the_vectors_is_refused(vector: dict[str, str]) -> None:
    if vector["why"] == "check characters right, tag wrong":
        code = LabelCode.parse(vector["code"])
        assert code.issue_among(50, KEY) is None
        return

    with pytest.raises(LabelError) as error:
        LabelCode.parse(vector["code"])

    faults = {"lower case": LabelFault.ALPHABET, "too short": LabelFault.LENGTH}
    assert error.value.fault == faults.get(vector["why"], LabelFault.CHECK)


def test_the_tag_tells_which_issue_a_label_is() -> None:
    item = ItemId.parse("1771-B-0007K")
    second = LabelCode.issue(item, 2, KEY)

    assert second.bears(2, KEY)
    assert not second.bears(1, KEY)
    assert not second.bears(2, bytes(32))
    assert second.issue_among(3, KEY) == 2
    assert second.issue_among(2, KEY) == 2
    assert second.issue_among(1, KEY) is None
    assert second.issue_among(0, KEY) is None


@FEW
@given(codes)
def test_a_code_round_trips(code: LabelCode) -> None:
    assert LabelCode.parse(str(code)) == code
    assert len(str(code)) == 20


@FEW
@given(codes)
def test_every_wrong_character_of_a_code_is_refused(code: LabelCode) -> None:
    text = str(code)

    for place in range(20):
        for other in BASE36.replace(text[place], ""):
            with pytest.raises(LabelError):
                LabelCode.parse(text[:place] + other + text[place + 1 :])


@FEW
@given(codes)
def test_every_two_swapped_neighbours_of_a_code_are_refused(code: LabelCode) -> None:
    text = str(code)

    for place in range(19):
        one, two = text[place], text[place + 1]
        if one != two:
            with pytest.raises(LabelError):
                LabelCode.parse(text[:place] + two + one + text[place + 2 :])


@pytest.mark.parametrize("high", range(25))
def test_a_check_that_only_equals_modulo_1271_is_refused(high: int) -> None:
    """36 * 36 is more than 1271: 25 pairs would pass a bare division test."""
    bodies = (f"J11771B{serial:05}000000" for serial in range(100_000))
    body = next(body for body in bodies if check_pair(body) == "0" + BASE36[high])
    alias = BASE36[(1271 + high) // 36] + BASE36[(1271 + high) % 36]
    assert int(body + alias, 36) % 1271 == 1

    with pytest.raises(LabelError, match="check"):
        LabelCode.parse(body + alias)


@FEW
@given(st.text(alphabet=CROCKFORD, min_size=1, max_size=12))
def test_the_check_character_agrees_with_stdnum(text: str) -> None:
    assert check_character(text) == mod_37_36.calc_check_digit(text, CROCKFORD)


@FEW
@given(items)
def test_every_wrong_character_of_a_typed_number_is_refused(item: ItemId) -> None:
    typed = item.as_hri().replace("-", "")

    for place in range(len(typed)):
        for other in CROCKFORD.replace(typed[place], ""):
            with pytest.raises(LabelError):
                parse_typed(typed[:place] + other + typed[place + 1 :])


@pytest.mark.parametrize(
    "typed",
    [
        "1771-B-0007K-R",
        "1771b0007kr",
        " 1771 b ooo7k r\n",
        "1771\u2013B\u20130007K\u2013R",
        "1771 B\u00a0OOO7K R",
    ],
)
def test_a_number_may_be_typed_in_many_ways(typed: str) -> None:
    assert parse_typed(typed) == ItemId.parse("1771-B-0007K")


def test_look_alikes_are_read_as_digits_in_serial_and_check() -> None:
    assert parse_typed("1771-X-IOOOO-O") == ItemId.parse("1771-X-10000")
    assert parse_typed("1771-x-loooo-o") == ItemId.parse("1771-X-10000")


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("1771-B-0007K", LabelFault.LENGTH),
        ("", LabelFault.LENGTH),
        ("I771-B-0007K-R", LabelFault.REGENCY),
        ("1771-8-0007K-R", LabelFault.KIND),
        ("1771-B-0007U-R", LabelFault.SERIAL),
        ("1771-B-0007\u017f-R", LabelFault.ALPHABET),
        ("\u0661771-B-0007K-R", LabelFault.ALPHABET),
        ("1771-B-0007K-Q", LabelFault.CHECK),
    ],
)
def test_a_wrong_typed_number_names_its_fault(typed: str, fault: LabelFault) -> None:
    with pytest.raises(LabelError) as error:
        parse_typed(typed)

    assert error.value.fault is fault


def test_a_wrong_check_character_tells_the_right_one() -> None:
    with pytest.raises(LabelError) as error:
        parse_typed("1771-B-0007K-Q")

    assert error.value.expected == "R"
    assert "should be R, but 'Q'" in str(error.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("1771-B-0007", LabelFault.LENGTH),
        ("1771B-0007K0", LabelFault.LENGTH),
        ("1771-B00007K", LabelFault.LENGTH),
        ("177A-B-0007K", LabelFault.REGENCY),
        ("1771-b-0007K", LabelFault.KIND),
        ("1771-B-0007k", LabelFault.SERIAL),
        ("1771-B-0007\n", LabelFault.SERIAL),
    ],
)
def test_an_item_id_has_one_spelling(text: str, fault: LabelFault) -> None:
    with pytest.raises(LabelError) as error:
        ItemId.parse(text)

    assert error.value.fault is fault


def test_a_number_that_needs_six_characters_is_refused() -> None:
    for number in (-1, SERIALS):
        with pytest.raises(LabelError, match="33554431"):
            ItemId.from_number("1771", ItemKind.BOX, number)


def signed(body: str) -> str:
    return body + check_pair(body)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (signed("X11771B0007KVG68C9"), LabelFault.SCHEME),
        (signed("J1177AB0007KVG68C9"), LabelFault.REGENCY),
        (signed("J11771Q0007KVG68C9"), LabelFault.KIND),
        (signed("J11771B0007UVG68C9"), LabelFault.SERIAL),
        (signed("J11771B0007KVG68CU"), LabelFault.TAG),
        ("J11771B0007KVG68C99Y\n", LabelFault.LENGTH),
        ("J11771B0007KVG68C99\u0663", LabelFault.ALPHABET),
    ],
)
def test_a_code_of_another_form_names_its_fault(text: str, fault: LabelFault) -> None:
    with pytest.raises(LabelError) as error:
        LabelCode.parse(text)

    assert error.value.fault is fault


def test_an_issue_below_one_or_a_short_key_signs_nothing() -> None:
    item = ItemId.parse("1771-B-0007K")

    with pytest.raises(LabelError, match="1 or more"):
        LabelCode.issue(item, 0, KEY)
    with pytest.raises(LabelError, match="16 bytes"):
        LabelCode.issue(item, 1, b"short")


def test_an_error_is_one_short_sentence_and_crosses_processes() -> None:
    for fault in LabelFault:
        error = pickle.loads(  # noqa: S301 - our own bytes
            pickle.dumps(LabelError(fault, "this", "that"))
        )
        assert error.fault is fault
        assert "this" in str(error)
        assert "that" in str(error)
        assert str(error).count(".") == 1

    with pytest.raises(LabelError) as caught:
        ItemId.parse("\u202e" * 4_000)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isascii()


@FEW
@given(st.lists(items, max_size=30), st.integers(0, SERIALS - 31), st.integers(0, 30))
def test_ranges_open_to_what_was_compressed(
    scattered: list[ItemId], first: int, count: int
) -> None:
    run = [
        ItemId.from_number("1771", ItemKind.BOX, first + step) for step in range(count)
    ]
    ids = [str(item) for item in [*scattered, *run, *run]]

    packed = compress(ids)

    assert list(expand(packed)) == sorted(set(ids))
    assert compress(expand(packed)) == packed


def test_a_run_of_three_becomes_a_range_and_a_pair_does_not() -> None:
    ids = [f"1771-B-0000{digit}" for digit in "9AB"]

    assert compress(ids[:2]) == tuple(ids[:2])
    assert compress(ids) == ("1771-B-00009..1771-B-0000B",)
    assert compress([]) == ()


def test_a_range_never_joins_two_kinds_or_two_regencies() -> None:
    ids = [
        "1771-B-ZZZZY",
        "1771-B-ZZZZZ",
        "1771-C-00000",
        "1772-B-00000",
        "1772-B-00001",
    ]

    assert compress(reversed(ids)) == tuple(ids)


@pytest.mark.parametrize(
    "text",
    [
        "1771-B-00001..1771-K-00005",
        "1771-B-00001..1772-B-00005",
        "1771-B-00005..1771-B-00001",
        "1771-B-00001..",
        "1771-B-00001..1771-B-00003..1771-B-00005",
    ],
)
def test_a_range_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(LabelError):
        list(expand([text]))


def test_a_range_may_hold_every_number_and_opens_as_it_is_read() -> None:
    opened = expand(["1771-B-00000..1771-B-ZZZZZ"])

    assert next(opened) == "1771-B-00000"
    assert next(opened) == "1771-B-00001"
