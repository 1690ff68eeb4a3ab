"""CSV as somebody saved it: encoding and separator are found, lines are counted."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from typing import TYPE_CHECKING

from station.intake import header_recognition
from station.intake.grid import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, Grid
from station.intake.unreadable_file import (
    UnreadableError,
    too_large,
    too_many_columns,
    too_many_rows,
)
from station.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

DELIMITERS = {
    ";": Text("titik koma"),
    ",": Text("koma"),
    "\t": Text("tab"),
    "|": Text("garis tegak"),
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LOST = "\N{REPLACEMENT CHARACTER}"
_SAMPLE = 60
"""Records that are looked at to find the separator."""
_SEP = re.compile(r"sep=(.)\r?\n")
"""Excel's own first line."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
"""One in fifty of them is no text; a single one is for its row to say."""
_LOOKED_AT = 10_000
_NEAR = 50
"""Lines from a quote to what does not fit it, within which the latter is named."""


class _QuoteError(csv.Error):
    """A record that does not end where its quotes say."""

    def __init__(self, said: str, first: int, last: int) -> None:
        super().__init__(said)
        lines = f"baris {first}"
        # A quote that is never closed runs to the end of the file: only where it
        # begins helps.
        near = first < last <= first + _NEAR
        self.where = f"di {lines} sampai {last}" if near else f"di {lines}"


def decode(raw: bytes, name: str) -> tuple[str, str]:
    """The text and the encoding it was found in.

    UTF-8 with or without its mark, UTF-16, UTF-32, else Windows-1252, which
    Indonesian Windows writes where a program saves "ANSI".

    Raises:
        UnreadableError: it is no text.
    """
    for encoding in _encodings(raw):
        try:
            found = raw.decode(encoding).removeprefix("\ufeff")
        except UnicodeError:
            continue
        odd = len(_CONTROL.findall(found[:_LOOKED_AT]))
        if "\0" not in found and odd * 50 <= len(found[:_LOOKED_AT]):
            return found, encoding.removesuffix("-sig")
    lossy = _lossy(raw)
    if lossy is not None:
        return lossy
    raise UnreadableError(
        name,
        Text("berkas CSV, XLSX, ODS atau XLS"),
        Text("berkas yang bukan teks"),
        Text("simpan ulang sebagai CSV UTF-8 atau XLSX"),
    )


def _lossy(raw: bytes) -> tuple[str, str] | None:
    """A text with a few bytes that no encoding explains: each becomes U+FFFD."""
    encoding = "utf-8" if _is_mostly_utf8(raw) else "cp1252"
    found = raw.decode(encoding, "replace").removeprefix("\ufeff")
    lost = found.count(LOST)
    if "\0" in found or lost * 20 > len(found):
        return None
    return found, f"{encoding}, {lost} byte rusak"


def _is_mostly_utf8(raw: bytes) -> bool:
    """True where more letters beyond ASCII make sense in UTF-8 than do not."""
    found = raw.decode("utf-8", "replace")
    return found.count(LOST) * 2 <= sum(sign > "\x7f" for sign in found)


def _encodings(raw: bytes) -> Iterator[str]:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            yield encoding
            return
    # Without a mark, every second byte of Latin letters in UTF-16 is zero.
    sample = raw[:2000]
    if sample[1::2].count(0) > len(sample) // 4:
        yield "utf-16-le"
    if sample[0::2].count(0) > len(sample) // 4:
        yield "utf-16-be"
    yield "utf-8"
    # One broken byte does not make a file of UTF-8 another encoding.
    if not _is_mostly_utf8(raw):
        yield "cp1252"


def read(found: str, name: str) -> tuple[Grid, str]:
    """The cells of a text, and its separator.

    Raises:
        UnreadableError: it is no CSV, or has more rows than any plan.
    """
    given = _SEP.match(found)
    delimiter = given[1] if given else _sniff(found)
    try:
        records = list(_within(_records(found, delimiter), name))
    except _QuoteError as error:
        raise UnreadableError(
            name,
            Text("CSV"),
            Text(
                "tanda kutip yang tidak ditutup atau sel yang terlalu panjang "
                "%(where)s (%(error)s)",
                where=error.where,
                error=error,
            ),
            Text("periksa tanda kutip di sana, hapus atau tutup, lalu impor lagi"),
        ) from error
    if given:
        records = records[1:]
    width = max((len(cells) for _, cells in records), default=0)
    if width * len(records) > MOST_CELLS:
        raise UnreadableError(*too_large(name))
    grid = Grid(
        file=name,
        rows=[[*cells, *[""] * (width - len(cells))] for _, cells in records],
        numbers=[line for line, _ in records],
        widths=[len(cells) for _, cells in records],
    )
    return grid, delimiter


def _within(
    records: Iterator[tuple[int, list[str]]], name: str
) -> Iterator[tuple[int, list[str]]]:
    """The records, as long as they are no more than any plan has.

    Raises:
        UnreadableError: there are more of them, or they are wider.
    """
    for number, (line, cells) in enumerate(records):
        if number == MOST_ROWS:
            raise UnreadableError(*too_many_rows(name, None, line))
        if len(cells) > MOST_COLUMNS:
            raise UnreadableError(*too_many_columns(name, len(cells)))
        yield line, cells


def _sniff(found: str) -> str:
    """The separator that shows the most headers; else the one that splits most."""
    best, most = ",", (-1, -1)
    for delimiter in DELIMITERS:
        rows: list[list[str]] = []
        # A quote that is never closed spoils one separator only: its header counts.
        with contextlib.suppress(_QuoteError):
            for _, cells in _records(found, delimiter, sample=_SAMPLE):
                rows.append(cells[:MOST_COLUMNS])
        known = max((len(header_recognition.known(cells)) for cells in rows), default=0)
        split = sum(len(cells) - 1 for cells in rows)
        if (known, split) > most:
            best, most = delimiter, (known, split)
    return best


def _records(
    found: str, delimiter: str, sample: int | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of the line on which it begins.

    Raises:
        _QuoteError: this is no CSV.
    """
    reader = csv.reader(
        io.StringIO(found, newline=""), delimiter=delimiter, strict=True
    )
    line = 1
    number = 0
    while number != sample:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _QuoteError(str(error), line, reader.line_num) from error
        yield line, cells
        line = reader.line_num + 1
        number += 1
