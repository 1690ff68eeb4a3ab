"""The export, read back by code that shares nothing with the station."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import pytest

from station.errors import StationError
from station.ledger import tiles
from station.ledger.checkpoint import Signer
from station.ledger.log import head
from station.ledger.verify import verify_tiles
from tests.ledger_station import ORIGIN, SIGNER, Ledger, begin, ledgers, loading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    yield from ledgers(tmp_path)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def path_of(index: int) -> str:
    """``x001/x234/067`` for 1234067 (tlog-tiles)."""
    text = f"{index:03d}"
    text = text.zfill(-(-len(text) // 3) * 3)
    groups = [text[at : at + 3] for at in range(0, len(text), 3)]
    return "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])


def read_as_a_stranger(folder: Path) -> tuple[int, list[bytes]]:
    """Size and entries of an export, every hash of every tile found right."""
    origin, size_text, root, _, _ = (
        (folder / "checkpoint").read_text(encoding="utf-8").split("\n", 4)
    )
    assert (folder / "vkey").read_text(encoding="utf-8").startswith(f"{origin}+")
    size = int(size_text)
    entries: list[bytes] = []
    leaves = [b""] * size
    level, hashes = 0, leaves
    while True:
        for index in range(-(-len(hashes) // 256)):
            width = min(256, len(hashes) - 256 * index)
            partial = "" if width == 256 else f".p/{width}"
            name = f"{path_of(index)}{partial}"
            tile = (folder / f"tile/{level}/{name}").read_bytes()
            if level == 0:
                bundle = (folder / f"tile/entries/{name}").read_bytes()
                while bundle:
                    length = bundle[0] * 256 + bundle[1]
                    entries.append(bundle[2 : 2 + length])
                    bundle = bundle[2 + length :]
                for at in range(256 * index, 256 * index + width):
                    hashes[at] = sha(b"\0" + entries[at])
            assert tile == b"".join(hashes[256 * index : 256 * index + width])
        if len(hashes) < 256:
            break
        whole = hashes[: len(hashes) // 256 * 256]
        for _ in range(8):
            pairs = zip(whole[::2], whole[1::2], strict=True)
            whole = [sha(b"\1" + left + right) for left, right in pairs]
        level, hashes = level + 1, whole
    assert len(entries) == size
    assert base64.b64decode(root) == tree(leaves)
    return size, entries


def tree(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1" + tree(leaves[:split]) + tree(leaves[split:]))


@pytest.mark.parametrize("more", [0, 249, 250, 512, 600])
def test_a_stranger_reads_the_whole_log(
    ledger: Ledger, tmp_path: Path, more: int
) -> None:
    if more:
        ledger.append(*(loading(number) for number in range(more)))
    out = tmp_path / "out"

    size = tiles.export(ledger.db, out)

    bodies = [
        row[0] for row in ledger.db.execute("SELECT body FROM entry ORDER BY seq")
    ]
    assert read_as_a_stranger(out) == (size, bodies)
    assert size == 7 + more
    report = verify_tiles(out, SIGNER.vkey(ORIGIN))
    assert report.holds, report.sentence
    assert report.root == head(ledger.db).root
    assert not list(out.rglob("*.tmp"))


def test_an_export_is_extended_and_full_tiles_stay(
    ledger: Ledger, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ledger.append(*(loading(number) for number in range(300)))
    tiles.export(ledger.db, out)
    full = out / "tile/0/000"
    written = full.stat().st_ino, full.stat().st_mtime_ns
    ledger.append(*(loading(number) for number in range(300)))

    tiles.export(ledger.db, out)

    assert (full.stat().st_ino, full.stat().st_mtime_ns) == written
    assert read_as_a_stranger(out)[0] == 607
    full.unlink()  # A lost tile comes back.
    tiles.export(ledger.db, out)
    assert verify_tiles(out).holds


def test_an_export_of_another_or_newer_log_is_not_touched(
    ledger: Ledger, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ledger.append(loading(9))
    tiles.export(ledger.db, out)
    (tmp_path / "fork").mkdir()
    fork = begin(tmp_path / "fork")
    before = (out / "checkpoint").read_bytes()

    with pytest.raises(StationError, match="not the beginning"):
        tiles.export(fork.db, out)  # Shorter: as after an old backup.
    fork.append(*(loading(number) for number in range(20)))
    with pytest.raises(StationError, match="not the beginning"):
        tiles.export(fork.db, out)  # Longer, but another history.

    assert (out / "checkpoint").read_bytes() == before
    fork.db.close()


def test_an_export_with_another_key_is_not_touched(
    ledger: Ledger, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    tiles.export(ledger.db, out)
    (tmp_path / "other").mkdir()
    key = Signer.create(tmp_path / "other.key")
    other = begin(tmp_path / "other", signer=key)

    with pytest.raises(StationError, match="not signed"):
        tiles.export(other.db, out)

    other.db.close()


def flip(path: Path, at: int = -1) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


ALTERED = {
    "entry": ("tile/entries/000", 5000, "Entry", True),
    "leaf tile": ("tile/0/000", 32 * 9, "Entry 9", True),
    "partial leaf tile": ("tile/0/001.p/51", -1, "Entry 306", True),
    "upper tile": ("tile/1/000.p/1", 0, "does not follow", True),
    "checkpoint": ("checkpoint", len(ORIGIN) + 1, "not signed", False),
    "vkey": ("vkey", 3, "vkey", False),
}


@pytest.mark.parametrize(
    ("name", "at", "words", "named"), ALTERED.values(), ids=ALTERED
)
def test_one_altered_bit_is_found(
    ledger: Ledger, tmp_path: Path, name: str, at: int, words: str, *, named: bool
) -> None:
    ledger.append(*(loading(number) for number in range(300)))
    out = tmp_path / "out"
    tiles.export(ledger.db, out)

    flip(out / name, at)

    report = verify_tiles(out)
    assert not report.holds
    assert words in report.sentence
    assert (report.seq is not None) == named


def test_a_lost_file_or_more_than_there_should_be_is_found(
    ledger: Ledger, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    tiles.export(ledger.db, out)
    bundle = out / "tile/entries/000.p/7"
    whole = bundle.read_bytes()

    bundle.write_bytes(whole + b"\0\0")
    assert "more than its entries" in verify_tiles(out).sentence
    bundle.unlink()
    assert "Cannot read" in verify_tiles(out).sentence
    assert "Cannot read" in verify_tiles(tmp_path / "nowhere").sentence


def test_tiles_made_anew_around_a_forged_entry_miss_the_signed_root(
    ledger: Ledger, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    tiles.export(ledger.db, out)
    bundle, tile = out / "tile/entries/000.p/7", out / "tile/0/000.p/7"
    bodies = read_as_a_stranger(out)[1]

    def write(bodies: list[bytes]) -> None:
        packed = [len(body).to_bytes(2, "big") + body for body in bodies]
        bundle.write_bytes(b"".join(packed))
        tile.write_bytes(b"".join(sha(b"\0" + body) for body in bodies))

    write([bodies[0].replace(b"system", b"sistem"), *bodies[1:]])
    assert "do not lead" in verify_tiles(out).sentence
    write([*bodies[:-1], bodies[0]])
    assert "Entry 6 says that it is 0" in verify_tiles(out).sentence
    write([b"{}", *bodies[1:]])
    assert verify_tiles(out).seq == 0


def test_a_key_from_elsewhere_is_asked_for(ledger: Ledger, tmp_path: Path) -> None:
    out = tmp_path / "out"
    tiles.export(ledger.db, out)

    assert "key" in str(verify_tiles(out, "x").fault)


def test_a_folder_that_cannot_be_written_is_said(
    ledger: Ledger, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")

    with pytest.raises(StationError, match="Cannot write"):
        tiles.export(ledger.db, blocked)
