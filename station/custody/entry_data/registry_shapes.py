"""What entries about the log itself, the plan, people and labels hold."""

from __future__ import annotations

from station.custody.entry_data.fields import (
    AREA,
    COUNT,
    DESTINATION,
    ELECTION,
    ITEM,
    PERSON,
    SHA256,
    TEXT,
    TRUE,
    EntryShape,
    JsonKind,
    list_of,
    map_of,
    may,
    need,
    nullable,
    one_of,
    row_of,
)
from station.custody.entry_data.words import RegistryAction
from station.model import Ballot, EntryType
from station.roles import Role

_PERSON = need("person", PERSON, "Whom it is about.")
_ROLE = need("role", one_of(Role), "The role from now on.")
_AREA_ROW = row_of(
    ("level", TEXT),
    ("code", AREA),
    ("name", TEXT),
    ("parent", nullable(AREA)),
    ("dapil", nullable(TEXT)),
)
_STATION_ROW = row_of(
    ("area", AREA),
    ("number", TEXT),
    ("voters", COUNT),
    ("ballot papers", map_of(one_of(Ballot), COUNT)),
)
_HELD_ROW = row_of(("file", TEXT), ("sheet", TEXT), ("row", COUNT), ("problem", TEXT))
_ELECTION = may("election", ELECTION, "Where it is not the main one.")
_ISSUE = need("issue", COUNT, "Issue number of the labels.")


def _person(word: RegistryAction, meaning: str) -> EntryShape:
    """An entry that names a person and no more."""
    return EntryShape(
        type=EntryType.REGISTRY, word=word, meaning=meaning, fields=(_PERSON,)
    )


def _rows(name: str, kind: JsonKind, meaning: str) -> EntryShape:
    """A part of a plan; each entry holds one kind of rows."""
    return EntryShape(
        type=EntryType.REGISTRY,
        word=RegistryAction.PLAN,
        mark=name,
        meaning=meaning,
        fields=(
            need("files", map_of(TEXT, SHA256), "The files read, by name."),
            _ELECTION,
            need(name, list_of(kind), "The rows."),
        ),
    )


SHAPES = (
    EntryShape(
        type=EntryType.REGISTRY,
        mark="genesis",
        meaning="Entry 0: the log begins.",
        fields=(
            need("genesis", TRUE, "Marks entry 0."),
            need("vkey", TEXT, "The log's public key, as a C2SP verifier key."),
            need("predecessor", nullable(TEXT), "Last checkpoint of the log before."),
        ),
    ),
    _rows("areas", _AREA_ROW, "Areas of an imported plan, new or changed."),
    _rows("polling_stations", _STATION_ROW, "TPS of an imported plan."),
    _rows("held", _HELD_ROW, "Rows of an imported plan that were left out."),
    _rows("open", DESTINATION, "TPS that wait for a row that was left out."),
    EntryShape(
        type=EntryType.REGISTRY,
        word=RegistryAction.ALIAS,
        meaning="Another label's text names this item too.",
        fields=(need("text", TEXT, "What the other label holds, never parsed."),),
    ),
    EntryShape(
        type=EntryType.REGISTRY,
        word=RegistryAction.ENROL,
        meaning="Somebody was put in the directory.",
        fields=(
            _PERSON,
            _ROLE,
            need("name_sha256", SHA256, "SHA-256 of a salt and the name."),
            need("badge_sha256", nullable(SHA256), "The same of the badge number."),
        ),
    ),
    EntryShape(
        type=EntryType.REGISTRY,
        word=RegistryAction.ROLE,
        meaning="Somebody was given another role.",
        fields=(_PERSON, _ROLE, may("before", one_of(Role), "The role until then.")),
    ),
    _person(RegistryAction.ERASE, "Somebody's name, badge and password were erased."),
    _person(RegistryAction.PASSWORD, "Somebody chose a password."),
    _person(RegistryAction.PIN, "Somebody chose a PIN."),
    _person(RegistryAction.CODE, "Somebody was given a one-time code."),
    EntryShape(
        type=EntryType.REGISTRY,
        word=RegistryAction.TRIP_NAMES_ERASED,
        meaning="The names of a consignment's trips were erased.",
    ),
    EntryShape(
        type=EntryType.COMMISSIONING,
        mark="destination",
        meaning="New items were registered, and their first labels issued.",
        fields=(
            _ISSUE,
            need("destination", DESTINATION, "Where they go."),
            need(
                "kinds",
                list_of(nullable(one_of(Ballot))),
                "Kind of election of each item in order, or one for all.",
            ),
            need("container", nullable(ITEM), "The box that these bundles belong in."),
            need("quantity", nullable(COUNT), "Ballot papers in each."),
            _ELECTION,
        ),
    ),
    EntryShape(
        type=EntryType.COMMISSIONING,
        meaning="Labels were issued anew; the ones before are dead.",
        fields=(_ISSUE, need("reason", TEXT, "Why, in a person's own words.")),
    ),
    EntryShape(
        type=EntryType.DECOMMISSIONING,
        meaning="Items were taken out of use.",
        fields=(
            may("reason", TEXT, "Why, in a person's own words."),
            may("signed", SHA256, "Digest of the act, where two people signed it."),
        ),
    ),
)
