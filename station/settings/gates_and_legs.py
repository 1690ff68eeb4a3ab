"""``[[gate]]`` and ``legs`` of station.toml: what stands where and goes which way."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from station.language import Text
from station.leg import OUT, Leg, Tier, in_order, place_of
from station.model import Step
from station.settings.toml_table import NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.settings.toml_table import TomlTable

AREA = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}(\.[0-9]{4}(/[0-9]{3})?)?")
_LIKE = {
    Tier.PPK: "17.71.02",
    Tier.PPS: "17.71.02.1021",
    Tier.KPPS: "17.71.02.1021/003",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """One ``[[gate]]``: a place where labels pass cameras."""

    name: str
    """Goes into entries and addresses: lower case letters, digits, hyphens."""
    title: str
    """What the screen calls it."""
    step: Step
    """``loading`` where goods leave, ``accepting`` where they arrive."""
    place: str
    """Place id in entries, such as ``1771/gudang``."""
    at: Tier = Tier.GUDANG
    """Whose gate it is."""
    area: str | None = None
    """The code of the one place that it stands in; None: it serves all of its tier."""
    legs: tuple[Leg, ...] = (OUT,)
    """Those of the station that begin, or end, at its tier."""
    seals: bool = False
    """True where no consignment is closed before each box's seals were told."""

    def serves(self, leg: Leg, place: str) -> bool:
        """True where a load of this leg begins, or ends, at the gate's own place."""
        return leg in self.legs and self.area in {None, place}


def legs(station: TomlTable) -> tuple[Leg, ...]:
    """The key ``legs``: which the station uses, in the order in which goods take them.

    Raises:
        StationError: one is none, or begins where no other brings anything.
    """
    like = Text('legs such as legs = ["gudang-ppk", "ppk-gudang"]')
    names = station.values.get("legs", [OUT.name])
    if not isinstance(names, list) or not names:
        raise station.wrong("legs", like, names)
    try:
        found = {Leg.parse(str(name)) for name in names}
    except ValueError as error:
        known = ", ".join(Tier)
        expected = Text(
            "%(like)s, each from one to another of %(known)s", like=like, known=known
        )
        raise station.wrong("legs", expected, names) from error
    reached, before = {Tier.GUDANG}, 0
    while len(reached) > before:
        before = len(reached)
        reached |= {leg.destination for leg in found if leg.source in reached}
    for leg in in_order(found):
        if leg.source not in reached:
            expected = Text(
                "a leg from the warehouse to %(source)s, where %(name)s begins",
                source=leg.source,
                name=leg.name,
            )
            raise station.wrong("legs", expected, names)
    return in_order(found)


def legs_at(known: Sequence[Leg], step: Step, at: Tier) -> tuple[Leg, ...]:
    """Those that begin, or end, at a gate there."""
    loads = step is Step.LOADING
    return tuple(
        leg for leg in known if (leg.source if loads else leg.destination) is at
    )


def gates(
    tables: Sequence[TomlTable], regency: str, known: tuple[Leg, ...]
) -> list[GateSettings]:
    """The gates, each with the legs that it serves.

    Raises:
        StationError: a key is wrong, or one serves no leg.
    """
    return [_gate(table, regency, known) for table in tables]


def _gate(table: TomlTable, regency: str, known: tuple[Leg, ...]) -> GateSettings:
    table.only("name", "title", "step", "place", "at", "area", "seals")
    step = Step(table.one_of("step", [step.value for step in Step], "loading"))
    loads = step is Step.LOADING
    usual = Tier.GUDANG if loads else Tier.PPK
    at = Tier(table.one_of("at", [tier.value for tier in Tier], usual))
    served = legs_at(known, step, at)
    if not served:
        names = ", ".join(leg.name for leg in known)
        begins = Text("a place where one of the legs %(names)s begins", names=names)
        ends = Text("a place where one of the legs %(names)s ends", names=names)
        raise table.wrong("at", begins if loads else ends, at.value)
    gate = GateSettings(
        name=table.match("name", NAME, "gerbang-1"),
        title=table.text("title", "Gerbang 1"),
        step=step,
        place=f"{regency}/{table.match('place', NAME, 'gudang')}",
        at=at,
        legs=served,
        seals=table.flag("seals"),
    )
    if "area" not in table.values:
        return gate
    return replace(gate, area=_area(table, at, regency))


def _area(table: TomlTable, at: Tier, regency: str) -> str:
    if at is Tier.GUDANG:
        raise table.wrong(
            "area", Text("no area of a gate at the warehouse"), table.values["area"]
        )
    code = table.match("area", AREA, _LIKE[at])
    if place_of(code, at) != code:
        raise table.wrong(
            "area",
            Text('the code of its %(at)s such as "%(like)s"', at=at, like=_LIKE[at]),
            code,
        )
    if code.replace(".", "")[:4] != regency:
        raise table.wrong(
            "area", Text("a place of the kab/kota %(regency)s", regency=regency), code
        )
    return code
