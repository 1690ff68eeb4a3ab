"""The log as C2SP tlog-tiles: files that any web server or stick can carry.

    checkpoint                 the signed head
    vkey                       the key that signed it
    tile/<L>/<N>[.p/<W>]       W (or 256) hashes of level 8L
    tile/entries/<N>[.p/<W>]   the entries, each after its length in 16 bits

Source: c2sp.org/tlog-tiles at 5ba5ee8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from station.errors import StationError
from station.ledger import checkpoint, merkle
from station.ledger.entry_body import any_data, checked
from station.ledger.log_reading import Head, head, log_id, nodes
from station.ledger.verify_report import Flaw, Report
from station.storage import atomic_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from station.ledger.checkpoint import Checkpoint
    from station.ledger.entry_body import CheckData
    from station.ledger.merkle import NodeReader
    from station.storage.database import Connection

WIDTH = 256
_BITS = 8
_LENGTH_BYTES = 2
_HASH_BYTES = 32


def export(db: Connection, folder: Path) -> int:
    """Write the log's tiles into ``folder``; how many entries they hold.

    An export that is there already is extended. Every file is written beside its
    name, synced and renamed; the checkpoint comes last, so that a reader never
    meets one whose tiles are not there.

    Raises:
        StationError: The folder holds another log's export, or one that is not
            the beginning of this log; or it cannot be written.
    """
    own, newest = log_id(db), head(db)
    (vkey,) = db.execute("SELECT vkey FROM log WHERE log_id = ?", (own,)).fetchone()
    read = nodes(db, own)
    try:
        old = _exported(folder, vkey, newest, read)
        for tile in _tiles(newest.size):
            level, index, width = tile
            path = folder / tile_path(*tile)
            if (index + 1) * WIDTH << _BITS * level <= old and path.exists():
                continue  # Full and exported before: it can never change again.
            first = index * WIDTH
            hashes = [read(_BITS * level, first + i) for i in range(width)]
            _write(path, b"".join(hashes))
            if level == 0:
                bundle = _bundle(db, own, first, width)
                _write(folder / tile_path("entries", index, width), bundle)
        _write(folder / "vkey", f"{vkey}\n".encode())
        _write(folder / "checkpoint", newest.note.encode())
    except OSError as fault:
        raise StationError(
            "Cannot write %(filename)s: %(reason)s.",
            filename=fault.filename,
            reason=fault.strerror,
        ) from fault
    return newest.size


def verify_tiles(
    folder: Path, vkey: str | None = None, check_data: CheckData = any_data
) -> Report:
    """What a check of an exported log finds: entries, every tile, signed head.

    Args:
        folder: Where ``checkpoint`` and ``vkey`` lie.
        vkey: The log's public key from elsewhere; without it the folder's own
            statement of it is believed.
        check_data: What the entries may hold in ``data``.
    """
    origin = str(folder)
    try:
        stated = _text(folder / "vkey").removesuffix("\n")
        if vkey is not None and stated != vkey:
            fault = f"The export's key is {stated}, not {vkey}."
            return Report(origin=origin, fault=fault)
        signed = checkpoint.verify(_text(folder / "checkpoint"), stated)
        origin = signed.origin
        _check_tiles(folder, signed, check_data)
    except Flaw as flaw:
        return Report(origin=origin, seq=flaw.seq, fault=flaw.text)
    except StationError as error:
        return Report(origin=origin, fault=error.text)
    return Report(origin=origin, size=signed.size, checkpoints=1, root=signed.root)


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """The path of a tile, with ``/`` between its parts.

    >>> tile_path(0, 1234067)
    'tile/0/x001/x234/067'
    >>> tile_path("entries", 1, 7)
    'tile/entries/001.p/7'
    """
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03d}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(parts)}{partial}"


def _exported(folder: Path, vkey: str, newest: Head, read: NodeReader) -> int:
    """How many entries of this log lie in the folder already.

    Raises:
        StationError: What lies there is not the beginning of this log.
    """
    path = folder / "checkpoint"
    if not path.exists():
        return 0
    there = checkpoint.verify(path.read_text(encoding="utf-8"), vkey)
    if there.size > newest.size or merkle.root(there.size, read) != there.root:
        raise StationError(
            "The export in %(folder)s is not the beginning of this log: keep it, "
            "it is evidence; export to another folder.",
            folder=folder,
        )
    return there.size


def _tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """Every tile of a tree of ``size``: (level, index, width), lowest level first."""
    level = 0
    while count := size >> (_BITS * level):
        for index in range(count // WIDTH):
            yield level, index, WIDTH
        if count % WIDTH:
            yield level, count // WIDTH, count % WIDTH
        level += 1


def _bundle(db: Connection, own: int, first: int, width: int) -> bytes:
    """The entries of one bundle, each after its length in 16 bits, big-endian."""
    rows = db.execute(
        "SELECT body FROM entry WHERE log_id = ? AND seq >= ? AND seq < ? ORDER BY seq",
        (own, first, first + width),
    )
    return b"".join(len(body).to_bytes(_LENGTH_BYTES, "big") + body for (body,) in rows)


def _write(path: Path, content: bytes) -> None:
    # Durable one after the other, so that the checkpoint really comes last.
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_file.write(path, content)


def _check_tiles(folder: Path, signed: Checkpoint, check_data: CheckData) -> None:
    """Grow the tree from the entries; compare every tile and the root with it.

    Raises:
        Flaw: The first thing that does not hold.
    """
    edge = merkle.Frontier()
    above: dict[int, list[bytes]] = {}
    for level, index, width in _tiles(signed.size):
        first = index * WIDTH
        path = folder / tile_path(level, index, width)
        tile = _read(path)
        if level == 0:
            bundle = _read(folder / tile_path("entries", index, width))
            entries = range(first, first + width)
            for leaf in _leaves(bundle, signed.origin, entries, tile, check_data):
                for height, _, found in edge.push(leaf):
                    above.setdefault(height, []).append(found)
        elif tile != b"".join(above[_BITS * level][first : first + width]):
            seq = first << _BITS * level
            raise Flaw(
                seq,
                "%(path)s does not follow from entry %(seq)s and those after.",
                path=path,
                seq=seq,
            )
    if edge.root() != signed.root:
        raise Flaw(None, "The entries do not lead to the signed checkpoint.")


def _leaves(
    bundle: bytes, origin: str, entries: range, tile: bytes, check_data: CheckData
) -> list[bytes]:
    """The leaf hashes of a bundle's entries, found equal to the tile's.

    Raises:
        Flaw: An entry is missing, is not canonical or not the tile's.
    """
    leaves: list[bytes] = []
    for seq in entries:
        size = int.from_bytes(bundle[:_LENGTH_BYTES], "big")
        body, bundle = bundle[_LENGTH_BYTES:][:size], bundle[_LENGTH_BYTES + size :]
        leaf = merkle.leaf_hash(body)
        at = len(leaves) * _HASH_BYTES
        if leaf != tile[at : at + _HASH_BYTES]:
            raise Flaw(
                seq,
                "Entry %(seq)s is not the one whose hash its tile holds.",
                seq=seq,
            )
        try:
            value = checked(body)
            check_data(str(value["type"]), cast("Mapping[str, object]", value["data"]))
        except StationError as fault:
            raise Flaw(
                seq,
                "Entry %(seq)s: %(fault)s",
                seq=seq,
                fault=fault,
            ) from fault
        if (value["log"], value["seq"]) != (origin, seq):
            raise Flaw(
                seq,
                "Entry %(seq)s says that it is %(other)s of another.",
                seq=seq,
                other=value["seq"],
            )
        leaves.append(leaf)
    if bundle or len(tile) != len(entries) * _HASH_BYTES:
        index = entries[0] // WIDTH
        raise Flaw(
            None,
            "Bundle or tile %(index)s holds more than its entries.",
            index=index,
        )
    return leaves


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise StationError(
            "Cannot read %(path)s: %(reason)s.",
            path=path,
            reason=fault.strerror,
        ) from fault


def _text(path: Path) -> str:
    return _read(path).decode(errors="replace")
