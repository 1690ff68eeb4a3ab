"""What one label shows, and its colours; ``layout`` draws it on a label's size."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from labels.label_code import ItemKind
from labels.label_errors import LabelError, LabelFault, shown
from labels.trial_label import is_trial

if TYPE_CHECKING:
    from labels.label_code import LabelCode

INK, PAPER = "#000000", "#FFFFFF"


@dataclass(frozen=True, slots=True)
class Bar:
    """The colour of a kind of election, and of the words upon it."""

    colour: str
    ink: str


BARS = MappingProxyType(
    {
        "PPWP": Bar("#9AA3AE", INK),
        "DPR": Bar("#FFD60A", INK),
        "DPD": Bar("#D4002A", PAPER),
        "DPRD_PROV": Bar("#0067C0", PAPER),
        "DPRD_KOTA": Bar("#2E9E4F", INK),
        "PILGUB": Bar("#7A1F3D", PAPER),
        "PILBUP": Bar("#8CC8F0", INK),
        "PILWALI": Bar("#3CC4B0", INK),
    }
)
"""The colours of the ballot papers, by the kinds' names in the program."""

PLAIN = Bar(PAPER, INK)
"""The bar of what has no kind, and of every label from a printer without colours."""

KIND_WORDS = MappingProxyType(
    {
        ItemKind.BOX: "Kotak suara",
        ItemKind.BUNDLE: "Ikat surat suara",
        ItemKind.CARTON: "Dus surat suara",
        ItemKind.ENVELOPE: "Sampul",
        ItemKind.CONTAINER: "Wadah angkut",
        ItemKind.SEAL: "Segel",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artwork:
    """What one label shows; any text may be long, foreign or empty."""

    code: LabelCode
    issue: int
    """Counts from 1; a reprint shows its number."""
    regency: str
    """The kab/kota's name: ``Kota Bengkulu``."""
    kecamatan: str = ""
    kelurahan: str = ""
    tps: str = ""
    """The polling station's number as written: ``003``."""
    ballot: str = ""
    """The kind of election in words: ``DPRD Kota``."""
    mark: str = ""
    """Tells a second vote from the first: ``PSU-2024-02``. Never cut short."""
    bar: str = ""
    """Key of ``BARS``; a colour needs ``ballot`` beside it."""
    note: str = ""
    """Stands beside the rest, upright: ``DATA REKAAN``."""

    def __post_init__(self) -> None:
        if self.bar and self.bar not in BARS:
            raise LabelError(
                LabelFault.BAR, f"one of {', '.join(BARS)}", shown(self.bar)
            )
        if self.bar and not self.ballot.strip():
            raise LabelError(LabelFault.BAR, "words beside the colour", "colour alone")

    @property
    def thing(self) -> str:
        """What the label is stuck on, in words."""
        if is_trial(self.code.item):
            return "Label uji"
        return KIND_WORDS[self.code.item.kind]

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Caption and name of where it goes, the nearest first; empty ones left out."""
        known = (("Kel./Desa", self.kelurahan), ("Kec.", self.kecamatan))
        return tuple((caption, name) for caption, name in known if name.strip())
