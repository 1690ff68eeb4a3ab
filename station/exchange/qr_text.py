"""Bytes as the text of a QR symbol: a scheme, a colon and base45.

Base45 is what the alphanumeric mode of a QR symbol holds, so it costs no more room
than bytes, and any reader that gives only text brings it through.

Source: RFC 9285; ISO/IEC 18004, clause 7.3.4.
"""

from __future__ import annotations

from station.errors import StationError

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
_BASE = 45


def encode(scheme: str, payload: bytes) -> str:
    """The text of a payload.

    >>> encode("JM1", b"AB")
    'JM1:BB8'
    """
    words = []
    for start in range(0, len(payload), 2):
        pair = payload[start : start + 2]
        rest = int.from_bytes(pair, "big")
        # Two bytes are three characters, a single last one is two.
        for _ in range(len(pair) + 1):
            rest, value = divmod(rest, _BASE)
            words.append(_ALPHABET[value])
    return f"{scheme}:{''.join(words)}"


def decode(scheme: str, text: str) -> bytes:
    """The payload of a text.

    Raises:
        StationError: another scheme, or no base45.
    """
    named, _, body = text.partition(":")
    if named != scheme:
        raise StationError(
            "Expected a text that begins with %(scheme)s:, got %(text)r.",
            scheme=scheme,
            text=text[:12],
        )
    payload = bytearray()
    for start in range(0, len(body), 3):
        payload += _bytes(body[start : start + 3])
    return bytes(payload)


def _bytes(characters: str) -> bytes:
    length = len(characters) - 1
    number = 0
    for character in reversed(characters):
        value = _VALUE.get(character)
        if value is None:
            raise StationError(
                "Expected characters of base45, got %(character)r.",
                character=character,
            )
        number = number * _BASE + value
    if length < 1 or number >= 1 << (8 * length):
        raise StationError(
            "Expected groups of base45, got %(characters)r; the text is damaged.",
            characters=characters,
        )
    return number.to_bytes(length, "big")
