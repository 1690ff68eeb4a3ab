"""What to back up and where to, and the result, as values that cross processes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.settings.station_toml import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupOrder:
    """What to copy, and where to."""

    database: Path
    evidence: Path
    settings: Path
    """station.toml."""
    to: Path
    """An existing folder, such as a stick's."""
    keep: int
    """Backups of this log that may lie there; the oldest beyond that go."""
    at_ms: int
    """UTC milliseconds; names the backup."""

    @classmethod
    def of(cls, settings: Settings, to: Path, at_ms: int) -> BackupOrder:
        """A backup of this station into the folder ``to``."""
        return cls(
            database=settings.database,
            evidence=settings.evidence,
            settings=settings.folder / "station.toml",
            to=to,
            keep=settings.backup.keep,
            at_ms=at_ms,
        )

    def as_dict(self) -> dict[str, str | int]:
        """The same for another process."""
        return {
            name: str(value) if isinstance(value, Path) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def parse(cls, told: Mapping[str, str | int]) -> BackupOrder:
        """What ``as_dict`` gave."""
        return cls(
            database=Path(str(told["database"])),
            evidence=Path(str(told["evidence"])),
            settings=Path(str(told["settings"])),
            to=Path(str(told["to"])),
            keep=int(told["keep"]),
            at_ms=int(told["at_ms"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupResult:
    """A backup that was made and verified."""

    name: str
    """Of its folder."""
    size: int
    """Entries that it holds."""
    root: str
    """Of the tree over them, hexadecimal."""
    pictures: int
    """How many were copied now; those that lay there already are not counted."""
    lost: int
    """Pictures that the ledger names, and that are whole neither here nor there."""
    own_disk: bool
    """True where it lies on the same disk as the ledger, and dies with it."""
    others: int = 0
    """Backups of another ledger that lie there under the same name; left alone."""
