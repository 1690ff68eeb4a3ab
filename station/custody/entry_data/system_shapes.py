"""What entries about the station, its machine, its shifts and its paper hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.custody.entry_data.fields import (
    COUNT,
    INTEGER,
    ITEM,
    MILLISECONDS,
    PERSON,
    SEQ,
    SHA256,
    TEXT,
    UTC_MS,
    YES_NO,
    EntryShape,
    list_of,
    map_of,
    may,
    need,
    nullable,
    one_of,
    row_of,
    word_or_text,
)
from station.custody.entry_data.words import (
    BackupFault,
    LookedFor,
    MarkState,
    PrintForm,
    SecretKind,
    SignInBy,
    SystemEvent,
)
from station.model import EntryType

if TYPE_CHECKING:
    from station.custody.entry_data.fields import DataField


def _event(word: SystemEvent, meaning: str, *fields: DataField) -> EntryShape:
    return EntryShape(type=EntryType.SYSTEM, word=word, meaning=meaning, fields=fields)


_CAMERA = need("camera", TEXT, "Its name in station.toml.")
_BY_MS = need("by_ms", INTEGER, "By how many milliseconds; back is negative.")
_SLEEP = (
    need("ms", MILLISECONDS, "For how long."),
    need("since_ms", UTC_MS, "When it was last seen awake."),
)
_CHARGE = nullable(COUNT)
_PERCENT = need("percent", _CHARGE, "Of the battery.")
_PERCENT_IF_KNOWN = may("percent", _CHARGE, "Of the battery.")
_ENTRIES = need("entries", COUNT, "How many there were.")
_BRING_BACK = "Items that passed undecided and must be brought back."
_PERSON = need("person", PERSON, "Whose it is.")
_SOUND_HEARD = "What the person said of the gate's sound; null: nobody asked."
_BEFORE = "Who had the shift until then."
_NUMBER = need("number", COUNT, "The form's number.")

STATION = (
    _event(SystemEvent.START, "The station started."),
    _event(SystemEvent.STOP, "The station was stopped."),
    _event(
        SystemEvent.UNCLEAN_STOP,
        "The run before ended without a stop: power cut or crash.",
        need("started_ms", UTC_MS, "When that run started."),
        need("last_entry_ms", UTC_MS, "When its last entry was appended."),
    ),
    _event(
        SystemEvent.CAMERA_LOST,
        "A camera gives no pictures any more.",
        _CAMERA,
        need("detail", TEXT, "What the driver reported."),
    ),
    _event(SystemEvent.CAMERA_BACK, "A lost camera gives pictures again.", _CAMERA),
    _event(SystemEvent.SLEPT, "The machine slept.", *_SLEEP),
    _event(SystemEvent.STOOD_STILL, "The program stood still.", *_SLEEP),
    _event(SystemEvent.CLOCK_JUMPED, "The wall clock jumped.", _BY_MS),
    _event(
        SystemEvent.CLOCK_BEHIND, "The wall clock is behind the last entry.", _BY_MS
    ),
    _event(SystemEvent.CLOCK_BEHIND_OVER, "The wall clock has caught up."),
    _event(SystemEvent.ON_BATTERY, "The mains failed.", _PERCENT_IF_KNOWN),
    _event(SystemEvent.ON_MAINS, "The mains are back.", _PERCENT_IF_KNOWN),
    _event(SystemEvent.BATTERY_LOW, "Scans stopped: battery almost empty.", _PERCENT),
    _event(SystemEvent.BATTERY_ENOUGH, "Scans go on after a low battery.", _PERCENT),
    _event(SystemEvent.DISK_LOW, "Scans stopped: the disk is almost full."),
    _event(SystemEvent.DISK_ENOUGH, "The disk has room again."),
    _event(
        SystemEvent.UNTOLD,
        "Events that could not be recorded were given up, the oldest first.",
        need("number", COUNT, "How many."),
        need("events", map_of(TEXT, COUNT), "How many of each event."),
    ),
    _event(
        SystemEvent.HIGH_WATER_BEGUN,
        "A high-water mark was begun where there should have been one.",
        need("found", one_of(MarkState), "What was found in its place."),
    ),
    _event(SystemEvent.HIGH_WATER_MISSING, "The high-water mark cannot be written."),
    _event(
        SystemEvent.HIGH_WATER_AHEAD,
        "The high-water mark is ahead of the ledger: an older copy is in use.",
    ),
    _event(SystemEvent.HIGH_WATER_BACK, "The high-water mark is written again."),
    _event(
        SystemEvent.CHECKED,
        "The whole ledger was checked while the station ran.",
        _ENTRIES,
        need("holds", YES_NO, "Whether all of it holds."),
    ),
    _event(SystemEvent.CHECK_FAILED, "A check of the ledger ended without a result."),
    _event(
        SystemEvent.BACKUP,
        "A backup was made, read back and verified.",
        need("to", TEXT, "Name of the backup's folder."),
        need("size", COUNT, "Entries in it."),
        need("root", TEXT, "Root hash of the log in it."),
        need("pictures", COUNT, "Pictures that it added."),
        need("lost", COUNT, "Pictures that the ledger names and nobody has."),
        need("own_disk", YES_NO, "Whether it lies on the ledger's own disk."),
        need("asked", YES_NO, "Whether a person asked for it."),
        may("folder", TEXT, "A short digest that tells one stick from another."),
    ),
    _event(
        SystemEvent.BACKUP_FAILED,
        "A backup failed.",
        need("fault", one_of(BackupFault), "Why."),
        need("to", TEXT, "Name of the folder it was for."),
    ),
    _event(
        SystemEvent.BACKUP_POSSIBLE,
        "Backups are possible again.",
        need("after", one_of(BackupFault), "What had been wrong."),
    ),
    _event(
        SystemEvent.EXPORT,
        "The ledger was exported.",
        need("what", TEXT, "In which form, such as `tiles`."),
        need("size", COUNT, "Entries in it, this one included."),
    ),
    _event(
        SystemEvent.REBUILT,
        "The tables were made anew from the entries.",
        need("table", nullable(TEXT), "The first table that differed."),
        need("row", nullable(TEXT), "The key of its first row that differed."),
        _ENTRIES,
    ),
    _event(SystemEvent.RESTORED, "The ledger goes on after a restore.", _ENTRIES),
    _event(
        SystemEvent.NAMES_MENDED,
        "Altered names were put back from a backup, or erased.",
        need("restored", list_of(TEXT), "Whose names were put back."),
        need("erased", list_of(TEXT), "Whose names were erased."),
    ),
)
PEOPLE = (
    _event(
        SystemEvent.SIGN_IN,
        "Somebody signed in.",
        need("by", one_of(SignInBy), "How."),
    ),
    _event(SystemEvent.SIGN_OUT, "Somebody signed out."),
    _event(
        SystemEvent.PASSWORD_FAILED,
        "A wrong password was typed.",
        need("person", nullable(PERSON), "Whose; null: nobody has that login."),
        may("times", COUNT, "How often, for logins that nobody has."),
    ),
    _event(SystemEvent.PIN_FAILED, "A wrong PIN was typed.", _PERSON),
    _event(
        SystemEvent.LOCKED,
        "Somebody has to wait after wrong attempts.",
        _PERSON,
        need("kind", one_of(SecretKind), "What was wrong."),
        need("wait_s", COUNT, "Seconds."),
    ),
    _event(
        SystemEvent.SHIFT_START,
        "Somebody's shift at a gate began.",
        need("before", nullable(PERSON), _BEFORE),
        may("sound_heard", YES_NO, _SOUND_HEARD),
        may("bring_back", list_of(ITEM), _BRING_BACK),
    ),
    _event(
        SystemEvent.SHIFT_CHECK,
        "A camera was tried with the test label.",
        _CAMERA,
        need("sound_heard", nullable(YES_NO), _SOUND_HEARD),
        need("good", YES_NO, "Whether it reads well enough."),
        need("frames", COUNT, "Frames that showed the label."),
        need("read", COUNT, "Frames in which it was read."),
        need("px_per_100_modules", COUNT, "Size of the label in the picture."),
        need("frames_per_10_s", COUNT, "Frames decoded in ten seconds."),
        need("light", nullable(COUNT), "Mean brightness, 0 to 255."),
        need("contrast", nullable(COUNT), "Of the label, in percent."),
    ),
    _event(
        SystemEvent.HANDOVER,
        "A shift went from one person (`second`) to the next (`actor`).",
        need("before", PERSON, _BEFORE),
        need("holds", list_of(SEQ), "Holds that were open."),
        need("counted", nullable(COUNT), "Items counted on what was open."),
    ),
    _event(
        SystemEvent.SHIFT_END,
        "A shift at a gate ended.",
        may("person", PERSON, "Whose, where an administrator ended it."),
    ),
    _event(
        SystemEvent.UNDECIDED,
        "Items passed a gate undecided.",
        need("bring_back", list_of(ITEM), _BRING_BACK),
    ),
    _event(
        SystemEvent.LOOKED_FOR,
        "An item that passed undecided is not brought back.",
        need("brought", ITEM, "The item."),
        need("reason", word_or_text(LookedFor), "What became of it."),
    ),
)
PAPER = (
    _event(
        SystemEvent.FORMS,
        "Blank paper forms were given out.",
        need("first", COUNT, "The first number."),
        need("count", COUNT, "How many."),
    ),
    _event(
        SystemEvent.FORM,
        "A paper form was entered.",
        _NUMBER,
        need("rows", COUNT, "How many items were on it."),
    ),
    _event(
        SystemEvent.FORM_UNUSED,
        "A paper form was spoilt or never used.",
        _NUMBER,
        need("reason", TEXT, "What became of it, in a person's own words."),
    ),
    EntryShape(
        type=EntryType.SYSTEM,
        word=SystemEvent.PRINT,
        mark="sha256",
        meaning="Labels were handed to a printer or file.",
        fields=(
            need("sha256", SHA256, "Of the job."),
            need("form", one_of(PrintForm), "What it is written in."),
            need("stock", TEXT, "Short name of the paper."),
            need("labels", COUNT, "How many, copies included."),
            need("copies", nullable(COUNT), "Of each; null: two for a box, else one."),
            need("skip", COUNT, "Used positions on the first sheet."),
            need("dpi", nullable(COUNT), "Of a label printer."),
            need(
                "offset_um",
                row_of(("right", INTEGER), ("down", INTEGER)),
                "Shift of the print in micrometres.",
            ),
            need("target", TEXT, "Where it went."),
            may(
                "reason", TEXT, "Why they were printed again, in a person's own words."
            ),
            need(
                "part",
                row_of(("part", COUNT), ("parts", COUNT)),
                "Which entry of the job.",
            ),
        ),
    ),
    _event(
        SystemEvent.PRINT, "The same without details, as the first ledgers hold it."
    ),
    _event(
        SystemEvent.WAYBILL,
        "A waybill was printed.",
        need("version", COUNT, "1, and one more for each correction of the trip."),
        need("sha256", SHA256, "Of the PDF."),
    ),
)
SHAPES = (*STATION, *PEOPLE, *PAPER)
