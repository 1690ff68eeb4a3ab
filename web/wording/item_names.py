"""How an item is named on the screen: its printed code, its kind, its serial."""

from __future__ import annotations

from labels.label_code import ItemId, LabelError
from web.wording import terms
from web.wording.gettext import gettext


def printed(item_id: str) -> str:
    """An item id with its check character; the text itself where it is none.

    >>> printed("1771-B-0007K"), printed("?")
    ('1771-B-0007K-R', '?')
    """
    try:
        return ItemId.parse(item_id).as_hri()
    except LabelError:
        return item_id


def thing(item_id: str) -> str:
    """What a label with this id is stuck on: "Kotak", "Ikat"."""
    try:
        return str(terms.KIND[ItemId.parse(item_id).kind])
    except LabelError:
        return gettext("Barang")


def serial(item_id: str) -> str:
    """The part of an id by which people at one gate tell boxes apart.

    >>> serial("1771-B-0007K")
    '0007K'
    """
    return item_id.rpartition("-")[2]
