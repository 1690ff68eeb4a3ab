"""The wheel holds what the checkout holds, and a ledger begins from it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

BEGIN = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from station.storage import database
from station.ledger.checkpoint import Signer
from station.ledger.log import Log, head
from station.ledger.verify import verify
from station.model import system_clock
assert Path(database.__file__).is_relative_to(sys.argv[1]), database.__file__
folder = Path(sys.argv[2])
signer = Signer.create(folder / "station.key")
db = database.create(folder / "ledger.db")
Log.create(db, origin="jejak/x/g1", place="x", signer=signer, clock=system_clock)
database.close_writer(db)
db = database.open_writer(folder / "ledger.db")
assert Log.open(db, signer, system_clock).size == 1
print(verify(db).sentence)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, unpacked."""
    if (uv := shutil.which("uv")) is None:
        pytest.skip("uv is not installed, so no wheel is built")
    out = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [uv, "build", "--wheel", "--out-dir", str(out), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 and "hatchling" in done.stderr and "fetch" in done.stderr:
        pytest.skip("the build backend cannot be fetched: no package registry")
    assert done.returncode == 0, done.stderr
    (built,) = out.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(out / "unpacked")
    return out / "unpacked"


def test_the_schema_in_the_wheel_is_the_one_in_the_checkout(wheel: Path) -> None:
    inside = (wheel / "station" / "schema.sql").read_bytes()

    assert inside == (ROOT / "schema.sql").read_bytes()
    assert not (ROOT / "station" / "schema.sql").exists()


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "labels", "station", "web"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if tracked.returncode != 0 or not tracked.stdout:
        pytest.skip("this is no git checkout")

    missing = [
        name
        for name in tracked.stdout.split("\n")
        if name and (ROOT / name).is_file() and not (wheel / name).is_file()
    ]

    assert missing == []


def test_a_ledger_begins_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN, str(wheel), str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "jejak/x/g1 is sound: 1 entries" in done.stdout
