"""Where goods stand, and the legs between: from one place to another.

A box is for one polling station, so where it is meant to go says at which PPK, PPS or
KPPS it can stand; a consignment names the pair of places that it goes between.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Tier(enum.StrEnum):
    """Who has goods in custody, from the top down (PKPU 14/2023)."""

    GUDANG = "gudang"
    """The warehouse of KPU kab/kota."""
    PPK = "ppk"
    """The committee of a kecamatan."""
    PPS = "pps"
    """The committee of a kelurahan or desa."""
    KPPS = "kpps"
    """The crew of a polling station (TPS)."""

    @property
    def depth(self) -> int:
        """How far down: 0 for the warehouse."""
        return list(Tier).index(self)


def kecamatan_of(code: str) -> str:
    """The kecamatan's code in an area's or a polling station's.

    >>> kecamatan_of("17.71.03.1011/003")
    '17.71.03'
    """
    return ".".join(code.split("/", maxsplit=1)[0].split(".")[:3])


def place_of(code: str, tier: Tier) -> str | None:
    """The code of the place of this tier that a code lies in; None: it ends above.

    >>> place_of("17.71.03.1011/003", Tier.PPS)
    '17.71.03.1011'
    >>> place_of("17.71.03", Tier.PPS) is None
    True
    """
    area, _, tps = code.partition("/")
    if tier is Tier.KPPS:
        return code if tps else None
    parts = area.split(".")
    length = tier.depth + 2
    return ".".join(parts[:length]) if len(parts) >= length else None


@dataclass(frozen=True, slots=True)
class Leg:
    """A pair of places; written ``gudang-ppk``."""

    source: Tier
    destination: Tier

    @classmethod
    def parse(cls, text: str) -> Leg:
        """The leg of this name.

        Raises:
            ValueError: it is none, or goes nowhere.
        """
        source, _, destination = text.partition("-")
        leg = cls(Tier(source), Tier(destination))
        if leg.source is leg.destination:
            message = f"Expected two different places, got {text!r}."
            raise ValueError(message)
        return leg

    @property
    def name(self) -> str:
        """As in settings, entries and addresses."""
        return f"{self.source}-{self.destination}"

    @property
    def returns(self) -> bool:
        """True upwards: back after the vote."""
        return self.destination.depth < self.source.depth

    @property
    def lower(self) -> Tier:
        """The end that says which goods go: theirs."""
        return self.source if self.returns else self.destination

    def ends(self, area: str) -> tuple[str, str]:
        """Codes of the places that goods of this area leave and reach.

        Args:
            area: Code of a place of the tier ``lower``.

        Raises:
            ValueError: it is none.
        """
        source, destination = (
            place_of(area, tier) for tier in (self.source, self.destination)
        )
        if source is None or destination is None or area not in {source, destination}:
            message = f"Expected the code of a place of {self.lower}, got {area!r}."
            raise ValueError(message)
        return source, destination

    def area(self, source: str, destination: str) -> str:
        """Which of both ends says which goods go."""
        return source if self.returns else destination


OUT = Leg(Tier.GUDANG, Tier.PPK)
"""The leg that every warehouse has."""


def in_order(legs: set[Leg]) -> tuple[Leg, ...]:
    """As goods take them: down to the polling stations, then back up."""

    def key(leg: Leg) -> tuple[bool, int, int]:
        way = -1 if leg.returns else 1
        return leg.returns, way * leg.source.depth, way * leg.destination.depth

    return tuple(sorted(legs, key=key))
