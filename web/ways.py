"""Which leg a page is about, and the places that it can begin or end at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from station.custody import registry
from station.leg import OUT
from web import context, places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.gates import GateSettings
    from station.leg import Leg


def way(gates: Iterable[GateSettings]) -> tuple[Leg, list[Leg]]:
    """The leg that ``?jalur=`` asks for, and all that these gates serve; at least one.

    Of several the first one is meant where none is asked for.
    """
    served = {leg for gate in gates for leg in gate.legs}
    known = [leg for leg in context.services().settings.legs if leg in served]
    asked = request.values.get("jalur", "")
    named = [leg for leg in known if leg.name == asked]
    return (named or known or [OUT])[0], known


def areas(leg: Leg, gates: Iterable[GateSettings]) -> list[tuple[str, str]]:
    """Code and words of each place whose goods one of these gates sends this way."""
    found = registry.places(context.db(), leg.lower)
    fixed = [gate.area for gate in gates]
    if None not in fixed:
        found = [one for one in found if leg.ends(one[0])[0] in fixed]
    return [(code, places.option(code, name)) for code, name in found]
