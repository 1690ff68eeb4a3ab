"""Bytes as words that can be read aloud over a telephone and written down again.

Sixteen bits make a word of five letters, consonants and vowels by turns: proquints.

Source: D. S. Wilkerson, A Proposal for Proquints, arXiv:0901.4016.
"""

from __future__ import annotations

_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aiou"


def words(data: bytes) -> tuple[str, ...]:
    """A word for each two bytes.

    >>> words(bytes([127, 0, 0, 1]))
    ('lusab', 'babad')

    Args:
        data: An even number of bytes.
    """
    pairs = (data[at : at + 2] for at in range(0, len(data), 2))
    return tuple(_word(int.from_bytes(pair, "big")) for pair in pairs)


def _word(number: int) -> str:
    return "".join(
        [
            _CONSONANTS[number >> 12 & 15],
            _VOWELS[number >> 10 & 3],
            _CONSONANTS[number >> 6 & 15],
            _VOWELS[number >> 4 & 3],
            _CONSONANTS[number & 15],
        ]
    )
