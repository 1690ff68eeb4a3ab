"""The door: who comes in, with what, and what is recorded about it.

What was typed is never recorded, wrong names least of all: people type passwords
into the wrong field. Argon2 runs on the asking thread, records on the writing one.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from station.custody.accounts import credentials, directory, sessions
from station.custody.entry_data.words import SystemEvent
from station.errors import OperationRefused, RefusalReason
from station.roles import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.custody.accounts.credentials import Kind
    from station.custody.accounts.sessions import Visitor
    from station.ledger.log import Batch, Log
    from station.model import Clock, Json
    from station.storage.database import Connection, Row

T = TypeVar("T")

STRANGERS_EVERY_MS = 60_000
"""At most one entry a minute about logins that nobody has."""
ONCE_LASTS_MS = 120_000


class Write(Protocol):
    """Runs an act on the thread that writes."""

    def __call__(self, act: Callable[[Log], T], /) -> T:
        """What the act gives back, durable."""


class Authenticator:
    """Signing in and out, passwords, PINs and one-time codes."""

    def __init__(
        self, write: Write, read: Callable[[], Connection], clock: Clock
    ) -> None:
        self._write, self._read, self._clock = write, read, clock
        self._lock = threading.Lock()
        self._strangers = 0
        self._strangers_told_ms: int | None = None
        self._once: dict[bytes, tuple[str, int]] = {}

    def sign_in(self, login: str, secret: str) -> str:
        """The token of a new session, by password or one-time code.

        Raises:
            OperationRefused: wrong, without saying what; or too many were wrong before.
        """
        person, by_code = self.prove(login, secret)
        return self.admit(person, by_code=by_code)

    def prove(
        self, login: str, secret: str, let: Callable[[str], None] = lambda _: None
    ) -> tuple[str, bool]:
        """(person id, by a one-time code) of whoever knows this; nothing begins.

        Args:
            login: As typed.
            secret: Password, or one-time code, which is spent then.
            let: Lets pass who is meant, before a code is spent.

        Raises:
            OperationRefused: nobody has this login, or as ``_check`` and ``let``.
        """
        row = self._credential("login", login.strip().casefold())
        secret = secret[: credentials.LONGEST_PASSWORD]
        if row is None:
            credentials.pretend(secret)
            self._stranger()
            raise OperationRefused(
                RefusalReason.WRONG_PASSWORD, "Expected a login and password."
            )
        now_ms = self._now_ms()
        coded = row["code_hash"] is not None and now_ms < row["code_until_ms"]
        kept = row["code_hash"] if coded else row["password_hash"]
        typed = credentials.as_code(secret) if coded else secret
        person = str(row["person"])
        self._check(
            person,
            "password",
            lambda: credentials.fits(typed, kept),
            _Checked("code_hash" if coded else "password_hash", kept),
            let,
        )
        return person, coded

    def admit(self, person: str, *, by_code: bool) -> str:
        """The token of a new session for somebody who was proved just now."""
        return self._begin(person, "code" if by_code else "password")

    def sign_out(self, token: str, person: str) -> None:
        """End a session."""

        def act(log: Log) -> None:
            with log.writing() as batch:
                sessions.end(batch.db, token)
                self._note(batch, SystemEvent.SIGN_OUT, person)

        self._write(act)

    def visitor(self, db: Connection, token: str) -> Visitor | None:
        """Who holds this token; None where the session is over, then for good."""
        found = sessions.visitor(db, token, self._now_ms())
        if found is None and sessions.known(db, token):
            # A scan at this person's gate must not wake it again.
            self._quietly(lambda writing: sessions.end(writing, token))
        return found

    def touch(self, visitor: Visitor) -> None:
        """Something was done in this session."""
        now_ms = self._now_ms()
        if abs(now_ms - visitor.seen_ms) >= sessions.TOLD_EVERY_MS:
            self._quietly(lambda db: sessions.touch(db, visitor.token, now_ms))

    def check_pin(self, person: str, pin: str) -> None:
        """Let pass who knows this person's PIN.

        Raises:
            OperationRefused: it is wrong, or too many were wrong before.
        """
        row = self._credential("person", person)
        if row is None or row["pin_hash"] is None:
            # No guess to count: there is nothing to guess.
            credentials.pretend(pin)
            raise OperationRefused(RefusalReason.WRONG_PIN, f"{person} has no PIN.")
        kept = row["pin_hash"]
        self._check(
            person,
            "pin",
            lambda: credentials.fits(pin, kept),
            _Checked("pin_hash", kept),
        )

    def set_password(self, person: str, password: str) -> str:
        """Choose a password; all sessions of this person end but the one given back.

        Raises:
            OperationRefused: it is weak.
        """
        credentials.check_password(password)
        kept = credentials.make_hash(password)
        now = self._clock()

        def act(log: Log) -> str:
            with log.writing() as batch:
                credentials.put(batch.db, person, "password", kept)
                sessions.end_all(batch.db, person)
                directory.record(
                    batch, {"action": "password", "person": person}, now, person
                )
                return sessions.begin(batch.db, person, now.wall_ms, by_code=False)

        return self._write(act)

    def set_pin(self, person: str, pin: str) -> None:
        """Choose a PIN for signing as the second person.

        Raises:
            OperationRefused: it is weak.
        """
        credentials.check_pin(pin)
        kept = credentials.make_hash(pin)

        def act(log: Log) -> None:
            with log.writing() as batch:
                credentials.put(batch.db, person, "pin", kept)
                credentials.forgive(batch.db, person, "pin")
                data: dict[str, Json] = {"action": "pin", "person": person}
                directory.record(batch, data, self._clock(), person)

        self._write(act)

    def give_code(self, person: str, actor: str = directory.SYSTEM) -> str:
        """A one-time code in place of this person's password; shown once."""
        code = credentials.new_code()
        kept = credentials.make_hash(code)
        now = self._clock()

        def act(log: Log) -> None:
            with log.writing() as batch:
                until_ms = now.wall_ms + credentials.CODE_LASTS_MS
                credentials.put_code(batch.db, person, kept, until_ms)
                credentials.forgive(batch.db, person, "password")
                directory.record(
                    batch, {"action": "code", "person": person}, now, actor
                )

        self._write(act)
        return code

    def first_code(self, *, anew: bool = False) -> tuple[str, str] | None:
        """(login, one-time code) of the first administrator, while none has a password.

        ``anew``: in any case; for who runs the machine and lost the password.
        """
        with self._reading() as db:
            rows = db.execute(
                "SELECT person, login, password_hash FROM credential"
                " JOIN account USING (person) WHERE role = ? AND erased = 0"
                " ORDER BY person",
                (Role.ADMINISTRATOR,),
            ).fetchall()
        if not rows or (any(row["password_hash"] for row in rows) and not anew):
            return None
        return rows[0]["login"], self.give_code(rows[0]["person"])

    def has_accounts(self) -> bool:
        """True where somebody has chosen a password."""
        with self._reading() as db:
            row = db.execute(
                "SELECT 1 FROM credential WHERE password_hash IS NOT NULL"
            ).fetchone()
        return row is not None

    def open_once(self, person: str) -> str:
        """A token that signs this person in once, within two minutes.

        It lives in this process's memory alone.
        """
        token = secrets.token_urlsafe(32)
        with self._lock:
            until_ms = self._clock().mono_ms + ONCE_LASTS_MS
            self._once[_hash(token)] = (person, until_ms)
        return token

    def enter_once(self, token: str) -> str | None:
        """The token of a new session for a one-time token; None where it is spent."""
        with self._lock:
            person, until_ms = self._once.pop(_hash(token), (None, 0))
        if person is None or self._clock().mono_ms > until_ms:
            return None
        return self._begin(person, "once")

    def _check(
        self,
        person: str,
        kind: Kind,
        fits: Callable[[], bool],
        checked: _Checked,
        let: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Count, check, forgive; a wrong one and the wait it earned are entries.

        Args:
            person: Whose password or PIN it is.
            kind: Which of the two.
            fits: Does the slow check.
            checked: What it is held against; a code is used up when it fits.
            let: Lets pass who is meant, before that.

        Raises:
            OperationRefused: it is wrong, or too many were wrong before; or as ``let``.
        """
        now_ms = self._now_ms()
        wait_s = self._quietly(lambda db: credentials.reserve(db, person, kind, now_ms))
        if fits():
            let(person)
            if self._quietly(lambda db: _accept(db, person, kind, checked)):
                return
        else:
            self._failed(person, kind, wait_s)
        wrong = {
            "password": RefusalReason.WRONG_PASSWORD,
            "pin": RefusalReason.WRONG_PIN,
        }
        raise OperationRefused(wrong[kind], f"Expected the {kind} of {person}.")

    def _failed(self, person: str, kind: Kind, wait_s: int) -> None:
        def act(log: Log) -> None:
            with log.writing() as batch:
                self._note(batch, f"{kind}_failed", directory.SYSTEM, person=person)
                if wait_s:
                    self._note(
                        batch,
                        SystemEvent.LOCKED,
                        directory.SYSTEM,
                        person=person,
                        kind=kind,
                        wait_s=wait_s,
                    )

        self._write(act)

    def _stranger(self) -> None:
        """An unknown login: told once a minute, with how many there were."""
        now_ms = self._clock().mono_ms
        with self._lock:
            self._strangers += 1
            told_ms = self._strangers_told_ms
            if told_ms is not None and now_ms - told_ms < STRANGERS_EVERY_MS:
                return
            times, self._strangers = self._strangers, 0
            self._strangers_told_ms = now_ms

        def act(log: Log) -> None:
            with log.writing() as batch:
                self._note(
                    batch,
                    SystemEvent.PASSWORD_FAILED,
                    directory.SYSTEM,
                    person=None,
                    times=times,
                )

        self._write(act)

    def _begin(self, person: str, by: str) -> str:
        def act(log: Log) -> str:
            with log.writing() as batch:
                self._note(batch, SystemEvent.SIGN_IN, person, by=by)
                return sessions.begin(
                    batch.db, person, self._now_ms(), by_code=by == "code"
                )

        return self._write(act)

    def _note(self, batch: Batch, event: str, actor: str, **facts: Json) -> None:
        batch.note(event, facts, actor=actor, at=self._clock())

    def _quietly(self, change: Callable[[Connection], T]) -> T:
        """Change the directory, without an entry."""

        def act(log: Log) -> T:
            with log.writing() as batch:
                return change(batch.db)

        return self._write(act)

    def _credential(self, column: str, value: str) -> Row | None:
        with self._reading() as db:
            found: Row | None = db.execute(
                # One of this module's own two column names.
                "SELECT credential.* FROM credential JOIN account USING (person)"  # noqa: S608
                f" WHERE erased = 0 AND {column} = ?",
                (value,),
            ).fetchone()
        return found

    def _reading(self) -> contextlib.closing[Connection]:
        return contextlib.closing(self._read())

    def _now_ms(self) -> int:
        return self._clock().wall_ms


@dataclass(frozen=True, slots=True)
class _Checked:
    """What a password, code or PIN was held against."""

    column: str
    hash: str | None


def _accept(db: Connection, person: str, kind: Kind, checked: _Checked) -> bool:
    """Forgive what was counted, and spend a code.

    False where it was changed or spent during the slow check: a password that was
    taken from somebody meanwhile opens nothing.
    """
    # One of this module's own three column names.
    row = db.execute(
        f"SELECT {checked.column} AS now FROM credential WHERE person = ?",  # noqa: S608
        (person,),
    ).fetchone()
    if row is None or row["now"] != checked.hash:
        return False
    if checked.column == "code_hash":
        db.execute(
            "UPDATE credential SET code_hash = NULL, code_until_ms = NULL"
            " WHERE person = ?",
            (person,),
        )
    credentials.forgive(db, person, kind)
    return True


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
