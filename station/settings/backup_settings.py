"""[backup]: how often, how many are kept, and where."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from station.language import Text

if TYPE_CHECKING:
    from station.settings.toml_table import TomlTable


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSettings:
    """``[backup]``: copies of the ledger and its pictures, made by the station."""

    folder: Path | None = None
    """An existing folder on another disk; None: only ``jejak backup`` makes one."""
    every_minutes: int = 60
    at_shift_end: bool = True
    keep: int = 24
    """How many of this log may lie there; the oldest beyond that go."""
    high_water: Path | None = None
    """A file on another disk; None: beside the ledger."""


def backup(tree: TomlTable) -> BackupSettings:
    """The table ``[backup]``; what is absent has its usual value."""
    if "backup" not in tree.values:
        return BackupSettings()
    table = tree.table("backup")
    table.only(*(field.name for field in fields(BackupSettings)))
    usual = BackupSettings()
    return BackupSettings(
        folder=_absolute_path(table, "folder", "E:/jejak"),
        every_minutes=table.whole("every_minutes", usual.every_minutes, 10_080),
        at_shift_end=table.flag("at_shift_end")
        if "at_shift_end" in table.values
        else usual.at_shift_end,
        keep=table.whole("keep", usual.keep, 1_000),
        high_water=_absolute_path(table, "high_water", "E:/jejak/high-water"),
    )


def _absolute_path(table: TomlTable, key: str, like: str) -> Path | None:
    """A whole path, or None where the key is absent."""
    if key not in table.values:
        return None
    path = Path(table.text(key, like)).expanduser()
    if not path.is_absolute():
        raise table.wrong(
            key,
            Text('a whole path such as %(key)s = "%(like)s"', key=key, like=like),
            str(path),
        )
    return path
