"""Kinds of election and their counts, against what the station is set to expect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.intake.problem import Problem, ProblemKind, Weight
from station.language import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from station.intake.polling_stations import StationRow
    from station.intake.row_sorting import Rows
    from station.intake.table import Table
    from station.model import Ballot
    from station.settings.election_profiles import Election

    Figure = tuple[StationRow, Ballot]

_NAMED = 6
"""Cells that a sentence names before it says how many more there are."""


def kinds_outside(table: Table, election: Election) -> Iterator[Problem]:
    """Columns of kinds that this election does not hold."""
    for ballot in table.header.ballots:
        if ballot not in election.kinds:
            title = table.title(table.header.columns[ballot][0])
            kinds = ", ".join(election.kinds)
            yield table.problem(
                ProblemKind.KIND_OUTSIDE,
                Weight.DOUBT,
                title=title,
                read=title,
                kinds=f"{kinds} ({election.id})",
            )


def kinds_empty(table: Table, rows: Rows, election: Election) -> Iterator[Problem]:
    """Columns of kinds without a single count, where all kinds are expected."""
    if election.subset or not rows.data:
        return
    for ballot in table.header.ballots:
        if ballot in election.kinds and not any(r.text(ballot) for r in rows.data):
            title = table.title(table.header.columns[ballot][0])
            yield table.problem(ProblemKind.KIND_EMPTY, Weight.DOUBT, title=title)


def kinds_missing(
    table: Table,
    rows: Sequence[StationRow],
    election: Election,
    registered: Collection[str] | None,
) -> Iterator[Problem]:
    """Kinds of this election without a column, where all of them are expected.

    A file about TPS that are registered takes nothing away; a new TPS would get no box
    of such a kind.
    """
    missing = [kind for kind in election.kinds if kind not in table.header.columns]
    if not missing or election.subset:
        return
    new = registered is not None and any(
        row.key and row.key not in registered for row in rows
    )
    weight = Weight.DOUBT if new else Weight.NOTE
    yield table.problem(ProblemKind.KIND_MISSING, weight, column=", ".join(missing))


def none_held(rows: Sequence[StationRow], election: Election) -> Iterator[Problem]:
    """Counts of 0 or ``-``, where every TPS is expected to hold every kind."""
    if election.subset:
        return
    for kind in election.kinds:
        none: list[Figure] = [
            (row, kind)
            for row in rows
            if not row.problems and kind not in row.unsaid and kind not in row.sheets
        ]
        if none:
            yield _told(none, ProblemKind.KIND_NONE, Weight.DOUBT)


def formula(rows: Sequence[StationRow], election: Election) -> Iterator[Problem]:
    """Where the papers are not DPT and reserve: KPU's own counts win all the same.

    Fewer papers than voters, or more than twice the reserve over them, are doubts.
    """
    sound = [row for row in rows if not row.problems]
    other: list[Figure] = [
        (row, kind)
        for row in sound
        for kind, papers in row.sheets.items()
        if papers != election.papers(row.dpt or 0)
    ]
    for trouble, few in (
        (ProblemKind.FEWER_THAN_DPT, True),
        (ProblemKind.FAR_OVER_DPT, False),
    ):
        doubtful = [one for one in other if _is_far(*one, election, few=few)]
        if doubtful:
            yield _told(doubtful, trouble, Weight.DOUBT, **_facts(doubtful, election))
    near = [
        one
        for one in other
        if not any(_is_far(*one, election, few=few) for few in (True, False))
    ]
    if near:
        facts = _facts(near, election)
        yield _told(near, ProblemKind.FORMULA_DIFFERS, Weight.NOTE, **facts)


def _is_far(row: StationRow, kind: Ballot, election: Election, *, few: bool) -> bool:
    dpt, papers = row.dpt or 0, row.sheets[kind]
    if few:
        return papers < dpt
    return papers > dpt + 2 * (election.papers(dpt) - dpt)


def _facts(figures: Sequence[Figure], election: Election) -> dict[str, object]:
    dpt = figures[0][0].dpt or 0
    percent = f"{election.reserve_permille / 10:g}".replace(".", ",")
    return {"dpt": dpt, "wanted": election.papers(dpt), "percent": percent}


def _told(
    figures: Sequence[Figure], trouble: ProblemKind, weight: Weight, **facts: object
) -> Problem:
    """One problem for all of them: the first one's cell, the next by their names."""
    row, kind = figures[0]
    names = ", ".join(_name(*one) for one in figures[1 : _NAMED + 1])
    left = len(figures) - 1 - _NAMED
    more = Text("; begitu pula %(names)s", names=names) if names else ""
    if left > 0:
        more = Text(
            "%(more)s dan %(left)s lain (%(count)s angka)",
            more=more,
            left=left,
            count=len(figures),
        )
    return row.line.problem(trouble, kind, weight=weight, more=more, **facts)


def _name(row: StationRow, kind: Ballot) -> str:
    table = row.line.table
    place = table.header.columns[kind][0]
    cell = table.grid.cell(row.line.index, place)
    number = table.grid.numbers[row.line.index]
    return cell or f"baris {number} {table.title(place)}"
