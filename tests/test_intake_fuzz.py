"""Whatever bytes come in: one sentence or a plan, and never half of one."""

from __future__ import annotations

import contextlib
import io
import zipfile
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.custody.plan import dry_run, plan_records, record_plan
from station.custody.plan.plan_records import Imported
from station.custody.plan.record_plan import Upload
from station.errors import StationError
from tests.conftest import OPERATOR
from tests.plan_books import AREAS, CODE, HEADER, KINDS, csv, row, xlsx

if TYPE_CHECKING:
    from station.ledger.log import Log
    from tests.conftest import StillClock

FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ODD = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.integers(-(10**12), 10**12),
    st.floats(),
    st.sampled_from(
        [CODE, "17.71", 17.71, 1771011001.0, "1", "TPS 1", "1.165", "-1", "JUMLAH",
         "Pagar Dewa", *HEADER, '"', ";", "\n", "=1+1", "\xa0", "\u202e", "\0"]
    ),
)  # fmt: skip
CELLS = st.lists(st.lists(ODD, max_size=10), max_size=12)


def read(content: bytes, name: str = "x.csv") -> plan_records.Plan | None:
    sentence = ""
    try:
        return record_plan.read([Upload(name, content)], AREAS, regency="1771")
    except StationError as error:
        sentence = str(error)
    assert "\n" not in sentence
    assert sentence.startswith(f"{name}: diharapkan ")
    return None


@FEW
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
def test_any_bytes_are_one_sentence_or_a_plan(content: bytes) -> None:
    found = read(content)

    assert found is None or not found.stations or found.readings


@FEW
@given(CELLS, st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_any_rows_under_a_header_are_recorded_or_held(
    cells: list[list[Any]], encoding: str
) -> None:
    text = csv([HEADER, row(1), *cells])
    found = read(text.encode(encoding, errors="replace"))

    if found is not None:
        held = {problem.row for problem in found.held}
        assert len(found.stations) + len(held) <= len(text.splitlines())
        for problem in found.problems:
            assert "\n" not in str(problem)
            assert len(str(problem)) < 600


@FEW
@given(CELLS)
def test_any_cells_of_a_workbook_are_recorded_or_held(cells: list[list[Any]]) -> None:
    with contextlib.suppress(TypeError, ValueError):  # what no workbook can hold
        content = xlsx([HEADER, row(1), *cells])
        found = read(content, "x.xlsx")
        assert found is None or f"{CODE}/001" in {*found.stations, *found.waiting}


@FEW
@given(st.data())
def test_a_spoilt_workbook_never_crashes(data: st.DataObject) -> None:
    whole = zipfile.ZipFile(io.BytesIO(xlsx([HEADER, row(1), row(2)])))
    spoilt = io.BytesIO()
    with zipfile.ZipFile(spoilt, "w") as archive:
        for part in whole.namelist():
            content = whole.read(part)
            if data.draw(st.integers(0, 3)) == 0:
                at = data.draw(st.integers(0, len(content)))
                extra = data.draw(st.binary(max_size=6))
                content = content[:at] + extra + content[at + len(extra) + 1 :]
            archive.writestr(part, content)

    found = read(spoilt.getvalue(), "x.xlsx")

    assert found is None or len(found.stations) <= 2


@FEW
@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 900)), max_size=8))
def test_nothing_is_ever_half_imported(
    log: Log, clock: StillClock, rows: list[tuple[int, int]]
) -> None:
    text = csv([HEADER, *(row(tps, dpt, dpt) for tps, dpt in rows)])
    areas = csv([["kode", "nama", "tingkat"], ["17.71", "Kota", "kota"]])
    areas += csv(
        [[code, name, "kecamatan" if code.count(".") == 2 else "kelurahan"]
         for code, name in AREAS.items() if "." in code[3:]]
    )  # fmt: skip
    uploads = [Upload("a.csv", areas.encode()), Upload("t.csv", text.encode())]
    try:
        found = record_plan.read(
            uploads, record_plan.known_areas(log.db), regency="1771"
        )
    except StationError:
        return
    before = log.size
    change = dry_run.propose(log.db, found)

    if found.problems:
        with contextlib.suppress(StationError):
            record_plan.record(log, found, "1771", actor=OPERATOR, at=clock())
        assert log.size == before
    done = record_plan.record(
        log, found.good_rows(), "1771", actor=OPERATOR, at=clock()
    )

    assert done.boxes == change.boxes
    assert done.boxes <= len(KINDS) * len(found.stations)
    again = record_plan.record(
        log, found.good_rows(), "1771", actor=OPERATOR, at=clock()
    )
    assert again == Imported(0, 0, 0)
