"""Who may open what: one table, endpoint by endpoint; what is not in it is refused.

``create_app`` refuses to start when an endpoint has no rule, or a rule no endpoint.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from station.custody.accounts.who_may_sign import SIGNS, firsts
from station.errors import StationError
from station.roles import Act, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask


class To(Enum):
    """Who else than people with a role."""

    EVERYBODY = "everybody"
    """Signed in or not."""
    MACHINE = "machine"
    """Everybody at this machine itself; from elsewhere, who is signed in."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One endpoint's rule."""

    to: frozenset[Role] | To
    waits: bool = False
    """True for what a page asks by itself: no act of a person, so it does not keep
    a session alive."""


_ALL = frozenset(Role)
_INSIDE = _ALL - {Role.OBSERVER}
"""Who may see names and camera pictures."""
_WORK = frozenset({Role.OPERATOR, Role.RECEIVER, Role.SUPERVISOR})
_ADMIN = frozenset({Role.ADMINISTRATOR})
_PRINT = frozenset({Role.OPERATOR, Role.PACKER, Role.SUPERVISOR, Role.ADMINISTRATOR})
"""Who prints labels, prints them again, and links others to them."""
_PLAN = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
"""Who registers what is to be sent where."""
_VOID = firsts(Act.VOID)
_SECOND = frozenset().union(
    *(by for act in SIGNS.values() for pairs in act.values() for by in pairs.values())
)
"""Who may be the second person of some act; nobody else needs a PIN."""

ACCESS: Mapping[str, Rule] = {
    "static": Rule(To.EVERYBODY, waits=True),
    "health.healthz": Rule(To.MACHINE, waits=True),
    "help.index": Rule(To.EVERYBODY),
    "help.page": Rule(To.EVERYBODY),
    "help.picture": Rule(To.EVERYBODY),
    # The door.
    "auth.page": Rule(To.EVERYBODY),
    "auth.sign_in": Rule(To.EVERYBODY),
    "auth.once": Rule(To.EVERYBODY),
    "auth.language": Rule(To.EVERYBODY),
    "auth.sign_out": Rule(_ALL),
    "account.page": Rule(_ALL),
    "account.password": Rule(_ALL),
    "account.pin": Rule(_SECOND),
    # The gates. What is done there also needs a role that works at such a gate
    # (rule.WORKS).
    "gate.index": Rule(_ALL),
    "gate.gates": Rule(_INSIDE),
    "gate.page": Rule(_INSIDE),
    "gate.panel": Rule(_INSIDE, waits=True),
    "gate.missing": Rule(_INSIDE, waits=True),
    "gate.loaded": Rule(_INSIDE, waits=True),
    "gate_acts.scan": Rule(_WORK),
    "gate_acts.photo": Rule(_WORK),
    "gate_acts.acknowledge": Rule(_WORK),
    "gate_acts.take_off": Rule(_WORK),
    "passed_undecided.page": Rule(_WORK),
    "passed_undecided.settle": Rule(_WORK),
    "condition.page": Rule(_WORK),
    "condition.record": Rule(_WORK),
    "shift.start": Rule(_WORK),
    "shift.end": Rule(_WORK),
    "shift.page": Rule(_WORK),
    "shift.hand_over": Rule(_WORK),
    "live.frame": Rule(_INSIDE, waits=True),
    "live.events": Rule(_INSIDE, waits=True),
    # Consignments.
    "consignments.page": Rule(_ALL),
    "consignment_page.page": Rule(_ALL),
    "consignments.open_": Rule(_WORK),
    "consignments.arrive": Rule(_WORK),
    "closing.page": Rule(_WORK),
    "closing.close": Rule(_WORK),
    "trips.page": Rule(_WORK | _ADMIN),
    "trips.record": Rule(_WORK),
    "trips.cancel": Rule(firsts(Act.CANCEL)),
    "trips.forget": Rule(_ADMIN),
    "trips.waybill": Rule(_WORK),
    "trucks.page": Rule(_WORK),
    "trucks.plan": Rule(_WORK),
    "trucks.drop": Rule(_WORK),
    "trucks.open_": Rule(_WORK),
    "found_afterwards.page": Rule(_WORK),
    "found_afterwards.found": Rule(firsts(Act.FOUND)),
    "found_afterwards.retract": Rule(firsts(Act.RETRACT)),
    "paper_fallback.page": Rule(_WORK),
    "paper_fallback.issue": Rule(_WORK),
    "paper_fallback.file": Rule(_WORK),
    "paper_fallback.enter": Rule(_WORK),
    "paper_fallback.unused": Rule(_WORK),
    # The second person types on the first one's screen.
    "second_person.sign": Rule(_WORK),
    "correction.page": Rule(_WORK),
    "correction.ask": Rule(_WORK),
    # Reading.
    "board.page": Rule(_ALL),
    "board.table": Rule(_ALL, waits=True),
    "items.search": Rule(_ALL),
    "items.history": Rule(_ALL),
    "items.evidence": Rule(_INSIDE),
    # Labels.
    "label_printing.page": Rule(_PRINT),
    "label_printing.preview": Rule(_PRINT, waits=True),
    "label_printing.test_page": Rule(_PRINT),
    "label_printing.prepare": Rule(_PRINT),
    "label_printing.job": Rule(_PRINT),
    "label_printing.job_state": Rule(_PRINT, waits=True),
    "label_printing.hand_over": Rule(_PRINT),
    "label_printing.file": Rule(_PRINT),
    "label_printing.jobs": Rule(_PRINT),
    "issuing.page": Rule(_PRINT),
    "issuing.register": Rule(_PRINT),
    "relabel.linking": Rule(_PRINT),
    "relabel.link": Rule(_PRINT),
    "relabel.voiding": Rule(_VOID),
    "relabel.void": Rule(_VOID),
    # The plan.
    "plan_import.page": Rule(_PLAN),
    "plan_import.receive": Rule(_PLAN),
    "plan_import.draft": Rule(_PLAN),
    "plan_import.draft_state": Rule(_PLAN, waits=True),
    "plan_import.record": Rule(_PLAN),
    "plan_import.recorded": Rule(_PLAN),
    # Accounts.
    "people.page": Rule(_ADMIN),
    "people.enrol": Rule(_ADMIN),
    "people.role": Rule(_ADMIN),
    "people.code": Rule(_ADMIN),
    "people.erase": Rule(_ADMIN),
}


def check(app: Flask, access: Mapping[str, Rule]) -> None:
    """Let an app start whose every endpoint has a rule, and every rule an endpoint.

    Raises:
        StationError: one is missing, which the sentence names.
    """
    rules = app.url_map.iter_rules()
    endpoints = {rule.endpoint for rule in rules if rule.redirect_to is None}
    open_ = sorted(endpoints - access.keys())
    if open_:
        message = (
            f"Expected an access rule for every endpoint, got none for "
            f"{', '.join(open_)}; add them to ACCESS in web/access.py."
        )
        raise StationError(message)
    idle = sorted(access.keys() - endpoints)
    if idle:
        message = (
            f"Expected an endpoint for every access rule, got none for "
            f"{', '.join(idle)}; take them out of ACCESS in web/access.py."
        )
        raise StationError(message)


def admits(rule: Rule, role: Role | None, *, at_machine: bool) -> bool:
    """True where somebody with this role, or with none, may come in."""
    match rule.to:
        case To.EVERYBODY:
            return True
        case To.MACHINE:
            return at_machine or role is not None
        case roles:
            return role in roles
