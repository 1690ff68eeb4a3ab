"""The paper fallback: numbered blank forms, and what is entered from them later.

Each form printed has a number of its own. It is entered once, or declared unused; a
number in between that is neither is missing, and stays so on every page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.papers.paper_pdf import form_name
from station.camera_frames import Scan, ScanSource
from station.custody.entry_data.words import SystemEvent
from station.custody.gate import panel, seals_and_condition
from station.custody.load import Load, open_load
from station.errors import OperationRefused, RefusalReason
from station.model import Draft, Instant, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.custody.gate.scanning import Gate, Outcome
    from station.custody.gate.seals_and_condition import Inspection
    from station.ledger.log import Batch
    from station.model import Entry, Json
    from station.storage.database import Connection

MOST_PRINTED = 200
MOST_ROWS = 20
"""Boxes on one form."""
_PAST_EVERY_NUMBER = 2**63
"""SQLite takes no integer from here on."""
OLDEST_MS = 7 * 24 * 3_600_000
"""What happened longer ago is entered from no form."""


@dataclass(frozen=True, slots=True)
class PaperFormRow:
    """One line of a form."""

    code: str
    """As typed: the item id and its check character."""
    at_ms: int
    """When the box passed, as written on the form; UTC milliseconds."""
    looked: Inspection | None = None
    """Its condition and seals, where they were written down."""


@dataclass(frozen=True, slots=True)
class PaperForm:
    """A form that came back, as somebody typed it in."""

    number: int
    load: int
    """Number of the consignment written on it."""
    rows: Sequence[PaperFormRow]


@dataclass(frozen=True, slots=True)
class FormNumbers:
    """What is known of the forms of this station."""

    printed: int
    """The highest number."""
    entered: int
    unused: int
    missing: tuple[int, ...]
    """Below the highest that came back, and neither entered nor declared unused."""


def known(db: Connection) -> FormNumbers:
    """The forms of this station."""
    rows = db.execute(
        "SELECT number, entered_seq, unused_seq FROM form ORDER BY number"
    ).fetchall()
    back = [r for r in rows if r["entered_seq"] or r["unused_seq"]]
    last = back[-1]["number"] if back else 0
    here = {row["number"] for row in back}
    return FormNumbers(
        printed=rows[-1]["number"] if rows else 0,
        entered=sum(row["entered_seq"] is not None for row in rows),
        unused=sum(row["unused_seq"] is not None for row in rows),
        missing=tuple(n for n in range(1, last) if n not in here),
    )


def outstanding(db: Connection) -> list[int]:
    """Numbers that were given out and did not come back, rising."""
    rows = db.execute(
        "SELECT number FROM form WHERE entered_seq IS NULL AND unused_seq IS NULL"
        " ORDER BY number"
    )
    return [row["number"] for row in rows]


def issue(
    batch: Batch, count: int, *, after: int | None = None, actor: str, at: Instant
) -> range:
    """Give out the next numbers; they are in the ledger before they are on paper.

    Args:
        batch: Takes the entry.
        count: How many.
        after: The highest number as who asks saw it; None: whatever it is.
        actor: Who asks.
        at: Now.

    Raises:
        OperationRefused: too many, none, or somebody had numbers since then.
    """
    if after not in {None, known(batch.db).printed}:
        message = f"More forms than {after} were given out meanwhile."
        raise OperationRefused(RefusalReason.CHANGED_MEANWHILE, message)
    if not 1 <= count <= MOST_PRINTED:
        message = f"Expected 1 to {MOST_PRINTED} forms, got {count}."
        raise OperationRefused(RefusalReason.WRONG_COUNT, message, most=MOST_PRINTED)
    first = known(batch.db).printed + 1
    facts = {"first": first, "count": count}
    batch.note(SystemEvent.FORMS, facts, actor=actor, at=at)
    return range(first, first + count)


def enter(gate: Gate, form: PaperForm, *, actor: str) -> list[Outcome]:
    """Record what a form says, each box with the time at which it passed.

    All in one commit: the form is entered with every row, or not at all.

    Raises:
        OperationRefused: no such form, it came back before, its rows are none or too
            many, a time lies ahead or too far back, or the consignment written on it
            is not the one that is open at the gate.
    """
    now = gate.clock()
    with gate.log.writing() as batch:
        _check_out(batch.db, form.number)
        _check_rows(form.rows, now)
        load = _check_load(batch.db, gate.settings.name, form.load)
        if panel.open_holds(batch.db, gate.settings.name):
            message = "The gate is held; settle the hold first."
            raise OperationRefused(RefusalReason.GATE_HELD, message)
        batch.note(
            SystemEvent.FORM,
            {"number": form.number, "rows": len(form.rows)},
            actor=actor,
            at=now,
            gate=gate.settings.name,
            consignment=load.id,
        )
        outcomes = gate.settle(batch, _scans(gate, form, now), actor)
        _record_inspections(batch, gate, form, outcomes, now, actor)
        return outcomes


def _scans(gate: Gate, form: PaperForm, now: Instant) -> list[Scan]:
    return [
        Scan(
            gate.settings.name,
            row.code,
            ScanSource.PAPER,
            Instant(row.at_ms, now.mono_ms),
            form=form.number,
        )
        for row in form.rows
    ]


def _record_inspections(  # noqa: PLR0913, PLR0917 - a form and what became of its rows
    batch: Batch,
    gate: Gate,
    form: PaperForm,
    outcomes: Sequence[Outcome],
    now: Instant,
    actor: str,
) -> None:
    for row, outcome in zip(form.rows, outcomes, strict=True):
        item = outcome.decision.item
        if row.looked is None or item is None or not _counts(outcome):
            continue
        seals_and_condition.record(
            batch,
            gate.settings,
            item,
            row.looked,
            actor=actor,
            at=Instant(row.at_ms, now.mono_ms),
            form=form.number,
        )


def _counts(outcome: Outcome) -> bool:
    """True where the box is on what is open, by this row or by one before it."""
    return outcome.decision.verdict in {Verdict.ACCEPTED, Verdict.REPEATED}


def declare_unused(
    batch: Batch, number: int, reason: str, *, actor: str, at: Instant
) -> Entry:
    """Say of a form that it was spoilt or never written on.

    Raises:
        OperationRefused: no reason, no such form, or it came back before.
    """
    if not reason.strip():
        message = "Say what became of the form."
        raise OperationRefused(RefusalReason.REASON_NEEDED, message)
    _check_out(batch.db, number)
    facts: dict[str, Json] = {"number": number, "reason": reason.strip()}
    return batch.note(SystemEvent.FORM_UNUSED, facts, actor=actor, at=at)


def project(db: Connection, seq: int, draft: Draft) -> None:
    """Bring the table ``form`` up to this entry."""
    data = draft.data
    match data.get("event"):
        case SystemEvent.FORMS:
            first, count = int(str(data["first"])), int(str(data["count"]))
            db.executemany(
                "INSERT INTO form (number, printed_seq) VALUES (?, ?)",
                [(number, seq) for number in range(first, first + count)],
            )
        case SystemEvent.FORM:
            db.execute(
                "UPDATE form SET entered_seq = ? WHERE number = ?",
                (seq, data["number"]),
            )
        case SystemEvent.FORM_UNUSED:
            db.execute(
                "UPDATE form SET unused_seq = ? WHERE number = ?",
                (seq, data["number"]),
            )


def _check_out(db: Connection, number: int) -> None:
    row = None
    if 0 < number < _PAST_EVERY_NUMBER:
        row = db.execute("SELECT * FROM form WHERE number = ?", (number,)).fetchone()
    if row is None:
        message = f"Form {form_name(number)} was not printed here."
        raise OperationRefused(
            RefusalReason.NO_SUCH_FORM, message, form=form_name(number)
        )
    if row["entered_seq"] or row["unused_seq"]:
        message = f"Form {form_name(number)} came back before."
        raise OperationRefused(
            RefusalReason.FORM_ENTERED, message, form=form_name(number)
        )


def _check_load(db: Connection, gate: str, number: int) -> Load:
    """The consignment open at the gate, which is the one written on the form.

    Raises:
        OperationRefused: it is another, or none is open.
    """
    load = open_load(db, gate)
    if load is None:
        message = f"No consignment is open at gate {gate}."
        raise OperationRefused(RefusalReason.NO_CONSIGNMENT, message)
    if load.number != number:
        message = f"The form is for consignment {number}, but {load.number} is open."
        raise OperationRefused(
            RefusalReason.OTHER_CONSIGNMENT,
            message,
            form=f"{number:04d}"[:12],
            open=f"{load.number:04d}",
        )
    return load


def _check_rows(rows: Sequence[PaperFormRow], now: Instant) -> None:
    if not 1 <= len(rows) <= MOST_ROWS:
        message = f"Expected 1 to {MOST_ROWS} rows, got {len(rows)}."
        raise OperationRefused(RefusalReason.WRONG_COUNT, message, most=MOST_ROWS)
    for row in rows:
        if not now.wall_ms - OLDEST_MS <= row.at_ms <= now.wall_ms:
            message = f"Expected a time of the last 7 days for {row.code}."
            raise OperationRefused(RefusalReason.WRONG_TIME, message, item=row.code)
