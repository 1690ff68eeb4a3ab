"""What entries about scans, holds, conditions and consignments hold."""

from __future__ import annotations

from station.camera_frames import ScanSource
from station.custody.entry_data.fields import (
    AREA,
    CONSIGNMENT,
    COUNT,
    ELECTION,
    ITEM,
    ITEM_OR_RANGE,
    SEQ,
    SHA256,
    TEXT,
    TRUE,
    UTC_MS,
    YES_NO,
    EntryShape,
    list_of,
    map_of,
    may,
    need,
    nullable,
    one_of,
    record_of,
    word_or_text,
)
from station.custody.entry_data.words import (
    AcknowledgeReason,
    Condition,
    ConsignmentAction,
    InspectingAction,
    TakeOff,
    Where,
    Wrong,
)
from station.model import Ballot, Disposition, EntryType, Reason, Step

SIGNED = need("signed", SHA256, "Digest of the act that both people signed.")
_REASON = need("reason", TEXT, "Why, in a person's own words.")
_SCAN = (
    need("source", one_of(ScanSource), "How the text reached the gate."),
    may("camera", TEXT, "Name of the camera that saw it."),
    may("form", COUNT, "Number of the paper form that it was entered from."),
    may("alias", TRUE, "It was read from another label that is linked to the item."),
)
_NAME_HASH = "SHA-256 of a salt and the name, which lies in an erasable table."
TRIP = record_of(
    "trip (see below)",
    (
        may("vehicle", TEXT, "Number plate."),
        may("carrier", TEXT, "Whose truck it is."),
        may("escort_unit", TEXT, "The unit of the escort."),
        may("supervisor_unit", TEXT, "The supervisors' office."),
        may("door_seal", TEXT, "Number of the seal on the truck's door."),
        may("leaves_ms", UTC_MS, "Planned departure."),
        may("arrives_ms", UTC_MS, "Planned arrival."),
        may("weather", TEXT, "The weather."),
        may("rain_cover", YES_NO, "Whether the load is covered against rain."),
        need(
            "names_sha256",
            record_of(
                "hashes of names (see below)",
                (
                    may("driver", SHA256, _NAME_HASH),
                    may("escort", SHA256, _NAME_HASH),
                    may("supervisor", SHA256, _NAME_HASH),
                    may("key_holder", SHA256, _NAME_HASH),
                ),
            ),
            "The people of the trip, by hashes alone.",
        ),
    ),
)
_TRIP = need("trip", TRIP, "Vehicle, times and people, all of them anew.")
_ROUTE = (
    need("number", COUNT, "The number in the consignment's id."),
    need("leg", TEXT, "From which kind of place to which, such as `gudang-ppk`."),
    need("from", AREA, "Code of the place that it leaves."),
    need("to", AREA, "Code of the place that it is for."),
    need("kinds", list_of(one_of(Ballot)), "The kinds of election that go."),
    need("kindless", YES_NO, "Whether goods of no kind of election go too."),
    need("election", nullable(ELECTION), "Goods of this election alone; null: of any."),
    need("returned", YES_NO, "Whether goods go that came back once already."),
)
_SET = (
    need("count", COUNT, "How many items it is about."),
    need("digest", SHA256, "Of the item ids, sorted, each followed by a line feed."),
)
_CLOSED = (
    *_SET,
    need("foreign", COUNT, "Scans at this gate that were no label of ours."),
    need("unread", COUNT, "Labels that were seen at this gate and never read."),
    need("reason", nullable(TEXT), "Why items are missing; null where none are."),
    need(
        "dispositions",
        map_of(one_of(Disposition), list_of(ITEM_OR_RANGE)),
        "What becomes of the items that were listed and not loaded.",
    ),
    SIGNED,
)
_CANCELLED = (*_SET, _REASON, SIGNED)

SHAPES = (
    EntryShape(
        type=EntryType.LOADING,
        meaning="An item was scanned onto the truck.",
        fields=_SCAN,
    ),
    EntryShape(
        type=EntryType.ACCEPTING,
        meaning="An item was counted in at the other end.",
        fields=_SCAN,
    ),
    EntryShape(
        type=EntryType.REFUSED,
        meaning="A scan with another verdict than ACCEPTED.",
        fields=(
            *_SCAN,
            may("reason", one_of(Reason), "Why it got this verdict."),
            may("belongs_to", AREA, "The place that the item is for."),
            may("heading_for", AREA, "The place that this consignment is for."),
            may("belongs_on", CONSIGNMENT, "The open consignment that lists it."),
            may("box", ITEM, "The box that this bundle belongs in."),
            may("kind", one_of(Ballot), "The item's kind of election."),
            may("prior", SEQ, "The entry that counted it, or that it was last in."),
            may("issue", COUNT, "Issue number of the label that was scanned."),
            may("valid_issue", COUNT, "Issue number of the label that counts."),
        ),
    ),
    EntryShape(
        type=EntryType.INSPECTING,
        word=InspectingAction.ACKNOWLEDGE,
        meaning="Somebody looked at a held item and ended the hold.",
        fields=(
            need("hold", SEQ, "The refused scan that held the gate."),
            need("reason", one_of(AcknowledgeReason), "What was done with the item."),
            need("note", TEXT, "A person's own words, or nothing."),
            need("bring_back", list_of(ITEM), "Items that passed while it was held."),
        ),
    ),
    EntryShape(
        type=EntryType.INSPECTING,
        word=InspectingAction.CONDITION,
        meaning="Condition and seals of an item, as seen at one end of its way.",
        fields=(
            need("step", one_of(Step), "At which end."),
            need("condition", one_of(Condition), "How it looks."),
            need("seals", list_of(TEXT), "Numbers of the seals on it."),
            need("note", nullable(TEXT), "A person's own words."),
            may("doubled", list_of(TEXT), "Seals recorded for another item before."),
            may("form", COUNT, "Number of the paper form that it was entered from."),
        ),
    ),
    EntryShape(
        type=EntryType.UNLOADING,
        meaning="An item was taken off the truck before it departed.",
        fields=(
            need("reason", word_or_text(TakeOff), "Why."),
            need("loaded", SEQ, "The entry that loaded it."),
        ),
    ),
    EntryShape(
        type=EntryType.DEPARTING,
        meaning="A consignment was closed and departed; `items` are on it.",
        fields=_CLOSED,
    ),
    EntryShape(
        type=EntryType.ARRIVING,
        meaning="A consignment was opened at its other end.",
        fields=(need("count", COUNT, "How many items departed with it."),),
    ),
    EntryShape(
        type=EntryType.CONSIGNMENT,
        word=ConsignmentAction.DRAFT,
        meaning="A consignment was planned, or planned anew.",
        fields=(
            *_ROUTE,
            need("capacity", nullable(COUNT), "Boxes that the truck takes."),
            need("without", list_of(ITEM_OR_RANGE), "Items that do not go."),
            _TRIP,
        ),
    ),
    EntryShape(
        type=EntryType.CONSIGNMENT,
        word=ConsignmentAction.UNDRAFT,
        meaning="A planned consignment was dropped.",
    ),
    EntryShape(
        type=EntryType.CONSIGNMENT,
        word=ConsignmentAction.OPEN,
        meaning="A consignment was opened; `items` is what is expected on it.",
        fields=(*_ROUTE, *_SET, _TRIP),
    ),
    EntryShape(
        type=EntryType.CONSIGNMENT,
        word=ConsignmentAction.TRIP,
        meaning="The trip of a consignment that is being loaded was recorded anew.",
        fields=(_TRIP,),
    ),
    EntryShape(
        type=EntryType.CONSIGNMENT,
        word=ConsignmentAction.ACCEPTED,
        meaning="A consignment was closed at its other end.",
        fields=(
            *_CLOSED,
            need("missing", list_of(ITEM_OR_RANGE), "What departed and did not come."),
        ),
    ),
    EntryShape(
        type=EntryType.CONSIGNMENT,
        word=ConsignmentAction.CANCEL,
        meaning="A consignment was given up while it was loaded; `items` were on it.",
        fields=_CANCELLED,
    ),
    EntryShape(
        type=EntryType.CONSIGNMENT,
        word=ConsignmentAction.FOUND,
        meaning="An item turned up after its consignment was closed without it.",
        fields=(
            need("where", one_of(Where), "At which end of the way."),
            _REASON,
            SIGNED,
        ),
    ),
    EntryShape(
        type=EntryType.ERROR_DECLARATION,
        meaning="The entry that `corrects` names is wrong.",
        fields=(
            need("reason", one_of(Wrong), "In which way."),
            need("note", TEXT, "A person's own words."),
            SIGNED,
        ),
    ),
    EntryShape(
        type=EntryType.ERROR_DECLARATION,
        mark="trip",
        meaning="The trip of a consignment that departed was put right.",
        fields=(
            need("reason", one_of(Wrong), "Always `incorrect_data`."),
            need("note", TEXT, "A person's own words."),
            _TRIP,
            SIGNED,
        ),
    ),
    EntryShape(
        type=EntryType.ERROR_DECLARATION,
        word=ConsignmentAction.CANCEL,
        meaning="A consignment was given up on its way: it departed by mistake.",
        fields=_CANCELLED,
    ),
    EntryShape(
        type=EntryType.ERROR_DECLARATION,
        word=ConsignmentAction.RETRACT,
        meaning="A consignment was opened at its other end by mistake.",
        fields=(_REASON, SIGNED),
    ),
)
