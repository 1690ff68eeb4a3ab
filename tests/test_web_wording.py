"""Every member of every enum that can reach a screen has its words there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask_babel import Babel

from labels.label_code import ItemKind, LabelError
from labels.label_errors import LabelFault
from station.camera_frames import CameraState, Reader, ScanSource
from station.custody.entry_data.words import AcknowledgeReason, TakeOff
from station.custody.labelling.selection import BALLOT_WORDS
from station.errors import OperationRefused, RefusalReason, StationError
from station.model import (
    Ballot,
    ClockState,
    EntryType,
    ItemState,
    Phase,
    Reason,
    Step,
    Verdict,
)
from web import board
from web.wording import (
    alarm_sentences,
    entry_words,
    error_sentences,
    label_words,
    refusals,
    terms,
    verdicts,
)
from web.wording.alarm_sentences import Alarm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from enum import Enum

TABLES: list[tuple[type[Enum], Mapping[Any, Any]]] = [
    (Verdict, verdicts.VERDICT),
    (Reason, verdicts.REASON),
    (AcknowledgeReason, terms.ACKNOWLEDGE),
    (TakeOff, terms.TAKE_OFF),
    (Ballot, terms.BALLOT),
    (ItemKind, terms.KIND),
    (Step, terms.STEP),
    (Phase, terms.PHASE),
    (CameraState, terms.CAMERA),
    (ItemState, terms.ITEM_STATE),
    (EntryType, entry_words.ENTRY),
    (EntryType, entry_words.EVENT),
    (ScanSource, terms.SOURCE),
    (Reader, terms.READER),
    (ClockState, terms.CLOCK),
    (LabelFault, label_words.FAULT),
    (RefusalReason, refusals.REFUSAL),
    (Alarm, alarm_sentences.ALARM),
    (board.PlaceStatus, board.STANDING),
]
FACTS: dict[str, str | int] = {
    "number": 12,
    "gate": "Gerbang PPK",
    "tier": "ppk",
    "place": "17.71.03",
    "name": "Teluk Segara",
    "missing": 3,
    "item": "1771-B-0007K",
    "most": 3800,
    "free": 5,
    "wait_s": 30,
    "shortest": 10,
    "digits": 6,
    "got": 64,
    "form": "F-0007",
    "n": 4,
    "row": 2,
    "open": "0002",
    "to": "Selebar",
}
NOT_ON_SCREEN = re.compile(r"maaf|Ups|silakan|mohon|\bOK\b|error", re.IGNORECASE)


@pytest.fixture(autouse=True)
def _indonesian() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app, default_locale="id")
    with app.test_request_context():
        yield


@pytest.mark.parametrize(("members", "table"), TABLES)
def test_wording_is_total(members: type[Enum], table: Mapping[Any, Any]) -> None:
    assert set(table) == set(members)
    for words in table.values():
        assert str(words).strip()


@pytest.mark.parametrize("verdict", Verdict)
def test_verdict_has_word_shape_giant_and_line_for_each_step(verdict: Verdict) -> None:
    words = verdicts.VERDICT[verdict]

    assert str(words.word)
    assert words.shape
    for step in Step:
        assert str(words.giant[step]).isupper()
        assert str(words.line[step])
    assert bool(words.badge) is verdict.holds


def test_holds_tell_themselves_apart_by_badge_and_reason() -> None:
    holds = [verdicts.VERDICT[verdict] for verdict in Verdict if verdict.holds]

    assert len({words.badge for words in holds}) == len(holds)
    assert len({str(words.line[Step.LOADING]) for words in holds}) == len(holds)
    assert {words.shape for words in holds} == {"stop-octagon"}


@pytest.mark.parametrize("code", RefusalReason)
def test_refusal_is_whole_sentences_in_indonesian(code: RefusalReason) -> None:
    told = error_sentences.of_error(
        OperationRefused(code, "An English sentence.", **FACTS)
    )

    assert told.endswith(".")
    assert "%(" not in told
    assert "English" not in told
    assert not NOT_ON_SCREEN.search(told)


def test_screen_and_label_call_a_kind_of_election_by_one_name() -> None:
    assert {kind: str(words) for kind, words in terms.BALLOT.items()} == BALLOT_WORDS


@pytest.mark.parametrize("fault", LabelFault)
def test_fault_of_a_label_is_whole_sentences_in_indonesian(fault: LabelFault) -> None:
    told = error_sentences.of_error(LabelError(fault, "4", "'7'"))

    assert told.endswith(".")
    assert "%" not in told
    assert not NOT_ON_SCREEN.search(told)


def test_mistyped_code_never_names_the_character_that_was_expected() -> None:
    told = error_sentences.of_error(LabelError(LabelFault.CHECK, "4", "'7'"))

    assert told == (
        "Kode salah ketik. Huruf terakhir tidak cocok dengan yang lain. "
        "Periksa lagi seluruh kode di bawah QR."
    )


def test_other_fault_of_the_station_keeps_its_own_sentence() -> None:
    told = error_sentences.of_error(StationError("Expected a key, found none."))

    assert told == "Tidak dapat dilakukan. Expected a key, found none."


def test_alarm_names_its_camera_and_an_unknown_one_is_not_hidden() -> None:
    assert alarm_sentences.of_alarm("camera:kamera-2").startswith(
        "Kamera kamera-2 terputus."
    )
    assert "fire" in alarm_sentences.of_alarm("fire")


def test_gate_is_not_called_by_the_words_for_signing_in_and_out() -> None:
    assert [str(terms.STEP[step]) for step in Step] == ["Muat", "Terima"]


def test_wrong_number_of_a_tps_is_no_wrong_count() -> None:
    told = error_sentences.of_error(LabelError(LabelFault.COUNT, "1 sampai 999", "0"))

    assert told == "Angka salah. Seharusnya 1 sampai 999, tertulis 0."


def test_reason_that_a_person_wrote_stays_as_written() -> None:
    assert terms.act_reason("set_aside") == "dipisahkan ke area tahan"
    assert terms.act_reason("Ban truk pecah") == "Ban truk pecah"
