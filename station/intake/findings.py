"""What was read from a plan's files, and everything wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from station.intake.areas import AreaRow
    from station.intake.plan_values import Check, TableReading
    from station.intake.polling_stations import StationRow
    from station.intake.problem import Problem
    from station.intake.uploaded_file import PlanFile


@dataclass(slots=True)
class Findings:
    """What the files hold; rows with problems among the others."""

    sources: list[PlanFile] = field(default_factory=list)
    readings: list[TableReading] = field(default_factory=list)
    areas: list[AreaRow] = field(default_factory=list)
    stations: list[StationRow] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    doubts: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)
    """Files of which nothing was read, beside others."""
