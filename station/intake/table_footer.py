"""What stands under a table and is no row: footnotes, who signed it, where and when."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from station.intake.grid import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.intake.grid import Value
    from station.intake.table import TableRow

_MONTHS = (
    "januari|februari|maret|april|mei|juni|juli|agustus|september|oktober|november"
    "|desember"
)
_ANCHOR = re.compile(
    r"\b(mengetahui|menyetujui|mengesahkan|disetujui|disahkan|diperiksa|dibuat|dicetak"
    r"|ketua|sekretaris|kepala (sub\w*|bagian|sekretariat|desa)|kasubb?ag|pejabat"
    r"|plt|plh|nip|ttd"
    r"|tanda tangan|komisi pemilihan|kpu|ppk|pps|catatan|keterangan|sumber)\b|^\*"
    rf"|\b({_MONTHS}) [0-9]{{4}}\b|^\D{{3,}},.*\b20[0-9]{{2}}$",
    re.IGNORECASE,
)
"""What a footnote or a block of signatures, or the words over it, begins with."""
_LEVELS = frozenset({"kota", "kabupaten", "kecamatan", "kelurahan", "desa"})
_MOST = 3
"""Different texts in a line: as many people sign side by side."""
_LONGEST = 200
"""Characters of a cell that are searched for such words."""
_NIP = 15
"""Digits that no count and no number of a TPS has; a civil servant's number has 18."""


def signature_block(lines: Sequence[TableRow], counted: Sequence[TableRow]) -> int:
    """How many of the last lines are signatures and the words over them.

    Only from words that begin such a block, so that a row whose code somebody forgot
    is still a row that is held.

    Args:
        lines: of the table, in the file's order.
        counted: those of them that have a code or state a sum; no block holds one.
    """
    rows = {line.index for line in counted}
    found = 0
    for back, line in enumerate(reversed(lines), start=1):
        if line.index in rows or not _is_sparse(line):
            break
        if any(_ANCHOR.search(cell) for cell in _cells(line)):
            found = back
    return found


def _cells(line: TableRow) -> set[str]:
    """The different texts of a line; a merged cell was filled from the first."""
    cells = {text(value)[:_LONGEST] for value in line.table.grid.rows[line.index]}
    return cells - {""}


def _is_sparse(line: TableRow) -> bool:
    """True for a few words that say no level, no number and no count."""
    cells = _cells(line)
    if len(cells) > _MOST or any(cell.casefold() in _LEVELS for cell in cells):
        return False
    return all(map(_is_wordy, line.table.grid.rows[line.index]))


def _is_wordy(value: Value) -> bool:
    """False for what could be meant as a count, a code or the number of a TPS."""
    if isinstance(value, dt.date):
        return True
    found = text(value)
    digits = sum(sign.isdigit() for sign in found)
    if not found or digits >= _NIP:
        return True
    if found.startswith("#") or found == "-" or re.match(r"(?i)(no|tps)\b", found):
        return False
    return not digits or any(sign.isalpha() for sign in found)
