"""A consignment's manifest: small enough for a QR symbol, signed by the station.

It names every item exactly, as bits over the plan: the items of one place (a PPK, PPS
or KPPS) that travel by themselves, in the order of the registry. Whoever holds the same
plan knows from the paper alone which boxes to expect, without a network.

    version      1 byte: 1 from the warehouse to a PPK, 2 on any other leg
    key          4, the key hash of the log's vkey (C2SP signed-note)
    number       varint, of the consignment
    leg          in version 2: 1 byte, from and to as nibbles: 0 gudang, 1 PPK, 2 PPS,
                 3 KPPS
    area         varint, code of the lower of both, its digits alone
    departed     varint, UTC milliseconds
    size         varint, entries of the log with the departing one: seq + 1
    root         8, the first bytes of the log's root at that size
    plan         8, the first bytes of SHA-256 over the plan's item ids, each + LF
    planned      varint, items of the plan
    counts       varint how many kinds, then a varint each, in the order of Ballot;
                 the last is of items without a kind
    set          16, the first bytes of the departing entry's set digest
    form         1: 0 bits, 1 gaps of those present, 2 gaps of those absent, 3 bits
                 deflated
    items        the rest: bits, first item in the highest bit; or varints, each the
                 number of items passed over before the next; or the bits as raw
                 DEFLATE (RFC 1951)
    signature    64, Ed25519 (``Signer.sign_statement``)

It proves what the station signed, not what is in the truck.

Source: notes on exchange, section 5; integers as LEB128 varints.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.label_code import MANIFEST_SCHEME
from station.errors import StationError
from station.exchange import qr_text
from station.leg import OUT, Leg, Tier
from station.model import Ballot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from station.ledger.checkpoint import Signer, Verifier

STATEMENT = "manifest"
"""What the signature is of, so that it can stand for nothing else."""
_OUT, _ON_A_LEG = 1, 2
_SIGNATURE = 64
_KEY, _ROOT, _PLAN, _SET = 4, 8, 8, 16
_LONGEST_VARINT = 9
_MORE = 0x80
_CODE = re.compile("([0-9]{2})([0-9]{2})([0-9]{2})(?:([0-9]{4})([0-9]{3})?)?")
_BITS, _PRESENT, _ABSENT, _DEFLATED = 0, 1, 2, 3
_RAW = -15
"""DEFLATE without a header, for zlib."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a manifest says."""

    key: bytes
    """Four bytes: which log's key signed it."""
    number: int
    """Of the consignment."""
    leg: Leg
    area: str
    """Code of the place whose goods went, ``17.71.03``."""
    departed_ms: int
    """UTC milliseconds."""
    size: int
    """Entries of the log, the departing one the last."""
    root: bytes
    """The first 8 bytes of the root at that size."""
    plan: bytes
    """8 bytes: of which plan ``present`` speaks (``plan_digest``)."""
    counts: Mapping[Ballot | None, int]
    """Items of each kind; None: without a kind. Kinds without items are left out."""
    digest: bytes
    """The first 16 bytes of the set digest."""
    present: Sequence[bool]
    """For each item of the plan, in its order: whether it departed."""

    def items(self, plan: Sequence[str]) -> list[str]:
        """The items that departed, in the order of the plan.

        Args:
            plan: Item ids of that place as registered here, in their order.

        Raises:
            StationError: the plan here is another one.
        """
        if plan_digest(plan) != self.plan:
            message = (
                f"Expected the plan of {self.area} as it was when the waybill was "
                "signed, this station has another; bring the plans up to "
                "date, or count from the list on paper."
            )
            raise StationError(message)
        return [item for item, here in zip(plan, self.present, strict=True) if here]


def plan_digest(plan: Iterable[str]) -> bytes:
    """The first 8 bytes of SHA-256 over the item ids, each followed by a line feed.

    >>> plan_digest(["1771-B-00001"]).hex()
    '188e2065a33a2e21'
    """
    digest = hashlib.sha256()
    for item in plan:
        digest.update(f"{item}\n".encode("ascii"))
    return digest.digest()[:_PLAN]


def write(manifest: Manifest, signer: Signer) -> str:
    """The signed text, for a QR symbol in alphanumeric mode."""
    form, items = _packed(manifest.present)
    counts = [manifest.counts.get(kind, 0) for kind in (*Ballot, None)]
    statement = b"".join(
        [
            bytes([_OUT if manifest.leg == OUT else _ON_A_LEG]),
            manifest.key,
            _varint(manifest.number),
            b"" if manifest.leg == OUT else bytes([_leg_byte(manifest.leg)]),
            _varint(int(re.sub("[./]", "", manifest.area))),
            _varint(manifest.departed_ms),
            _varint(manifest.size),
            manifest.root,
            manifest.plan,
            _varint(len(manifest.present)),
            _varint(len(counts)),
            *(_varint(count) for count in counts),
            manifest.digest,
            bytes([form]),
            items,
        ]
    )
    return qr_text.encode(
        MANIFEST_SCHEME, statement + signer.sign_statement(STATEMENT, statement)
    )


def key_of(text: str) -> bytes:
    """Which log's key a text claims to be signed with, its four bytes.

    Raises:
        StationError: it is no manifest, or damaged.
    """
    return _Reader(qr_text.decode(MANIFEST_SCHEME, text)[1:]).take(_KEY)


def read(text: str, verifier: Verifier) -> Manifest:
    """What a signed text says.

    Raises:
        StationError: it is no manifest, damaged, or not signed by this log's key.
    """
    payload = qr_text.decode(MANIFEST_SCHEME, text)
    statement, signature = payload[:-_SIGNATURE], payload[-_SIGNATURE:]
    verifier.verify_statement(STATEMENT, statement, signature)
    return _parsed(_Reader(statement))


def _parsed(data: _Reader) -> Manifest:
    (version,) = data.take(1)
    if version not in {_OUT, _ON_A_LEG}:
        message = f"Expected a manifest of version 1 or 2, got {version}."
        raise StationError(message)
    key = data.take(_KEY)
    number = data.varint()
    leg = OUT if version == _OUT else _leg(*data.take(1))
    area, departed_ms, size = (data.varint() for _ in range(3))
    root, plan = data.take(_ROOT), data.take(_PLAN)
    planned = data.varint()
    counts = [data.varint() for _ in range(data.varint())]
    digest = data.take(_SET)
    (form,) = data.take(1)
    return Manifest(
        key=key,
        number=number,
        leg=leg,
        area=_area(area),
        departed_ms=departed_ms,
        size=size,
        root=root,
        plan=plan,
        counts={kind: n for kind, n in zip((*Ballot, None), counts, strict=True) if n},
        digest=digest,
        present=_unpacked(form, data, planned),
    )


def _leg_byte(leg: Leg) -> int:
    return leg.source.depth << 4 | leg.destination.depth


def _leg(byte: int) -> Leg:
    ways = (Leg(a, b) for a in Tier for b in Tier if a is not b)
    for leg in ways:
        if leg != OUT and _leg_byte(leg) == byte:
            return leg
    message = f"Expected a manifest with a leg, got {byte:#04x} in its place."
    raise StationError(message)


def _area(number: int) -> str:
    found = _CODE.fullmatch(str(number))
    if found is None:
        message = f"Expected a manifest of an area, got {number} in its place."
        raise StationError(message)
    *parts, tps = found.groups()
    code = ".".join(part for part in parts if part)
    return f"{code}/{tps}" if tps else code


def _packed(present: Sequence[bool]) -> tuple[int, bytes]:
    """Form and bytes, the shortest of the four."""
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
            found.append(_varint(passed))
            passed = 0
        else:
            passed += 1
    return b"".join(found)


def _unpacked(form: int, data: _Reader, planned: int) -> tuple[bool, ...]:
    if form in {_BITS, _DEFLATED}:
        length = -(-planned // 8)
        packed = data.take(length if form == _BITS else data.left)
        data.end()
        if form == _DEFLATED:
            packed = _inflated(packed, length)
        bits = "".join(f"{byte:08b}" for byte in packed)
        return tuple(bit == "1" for bit in bits[:planned])
    if form not in {_PRESENT, _ABSENT}:
        message = f"Expected items in a known form, got form {form}."
        raise StationError(message)
    present = [form == _ABSENT] * planned
    at = -1
    while data.left:
        at += data.varint() + 1
        if at >= planned:
            message = f"Expected {planned} items, got one after them."
            raise StationError(message)
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
        message = f"Expected items as deflated bits, got: {error}."
        raise StationError(message) from error
    if len(found) != length or not inflater.eof or inflater.unused_data:
        message = f"Expected {length} bytes of items, got another number."
        raise StationError(message)
    return found


def _varint(number: int) -> bytes:
    found = bytearray()
    while number >= _MORE:
        found.append(number & 0x7F | _MORE)
        number >>= 7
    found.append(number)
    return bytes(found)


class _Reader:
    """Bytes taken from the front; what is too short is said, not guessed."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, length: int) -> bytes:
        found = self._data[self._at : self._at + length]
        if len(found) < length:
            raise StationError("Expected a whole manifest, its end is missing.")
        self._at += length
        return found

    def varint(self) -> int:
        number = 0
        for place in range(_LONGEST_VARINT):
            (byte,) = self.take(1)
            number |= (byte & 0x7F) << (7 * place)
            if byte < _MORE:
                return number
        raise StationError("Expected a number, got one without an end.")

    def end(self) -> None:
        if self.left:
            raise StationError(f"Expected the end, got {self.left} more bytes.")
