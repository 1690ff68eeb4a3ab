"""A plan and what it would change, in lines for a terminal or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.intake.header_recognition import TableKind
from station.intake.problem_groups import grouped
from station.language import Text, joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from station.custody.plan.dry_run import Proposal
    from station.custody.plan.plan_records import Imported, Plan
    from station.intake.plan_values import TableReading

_KINDS = {
    TableKind.AREAS: Text("areas"),
    TableKind.STATIONS: Text("polling stations"),
    TableKind.RECAP: Text("recapitulation"),
}


def problems(plan: Plan, *, all_rows: bool = False) -> Iterator[Text]:
    """Everything wrong, one sentence for each cause.

    Args:
        plan: As it was read.
        all_rows: Under each cause, list every row that has it.
    """
    for group in grouped(plan.problems):
        yield group.text
        if all_rows and len(group.problems) > 1:
            for problem in group.problems:
                yield Text("  %(problem)s", problem=problem.text)


def lines(plan: Plan, change: Proposal) -> Iterator[Text]:
    """How the files were read, and what recording them would change."""
    for one in plan.readings:
        yield from _reading(one)
    if plan.checks:
        yield Text(
            "Sums stated in the files: %(agreed)s of %(count)s agree.",
            agreed=sum(check.agrees for check in plan.checks),
            count=len(plan.checks),
        )
    for group in grouped(plan.notes):
        yield Text("Note: %(note)s", note=group.text)
    yield Text(
        "New: %(new_areas)s areas, %(new_stations)s polling stations, %(boxes)s boxes. "
        "Changed: %(changed_areas)s areas, %(changed_stations)s polling stations. "
        "Unchanged: %(unchanged)s. Held: %(held)s problems, %(open)s polling stations "
        "open.",
        new_areas=len(change.new_areas),
        new_stations=len(change.new_stations),
        boxes=change.boxes,
        changed_areas=len(change.changed_areas),
        changed_stations=len(change.changed_stations),
        unchanged=change.unchanged,
        held=len(grouped(plan.held)),
        open=len(plan.waiting),
    )
    yield from _listed(
        Text("Changed"),
        [f"{c.what} {c.field}: {c.old or '-'} -> {c.new}" for c in change.changes],
    )
    yield from _listed(Text("Open"), plan.waiting)
    yield from _listed(Text("Special"), change.special)
    yield from _listed(
        Text(
            "Box that is no longer wanted there (kind not held, or boxes_per_ppk "
            "lowered), to be voided"
        ),
        change.surplus,
    )
    yield from _listed(
        Text("Registered and not in the files, stays registered"), change.absent
    )


def done(imported: Imported) -> Text:
    """What was recorded, in a sentence."""
    recorded = Text(
        "Recorded %(areas)s areas, %(stations)s polling stations, %(boxes)s boxes.",
        areas=imported.areas,
        stations=imported.stations,
        boxes=imported.boxes,
    )
    if not imported.held:
        return recorded
    held = Text(
        "%(rows)s rows held, %(open)s polling stations open.",
        rows=imported.held,
        open=imported.waiting,
    )
    return joined([recorded, held], " ")


def _reading(one: TableReading) -> Iterator[Text]:
    """How one table was understood."""
    yield Text(
        "%(table)s: %(kind)s, %(form)s, header in row %(header_row)s, %(rows)s rows",
        table=one.file if one.sheet is None else f"{one.file} / {one.sheet}",
        kind=_KINDS[one.kind],
        form=one.form,
        header_row=one.header_row,
        rows=one.rows,
    )
    columns = joined(
        f"{title} = {meaning or '-'}" for title, meaning in one.columns if title
    )
    yield Text("  %(columns)s", columns=columns)
    for row in one.understood:
        yield Text("  Read as: %(row)s", row=row)


def _listed(what: Text, things: Sequence[str]) -> Iterator[Text]:
    """Every one of them: what is cut off is what nobody looks for."""
    for thing in things:
        yield Text("%(what)s: %(thing)s", what=what, thing=thing)
