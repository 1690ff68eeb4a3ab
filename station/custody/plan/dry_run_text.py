"""A plan and what it would change, in lines for a terminal or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from station.custody.plan.dry_run import Proposal
    from station.custody.plan.plan_records import Imported, Plan


def problems(plan: Plan) -> Iterator[str]:
    """Everything wrong, one sentence each."""
    for problem in plan.problems:
        yield str(problem)


def lines(plan: Plan, change: Proposal) -> Iterator[str]:
    """How the files were read, and what recording them would change."""
    for one in plan.readings:
        sheet = "" if one.sheet is None else f" / {one.sheet}"
        yield (
            f"{one.file}{sheet}: {one.kind}, {one.form}, header in row "
            f"{one.header_row}, {one.rows} rows"
        )
        yield "  " + ", ".join(
            f"{title} = {meaning or '-'}" for title, meaning in one.columns if title
        )
        for row in one.understood:
            yield f"  Read as: {row}"
    agreed = sum(check.agrees for check in plan.checks)
    if plan.checks:
        yield f"Sums stated in the files: {agreed} of {len(plan.checks)} agree."
    for note in plan.notes:
        yield f"Note: {note}"
    yield (
        f"New: {len(change.new_areas)} areas, {len(change.new_stations)} polling "
        f"stations, {change.boxes} boxes. Changed: {len(change.changed_areas)} areas, "
        f"{len(change.changed_stations)} polling stations. Unchanged: "
        f"{change.unchanged}. Held: {len(plan.held)} problems, "
        f"{len(plan.waiting)} polling stations open."
    )
    yield from _listed(
        "Changed",
        [f"{c.what} {c.field}: {c.old or '-'} -> {c.new}" for c in change.changes],
    )
    yield from _listed("Open", plan.waiting)
    yield from _listed("Special", change.special)
    yield from _listed(
        "Box that is no longer wanted there (kind not held, or boxes_per_ppk lowered),"
        " to be voided",
        change.surplus,
    )
    yield from _listed("Registered and not in the files, stays", change.absent)


def done(imported: Imported) -> str:
    """What was recorded, in a sentence."""
    sentence = (
        f"Recorded {imported.areas} areas, {imported.stations} polling stations, "
        f"{imported.boxes} boxes."
    )
    if imported.held:
        sentence += (
            f" {imported.held} rows held, {imported.waiting} polling stations open."
        )
    return sentence


def _listed(what: str, things: Sequence[str]) -> Iterator[str]:
    """Every one of them: what is cut off is what nobody looks for."""
    for thing in things:
        yield f"{what}: {thing}"
