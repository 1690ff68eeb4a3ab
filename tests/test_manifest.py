"""The manifest of a waybill: bytes that other stations and later years must read."""

from __future__ import annotations

import random
import zlib
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from station.errors import StationError
from station.exchange import manifest, qr_text
from station.exchange.manifest import Manifest
from station.ledger.checkpoint import Signer, Verifier
from station.leg import OUT, Leg
from station.model import Ballot

if TYPE_CHECKING:
    from pathlib import Path

ORIGIN = "jejak/1771/gudang/g1"


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer.create(tmp_path_factory.mktemp("key") / "key.pem")


@pytest.fixture(scope="module")
def verifier(signer: Signer) -> Verifier:
    return Verifier(signer.vkey(ORIGIN))


def plan(number: int) -> list[str]:
    return [f"1771-B-{n:05d}" for n in range(number)]


def of(
    present: list[bool],
    key: bytes = b"\0\1\2\3",
    leg: Leg = OUT,
    area: str = "17.71.03",
) -> Manifest:
    return Manifest(
        key=key,
        number=12,
        leg=leg,
        area=area,
        departed_ms=1_800_000_000_000,
        size=12_345,
        root=bytes(range(8)),
        plan=manifest.plan_digest(plan(len(present))),
        counts={Ballot.PPWP: 40, Ballot.PILWALI: 300, None: 2},
        digest=bytes(range(16)),
        present=tuple(present),
    )


@pytest.mark.parametrize(
    ("payload", "text"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581")],
)
def test_base45_is_that_of_the_standard(payload: bytes, text: str) -> None:
    """Examples of RFC 9285, section 4.3."""
    assert qr_text.encode("JM1", payload) == f"JM1:{text}"
    assert qr_text.decode("JM1", f"JM1:{text}") == payload


def test_base45_of_the_standard_is_decoded() -> None:
    """RFC 9285, section 4.4."""
    assert qr_text.decode("X", "X:QED8WEX0") == b"ietf!"


@pytest.mark.parametrize("text", ["JM1:BB", "J1:BB8", "JM1:B", "JM1:bb8", "JM1:ZZZ:::"])
def test_what_is_no_base45_is_refused(text: str) -> None:
    if text == "JM1:BB":  # two characters are one byte, and this one is too large
        assert qr_text.decode("JM1", "JM1:00") == b"\0"
    with pytest.raises(StationError):
        qr_text.decode("JM1", text)


@given(present=st.lists(st.booleans(), max_size=300))
@settings(max_examples=200, deadline=None)
def test_what_is_written_is_read(
    signer: Signer, verifier: Verifier, present: list[bool]
) -> None:
    said = of(present, verifier.key_hash)

    text = manifest.write(said, signer)
    found = manifest.read(text, verifier)

    assert found == said
    here = [item for item, is_here in zip(plan(300), present, strict=False) if is_here]
    assert found.items(plan(len(present))) == here


@pytest.mark.parametrize(
    ("leg", "area"),
    [
        ("ppk-gudang", "17.71.03"),
        ("ppk-pps", "17.71.03.1011"),
        ("pps-kpps", "17.71.03.1011/902"),
        ("kpps-ppk", "17.71.03.1011/003"),
    ],
)
def test_it_says_on_which_leg_and_of_which_place(
    signer: Signer, verifier: Verifier, leg: str, area: str
) -> None:
    said = of([True, False], verifier.key_hash, Leg.parse(leg), area)

    assert manifest.read(manifest.write(said, signer), verifier) == said


def test_any_altered_bit_is_refused(signer: Signer, verifier: Verifier) -> None:
    text = manifest.write(of([n % 3 > 0 for n in range(200)]), signer)
    payload = qr_text.decode("JM1", text)
    rng = random.Random(1)  # noqa: S311 - which bits are tried
    for bit in rng.sample(range(8 * len(payload)), 300):
        altered = bytearray(payload)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(StationError):
            manifest.read(qr_text.encode("JM1", bytes(altered)), verifier)
    for cut in range(len(payload)):
        with pytest.raises(StationError):
            manifest.read(qr_text.encode("JM1", payload[:cut]), verifier)


def test_another_key_or_another_statement_is_refused(
    signer: Signer, verifier: Verifier, tmp_path: Path
) -> None:
    other = Signer.create(tmp_path / "other.pem")
    with pytest.raises(StationError, match="not signed by jejak/1771"):
        manifest.read(manifest.write(of([True]), other), verifier)

    payload = qr_text.decode("JM1", manifest.write(of([True]), signer))
    statement = payload[:-64]
    note = signer.sign_statement("receipt", statement)
    with pytest.raises(StationError, match="not signed"):
        manifest.read(qr_text.encode("JM1", statement + note), verifier)


def test_another_plan_is_said_and_names_no_box(
    signer: Signer, verifier: Verifier
) -> None:
    found = manifest.read(manifest.write(of([True, False, True]), signer), verifier)
    with pytest.raises(StationError, match="bring the plans up to date"):
        found.items(["1771-B-00000", "1771-B-00001", "1771-B-00009"])


@pytest.mark.parametrize(
    ("planned", "present", "most"),
    [
        pytest.param(400, 400, 160, id="all"),
        pytest.param(400, 392, 170, id="eight-missing"),
        pytest.param(570, 400, 230, id="any-400-of-570"),
        pytest.param(4_700, 4_100, 560, id="any-4100-of-4700"),
        pytest.param(5_000, 5_000, 160, id="all-of-5000"),
    ],
)
def test_it_is_as_small_as_a_symbol_wants_it(
    signer: Signer, planned: int, present: int, most: int
) -> None:
    here = set(random.Random(2).sample(range(planned), present))  # noqa: S311
    text = manifest.write(of([n in here for n in range(planned)]), signer)
    assert len(qr_text.decode("JM1", text)) <= most


def test_one_kind_of_five_in_a_large_kecamatan_is_small(
    signer: Signer, verifier: Verifier
) -> None:
    said = of([n % 5 == 2 for n in range(5_000)], verifier.key_hash)

    text = manifest.write(said, signer)

    assert len(qr_text.decode("JM1", text)) <= 200
    assert manifest.read(text, verifier) == said


def test_deflated_items_unpack_to_the_plan_and_to_no_more(signer: Signer) -> None:
    verifier = Verifier(signer.vkey(ORIGIN))
    plan = [n % 5 == 2 for n in range(5_000)]
    text = manifest.write(of(plan, verifier.key_hash), signer)
    payload = qr_text.decode("JM1", text)[:-64]
    start = payload.index(zlib.compress(_bits(plan), 9, -15))
    bomb = zlib.compress(bytes(10_000_000), 9, -15)
    for items in (bomb, b"", b"\xff\xff", payload[start:] + b"x", payload[start:-3]):
        statement = payload[:start] + items
        signed = statement + signer.sign_statement(manifest.STATEMENT, statement)
        with pytest.raises(StationError, match=r"of items|deflated"):
            manifest.read(qr_text.encode("JM1", signed), verifier)


def _bits(plan: list[bool]) -> bytes:
    packed = "".join("1" if here else "0" for here in plan)
    return bytes(int(packed[at : at + 8], 2) for at in range(0, len(packed), 8))


def test_its_bytes_never_change() -> None:
    """A paper that lies in a court's file stays readable; key of RFC 8032, 7.1."""
    seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    signer = Signer(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)))
    verifier = Verifier(signer.vkey(ORIGIN))
    said = of([n not in {3, 9} for n in range(40)], verifier.key_hash)

    assert manifest.write(said, signer) == GOLDEN
    assert manifest.read(GOLDEN, verifier) == said


GOLDEN = (
    "JM1:G907.H4Q6XCQXE1QFKQRO.T666CX507H0QS04.05614MS74MLLI471000000000OXL"
    "HB0X507H0QS00+0J61%H1CT1H+18H0W68K9TG%EDBWQK3K69I$9:RLWV9I2HT5BX33TJGI"
    "%U60H  1**JDCB3SJ7DNP7M11KZWE%+4RCPT8NFE0.NA+%BA/85F4N+1"
)
