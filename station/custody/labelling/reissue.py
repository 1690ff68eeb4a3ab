"""Labels after their first issue: the next one, none any more, or another's beside it.

Each act is an entry with a reason or a text; nothing that was printed is forgotten.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from labels.label_code import SCHEME, compress
from station.custody import registry
from station.custody.consignment import after_closing
from station.custody.labelling.print_errors import PrintError, PrintObstacle
from station.leg import Tier
from station.model import Draft, EntryType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from station.custody.registry import NamedItem
    from station.ledger.log import Batch, Log
    from station.model import Entry, Instant
    from station.storage.database import Connection

RANGES = 2_000
"""Item ids and ranges in one entry, well under its 65,535 bytes."""
_LONGEST_ALIAS = 1_000
"""Characters; a QR symbol of the largest size holds 4,296."""


def reissue(
    batch: Batch, items: Iterable[str], *, reason: str, actor: str, at: Instant
) -> list[Entry]:
    """Make the next issue of these items' labels; the ones before are dead.

    Raises:
        PrintError: no reason, or an item is not registered here or voided.
    """
    _give_reason(reason)
    following: dict[int, list[str]] = defaultdict(list)
    for named in _standing(batch.db, items):
        following[named.item.issue + 1].append(named.item.id)
    return [
        batch.append(
            Draft(
                type=EntryType.COMMISSIONING,
                event=at,
                actor=actor,
                place=batch.place,
                items=part,
                data={"issue": issue, "reason": reason.strip()},
            )
        )
        for issue, ids in sorted(following.items())
        for part in parts(ids)
    ]


def void(
    log: Log, items: Iterable[str], *, reason: str, actor: str, at: Instant
) -> list[Entry]:
    """Take these items out of use: their labels were destroyed or never needed.

    Raises:
        PrintError: no reason, or an item is not registered here, voided, or
            already on its way.
    """
    with log.writing() as batch:
        voided = voidable(batch.db, items, reason)
        return [
            batch.append(
                Draft(
                    type=EntryType.DECOMMISSIONING,
                    event=at,
                    actor=actor,
                    place=batch.place,
                    items=part,
                    data={"reason": reason.strip()},
                )
            )
            for part in parts([named.item.id for named in voided])
        ]


def voidable(db: Connection, items: Iterable[str], reason: str) -> list[NamedItem]:
    """These items, which may be taken out of use for this reason.

    Raises:
        PrintError: no reason, or an item is not registered here, voided, or
            already on its way.
    """
    _give_reason(reason)
    registered = list(_standing(db, items))
    for named in registered:
        if not (named.item.stands(Tier.GUDANG) or _is_lost(db, named)):
            raise PrintError(
                PrintObstacle.ON_ITS_WAY,
                "%(hri)s has left: it is on %(consignment)s; take it off first, or "
                "reprint it.",
                label=named.hri,
                hri=named.hri,
                consignment=named.item.consignment,
            )
    return registered


def _is_lost(db: Connection, named: NamedItem) -> bool:
    """True for what its consignment was closed without, at the other end."""
    consignment = str(named.item.consignment)
    return any(
        one.item.id == named.item.id for one in after_closing.missing(db, consignment)
    )


def link(log: Log, item: str, text: str, *, actor: str, at: Instant) -> Entry:
    """Let another label's text, such as a SILOG QR, name this item from here on.

    The text is kept without blanks around it and never parsed. Once linked it stays:
    one text, one item.

    Raises:
        PrintError: the text is empty, one of our own or linked already, or the item
            is not registered here, voided, or has such a text.
    """
    # A scanner adds blanks or ends of line of its own; no label differs by them.
    text = text.strip()
    _check_foreign_text(text)
    with log.writing() as batch:
        (named,) = _standing(batch.db, [item])
        _check_unlinked(batch.db, item, text)
        return batch.append(
            Draft(
                type=EntryType.REGISTRY,
                event=at,
                actor=actor,
                place=batch.place,
                items=(named.item.id,),
                data={"action": "alias", "text": text},
            )
        )


def _check_foreign_text(text: str) -> None:
    whole = text.encode("utf-8", "ignore").decode("utf-8") == text
    if not whole or not text.strip() or len(text) > _LONGEST_ALIAS:
        raise PrintError(
            PrintObstacle.TEXT_FORM,
            "Expected a label's text of 1 to %(longest_alias)s whole characters, "
            "got %(count)s; scan the other label.",
            most=_LONGEST_ALIAS,
            longest_alias=_LONGEST_ALIAS,
            count=len(text),
        )
    if text.upper().startswith(SCHEME):
        raise PrintError(
            PrintObstacle.TEXT_OURS,
            "Expected another label's text, got one of ours; scan the other label.",
        )


def _check_unlinked(db: Connection, item: str, text: str) -> None:
    taken = db.execute(
        "SELECT item FROM alias WHERE text = ? OR item = ?", (text, item)
    ).fetchone()
    if taken is not None:
        raise PrintError(
            PrintObstacle.LINKED,
            "Expected a label and an item without a link, %(taken)s has one "
            "already; look at its history.",
            item=taken["item"],
            taken=taken["item"],
        )


def parts(items: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """These ids as ranges, in as many pieces as they need entries."""
    ranges = compress(items)
    for start in range(0, len(ranges), RANGES):
        yield ranges[start : start + RANGES]


def _give_reason(reason: str) -> None:
    if not reason.strip():
        raise PrintError(PrintObstacle.NO_REASON, "Give a reason: say what happened.")


def _standing(db: Connection, items: Iterable[str]) -> Iterator[NamedItem]:
    """The registered items of these ids, each once.

    Raises:
        PrintError: one is not registered here, or voided.
    """
    for item in dict.fromkeys(items):
        named = registry.item(db, item)
        if named is None or named.item.voided:
            raise PrintError(
                PrintObstacle.NOT_STANDING,
                "Expected a registered item that is not voided, got %(item)r; look "
                "at its history.",
                item=item,
            )
        yield named
