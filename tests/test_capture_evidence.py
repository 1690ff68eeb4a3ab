from __future__ import annotations

import hashlib
import os
import sys
from typing import TYPE_CHECKING

import pytest

from station.capture.evidence_store import EvidenceStore
from station.capture.jpeg import colour_of
from station.errors import StationError
from station.storage import atomic_file
from tests.capture_pictures import jpeg, wall

if TYPE_CHECKING:
    from pathlib import Path


def test_evidence_is_kept_as_the_camera_made_it(tmp_path: Path) -> None:
    data = jpeg(wall())

    sha = EvidenceStore(tmp_path).keep(data)

    path = tmp_path / sha[:2] / f"{sha}.jpg"
    assert sha == hashlib.sha256(data).hexdigest()
    assert path.read_bytes() == data
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


def test_evidence_wider_than_1280_is_shrunk(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path)

    sha = store.keep(jpeg(wall(1080, 1920)))

    kept = store.path(sha).read_bytes()
    pixels = colour_of(kept)
    assert pixels is not None
    assert pixels.shape == (720, 1280, 3)
    assert hashlib.sha256(kept).hexdigest() == sha


def test_evidence_kept_twice_is_one_file(tmp_path: Path) -> None:
    store, data = EvidenceStore(tmp_path), jpeg(wall())
    first = store.keep(data)
    inode = store.path(first).stat().st_ino

    assert store.keep(data) == first
    assert store.path(first).stat().st_ino == inode


def test_evidence_that_lies_there_already_is_made_durable_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wrote it may have died between its name and the sync of its folder."""
    store, data = EvidenceStore(tmp_path), jpeg(wall())
    sha = store.keep(data)
    synced: list[Path] = []
    monkeypatch.setattr(atomic_file, "sync_folder", synced.append)

    store.keep(data)

    assert synced == [store.path(sha).parent]


def test_evidence_that_a_crash_left_short_is_written_again(tmp_path: Path) -> None:
    store, data = EvidenceStore(tmp_path), jpeg(wall())
    sha = store.keep(data)
    store.path(sha).write_bytes(data[:100])

    store.keep(data)

    assert store.path(sha).read_bytes() == data


@pytest.mark.parametrize(
    "name", ["", "abc", "../" * 20 + "x", "A" * 64, "a" * 63, "a" * 64 + "\n", "é" * 64]
)
def test_evidence_path_refuses_what_is_no_sha(tmp_path: Path, name: str) -> None:
    with pytest.raises(StationError, match="64 hexadecimal"):
        EvidenceStore(tmp_path).path(name)


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0 torn"])
def test_evidence_refuses_what_is_no_picture(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(StationError, match="expected a JPEG"):
        EvidenceStore(tmp_path).keep(data)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_evidence_on_a_full_disk_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(StationError, match="No space left"):
        EvidenceStore(tmp_path).keep(jpeg(wall()))

    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_evidence_syncs_file_before_name_and_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[list[str]] = []
    real = os.fsync

    def watched(handle: int) -> None:
        names.append(sorted(p.suffix for p in tmp_path.rglob("*") if p.is_file()))
        real(handle)

    monkeypatch.setattr(os, "fsync", watched)
    EvidenceStore(tmp_path).keep(jpeg(wall()))

    assert names[0] == [".part"]
    assert names[1:] == ([] if sys.platform == "win32" else [[".jpg"], [".jpg"]])
