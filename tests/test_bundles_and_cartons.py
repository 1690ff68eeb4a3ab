"""Bundles and cartons of ballot papers, registered by the plan's counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from labels.label_code import ItemKind
from station.cli.main import main
from station.custody.labelling import bundles_and_cartons, reissue, selection
from station.custody.labelling.selection import Selection
from station.errors import OperationRefused, RefusalReason
from station.model import Ballot
from station.serve import Station
from station.storage import database
from tests.conftest import OPERATOR
from tests.web_scene import HERE, Scene, scene

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from station.custody.labelling.first_issue import Issue


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "station") as made:
        yield made


def proposed(at: Scene, kind: ItemKind, **chosen: str) -> list[Issue]:
    settings = at.station.settings
    db = at.read()
    try:
        return bundles_and_cartons.proposed(
            db,
            kind,
            Selection(**chosen),  # type: ignore[arg-type]
            settings.election,
            settings.home,
        )
    finally:
        db.close()


def test_bundles_hold_the_papers_of_their_box(at: Scene) -> None:
    box = at.box(HERE, Ballot.DPR, 2)
    db = at.read()
    (sheets,) = db.execute(
        "SELECT sheets FROM ballot_count WHERE polling_station = ? AND ballot = 'DPR'",
        (box.item.destination,),
    ).fetchone()
    db.close()

    mine = [
        issue
        for issue in proposed(at, ItemKind.BUNDLE, area=HERE)
        if issue.container == box.item.id
    ]

    size = at.station.settings.election.bundle_size
    papers = sum(len(issue.ballots) * (issue.quantity or 0) for issue in mine)
    assert papers == sheets
    assert bundles_and_cartons.count(mine) == -(-sheets // size)
    assert {issue.destination for issue in mine} == {box.item.destination}


def test_they_are_registered_once_and_printed(at: Scene) -> None:
    path = f"/label/daftarkan?kind=K&kec={HERE}&ballot=DPR"
    many = bundles_and_cartons.count(
        proposed(at, ItemKind.BUNDLE, area=HERE, ballot="DPR")
    )
    assert many > 10
    assert f"Daftarkan {many}" in at.page(path).replace(".", "")
    form = {"kind": "K", "kec": HERE, "ballot": "DPR"}
    wrong = at.post("/label/daftarkan", **form, count=str(many - 1))
    assert wrong.status_code == 409

    done = at.post("/label/daftarkan", **form, count=str(many))
    again = at.post("/label/daftarkan", **form, count=str(many))

    assert done.status_code == 303
    assert again.status_code == 409
    assert "Semua sudah terdaftar." in at.page(path)
    assert "label" in at.page(done.headers["Location"])
    db = at.read()
    counted = selection.count(
        db, Selection(area=HERE, kind="K", ballot=Ballot.DPR, missing=True)
    )
    db.close()
    assert counted.items >= many


def test_cartons_stay_in_the_warehouse_and_on_no_trucks_list(at: Scene) -> None:
    issues = proposed(at, ItemKind.CARTON)
    assert {issue.destination for issue in issues} == {at.station.settings.home}
    many = bundles_and_cartons.count(issues)
    at.open()
    before = at.listed()
    at.station.print_queue.register(
        ItemKind.CARTON, Selection(), many, at.person("penyelia")
    )

    assert proposed(at, ItemKind.CARTON) == []
    assert before
    assert at.listed() == before


def test_a_box_that_has_bundles_is_not_packed_again(at: Scene) -> None:
    box = at.box(HERE, Ballot.DPR, 2)
    chosen = Selection(area=box.item.destination, ballot=Ballot.DPR)
    place = {"area": box.item.destination, "ballot": "DPR"}
    many = bundles_and_cartons.count(proposed(at, ItemKind.BUNDLE, **place))

    at.station.print_queue.register(ItemKind.BUNDLE, chosen, many, at.person("petugas"))

    assert many
    assert proposed(at, ItemKind.BUNDLE, **place) == []


def test_a_plan_with_other_counts_or_a_voided_bundle_is_packed_up_to_the_count(
    at: Scene,
) -> None:
    box = at.box(HERE, Ballot.DPR, 2)
    place = {"area": box.item.destination, "ballot": "DPR"}
    chosen = Selection(area=box.item.destination, ballot=Ballot.DPR)
    person = at.person("penyelia")
    size = at.station.settings.election.bundle_size
    many = bundles_and_cartons.count(proposed(at, ItemKind.BUNDLE, **place))
    at.station.print_queue.register(ItemKind.BUNDLE, chosen, many, person)
    db = at.read()
    (bundle,) = db.execute(
        "SELECT id FROM item WHERE container = ? ORDER BY id LIMIT 1", (box.item.id,)
    ).fetchone()
    db.close()

    at.station.on_ledger(
        lambda log: reissue.void(
            log, [bundle], reason="robek", actor=person, at=at.station.clock()
        )
    )
    (missing,) = proposed(at, ItemKind.BUNDLE, **place)
    assert (len(missing.ballots), missing.quantity) == (1, size)
    # A box that is replaced keeps the bundles that were packed for its TPS and kind.
    at.station.on_ledger(
        lambda log: reissue.void(
            log, [box.item.id], reason="rusak", actor=person, at=at.station.clock()
        )
    )
    assert proposed(at, ItemKind.BUNDLE, **place) == []


def test_too_many_at_once_are_refused(
    at: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles_and_cartons, "MOST", 3)
    many = bundles_and_cartons.count(proposed(at, ItemKind.BUNDLE))

    with pytest.raises(OperationRefused) as refused:
        at.station.print_queue.register(ItemKind.BUNDLE, Selection(), many, OPERATOR)

    assert refused.value.code is RefusalReason.TOO_MANY_ITEMS
    assert "Terlalu banyak sekali jalan" in at.page("/label/daftarkan")


def test_the_command_tells_and_registers(tmp_path: Path) -> None:
    with scene(tmp_path / "station") as made:
        folder = made.station.settings.folder
    runner = CliRunner()
    options = ["--data", str(folder), "--area", HERE, "--ballot", "DPR"]

    with Station(made.station.settings):  # at work, and not in the way
        dry = runner.invoke(main, ["issue", "bundles", *options, "--dry-run"])
    done = runner.invoke(main, ["issue", "bundles", *options])
    again = runner.invoke(main, ["issue", "bundles", *options])

    assert dry.output.endswith("bundles would be registered.\n")
    assert done.output.split()[0] == dry.output.split()[0] != "0"
    assert again.output == "0 bundles registered.\n"
    cartons = runner.invoke(main, ["issue", "cartons", *options])
    assert cartons.exit_code == 2
    wrong = runner.invoke(
        main, ["issue", "bundles", "--data", str(folder), "--tps", "x"]
    )
    assert wrong.exit_code == 1
    db = database.open_reader(folder / "ledger.db")
    (many,) = db.execute(
        "SELECT count(*) FROM item WHERE container IS NOT NULL"
    ).fetchone()
    db.close()
    assert many >= int(done.output.split()[0].replace(",", ""))
