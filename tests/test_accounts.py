"""People: the directory beside the ledger, the door, and the second person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from station.custody.accounts import (
    credentials,
    directory,
    second_signature,
    sessions,
    who_may_sign,
)
from station.custody.accounts.directory import Newcomer
from station.custody.accounts.sign_in import Authenticator
from station.custody.entry_data.words import Wrong
from station.custody.gate import panel, shift_changes
from station.custody.gate.closing import Closing
from station.custody.history import error_declaration
from station.custody.load import open_load
from station.errors import OperationRefused, RefusalReason
from station.ledger import log as ledger
from station.ledger.verify import verify
from station.leg import Tier
from station.model import EntryType
from station.roles import Act, Role
from station.runtime.office_operations import OfficeOperations
from station.storage import database
from tests.conftest import OPERATOR, RECEIVER, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from station.ledger.log import Log
    from station.model import Entry
    from station.settings.station_toml import Settings
    from tests.conftest import City, Dock, StillClock

PASSWORD, PIN = "tujuh kotak biru", "280642"


@pytest.fixture
def door(log: Log, settings: Settings, clock: StillClock) -> Authenticator:
    """The door of the founded station; its administrator has no password yet."""
    return Authenticator(
        lambda act: act(log), lambda: database.open_reader(settings.database), clock
    )


@pytest.fixture
def office(log: Log, door: Authenticator, clock: StillClock) -> OfficeOperations:
    return OfficeOperations(lambda act: act(log), door, clock)


def newest(log: Log, number: int = 1) -> list[Entry]:
    return list(ledger.entries(log.db))[-number:]


def facts(entry: Entry) -> dict[str, Any]:
    return dict(entry.draft.data)


def code_of(refused: pytest.ExceptionInfo[OperationRefused]) -> RefusalReason:
    return refused.value.code


def add(
    office: OfficeOperations, role: Role = Role.OPERATOR, login: str = "budi"
) -> str:
    newcomer = Newcomer(name="Budi Santoso", badge="0012", role=role, login=login)
    return office.enrol(newcomer, "p01")[0]


# --- the directory ---------------------------------------------------------------


def test_entries_hold_ids_roles_and_hashes_alone(
    office: OfficeOperations, log: Log
) -> None:
    person = add(office)

    enrolled, coded = newest(log, 2)

    assert facts(enrolled).keys() == {
        *("action", "person", "role", "name_sha256", "badge_sha256")
    }
    assert enrolled.draft.type is EntryType.REGISTRY
    assert enrolled.draft.actor == "p01"
    assert facts(coded) == {"action": "code", "person": person}
    bodies = b"".join(bytes(row[0]) for row in log.db.execute("SELECT body FROM entry"))
    for word in (b"Budi", b"0012", b"budi"):
        assert word not in bodies


def test_another_name_behind_an_id_does_not_fit_the_ledger(
    office: OfficeOperations, log: Log
) -> None:
    person = add(office)
    assert all(one.bound for one in directory.roll(log.db))

    log.db.execute("UPDATE person SET name = 'Joko' WHERE id = ?", (person,))

    assert [one.id for one in directory.roll(log.db) if not one.bound] == [person]


def test_who_is_erased_leaves_a_number_and_a_ledger_that_verifies(
    office: OfficeOperations, door: Authenticator, log: Log, settings: Settings
) -> None:
    person = add(office)
    door.set_pin(person, PIN)
    token = door.admit(person, by_code=False)
    gate = settings.gate("gerbang-1")
    with log.writing() as batch:
        shift_changes.start(
            batch, gate, person, batch_clock(log), {"sound_heard": True}
        )

    office.erase(person, "p01")

    assert door.visitor(log.db, token) is None
    assert panel.shift(log.db, "gerbang-1") is None
    assert directory.role(log.db, person) is None
    for table in ("person", "credential", "attempt", "session"):
        column = "id" if table == "person" else "person"
        found = log.db.execute(
            f"SELECT 1 FROM {table} WHERE {column} = ?",  # noqa: S608 - names from above
            (person,),
        )
        assert found.fetchone() is None, table
    (gone,) = [one for one in directory.roll(log.db) if one.id == person]
    assert (gone.name, gone.badge, gone.login, gone.bound) == (None, None, None, True)
    assert verify(log.db).holds
    assert [facts(entry).get("event") for entry in newest(log, 2)] == [
        *("shift_end", None)
    ]
    for file in settings.folder.glob("ledger.db*"):
        assert b"Budi Santoso" not in file.read_bytes(), file.name


def test_what_is_erased_while_somebody_reads_is_gone_when_he_has_read(
    office: OfficeOperations, log: Log, settings: Settings
) -> None:
    person = add(office)
    reader = database.open_reader(settings.database)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM entry").fetchone()

    office.erase(person, "p01")
    wal = settings.database.with_name("ledger.db-wal")
    there = b"Budi Santoso" in wal.read_bytes()
    left = office.finish_erasing()
    # No statement is open: the next scan can be committed.
    with log.writing() as batch:
        directory.record(
            batch, {"action": "code", "person": "p01"}, batch_clock(log), "x"
        )
    reader.execute("COMMIT")
    reader.close()

    assert there, "else this test shows nothing"
    assert not left
    assert office.finish_erasing()
    for file in settings.folder.glob("ledger.db*"):
        assert b"Budi Santoso" not in file.read_bytes(), file.name


def test_erased_logins_leave_no_copy_where_rows_were_moved(
    office: OfficeOperations, log: Log, settings: Settings
) -> None:
    kept = credentials.make_hash("tujuh kotak biru")
    erased = []
    for number in range(60):
        login = f"rahasia-{number:02d}-{'x' * 18}"
        newcomer = Newcomer(name=f"Orang {number}", role=Role.OPERATOR, login=login)
        person = office.enrol(newcomer, "p01")[0]
        # Rows grow, and pages split.
        with log.writing() as batch:
            credentials.put(batch.db, person, "password", kept)
            credentials.put(batch.db, person, "pin", kept)
        erased.append((person, login))
    for person, _ in erased:
        office.erase(person, "p01")

    assert office.finish_erasing()
    for file in settings.folder.glob("ledger.db*"):
        held = file.read_bytes()
        assert [login for _, login in erased if login.encode() in held] == []


def test_another_role_ends_the_shift_and_who_may_not_work_begins_none(
    office: OfficeOperations, log: Log, settings: Settings
) -> None:
    person = add(office)
    gate = settings.gate("gerbang-1")
    with log.writing() as batch:
        shift_changes.start(
            batch, gate, person, batch_clock(log), {"sound_heard": True}
        )

    office.change_role(person, Role.OBSERVER, "p01")

    assert panel.shift(log.db, "gerbang-1") is None
    assert [facts(entry).get("event") for entry in newest(log, 2)] == [
        *("shift_end", None)
    ]
    with pytest.raises(OperationRefused) as refused, log.writing() as batch:
        shift_changes.start(
            batch, gate, person, batch_clock(log), {"sound_heard": True}
        )
    assert code_of(refused) is RefusalReason.MAY_NOT_WORK


def test_a_password_taken_during_its_own_check_opens_nothing(
    office: OfficeOperations, door: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = add(office)
    door.set_password(person, PASSWORD)
    real = credentials.fits

    def slow(secret: str, kept: str | None) -> bool:
        monkeypatch.setattr(credentials, "fits", real)
        office.give_code(person, "p01")
        return real(secret, kept)

    monkeypatch.setattr(credentials, "fits", slow)

    with pytest.raises(OperationRefused) as refused:
        door.sign_in("budi", PASSWORD)

    assert code_of(refused) is RefusalReason.WRONG_PASSWORD
    assert credentials.fits is real, "the code was given in the middle"


def test_a_handover_that_is_refused_spends_no_code(
    office: OfficeOperations, door: Authenticator, log: Log, settings: Settings
) -> None:
    newcomer = Newcomer(name="Sari", role=Role.PACKER, login="sari")
    person, code = office.enrol(newcomer, "p01")
    gate = settings.gate("gerbang-1")
    here = add(office)
    with log.writing() as batch:
        shift_changes.start(batch, gate, here, batch_clock(log), {"sound_heard": True})

    def let(to: str) -> None:
        shift_changes.check_pair(log.db, gate, (here, to))

    with pytest.raises(OperationRefused) as refused:
        door.prove("sari", code, let)

    assert code_of(refused) is RefusalReason.MAY_NOT_WORK
    assert door.prove("sari", code) == (person, True)


def test_a_session_found_over_stays_over(
    door: Authenticator, log: Log, clock: StillClock, loading: Dock, city: City
) -> None:
    token = door.admit(OPERATOR, by_code=False)
    loading.open()
    with log.writing() as batch:
        gate = loading.gate.settings
        shift_changes.start(batch, gate, OPERATOR, clock(), {"sound_heard": True})
    clock.pass_ms(sessions.IDLE_MS)
    assert door.visitor(log.db, token) is None

    loading.see(city.near[0])

    assert door.visitor(log.db, token) is None


def test_a_clock_set_back_far_ends_the_session(
    door: Authenticator, log: Log, clock: StillClock
) -> None:
    token = door.admit(OPERATOR, by_code=False)

    clock.now = replace(clock.now, wall_ms=clock.now.wall_ms - 60_000)
    assert door.visitor(log.db, token) is not None
    clock.now = replace(clock.now, wall_ms=clock.now.wall_ms - sessions.CLOCK_BACK_MS)

    assert door.visitor(log.db, token) is None


def batch_clock(log: Log) -> Any:  # noqa: ANN401 - the clock of the log under test
    return log._own.clock()


def test_the_last_administrator_stays(office: OfficeOperations, log: Log) -> None:
    with pytest.raises(OperationRefused) as own:
        office.erase("p01", "p01")
    other = add(office, Role.ADMINISTRATOR)
    with pytest.raises(OperationRefused) as last:
        office.change_role("p01", Role.OBSERVER, other)

    assert code_of(own) is RefusalReason.SAME_PERSON
    assert code_of(last) is RefusalReason.LAST_ADMINISTRATOR, "the other cannot come in"
    assert directory.role(log.db, "p01") is Role.ADMINISTRATOR
    assert len(directory.roll(log.db)) == 2


@pytest.mark.parametrize("login", ["", "Budi S", "b", "../x", "a" * 40, "-x"])
def test_a_login_is_plain(login: str, office: OfficeOperations, log: Log) -> None:
    size = log.size

    with pytest.raises(OperationRefused) as refused:
        add(office, login=login)

    assert code_of(refused) is RefusalReason.NO_NAME
    assert log.size == size


def test_login_and_badge_are_one_persons(office: OfficeOperations) -> None:
    add(office)
    for newcomer in (
        Newcomer(name="Budi Dua", role=Role.PACKER, login="budi"),
        Newcomer(name="Budi Dua", role=Role.PACKER, login="budi2", badge="0012"),
    ):
        with pytest.raises(OperationRefused) as refused:
            office.enrol(newcomer, "p01")
        assert code_of(refused) is RefusalReason.NAME_TAKEN


# --- the door ---------------------------------------------------------------------


def test_first_code_lets_the_administrator_in_once_and_not_after_15_minutes(
    door: Authenticator, log: Log, clock: StillClock
) -> None:
    told = door.first_code()
    assert told is not None
    login, code = told
    stored = log.db.execute("SELECT code_hash FROM credential").fetchone()[0]
    assert stored.startswith("$argon2id$")

    clock.pass_ms(credentials.CODE_LASTS_MS)
    with pytest.raises(OperationRefused):
        door.sign_in(login, code)
    again = door.first_code()
    assert again is not None
    assert again[1] != code
    with pytest.raises(OperationRefused):
        door.sign_in(login, code)
    visitor = door.visitor(log.db, door.sign_in(login, again[1].lower()))
    assert visitor is not None
    assert visitor.by_code
    with pytest.raises(OperationRefused):
        door.sign_in(login, again[1])

    door.set_password(visitor.person, PASSWORD)
    assert door.first_code() is None
    assert door.first_code(anew=True) is not None, "who owns the machine may"


def test_waits_double_and_end_and_the_right_word_forgives(
    door: Authenticator, log: Log, clock: StillClock
) -> None:
    door.set_password("p01", PASSWORD)
    for _ in range(5):
        with pytest.raises(OperationRefused) as refused:
            door.sign_in("pengelola", "salah")
        assert code_of(refused) is RefusalReason.WRONG_PASSWORD
    with pytest.raises(OperationRefused) as refused:
        door.sign_in("pengelola", PASSWORD)
    assert code_of(refused) is RefusalReason.LOCKED
    assert refused.value.facts == {"wait_s": 30}

    clock.pass_ms(30_000)
    with pytest.raises(OperationRefused):
        door.sign_in("pengelola", "salah")
    clock.pass_ms(30_000)
    with pytest.raises(OperationRefused) as refused:
        door.sign_in("pengelola", PASSWORD)
    assert refused.value.facts == {"wait_s": 30}, "the second wait is a minute"
    clock.pass_ms(30_000)
    door.sign_in("pengelola", PASSWORD)

    assert log.db.execute("SELECT count(*) FROM attempt").fetchone()[0] == 0
    told = [facts(entry).get("event") for entry in newest(log, 9)]
    failed, locked = "password_failed", "locked"
    assert told == [*[failed] * 5, locked, failed, locked, "sign_in"]


def test_an_attempt_counts_before_it_is_checked(log: Log, clock: StillClock) -> None:
    with log.writing() as batch:
        for _ in range(credentials.FREE["pin"]):
            credentials.reserve(batch.db, "p01", "pin", clock().wall_ms)
    with pytest.raises(OperationRefused) as refused, log.writing() as batch:
        credentials.reserve(batch.db, "p01", "pin", clock().wall_ms)

    assert code_of(refused) is RefusalReason.LOCKED


def test_a_clock_that_was_set_back_locks_nobody_for_a_year(
    log: Log, clock: StillClock
) -> None:
    with log.writing() as batch:
        for _ in range(3):
            credentials.reserve(batch.db, "p01", "pin", clock().wall_ms)
    year_ms = 365 * 86_400_000
    with pytest.raises(OperationRefused) as refused, log.writing() as batch:
        credentials.reserve(batch.db, "p01", "pin", clock().wall_ms - year_ms)

    assert refused.value.facts == {"wait_s": credentials.LONGEST_WAIT_S}


@pytest.mark.parametrize(
    "pin", ["12345", "1234567", "123456", "654321", "000000", "٣٣٣٣٣٣", "28064a"]
)
def test_a_weak_pin_is_refused(pin: str) -> None:
    with pytest.raises(OperationRefused) as refused:
        credentials.check_pin(pin)

    assert code_of(refused) is RefusalReason.WEAK_PIN


def test_session_ends_when_idle_and_after_12_hours(
    door: Authenticator, log: Log, clock: StillClock
) -> None:
    token = door.admit("p01", by_code=False)
    clock.pass_ms(sessions.IDLE_MS - 1)
    visitor = door.visitor(log.db, token)
    assert visitor is not None
    door.touch(visitor)
    for _ in range(24):
        clock.pass_ms(sessions.IDLE_MS - 1)
        visitor = door.visitor(log.db, token)
        if visitor is None:
            break
        door.touch(visitor)
    assert visitor is None, "12 hours are over, however busy"
    token = door.admit("p01", by_code=False)
    clock.pass_ms(sessions.IDLE_MS)
    assert door.visitor(log.db, token) is None


def test_scans_of_ones_shift_keep_a_session_and_pages_that_only_look_do_not(
    door: Authenticator,
    log: Log,
    city: City,
    dock: Callable[[str], Dock],
    clock: StillClock,
) -> None:
    loading = dock("gerbang-1")
    loading.open()
    token = door.admit(OPERATOR, by_code=False)
    other = door.admit(SECOND, by_code=False)
    with log.writing() as batch:
        shift_changes.start(batch, loading.gate.settings, OPERATOR, clock(), {})
    clock.pass_ms(sessions.IDLE_MS - 60_000)
    loading.see(city.near[0])
    clock.pass_ms(120_000)

    assert door.visitor(log.db, token) is not None
    assert door.visitor(log.db, other) is None


# --- the second person ----------------------------------------------------------------


def test_the_table_of_pairs_is_what_was_agreed() -> None:
    pairs = {
        (act, tier, first, second)
        for act, places in who_may_sign.SIGNS.items()
        for tier, firsts in places.items()
        for first, seconds in firsts.items()
        for second in seconds
    }
    signers = {role for _, _, *both in pairs for role in both}
    assert not signers & {Role.OBSERVER, Role.ADMINISTRATOR}
    for act, places in who_may_sign.SIGNS.items():
        assert places.keys() == set(Tier), act
    out, inward = Act.DEPART, Act.COMPLETE
    operator, receiver, packer = Role.OPERATOR, Role.RECEIVER, Role.PACKER
    assert (out, Tier.GUDANG, operator, packer) in pairs
    assert (inward, Tier.PPK, receiver, operator) in pairs
    assert (inward, Tier.GUDANG, operator, receiver) in pairs
    for tier in (Tier.PPK, Tier.PPS, Tier.KPPS):
        assert (out, tier, receiver, receiver) in pairs
        for second in Role:
            assert (inward, tier, operator, second) not in pairs
            assert (out, tier, operator, second) not in pairs
            assert (out, Tier.GUDANG, receiver, second) not in pairs
            assert (Act.RETRACT, tier, operator, second) not in pairs
        for first in Role:
            assert (out, tier, first, packer) not in pairs
            assert (inward, tier, first, packer) not in pairs
    for act, _, first, second in pairs:
        if act is Act.CORRECT:
            assert Role.SUPERVISOR in {first, second}


@pytest.mark.parametrize(
    ("tried", "code"),
    [
        ((OPERATOR, 0, 3), RefusalReason.SAME_PERSON),
        (("p99", 0, 3), RefusalReason.MAY_NOT_SIGN),
        ((SECOND, 60_001, 3), RefusalReason.TOO_LATE),
        ((SECOND, -1, 3), RefusalReason.TOO_LATE),
        ((SECOND, 0, 4), RefusalReason.CHANGED_MEANWHILE),
    ],
)
def test_what_nobody_may_sign(
    tried: tuple[str, int, int], code: RefusalReason, city: City, log: Log
) -> None:
    assert city.near
    second, wait_ms, count = tried
    asked = second_signature.SigningRequest(
        act=Act.DEPART, first=OPERATOR, facts={"count": 3}, asked_ms=100_000
    )

    with pytest.raises(OperationRefused) as refused:
        second_signature.admit(
            log.db, asked, second, {"count": count}, 100_000 + wait_ms
        )

    assert code_of(refused) is code


def test_closing_holds_both_people_and_what_they_signed(
    dock: Callable[[str], Dock], city: City, log: Log
) -> None:
    loading, ppk = dock("gerbang-1"), dock("ppk")
    load = loading.open()
    loading.see(city.near[0])
    departed = loading.close("truk penuh")
    ppk.arrive(load)
    for giver in (OPERATOR, SECOND):
        with pytest.raises(OperationRefused) as refused:
            ppk.gate.ask_close(Closing("x"), first=giver)
        assert code_of(refused) is RefusalReason.GIVER_IS_RECEIVER
    received = ppk.close("x")

    assert (departed.draft.actor, departed.draft.second) == (OPERATOR, SECOND)
    assert (received.draft.actor, received.draft.second) == (RECEIVER, OPERATOR)
    told = facts(departed)
    signed = second_signature.digest(
        Act.DEPART,
        OPERATOR,
        {
            "gate": "gerbang-1",
            "consignment": load,
            "count": told["count"],
            "digest": told["digest"],
            "missing": 4,
            "reason": told["reason"],
            "dispositions": told["dispositions"],
        },
    )
    assert told["signed"] == signed, "anybody can make it again from the entry"
    assert verify(log.db).holds


def test_what_can_be_declared_wrong(
    dock: Callable[[str], Dock], city: City, log: Log, clock: StillClock
) -> None:
    loading = dock("gerbang-1")
    loading.open()
    loading.see(city.near[0])
    seq = log.size - 1
    now_ms = clock().wall_ms

    def ask(entry: int, note: str = "salah kotak") -> second_signature.SigningRequest:
        why = (Wrong.DID_NOT_OCCUR, note)
        return error_declaration.ask(log.db, entry, why, first=OPERATOR, now_ms=now_ms)

    with pytest.raises(OperationRefused) as silent:
        ask(seq, " ")
    assert code_of(silent) is RefusalReason.REASON_NEEDED
    for other in (0, 1, log.size, -1):
        with pytest.raises(OperationRefused) as refused:
            ask(other)
        assert code_of(refused) is RefusalReason.NOT_CORRECTABLE, other
    asked = ask(seq)
    entry = error_declaration.declare(log, asked, SECOND, clock())
    with pytest.raises(OperationRefused) as twice:
        error_declaration.declare(log, asked, SECOND, clock())
    with pytest.raises(OperationRefused):
        ask(entry.seq)

    assert code_of(twice) is RefusalReason.NOT_CORRECTABLE
    assert entry.draft.type is EntryType.ERROR_DECLARATION
    assert (entry.draft.corrects, entry.draft.second) == (seq, SECOND)
    assert entry.draft.items == (city.near[0],)
    assert facts(entry)["reason"] == "did_not_occur"


# --- the shift -----------------------------------------------------------------------


def test_handover_is_one_entry_with_both_and_what_goes_along(
    dock: Callable[[str], Dock], city: City, log: Log, clock: StillClock
) -> None:
    loading = dock("gerbang-1")
    load = loading.open()
    loading.see(city.near[0])
    loading.see(city.far[0])
    hold = log.size - 1
    gate = loading.gate.settings
    with log.writing() as batch:
        shift_changes.start(batch, gate, OPERATOR, clock(), {})
    for pair in ((OPERATOR, OPERATOR), (SECOND, OPERATOR)):
        with pytest.raises(OperationRefused), log.writing() as batch:
            shift_changes.hand_over(batch, gate, pair, clock())

    with log.writing() as batch:
        entry = shift_changes.hand_over(batch, gate, (OPERATOR, SECOND), clock())

    assert (entry.draft.actor, entry.draft.second) == (SECOND, OPERATOR)
    assert entry.draft.consignment == load
    assert facts(entry) == {
        "event": "handover",
        "before": OPERATOR,
        "holds": [hold],
        "counted": 1,
    }
    assert panel.shift(log.db, gate.name) == SECOND
    assert panel.open_holds(log.db, gate.name) == [hold]
    assert open_load(log.db, gate.name) is not None


def test_folder_of_keys_is_not_in_the_database(settings: Settings) -> None:
    key = settings.web_key_file.read_text().strip().encode()
    files: list[Path] = list(settings.folder.glob("ledger.db*"))
    assert files
    assert not any(key in file.read_bytes() for file in files)
