"""What a check of a whole ledger, or of its export, found."""

from __future__ import annotations

from dataclasses import dataclass


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
        """What a person is told."""
        if self.fault is None:
            return (
                f"The ledger {self.origin} is sound: {self.size} entries, every one "
                f"as it was signed ({self.checkpoints} signatures checked)."
            )
        if self.table is not None:
            return (
                f"The entries of {self.origin} are sound, all {self.size}, but a table "
                f"made from them was altered. {self.fault} Keep a copy of the file, "
                "then run `jejak rebuild`."
            )
        return f"The ledger {self.origin} is NOT sound: {self.fault}"

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


class Flaw(Exception):  # noqa: N818 - a finding, not an error of the program
    """The first thing that does not hold, and the entry where one can be named."""

    def __init__(self, seq: int | None, sentence: str) -> None:
        super().__init__(sentence)
        self.seq = seq
