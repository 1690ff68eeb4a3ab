"""Addresses of earlier releases still lead to their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from station.model import Ballot
from tests.web_scene import HERE, scene, token
from web.old_addresses import MOVED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.web_scene import Scene


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path) as made:
        yield made


@pytest.mark.parametrize(("old", "new"), MOVED.items())
def test_an_old_address_leads_to_an_endpoint(old: str, new: str, at: Scene) -> None:
    answer = at.client.get(old.replace("<name>", "gerbang-1") + "?after=3")
    target = new.format(name="gerbang-1")

    assert answer.status_code == 308
    assert answer.headers["Location"].endswith(f"{target}?after=3")
    assert any(
        rule.rule == new.replace("{name}", "<name>") and rule.endpoint
        for rule in at.app.url_map.iter_rules()
    )


def test_an_act_sent_to_an_old_address_is_done(at: Scene) -> None:
    at.open()
    before = at.entries()
    form = {
        "text": at.code(at.box(HERE, Ballot.PPWP)),
        "csrf_token": token(at.client),
    }

    answer = at.client.post("/gerbang/gerbang-1/scan", data=form, follow_redirects=True)

    assert answer.status_code == 200
    assert at.entries() == before + 1
