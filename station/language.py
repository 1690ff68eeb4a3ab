"""Texts of the station, translated where a person reads them.

They are written in English, problems of plan files in Indonesian; ``str`` gives that,
and exceptions, logs and tests depend on no language. A surface (command line, page)
asks for its own with ``translated``.
"""

from __future__ import annotations

import functools
import gettext
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LANGUAGES = ("id", "en")
"""Indonesian, the default, and English."""
FOLDER = Path(__file__).parent / "translations"


class Text(str):
    """A text that remembers how it was filled in, so it can be translated.

    >>> str(Text("%(count)s files in %(folder)s", count=3, folder="plan"))
    '3 files in plan'
    """

    __slots__ = ("facts", "msgid")
    facts: Mapping[str, object]
    msgid: str

    def __new__(cls, msgid: str, /, **facts: object) -> Self:
        """A sentence with ``%(name)s`` in it, and the facts to fill in."""
        made = super().__new__(cls, msgid % facts if facts else msgid)
        made.msgid, made.facts = msgid, facts
        return made


def translated(text: str, language: str) -> str:
    """A text in a language of ``LANGUAGES``; a plain string is returned as it is.

    Facts that are texts themselves are translated, too.
    """
    if not isinstance(text, Text):
        return text
    facts = {
        name: translated(fact, language) if isinstance(fact, str) else fact
        for name, fact in text.facts.items()
    }
    words = _catalogue(language).gettext(text.msgid)
    return words % facts if facts else words


def joined(parts: Iterable[str], between: str = ", ") -> Text:
    """The parts as one text, each translated by itself."""
    facts = {f"part_{number}": part for number, part in enumerate(parts)}
    return Text(between.join(f"%({name})s" for name in facts), **facts)


@functools.cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("messages", FOLDER, [language], fallback=True)
