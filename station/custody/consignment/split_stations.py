"""Polling stations whose boxes travel on more than one consignment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.custody import registry
from station.leg import kecamatan_of

if TYPE_CHECKING:
    from station.custody.load import Load
    from station.custody.registry import Place
    from station.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Split:
    """A TPS of which a consignment takes a part."""

    place: Place
    here: int
    """Boxes on this consignment's list."""
    elsewhere: tuple[tuple[int, int], ...]
    """Number of another consignment, and how many of its boxes that one has."""
    left: int
    """Boxes that are on no consignment's list."""


_OTHERS = """\
WITH mine AS (
  SELECT item.id AS id, item.destination AS tps, item.election AS election
  FROM consignment_item JOIN item ON item.id = consignment_item.item
  JOIN consignment ON consignment.id = consignment_item.consignment
  WHERE consignment_item.consignment = :id AND instr(item.destination, '/') > 0
    AND (phase = 'loading' OR departed = 1)
)
SELECT
  part.tps,
  part.election,
  part.here,
  (
    -- The newest that took it on this leg, or is to.
    SELECT number FROM consignment_item
    JOIN consignment ON consignment.id = consignment_item.consignment
    WHERE consignment_item.item = item.id AND leg = :leg
      AND (phase = 'loading' OR departed = 1)
    ORDER BY number DESC LIMIT 1
  ) AS number,
  count(*) AS n
FROM (SELECT tps, election, count(*) AS here FROM mine GROUP BY 1, 2) AS part
JOIN item ON item.destination = part.tps AND item.election = part.election
  AND item.kecamatan = :kecamatan
  AND item.container IS NULL AND item.voided = 0
  AND item.id NOT IN (SELECT id FROM mine)
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 4
"""


def split(db: Connection, load: Load) -> list[Split]:
    """Each TPS of which this consignment has a part alone, by its code."""
    found: dict[tuple[str, str], Split] = {}
    bound = {
        "id": load.id,
        "leg": load.leg.name,
        "kecamatan": kecamatan_of(load.area),
    }
    for row in db.execute(_OTHERS, bound):
        key = (row["tps"], row["election"])
        one = found.get(key)
        if one is None:
            one = Split(registry.place(db, row["tps"]), row["here"], (), 0)
        if row["number"] is None:
            one = Split(one.place, one.here, one.elsewhere, row["n"])
        else:
            other = (*one.elsewhere, (row["number"], row["n"]))
            one = Split(one.place, one.here, other, one.left)
        found[key] = one
    return [found[key] for key in sorted(found)]
