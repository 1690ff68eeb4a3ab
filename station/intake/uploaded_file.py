"""A file that somebody gives to the importer: its bytes, digest and grids."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from station.errors import StationError
from station.intake import csv_text, workbook
from station.intake.problem import printable
from station.intake.unreadable_file import UnreadableError
from station.language import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.intake.grid import Grid

SUFFIXES = (".csv", ".xlsx", ".ods", ".xls")
"""Of the files that are taken from a folder."""
_OTHER_FORMS = {
    "halaman web (HTML)": ("<!doctype html", "<html", "<head", "<table", "<meta"),
    "halaman web (MHTML)": ("mime-version:",),
    "teks RTF": ("{\\rtf",),
}
"""How texts begin that are no CSV; web systems export tables as HTML named .xls."""
_LOOKED_AT = 4_000
MOST_BYTES = 64_000_000
"""Of one file; Kab. Bogor's plan is about 1 MB."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came through the browser."""

    name: str
    """As it was called there; only its last part is used."""
    content: bytes


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A file as it was read; it is never written to."""

    name: str
    """Without its folder."""
    sha256: str
    """Of the bytes as they lie in the file, hexadecimal."""
    form: str
    """How it was read: ``CSV, utf-8, titik koma`` or ``XLSX``."""
    encoding: str | None
    """Of a text file."""
    grids: tuple[Grid, ...]


def in_folder(given: Path) -> list[Path]:
    """The plan files of a folder by name; of a file, itself.

    Raises:
        StationError: the folder holds none.
    """
    if not given.is_dir():
        return [given]
    # Spreadsheets that are open leave a file beside them whose name begins so.
    found = sorted(
        file
        for file in given.iterdir()
        if file.suffix.lower() in SUFFIXES and not file.name.startswith(("~$", ".~"))
    )
    if not found:
        message = f"Expected {', '.join(SUFFIXES)} files in {given}, found none."
        raise StationError(message)
    return found


def skipped(given: Path) -> list[Path]:
    """What lies in a folder and is not read, by name; nothing for a file.

    Files that are hidden or that a spreadsheet keeps beside an open one are no one's
    plan and are not named.
    """
    if not given.is_dir():
        return []
    taken = set(in_folder(given))
    return sorted(
        file
        for file in given.iterdir()
        if file not in taken and not file.name.startswith(("~$", "."))
    )


def load(given: Path | Upload) -> PlanFile:
    """A file's grids, whatever its form; the form is found from the bytes.

    Raises:
        UnreadableError: it cannot be read, is too large, or is none of the forms.
    """
    if isinstance(given, Upload):
        name, raw = given.name.replace("\\", "/").rpartition("/")[2], given.content
    else:
        name, raw = given.name, _bytes(given)
    if len(raw) > MOST_BYTES:
        raise UnreadableError(
            name,
            Text("paling besar %(megabytes)s MB", megabytes=MOST_BYTES // 1000000),
            Text("%(megabytes)s MB", megabytes=len(raw) // 1000000),
            Text("kirim berkas rencananya saja"),
        )
    digest = hashlib.sha256(raw).hexdigest()
    name = printable(name)
    if raw.startswith(workbook.SIGNATURES):
        form = Path(name).suffix.removeprefix(".").upper() or "XLSX"
        return PlanFile(name, digest, form, None, tuple(workbook.read(raw, name)))
    found, encoding = csv_text.decode(raw, name)
    other = _other_form(found)
    if other:
        raise UnreadableError(
            name,
            Text("buku kerja XLSX, ODS, XLS atau CSV"),
            Text(
                "%(other)s dengan akhiran %(suffix)s",
                other=other,
                suffix=Path(name).suffix or Text("lain"),
            ),
            Text(
                "buka di Excel atau LibreOffice, simpan sebagai .xlsx, lalu impor lagi"
            ),
        )
    grid, delimiter = csv_text.read(found, name)
    separator = csv_text.DELIMITERS.get(delimiter, delimiter)
    form = Text(
        "CSV, %(encoding)s, %(separator)s", encoding=encoding, separator=separator
    )
    return PlanFile(name, digest, form, encoding, (grid,))


def _other_form(found: str) -> str:
    """What a text is that programs save under the name of a workbook; else nothing."""
    start = found[:_LOOKED_AT].lstrip().casefold()
    for form, signs in _OTHER_FORMS.items():
        if start.startswith(signs):
            return form
    if start.startswith("<?xml"):
        sheet = "urn:schemas-microsoft-com:office:spreadsheet" in start
        return "Excel 2003 XML" if sheet else "berkas XML"
    return ""


def digests(sources: Iterable[PlanFile]) -> dict[str, str]:
    """SHA-256 by the file's name, with a number where two files have the same."""
    digests: dict[str, str] = {}
    for one in sources:
        name, number = one.name, 1
        while name in digests:
            number += 1
            name = f"{one.name} ({number})"
        digests[name] = one.sha256
    return digests


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnreadableError(
            file.name,
            Text("berkas yang dapat dibaca"),
            error.strerror or str(error),
            Text("periksa nama dan letaknya"),
        ) from error
