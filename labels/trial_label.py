"""The station's test label: held to a camera, it proves that labels are read there.

It is an ordinary label of kind X (seal, other) with the serial 00000, which is never
issued to an item: serials count from 1. It has the same key, tag and check
characters as every other label, and is always of issue 1, so a station knows its own
test label and nobody else can make one.

    >>> item = trial_item("1771")
    >>> str(item), is_trial(item)
    ('1771-X-00000', True)

Source: DESIGN section 3; the label's grammar is not touched.
"""

from __future__ import annotations

from typing import Final

from labels.label_code import ItemId, ItemKind, LabelCode

ISSUE: Final = 1
"""Always; a test label is never reprinted as another one."""


def trial_item(regency: str) -> ItemId:
    """The number on the test label of a kab/kota.

    Raises:
        LabelError: the code of the kab/kota is not four digits.
    """
    return ItemId.from_number(regency, ItemKind.SEAL, 0)


def is_trial(item: ItemId) -> bool:
    """True for the number on a test label, which names no item."""
    return item == trial_item(item.regency)


def trial_code(regency: str, key: bytes) -> LabelCode:
    """What the symbol on the test label holds.

    Raises:
        LabelError: the code of the kab/kota is not four digits, or the key is too
            short.
    """
    return LabelCode.issue(trial_item(regency), ISSUE, key)
