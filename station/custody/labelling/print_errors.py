"""What stands in the way of a label on paper; the screen words it in its language."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from station.errors import StationError

if TYPE_CHECKING:
    from collections.abc import Mapping


class PrintObstacle(StrEnum):
    """Why labels cannot be drawn, handed over, renewed, voided or linked."""

    NOTHING_FITS = "nothing_fits"
    ALL_PRINTED = "all_printed"
    PRINTED = "printed"
    """Labels are on paper already, and no reason says why they are printed again."""
    AREA_FORM = "area_form"
    TPS_FORM = "tps_form"
    ITEM_FORM = "item_form"
    NO_STOCK = "no_stock"
    NO_JOB = "no_job"
    NO_PAGE = "no_page"
    UNREAD = "unread"
    """A label that was drawn does not read back; ``label`` and ``page`` say which."""
    STRANGE = "strange"
    """Something reads that was not drawn."""
    CHANGED = "changed"
    """An item was reprinted or voided since its label was drawn."""
    NO_REASON = "no_reason"
    NOT_STANDING = "not_standing"
    """Not registered here, or voided."""
    OLD_LABEL = "old_label"
    """A label of an earlier issue, or one that this station never made."""
    ON_ITS_WAY = "on_its_way"
    TEXT_FORM = "text_form"
    """Another label's text is empty, too long, or not whole characters."""
    TEXT_OURS = "text_ours"
    LINKED = "linked"
    """This text or this item has a link already."""


class PrintError(StationError):
    """One sentence: what was expected, what was got, what to do."""

    def __init__(self, code: PrintObstacle, sentence: str, /, **facts: object) -> None:
        super().__init__(sentence, **facts)
        self.code = code
        self.facts: Mapping[str, object] = facts
        """What the screen's sentence fills in, such as ``label``."""
