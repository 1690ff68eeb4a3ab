"""One language a run: ``--lang``, else JEJAK_LANG, else the station's own.

The language lies in click's own context (``obj`` of the root command), so a command
says what it says with ``say`` and knows nothing of languages.
"""

from __future__ import annotations

import copy
import gettext
import inspect
import os
from typing import TYPE_CHECKING

import click

from station.language import FOLDER, LANGUAGES, Text, translated

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME = "--lang"


def say(sentence: str, /, *, err: bool = False, **facts: object) -> None:
    """Print a text in the language of this run; its ``%(name)s`` are filled in."""
    click.echo(spoken(Text(sentence, **facts) if facts else sentence), err=err)


def spoken(text: str) -> str:
    """A text in the language of this run."""
    if not isinstance(text, Text):
        text = Text(text)
    return translated(text, str(click.get_current_context().find_root().obj))


def choose(args: Sequence[str]) -> tuple[str, list[str]]:
    """The language of a run, and its arguments without ``--lang``.

    The option may stand anywhere before ``--``. A language that is none stays where
    click refuses it.
    """
    left, chosen = list(args), _value(args, _NAME)
    if chosen is not None:
        at = next(i for i, arg in enumerate(left) if arg.partition("=")[0] == _NAME)
        whole = [_NAME, chosen]
        del left[at : at + (1 if "=" in left[at] else 2)]
        if chosen not in LANGUAGES:
            left = [*whole, *left]
    known = (chosen, os.environ.get("JEJAK_LANG"))
    language = next((one for one in known if one in LANGUAGES), None)
    return language or _of_station(_value(args, "--data")), left


def speak(language: str) -> None:
    """Let click's own words (``Usage:``, ``No such option``) be in this language."""
    gettext.bindtextdomain("messages", str(FOLDER))
    os.environ["LANGUAGE"] = language


def help_in(command: click.Command, language: str) -> click.Command:
    """A command whose help is in this language."""
    twin = copy.copy(command)
    twin._help_option = None  # noqa: SLF001 - click keeps it in the first language
    if command.help is not None:
        twin.help = _words(inspect.cleandoc(command.help), language)
    twin.params = [_option_in(param, language) for param in command.params]
    if isinstance(command, click.Group) and isinstance(twin, click.Group):
        twin.commands = {
            name: help_in(one, language) for name, one in command.commands.items()
        }
    return twin


def _option_in(param: click.Parameter, language: str) -> click.Parameter:
    if not isinstance(param, click.Option):
        return param
    twin = copy.copy(param)
    twin.help = None if param.help is None else _words(param.help, language)
    twin.prompt = None if param.prompt is None else _words(param.prompt, language)
    return twin


def _words(text: str, language: str) -> str:
    return translated(Text(text), language)


def _value(args: Sequence[str], option: str) -> str | None:
    """The value of an option as typed, before click has looked at it."""
    words = list(args)
    words = words[: words.index("--")] if "--" in words else words
    for word, following in zip(words, [*words[1:], None], strict=True):
        name, equals, value = word.partition("=")
        if name == option:
            return value if equals else following
    return None


def _of_station(data: str | None) -> str:
    """The language that station.toml names; the default where it names none."""
    import tomllib  # noqa: PLC0415

    from station.settings.data_folder import data_folder  # noqa: PLC0415

    try:
        file = data_folder(data) / "station.toml"
        station = tomllib.loads(file.read_text("utf-8-sig"))["station"]
        language = station["language"]
    except (OSError, ValueError, LookupError, TypeError):
        return LANGUAGES[0]  # the command itself reports what is wrong with the file
    return language if language in LANGUAGES else LANGUAGES[0]
