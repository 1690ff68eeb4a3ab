"""What is open or held at a gate that station.toml no longer has as it was.

A hold and an open consignment name their gate. Under another name, or for the other
direction, nobody could end either, and the line would run on as if nothing were held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.model import Phase, Step
from station.refusal import StationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.config import GateSettings
    from station.database import Connection

_STEPS = {Phase.LOADING: Step.LOADING, Phase.ARRIVING: Step.ACCEPTING}


def let_pass(db: Connection, gates: Sequence[GateSettings]) -> None:
    """Let gates pass at which all that is open can be ended.

    Raises:
        StationError: something is open at a gate that is not among them, or that now
            serves the other direction.
    """
    steps = {gate.name: gate.step for gate in gates}
    for row in db.execute(
        "SELECT gate, seq FROM hold WHERE acknowledged_seq IS NULL ORDER BY seq"
    ):
        _let_known_pass(row["gate"], f"is held by entry {row['seq']}", steps)
    for row in db.execute(
        "SELECT gate, id, phase FROM consignment"
        " WHERE phase IN ('loading', 'arriving') ORDER BY number"
    ):
        gate, needed = row["gate"], _STEPS[Phase(row["phase"])]
        _let_known_pass(gate, f"has consignment {row['id']} open", steps)
        if steps[gate] is not needed:
            raise StationError(
                f"Expected gate {gate} to keep its step, since consignment {row['id']} "
                f'is open there: write step = "{needed}" in its [[gate]] again, got '
                f'"{steps[gate]}"; change it once the consignment is closed.'
            )


def _let_known_pass(gate: str, what: str, known: dict[str, Step]) -> None:
    """Let a gate pass that station.toml has.

    Raises:
        StationError: it has not.
    """
    if gate not in known:
        raise StationError(
            f"Expected a [[gate]] {gate} in station.toml, got {', '.join(known)}: "
            f'{gate} {what}. Write name = "{gate}" again; rename it once that is '
            "settled on its page."
        )
