"""An election as the plan sees it: kinds, reserve, boxes of the PPK, sizes of packages.

Every figure is data: regulations change them from one election to the next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from station.model import Ballot, StationError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAIN = "pemilu"
"""The election of items whose entry names none."""
_ID = re.compile("[a-z0-9][a-z0-9-]{0,23}")
_AGAIN = ("psu", "psl", "pss")
"""Votes held again, later or postponed: how such an election's id begins."""
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
    special_from: int = 901
    """The first number of a special TPS, such as one in a prison."""

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            message = (
                "Expected an election id of lower case letters, digits and hyphens, "
                f"got {self.id!r}; mend [election] id."
            )
            raise StationError(message)
        if not self.kinds or len(set(self.kinds)) < len(self.kinds):
            message = "Expected each kind of election once, mend [election] kinds."
            raise StationError(message)

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
"""Where ``[election] profile`` starts from; each key of the table changes one figure."""
