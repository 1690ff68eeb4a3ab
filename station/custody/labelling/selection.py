"""Labels to print: what is chosen from the registry, as artwork for a sheet."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labels.artwork import Artwork
from labels.label_code import ItemId, ItemKind, LabelCode, LabelError, parse_typed
from station.custody import registry
from station.custody.labelling.print_errors import PrintError, PrintObstacle
from station.model import Ballot
from station.settings.election_profiles import mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from station.custody.registry import NamedItem
    from station.settings.station_toml import Settings
    from station.storage.database import Connection

BALLOT_WORDS: Mapping[Ballot, str] = {
    Ballot.PPWP: "PPWP",
    Ballot.DPR: "DPR",
    Ballot.DPD: "DPD",
    Ballot.DPRD_PROV: "DPRD Provinsi",
    Ballot.DPRD_KOTA: "DPRD Kab/Kota",
    Ballot.PILGUB: "Gubernur",
    Ballot.PILBUP: "Bupati",
    Ballot.PILWALI: "Wali Kota",
}
"""The kinds of election as KPU writes them on paper."""


_AREA = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}(\.[0-9]{4})?")
_LAST_TPS = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which labels to print; what is None chooses nothing out."""

    area: str | None = None
    """Code of a kecamatan or kelurahan."""
    tps: str | None = None
    """Three digits."""
    ballot: Ballot | None = None
    election: str | None = None
    """Id of an election; a re-vote has one of its own."""
    kind: str | None = None
    """Letter of the item's kind: B, K, ..."""
    item: str | None = None
    """One item id."""
    items: tuple[str, ...] | None = None
    """These item ids, such as those of one page."""
    missing: bool = False
    """Only items whose valid label was never printed."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How much a selection chooses."""

    items: int
    boxes: int
    """Of the items; a box bears more than one label."""
    printed: int
    """Of the items: their valid label is on paper already."""


def area_of(text: str) -> str:
    """A kecamatan's or kelurahan's code with its dots, also where typed without.

    Raises:
        PrintError: it is no such code.
    """
    parts = (text[:2], text[2:4], text[4:6], text[6:])
    code = ".".join(filter(None, parts)) if "." not in text else text
    if not _AREA.fullmatch(code):
        raise PrintError(
            PrintObstacle.AREA_FORM,
            "Expected the code of a kecamatan or kelurahan, such as 17.71.02 or "
            "17.71.02.1001, got %(text)a; write it so.",
            got=text[:40],
            text=text[:40],
        )
    return code


def tps_of(text: str) -> str:
    """The number of a TPS as three digits, also where typed with fewer.

    Raises:
        PrintError: it is no number from 1 to 999.
    """
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= _LAST_TPS):
        raise PrintError(
            PrintObstacle.TPS_FORM,
            "Expected a TPS from 1 to 999, got %(text)a; write its number.",
            got=text[:40],
            text=text[:40],
        )
    return f"{int(text):03d}"


def item_of(text: str) -> str:
    """An item's id, typed with or without its check character, in any case.

    Raises:
        PrintError: it is no item id, or its check character is another.
    """
    try:
        typed = text.strip().upper()
        short = len(typed.replace("-", "").replace(" ", "")) == len("1771B0007K")
        return str(ItemId.parse(typed) if short else parse_typed(typed))
    except LabelError as error:
        raise PrintError(
            PrintObstacle.ITEM_FORM,
            "Expected an item id such as 1771-B-0007K, got %(text)a: %(error)s",
            got=text[:40],
            text=text[:40],
            error=error,
        ) from error


def select(
    db: Connection, selection: Selection, first: int | None = None
) -> list[NamedItem]:
    """The chosen items that are not voided, by destination and id.

    Args:
        db: Any connection of the station.
        selection: What is chosen.
        first: No more than these; None for all.

    Raises:
        PrintError: nothing is registered that fits.
    """
    if selection.items is None:
        limited = {**_bound(selection), "first": -1 if first is None else first}
        found = [registry.item_from_row(row) for row in db.execute(_SELECT, limited)]
    else:
        named = registry.items(db, dict.fromkeys(selection.items))
        found = in_order(item for item in named if not item.item.voided)[:first]
    if not found and selection.missing and _any(db, selection):
        raise PrintError(
            PrintObstacle.ALL_PRINTED,
            "Expected labels that were never printed, every one that fits was.",
        )
    if not found:
        raise PrintError(
            PrintObstacle.NOTHING_FITS,
            "Expected registered items for these labels, found none; import the "
            "plan first, or choose others.",
        )
    return found


def _any(db: Connection, selection: Selection) -> bool:
    """True where something fits, printed or not."""
    return count(db, replace(selection, missing=False)).items > 0


def in_order(items: Iterable[NamedItem]) -> list[NamedItem]:
    """The order in which labels are printed."""
    return sorted(items, key=lambda found: (found.item.destination, found.hri))


def count(db: Connection, selection: Selection) -> Counted:
    """How many items ``select`` would give; nothing is drawn out of the registry."""
    if selection.items is None:
        row = db.execute(_COUNT, _bound(selection)).fetchone()
        return Counted(row["items"], row["boxes"], row["printed"])
    found = [
        item.item.id
        for item in registry.items(db, dict.fromkeys(selection.items))
        if not item.item.voided
    ]
    return Counted(
        len(found),
        sum(item[5] == ItemKind.BOX for item in found),
        len(on_paper(db, found)),
    )


def on_paper(db: Connection, items: Iterable[str]) -> set[str]:
    """The items whose valid label is on paper already."""
    rows = db.execute(
        "SELECT item.id AS id FROM json_each(?) JOIN item ON item.id = json_each.value"
        " JOIN printed ON printed.item = item.id AND printed.issue = item.issue",
        (json.dumps(list(items)),),
    )
    return {row["id"] for row in rows}


_PRINTED = (
    "EXISTS (SELECT 1 FROM printed"
    " WHERE printed.item = item_text.id AND printed.issue = item_text.issue)"
)
_FITS = (
    " FROM item_text"
    " WHERE voided = 0"
    f" AND (:area IS NULL OR {registry.LIES_IN})"
    " AND (:tps IS NULL OR tps = :tps)"
    " AND (:ballot IS NULL OR ballot = :ballot)"
    " AND (:election IS NULL OR election = :election)"
    " AND (:kind IS NULL OR substr(id, 6, 1) = :kind)"
    " AND (:item IS NULL OR id = :item)"
    f" AND (:missing = 0 OR NOT {_PRINTED})"
)
_SELECT = f"SELECT *{_FITS} ORDER BY destination, id LIMIT :first"
_COUNT = (
    "SELECT count(*) AS items, coalesce(sum(substr(id, 6, 1) = 'B'), 0) AS boxes,"
    f" coalesce(sum({_PRINTED}), 0) AS printed{_FITS}"
)


def _bound(selection: Selection) -> dict[str, str | int | None]:
    return {
        "area": selection.area,
        "tps": selection.tps,
        "ballot": selection.ballot,
        "election": selection.election,
        "kind": selection.kind,
        "item": selection.item,
        "missing": int(selection.missing),
    }


def artwork(item: NamedItem, settings: Settings, key: bytes, regency: str) -> Artwork:
    """The label of an item, in its valid issue.

    Args:
        item: what the label is for.
        settings: the station's.
        key: the label key of the kab/kota.
        regency: name of the kab/kota.
    """
    ballot = item.item.ballot
    words = "" if ballot is None else BALLOT_WORDS[ballot]
    return Artwork(
        code=LabelCode.issue(ItemId.parse(item.item.id), item.item.issue, key),
        issue=item.item.issue,
        regency=regency,
        # What stays in the warehouse goes to no kecamatan.
        kecamatan=""
        if item.item.destination == settings.home
        else item.place.kecamatan,
        kelurahan=item.place.kelurahan or "",
        tps=item.place.tps or "",
        ballot=words,
        mark=mark(item.election),
        bar="" if ballot is None else ballot.value,
        note="DATA REKAAN" if settings.made_up else "",
    )


def regency_name(db: Connection, settings: Settings) -> str:
    """The name of the kab/kota as registered, else the station's title."""
    name = registry.area_name(db, settings.home)
    return settings.title if name == settings.home else name
