"""What a workbook says beside its values: what is hidden, merged, not calculated.

The spreadsheet reader gives values alone (tafia/calamine#237: hidden rows are not
planned), so the XML of XLSX and ODS is read once more for the rest.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from station.intake.grid import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, Span
from station.intake.unreadable_file import (
    UnreadableError,
    locked,
    no_workbook,
    too_large,
    too_many_columns,
    too_many_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_BYTES = 400_000_000
"""Of all parts of a workbook, unpacked."""
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ET.ParseError,
    LookupError,  # a part that is missing, an encoding that nobody knows
    ArithmeticError,
    ValueError,
    EOFError,
    OSError,
)
"""What broken bytes make the readers of ZIP and XML raise."""
_PART = re.compile("([A-Z]{1,3})([0-9]{1,7})")
_LETTERS = 26
_VALUES = frozenset(
    f"{kind}value" for kind in ("", "string-", "boolean-", "date-", "time-")
) | {"value-type"}
"""Attributes of an ODS cell, any of which makes the reader give it a value."""
_MANIFEST = "META-INF/manifest.xml"
"""Of an ODS: says of each part whether a password locks it."""


@dataclass(slots=True)
class SheetFlags:
    """What one sheet says beside its values."""

    hidden_rows: set[int] = field(default_factory=set)
    """From 1."""
    hidden_columns: set[int] = field(default_factory=set)
    """From 0."""
    uncalculated: set[tuple[int, int]] = field(default_factory=set)
    """Row from 1, column from 0."""
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    """Cells, (row, column) from 0, that show an error such as ``#REF!``; the reader
    gives them as empty."""
    merged: list[Span] = field(default_factory=list)
    """Of ODS; the reader tells those of XLSX and XLS itself."""
    rows: int = 0
    columns: int = 0
    """How far the cells with a value reach."""
    last_told: int = 0
    """The row, from 1, that made it reach so far: of many alike, the first."""

    def reach(self, first: int, last: int) -> None:
        """Note rows, from 1, that hold a value: one, or many alike."""
        if last > self.rows:
            self.rows, self.last_told = last, first


def read(raw: bytes, name: str) -> dict[str, SheetFlags] | None:
    """The facts of each sheet by its name; None where the form does not tell (XLS).

    Raises:
        UnreadableError: no sound workbook, or one larger than any plan.
    """
    if not raw.startswith(b"PK"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            facts = _read(archive, name)
    except _BROKEN as error:
        raise UnreadableError(*no_workbook(name, error)) from error
    except (NotImplementedError, RuntimeError) as error:  # packed or locked otherwise
        raise UnreadableError(*locked(name)) from error
    for sheet, found in (facts or {}).items():
        if found.rows > MOST_ROWS:
            raise UnreadableError(*too_many_rows(name, sheet, found.last_told))
        if found.columns > MOST_COLUMNS:
            raise UnreadableError(*too_many_columns(name, found.columns))
        if found.rows * found.columns > MOST_CELLS:
            raise UnreadableError(*too_large(name))
    return facts


def _read(archive: zipfile.ZipFile, name: str) -> dict[str, SheetFlags] | None:
    """The same of an opened file.

    Raises:
        UnreadableError: its parts would fill the memory, or have a password.
    """
    if sum(part.file_size for part in archive.infolist()) > _MOST_BYTES:
        raise UnreadableError(*too_large(name))
    parts = set(archive.namelist())
    if _MANIFEST in parts and b"encryption-data" in archive.read(_MANIFEST):
        raise UnreadableError(*locked(name))
    if "xl/workbook.xml" in parts:
        return _xlsx(archive)
    return _ods(archive) if "content.xml" in parts else None


def _parse(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, ET.Element]]:
    """Each element as it begins and ends.

    Raises:
        ValueError: it has a document type, which no spreadsheet has.
    """
    with archive.open(part) as stream:
        if b"<!DOCTYPE" in stream.read(2000):
            raise ValueError("DOCTYPE")
    with archive.open(part) as stream:
        # Entities cannot be declared without a document type.
        yield from ET.iterparse(stream, ("start", "end"))  # noqa: S314


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _get(element: ET.Element, name: str) -> str | None:
    """An attribute whatever its namespace."""
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return value
    return None


# --- XLSX --------------------------------------------------------------------


def _xlsx(archive: zipfile.ZipFile) -> dict[str, SheetFlags]:
    targets = {
        _get(element, "Id"): _get(element, "Target") or ""
        for event, element in _parse(archive, "xl/_rels/workbook.xml.rels")
        if event == "end" and _tag(element) == "Relationship"
    }
    sheets: dict[str, str] = {}
    recalculated = False
    for event, element in _parse(archive, "xl/workbook.xml"):
        if event == "end" and _tag(element) == "sheet":
            target = targets.get(_get(element, "id"), "")
            sheets[element.get("name") or ""] = target
        if event == "end" and _tag(element) == "calcPr":
            recalculated = element.get("fullCalcOnLoad") in {"1", "true"}
    facts = {}
    for name, target in sheets.items():
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if "worksheets/" in part and part in archive.namelist():
            facts[name] = _xlsx_sheet(archive, part, recalculated=recalculated)
    return facts


def _xlsx_sheet(
    archive: zipfile.ZipFile, part: str, *, recalculated: bool
) -> SheetFlags:
    """One sheet.

    Args:
        archive: the workbook.
        part: path of the sheet in it.
        recalculated: the program that wrote it left the results to the next one.
    """
    facts = SheetFlags()
    row = 0
    for event, element in _parse(archive, part):
        tag = _tag(element)
        hidden = element.get("hidden") in {"1", "true"}
        if (event, tag) == ("start", "row"):
            row = int(element.get("r") or row + 1)
            facts.hidden_rows.update({row} if hidden else ())
        elif (event, tag) == ("end", "row"):
            element.clear()
        elif (event, tag) == ("end", "c"):
            _xlsx_cell(facts, element, recalculated=recalculated)
        elif (event, tag, hidden) == ("end", "col", True):
            _hide(facts, int(element.get("min") or 1), int(element.get("max") or 1))
    return facts


def _hide(facts: SheetFlags, first: int, last: int) -> None:
    facts.hidden_columns.update(range(first - 1, min(last, 16_384)))


def _xlsx_cell(facts: SheetFlags, element: ET.Element, *, recalculated: bool) -> None:
    place = _PART.fullmatch(element.get("r") or "")
    if place is None:
        return
    row, column = int(place[2]), _column(place[1])
    children = {_tag(child): child for child in element}
    if "v" in children or "is" in children:
        facts.reach(row, row)
        facts.columns = max(facts.columns, column)
    result = children["v"].text if "v" in children else None
    if element.get("t") == "e":
        facts.errors[row - 1, column - 1] = result or "#ERROR"
    # A writer without a calculator leaves no result, or a zero to be replaced.
    if "f" in children and (not result or (recalculated and result == "0")):
        facts.uncalculated.add((row, column - 1))


def _column(letters: str) -> int:
    """The number of a column from 1."""
    number = 0
    for letter in letters:
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number


# --- ODS ---------------------------------------------------------------------


def _ods(archive: zipfile.ZipFile) -> dict[str, SheetFlags]:
    sheets: dict[str, SheetFlags] = {}
    walk = _OdsWalk(SheetFlags())
    for event, element in _parse(archive, "content.xml"):
        tag = _tag(element)
        if event == "start":
            if tag == "table":
                walk = _OdsWalk(SheetFlags())
                sheets[_get(element, "name") or ""] = walk.facts
        elif tag == "table-column":
            walk.end_column(element)
        elif tag in {"table-cell", "covered-table-cell"}:
            walk.end_cell(element)
        elif tag == "table-row":
            walk.end_row(element)
            element.clear()  # or a large sheet would fill the memory
    return sheets


class _OdsWalk:
    """Where a reading of an ODS sheet stands; rows and cells may be repeated."""

    def __init__(self, facts: SheetFlags) -> None:
        self.facts = facts
        self._row = 0
        self._column = 0
        self._columns = 0
        self._filled = False

    def end_column(self, element: ET.Element) -> None:
        """A column's format, for as many columns as it is repeated."""
        repeated = int(_get(element, "number-columns-repeated") or 1)
        if _get(element, "visibility") in {"collapse", "filter"}:
            _hide(self.facts, self._columns + 1, self._columns + repeated)
        self._columns += repeated

    def end_cell(self, element: ET.Element) -> None:
        """A cell, or as many alike as it is repeated."""
        repeated = int(_get(element, "number-columns-repeated") or 1)
        rows = int(_get(element, "number-rows-spanned") or 1)
        columns = int(_get(element, "number-columns-spanned") or 1)
        at = (self._row, self._column)
        if rows * columns > 1:
            last = (at[0] + rows - 1, at[1] + columns - 1)
            self.facts.merged.append((at, last))
        kind = _get(element, "value-type")
        if any(v == "error" for v in element.attrib.values()):
            self.facts.errors[at] = "".join(element.itertext()).strip() or "#ERROR"
        if _get(element, "formula") is not None and kind is None:
            self.facts.uncalculated.add((self._row + 1, self._column))
        self._column += repeated
        if any(key.rpartition("}")[2] in _VALUES for key in element.attrib):
            self.facts.columns = max(self.facts.columns, self._column)
            self._filled = True

    def end_row(self, element: ET.Element) -> None:
        """A row, or as many alike as it is repeated."""
        repeated = int(_get(element, "number-rows-repeated") or 1)
        if _get(element, "visibility") in {"collapse", "filter"}:
            # Only as far as there are values; a format may reach the last row.
            last = min(self._row + repeated, self._row + 100_000)
            self.facts.hidden_rows.update(range(self._row + 1, last + 1))
        if self._filled:
            self.facts.reach(self._row + 1, self._row + repeated)
        self._row += repeated
        self._column = 0
        self._filled = False
