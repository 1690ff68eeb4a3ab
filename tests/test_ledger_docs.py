"""docs/ledger.md: the check by other people's tools, run as it is written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from station.ledger import tiles
from tests.doc_pages import DOCS, read
from tests.ledger_station import Ledger, ledgers, loading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    yield from ledgers(tmp_path)


@pytest.fixture
def exported(tmp_path: Path, ledger: Ledger) -> Path:
    """A folder with the export DIR: a full bundle of entries and a part of another."""
    ledger.append(*(loading(number) for number in range(6, 300)))
    tiles.export(ledger.db, tmp_path / "DIR")
    return tmp_path


def block(language: str) -> str:
    (found,) = (
        text for kind, text in read(DOCS / "ledger.md").blocks if kind == language
    )
    return found


def altered(file: Path) -> None:
    """One bit of the file turned over, in its middle."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def root_agrees(folder: Path) -> bool:
    (folder / "root.py").write_text(block("python"), "utf-8")
    done = subprocess.run(
        [sys.executable, "root.py", "DIR"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0 and "the root agrees" in done.stdout


def signature_holds(folder: Path) -> bool:
    done = subprocess.run(
        ["bash", "-ec", block("sh")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0 and "Verified Successfully" in done.stdout


def test_the_script_finds_the_root_and_an_altered_entry(exported: Path) -> None:
    assert root_agrees(exported)

    altered(exported / "DIR" / "tile" / "entries" / "000")
    assert not root_agrees(exported)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_accepts_the_head_and_no_altered_one(exported: Path) -> None:
    assert signature_holds(exported)

    head = exported / "DIR" / "checkpoint"
    head.write_text(head.read_text("utf-8").replace("\n301\n", "\n300\n"), "utf-8")
    assert "\n300\n" in head.read_text("utf-8")
    assert not signature_holds(exported)
