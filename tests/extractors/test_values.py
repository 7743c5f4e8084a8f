"""Typed values: dates, T.C. numbers, names; and dates that stand without a label."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.stamps import generated_at, issued_on
from extractors.values import (
    PARSERS,
    dates_in,
    long_dates,
    national_ids_in,
    parse_date,
    parse_name,
    parse_national_id,
)
from extractors.words import Run, lines_of
from tests.extractors.sheets import page, words


def cell(text: str) -> tuple[Run, ...]:
    return lines_of(words(0, 0, text))


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), st.sampled_from("./-"))
def test_every_day_is_read_however_it_is_separated(day: date, separator: str) -> None:
    text = f"{day:%d}{separator}{day:%m}{separator}{day:%Y}"
    assert dates_in(f"({text}) tarihinde") == [(day.isoformat(), None, text)]


@given(st.text(max_size=60))
def test_any_text_gives_dates_or_none(text: str) -> None:
    for value, _, raw in dates_in(text):
        assert date.fromisoformat(value)
        assert raw in text


@pytest.mark.parametrize(
    "text",
    ["31.02.2026", "32.01.2026", "01.13.2026", "1.1.26", "2026-11-09", "192.168.11.2026", "00.01.2026"],
)
def test_what_is_no_day(text: str) -> None:
    assert dates_in(text) == []


def test_a_time_makes_a_moment_of_a_day() -> None:
    assert dates_in("03.08.2026 14:50:45") == [("2026-08-03", "14:50:45", "03.08.2026")]
    assert dates_in("03.08.2026 9:05") == [("2026-08-03", "09:05:00", "03.08.2026")]
    assert parse_date(cell("03.08.2026 14:50")) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10000000078", "10000000078"),
        ("1 0 0 0 0 0 0 0 0 7 8", "10000000078"),
        ("100 000 000 78", "10000000078"),
        (": 10000000078", "10000000078"),
        ("1 0 0 0 0 0 0 0 0 7 8 X Tekrar", "10000000078"),
        ("1000000007", None),
        ("0 1 0 0 0 0 0 0 0 7 8", None),
        ("1900100000001", None),
        ("١٠٠٠٠٠٠٠٠٧٨", None),
    ],
)
def test_national_ids(text: str, found: str | None) -> None:
    parsed = parse_national_id(cell(text))
    assert (parsed[0] if parsed else None) == found


def test_only_valid_national_ids_count_in_running_text() -> None:
    assert national_ids_in("10000000078 10000000079 1900100000001") == ["10000000078"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ayşe", "AYŞE"),
        ("ışıl", "IŞIL"),
        ("FATMA ÖRNEK-DENEME", "FATMA ÖRNEK-DENEME"),
        ("AYŞE (AYSE)", "AYŞE"),
        ("AYŞE 12", None),
        ("01.02.1990", None),
        (":", None),
    ],
)
def test_names(text: str, name: str | None) -> None:
    parsed = parse_name(cell(text))
    assert (parsed[0] if parsed else None) == name


def test_parsers_are_those_that_layouts_may_name() -> None:
    assert set(PARSERS) == {"date", "timestamp", "national_id", "name", "full_name", "title"}


@pytest.mark.parametrize(
    ("sentence", "day"),
    [
        ("18.11.2026 TARİHİNDE ALINMIŞTIR", "2026-11-18"),
        ("18 KASIM 2026 10:22 İTİBARIYLA", "2026-11-18"),
        ("9 Ağustos 2026 itibarıyla", "2026-08-09"),
        ("18/11/2026 10:22 itibarıyla", "2026-11-18T10:22:00"),
    ],
)
def test_the_day_of_issue_in_a_sentence(sentence: str, day: str) -> None:
    sheet = page((40, 40, "Doğum Tarihi : 01.02.1990"), (40, 60, sentence))
    found = issued_on([sheet], [sheet.lines])
    assert found is not None
    assert found.value == day


def test_the_moment_of_generation_has_a_time() -> None:
    sheet = page((40, 40, "13 01.10.2008 Tarihinden Önce"), (40, 60, "08.11.2026 09:00:00"))
    found = generated_at([sheet], [sheet.lines])
    assert found is not None
    assert found.value == "2026-11-08T09:00:00"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("21 HAZİRAN 2026 : 11106", [("2026-06-21", None, "21 HAZİRAN 2026")]),
        (
            "(1 Ağustos 2025), 3 Şubat 2026",
            [("2025-08-01", None, "1 Ağustos 2025"), ("2026-02-03", None, "3 Şubat 2026")],
        ),
        ("31 Haziran 2026", []),
        ("121 Haziran 2026", []),
    ],
)
def test_a_day_whose_month_is_a_word_is_told_as_it_is_printed(
    text: str, found: list[tuple[str, None, str]]
) -> None:
    assert long_dates(text) == found
