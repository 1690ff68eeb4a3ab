"""A gate: scan -> decision -> entry, and the acts of the people who stand there.

Everything here runs on the thread that owns the writing connection. What returns
is durable: only then may anything sound or turn green.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labels.label_code import SCHEME, LabelCode, LabelError, is_manifest, parse_typed
from labels.trial_label import trial_code
from station.camera_frames import ScanSource
from station.custody import registry, verdict_rule
from station.custody.entry_data.words import (
    AcknowledgeReason,
    InspectingAction,
    OwnWords,
    TakeOff,
)
from station.custody.gate import camera_trial, closing, panel
from station.custody.load import Load, kinds_from_row, open_load
from station.errors import OperationRefused, RefusalReason
from station.ledger import log
from station.leg import Leg
from station.model import (
    Consignment,
    Decision,
    Draft,
    EntryType,
    ItemState,
    Phase,
    Step,
    Verdict,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.camera_frames import Scan
    from station.custody.accounts.second_signature import SigningRequest
    from station.custody.gate.closing import Closing
    from station.ledger.log import Batch, Log
    from station.model import Clock, Entry, Item, Json
    from station.settings.gates_and_legs import GateSettings
    from station.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one scan."""

    decision: Decision
    entry: Entry | None
    """None: nothing is recorded (no consignment open, or only counted)."""
    waits: bool = False
    """True: the gate is held; nothing was decided."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate of this station, and its acts."""

    log: Log
    settings: GateSettings
    label_key: bytes
    clock: Clock

    def record(self, scans: Sequence[Scan], actor: str) -> list[Outcome]:
        """Decide and record the scans of one frame, in one commit.

        All are decided, also after the first that holds the line. While the gate
        is held already nothing is decided.
        """
        with self.log.writing() as batch:
            if panel.open_holds(batch.db, self.settings.name):
                return [Outcome(Decision(None), None, waits=True) for _ in scans]
            return self.settle(batch, scans, actor)

    def settle(self, batch: Batch, scans: Sequence[Scan], actor: str) -> list[Outcome]:
        """Decide and append the scans, one after the other.

        A label that stands twice in one picture is counted once, and REPEATED the
        second time.
        """
        return [self._settle(batch, scan, actor) for scan in scans]

    @property
    def test_label(self) -> LabelCode:
        """This station's test label, which names no item."""
        regency, _, _ = self.settings.place.partition("/")
        return trial_code(regency, self.label_key)

    def item_of(self, text: str) -> str | None:
        """The item that a camera's text names: a label of ours, or one linked to it."""
        if not text.startswith(SCHEME):
            return _linked(self.log.db, text)
        try:
            return str(LabelCode.parse(text).item)
        except LabelError:
            return None

    def unread(self, number: int = 1) -> None:
        """Count labels that were seen and never read, on what is open here."""
        with self.log.writing() as batch:
            load = open_load(batch.db, self.settings.name)
            if load is not None:
                self._tally(batch.db, load.id, Verdict.UNREAD, number)

    def acknowledge(
        self,
        hold: int,
        *,
        reason: AcknowledgeReason,
        note: str = "",
        actor: str,
        bring_back: Sequence[str] = (),
    ) -> Entry:
        """End a hold; labels that came and left meanwhile are named in the entry.

        Raises:
            OperationRefused: another reason without a note, or no such open hold at
                this gate.
        """
        if reason is AcknowledgeReason.OTHER and not note.strip():
            message = "Say what was done with the box."
            raise OperationRefused(RefusalReason.REASON_NEEDED, message)
        with self.log.writing() as batch:
            held = self._held(batch.db, hold)
            return batch.append(
                Draft(
                    type=EntryType.INSPECTING,
                    event=self.clock(),
                    actor=actor,
                    place=self.settings.place,
                    gate=self.settings.name,
                    items=held.items,
                    consignment=held.consignment,
                    data={
                        "action": InspectingAction.ACKNOWLEDGE,
                        "hold": hold,
                        "reason": reason,
                        "note": note,
                        "bring_back": list(bring_back),
                    },
                )
            )

    def _held(self, db: Connection, hold: int) -> Draft:
        if hold not in panel.open_holds(db, self.settings.name):
            message = f"Entry {hold} holds gate {self.settings.name} no more."
            raise OperationRefused(RefusalReason.NO_SUCH_HOLD, message)
        return log.entry(db, hold).draft

    def take_off(
        self, item_id: str, *, reason: TakeOff | OwnWords, actor: str
    ) -> Entry:
        """Take a loaded item off the truck again (turunkan).

        Raises:
            OperationRefused: nothing is open, or it is not loaded on what is open.
        """
        with self.log.writing() as batch:
            load = open_load(batch.db, self.settings.name)
            if load is None:
                message = f"No consignment is open at gate {self.settings.name}."
                raise OperationRefused(RefusalReason.NO_CONSIGNMENT, message)
            named = registry.item(batch.db, item_id)
            if (
                named is None
                or named.item.state is not ItemState.LOADED
                or named.item.consignment != load.id
            ):
                message = f"Item {item_id} is not loaded on {load.id}."
                raise OperationRefused(RefusalReason.NOT_LOADED, message, item=item_id)
            return batch.append(
                Draft(
                    type=EntryType.UNLOADING,
                    event=self.clock(),
                    actor=actor,
                    place=self.settings.place,
                    gate=self.settings.name,
                    items=(item_id,),
                    consignment=load.id,
                    data={"reason": reason.value, "loaded": named.item.last_seq},
                )
            )

    def ask_close(self, said: Closing, *, first: str) -> SigningRequest:
        """The closing of what is open here, for a second person to sign."""
        return closing.ask_close(
            self.log.db, self.settings, said, first=first, at=self.clock()
        )

    def close(self, request: SigningRequest, second: str) -> Entry:
        """Close what is open here: it departs, or is complete at this end."""
        return closing.close(self.log, self.settings, request, second, self.clock())

    def _question(self, db: Connection, scan: Scan) -> verdict_rule.Question:
        label = self._label(db, scan)
        item_id = None if label is None else label.item_id
        named = None if item_id is None else registry.item(db, item_id)
        load = open_load(db, self.settings.name)
        listed, counted = (False, None)
        if load is not None and item_id is not None:
            listed, counted = self._standing(db, load.id, item_id)
        return verdict_rule.Question(
            label=label,
            item=None if named is None else named.item,
            step=self.settings.step,
            consignment=None if load is None else load.as_consignment(),
            listed=listed,
            counted_seq=counted,
            elsewhere=None
            if named is None or load is None or _is_here(named.item, load, counted)
            else _elsewhere(db, load, named.item.id),
        )

    def _label(self, db: Connection, scan: Scan) -> verdict_rule.Label | None:
        if scan.source.typed:
            # The edge parsed it; a text that does not parse never becomes a scan.
            return verdict_rule.Label(str(parse_typed(scan.text)), typed=True)
        # A wedge scanner types, and Caps Lock turns its letters round.
        text = scan.text.upper() if scan.source is ScanSource.HANDHELD else scan.text
        if not text.startswith(SCHEME):
            linked = _linked(db, scan.text)
            # As when typed: it names the item, and no issue of our label.
            return None if linked is None else verdict_rule.Label(linked, typed=True)
        try:
            code = LabelCode.parse(text)
        except LabelError:
            return verdict_rule.Label(None)
        item_id = str(code.item)
        named = registry.item(db, item_id)
        issues = 1 if named is None else named.item.issue
        return verdict_rule.Label(item_id, code.issue_among(issues, self.label_key))

    def _standing(
        self, db: Connection, load: str, item_id: str
    ) -> tuple[bool, int | None]:
        row = db.execute(
            "SELECT loaded_seq, accepted_seq FROM consignment_item"
            " WHERE consignment = ? AND item = ?",
            (load, item_id),
        ).fetchone()
        if row is None:
            return False, None
        loading = self.settings.step is Step.LOADING
        return True, row["loaded_seq"] if loading else row["accepted_seq"]

    def _settle(self, batch: Batch, scan: Scan, actor: str) -> Outcome:
        test = self.test_label
        if camera_trial.is_shown(scan, str(test)):
            return Outcome(Decision(None, item=str(test.item)), None)
        question = self._question(batch.db, scan)
        decision = verdict_rule.decide(question)
        if decision.verdict is None or question.consignment is None:
            return Outcome(decision, None)
        if decision.verdict is Verdict.FOREIGN:
            # Our own waybill before the camera is nothing foreign to be counted.
            if not is_manifest(scan.text):
                self._tally(batch.db, question.consignment.id, Verdict.FOREIGN, 1)
            return Outcome(decision, None)
        draft = self._draft(scan, decision, question.consignment.id, actor)
        return Outcome(decision, batch.append(draft))

    def _draft(
        self, scan: Scan, decision: Decision, consignment_id: str, actor: str
    ) -> Draft:
        accepted = decision.verdict is Verdict.ACCEPTED
        loading = self.settings.step is Step.LOADING
        counted = EntryType.LOADING if loading else EntryType.ACCEPTING
        data: dict[str, Json] = {"source": scan.source.value, **decision.facts}
        if scan.camera is not None:
            data["camera"] = scan.camera
        if scan.form is not None:
            data["form"] = scan.form
        ours = scan.source.typed or scan.text.upper().startswith(SCHEME)
        if decision.item is not None and not ours:
            data["alias"] = True
        if decision.reason is not None:
            data["reason"] = decision.reason.value
        return Draft(
            type=counted if accepted else EntryType.REFUSED,
            event=scan.seen,
            actor=actor,
            place=self.settings.place,
            gate=self.settings.name,
            items=() if decision.item is None else (decision.item,),
            verdict=decision.verdict,
            consignment=consignment_id,
            evidence=() if scan.evidence is None else (scan.evidence,),
            data=data,
        )

    def _tally(self, db: Connection, load: str, verdict: Verdict, number: int) -> None:
        db.execute(
            "INSERT INTO tally (consignment, step, verdict, n) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET n = n + excluded.n",
            (load, self.settings.step, verdict, number),
        )


def _is_here(item: Item, load: Load, counted: int | None) -> bool:
    """True for what was counted here, and was moved on by nothing since.

    From then on it may stand on the list of the next leg.
    """
    return counted is not None and item.consignment == load.id


def _linked(db: Connection, text: str) -> str | None:
    try:
        return registry.linked(db, text)
    except UnicodeEncodeError:  # half a character: the text of no linked label
        return None


def _elsewhere(db: Connection, load: Load, item_id: str) -> Consignment | None:
    """Another open consignment whose set holds the item."""
    # Not through the view consignment_progress: it would count every consignment.
    row = db.execute(
        "SELECT id, area, leg, kinds, phase FROM consignment_item"
        " JOIN consignment ON id = consignment"
        " WHERE item = ? AND id <> ?"
        " AND (phase = 'loading' OR phase IN ('departed', 'arriving')"
        "  AND departed = 1 AND accepted_seq IS NULL)"
        " ORDER BY number DESC",
        (item_id, load.id),
    ).fetchone()
    if row is None:
        return None
    return Consignment(
        row["id"],
        row["area"],
        kinds_from_row(row),
        Phase(row["phase"]),
        Leg.parse(row["leg"]),
    )
