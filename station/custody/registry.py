"""What is registered here: areas, polling stations, items and their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.label_code import ItemId, ItemKind
from station.leg import Tier, kecamatan_of
from station.model import Ballot, Item, ItemState
from station.settings.election_profiles import MAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from station.storage.database import Connection, Row


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item goes, in names."""

    code: str
    """Area code, with ``/TPS`` where there is one."""
    kecamatan: str
    kelurahan: str | None = None
    tps: str | None = None
    """Three digits, or None for what goes to a kecamatan."""


@dataclass(frozen=True, slots=True)
class NamedItem:
    """An item with the names that people know it by."""

    item: Item
    place: Place
    election: str = MAIN
    """The election that the item is for."""

    @property
    def hri(self) -> str:
        """The item id with its own check character, as printed under the QR."""
        return ItemId.parse(self.item.id).as_hri()


_WORD = re.compile(r"tps\s*[0-9]{1,3}\b|\S+", re.IGNORECASE)
_TPS = re.compile(r"^tps\s*([0-9]{1,3})$", re.IGNORECASE)


def _as_shown(tps: re.Match[str]) -> str:
    return f"TPS {tps[1]:0>3}"


LIES_IN = (
    "(destination = :area OR"
    " substr(destination, 1, length(:area) + 1) IN (:area || '.', :area || '/'))"
)
"""Condition on ``item``: it goes to this place, or to one below."""


def item(db: Connection, item_id: str) -> NamedItem | None:
    """The registered item of this id, or None."""
    row = db.execute("SELECT * FROM item_text WHERE id = ?", (item_id,)).fetchone()
    return None if row is None else item_from_row(row)


def linked(db: Connection, text: str) -> str | None:
    """The item to which another label's text was linked, or None."""
    row = db.execute(
        "SELECT item FROM alias WHERE text = ?", (text.strip(),)
    ).fetchone()
    return None if row is None else str(row["item"])


def items(db: Connection, ids: Iterable[str]) -> Iterator[NamedItem]:
    """The registered items among ``ids``, in their order."""
    for item_id in ids:
        found = item(db, item_id)
        if found is not None:
            yield found


def search(db: Connection, text: str, limit: int) -> list[NamedItem]:
    """Items that every word of ``text`` fits, by id; at most ``limit``.

    A word fits where it is part of the item's id, of the names of its kelurahan or
    kecamatan, or of its kind; ``tps 3`` is one word, and fits TPS 003 alone. Words
    after the eighth are not looked at, nor is what follows the first 60 characters
    of one: SQLite has its limits.
    """
    words = [_TPS.sub(_as_shown, word[:60]) for word in _WORD.findall(text)[:8]]
    if not words:
        return []
    fits = " AND ".join(
        "id || ' ' || coalesce(kelurahan_name, '') || ' ' ||"
        " coalesce(kecamatan_name, '') || ' ' || coalesce(ballot, '') || ' TPS ' ||"
        " coalesce(tps, '') LIKE ? ESCAPE '!'"
        for _ in words
    )
    escape = str.maketrans({"!": "!!", "%": "!%", "_": "!_"})
    rows = db.execute(
        # One and the same condition for each word; the words are bound.
        f"SELECT * FROM item_text WHERE {fits} ORDER BY id LIMIT ?",  # noqa: S608
        (*(f"%{word.translate(escape)}%" for word in words), limit),
    )
    return [item_from_row(row) for row in rows]


def item_from_row(row: Row) -> NamedItem:
    """A row of the view ``item_text`` as a value."""
    ballot = row["ballot"]
    return NamedItem(
        Item(
            id=row["id"],
            ballot=None if ballot is None else Ballot(ballot),
            destination=row["destination"],
            issue=row["issue"],
            voided=bool(row["voided"]),
            container=row["container"],
            state=ItemState(row["state"]),
            at=Tier(row["at"]),
            reached=Tier(row["reached"]),
            consignment=row["consignment"],
            last_seq=row["last_seq"],
        ),
        Place(
            row["destination"],
            row["kecamatan_name"] or row["kecamatan"],
            row["kelurahan_name"],
            row["tps"],
        ),
        row["election"],
    )


def area_name(db: Connection, code: str) -> str:
    """The name of an area, or its code where it is not registered."""
    row = db.execute("SELECT name FROM area WHERE code = ?", (code,)).fetchone()
    return code if row is None else str(row["name"])


def kinds(db: Connection) -> list[Ballot]:
    """The kinds of election that items here are of, in the order of ``Ballot``."""
    found = {row["ballot"] for row in db.execute("SELECT DISTINCT ballot FROM item")}
    return [ballot for ballot in Ballot if ballot in found]


def elections(db: Connection) -> list[str]:
    """The elections that items are registered for, the main one first."""
    rows = db.execute(
        "SELECT DISTINCT election FROM item ORDER BY election <> ?, 1", (MAIN,)
    )
    return [str(row["election"]) for row in rows]


def has_kindless(db: Connection) -> bool:
    """True where items of no kind of election travel by themselves."""
    row = db.execute(
        "SELECT 1 FROM item WHERE ballot IS NULL AND container IS NULL LIMIT 1"
    ).fetchone()
    return row is not None


def kecamatan(db: Connection) -> list[tuple[str, str]]:
    """Code and name of every kecamatan, by code."""
    rows = db.execute(
        "SELECT code, name FROM area WHERE level = 'kecamatan' ORDER BY code"
    )
    return [(row["code"], row["name"]) for row in rows]


_PLACES = {
    Tier.PPK: "SELECT code, name FROM area WHERE level = 'kecamatan'",
    Tier.PPS: "SELECT code, name FROM area WHERE level IN ('kelurahan', 'desa')",
    Tier.KPPS: "SELECT DISTINCT polling_station.id AS code, name"
    " FROM polling_station JOIN area ON area.code = polling_station.area",
}


def places(db: Connection, tier: Tier) -> list[tuple[str, str]]:
    """Code and name of every registered PPK, PPS or KPPS, by code.

    A KPPS bears the name of its kelurahan.
    """
    return sorted((row["code"], row["name"]) for row in db.execute(_PLACES[tier]))


def is_place(db: Connection, code: str, tier: Tier) -> bool:
    """True for the code of a registered PPK, PPS or KPPS."""
    row = db.execute(
        # One of the three queries above.
        f"SELECT 1 FROM ({_PLACES[tier]}) WHERE code = ?",  # noqa: S608
        (code,),
    ).fetchone()
    return row is not None


def place(db: Connection, code: str) -> Place:
    """An area or a polling station, with the names of what it lies in."""
    area, _, tps = code.partition("/")
    kecamatan_code = kecamatan_of(code)
    return Place(
        code,
        area_name(db, kecamatan_code),
        area_name(db, area) if len(area) > len(kecamatan_code) else None,
        tps or None,
    )


def within(db: Connection, code: str) -> list[tuple[str, str]]:
    """Code and name of every area that lies in this one at once, by name."""
    rows = db.execute(
        "SELECT code, name FROM area WHERE parent = ? ORDER BY name, code", (code,)
    )
    return [(row["code"], row["name"]) for row in rows]


def item_kinds(db: Connection) -> list[ItemKind]:
    """The kinds of labelled things that are registered here, in their order."""
    rows = db.execute("SELECT DISTINCT substr(id, 6, 1) AS kind FROM item")
    found = {row["kind"] for row in rows}
    return [kind for kind in ItemKind if kind in found]
