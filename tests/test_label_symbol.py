from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.geometry import MODULES, QUIET_MODULES
from labels.label_code import ItemId, ItemKind, LabelCode, LabelError, LabelFault
from labels.qr_symbol import code_matrix, matrix, runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

CODE = "J11771B0007KVG68C99Y"
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
Level = Literal["L", "M", "Q"]


def shown(dark: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The symbol with its border at 4 pixels a module."""
    modules = np.pad(~dark, QUIET_MODULES, constant_values=True)
    return np.kron(modules, np.ones((4, 4), bool)).astype(np.uint8) * 255


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 32**5 - 1), st.binary(min_size=16, max_size=16))
def test_every_code_becomes_a_symbol_that_reads_back(number: int, key: bytes) -> None:
    item = ItemId.from_number("1771", ItemKind.BOX, number)
    code = str(LabelCode.issue(item, 1, key))

    dark = matrix(code)

    assert dark.shape == (25, 25)
    assert dark.dtype == np.bool_
    symbols = zxingcpp.read_barcodes(shown(dark))
    assert [symbol.text for symbol in symbols] == [code]
    assert symbols[0].ec_level == "H"


def test_dark_is_true_and_the_finders_stand_in_three_corners() -> None:
    dark = matrix(CODE)
    finder = np.pad(np.ones((3, 3), bool), 1)
    finder = np.pad(finder, 1, constant_values=True)

    assert (dark[:7, :7] == finder).all()
    assert (dark[:7, -7:] == finder).all()
    assert (dark[-7:, :7] == finder).all()


def test_a_symbol_reads_with_a_twelfth_of_it_torn_off() -> None:
    picture = shown(matrix(CODE))
    picture[-40:, -48:] = 255

    symbols = zxingcpp.read_barcodes(picture)

    assert [symbol.text for symbol in symbols] == [CODE]


@pytest.mark.parametrize(
    "text", ["", "A", CODE + "A", CODE.lower(), "J" * 4_000, "\u202eשלם", "\ud800"]
)
def test_a_text_of_another_size_is_refused(text: str) -> None:
    with pytest.raises(LabelError) as error:
        matrix(text)

    assert error.value.fault is LabelFault.SYMBOL
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("level", ["L", "M", "Q"])
def test_a_writer_that_ignores_the_level_is_noticed(
    monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    write = zxingcpp.create_barcode
    monkeypatch.setattr(
        zxingcpp,
        "create_barcode",
        lambda text, kind, **_: write(text, kind, ec_level=level),
    )

    with pytest.raises(LabelError, match="level H"):
        matrix(CODE)


def test_a_symbol_that_does_not_read_back_is_never_given_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blank = np.full((MODULES, MODULES), 255, np.uint8)
    symbol = SimpleNamespace(ec_level="H", to_image=lambda **_: blank)
    monkeypatch.setattr(zxingcpp, "create_barcode", lambda *_, **__: symbol)

    with pytest.raises(LabelError, match="reads back"):
        matrix(CODE)


@settings(max_examples=100, deadline=None)
@given(
    st.text(ALPHANUMERIC, min_size=1, max_size=400), st.sampled_from(["L", "M", "Q"])
)
def test_a_longer_text_becomes_a_symbol_of_its_level_that_reads_back(
    text: str, level: Level
) -> None:
    dark = code_matrix(text, level)

    assert dark.shape[0] == dark.shape[1]
    assert dark.dtype == np.bool_
    (symbol,) = zxingcpp.read_barcodes(shown(dark), text_mode=zxingcpp.TextMode.Plain)
    assert symbol.text == text
    assert symbol.ec_level == level


@pytest.mark.parametrize(
    ("level", "characters", "side"),
    # ISO/IEC 18004, table 7: what versions 1, 10 and 40 hold in alphanumeric mode.
    [
        *(("L", 25, 21), ("L", 395, 57), ("L", 4_296, 177)),
        *(("M", 20, 21), ("M", 311, 57), ("M", 3_391, 177)),
        *(("Q", 16, 21), ("Q", 221, 57), ("Q", 2_420, 177)),
    ],
)
def test_a_symbol_is_the_smallest_that_holds_its_text(
    level: Level, characters: int, side: int
) -> None:
    # Ten digits in a row would be written in fewer bits.
    text = (ALPHANUMERIC[10:] * 123)[:characters]

    assert code_matrix(text, level).shape == (side, side)
    if side < 177:
        assert code_matrix(text + "A", level).shape == (side + 4, side + 4)
        return
    with pytest.raises(LabelError, match=f"1 to {characters}") as error:
        code_matrix(text + "A", level)
    assert error.value.fault is LabelFault.SYMBOL


@pytest.mark.parametrize("text", ["", "jm1", "JM1:\n", "JM1;", "\u202eשלם", "\ud800"])
def test_a_longer_text_of_other_characters_is_refused(text: str) -> None:
    with pytest.raises(LabelError) as error:
        code_matrix(text, "M")

    assert error.value.fault is LabelFault.SYMBOL


def test_a_longer_symbol_of_another_level_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = zxingcpp.create_barcode
    monkeypatch.setattr(
        zxingcpp,
        "create_barcode",
        lambda text, kind, **_: write(text, kind, ec_level="L"),
    )

    with pytest.raises(LabelError, match="21 x 21 to 177 x 177 modules, level M"):
        code_matrix("JM1:" + CODE, "M")


def test_the_runs_are_the_dark_modules() -> None:
    dark = code_matrix("JM1:" + CODE * 9, "M")

    drawn = np.zeros_like(dark)
    for row, start, length in runs(dark):
        assert not drawn[row, start : start + length].any()
        drawn[row, start : start + length] = True

    assert (drawn == dark).all()
