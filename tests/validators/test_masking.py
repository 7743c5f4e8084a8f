"""T.C. numbers are masked wherever text leaves kanit; every other number stays as it is."""

import hashlib
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.validators.numbers import FULL, NATIONAL_IDS, VALID
from validators.identity import is_national_id, mask_national_id, redact


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
        ("20 11 2026 1 0 0 0 0 0 0 0 1 4 6", "20 11 2026 10*********"),
        ("x4 1 0 0 0 0 0 0 0 1 4 6", "x4 10*********"),
        ("1 0 0 0 0 0 0 0 1 4 6 2 0 2 6", "10********* 2 0 2 6"),
        ("2 0 2 6 1 0 0 0 0 0 0 0 1 4 6", "2 0 2 6 10*********"),
        ("2 0 2 1 0 0 0 0 0 0 0 1 4 6 7", "2 0 2 10********* 7"),
        ("12 2 0 1 0 0 0 0 0 0 0 1 4 6 2 6 12", "12 2 0 10********* 2 6 12"),
        ("100000 00146", "10*********"),
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
    "X1 0 0 0 0 0 0 0 1 4 6",
    "-X1 0 0 0 0 0 0 0 1 4 6",
    "1 0 0 0 0 0 0 0 1 4 6 2 0 2 6 1",
    "7 2 0 2 6 1 0 0 0 0 0 0 0 1 4 6",
    "12 7 2 0 2 6 1 0 0 0 0 0 0 0 1 4 6 12",
    "1 00000 00146",
    "1000000 0146",
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
