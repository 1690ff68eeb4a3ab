"""What a check of a whole ledger, or of its export, found."""

from __future__ import annotations

from dataclasses import dataclass

from station.errors import StationError
from station.language import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found; ``fault`` is None when everything holds."""

    origin: str | None = None
    size: int = 0
    """Entries that hold and are signed, counted from the first."""
    checkpoints: int = 0
    """Signed heads that hold."""
    root: bytes | None = None
    """The root over all entries, 32 bytes, when everything holds."""
    seq: int | None = None
    """The first entry that does not hold, where one can be named."""
    table: str | None = None
    """The first table that does not show what the entries say, where they hold."""
    row: str | None = None
    """The key of its first such row."""
    fault: str | None = None
    """What is wrong, in one sentence."""

    @property
    def holds(self) -> bool:
        """True when nothing is wrong."""
        return self.fault is None

    @property
    def sentence(self) -> str:
        """The result in one sentence, for a person."""
        if self.fault is None:
            return Text(
                "The ledger %(origin)s is sound: %(size)s entries, every one as it was "
                "signed (%(checkpoints)s signatures checked).",
                origin=self.origin,
                size=self.size,
                checkpoints=self.checkpoints,
            )
        if self.table is not None:
            return Text(
                "The entries of %(origin)s are sound, all %(size)s, but a table made "
                "from them was altered. %(fault)s Keep a copy of the file, then run "
                "`jejak rebuild`.",
                origin=self.origin,
                size=self.size,
                fault=self.fault,
            )
        return Text(
            "The ledger %(origin)s is NOT sound: %(fault)s",
            origin=self.origin,
            fault=self.fault,
        )

    def as_dict(self) -> dict[str, str | int | bool | None]:
        """The same for ``--json``."""
        return {
            "holds": self.holds,
            "origin": self.origin,
            "entries": self.size,
            "checkpoints": self.checkpoints,
            "root": None if self.root is None else self.root.hex(),
            "first_bad_entry": self.seq,
            "altered_table": self.table,
            "fault": self.fault,
        }


class Flaw(StationError):  # noqa: N818 - a finding, not an error of the program
    """The first thing that does not hold, and the entry where one can be named."""

    def __init__(self, seq: int | None, sentence: str, /, **facts: object) -> None:
        super().__init__(sentence, **facts)
        self.seq = seq
