"""A table of station.toml, read key by key; whatever is wrong names file and key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from station.errors import StationError
from station.language import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

NAME = re.compile("[a-z0-9][a-z0-9-]{0,31}")
"""How names are written that go into entries and addresses."""


@dataclass(frozen=True, slots=True)
class TomlTable:
    """A table of station.toml; each of its readers refuses what it cannot use."""

    file: Path
    where: str
    """How an error names it: ``[station] ``."""
    values: Mapping[str, Any]

    def only(self, *known: str) -> None:
        """Let a table pass that has no other keys."""
        for key in self.values:
            if key not in known:
                raise self.wrong(
                    key, Text("one of %(known)s", known=", ".join(known)), key
                )

    def wrong(self, key: str, expected: str, got: object) -> StationError:
        """The error that names this key and the line to correct."""
        shown = Text("nothing") if got is None else repr(got)
        return StationError(
            "%(file)s: %(where)s%(key)s: expected %(expected)s, got %(shown)s; "
            "correct that line.",
            file=self.file,
            where=self.where,
            key=key,
            expected=expected,
            shown=shown,
        )

    def text(self, key: str, like: str) -> str:
        """A text that is there and can be shown."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise self.wrong(
                key,
                Text('a text such as %(key)s = "%(like)s"', key=key, like=like),
                value,
            )
        return value

    def match(self, key: str, pattern: re.Pattern[str], like: str) -> str:
        """A text of this form."""
        value = self.text(key, like)
        if not pattern.fullmatch(value):
            raise self.wrong(
                key,
                Text('a text such as %(key)s = "%(like)s"', key=key, like=like),
                value,
            )
        return value

    def one_of(self, key: str, known: Collection[str], default: str) -> str:
        """One of these words."""
        value = self.values.get(key, default)
        if not isinstance(value, str) or value not in known:
            raise self.wrong(
                key, Text("one of %(known)s", known=", ".join(known)), value
            )
        return value

    def whole(self, key: str, default: int, most: int) -> int:
        """A whole number from 1 up."""
        value = self.values.get(key, default)
        if type(value) is not int or not 1 <= value <= most:
            raise self.wrong(
                key, Text("a whole number from 1 to %(most)s", most=most), value
            )
        return value

    def day(self, key: str, like: str) -> date | None:
        """A date without quotes, or None where the key is missing."""
        value = self.values.get(key)
        # A time of day is a date too, to Python.
        if value is not None and type(value) is not date:
            raise self.wrong(
                key,
                Text(
                    "a date without quotes such as %(key)s = %(like)s",
                    key=key,
                    like=like,
                ),
                value,
            )
        return value

    def length(self, key: str, default: float | None = None) -> float:
        """A length in mm."""
        return self._number(key, self.values.get(key, default), Text("a length in mm"))

    def lengths(self, key: str) -> tuple[float, float]:
        """Width and height in mm."""
        value = self.values.get(key)
        like = Text("width and height in mm, such as [105, 148]")
        if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - a pair
            raise self.wrong(key, like, value)
        width, height = (self._number(key, part, like) for part in value)
        return width, height

    def _number(self, key: str, value: object, like: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, like, value)
        return float(value)

    def flag(self, key: str) -> bool:
        """True or false; false where the key is missing."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(key, Text("true or false"), value)
        return value

    def table(self, key: str) -> TomlTable:
        """The table of this name."""
        value = self.values.get(key)
        if not isinstance(value, dict):
            raise self.wrong(f"[{key}]", Text("a table of this name"), value)
        return TomlTable(self.file, f"[{key}] ", value)

    def tables(self, key: str, like: str) -> list[TomlTable]:
        """All tables of this name, each with a name of its own."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(t, dict) for t in value):
            raise self.wrong(f"[[{key}]]", Text("tables of this name"), value)
        found = [TomlTable(self.file, f"[[{key}]] ", table) for table in value]
        seen: set[object] = set()
        for table in found:
            name = table.match("name", NAME, like)
            if name in seen:
                raise table.wrong("name", Text("another name for each"), name)
            seen.add(name)
        return found
