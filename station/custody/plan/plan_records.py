"""A plan as read from its files, and the result of recording it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from station.intake.problem import Weight

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from station.intake.plan_values import Area, Check, PollingStation, TableReading
    from station.intake.problem import Problem
    from station.settings.election_profiles import Election


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the files say; recorded only when nothing stands in the way."""

    election: Election
    areas: Mapping[str, Area]
    """Sound rows by code; in the order in which parents come first."""
    stations: Mapping[str, PollingStation]
    """Sound rows by id, in the files' order."""
    sha256: Mapping[str, str]
    """Digest of each file read, by its name."""
    problems: Sequence[Problem]
    """Rows held and sums that do not agree, in the files' order; none: recordable."""
    notes: Sequence[Problem]
    """What the clerk should know; nothing is in the way."""
    checks: Sequence[Check]
    """Sums that the files state themselves."""
    readings: Sequence[TableReading]
    """How each table was understood."""
    held_rows: int
    """How many rows or whole files are held; each has a problem or more."""
    waiting: Sequence[str]
    """Ids of TPS whose row is held, in areas that are known: still open."""
    accepted: bool = False
    """True where the clerk chose to record the sound rows alone."""

    @property
    def held(self) -> list[Problem]:
        """The problems of rows."""
        return [p for p in self.problems if p.weight is Weight.HELD]

    def good_rows(self) -> Plan:
        """The same plan, to be recorded without the rows that are held."""
        return replace(self, accepted=True)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a plan became."""

    areas: int
    stations: int
    boxes: int
    held: int = 0
    """Rows that were left out because something is wrong with them."""
    waiting: int = 0
    """TPS that are still open because of it."""
