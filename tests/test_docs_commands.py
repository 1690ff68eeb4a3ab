"""Every `jejak ...` in docs/ and README.md is understood, every settings block loads.

A command is in a fenced block, where it is complete, or in inline code, where
arguments may be left out; what is written in capitals is to be filled in. Nothing is
run.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import click
import pytest

from station.settings import station_toml
from tests.doc_pages import DOCS, INDONESIAN, PAGES, code_of, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.doc_pages import Prose


def fenced_commands(prose: Prose) -> Iterator[str]:
    """The complete `jejak ...` command lines of the blocks without a language."""
    for language, text in prose.blocks:
        if language in {"", "sh", "bash", "console"}:
            for line in text.splitlines():
                for part in line.split(" #")[0].split("&&"):
                    match = re.match(r"[\s$]*(?:\w+=\S+ )*(?:uv run )?jejak (.*)", part)
                    if match:
                        yield match[1].strip()


def inline_commands(prose: Prose) -> Iterator[str]:
    for text in code_of(prose):
        match = re.match(r"(?:uv run )?jejak ([a-z-].*)", text)
        if match:
            yield re.sub(r"[\[\]]|\.\.\.", "", match[1])


def fault(line: str, *, complete: bool) -> str | None:
    """What `jejak` has against this command line; nothing is run."""
    command: click.Command = program()
    words = [word for word in shlex.split(line) if word not in {"...", "…"}]
    context = click.Context(command, info_name="jejak")
    while isinstance(command, click.Group) and words and words[0][0] != "-":
        name = words.pop(0)
        found = command.get_command(context, name)
        if found is None:
            return f"no command {name}"
        command, context = found, click.Context(found, context, name)
    try:
        given, _, _ = command.make_parser(context).parse_args(list(words))
        for param in command.params:
            _check(param, given.get(str(param.name)), context, complete=complete)
    except click.UsageError as error:
        # What stands at the end of a mention may be told by its text.
        if not complete and isinstance(error, click.BadOptionUsage):
            return None
        return error.format_message()
    return None


def _check(
    param: click.Parameter, value: object, context: click.Context, *, complete: bool
) -> None:
    # Of what is not given click makes a mark of its own; a flag needs no check.
    if not isinstance(value, str | tuple | list):
        if complete and param.required and not _asked(param):
            raise click.MissingParameter(ctx=context, param=param)
        return
    to_fill_in = re.fullmatch(r"[A-Z:\W]+", str(value))
    if not to_fill_in and not isinstance(param.type, click.Path | click.File):
        param.type_cast_value(context, value)


def _asked(param: click.Parameter) -> bool:
    return isinstance(param, click.Option) and param.prompt is not None


@cache
def program() -> click.Group:
    (script,) = entry_points(group="console_scripts", name="jejak")
    found = script.load()
    assert isinstance(found, click.Group)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_understood(page: Path) -> None:
    prose = read(page)
    lines = [(line, True) for line in fenced_commands(prose)]
    lines += [(line, False) for line in inline_commands(prose)]

    wrong = {line: fault(line, complete=complete) for line, complete in lines}
    assert {line: why for line, why in wrong.items() if why} == {}


@pytest.mark.parametrize("page", INDONESIAN, ids=lambda page: page.name)
def test_options_that_are_named_alone_exist(page: Path) -> None:
    known = {
        option
        for command in program().commands.values()
        for param in command.params
        for option in (*param.opts, *param.secondary_opts)
    }
    options = {text.split()[0] for text in code_of(read(page)) if text[:2] == "--"}
    assert options - known == set()


@pytest.mark.parametrize(
    ("line", "complete", "why"),
    [
        ("serve --camera 0", True, None),
        ("bench WHAT --json", False, None),
        ("export tiles", False, None),
        ("export tiles", True, "Missing argument"),
        ("issue boxes", True, "is not one of"),
        ("labels --stok a4-4", True, "No such option"),
        ("labels --dpi 204 --zpl x.zpl", True, "is not one of"),
        ("serv --camera 0", True, "no command"),
    ],
)
def test_wrong_commands_are_found(line: str, complete: bool, why: str | None) -> None:  # noqa: FBT001 - a column of the table
    found = fault(line, complete=complete)

    assert found is None if why is None else why in str(found)


def test_commands_are_found_in_a_page(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text(
        "`jejak doctor` and `uv run jejak\nverify DIR`, `jejakx`\n\n"
        "1. so:\n\n   ```\n   pip install uv && uv run jejak demo  # shows it\n   ```\n"
        "```toml\njejak nothing\n```\n",
        "utf-8",
    )

    assert list(inline_commands(read(page))) == ["doctor", "verify DIR"]
    assert list(fenced_commands(read(page))) == ["demo"]


def blocks(page: Path) -> list[str]:
    """The page's pieces of station.toml."""
    return [text for language, text in read(page).blocks if language == "toml"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_are_toml(page: Path) -> None:
    for text in blocks(page):
        assert tomllib.loads(text)


def test_first_settings_of_a_station_load(tmp_path: Path) -> None:
    text = blocks(DOCS / "administrator.md")[0]
    (tmp_path / "station.toml").write_text(text, "utf-8")

    settings = station_toml.load(tmp_path)
    assert [gate.name for gate in settings.gates] == ["gerbang-1", "ppk"]
    assert [camera.gate for camera in settings.cameras] == ["gerbang-1", "ppk"]
