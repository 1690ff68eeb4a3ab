"""The arithmetic of label codes: base 32 digits and check characters.

Knows only strings and numbers.
"""

from __future__ import annotations

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O (look like digits) and no U."""
BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def crockford(number: int, width: int) -> str:
    """The lowest ``5 * width`` bits of a number in base 32.

    >>> crockford(32**5 - 1, 6)
    '0ZZZZZ'
    """
    digits = (CROCKFORD[number >> 5 * place & 31] for place in range(width))
    return "".join(digits)[::-1]


def crockford_number(digits: str) -> int:
    """The number that base 32 digits spell.

    >>> crockford_number("0007K")
    243
    """
    number = 0
    for digit in digits:
        number = number * 32 + CROCKFORD.index(digit)
    return number


def check_character(digits: str) -> str:
    """The one check character of a base 32 text; finds every wrong character.

    >>> check_character("1771B0007K")
    'R'

    Source: ISO/IEC 7064, hybrid system, here with M = 32.
    """
    modulus = len(CROCKFORD)
    remainder = modulus
    for digit in digits:
        total = (remainder + CROCKFORD.index(digit)) % modulus or modulus
        remainder = total * 2 % (modulus + 1)
    return CROCKFORD[(1 - remainder) % modulus]


def check_pair(text: str) -> str:
    """The two check characters of a base 36 text.

    Finds every wrong character and every two neighbours swapped.

        >>> check_pair("ISO79")
        '3W'

    Source: ISO/IEC 7064, MOD 1271-36: the whole, read in base 36, leaves 1.
    """
    high, low = divmod((1 - int(text, 36) * 36**2) % 1271, 36)
    return BASE36[high] + BASE36[low]
