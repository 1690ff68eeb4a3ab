"""Keys and signed notes; the signature checked by a program that is not ours."""

from __future__ import annotations

import base64
import os
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from station.errors import StationError
from station.ledger import checkpoint
from station.ledger.checkpoint import Checkpoint, Signer
from tests.ledger_station import ORIGIN, SIGNER

if TYPE_CHECKING:
    from pathlib import Path

ROOT = bytes(range(32))
NOTE = SIGNER.sign(ORIGIN, 6, ROOT)
VKEY = SIGNER.vkey(ORIGIN)


def test_a_signed_checkpoint_is_read_back() -> None:
    assert checkpoint.verify(NOTE, VKEY) == Checkpoint(ORIGIN, 6, ROOT)


def test_other_signatures_and_extension_lines_are_passed_over() -> None:
    line = SIGNER.sign("witness", 6, ROOT).splitlines()[-1]

    read = checkpoint.verify(NOTE + line + "\n", VKEY)

    assert read.size == 6
    text = NOTE.partition("\n\n")[0]
    with pytest.raises(StationError, match="not signed"):
        checkpoint.verify(NOTE.replace(text, text + "\nextension"), VKEY)


BAD_NOTES = {
    "size": NOTE.replace("\n6\n", "\n7\n"),
    "root": NOTE.replace("AAEC", "AAED"),
    "signature": NOTE[:-6] + ("A" if NOTE[-6] != "A" else "B") + NOTE[-5:],
    "leading zero": SIGNER.sign(ORIGIN, 6, ROOT).replace("\n6\n", "\n06\n"),
    "short root": SIGNER.sign(ORIGIN, 6, ROOT[:31]),
    "no base64": NOTE.replace("AAEC", "!!!!"),
    "no signature": NOTE.partition("\n\n")[0] + "\n",
    "empty": "",
    "no newline": NOTE[:-1],
    "another dash": NOTE.replace("— ", "- "),
    "two words": NOTE.replace("— ", "—"),
    "too short": "x\n\n— x AAAA\n",
    "no origin": NOTE[len(ORIGIN) :],
    "too long": "x" * 1_000_001 + NOTE,
    "another log": SIGNER.sign("jejak/other", 6, ROOT),
    "another key's name": NOTE.replace(f"— {ORIGIN}", "— witness"),
    "another key": NOTE.replace(
        NOTE.split(" ")[-1], base64.b64encode(bytes(68)).decode() + "\n"
    ),
}


@pytest.mark.parametrize("note", BAD_NOTES.values(), ids=BAD_NOTES)
def test_a_bad_note_is_refused_in_a_sentence(note: str) -> None:
    with pytest.raises(StationError, match="heckpoint"):
        checkpoint.verify(note, VKEY)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "x",
        VKEY.replace("+", "-"),
        VKEY[:-1],
        VKEY.replace("jejak", "jejal"),
        VKEY.replace("+A", "+B"),
        VKEY[:-4] + "AAAA",
        f"a b+{VKEY.partition('+')[2]}",
    ],
)
def test_a_bad_vkey_is_refused_in_a_sentence(vkey: str) -> None:
    with pytest.raises(StationError, match="vkey"):
        checkpoint.verify(NOTE, vkey)


@pytest.mark.parametrize("origin", ["", "a b", "a+b", "kotä", "a\nb"])
def test_an_origin_that_cannot_name_a_key_is_refused(origin: str) -> None:
    with pytest.raises(StationError, match="origin"):
        SIGNER.vkey(origin)


def test_a_made_key_is_private_and_loads_again(tmp_path: Path) -> None:
    path = tmp_path / "station.key"

    made = Signer.create(path)

    assert Signer.load(path).vkey(ORIGIN) == made.vkey(ORIGIN)
    assert made.vkey(ORIGIN) != Signer.create(tmp_path / "next.key").vkey(ORIGIN)
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "station.key"
    Signer.create(path)
    before = path.read_bytes()

    with pytest.raises(StationError, match="never overwritten"):
        Signer.create(path)

    assert path.read_bytes() == before


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "station.key"
    with pytest.raises(StationError, match="Cannot read"):
        Signer.load(path)
    path.write_text("nothing")
    with pytest.raises(StationError, match="PEM"):
        Signer.load(path)
    other = ec.generate_private_key(ec.SECP256R1())
    path.write_bytes(
        other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    with pytest.raises(StationError, match="Ed25519"):
        Signer.load(path)


def openssl_accepts(folder: Path, note: str, vkey: str) -> bool:
    """What ``openssl`` says of a note's signature, by its own means."""
    public = base64.b64decode(vkey.split("+", 2)[2])[1:]
    # SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 section 4).
    der = bytes.fromhex("302a300506032b6570032100") + public
    text, _, signatures = note.rpartition("\n\n")
    stamp = base64.b64decode(signatures.split(" ")[2])
    (folder / "key.der").write_bytes(der)
    (folder / "text").write_bytes(text.encode() + b"\n")
    (folder / "signature").write_bytes(stamp[4:])
    done = subprocess.run(
        [
            *("openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER"),
            *("-inkey", "key.der", "-in", "text", "-sigfile", "signature"),
        ],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_accepts_the_signature_and_no_altered_one(tmp_path: Path) -> None:
    assert openssl_accepts(tmp_path, NOTE, VKEY)
    assert not openssl_accepts(tmp_path, NOTE.replace("\n6\n", "\n7\n"), VKEY)
