"""New items and their first labels, as entries; ``relabelling`` renews labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.label_code import SERIALS, ItemId, ItemKind, compress
from station.errors import StationError
from station.model import Draft, EntryType
from station.settings.election_profiles import MAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from station.ledger.log import Batch
    from station.model import Ballot, Entry, Instant, Json
    from station.storage.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Labels to issue together: one place, one entry."""

    kind: ItemKind
    destination: str
    ballots: tuple[Ballot | None, ...]
    """The kind of election of each item, in order."""
    container: str | None = None
    """The box in which these bundles belong."""
    quantity: int | None = None
    """Sheets in each bundle."""
    election: str = MAIN
    """Tells a re-vote's items from those of the first vote at the same TPS."""


def issue(
    batch: Batch, regency: str, issues: Iterable[Issue], *, actor: str, at: Instant
) -> list[Entry]:
    """Register new items with label issue 1; serials go on from the highest so far.

    Raises:
        StationError: the kab/kota has no serials left for this kind.
    """
    following: dict[ItemKind, int] = {}
    entries = []
    for wanted in issues:
        kind = wanted.kind
        if kind not in following:
            following[kind] = _next_serial(batch.db, regency, kind)
        start = following[kind]
        following[kind] = start + len(wanted.ballots)
        if following[kind] > SERIALS:
            raise StationError(
                "Expected free numbers for %(regency)s-%(kind)s, all are used.",
                regency=regency,
                kind=kind,
            )
        items = [
            str(ItemId.from_number(regency, kind, number))
            for number in range(start, following[kind])
        ]
        entries.append(batch.append(_commissioning(batch, wanted, items, actor, at)))
    return entries


def _commissioning(
    batch: Batch, wanted: Issue, items: Sequence[str], actor: str, at: Instant
) -> Draft:
    # One for all of them, or one for each; null for what holds no ballot papers.
    kinds: list[Json] = [
        None if kind is None else kind.value for kind in wanted.ballots
    ]
    if len(set(wanted.ballots)) == 1:
        kinds = kinds[:1]
    data: dict[str, Json] = {
        "issue": 1,
        "destination": wanted.destination,
        "kinds": kinds,
        "container": wanted.container,
        "quantity": wanted.quantity,
    }
    if wanted.election != MAIN:
        data["election"] = wanted.election
    return Draft(
        type=EntryType.COMMISSIONING,
        event=at,
        actor=actor,
        place=batch.place,
        items=compress(items),
        data=data,
    )


def _next_serial(db: Connection, regency: str, kind: ItemKind) -> int:
    # A range, not LIKE: LIKE ignores case and so cannot use the key's order. The
    # serial's characters sort as they count, and "." is what follows "-".
    (last,) = db.execute(
        "SELECT max(id) FROM item WHERE id > ? AND id < ?",
        (f"{regency}-{kind}-", f"{regency}-{kind}."),
    ).fetchone()
    return 1 if last is None else ItemId.parse(last).number + 1
