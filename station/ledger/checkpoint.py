"""The signed head of a log: C2SP tlog-checkpoint in a C2SP signed note, Ed25519.

    jejak/1771/gudang/g1          origin = the key's name
    6                             size
    Cjfm...Ijw=                   root, base64

    — jejak/1771/gudang/g1 8ZSQ...

Source: c2sp.org/signed-note and c2sp.org/tlog-checkpoint at 5ba5ee8.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from station.errors import StationError
from station.language import Text

if TYPE_CHECKING:
    from pathlib import Path

_ED25519 = b"\x01"
_ORIGIN = re.compile(r"[!-*,-~]+")
"""Printable ASCII without blanks and plus: what a key's name may be made of."""
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_HASH_BYTES = 32
_KEY_HASH_BYTES = 4
_NOTE_LIMIT = 1_000_000
_MISSING = Text(
    "put back its copy, which is locked away; no backup holds a key. Without it this "
    "ledger can be read and verified, and only a next generation of it could be "
    "written (not in this release)."
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint says, its signature checked."""

    origin: str
    size: int
    root: bytes
    """32 bytes."""


class Signer:
    """A station's private key; it never leaves its file and this object."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new key, written to ``path`` as unencrypted PKCS#8 PEM, mode 0600.

        Raises:
            StationError: Something stands at ``path`` already, or it cannot be
                written.
        """
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(file, "wb") as opened:
                opened.write(pem)
                opened.flush()
                os.fsync(opened.fileno())
        except OSError as fault:
            raise StationError(
                "Cannot make the key %(path)s: %(reason)s; a key is never overwritten.",
                path=path,
                reason=fault.strerror,
            ) from fault
        return cls(key)

    @classmethod
    def load(cls, path: Path) -> Self:
        """The key in ``path``.

        Raises:
            StationError: It cannot be read, or is no Ed25519 key in PEM.
        """
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except OSError as fault:
            raise StationError(
                "Cannot read the key %(path)s: %(reason)s; %(missing)s",
                path=path,
                reason=fault.strerror,
                missing=_MISSING,
            ) from fault
        except (ValueError, TypeError) as fault:
            raise StationError(
                "Expected a PEM key in %(path)s, got: %(fault)s; %(missing)s",
                path=path,
                fault=fault,
                missing=_MISSING,
            ) from fault
        if not isinstance(key, Ed25519PrivateKey):
            raise StationError(
                "Expected an Ed25519 key in %(path)s, got another kind; %(missing)s",
                path=path,
                missing=_MISSING,
            )
        return cls(key)

    def vkey(self, origin: str) -> str:
        """The public half under this name, as ``name+hash+base64`` (signed-note).

        Raises:
            StationError: ``origin`` cannot be a key's name.
        """
        if not _ORIGIN.fullmatch(origin):
            raise StationError(
                "Expected an origin of ASCII without blanks or plus, got %(origin)r.",
                origin=origin,
            )
        key = base64.b64encode(_ED25519 + self._public).decode()
        return f"{origin}+{_key_hash(origin, self._public).hex()}+{key}"

    def sign(self, origin: str, size: int, root: bytes) -> str:
        """The signed checkpoint of a tree of ``size`` with this root."""
        text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        signature = self._key.sign(text.encode())
        stamp = base64.b64encode(_key_hash(origin, self._public) + signature).decode()
        return f"{text}\n— {origin} {stamp}\n"

    def sign_statement(self, kind: str, statement: bytes) -> bytes:
        """64 bytes: this key's signature of something that is no checkpoint.

        The kind and a NUL stand before it, so that it can never be taken for a note
        nor for a statement of another kind.
        """
        return self._key.sign(_framed(kind, statement))


class Verifier:
    """A log's public key, from its vkey; checks the notes of that log."""

    def __init__(self, vkey: str) -> None:
        """Read a vkey.

        Raises:
            StationError: It has another form, or the hash in it is wrong.
        """
        name, _, rest = vkey.partition("+")
        stated, _, encoded = rest.partition("+")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        public = key[1:]
        if (
            key[:1] != _ED25519
            or len(public) != _HASH_BYTES
            or not _ORIGIN.fullmatch(name)
            or stated != _key_hash(name, public).hex()
        ):
            raise StationError(
                "Expected an Ed25519 vkey (name+hash+key), got %(vkey)r.",
                vkey=vkey,
            )
        self.origin = name
        self._stamp = _key_hash(name, public)
        self._key = Ed25519PublicKey.from_public_bytes(public)

    def verify(self, note: str) -> Checkpoint:
        """What the note says, once one of its signatures is found to be this key's.

        Lines of other keys (cosignatures) are passed over.

        Raises:
            StationError: It has another form, is of another log, or this key
                did not sign it.
        """
        checkpoint, text, lines = _parse(note)
        if checkpoint.origin != self.origin:
            raise StationError(
                "Expected a checkpoint of %(origin)s, got one of %(other)s.",
                origin=self.origin,
                other=checkpoint.origin,
            )
        for name, stamp in lines:
            if name == self.origin and stamp[:_KEY_HASH_BYTES] == self._stamp:
                try:
                    self._key.verify(stamp[_KEY_HASH_BYTES:], text.encode())
                except InvalidSignature:
                    break
                return checkpoint
        raise StationError(
            "The checkpoint of size %(size)s is not signed by %(origin)s: it was "
            "altered, or made with another key.",
            size=checkpoint.size,
            origin=self.origin,
        )

    @property
    def key_hash(self) -> bytes:
        """Four bytes that tell this key from others (signed-note)."""
        return self._stamp

    def verify_statement(self, kind: str, statement: bytes, signature: bytes) -> None:
        """Let a statement pass that this key signed.

        Raises:
            StationError: it was altered, or signed with another key.
        """
        try:
            self._key.verify(signature, _framed(kind, statement))
        except InvalidSignature:
            raise StationError(
                "The %(kind)s is not signed by %(origin)s: it was altered, or made "
                "with another key.",
                kind=kind,
                origin=self.origin,
            ) from None


def verify(note: str, vkey: str) -> Checkpoint:
    """What the note says, its signature checked with ``vkey``.

    Raises:
        StationError: See ``Verifier``.
    """
    return Verifier(vkey).verify(note)


def _framed(kind: str, statement: bytes) -> bytes:
    return f"jejak {kind}".encode() + b"\0" + statement


def _key_hash(name: str, public: bytes) -> bytes:
    hashed = sha256(name.encode() + b"\n" + _ED25519 + public).digest()
    return hashed[:_KEY_HASH_BYTES]


def _parse(note: str) -> tuple[Checkpoint, str, list[tuple[str, bytes]]]:
    text, blank, signatures = note.rpartition("\n\n")
    text += "\n"
    lines = text.split("\n")
    fault = StationError("Expected a signed checkpoint, got another text.")
    if len(note) > _NOTE_LIMIT or not blank or not signatures.endswith("\n"):
        raise fault
    # Lines of extension may follow the root (tlog-checkpoint); ours has none.
    if len(lines) < len(("origin", "size", "root", "")) or not lines[0]:
        raise fault
    try:
        root = base64.b64decode(lines[2], validate=True)
        stamps = [_signature(line) for line in signatures[:-1].split("\n")]
    except (binascii.Error, ValueError) as error:
        raise fault from error
    if not _SIZE.fullmatch(lines[1]) or len(root) != _HASH_BYTES:
        raise fault
    return Checkpoint(lines[0], int(lines[1]), root), text, stamps


def _signature(line: str) -> tuple[str, bytes]:
    dash, name, stamp = line.split(" ")
    if dash != "—":
        raise ValueError(line)
    return name, base64.b64decode(stamp, validate=True)
