"""What is open or held at a gate that station.toml no longer has as it was.

A hold and an open consignment name their gate. Under another name, or for the other
direction or place, nobody could end either, and the line would run on as if nothing
were held. A leg that was used stays in the settings: the board counts along them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.errors import StationError
from station.language import Text
from station.leg import Leg
from station.model import Phase, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Connection

_STEPS = {Phase.LOADING: Step.LOADING, Phase.ARRIVING: Step.ACCEPTING}


def require_no_open_work(
    db: Connection, gates: Sequence[GateSettings], legs: Sequence[Leg]
) -> None:
    """Let gates pass at which all that is open can be ended, and legs with those used.

    Raises:
        StationError: something is open at a gate that is not among them, or that now
            serves the other direction or another place; a used leg is missing.
    """
    _let_legs_pass(db, legs)
    known = {gate.name: gate for gate in gates}
    for row in db.execute(
        "SELECT gate, seq FROM hold WHERE acknowledged_seq IS NULL ORDER BY seq"
    ):
        held = Text("is held by entry %(seq)s", seq=row["seq"])
        _let_known_pass(row["gate"], held, known)
    for row in db.execute(
        "SELECT gate, id, phase, leg, source, destination FROM consignment"
        " WHERE phase IN ('loading', 'arriving') ORDER BY number"
    ):
        gate, needed = row["gate"], _STEPS[Phase(row["phase"])]
        busy = Text("has consignment %(consignment)s open", consignment=row["id"])
        _let_known_pass(gate, busy, known)
        now = known[gate]
        if now.step is not needed:
            raise StationError(
                "Expected gate %(gate)s to keep its step, since consignment "
                '%(consignment)s is open there: write step = "%(needed)s" in its '
                '[[gate]] again, got "%(step)s"; change it once the consignment is '
                "closed.",
                gate=gate,
                consignment=row["id"],
                needed=needed,
                step=now.step,
            )
        place = row["source" if needed is Step.LOADING else "destination"]
        if not now.serves(Leg.parse(row["leg"]), place):
            raise StationError(
                "Expected gate %(gate)s to keep its place, since consignment "
                "%(consignment)s is open there on the leg %(leg)s: write at and "
                "area in its [[gate]] as they were; change them once it is closed.",
                gate=gate,
                consignment=row["id"],
                leg=row["leg"],
            )


def _let_legs_pass(db: Connection, legs: Sequence[Leg]) -> None:
    names = [leg.name for leg in legs]
    for row in db.execute("SELECT leg, min(id) AS id FROM consignment GROUP BY leg"):
        if row["leg"] not in names:
            raise StationError(
                "Expected %(leg)s among legs in station.toml, since "
                "%(consignment)s went that way, got %(names)s: write it there "
                "again.",
                leg=row["leg"],
                consignment=row["id"],
                names=", ".join(names),
            )


def _let_known_pass(gate: str, what: str, known: Mapping[str, GateSettings]) -> None:
    """Let a gate pass that station.toml has.

    Raises:
        StationError: it has not.
    """
    if gate not in known:
        raise StationError(
            "Expected a [[gate]] %(gate)s in station.toml, got %(known)s: %(gate)s "
            '%(what)s. Write name = "%(gate)s" again; rename it once that is '
            "settled on its page.",
            gate=gate,
            known=", ".join(known),
            what=what,
        )
