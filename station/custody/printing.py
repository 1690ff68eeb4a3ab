"""Labels to print: what is chosen from the registry, as artwork for a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.artwork import Artwork
from labels.code import ItemId, ItemKind, LabelCode
from station.custody import registry
from station.custody.paper import PaperCode, PaperError
from station.election import mark
from station.model import Ballot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from station.config import Settings
    from station.custody.registry import NamedItem
    from station.database import Connection

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which labels to print; what is None chooses nothing out."""

    area: str | None = None
    """Code of a kecamatan or kelurahan."""
    tps: str | None = None
    """Three digits."""
    ballot: Ballot | None = None
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


def select(
    db: Connection, selection: Selection, first: int | None = None
) -> list[NamedItem]:
    """The chosen items that are not voided, by destination and id.

    Args:
        db: Any connection of the station.
        selection: What is chosen.
        first: No more than these; None for all.

    Raises:
        PaperError: nothing is registered that fits.
    """
    if selection.items is None:
        limited = {**_bound(selection), "first": -1 if first is None else first}
        found = [registry.named(row) for row in db.execute(_SELECT, limited)]
    else:
        named = registry.items(db, dict.fromkeys(selection.items))
        found = in_order(item for item in named if not item.item.voided)[:first]
    if not found and selection.missing:
        message = "Expected labels that were never printed, every one that fits was."
        raise PaperError(PaperCode.ALL_PRINTED, message)
    if not found:
        message = (
            "Expected registered items for these labels, found none; import the plan "
            "first, or choose others."
        )
        raise PaperError(PaperCode.NOTHING_FITS, message)
    return found


def in_order(items: Iterable[NamedItem]) -> list[NamedItem]:
    """The order in which labels are printed."""
    return sorted(items, key=lambda found: (found.item.destination, found.hri))


def count(db: Connection, selection: Selection) -> Counted:
    """How many items ``select`` would give; nothing is drawn out of the registry."""
    if selection.items is None:
        row = db.execute(_COUNT, (_bound(selection))).fetchone()
        return Counted(row["items"], row["boxes"])
    found = [
        item.item.id
        for item in registry.items(db, dict.fromkeys(selection.items))
        if not item.item.voided
    ]
    return Counted(len(found), sum(item[5] == ItemKind.BOX for item in found))


def was_printed(db: Connection, item: str) -> bool:
    """True where the item's valid label is on paper already."""
    row = db.execute(
        "SELECT 1 FROM printed JOIN item ON item.id = printed.item"
        " AND item.issue = printed.issue WHERE item.id = ?",
        (item,),
    ).fetchone()
    return row is not None


_FITS = (
    " FROM item_text"
    " WHERE voided = 0"
    " AND (:area IS NULL OR destination = :area"
    "  OR destination LIKE :area || '.%' OR destination LIKE :area || '/%')"
    " AND (:tps IS NULL OR tps = :tps)"
    " AND (:ballot IS NULL OR ballot = :ballot)"
    " AND (:kind IS NULL OR substr(id, 6, 1) = :kind)"
    " AND (:item IS NULL OR id = :item)"
    " AND (:missing = 0 OR NOT EXISTS (SELECT 1 FROM printed"
    "  WHERE printed.item = item_text.id AND printed.issue = item_text.issue))"
)
_SELECT = f"SELECT *{_FITS} ORDER BY destination, id LIMIT :first"
_COUNT = (
    "SELECT count(*) AS items, coalesce(sum(substr(id, 6, 1) = 'B'), 0) AS boxes"
    f"{_FITS}"
)


def _bound(selection: Selection) -> dict[str, str | int | None]:
    return {
        "area": selection.area,
        "tps": selection.tps,
        "ballot": selection.ballot,
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
        kecamatan=item.place.kecamatan,
        kelurahan=item.place.kelurahan or "",
        tps=item.place.tps or "",
        ballot=" ".join(filter(None, (words, mark(item.election)))),
        bar="" if ballot is None else ballot.value,
        note="DATA REKAAN" if settings.made_up else "",
    )


def regency_name(db: Connection, settings: Settings) -> str:
    """The name of the kab/kota as registered, else the station's title."""
    code = f"{settings.regency[:2]}.{settings.regency[2:]}"
    name = registry.area_name(db, code)
    return settings.title if name == code else name
