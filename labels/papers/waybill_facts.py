"""What a waybill says. Knows no ledger: every word of it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.label_code import ItemKind
from labels.label_errors import LabelError, LabelFault

if TYPE_CHECKING:
    from labels.label_code import ItemId


class WaybillError(LabelError):
    """One sentence: what was expected, what was got, what to do."""

    def __init__(self, fault: LabelFault, expected: str, got: str, remedy: str) -> None:
        super().__init__(fault, expected, got)
        self.remedy = remedy
        """What to do, as the end of the sentence."""

    def __str__(self) -> str:
        """The sentence, in English."""
        return f"Expected {self.expected}, got {self.got}: {self.remedy}."


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedItem:
    """One item that departed."""

    item: ItemId
    kind: str
    """The kind of election in words: ``DPRD Kota``; empty where it has none."""
    kelurahan: str
    tps: str
    """The polling station's number as written: ``003``."""
    condition: str = ""
    """In words: ``Baik``."""
    seals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingItem:
    """One item that was expected and did not depart."""

    item: ItemId
    kind: str
    """As in ``LoadedItem``."""
    kelurahan: str
    tps: str
    disposition: str
    """What becomes of it, in words: ``Tetap di gudang``."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaybillHead:
    """The ledger's head with the departing entry in it."""

    origin: str
    """Which ledger: ``jejak/1771/gudang/g1``."""
    size: int
    """Entries."""
    root: str
    """Base64 of the root hash."""
    words: tuple[str, ...] = ()
    """The root in words, to be read aloud and compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waybill:
    """A surat jalan; any text may be long, foreign or empty.

    What is empty becomes a dotted line, to be filled in by hand.
    """

    number: int
    version: int = 1
    """Counts from 1; a later one replaces the one before."""
    version_reason: str = ""
    """Why there is a later version."""
    issuer: str
    """``KPU Kota Bengkulu``."""
    departs_from: str
    """``Gudang KPU Kota Bengkulu``."""
    goes_to: str
    """``PPK Kecamatan Kampung Melayu``."""
    goods_of: str = ""
    """Whose goods they are, for the foot of each page; empty: of where it goes."""
    kinds: tuple[str, ...]
    """The kinds of election in words, in the order of the totals."""
    vehicle: str = ""
    """Number plate."""
    driver: str = ""
    carrier: str = ""
    """The firm or unit whose vehicle it is."""
    escort_unit: str = ""
    escort: str = ""
    """Name of the escort."""
    supervisor: str = ""
    """Who of Panwascam or Bawaslu was present."""
    door_seal: str = ""
    """Number of the seal on the truck's door."""
    key_holder: str = ""
    planned_departure: str = ""
    planned_arrival: str = ""
    departed: str = ""
    """Date, time and zone in words: ``13 Feb 2024 14.32 WIB``."""
    weather: str = ""
    rain_cover: bool | None = None
    """None: not said."""
    hands_over: str = ""
    """Name of who signs for the sender."""
    receives: str = ""
    """Name of who signs at the other end; mostly not known yet."""
    closed_by: tuple[str, ...] = ()
    """The two who closed the consignment at the station."""
    items: tuple[LoadedItem, ...]
    """In the order of the registry; neighbours of one kelurahan and TPS stand
    together."""
    missing: tuple[MissingItem, ...] = ()
    head: WaybillHead
    manifest: str
    """The signed text for the QR symbol; empty where none could hold it."""
    note: str = ""
    """Stands beside the title of every page: ``DATA REKAAN``."""

    def __post_init__(self) -> None:
        if self.number < 1:
            raise LabelError(LabelFault.COUNT, "a number from 1", str(self.number))
        if self.version < 1:
            raise LabelError(LabelFault.COUNT, "a version from 1", str(self.version))
        if self.version > 1 and not self.version_reason.strip():
            expected = f"the reason for version {self.version}"
            raise WaybillError(
                LabelFault.COUNT, expected, "none", "say why it is replaced"
            )
        if not self.items:
            raise WaybillError(
                LabelFault.COUNT, "1 or more items", "none", "load some first"
            )

    @property
    def title(self) -> str:
        """``Surat jalan 0012``, from the second version on with its version."""
        later = f" versi {self.version}" if self.version > 1 else ""
        return f"Surat jalan {self.number:04}{later}"

    @property
    def unit(self) -> str:
        """What its items are called when they are counted."""
        things: tuple[LoadedItem | MissingItem, ...] = (*self.items, *self.missing)
        if all(thing.item.kind is ItemKind.BOX for thing in things):
            return "kotak"
        return "barang"
