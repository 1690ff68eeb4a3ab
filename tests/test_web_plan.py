"""The plan page on a real station: dry run, every problem, record as it was shown."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from station.custody.plan import dry_run, import_history, record_plan
from station.custody.plan.record_plan import Upload
from station.intake.header_recognition import TableKind
from station.intake.problem import Weight
from station.runtime.plan_imports import ImportStage
from tests.running import until
from tests.web_scene import Scene, scene, token
from web.wording import label_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from station.runtime.plan_imports import ImportView

BENGKULU = Path(__file__).parent / "data" / "kota-bengkulu"
DRAFT = "draft-of-a-test"
GOOD = """\
kelurahan_code,tps,dpt,ballots_ppwp,ballots_dpr,ballots_dpd,\
ballots_dprd_prov,ballots_dprd_kota
17.71.03.1003,950,100,102,102,102,102,102
17.71.03.1003,951,100,102,102,102,102,102
"""
BAD = GOOD + "17.71.03.1003,952,100,102,102,-5,102,102\n"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "station") as made:
        yield made


def send(at: Scene, *files: tuple[str, bytes], draft: str = DRAFT) -> TestResponse:
    """The answer to files sent as a browser sends them."""
    return at.client.post(
        "/rencana/kirim",
        data={
            "csrf_token": token(at.client),
            "draft": draft,
            "files": [(io.BytesIO(content), name) for name, content in files],
        },
    )


def shown(at: Scene, *files: tuple[str, bytes], draft: str = DRAFT) -> ImportView:
    """The plan in these files, when it was read."""
    answer = send(at, *files, draft=draft)
    assert answer.status_code == 303, answer.text
    return settled(at, draft)


def settled(at: Scene, draft: str = DRAFT) -> ImportView:
    def there() -> ImportView | None:
        found = at.station.plans.draft(draft)
        assert found is not None
        moving = found.stage in {ImportStage.READING, ImportStage.RECORDING}
        return None if moving else found

    found: ImportView = until(there)
    return found


def record(at: Scene, draft: str = DRAFT, good: str = "no") -> ImportView:
    """Press the button of the page, with what it shows."""
    page = at.page(f"/rencana/{draft}")
    digest = re.search(r'name="digest" value="(\w+)"', page)
    assert digest is not None
    answer = at.post(f"/rencana/{draft}/catat", digest=digest[1], good_rows=good)
    assert answer.status_code == 303
    return settled(at, draft)


def good(text: str = GOOD, name: str = "tps.csv") -> tuple[str, bytes]:
    return name, text.encode()


def test_a_dry_run_records_nothing_and_tells_what_would(at: Scene) -> None:
    before = at.entries()

    found = shown(at, good())

    assert found.stage is ImportStage.SHOWN
    page = at.page(f"/rencana/{DRAFT}")
    assert "0 wilayah, 2 TPS, 10 kotak" in page
    assert "17.71.03.1003/950" in page
    assert "Catat semua" in page
    assert "TPS khusus" in at.page(f"/rencana/{DRAFT}?view=left")
    assert "ballots_dprd_kota" in at.page(f"/rencana/{DRAFT}?view=read")
    figures = "DPT 100, PPWP 102, DPR 102, DPD 102, DPRD_PROV 102, DPRD_KOTA 102"
    read_as = f'<li class="code">17.71.03.1003/950: {figures}</li>'
    assert read_as in at.page(f"/rencana/{DRAFT}?view=read")
    assert "<b>pemilu</b>" in page
    assert at.entries() == before


def test_recording_is_told_with_its_entry_and_again_changes_nothing(
    at: Scene,
) -> None:
    shown(at, good())
    before = at.entries()

    done = record(at)

    assert done.stage is ImportStage.RECORDED
    page = at.page(f"/rencana/{DRAFT}")
    assert "0 wilayah, 2 TPS, 10 kotak tercatat." in page
    link = re.search(r'href="(/rencana/entri/(\d+))"', page)
    assert link is not None
    assert int(link[2]) == before
    entry = at.page(link[1])
    assert hashlib.sha256(GOOD.encode()).hexdigest() in entry
    assert "Penyelia" in entry
    after = at.entries()
    for _ in range(3):
        again = at.post(f"/rencana/{DRAFT}/catat", digest="x", good_rows="yes")
        assert again.status_code == 303
    shown(at, good(), draft="the-same-again")
    assert "Tidak ada yang baru" in at.page("/rencana/the-same-again")
    assert at.entries() == after


def test_problems_are_all_told_and_only_good_rows_can_be_recorded(at: Scene) -> None:
    shown(at, good(BAD))
    page = at.page(f"/rencana/{DRAFT}")

    assert "Catat semua" not in page
    assert "Catat yang benar saja (1 baris ditahan)" in page
    for cell in ("tps.csv", ">4<", "ballots_dpd", "“-5”", "bilangan bulat dari 0"):
        assert cell in page, cell
    before = at.entries()
    refused = record(at, good="no")
    assert refused.stage is ImportStage.SHOWN
    assert "tidak ada yang dicatat" in at.page(f"/rencana/{DRAFT}")
    assert at.entries() == before
    done = record(at, good="yes")
    assert done.stage is ImportStage.RECORDED
    page = at.page(f"/rencana/{DRAFT}")
    assert "1 baris ditahan, 1 TPS masih terbuka." in page
    assert "17.71.03.1003/952" in page
    assert "17.71.03.1003/952" in at.page("/rencana")
    with contextlib.closing(at.read()) as db:
        assert [tps for _, tps in dry_run.still_open(db)] == ["17.71.03.1003/952"]


def test_held_rows_alone_can_be_recorded_as_open_once(at: Scene) -> None:
    shown(at, good())
    record(at)
    shown(at, good(BAD), draft="only-held")
    assert "Catat bahwa 1 baris ditahan" in at.page("/rencana/only-held")

    assert record(at, "only-held", good="yes").stage is ImportStage.RECORDED

    assert "1 baris ditahan, 1 TPS masih terbuka." in at.page("/rencana/only-held")
    assert "17.71.03.1003/952" in at.page("/rencana")
    shown(at, good(BAD), draft="only-held-again")
    page = at.page("/rencana/only-held-again")
    assert "Tidak ada baris baru yang benar." in page
    assert "<button" not in page.partition('class="decide"')[2].partition("</form>")[0]


def test_what_is_only_in_doubt_is_recorded_whole_where_the_clerk_chooses_it(
    at: Scene,
) -> None:
    shown(at, good(GOOD.replace("951,100,102", "951,100,99")))

    page = at.page(f"/rencana/{DRAFT}")
    assert "paling sedikit DPT 100" in page
    assert "Catat semua walau ada yang diragukan (1)" in page
    assert record(at, good="no").stage is ImportStage.SHOWN
    assert record(at, good="yes").stage is ImportStage.RECORDED
    assert "0 wilayah, 2 TPS, 10 kotak tercatat." in at.page(f"/rencana/{DRAFT}")


def test_what_changed_after_it_was_shown_is_shown_anew_and_not_recorded(
    at: Scene,
) -> None:
    shown(at, good())
    other = GOOD.replace("951,100,102,102,102,102,102", "951,200,204,204,204,204,204")
    read = record_plan.read([Upload("other.csv", other.encode())], _areas(at))
    at.station.on_ledger(
        lambda log: record_plan.record(
            log, read, "1771", actor="p01", at=at.station.clock()
        )
    )
    before = at.entries()

    stale = record(at)

    assert stale.stage is ImportStage.SHOWN
    assert stale.anew
    assert at.entries() == before
    page = at.page(f"/rencana/{DRAFT}")
    assert "Yang terdaftar berubah sesudah daftar ini ditampilkan" in page
    changed = at.page(f"/rencana/{DRAFT}?view=changed")
    assert "<td>200</td>" in changed
    assert "<b>100</b>" in changed
    assert record(at).stage is ImportStage.RECORDED
    assert at.entries() > before


def _areas(at: Scene) -> dict[str, str]:
    with contextlib.closing(at.read()) as db:
        return record_plan.known_areas(db)


def test_a_digest_of_something_else_records_nothing(at: Scene) -> None:
    shown(at, good())
    before = at.entries()

    at.post(f"/rencana/{DRAFT}/catat", digest="0" * 64, good_rows="no")

    assert settled(at).anew
    assert at.entries() == before


def test_reading_goes_on_while_the_page_is_loaded_again(
    at: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    real = record_plan.known_areas
    waits = threading.get_ident()

    def slow(db: object) -> dict[str, str]:
        if threading.get_ident() != waits:
            go.wait(60)
        return real(db)  # type: ignore[arg-type]

    monkeypatch.setattr(record_plan, "known_areas", slow)
    assert send(at, good()).status_code == 303

    for _ in range(3):
        assert "Sedang dibaca" in at.page(f"/rencana/{DRAFT}")
        assert 'data-busy="yes"' in at.page(f"/rencana/{DRAFT}/keadaan")
    assert send(at, good()).status_code == 303, "the same form again"
    go.set()

    assert settled(at).stage is ImportStage.SHOWN
    assert len(at.station.plans._cases) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("foto.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40),
        ("surat.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"stream " * 400),
        ("rusak.xlsx", b"PK\x03\x04" + b"\0" * 400),
        ("kosong.csv", b""),
        ("catatan.txt", b"belanja: beras, gula\n"),
        ("nol.csv", b"\0" * 5000),
        ("<script>alert(1)</script>.csv", b"a,b\n1,2\n"),
    ],
)
def test_a_file_of_another_kind_is_told_in_a_sentence(
    at: Scene, name: str, content: bytes
) -> None:
    before = at.entries()

    found = shown(at, (name, content))

    assert found.stage is ImportStage.UNREADABLE
    page = at.page(f"/rencana/{DRAFT}")
    assert "Tidak dapat dibaca" in page
    assert "diharapkan" in page
    assert "Stasiun gagal menjawab" not in page
    assert f"/rencana/{DRAFT}/catat" not in page, "nothing to press"
    assert "<script>alert" not in page
    assert at.entries() == before


def test_names_that_steer_pages_stay_text(at: Scene) -> None:
    nasty = '"><img src=x onerror=alert(1)>^FS~'
    text = GOOD.replace("950,100", f'"{nasty.replace(chr(34), chr(34) * 2)}",100')

    # Browsers send a quote in a file's name as %22, this client as it is.
    shown(at, (f"{nasty.replace(chr(34), '')}.csv", text.encode()))

    page = at.page(f"/rencana/{DRAFT}")
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_no_file_or_too_many_or_too_large_is_told(at: Scene) -> None:
    assert "Pilih 1 sampai 50 berkas" in send(at).text
    many = [(f"{n}.csv", b"a") for n in range(51)]
    assert "Pilih 1 sampai 50 berkas" in send(at, *many).text
    large = at.client.post(
        "/rencana/kirim",
        data=b"a" * (20 * 1024 * 1024 + 1),
        content_type="multipart/form-data; boundary=x",
    )
    assert large.status_code == 413
    assert "Berkas rencana paling besar 20 MB" in large.text
    assert at.station.plans._cases == {}
    assert at.post("/rencana/kirim", draft="?").status_code == 400


def test_lists_are_paged_searched_and_printed_whole(at: Scene) -> None:
    # Each TPS twice: every row names another one that it contradicts.
    rows = [f"17.71.03.1003,{n},100,102,102,102,102,102" for n in range(100, 165)] * 2
    text = "\n".join([GOOD.splitlines()[0], *rows]) + "\n"
    shown(at, good(text))
    path = f"/rencana/{DRAFT}?view=problems"

    def lines(query: str) -> int:
        return at.page(f"{path}{query}").count('class="weigh"')

    held = lines("&weight=held&all=1")
    assert held == 130
    assert lines("&weight=held") == 50
    assert lines("&weight=held&page=3") == 30
    assert lines("&weight=held&page=99999") == 30
    assert lines("&weight=held&page=-1") == 50
    assert lines("&weight=held&q=TPS+157+di") == 2
    assert lines("&q=%3Cscript%3E") == 0
    assert lines("&weight=x&view=nonsense") == 50


def test_rows_with_one_cause_are_one_problem_that_unfolds(at: Scene) -> None:
    rows = [f"17.71.03.1003,{n},100,102,102,102,102,-{n}" for n in range(100, 230)]
    text = "\n".join([GOOD.splitlines()[0], *rows]) + "\n"
    shown(at, good(text))
    path = f"/rencana/{DRAFT}?view=problems&weight=held"

    page, found = at.page(path), at.page(f"{path}&q=-157")

    assert page.count('class="weigh"') == found.count('class="weigh"') == 1
    assert "<summary>130 baris</summary>" in page
    assert page.count("baris 2, kolom") == page.count("baris 131, kolom") == 1
    assert "<details open>" not in page
    assert "<details open>" in at.page(f"{path}&all=1")
    assert at.page(f"{path}&q=-999").count('class="weigh"') == 0


def test_english_pages_show_problems_in_english(at: Scene) -> None:
    shown(at, good(BAD))
    at.client.set_cookie("jejak_bahasa", "en")

    page = at.page(f"/rencana/{DRAFT}?view=problems")

    assert "a whole number from 0 up" in page
    assert "correct it in the file, then import again" in page
    assert "bilangan bulat" not in page


def test_files_are_read_together(at: Scene) -> None:
    areas = (
        "level,code,name,parent_code,dapil_dprd_kota\n"
        "kelurahan,17.71.03.1099,Kampung Baru,17.71.03,1\n"
    )
    text = GOOD.replace("17.71.03.1003", "17.71.03.1099")

    found = shown(at, good(text), ("wilayah.csv", areas.encode()))

    assert found.run is not None
    assert found.run.plan.problems == []
    assert [area.name for area in found.run.change.new_areas] == ["Kampung Baru"]
    assert "Kampung Baru" in at.page(f"/rencana/{DRAFT}?view=new")


def test_a_messy_file_is_shown_as_its_note_says(at: Scene) -> None:
    errors = BENGKULU / "messy" / "03-gading-cempaka-errors.csv"
    areas = BENGKULU / "areas.csv"

    found = shown(at, *((f.name, f.read_bytes()) for f in (errors, areas)))

    assert found.run is not None
    page = at.page(f"/rencana/{DRAFT}?view=problems&weight=held")
    assert re.findall(r'class="code">(\d+)</th>', page) == [
        "19",
        "32",
        "57",
        "82",
        "92",
    ]
    assert "Catat yang benar saja (5 baris ditahan)" in page
    left = at.page(f"/rencana/{DRAFT}?view=left")
    for tps in ("17.71.02.1002/002", "17.71.02.1002/015", "17.71.02.1021/016"):
        assert tps in left
    assert record(at, good="yes").stage is ImportStage.RECORDED
    with contextlib.closing(at.read()) as db:
        newest = import_history.plans(db)[0]
        assert newest == import_history.plan(db, newest.seq)
    assert newest.stations == 98
    assert len(newest.held) == 5
    assert newest.sha256[errors.name] == hashlib.sha256(errors.read_bytes()).hexdigest()


def test_entries_that_are_no_import_have_no_page(at: Scene) -> None:
    for seq in (0, 999_999, 2**70):
        assert at.client.get(f"/rencana/entri/{seq}").status_code == 404
    assert at.client.get("/rencana/nobody-knows-it").status_code == 404


def test_every_stage_weight_and_table_has_words() -> None:
    assert set(label_words.PLAN_STAGE) == set(ImportStage)
    assert set(label_words.WEIGHT) == set(Weight)
    assert set(label_words.TABLE) == set(TableKind)
