"""Acts that belong to no gate: accounts, and corrections of what was recorded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from station.custody.accounts import directory
from station.custody.consignment import after_closing, cancelling, truck_plan
from station.custody.consignment import trip_details as trips
from station.custody.gate import paper_forms
from station.custody.history import error_declaration
from station.custody.labelling import voiding
from station.errors import OperationRefused, RefusalReason
from station.roles import Act
from station.storage import database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from station.custody.accounts.directory import Newcomer
    from station.custody.accounts.second_signature import SigningRequest
    from station.custody.accounts.sign_in import Authenticator, Write
    from station.custody.consignment.opening import OpeningOrder
    from station.custody.consignment.trip_details import Trip
    from station.custody.entry_data.words import Where, Wrong
    from station.ledger.log import Batch, Log
    from station.model import Clock, Entry, Instant
    from station.roles import Role
    from station.settings.gates_and_legs import GateSettings

T = TypeVar("T")

_SIGNED: Mapping[Act, Callable[[Log, SigningRequest, str, Instant], Entry]] = {
    Act.CORRECT: error_declaration.declare,
    Act.CORRECT_TRIP: trips.correct,
    Act.CANCEL: cancelling.cancel,
    Act.RETRACT: after_closing.retract,
    Act.FOUND: after_closing.found,
    Act.VOID: voiding.void,
}
"""What two people do at a desk; what they do at a gate is the line's."""
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


class OfficeOperations:
    """The administrator's acts, and what two people put right."""

    def __init__(
        self, write: Write, authenticator: Authenticator, clock: Clock
    ) -> None:
        self._write, self._authenticator, self._clock = write, authenticator, clock
        self._erasing = False
        """Erased bytes are still in the database's log, since a reader holds it."""

    def enrol(self, newcomer: Newcomer, actor: str) -> tuple[str, str]:
        """Put somebody in the directory; person id and one-time code.

        Raises:
            OperationRefused: no name, no login, or badge or login are another's.
        """
        if not _LOGIN.fullmatch(newcomer.login or ""):
            message = f"Expected a login such as siti.rahma, got {newcomer.login!r}."
            raise OperationRefused(RefusalReason.NO_NAME, message)
        person = self._record(
            lambda batch: directory.enrol(batch, newcomer, self._clock(), actor)
        )
        return person, self._authenticator.give_code(person, actor)

    def change_role(self, person: str, role: Role, actor: str) -> None:
        """Give a person another role.

        Raises:
            OperationRefused: nobody has this id, it is one's own, or no administrator
                would
                be left.
        """
        _check_other(person, actor)
        self._record(
            lambda batch: directory.change_role(
                batch, person, role, self._clock(), actor
            )
        )

    def give_code(self, person: str, actor: str) -> str:
        """A one-time code in place of this person's password.

        Raises:
            OperationRefused: it is one's own: change the password instead.
        """
        _check_other(person, actor)
        return self._authenticator.give_code(person, actor)

    def erase(self, person: str, actor: str) -> None:
        """Erase a person's name, badge and credentials; the id stays.

        Raises:
            OperationRefused: nobody has this id, it is one's own, or no administrator
                would
                be left.
        """
        _check_other(person, actor)
        self._record(lambda batch: directory.erase(batch, person, self._clock(), actor))
        self._begin_erasing()

    def _begin_erasing(self) -> None:
        # The old pages of the database lie in the WAL too, until it is emptied.
        self._erasing = True
        self.finish_erasing()

    def finish_erasing(self) -> bool:
        """Overwrite what was erased in the database's log too; True: nothing is left.

        A backup that is copied or a check that runs holds the log: call it again.
        """
        if self._erasing:
            self._erasing = not self._write(lambda log: database.empty_wal(log.db))
        return not self._erasing

    def ask_correction(
        self, seq: int, wrong: Wrong, note: str, actor: str
    ) -> SigningRequest:
        """A correction for a second person to sign.

        Raises:
            OperationRefused: no note, or no entry that can be declared wrong.
        """
        now_ms = self._clock().wall_ms
        return self._write(
            lambda log: error_declaration.ask(
                log.db, seq, (wrong, note), first=actor, now_ms=now_ms
            )
        )

    def sign(self, request: SigningRequest, second: str, pin: str) -> Entry:
        """Do what was asked for, signed by a second person's PIN.

        Raises:
            OperationRefused: the PIN is wrong, what it stands on changed, or it may
                not be
                signed so.
            PaperError: of a label that is to be voided, the same.
        """
        self._authenticator.check_pin(second, pin)
        return self._write(
            lambda log: _SIGNED[request.act](log, request, second, self._clock())
        )

    def ask_void(self, item: str, reason: str, actor: str) -> SigningRequest:
        """The voiding of an item's label, for a second person to sign.

        Raises:
            PaperError: no reason, or the item is not registered here, voided, or
                already on its way.
        """
        now_ms = self._clock().wall_ms
        return self._write(
            lambda log: voiding.ask(log.db, item, reason, first=actor, now_ms=now_ms)
        )

    def ask_trip(
        self, consignment: str, trip: Trip, reason: str, actor: str
    ) -> SigningRequest:
        """Another trip than was told, of what departed, for a second person to sign.

        Raises:
            OperationRefused: no reason, nothing differs, or it did not depart.
        """
        by = (actor, self._clock().wall_ms)
        return self._write(
            lambda log: trips.ask_correction(
                log.db, consignment, trip, reason=reason, by=by
            )
        )

    def tell_trip(
        self, consignment: str, trip: Trip, actor: str, seen: int | None = None
    ) -> Entry | None:
        """Tell the trip of what is being loaded anew; None: it is the same.

        Raises:
            OperationRefused: it is not being loaded, a text cannot be taken, or it was
                told
                anew since the entry ``seen``.
        """
        return self._write(
            lambda log: trips.change(
                log, consignment, trip, seen=seen, actor=actor, at=self._clock()
            )
        )

    def forget_trip_names(self, consignment: str, actor: str) -> Entry | None:
        """Erase the names told of a consignment's trips; None: there is none left."""
        done = self._record(
            lambda batch: trips.forget_names(
                batch, consignment, actor=actor, at=self._clock()
            )
        )
        self._begin_erasing()
        return done

    def ask_cancel(self, consignment: str, reason: str, actor: str) -> SigningRequest:
        """The cancelling of a consignment, for a second person to sign.

        Raises:
            OperationRefused: no reason, its gate is held, or it is neither loaded nor
                on its
                way.
        """
        now_ms = self._clock().wall_ms
        return self._write(
            lambda log: cancelling.ask(
                log.db, consignment, reason=reason, first=actor, now_ms=now_ms
            )
        )

    def ask_found(
        self, consignment: str, found: tuple[str, Where], reason: str, actor: str
    ) -> SigningRequest:
        """A box that turned up after the closing, for a second person to sign.

        Raises:
            OperationRefused: no reason, or it is not missing from what was closed.
        """
        by = (actor, self._clock().wall_ms)
        return self._write(
            lambda log: after_closing.ask_found(log.db, consignment, found, reason, by)
        )

    def ask_retract(self, consignment: str, reason: str, actor: str) -> SigningRequest:
        """An arrival opened by mistake, for a second person to sign.

        Raises:
            OperationRefused: no reason, not open there, something counted in, or held.
        """
        by = (actor, self._clock().wall_ms)
        return self._write(
            lambda log: after_closing.ask_retract(log.db, consignment, reason, by)
        )

    def plan_truck(  # noqa: PLR0913 - what is planned, and by whom
        self,
        gate: GateSettings,
        order: OpeningOrder,
        *,
        capacity: int | None,
        instead: str | None,
        seen: int | None = None,
        actor: str,
    ) -> Entry:
        """Plan a consignment, or say one anew; see ``trucks.plan``."""
        entry = self._record(
            lambda batch: truck_plan.plan(
                batch,
                gate,
                order,
                capacity=capacity,
                instead=instead,
                seen=seen,
                actor=actor,
                at=self._clock(),
            )
        )
        if instead is not None:
            self._begin_erasing()
        return entry

    def drop_truck(self, planned: str, actor: str) -> None:
        """Take a consignment off the truck plan.

        Raises:
            OperationRefused: it is planned no more.
        """
        self._record(
            lambda batch: truck_plan.drop(batch, planned, actor=actor, at=self._clock())
        )
        self._begin_erasing()

    def issue_forms(self, count: int, after: int | None, actor: str) -> range:
        """Give out the next numbers of paper forms, after those that were seen.

        Raises:
            OperationRefused: too many, none, or somebody had numbers since then.
        """
        return self._record(
            lambda batch: paper_forms.issue(
                batch, count, after=after, actor=actor, at=self._clock()
            )
        )

    def declare_unused(self, number: int, reason: str, actor: str) -> Entry:
        """Say of a paper form that it was spoilt or never written on.

        Raises:
            OperationRefused: no reason, no such form, or it came back before.
        """
        return self._record(
            lambda batch: paper_forms.declare_unused(
                batch, number, reason, actor=actor, at=self._clock()
            )
        )

    def _record(self, act: Callable[[Batch], T]) -> T:
        def write(log: Log) -> T:
            with log.writing() as batch:
                return act(batch)

        return self._write(write)


def _check_other(person: str, actor: str) -> None:
    """Let pass what is done to somebody else.

    Raises:
        OperationRefused: nobody changes, resets or erases their own account.
    """
    if person == actor:
        message = f"Expected another person than {actor}."
        raise OperationRefused(RefusalReason.SAME_PERSON, message)
