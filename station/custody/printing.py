"""Labels to print: what is chosen from the registry, as artwork for a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.artwork import Artwork
from labels.code import ItemId, LabelCode
from station.custody import registry
from station.election import mark
from station.model import Ballot, StationError

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def select(db: Connection, selection: Selection) -> list[NamedItem]:
    """The chosen items that are not voided, by destination and id.

    Raises:
        StationError: nothing is registered that fits.
    """
    if selection.items is None:
        found = [registry.named(row) for row in db.execute(_SELECT, _bound(selection))]
    else:
        named = registry.items(db, dict.fromkeys(selection.items))
        chosen = (item for item in named if not item.item.voided)
        found = sorted(chosen, key=lambda found: (found.item.destination, found.hri))
    if not found and selection.missing:
        message = "Expected labels that were never printed, every one that fits was."
        raise StationError(message)
    if not found:
        message = (
            "Expected registered items for these labels, found none; import the plan "
            "first, or choose others."
        )
        raise StationError(message)
    return found


_SELECT = (
    "SELECT * FROM item_text"
    " WHERE voided = 0"
    " AND (:area IS NULL OR destination = :area"
    "  OR destination LIKE :area || '.%' OR destination LIKE :area || '/%')"
    " AND (:tps IS NULL OR tps = :tps)"
    " AND (:ballot IS NULL OR ballot = :ballot)"
    " AND (:kind IS NULL OR substr(id, 6, 1) = :kind)"
    " AND (:item IS NULL OR id = :item)"
    " AND (:missing = 0 OR NOT EXISTS (SELECT 1 FROM printed"
    "  WHERE printed.item = item_text.id AND printed.issue = item_text.issue))"
    " ORDER BY destination, id"
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
