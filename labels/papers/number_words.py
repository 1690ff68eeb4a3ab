"""Numbers as an Indonesian document writes them."""

from __future__ import annotations

from babel.numbers import format_decimal

_ONES = (
    *("nol", "satu", "dua", "tiga", "empat"),
    *("lima", "enam", "tujuh", "delapan", "sembilan"),
)
_TEENS = ("sepuluh", "sebelas", *(f"{word} belas" for word in _ONES[2:]))
_TEN, _TWENTY = 10, 20
_UNITS = ((1_000, "ribu"), (100, "ratus"), (_TEN, "puluh"))


def grouped(number: int) -> str:
    """In figures.

    >>> grouped(12345)
    '12.345'
    """
    return format_decimal(number, locale="id")


def spelled(number: int) -> str:
    """In words, so that no figure can be added to it later; below a million.

    >>> spelled(405), spelled(0)
    ('empat ratus lima', 'nol')
    >>> spelled(1_119)
    'seribu seratus sembilan belas'
    >>> spelled(76_140)
    'tujuh puluh enam ribu seratus empat puluh'
    """
    if number < _TEN:
        return _ONES[number]
    if number < _TWENTY:
        return _TEENS[number - _TEN]
    unit, name = next(known for known in _UNITS if number >= known[0])
    many, rest = divmod(number, unit)
    words = f"se{name}" if many == 1 else f"{spelled(many)} {name}"
    return f"{words} {spelled(rest)}" if rest else words
