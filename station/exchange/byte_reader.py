"""Bytes taken from the front, and LEB128 varints."""

from __future__ import annotations

from station.errors import StationError

_LONGEST_VARINT = 9
_MORE = 0x80


def varint(number: int) -> bytes:
    """LEB128: seven bits a byte, the lowest first."""
    found = bytearray()
    while number >= _MORE:
        found.append(number & 0x7F | _MORE)
        number >>= 7
    found.append(number)
    return bytes(found)


class ByteReader:
    """Takes bytes from the front; refuses to read past their end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """How many bytes are not taken yet."""
        return len(self._data) - self._at

    def take(self, length: int) -> bytes:
        """The next bytes.

        Raises:
            StationError: there are fewer.
        """
        found = self._data[self._at : self._at + length]
        if len(found) < length:
            raise StationError("Expected a whole manifest, its end is missing.")
        self._at += length
        return found

    def varint(self) -> int:
        """The next LEB128 number.

        Raises:
            StationError: it has no end.
        """
        number = 0
        for place in range(_LONGEST_VARINT):
            (byte,) = self.take(1)
            number |= (byte & 0x7F) << (7 * place)
            if byte < _MORE:
                return number
        raise StationError("Expected a number, got one without an end.")

    def end(self) -> None:
        """Check that nothing is left.

        Raises:
            StationError: something is.
        """
        if self.left:
            raise StationError(
                "Expected the end, got %(left)s more bytes.",
                left=self.left,
            )
