"""The things that pass the demo's gates: real labels on made-up boxes."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.artwork import BARS
from labels.label_code import ItemId, ItemKind, LabelCode
from station.capture.virtual.box_texture import BoxLook, Shape
from station.custody import registry
from station.custody.labelling import selection
from station.custody.labelling.selection import BALLOT_WORDS, Selection
from station.demo.script import HOLDING, PassingBox, ScriptPart
from station.leg import kecamatan_of
from station.model import ItemState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from station.custody.registry import NamedItem
    from station.storage.database import Connection

_NOTE = "DATA REKAAN"


@dataclass(frozen=True, slots=True)
class Looks:
    """What passes together."""

    all: tuple[BoxLook, ...]
    holding: tuple[BoxLook, ...]
    """Those of them that should hold the line."""


class Props:
    """Finds an item for each part, and gives it its label."""

    def __init__(self, db: Connection, key: bytes, seed: int) -> None:
        """Make the labels of one station.

        Args:
            db: A reading connection of the thread that asks.
            key: The label key of the kab/kota.
            seed: Chooses among the items that would do.
        """
        self._db, self._key = db, key
        self._chance = random.Random(seed)  # noqa: S311 - a play, not a secret
        # A forger's key: right in form, and not ours.
        self._forged = hashlib.sha256(b"forged" + key).digest()

    def looks(self, props: Sequence[PassingBox], kecamatan: str) -> Looks:
        """How these look; what cannot be found here is left out."""
        made = [(prop, self._look(prop, kecamatan)) for prop in props]
        return Looks(
            tuple(look for _, look in made if look is not None),
            tuple(
                look for prop, look in made if look is not None and prop.part in HOLDING
            ),
        )

    def _look(self, prop: PassingBox, kecamatan: str) -> BoxLook | None:
        if prop.part is ScriptPart.FOREIGN:
            return self._parcel()
        if prop.item is not None:
            item = registry.item(self._db, prop.item)
        else:
            item = self._one_of(prop.part, kecamatan)
        if item is None:
            return None
        issue = item.item.issue - (prop.part is ScriptPart.SUPERSEDED)
        key = self._forged if prop.part is ScriptPart.FORGED else self._key
        return self._labelled(item, issue, key)

    def _one_of(self, part: ScriptPart, kecamatan: str) -> NamedItem | None:
        """An item that has the part's fault, for this kecamatan's consignment."""
        fits: dict[ScriptPart, Callable[[NamedItem], bool]] = {
            ScriptPart.SUPERSEDED: lambda found: found.item.issue > 1,
            ScriptPart.IN_BOX: lambda found: found.item.container is not None,
            ScriptPart.FORGED: lambda found: found.item.container is None,
            ScriptPart.MISROUTED: lambda found: found.item.container is None,
        }
        items = selection.select(self._db, Selection())
        own = part is not ScriptPart.MISROUTED
        found = [
            item
            for item in items
            if (kecamatan_of(item.item.destination) == kecamatan) is own
            and fits[part](item)
        ]
        # A box that still waits is what could come along; else any will do.
        here = [item for item in found if item.item.state is ItemState.REGISTERED]
        return self._chance.choice(here or found) if found else None

    def _labelled(self, item: NamedItem, issue: int, key: bytes) -> BoxLook:
        number = ItemId.parse(item.item.id)
        place = item.place
        goes_to = f"Kec. {place.kecamatan}"
        if place.tps is None:
            lines = [f"Cadangan {goes_to}"]
        else:
            lines = [f"TPS {place.tps}  {place.kelurahan or ''}", goes_to]
        ballot = item.item.ballot
        box = number.kind is ItemKind.BOX
        wrap = self._chance.choice((0.0, 0.0, 0.0, 0.35, 0.6, 0.9)) if box else 0.0
        return BoxLook(
            text=str(LabelCode.issue(number, issue, key)),
            caption=(item.hri, *lines, _NOTE),
            kind="" if ballot is None else BALLOT_WORDS[ballot],
            colour=(120, 120, 120) if ballot is None else _rgb(BARS[ballot].colour),
            shape=Shape.BOX if box else Shape.BUNDLE,
            wrap=wrap,
        )

    def _parcel(self) -> BoxLook:
        number = f"{self._chance.randrange(10**9):09d}"
        caption = (f"RESI {number}", "Kurir rekaan")
        return BoxLook(f"PAKET-{number}-ID", caption, shape=Shape.PARCEL)


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return red, green, blue
