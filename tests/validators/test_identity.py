"""T.C. numbers, tax numbers, and the MERSIS numbers that hold one of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.tr import tckimlik

from tests.validators.numbers import NATIONAL_IDS, TAX_NUMBERS, VALID
from validators.identity import is_foreign_id, is_national_id, is_tax_number, tax_number_of_mersis


@pytest.mark.parametrize("text", [VALID, "11111111110", "22222222220", "12345678950", "99000000042"])
def test_national_ids_whose_check_digits_hold(text: str) -> None:
    assert is_national_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "11111111111",
        "12345678901",
        "01000000146",
        "1000000014",
        "100000001460",
        " 10000000146",
        "10000000146\n",
        "100 000 001 46",
        "1000000014６",
        "١٠٠٠٠٠٠٠١٤٦",
        "1000000014²",
    ],
)
def test_what_is_no_national_id(text: str) -> None:
    assert not is_national_id(text)


@given(NATIONAL_IDS, st.integers(0, 10), st.integers(1, 9))
def test_every_wrong_digit_is_noticed(number: str, place: int, shift: int) -> None:
    assert is_national_id(number)
    wrong = str((int(number[place]) + shift) % 10)
    assert not is_national_id(number[:place] + wrong + number[place + 1 :])


def test_foreigners_numbers() -> None:
    assert is_foreign_id("99000000042")
    assert is_foreign_id(f"981234567{tckimlik.calc_check_digits('981234567')}")
    assert not is_foreign_id(VALID)
    assert not is_foreign_id("99000000041")


@pytest.mark.parametrize("text", ["1234567890", "0123456789", VALID])
def test_tax_numbers(text: str) -> None:
    assert is_tax_number(text)


@pytest.mark.parametrize(
    "text", ["", "1111111111", "2222222222", "1234567891", "123456789", "12345678901", "1234567890\n"]
)
def test_what_is_no_tax_number(text: str) -> None:
    assert not is_tax_number(text)


@given(TAX_NUMBERS, st.integers(0, 99_999), st.sampled_from(["", " ", "-", "."]))
def test_mersis_number_holds_the_tax_number(tax_number: str, suffix: int, gap: str) -> None:
    digits = f"0{tax_number}{suffix:05}"
    text = gap.join([digits[0], digits[1:5], digits[5:9], digits[9:]])
    assert tax_number_of_mersis(text) == tax_number


def test_mersis_number_of_a_natural_person_holds_the_national_id() -> None:
    assert tax_number_of_mersis(f"{VALID}00012") == VALID


@pytest.mark.parametrize(
    "text",
    ["", "0123456789100014", "012345678900001", "01234567890000145", "1234567890100014", "0x23456789000014"],
)
def test_what_is_no_mersis_number(text: str) -> None:
    assert tax_number_of_mersis(text) is None
