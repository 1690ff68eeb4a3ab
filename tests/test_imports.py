"""Imports go down only (DESIGN section 2): every one in every package is walked."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ("labels", "station", "web")

FLOORS: tuple[tuple[str, ...], ...] = (
    ("labels",),
    ("station.language",),
    ("station.errors", "station.leg", "station.zone", "station.camera_advice"),
    ("station.model", "station.roles"),
    ("station.camera_frames",),
    ("station.storage",),
    ("station.settings",),
    ("station.capture", "station.intake", "station.ledger"),
    ("station.custody",),
    ("station.backup",),
    ("station.founding",),
    ("station.exchange",),
    ("station.runtime",),
    ("web",),
    ("station.serve",),
    ("station.demo", "station.doctor"),
    ("station.bench",),
    ("station.cli",),
)
"""From the ground up; a module imports from its own package and from below it."""

NEVER: dict[str, tuple[str, ...]] = {
    "labels": ("station", "web", "cv2", "flask"),
    "station.capture": ("station.storage.database", "station.ledger"),
    "station.intake": ("station.storage.database",),
    "station.ledger": ("cv2", "numpy", "flask"),
    "station.custody": ("station.capture", "cv2", "flask"),
    "station.model": ("cv2", "flask"),
    "web": ("station.capture", "station.founding", "cv2", "numpy"),
}
"""What the order alone does not forbid, or what must be said in so many words."""

ONLY: dict[str, tuple[str, ...]] = {
    "flask": ("web",),
    "cv2": ("station.capture", "station.bench", "station.doctor"),
    "pyzbar": ("station.capture",),
    "sqlite3": ("station.storage.database",),
    "pysqlite3": ("station.storage.database",),
    "sqlite_utils": ("station.storage",),
    "web": ("web", "station.serve", "station.cli"),
}
"""The packages that have one door, and who keeps it."""

PURE = {
    "station.custody.verdict_rule": (
        "station.model",
        "station.camera_frames",
        "station.leg",
    ),
    "station.custody.accounts.who_may_sign": (
        "station.model",
        "station.roles",
        "station.leg",
    ),
}
"""Modules of a house that may know nothing of it but this."""


@dataclass(frozen=True)
class Import:
    """One import, as it stands in a file."""

    module: str
    line: int
    target: str
    """``station.model.Verdict`` for ``from station.model import Verdict``."""


def lies_in(name: str, package: str) -> bool:
    """True where ``name`` is ``package`` or within it."""
    return name == package or name.startswith(f"{package}.")


def walk(root: Path) -> Iterator[Import]:
    """Every import of the three packages, in functions and for types alone too."""
    for package in HOUSE:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            module = ".".join(parts).removesuffix(".__init__")
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                for target in targets(node, parts[:-1]):
                    yield Import(module, node.lineno, target)  # type: ignore[attr-defined]  # an import has a line


def targets(node: ast.AST, package: tuple[str, ...]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else ()
        base = ".".join([*above, *([node.module] if node.module else [])])
        return [f"{base}.{alias.name}" for alias in node.names]
    return []


def floor(name: str) -> int | None:
    for height, packages in enumerate(FLOORS):
        if any(lies_in(name, package) for package in packages):
            return height
    return None


def home(name: str) -> str:
    """The part of the house that a module belongs to."""
    parts = [package for packages in FLOORS for package in packages]
    return next((package for package in parts if lies_in(name, package)), name)


def wrongs(root: Path) -> list[str]:
    """A sentence for every import that goes where it must not."""
    return [
        f"{found.module} line {found.line} imports {found.target}: {wrong}"
        for found in walk(root)
        for wrong in (*doors(found), *stairs(found))
    ]


def doors(found: Import) -> Iterator[str]:
    module, target = found.module, found.target
    for package, forbidden in NEVER.items():
        if lies_in(module, package) and any(lies_in(target, one) for one in forbidden):
            yield f"{package} never does"
    for package, keepers in ONLY.items():
        if lies_in(target, package) and not any(lies_in(module, k) for k in keepers):
            yield f"only {', '.join(keepers)} may"


def stairs(found: Import) -> Iterator[str]:
    module, target = found.module, found.target
    if target.split(".")[0] not in HOUSE:
        return
    allowed = PURE.get(module)
    if allowed and not any(lies_in(target, one) for one in allowed):
        yield f"{module} knows nothing but {', '.join(allowed)}"
    here, there = floor(module), floor(target)
    if module in HOUSE:
        yield "the package itself imports nothing"
    elif here is None or there is None:
        lost = module if here is None else target
        yield f"{lost} has no floor: say in FLOORS where it stands"
    elif home(module) != home(target) and there >= here:
        yield "imports go down only"


def test_imports_go_down_only() -> None:
    assert wrongs(ROOT) == []


def test_the_walk_sees_the_whole_house() -> None:
    seen = {(found.module, found.target) for found in walk(ROOT)}

    # One from each package; one for types alone; one inside a function.
    assert ("labels.label_code", "labels.label_errors.LabelFault") in seen
    assert ("station.custody.verdict_rule", "station.model.Verdict") in seen
    assert ("station.custody.gate.scanning", "station.ledger.log.Log") in seen
    assert ("station.serve", "web.app.create_app") in seen
    assert any(
        m == "station.cli.run_station" and t == "station.serve.Station" for m, t in seen
    )
    assert {found.module for found in walk(ROOT)} >= {
        "web.app",
        "station.ledger.merkle",
        "station.capture.decoding.decoder",
    }


def test_every_floor_holds_something() -> None:
    """A misspelt name here would forbid nothing."""
    modules = {found.module for found in walk(ROOT)}

    empty = {
        package
        for packages in FLOORS
        for package in packages
        if not any(lies_in(module, package) for module in modules)
    }

    assert empty == set()


FORBIDDEN = (
    ("labels/label_code.py", "from station.model import Json", "labels never does"),
    ("labels/label_code.py", "import web", "labels never does"),
    ("station/model.py", "from station.storage import database", "go down only"),
    ("station/capture/jpeg.py", "import station.ledger.log", "capture never does"),
    ("station/capture/jpeg.py", "from station.storage.database import Row", "never"),
    ("station/capture/jpeg.py", "from station import runtime", "go down only"),
    ("station/ledger/log.py", "import numpy as np", "ledger never does"),
    ("station/ledger/log.py", "from flask import g", "ledger never does"),
    ("station/ledger/log.py", "from station.custody import gate", "go down only"),
    ("station/ledger/log.py", "import sqlite3", "only station.storage.database may"),
    ("station/custody/verdict_rule.py", "import station.storage", "nothing but"),
    (
        "station/custody/verdict_rule.py",
        "from station.custody import registry",
        "knows nothing but station.model",
    ),
    (
        "station/custody/verdict_rule.py",
        "from labels.label_code import ItemId",
        "knows nothing but station.model",
    ),
    ("station/custody/registry.py", "from web import app", "only web, station.serve"),
    ("station/custody/gate/panel.py", "from ...runtime import hub", "go down only"),
    ("station/runtime/hub.py", "from web.app import create_app", "only web"),
    ("web/gate.py", "from station.capture.decoding.decoder import texts", "never does"),
    ("web/gate.py", "from station.serve import Station", "go down only"),
    ("web/gate.py", "import cv2", "web never does"),
    ("station/serve.py", "from station.cli.main import main", "go down only"),
    ("station/newcomer.py", "from station.model import Json", "has no floor"),
    ("station/custody/load.py", "from station import newcomer", "has no floor"),
    ("station/__init__.py", "from station.model import Json", "imports nothing"),
)


@pytest.mark.parametrize(
    ("file", "line", "sentence"),
    FORBIDDEN,
    ids=[f"{file}: {line}" for file, line, _ in FORBIDDEN],
)
@pytest.mark.parametrize(
    "form", ["{}", "def late():\n    {}", "if TYPE_CHECKING:\n    {}"]
)
def test_a_forbidden_import_is_found(
    form: str, file: str, line: str, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(form.format(line), "utf-8")

    found = wrongs(tmp_path)

    assert any(sentence in wrong for wrong in found)
    assert all(f"line {form.count(chr(10)) + 1} imports" in wrong for wrong in found)


ALLOWED = (
    ("station/custody/gate/panel.py", "from station.custody import verdict_rule"),
    ("station/custody/verdict_rule.py", "from station.model import Verdict"),
    ("station/custody/registry.py", "from labels.label_code import ItemId"),
    ("station/capture/jpeg.py", "import cv2"),
    ("station/runtime/hub.py", "from station.capture import jpeg"),
    ("web/gate.py", "from station.custody.gate import panel"),
    ("web/gate.py", "from flask import g"),
    ("station/serve.py", "from web.app import create_app"),
    ("station/cli/main.py", "from station import serve"),
    ("station/storage/database.py", "import sqlite3"),
)


@pytest.mark.parametrize(("file", "line"), ALLOWED)
def test_a_lawful_import_is_no_fault(file: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(line, "utf-8")

    assert wrongs(tmp_path) == []
