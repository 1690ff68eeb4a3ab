"""The words for where goods stand and go: gudang, PPK, PPS, TPS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l

from station.leg import OUT, Tier
from web.wording.gettext import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel import LazyString

    from station.custody.load import Ends
    from station.custody.registry import Place
    from station.leg import Leg

TIER: Mapping[Tier, LazyString] = {
    Tier.GUDANG: _l("Gudang"),
    Tier.PPK: _l("PPK"),
    Tier.PPS: _l("PPS"),
    Tier.KPPS: _l("KPPS"),
}

AREAS: Mapping[Tier, LazyString] = {
    Tier.PPK: _l("Kecamatan"),
    Tier.PPS: _l("Kelurahan atau desa"),
    Tier.KPPS: _l("TPS"),
}
"""What a form that asks for one calls it."""

CHOOSE: Mapping[Tier, LazyString] = {
    Tier.PPK: _l("Pilih kecamatan"),
    Tier.PPS: _l("Pilih kelurahan atau desa"),
    Tier.KPPS: _l("Pilih TPS"),
}


def leg(way: Leg) -> str:
    """``Gudang → PPK``."""
    return f"{TIER[way.source]} → {TIER[way.destination]}"


def option(code: str, name: str) -> str:
    """A place in a list of one tier: a TPS is listed under its kelurahan."""
    _, _, tps = code.partition("/")
    return f"{name} · TPS {tps}" if tps else name


def arrival(load: Ends) -> str:
    """Where it is taken in: ``PPK Selebar``."""
    return named(load.leg.destination, load.destination, load.destination_name)


def origin(load: Ends) -> str:
    """Where it began: ``PPK Selebar``."""
    return named(load.leg.source, load.source, load.source_name)


def destination(load: Ends) -> str:
    """Where it goes, in a sentence: ``Selebar``, ``PPS Betungan``, ``gudang``."""
    # A kecamatan's name stands for its PPK, as on the truck's own papers.
    if load.leg == OUT:
        return load.destination_name
    return arrival(load)


def route(load: Ends) -> str:
    """The same as a heading; of what comes back both ends."""
    if not load.leg.returns:
        return destination(load)
    return f"{origin(load)} → {arrival(load)}"


def place_of(tier: Tier, place: Place) -> str:
    """The name of the place where an item is: ``PPK Selebar``, ``gudang``."""
    name = place.kecamatan if tier is Tier.PPK else place.kelurahan or place.kecamatan
    return named(tier, place.code, name)


def named(tier: Tier, code: str, name: str) -> str:
    """A place of this code, by the name of its area."""
    match tier:
        case Tier.GUDANG:
            return gettext("gudang")
        case Tier.KPPS:
            return gettext(
                "TPS %(tps)s %(name)s", tps=code.partition("/")[2], name=name
            )
        case _:
            return f"{TIER[tier]} {name}"
