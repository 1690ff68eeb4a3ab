"""Which leg a page is about, and the places that it can begin or end at."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from flask import request

from station.custody import registry
from station.errors import OperationRefused, RefusalReason
from station.leg import OUT, kecamatan_of
from web import context
from web.wording import place_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.leg import Leg
    from station.settings.gates_and_legs import GateSettings

Group: TypeAlias = tuple[str, list[tuple[str, str]]]
"""Name of a kecamatan, and code and words of each place in it."""


def shown(gates: Iterable[GateSettings]) -> tuple[Leg, list[Leg]]:
    """The leg that a page is about, of ``?jalur=``, and all that these gates serve.

    Of several the first one is meant where none, or another, is asked for.
    """
    served = {leg for gate in gates for leg in gate.legs}
    known = [leg for leg in context.services().settings.legs if leg in served]
    named = [leg for leg in known if leg.name == request.values.get("jalur")]
    return (named or known or [OUT])[0], known


def asked(gate: GateSettings) -> Leg:
    """The leg of a form, ``jalur``; where it names none, the gate's first.

    Raises:
        OperationRefused: the gate serves no such leg.
    """
    name = request.form.get("jalur") or gate.legs[0].name
    for leg in gate.legs:
        if leg.name == name:
            return leg
    message = f"Expected a leg of gate {gate.name}, got {name[:20]!a}."
    raise OperationRefused(RefusalReason.WRONG_WAY, message, gate=gate.title)


def can_resend(leg: Leg) -> bool:
    """True where what came back may be sent out once more."""
    legs = context.services().settings.legs
    return not leg.returns and any(one.returns for one in legs)


def areas(leg: Leg, gates: Iterable[GateSettings]) -> list[Group]:
    """Each place whose goods one of these gates sends this way.

    In groups of a kecamatan, since kelurahan of one name lie in several; a PPK is in
    the one group without a name.
    """
    db, fixed = context.db(), [gate.area for gate in gates]
    names = dict(registry.kecamatan(db))
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, name in registry.places(db, leg.lower):
        if None in fixed or leg.ends(code)[0] in fixed:
            kecamatan = kecamatan_of(code)
            group = "" if code == kecamatan else names.get(kecamatan, kecamatan)
            groups.setdefault(group, []).append((code, place_names.option(code, name)))
    return list(groups.items())
