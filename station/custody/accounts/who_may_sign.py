"""Who may work at a gate, and which pairs of people may sign which act. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from station.leg import Tier
from station.roles import Act, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.leg import Leg


_AT_WAREHOUSE = frozenset({Role.OPERATOR, Role.SUPERVISOR})
_BELOW = frozenset({Role.RECEIVER, Role.SUPERVISOR})
WORKS: Mapping[Tier, frozenset[Role]] = {
    tier: _AT_WAREHOUSE if tier is Tier.GUDANG else _BELOW for tier in Tier
}
"""Who may work at a gate of each place."""

Pairs: TypeAlias = "Mapping[Role, frozenset[Role]]"
"""Who may do an act, and who may then sign it as the second person."""


def _either(warehouse: Pairs, below: Pairs) -> Mapping[Tier, Pairs]:
    return {tier: warehouse if tier is Tier.GUDANG else below for tier in Tier}


_OP, _PACK, _REC, _SUP = Role.OPERATOR, Role.PACKER, Role.RECEIVER, Role.SUPERVISOR
_ONE_SUPERVISES: Pairs = {
    _OP: frozenset({_SUP}),
    _REC: frozenset({_SUP}),
    _SUP: frozenset({_OP, _REC, _SUP}),
}
_OF_THE_PLACE = _either(
    {_OP: frozenset({_SUP}), _SUP: frozenset({_OP, _REC, _SUP})},
    {_REC: frozenset({_SUP}), _SUP: frozenset({_OP, _REC, _SUP})},
)
_VOIDS: Pairs = {_OP: frozenset({_SUP}), _SUP: frozenset({_OP, _PACK, _SUP})}

SIGNS: Mapping[Act, Mapping[Tier, Pairs]] = {
    Act.DEPART: _either(
        dict.fromkeys((_OP, _SUP), frozenset({_OP, _PACK, _SUP})),
        dict.fromkeys((_REC, _SUP), frozenset({_REC, _SUP})),
    ),
    # Who brought a load may sign beside who takes it in: to a PPK the warehouse.
    Act.COMPLETE: {
        **_either(
            dict.fromkeys((_OP, _SUP), frozenset({_OP, _PACK, _REC, _SUP})),
            dict.fromkeys((_REC, _SUP), frozenset({_REC, _SUP})),
        ),
        Tier.PPK: dict.fromkeys((_REC, _SUP), frozenset({_REC, _OP, _SUP})),
    },
    Act.CORRECT: dict.fromkeys(Tier, _ONE_SUPERVISES),
    Act.CORRECT_TRIP: _OF_THE_PLACE,
    Act.CANCEL: _either(
        {_OP: frozenset({_SUP}), _SUP: frozenset({_OP, _PACK, _SUP})},
        {_REC: frozenset({_SUP}), _SUP: frozenset({_REC, _SUP})},
    ),
    Act.RETRACT: _either(
        {_OP: frozenset({_REC, _SUP}), _SUP: frozenset({_OP, _REC, _SUP})},
        {_REC: frozenset({_OP, _SUP}), _SUP: frozenset({_OP, _REC, _SUP})},
    ),
    Act.FOUND: _OF_THE_PLACE,
    Act.VOID: dict.fromkeys(Tier, _VOIDS),
}
"""For each act, by the place where it is done: always two different people; observers
and administrators never sign."""


def place_of_act(act: Act, leg: Leg | None) -> Tier:
    """Where an act about a consignment of this leg is done; else at the warehouse."""
    if leg is None:
        return Tier.GUDANG
    arriving = act in {Act.COMPLETE, Act.RETRACT}
    return leg.destination if arriving else leg.source


def firsts(act: Act) -> frozenset[Role]:
    """Who may do it, at one place or another."""
    return frozenset().union(*(pairs.keys() for pairs in SIGNS[act].values()))
