"""An election as the plan sees it: kinds, reserve, boxes of the PPK, sizes of packages.

Every figure is data: regulations change them from one election to the next.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from station.errors import StationError
from station.language import Text
from station.model import Ballot

if TYPE_CHECKING:
    from collections.abc import Mapping

MAIN = "pemilu"
"""The election of items whose entry names none."""
_ID = re.compile("[a-z0-9][a-z0-9-]{0,23}")
_AGAIN = ("psu", "psl", "pss")
"""Votes held again, later or postponed: how such an election's id begins."""
_LONGEST_MARK = 14
"""Characters that a 60 x 40 mm label bears whole."""
_PERMILLE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Election:
    """``[election]`` of station.toml; the default is a Pemilu."""

    id: str = MAIN
    """Tells a second election of the same TPS from the first; ``psu-2024-02``."""
    kinds: tuple[Ballot, ...]
    """The kinds of election that are held, in the order of ``Ballot``."""
    reserve_permille: int
    """Spare ballot papers over the DPT: 20 is 2 %; a TPS's own are rounded up."""
    subset: bool = False
    """True where a TPS may hold only some of the kinds."""
    boxes_per_ppk: int = 0
    """Boxes without ballot papers for each kecamatan's committee."""
    bundle_size: int = 25
    """Ballot papers in a bundle (ikat); 10 to 25, not fixed by law."""
    carton_size: int = 500
    """Ballot papers in a carton (dus)."""
    most_voters: int = 800
    """DPT of one TPS at most: more is no TPS but a sum. The law allows 500 in a Pemilu
    (UU 7/2017 article 350) and 800 in a Pilkada (UU 10/2016 article 87)."""
    special_from: int = 901
    """The first number of a special TPS, such as one in a prison."""

    def papers(self, dpt: int) -> int:
        """Ballot papers of one kind for a TPS by the formula; only a check.

        >>> PROFILES["pemilu"].papers(228)
        233

        Source: UU 7/2017 article 344 (2): DPT plus 2 %, here rounded up for each TPS.
        """
        return dpt - (-dpt * self.reserve_permille // _PERMILLE)

    @property
    def mark(self) -> str:
        """What a label must say beside the kind; empty for a first election.

        >>> from dataclasses import replace
        >>> replace(PROFILES["psu"], id="psu-2024-02").mark
        'PSU-2024-02'
        """
        return mark(self.id)


def mark(election: str) -> str:
    """The words by which paper tells a second vote at a TPS from the first one."""
    return election.upper() if election.startswith(_AGAIN) else ""


PEMILU = (
    Ballot.PPWP,
    Ballot.DPR,
    Ballot.DPD,
    Ballot.DPRD_PROV,
    Ballot.DPRD_KOTA,
)
PROFILES: Mapping[str, Election] = MappingProxyType(
    {
        "pemilu": Election(kinds=PEMILU, reserve_permille=20),
        # DKI Jakarta's cities have no council of their own.
        "pemilu-dki": Election(kinds=PEMILU[:4], reserve_permille=20),
        "pilkada-kota": Election(
            id="pilkada", kinds=(Ballot.PILGUB, Ballot.PILWALI), reserve_permille=25
        ),
        "pilkada-kabupaten": Election(
            id="pilkada", kinds=(Ballot.PILGUB, Ballot.PILBUP), reserve_permille=25
        ),
        "psu": Election(id="psu", kinds=PEMILU, reserve_permille=20, subset=True),
    }
)
"""Where ``[election] profile`` starts from; each key changes one figure of it."""


def configured(table: Mapping[str, object]) -> Election:
    """The election of the table ``[election]`` of station.toml.

    >>> configured({"profile": "pilkada-kota", "boxes_per_ppk": 2}).kinds
    (<Ballot.PILGUB: 'PILGUB'>, <Ballot.PILWALI: 'PILWALI'>)

    Raises:
        StationError: a key is unknown or its value is no such figure.
    """  # noqa: DOC501 - _wrong makes a StationError
    known = ("profile", "id", "kinds", "reserve_percent", "subset", *_FIGURES)
    for key in table:
        if key not in known:
            raise _wrong(key, Text("one of %(known)s", known=", ".join(known)), key)
    profile = table.get("profile", MAIN)
    if not isinstance(profile, str) or profile not in PROFILES:
        raise _wrong(
            "profile",
            Text("one of %(profiles)s", profiles=", ".join(PROFILES)),
            profile,
        )
    usual = PROFILES[profile]
    subset = table.get("subset", usual.subset)
    if not isinstance(subset, bool):
        raise _wrong("subset", Text("true or false"), subset)
    ident = table.get("id", usual.id)
    if not isinstance(ident, str) or not _ID.fullmatch(ident):
        raise _wrong("id", Text('a short name such as "psu-2024-02"'), ident)
    if usual.mark and not mark(ident):
        raise _wrong(
            "id",
            Text("one that begins with %(again)s", again=" or ".join(_AGAIN)),
            ident,
        )
    if len(mark(ident)) > _LONGEST_MARK:
        expected = Text(
            "at most %(longest_mark)s characters, so that it fits on every label",
            longest_mark=_LONGEST_MARK,
        )
        raise _wrong("id", expected, ident)
    return replace(
        usual,
        id=ident,
        subset=subset,
        kinds=_kinds(table.get("kinds", usual.kinds)),
        reserve_permille=_permille(table.get("reserve_percent"), usual),
        **{key: _figure(table, key, getattr(usual, key)) for key in _FIGURES},
    )


_FIGURES = {
    "boxes_per_ppk": (0, 200),
    "bundle_size": (1, 1_000),
    "carton_size": (1, 10_000),
    "most_voters": (1, 99_999),
    "special_from": (1, 999),
}
"""Whole numbers of ``Election`` with their least and most."""


def _kinds(given: object) -> tuple[Ballot, ...]:
    names = [kind.value for kind in Ballot]
    if (
        not isinstance(given, list | tuple)
        or not given
        or any(kind not in names for kind in given)
    ):
        raise _wrong(
            "kinds", Text("a list of %(names)s", names=", ".join(names)), given
        )
    return tuple(kind for kind in Ballot if kind in given)


def _permille(given: object, usual: Election) -> int:
    if given is None:
        return usual.reserve_permille
    if isinstance(given, int | float) and not isinstance(given, bool):
        permille = round(given * 10)
        if 0 <= permille <= _PERMILLE and math.isclose(permille, given * 10):
            return permille
    raise _wrong("reserve_percent", Text("a percentage such as 2.5"), given)


def _figure(table: Mapping[str, object], key: str, usual: int) -> int:
    given, (least, most) = table.get(key, usual), _FIGURES[key]
    if type(given) is not int or not least <= given <= most:
        raise _wrong(
            key,
            Text("a whole number from %(least)s to %(most)s", least=least, most=most),
            given,
        )
    return given


def _wrong(key: str, expected: str, got: object) -> StationError:
    return StationError(
        "[election] %(key)s: expected %(expected)s, got %(got)r; correct that line.",
        key=key,
        expected=expected,
        got=got,
    )
