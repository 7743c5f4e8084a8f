import hashlib
import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from stdnum.tr import tckimlik, vkn

from validators.identity import (
    WorkplaceMatch,
    WorkplaceNumber,
    is_foreign_id,
    is_national_id,
    is_tax_number,
    mask_national_id,
    redact,
    tax_number_of_mersis,
)

VALID = "10000000146"
NATIONAL_IDS = st.integers(100_000_000, 999_999_999).map(lambda n: f"{n}{tckimlik.calc_check_digits(str(n))}")
TAX_NUMBERS = st.integers(0, 999_999_999).map(lambda n: f"{n:09}{vkn.calc_check_digit(f'{n:09}')}")


# T.C. and tax numbers


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


# Workplace numbers

FULL = "23313010110433770010924000"
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


# Masking


def test_mask_shows_the_first_two_digits() -> None:
    assert mask_national_id(VALID) == "10*********"


@pytest.mark.parametrize("text", ["", "1000000014", "100000001460", "AYŞE ÖRNEK", "1000000014x"])
def test_mask_of_anything_else_shows_nothing(text: str) -> None:
    assert mask_national_id(text) == "***********"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("10000000146", "10*********"),
        ("10000000146_iseGiris.pdf", "10*********_iseGiris.pdf"),
        ("AYSE10000000146.pdf", "AYSE10*********.pdf"),
        ("barkod:hd0123456789abcdef01;tckn:10000000146;", "barkod:hd0123456789abcdef01;tckn:10*********;"),
        (
            "barkodlubelgedogrulama://barkod:YOKOG123;tckn:10000000146",
            "barkodlubelgedogrulama://barkod:YOKOG123;tckn:10*********",
        ),
        ("?tckn%3A10000000146%3B", "?tckn%3A10*********%3B"),
        ("UN_041243C10000000146", "UN_041243C10*********"),
        ("1 0 0 0 0 0 0 0 1 4 6", "10*********"),
        ("1  0  0  0  0  0  0  0  1  4  6", "10*********"),
        ("1\n0\n0\n0\n0\n0\n0\n0\n1\n4\n6\n", "10*********\n"),
        ("1\u00a00\u00a00\u00a00\u00a00\u00a00\u00a00\u00a00\u00a01\u00a04\u00a06", "10*********"),
        ("1.0.0.0.0.0.0.0.1.4.6", "10*********"),
        ("1-0-0-0-0-0-0-0-1-4-6", "10*********"),
        ("4 1 0 0 0 0 0 0 0 1 4 6 20.11.2026", "4 10********* 20.11.2026"),
        ("100 000 001 46", "10*********"),
        ("100.000.001.46", "10*********"),
        ("100-000-001-46", "10*********"),
        ("10 000 000 146", "10*********"),
        ("100 000 001 46 2026 9", "10********* 2026 9"),
        ("(10000000146, 22222222220)", "(10*********, 22*********)"),
        ("10000000146 22222222220", "10********* 22*********"),
        ("10000000146-22222222220", "10*********-22*********"),
        ("99000000042", "99*********"),
        ("23313010110433770010924000 10000000146", "23313010110433770010924000 10*********"),
        ('{"national_id": "10000000078"}', '{"national_id": "10*********"}'),
        ("T.C. Kimlik No: 12345678901", "T.C. Kimlik No: 12*********"),
        ("T.C. KİMLİK NO 1 2 3 4 5 6 7 8 9 0 1", "T.C. KİMLİK NO 12*********"),
        ("tckn:01234567890", "tckn:01*********"),
        ("TC 12345678901", "TC 12*********"),
        ("national_id='12345678901'", "national_id='12*********'"),
    ],
)
def test_redaction(text: str, redacted: str) -> None:
    assert redact(text) == redacted


KEPT = [
    "",
    FULL,
    FULL[:23],
    FULL[:21],
    "2 3313 01 01 1043377 001 09-24 000",
    "4 4100 12 12 1070267 060 04 67 000",
    "2 3 3 1 3 0 1 0 1 1 0 4 3 3 7 7 0 0 1 0 9 2 4 0 0 0",
    "0-7330-4313-3900028",
    "0631 0761 8350 0022",
    "0123456789000014",
    "2026-11-20T14:05:00+03:00",
    "2026-11-20 2026-11-21 2026-12-01",
    "01.10.2008 TARİHİNDEN ÖNCE 20.11.2026 09:00:00",
    "T.C. SOSYAL GÜVENLİK KURUMU 01.07.2026 09:00:00",
    "hd0123456789abcdef01",
    "hdabc10000000146def012",
    "NV02-1234-5678-9012",
    "MSB010101101010110",
    "TR330006100519786457841326",
    "TR33 0006 1005 1978 6457 8413 26",
    "1234567890",
    "12345678901",
    "02123456789",
    "33,030.00 728,400,000.00",
    "1900100000001",
    "TS-2026-000123",
    "[478.0, 728.0, 540.0, 790.0]",
    "sha256:" + "ab10000000146cd" + "0" * 49,
]


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_national_id_is_kept(text: str) -> None:
    assert redact(text) == text


WORDS = st.text(alphabet="abcçğıöşüABCÇĞİÖŞÜ _:;,/()'\"\n", max_size=15)
GAPS = st.sampled_from(["", " ", ".", "-", "\n", "  ", " - ", "\u00a0"])


@given(WORDS, NATIONAL_IDS, WORDS, GAPS)
@settings(max_examples=300)
def test_no_digits_of_a_number_remain_but_two(before: str, number: str, after: str, gap: str) -> None:
    glued = gap and (before[-1:].isalpha() or after[:1].isalpha())
    assume(not glued)
    redacted = redact(before + gap.join(number) + after)
    assert redacted == before + number[:2] + "*********" + after


@given(st.lists(NATIONAL_IDS | WORDS | st.integers(0, 10**7).map(str), max_size=8), GAPS)
@settings(max_examples=200)
def test_redaction_done_twice_changes_nothing_more(parts: list[str], gap: str) -> None:
    once = redact(gap.join(parts))
    assert redact(once) == once


@given(st.lists(NATIONAL_IDS | WORDS, max_size=8))
@settings(max_examples=200)
def test_no_valid_number_remains(parts: list[str]) -> None:
    redacted = redact(" ".join(parts))
    assert not [
        found for found in re.findall(r"(?<![0-9])[0-9]{11}(?![0-9])", redacted) if is_national_id(found)
    ]


@given(st.integers(0, 10**26 - 1).map(lambda n: f"{n:026}"))
@settings(max_examples=200)
def test_workplace_numbers_are_kept(digits: str) -> None:
    widths = (1, 4, 2, 2, 7, 3, 2, 2, 3)
    ends = [sum(widths[: n + 1]) for n in range(len(widths))]
    grouped = " ".join(digits[end - width : end] for width, end in zip(widths, ends, strict=True))
    for text in (digits, grouped, " ".join(digits)):
        assert redact(text) == text


@given(st.integers(0, 10**15 - 1).map(lambda n: f"0{n:015}"))
@settings(max_examples=200)
def test_mersis_numbers_are_kept(digits: str) -> None:
    for cuts in ((1, 5, 9), (4, 8, 12)):
        parts = [digits[: cuts[0]], digits[cuts[0] : cuts[1]], digits[cuts[1] : cuts[2]], digits[cuts[2] :]]
        for gap in ("", " ", "-"):
            assert redact(gap.join(parts)) == gap.join(parts)


@given(st.binary(max_size=8))
@settings(max_examples=200)
def test_digests_are_kept(data: bytes) -> None:
    digest = hashlib.sha256(data).hexdigest()
    for text in (digest, f"sha256:{digest}", f"{digest}.zip", f"2026 {digest} 10", digest.upper()):
        assert redact(text) == text


@given(st.lists(st.datetimes(), min_size=1, max_size=4))
@settings(max_examples=200)
def test_dates_are_kept(moments: list["object"]) -> None:
    for form in ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d", "%d.%m.%Y", "%d.%m.%Y %H:%M"):
        text = " ".join(format(moment, form) for moment in moments)
        assert redact(text) == text
