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
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.label_code import MANIFEST_SCHEME
from station.errors import StationError
from station.exchange import qr_text
from station.exchange.byte_reader import ByteReader, varint
from station.exchange.item_bits import packed_bits, unpacked_bits
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
_CODE = re.compile("([0-9]{2})([0-9]{2})([0-9]{2})(?:([0-9]{4})([0-9]{3})?)?")


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
            raise StationError(
                "Expected the plan of %(area)s as it was when the waybill was "
                "signed, this station has another; bring the plans up to date, or "
                "count from the list on paper.",
                area=self.area,
            )
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
    form, items = packed_bits(manifest.present)
    counts = [manifest.counts.get(kind, 0) for kind in (*Ballot, None)]
    statement = b"".join(
        [
            bytes([_OUT if manifest.leg == OUT else _ON_A_LEG]),
            manifest.key,
            varint(manifest.number),
            b"" if manifest.leg == OUT else bytes([_leg_byte(manifest.leg)]),
            varint(int(re.sub("[./]", "", manifest.area))),
            varint(manifest.departed_ms),
            varint(manifest.size),
            manifest.root,
            manifest.plan,
            varint(len(manifest.present)),
            varint(len(counts)),
            *(varint(count) for count in counts),
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
    return ByteReader(qr_text.decode(MANIFEST_SCHEME, text)[1:]).take(_KEY)


def read(text: str, verifier: Verifier) -> Manifest:
    """What a signed text says.

    Raises:
        StationError: it is no manifest, damaged, or not signed by this log's key.
    """
    payload = qr_text.decode(MANIFEST_SCHEME, text)
    statement, signature = payload[:-_SIGNATURE], payload[-_SIGNATURE:]
    verifier.verify_statement(STATEMENT, statement, signature)
    return _parsed(ByteReader(statement))


def _parsed(data: ByteReader) -> Manifest:
    (version,) = data.take(1)
    if version not in {_OUT, _ON_A_LEG}:
        raise StationError(
            "Expected a manifest of version 1 or 2, got %(version)s.",
            version=version,
        )
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
        present=unpacked_bits(form, data, planned),
    )


def _leg_byte(leg: Leg) -> int:
    return leg.source.depth << 4 | leg.destination.depth


def _leg(byte: int) -> Leg:
    ways = (Leg(a, b) for a in Tier for b in Tier if a is not b)
    for leg in ways:
        if leg != OUT and _leg_byte(leg) == byte:
            return leg
    raise StationError(
        "Expected a manifest with a leg, got %(byte)#04x in its place.",
        byte=byte,
    )


def _area(number: int) -> str:
    found = _CODE.fullmatch(str(number))
    if found is None:
        raise StationError(
            "Expected a manifest of an area, got %(number)s in its place.",
            number=number,
        )
    *parts, tps = found.groups()
    code = ".".join(part for part in parts if part)
    return f"{code}/{tps}" if tps else code
