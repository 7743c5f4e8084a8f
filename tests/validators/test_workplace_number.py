"""The workplace number of the social security institution: its forms, its groups, and whether two are the same."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.validators.numbers import FULL
from validators.identity import WorkplaceMatch, WorkplaceNumber

GROUPS = {
    "nature": "2",
    "sector": "3313",
    "new_unit": "01",
    "old_unit": "01",
    "sequence": "1043377",
    "province": "001",
    "district": "09",
    "control": "24",
    "subcontractor": "000",
}


@pytest.mark.parametrize(
    "text",
    [
        FULL,
        "2 3313 01 01 1043377 001 09 24 000",
        "2.3313.01.01.1043377.001.09.24-000",
        "2 3313 01 01 1043377 001 09-24 000",
        " 2\u00a03313\u00a001 01 1043377 001 09\u201324 000 ",
        "2331 3010 1104 3377 0010 9240 00",
    ],
)
def test_the_26_digits_however_they_are_grouped(text: str) -> None:
    assert WorkplaceNumber.parse(text) == WorkplaceNumber(**GROUPS)


def test_shorter_forms_lack_the_end() -> None:
    without_subcontractor = GROUPS | {"subcontractor": None}
    assert WorkplaceNumber.parse(FULL[:23]) == WorkplaceNumber(**without_subcontractor)
    assert WorkplaceNumber.parse(FULL[:21]) == WorkplaceNumber(**without_subcontractor | {"control": None})


@pytest.mark.parametrize("text", ["4 4100 01 1070267 060 04 67 000", "441000110702670600467000"])
def test_24_digits_have_one_unit_code(text: str) -> None:
    assert WorkplaceNumber.parse(text) == WorkplaceNumber(
        nature="4",
        sector="4100",
        new_unit="01",
        old_unit=None,
        sequence="1070267",
        province="060",
        district="04",
        control="67",
        subcontractor="000",
    )


@pytest.mark.parametrize("length", [n for n in range(31) if n not in {21, 23, 24, 26}])
def test_other_lengths_are_no_workplace_number(length: int) -> None:
    assert WorkplaceNumber.parse("2" * length) is None


@pytest.mark.parametrize(
    "text", ["2" * 25 + "x", "2" * 25 + "²", "2" * 25 + "٣", "2/" * 25 + "2", "-" + FULL]
)
def test_other_characters_are_no_workplace_number(text: str) -> None:
    assert WorkplaceNumber.parse(text) is None


def test_groups_count_more_than_positions() -> None:
    # 23 digits in nine groups: zeros in front were lost. By position the province would be 279.
    number = WorkplaceNumber.parse("2 0000 01 01 1000000 27 9 51 00")
    assert number is not None
    assert number.key == (1000000, 27)
    # 21 digits in eight groups: by position the province would be 604.
    number = WorkplaceNumber.parse("2 4100 01 01 1070267 60 4 67")
    assert number is not None
    assert number.key == (1070267, 60)


def test_groups_that_fit_two_layouts_are_not_guessed() -> None:
    for text in ("2 3313 01 01 10 01 09 24 0", "2 33 01 01 104 01 09 24"):
        assert WorkplaceNumber.parse(text) is None


def test_groups_of_a_form_lose_zeros_in_front() -> None:
    printed = {
        "nature": "2",
        "sector": "0000",
        "new_unit": "1",
        "old_unit": "1",
        "sequence": "1000000",
        "province": "27",
        "district": "9",
        "control": "9",
        "subcontractor": "0",
    }
    number = WorkplaceNumber.from_groups(printed)
    tescil = WorkplaceNumber.parse("2 0000 01 01 1000000 027 09-09 000")
    assert number == tescil


def test_unusable_groups_are_left_out() -> None:
    number = WorkplaceNumber.from_groups(
        {
            "sequence": "10433771",
            "province": "",
            "district": "O9",
            "control": "²",
            "nature": "2",
            "other": "5",
        }
    )
    assert number == WorkplaceNumber(nature="2")


def of(**groups: str) -> WorkplaceNumber:
    return WorkplaceNumber.from_groups(groups)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (of(**GROUPS), of(**GROUPS), WorkplaceMatch.SAME),
        (of(**GROUPS), of(sequence="1043377", province="1"), WorkplaceMatch.SAME),
        (of(**GROUPS), of(**GROUPS | {"new_unit": "02", "old_unit": "07"}), WorkplaceMatch.SAME),
        (of(**GROUPS), of(**GROUPS | {"control": "25", "subcontractor": "001"}), WorkplaceMatch.SAME),
        (of(**GROUPS), of(**GROUPS | {"sector": "4100"}), WorkplaceMatch.CONFLICT),
        (of(**GROUPS), of(**GROUPS | {"sequence": "1043378"}), WorkplaceMatch.DIFFERENT),
        (of(**GROUPS), of(**GROUPS | {"province": "034"}), WorkplaceMatch.DIFFERENT),
        (of(**GROUPS), of(sequence="1043377"), WorkplaceMatch.UNKNOWN),
        (of(**GROUPS), of(province="1"), WorkplaceMatch.UNKNOWN),
        (of(**GROUPS), of(sequence="1043378"), WorkplaceMatch.DIFFERENT),
        (of(**GROUPS), of(province="34"), WorkplaceMatch.DIFFERENT),
        (of(**GROUPS), of(), WorkplaceMatch.UNKNOWN),
        (of(), of(), WorkplaceMatch.UNKNOWN),
        (of(sequence="0", province="0"), of(sequence="0", province="0"), WorkplaceMatch.UNKNOWN),
        (of(sequence="0", province="34"), of(sequence="1043377", province="34"), WorkplaceMatch.UNKNOWN),
    ],
)
def test_matching(a: WorkplaceNumber, b: WorkplaceNumber, expected: WorkplaceMatch) -> None:
    assert a.matches(b) is expected
    assert b.matches(a) is expected


def test_subcontractor() -> None:
    assert of(**GROUPS).by_subcontractor is False
    assert of(subcontractor="1").by_subcontractor is True
    assert of().by_subcontractor is None


@pytest.mark.parametrize(
    ("province", "sequence", "control", "holds"),
    [
        ("077", "1120545", "33", True),
        ("060", "1070846", "64", True),
        ("060", "1070267", "67", True),
        ("034", "1527882", "97", True),
        ("034", "1562120", "94", True),
        ("34", "1562120", "94", True),
        ("034", "1527882", "00", False),
        ("034", "1562121", "94", False),
        ("027", "0765432", "11", False),
        ("", "1562120", "94", None),
        ("034", "1562120", "", None),
    ],
)
def test_control_digits(province: str, sequence: str, control: str, holds: bool | None) -> None:
    assert of(province=province, sequence=sequence, control=control).control_holds is holds


@given(st.text(alphabet="0123456789 .-\n٣x", max_size=60))
@example("")
@settings(max_examples=200)
def test_any_text_parses_or_not(text: str) -> None:
    number = WorkplaceNumber.parse(text)
    assert number is None or number.matches(number) in {WorkplaceMatch.SAME, WorkplaceMatch.UNKNOWN}
