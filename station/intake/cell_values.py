"""One cell -> a code, a TPS number or a count, or what is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from station.intake.grid import text
from station.intake.problem import ProblemKind

if TYPE_CHECKING:
    from station.intake.grid import Value

MOST = 99_999
"""People or papers of one TPS: more digits are a typing error."""
_HIGHEST_TPS = 999
_LONG = (4, 6, 10)
"""Digits of the codes that a number can be: kab/kota, kecamatan, kelurahan."""
_PLAIN = re.compile("[0-9]+")
_SEPARATED = re.compile(r"[0-9]{2}([., /-][0-9]{2}){1,2}([., /-][0-9]{4})?")
_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}")
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,' ])[0-9]{3})(?:\1[0-9]{3})*")
_POINT_ZERO = re.compile(r"([0-9]+)[.,]0{1,2}")
_TPS = re.compile(r"(?:tps)?[ .:-]*(?:no(?:mor)?[ .:-]*)?([0-9]{1,3})", re.IGNORECASE)
_FRACTION = re.compile(r"[0-9]*[.,][0-9]+")


_MARKED = re.compile(r"""(?:="?|')\s*([0-9][^"]*)"?""")
"""How spreadsheets are told to leave digits alone: ``="001"``, ``'001``."""


class CellError(ValueError):
    """A cell that is not what its column says."""

    def __init__(self, trouble: ProblemKind) -> None:
        super().__init__(trouble)
        self.trouble = trouble


def code(value: Value) -> str:
    """An area code in its dotted form, from digits with or without dots.

    >>> code("1771061001"), code(1771061001.0), code("17,71"), code(17.71)
    ('17.71.06.1001', '17.71.06.1001', '17.71', '17.71')

    Raises:
        CellError: empty, shortened by a spreadsheet, or no code.
    """
    if isinstance(value, bool | dt.date | dt.time):
        raise CellError(ProblemKind.CODE_FORM)
    if isinstance(value, float) and not value.is_integer():
        # 17.1 is how a number shows 17.10.
        value = f"{value:.2f}" if round(value, 2) == value else str(value)
    found = _bare(value)
    if not found:
        raise CellError(ProblemKind.CODE_EMPTY)
    if _SHORTENED.fullmatch(found):
        raise CellError(ProblemKind.CODE_SHORTENED)
    whole = _POINT_ZERO.fullmatch(found)
    if whole is not None and len(whole[1]) in _LONG:
        found = whole[1]
    if not any(form.fullmatch(found) for form in (_PLAIN, _SEPARATED, _GROUPED)):
        raise CellError(ProblemKind.CODE_FORM)
    digits = re.sub("[^0-9]", "", found)
    if len(digits) not in _LONG:
        raise CellError(ProblemKind.CODE_FORM)
    parts = (digits[:2], digits[2:4], digits[4:6], digits[6:])
    return ".".join(part for part in parts if part)


def tps(value: Value) -> str:
    """A polling station's number in three digits.

    >>> tps("1"), tps(1.0), tps("TPS 902"), tps("007")
    ('001', '001', '902', '007')

    Raises:
        CellError: empty, or no number from 1 to 999.
    """
    found = _bare(value)
    if not found:
        raise CellError(ProblemKind.TPS_EMPTY)
    whole = _POINT_ZERO.fullmatch(found)
    match = _TPS.fullmatch(whole[1] if whole else found)
    number = int(match[1]) if match and match[1].isascii() else 0
    if isinstance(value, bool) or not 1 <= number <= _HIGHEST_TPS:
        raise CellError(ProblemKind.TPS_FORM)
    return f"{number:03d}"


def count(value: Value, most: int = MOST) -> int:
    """People or papers, from a number as Indonesians write it: ``1.165``.

    >>> count("1.165"), count(233.0), count("59 283"), count("233,0")
    (1165, 233, 59283, 233)

    Raises:
        CellError: empty, no number, negative, no whole number, or too large.
    """
    if isinstance(value, bool | dt.date | dt.time):
        raise CellError(ProblemKind.COUNT_FORM)
    if isinstance(value, float) and not value.is_integer():
        raise CellError(ProblemKind.COUNT_FRACTION)
    found = _bare(value).replace("\N{MINUS SIGN}", "-")
    if not found:
        raise CellError(ProblemKind.COUNT_EMPTY)
    if found[:1] in {"-", "("} and any(sign.isdecimal() for sign in found):
        raise CellError(ProblemKind.COUNT_NEGATIVE)
    number = _whole(found)
    if number > most:
        raise CellError(ProblemKind.COUNT_LARGE)
    return number


def _bare(value: Value) -> str:
    """The text without a spreadsheet's mark around digits."""
    found = text(value)
    marked = _MARKED.fullmatch(found)
    return marked[1].strip() if marked else found


def _whole(found: str) -> int:
    whole = _POINT_ZERO.fullmatch(found)
    if whole is not None:
        found = whole[1]
    elif _GROUPED.fullmatch(found):
        found = re.sub("[^0-9]", "", found)
    elif _FRACTION.fullmatch(found):
        raise CellError(ProblemKind.COUNT_FRACTION)
    if not (found.isascii() and found.isdecimal() and len(found) < 12):  # noqa: PLR2004 - no sum of papers is longer
        raise CellError(ProblemKind.COUNT_FORM)
    return int(found)
