"""The reference of every entry type and field, as Markdown (``docs/entries.md``).

It is made from the shapes that entries are checked against: a test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.custody.entry_data.check import SHAPES
from station.model import EntryType

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from station.custody.entry_data.fields import DataField, EntryShape

BODY = (
    ("v", "1", "Version of this form."),
    ("log", "text", "Origin of the log, `jejak/<kab/kota>/<place>/g<generation>`."),
    ("seq", "whole number from 0", "Place in the log; also the index of the leaf."),
    ("type", "one of the types below", "What the entry records."),
    ("event_ms", "UTC milliseconds", "When it happened, as far as the clock knows."),
    ("entry_ms", "UTC milliseconds", "When the entry was appended."),
    ("boot", "26 characters", "Names the run of the station."),
    ("mono_ms", "milliseconds", "A clock that never goes back within one `boot`."),
    (
        "clock",
        "one of `ok`, `back`, `jump`, `unset`",
        "How far `entry_ms` can be believed, seen from the entry before.",
    ),
    ("actor", "person id, or `system`", "Who did it."),
    ("second", "person id, or null", "Who signed it as the second person."),
    ("place", "text", "Where the station or gate is."),
    ("gate", "text, or null", "Name of the gate."),
    ("items", "list: item id or range", "What it is about; `first..last` is a range."),
    ("verdict", "text, or null", "What a scan was; null where there was none."),
    ("consignment", "consignment id, or null", "The consignment it is about."),
    ("evidence", "list: SHA-256 in hexadecimal", "Pictures kept with it."),
    ("corrects", "seq, or null", "The earlier entry that this one declares wrong."),
    ("data", "object", "Fields of the type; see below."),
)
"""The fields of every entry: name, JSON, meaning."""

TYPES = {
    EntryType.REGISTRY: "The log, the plan, people, and linked labels.",
    EntryType.COMMISSIONING: "Labels were issued (CBV: commissioning).",
    EntryType.DECOMMISSIONING: "Labels were taken out of use (CBV: decommissioning).",
    EntryType.PACKING: "Bundles were packed into a box (CBV: packing).",
    EntryType.CONSIGNMENT: "The life of a consignment beside departure and arrival.",
    EntryType.LOADING: "Scanned onto the truck (CBV: loading).",
    EntryType.UNLOADING: "Taken off the truck (CBV: unloading).",
    EntryType.DEPARTING: "A consignment departed (CBV: departing).",
    EntryType.ARRIVING: "A consignment arrived (CBV: arriving).",
    EntryType.ACCEPTING: "Counted in at the other end (CBV: accepting).",
    EntryType.REFUSED: "A scan that counted nothing.",
    EntryType.INSPECTING: "Somebody looked at an item (CBV: inspecting).",
    EntryType.ERROR_DECLARATION: "An entry is wrong (EPCIS: error declaration).",
    EntryType.SYSTEM: "The station itself, its people and its paper.",
}
"""What each type is for."""

_INTRO = """\
# Entries of the ledger

Made by `python .ci/entries` from the code that checks entries; do not edit it.

An entry is one JSON object in canonical form (RFC 8785). Its bytes never change, and
every release reads what earlier ones wrote. `jejak verify` refuses an entry whose
`data` is not listed here: either a newer release wrote it, or no release did.

In the tables, *optional* fields may be absent; all others are always there. *Since* is
the release that first wrote a field.
"""


def markdown() -> str:
    """The whole reference, with a line feed at its end."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _INTRO
    yield "## Fields of every entry\n"
    yield from _table(
        ("Field", "JSON", "Meaning"), [_row(f"`{n}`", *m) for n, *m in BODY]
    )
    for entry_type, meaning in TYPES.items():
        yield f"## {entry_type}\n"
        yield f"{meaning}\n"
        shapes = [shape for shape in SHAPES if shape.type is entry_type]
        if not shapes:
            yield "No release has written such an entry yet.\n"
        for shape in shapes:
            yield from _shape(shape)
    for title, fields in _objects().items():
        yield f"## {title}\n"
        yield from _fields(fields)


def _shape(shape: EntryShape) -> Iterator[str]:
    if shape.word is not None:
        yield f"### {shape.type}, {shape.word_field} `{shape.word}`\n"
    yield f"{shape.meaning}\n"
    if shape.whole:
        yield from _fields(shape.whole)
    else:
        yield "`data` is empty.\n"


def _fields(fields: Sequence[DataField]) -> Iterator[str]:
    rows = [
        _row(
            f"`{field.name}`",
            field.kind.name + (", optional" if field.optional else ""),
            field.meaning,
            field.since,
        )
        for field in fields
    ]
    return _table(("Field", "JSON", "Meaning", "Since"), rows)


def _objects() -> dict[str, tuple[DataField, ...]]:
    """The objects within ``data`` that have fields of their own, by name."""
    found: dict[str, tuple[DataField, ...]] = {}
    waiting = [field for shape in SHAPES for field in shape.fields]
    for field in waiting:
        if field.kind.fields and field.kind.name not in found:
            found[field.kind.name] = field.kind.fields
            waiting += field.kind.fields
    return {name.partition(" (")[0].capitalize(): f for name, f in found.items()}


def _table(head: Sequence[str], rows: Sequence[str]) -> Iterator[str]:
    yield _row(*head)
    yield _row(*["---"] * len(head))
    yield from rows
    yield ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
