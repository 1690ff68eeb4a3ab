"""The check that an entry's ``data`` is of a known shape.

It is made before an entry is recorded, since its bytes stay for ever, and by
`jejak verify`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.custody.entry_data import gate_shapes, registry_shapes, system_shapes
from station.custody.entry_data.fields import fields_fit, word_field
from station.errors import StationError
from station.language import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from station.custody.entry_data.fields import DataField, EntryShape

SHAPES: tuple[EntryShape, ...] = (
    *registry_shapes.SHAPES,
    *gate_shapes.SHAPES,
    *system_shapes.SHAPES,
)
"""Every kind of entry that a release has written; none is ever taken away."""
_ADVICE = Text(
    "If a newer release of Jejak wrote it, verify with that one; otherwise keep the "
    "file and report it."
)


def check_data(entry_type: str, data: Mapping[str, object]) -> None:
    """Refuse what no release up to this one writes in an entry of this type.

    Args:
        entry_type: The entry's ``type``.
        data: Its ``data``, in dicts and lists.

    Raises:
        StationError: Action or event, or a field is unknown, or a field is missing
            or of another kind; the sentence names it.
    """
    word = data.get(word_field(entry_type))
    key = (entry_type, word if isinstance(word, str) else None)
    for mark, fit, shape in _COMPILED.get(key, ()):
        if mark is None or mark in data:
            if not fit(data):
                raise StationError(_fault(_called(entry_type, word), shape.whole, data))
            return
    raise StationError(
        "Expected a kind of entry that this release knows, got %(kind)s. %(advice)s",
        kind=_called(entry_type, word),
        advice=_ADVICE,
    )


def _compiled() -> dict[tuple[str, str | None], list[_Compiled]]:
    found: dict[tuple[str, str | None], list[_Compiled]] = {}
    # What is told by a field of its own comes before what is told by having none.
    for shape in sorted(SHAPES, key=lambda shape: shape.mark is None):
        key = (str(shape.type), None if shape.word is None else str(shape.word))
        found.setdefault(key, []).append((shape.mark, fields_fit(shape.whole), shape))
    return found


if TYPE_CHECKING:
    _Compiled = tuple[str | None, Callable[[Mapping[str, object]], bool], EntryShape]
_COMPILED = _compiled()


def _called(entry_type: str, word: object) -> str:
    return entry_type if word is None else f"{entry_type} {str(word)[:40]!a}"


def _fault(
    kind: str,
    fields: tuple[DataField, ...],
    data: Mapping[str, object],
    within: str = "",
) -> str:
    """What is wrong with data that does not fit."""
    known = {field.name: field for field in fields}
    for name, value in data.items():
        field = known.get(name)
        path = f"{within}{name}"
        if field is None:
            return Text(
                "Expected the fields of %(kind)s, got also %(path)a. %(advice)s",
                kind=kind,
                path=path[:60],
                advice=_ADVICE,
            )
        if field.kind.fits(value):
            continue
        if field.kind.fields and isinstance(value, dict):
            return _fault(kind, field.kind.fields, value, f"{path}.")
        return Text(
            "Expected %(path)s of %(kind)s to be %(expected)s, got %(got)s. %(advice)s",
            path=path,
            kind=kind,
            expected=field.kind.name,
            got=repr(value)[:60],
            advice=_ADVICE,
        )
    missing = next(f for f in fields if not f.optional and f.name not in data)
    return Text(
        "Expected %(path)s in %(kind)s, found none. %(advice)s",
        path=f"{within}{missing.name}",
        kind=kind,
        advice=_ADVICE,
    )
