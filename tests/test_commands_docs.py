"""docs/commands.md: every command, every option of it, and an example of each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
import pytest

from station.cli.main import main
from tests.doc_pages import DOCS

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = DOCS / "commands.md"


def commands(
    group: click.Group, name: str = "jejak"
) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its whole name."""
    for command in group.commands.values():
        whole = f"{name} {command.name}"
        if isinstance(command, click.Group):
            yield from commands(command, whole)
        else:
            yield whole, command


COMMANDS = dict(commands(main))


def sections() -> dict[str, str]:
    """The parts of the page that begin with a command's name."""
    parts = re.split(r"^##+ ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    heads = (part.partition("\n") for part in parts)
    return {
        head.strip("`"): text for head, _, text in heads if head.startswith("`jejak")
    }


def test_every_command_has_its_part_and_no_other_has() -> None:
    assert set(sections()) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_its_row(name: str) -> None:
    rows = re.findall(r"^\| (`--.*?) \|", sections()[name], re.MULTILINE)
    documented = {option for row in rows for option in re.findall(r"`(--[\w-]+)`", row)}

    known = {
        option
        for param in COMMANDS[name].params
        for option in (*param.opts, *param.secondary_opts)
        if option.startswith("--")
    }
    assert documented == known


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example(name: str) -> None:
    assert re.search(rf"^uv run {name}\b", sections()[name], re.MULTILINE)
