"""Passwords, PINs and one-time codes: hashed, counted, and slowed down.

The slow part (Argon2id) is done by whoever asks, never by the thread that writes.
An attempt is counted as wrong before it is checked, so that many at once cannot
slip past the count, and forgiven when it was right.
"""

from __future__ import annotations

import itertools
import secrets
from typing import TYPE_CHECKING, Literal, TypeAlias

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from labels.check_characters import CROCKFORD
from station.errors import OperationRefused, RefusalReason

if TYPE_CHECKING:
    from station.storage.database import Connection

Kind: TypeAlias = Literal["password", "pin"]

CODE_LASTS_MS = 15 * 60_000
"""How long a one-time code may be used."""
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
PIN_DIGITS = 6
FREE: dict[Kind, int] = {"password": 5, "pin": 3}
"""Wrong attempts before the first wait."""
FIRST_WAIT_S = 30
LONGEST_WAIT_S = 900

_HASHER = PasswordHasher()
_DECOY = (
    "$argon2id$v=19$m=65536,t=3,p=4$R/oEe7noJFOc4vEnHaD9qw"
    "$kkuym3bRhawGMRbKOrfcAsAmAFEDzqZ9qTOhEjFAgdY"
)
"""The hash of nobody's password: an unknown login takes as long as a known one."""


def make_hash(secret: str) -> str:
    """An Argon2id hash with its own salt and parameters; takes about 0.2 s."""
    return _HASHER.hash(secret)


def fits(secret: str, kept: str | None) -> bool:
    """True where the secret is the one that ``kept`` is the hash of."""
    if kept is None:
        return False
    try:
        return _HASHER.verify(kept, secret)
    except (VerificationError, InvalidHashError):
        return False


def pretend(secret: str) -> None:
    """Take as long as ``fits`` does, for somebody who does not exist."""
    fits(secret, _DECOY)


def new_code() -> str:
    """A one-time code of 50 random bits, easy to read out.

    >>> code = new_code()
    >>> len(code), code[5]
    (11, '-')
    """
    letters = "".join(secrets.choice(CROCKFORD) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def as_code(text: str) -> str:
    """A typed code as it was shown: Crockford forgives I, L, O and small letters.

    >>> as_code(" abcde 0123o")
    'ABCDE-01230'
    """
    letters = "".join(text.upper().replace("-", "").split())
    letters = letters.translate(str.maketrans("ILO", "110"))
    return f"{letters[:5]}-{letters[5:]}"


def check_password(password: str) -> None:
    """Let a new password pass.

    Raises:
        OperationRefused: it is too short, too long, or one character over and over.
    """
    fine = SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD
    if not fine or len(set(password)) < SHORTEST_PASSWORD // 2:
        message = (
            f"Expected a password of at least {SHORTEST_PASSWORD} characters, not "
            "always the same."
        )
        raise OperationRefused(
            RefusalReason.WEAK_PASSWORD, message, shortest=SHORTEST_PASSWORD
        )


def check_pin(pin: str) -> None:
    """Let a new PIN pass.

    Raises:
        OperationRefused: it is not six digits, or a row of digits that everybody tries
            first.
    """
    plain = pin.isascii() and pin.isdigit() and len(pin) == PIN_DIGITS
    steps = {ord(b) - ord(a) for a, b in itertools.pairwise(pin)}
    if not plain or steps in ({0}, {1}, {-1}):
        message = f"Expected a PIN of {PIN_DIGITS} digits that is no plain row."
        raise OperationRefused(RefusalReason.WEAK_PIN, message, digits=PIN_DIGITS)


def wait_after(failures: int, kind: Kind) -> int:
    """Seconds to wait after so many wrong attempts in a row.

    >>> [wait_after(n, "pin") for n in (2, 3, 4, 5, 20)]
    [0, 30, 60, 120, 900]
    """
    beyond = failures - FREE[kind]
    return 0 if beyond < 0 else min(FIRST_WAIT_S << min(beyond, 10), LONGEST_WAIT_S)


def login(db: Connection, person: str) -> str | None:
    """What this person types to sign in; None where there is nothing to type."""
    row = db.execute(
        "SELECT login FROM credential WHERE person = ?", (person,)
    ).fetchone()
    return None if row is None else str(row["login"])


def has_pin(db: Connection, person: str) -> bool:
    """True where this person can sign as the second person."""
    row = db.execute(
        "SELECT 1 FROM credential WHERE person = ? AND pin_hash IS NOT NULL", (person,)
    ).fetchone()
    return row is not None


def reserve(db: Connection, person: str, kind: Kind, now_ms: int) -> int:
    """Count an attempt as wrong before it is checked; gives the wait it would earn.

    Raises:
        OperationRefused: this person has to wait; ``wait_s`` is how long.
    """
    row = db.execute(
        "SELECT failures, until_ms FROM attempt WHERE person = ? AND kind = ?",
        (person, kind),
    ).fetchone()
    failures, until_ms = (0, 0) if row is None else tuple(row)
    # A clock that was set back must not lock anybody out for a year.
    left_ms = min(until_ms - now_ms, LONGEST_WAIT_S * 1000)
    if left_ms > 0:
        wait_s = -(-left_ms // 1000)
        message = f"Expected no attempt for another {wait_s} s."
        raise OperationRefused(RefusalReason.LOCKED, message, wait_s=wait_s)
    wait_s = wait_after(failures + 1, kind)
    db.execute(
        "INSERT INTO attempt (person, kind, failures, until_ms) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET failures = excluded.failures,"
        " until_ms = excluded.until_ms",
        (person, kind, failures + 1, now_ms + wait_s * 1000 if wait_s else 0),
    )
    return wait_s


def forgive(db: Connection, person: str, kind: Kind) -> None:
    """Forget the wrong attempts: the right one came."""
    db.execute("DELETE FROM attempt WHERE person = ? AND kind = ?", (person, kind))


def put(db: Connection, person: str, column: str, kept: str) -> None:
    """Keep the hash of a new password or PIN; a one-time code is spent by it."""
    statements = {
        "password": "UPDATE credential SET password_hash = ?, code_hash = NULL,"
        " code_until_ms = NULL WHERE person = ?",
        "pin": "UPDATE credential SET pin_hash = ? WHERE person = ?",
    }
    db.execute(statements[column], (kept, person))


def put_code(db: Connection, person: str, kept: str, until_ms: int) -> None:
    """Keep the hash of a one-time code; the old password holds no more."""
    db.execute(
        "UPDATE credential SET password_hash = NULL, code_hash = ?,"
        " code_until_ms = ? WHERE person = ?",
        (kept, until_ms, person),
    )
    db.execute("DELETE FROM session WHERE person = ?", (person,))
