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
    # How well a label is seen: a part of what a camera tells, so below its value.
    ("station.sight",),
    ("station.refusal",),
    ("station.leg",),
    ("station.model",),
    ("station.toml_table", "station.zone"),
    ("station.election",),
    ("station.gates",),
    # Files that are whole or not there: pictures, tiles and backups all write them.
    ("station.durable",),
    # What knows the values of the path alone. The settings are such values; only
    # reading them is for the composition roots. The hub and the guard are filled by
    # the line and waited on by the pages, which so never meet each other.
    (
        "station.capture",
        "station.config",
        "station.errand",
        "station.guard",
        "station.hub",
        "station.machine",
        "station.writer",
    ),
    ("station.database",),
    ("station.ledger",),
    ("station.custody",),
    # What keeps the station safe while nobody looks; knows no gate and no camera. Its
    # check holds the tables of custody against the entries.
    ("station.highwater", "station.backup*", "station.vigil"),
    ("station.aside", "station.keeper"),
    ("station.watch",),
    ("station.exchange",),
    # What people do at a gate; the line adds the cameras.
    ("station.acts", "station.ticket", "station.waybills"),
    # What they do at a desk: labels and plan, each in threads of its own.
    ("station.press", "station.planning"),
    # The line joins light and rule: the one place that knows capture and custody.
    # The foundation makes a station's folder, keys and first entries.
    ("station.line", "station.foundation"),
    ("web",),
    # What was restored from a backup is taken before the station opens.
    ("station.serve", "station.restoring"),
    # The demo plays on a running station, the benches on the demo; doctor looks at
    # the parts.
    ("station.demo", "station.doctor*"),
    ("station.bench*",),
    ("station.cli*",),
)
"""From the ground up; a module imports from its own package and from below it."""

NEVER: dict[str, tuple[str, ...]] = {
    "labels": ("station", "web", "cv2", "flask"),
    "station.capture": ("station.database", "station.ledger", "station.custody"),
    "station.ledger": ("cv2", "numpy", "flask"),
    "station.custody": ("cv2", "flask"),
    "station.model": ("cv2", "flask", "station.database"),
    "web": ("station.capture", "station.line", "station.foundation", "cv2", "numpy"),
}
"""What the order alone does not forbid, or what must be said in so many words."""

ONLY: dict[str, tuple[str, ...]] = {
    "flask": ("web",),
    "cv2": ("station.capture",),
    "pyzbar": ("station.capture",),
    "sqlite3": ("station.database",),
    "pysqlite3": ("station.database",),
    "web": ("web", "station.serve", "station.cli*"),
}
"""The packages that have one door, and who keeps it."""

PURE = {"station.custody.rule": ("station.model", "station.leg")}
"""Modules of a house that may know nothing of it but this."""


@dataclass(frozen=True)
class Import:
    """One import, as it stands in a file."""

    module: str
    line: int
    target: str
    """``station.model.Verdict`` for ``from station.model import Verdict``."""


def lies_in(name: str, package: str) -> bool:
    """True where ``name`` is ``package`` or within it; ``cli*`` is also cli_more."""
    if package.endswith("*"):
        return name.startswith(package[:-1])
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
    assert ("labels.code", "labels.fault.Fault") in seen
    assert ("station.custody.rule", "station.model.Verdict") in seen
    assert ("station.custody.gate", "station.ledger.log.Log") in seen
    assert ("station.serve", "web.app.create_app") in seen
    assert any(m == "station.cli_run" and t == "station.serve.Station" for m, t in seen)
    assert {found.module for found in walk(ROOT)} >= {
        "web.app",
        "station.ledger.merkle",
        "station.capture.decoder",
    }


def test_every_floor_but_those_to_come_holds_something() -> None:
    """A misspelt name here would forbid nothing."""
    modules = {found.module for found in walk(ROOT)}
    to_come = {
        "station.exchange",
        "station.durable",
        "station.machine",
        "station.highwater",
        "station.backup*",
        "station.vigil",
        "station.aside",
        "station.keeper",
        "station.watch",
    }

    empty = {
        package
        for packages in FLOORS
        for package in packages
        if not any(lies_in(module, package) for module in modules)
    }

    assert empty - to_come == set()


FORBIDDEN = (
    ("labels/code.py", "from station.model import Json", "labels never does"),
    ("labels/code.py", "import web", "labels never does"),
    ("station/model.py", "from station.database import Row", "imports go down only"),
    ("station/capture/worker.py", "import station.ledger.log", "capture never does"),
    (
        "station/capture/worker.py",
        "from station.database import Row",
        "capture never does",
    ),
    ("station/capture/worker.py", "from station import line", "imports go down only"),
    ("station/ledger/log.py", "import numpy as np", "ledger never does"),
    ("station/ledger/log.py", "from flask import g", "ledger never does"),
    (
        "station/ledger/log.py",
        "from station.custody import gate",
        "imports go down only",
    ),
    ("station/ledger/log.py", "import sqlite3", "only station.database may"),
    (
        "station/custody/rule.py",
        "from station.database import Row",
        "knows nothing but station.model",
    ),
    (
        "station/custody/rule.py",
        "from station.custody import panel",
        "knows nothing but station.model",
    ),
    (
        "station/custody/rule.py",
        "from labels.code import ItemId",
        "knows nothing but station.model",
    ),
    ("station/custody/gate.py", "from web import app", "only web, station.serve"),
    ("station/custody/gate.py", "from ..line import GateLine", "imports go down only"),
    ("station/hub.py", "from station.custody import panel", "imports go down only"),
    ("station/line.py", "from web.hub import Hub", "only web, station.serve"),
    ("web/gate.py", "from station.capture.decoder import texts", "web never does"),
    ("web/gate.py", "from station.serve import Station", "imports go down only"),
    ("web/gate.py", "import cv2", "web never does"),
    ("station/serve.py", "from station.cli import main", "imports go down only"),
    ("station/newcomer.py", "from station.model import Json", "has no floor"),
    ("station/custody/gate.py", "from station import newcomer", "has no floor"),
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
    ("station/custody/gate.py", "from station.custody import rule"),
    ("station/custody/rule.py", "from station.model import Verdict"),
    ("station/custody/gate.py", "from labels.code import ItemId"),
    ("station/capture/decoder.py", "import cv2"),
    ("station/line.py", "from station.capture.passing import Passing"),
    ("web/gate.py", "from station.custody import panel"),
    ("web/gate.py", "from flask import g"),
    ("station/serve.py", "from web.app import create_app"),
    ("station/cli.py", "from station import serve"),
    ("station/database.py", "import sqlite3"),
)


@pytest.mark.parametrize(("file", "line"), ALLOWED)
def test_a_lawful_import_is_no_fault(file: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(line, "utf-8")

    assert wrongs(tmp_path) == []
