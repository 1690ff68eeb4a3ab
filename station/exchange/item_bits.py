"""Which items of a plan went along, as the bytes of a manifest."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from station.errors import StationError
from station.exchange.byte_reader import ByteReader, varint

if TYPE_CHECKING:
    from collections.abc import Sequence


_BITS, _PRESENT, _ABSENT, _DEFLATED = 0, 1, 2, 3
_RAW = -15
"""DEFLATE without a header, for zlib."""


def packed_bits(present: Sequence[bool]) -> tuple[int, bytes]:
    """Form and bytes, the shortest of the four forms."""
    bits = int("".join("1" if here else "0" for here in present) or "0", 2)
    length = -(-len(present) // 8)
    padded = bits << (8 * length - len(present))
    packed = padded.to_bytes(length, "big")
    ways = [
        (_BITS, packed),
        (_PRESENT, _gaps(present, wanted=True)),
        (_ABSENT, _gaps(present, wanted=False)),
        (_DEFLATED, zlib.compress(packed, 9, _RAW)),
    ]
    return min(ways, key=lambda way: len(way[1]))


def _gaps(present: Sequence[bool], *, wanted: bool) -> bytes:
    passed, found = 0, []
    for here in present:
        if here is wanted:
            found.append(varint(passed))
            passed = 0
        else:
            passed += 1
    return b"".join(found)


def unpacked_bits(form: int, data: ByteReader, planned: int) -> tuple[bool, ...]:
    """For each of so many items whether it went along.

    Raises:
        StationError: an unknown form, or not so many items.
    """
    if form in {_BITS, _DEFLATED}:
        length = -(-planned // 8)
        packed = data.take(length if form == _BITS else data.left)
        data.end()
        if form == _DEFLATED:
            packed = _inflated(packed, length)
        bits = "".join(f"{byte:08b}" for byte in packed)
        return tuple(bit == "1" for bit in bits[:planned])
    if form not in {_PRESENT, _ABSENT}:
        raise StationError(
            "Expected items in a known form, got form %(form)s.",
            form=form,
        )
    present = [form == _ABSENT] * planned
    at = -1
    while data.left:
        at += data.varint() + 1
        if at >= planned:
            raise StationError(
                "Expected %(planned)s items, got one after them.",
                planned=planned,
            )
        present[at] = form == _PRESENT
    return tuple(present)


def _inflated(data: bytes, length: int) -> bytes:
    """So many bytes of raw DEFLATE; no more is ever unpacked.

    Raises:
        StationError: it is none, or holds another number of bytes.
    """
    inflater = zlib.decompressobj(_RAW)
    try:
        found = inflater.decompress(data, length + 1)
    except zlib.error as error:
        raise StationError(
            "Expected items as deflated bits, got: %(error)s.",
            error=error,
        ) from error
    if len(found) != length or not inflater.eof or inflater.unused_data:
        raise StationError(
            "Expected %(length)s bytes of items, got another number.",
            length=length,
        )
    return found
