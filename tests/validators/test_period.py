import calendar
import csv
from datetime import date, timedelta
from functools import cache

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared import SHARED, needs_shared
from validators.period import (
    MonthVerdict,
    in_evidence_gap,
    last_month,
    newest_period_due,
    next_working_day,
    period_end,
    statement_due,
)

IN, OVER, MONTH_END, HOLIDAY, FUTURE = (
    MonthVerdict.WITHIN,
    MonthVerdict.OVER,
    MonthVerdict.MONTH_END,
    MonthVerdict.HOLIDAY,
    MonthVerdict.NOT_STARTED,
)

# start date, reference day, last day of the period, verdict
DAYS: list[tuple[str, str, str | None, MonthVerdict]] = [
    ("2025-03-20", "2025-03-20", "2025-04-20", IN),
    ("2025-03-21", "2025-03-20", "2025-04-21", FUTURE),
    ("2025-04-01", "2025-03-20", "2025-05-01", FUTURE),
    ("2025-03-19", "2025-03-20", "2025-04-19", IN),
    ("2025-02-20", "2025-03-20", "2025-03-20", IN),
    ("2025-02-19", "2025-03-20", "2025-03-19", OVER),
    ("2025-02-21", "2025-03-21", "2025-03-21", IN),
    ("2025-01-31", "2025-02-28", "2025-02-28", IN),
    ("2025-01-31", "2025-03-01", "2025-02-28", OVER),
    ("2025-01-28", "2025-02-28", "2025-02-28", IN),
    ("2025-01-30", "2025-03-01", "2025-02-28", OVER),
    ("2025-01-31", "2025-03-03", "2025-02-28", OVER),
    ("2024-01-31", "2024-02-29", "2024-02-29", IN),
    ("2024-01-31", "2024-03-01", "2024-02-29", OVER),
    ("2024-01-29", "2024-02-29", "2024-02-29", IN),
    ("2024-02-29", "2024-03-29", "2024-03-29", IN),
    ("2024-02-29", "2024-03-30", "2024-03-29", MONTH_END),
    ("2024-02-29", "2024-03-31", "2024-03-29", MONTH_END),
    ("2024-02-29", "2024-04-01", "2024-03-29", OVER),
    ("2025-02-28", "2025-03-28", "2025-03-28", IN),
    ("2025-02-28", "2025-03-29", "2025-03-28", MONTH_END),
    ("2025-02-28", "2025-03-31", "2025-03-28", MONTH_END),
    ("2025-02-28", "2025-04-01", "2025-03-28", OVER),
    ("2025-04-30", "2025-05-31", "2025-05-30", MONTH_END),
    ("2025-04-30", "2025-05-30", "2025-05-30", IN),
    ("2025-06-30", "2025-07-31", "2025-07-30", MONTH_END),
    ("2025-03-31", "2025-04-30", "2025-04-30", IN),
    ("2025-03-31", "2025-05-02", "2025-04-30", OVER),
    ("2025-04-01", "2025-05-01", "2025-05-01", IN),
    ("2025-04-01", "2025-05-02", "2025-05-01", HOLIDAY),
    ("2025-12-01", "2026-01-01", "2026-01-01", IN),
    ("2025-12-01", "2026-01-02", "2026-01-01", HOLIDAY),
    ("2025-12-31", "2026-01-31", "2026-01-31", IN),
    ("2025-11-30", "2025-12-31", "2025-12-30", MONTH_END),
    ("2025-05-15", "2025-06-15", "2025-06-15", IN),
    ("2025-05-15", "2025-06-16", "2025-06-15", HOLIDAY),
    ("2025-05-16", "2025-06-16", "2025-06-16", IN),
    ("2025-07-31", "2025-08-31", "2025-08-31", IN),
    ("2025-07-31", "2025-09-01", "2025-08-31", HOLIDAY),
]
MORE_DAYS: list[tuple[str, str, str | None, MonthVerdict]] = [
    # The last day is the first of four days of Kurban Bayramı 2025 (Friday 6 to Monday 9 June).
    ("2025-05-06", "2025-06-10", "2025-06-06", HOLIDAY),
    ("2025-05-06", "2025-06-11", "2025-06-06", OVER),
    # The last day is its arefe, a holiday from 13:00: disputed, so a human looks.
    ("2025-05-05", "2025-06-10", "2025-06-05", HOLIDAY),
    ("2025-05-05", "2025-06-11", "2025-06-05", OVER),
    # The last day is a Sunday and Monday is a half day: both Monday and Tuesday are looked at.
    ("2024-09-27", "2024-10-28", "2024-10-27", HOLIDAY),
    ("2024-09-27", "2024-10-30", "2024-10-27", HOLIDAY),
    ("2024-09-27", "2024-10-31", "2024-10-27", OVER),
    # Month's end goes before holiday: the last day is Saturday 30 May.
    ("2026-04-30", "2026-05-31", "2026-05-30", MONTH_END),
    ("2026-04-30", "2026-06-01", "2026-05-30", HOLIDAY),
    # Dates that no honest paper bears.
    ("0001-01-01", "2026-05-30", "0001-02-01", OVER),
    ("9999-12-01", "2026-05-30", None, FUTURE),
]
NAMES = {
    "ACCEPT": IN,
    "REJECT": OVER,
    "REVIEW (month-end)": MONTH_END,
    "REVIEW (holiday)": HOLIDAY,
    "HOLD (not started)": FUTURE,
}


@pytest.mark.parametrize(("start", "reference", "end", "verdict"), DAYS + MORE_DAYS)
def test_last_month_by_table(start: str, reference: str, end: str | None, verdict: MonthVerdict) -> None:
    began = date.fromisoformat(start)
    assert last_month(began, date.fromisoformat(reference)) is verdict
    if end:
        assert period_end(began) == date.fromisoformat(end)


@needs_shared
@pytest.mark.shared
def test_table_is_that_of_the_specification() -> None:
    with (SHARED / "domain" / "dates.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            (row["start_date"], row["application_date"], row["period_end_TBK92"], NAMES[row["verdict"]])
            for row in csv.DictReader(file)
        ]
    assert rows == DAYS


def test_lenient_counting_accepts_what_backward_counting_accepts() -> None:
    for start, reference, _, verdict in DAYS + MORE_DAYS:
        lenient = last_month(date.fromisoformat(start), date.fromisoformat(reference), "lenient")
        assert lenient is (IN if verdict is MONTH_END else verdict)


# An independent formulation: calendar arithmetic on year, month and day, and day-by-day search.


def same_day_of(year: int, month: int, day: int) -> date:
    """Day of a month counted on or back (month 0 and 13 allowed), clipped to the month's length."""
    year, month = (year - 1, 12) if month == 0 else (year + 1, 1) if month == 13 else (year, month)
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


@cache
def days_off() -> frozenset[date]:
    calendar_of_turkey = holidays.country_holidays(
        "TR", years=range(2019, 2035), categories=("public", "half_day")
    )
    return frozenset(calendar_of_turkey)


def free(day: date) -> bool:
    return day.isoweekday() in {6, 7} or day in days_off()


def expected(start: date, reference: date) -> MonthVerdict:
    if reference < start:
        return FUTURE
    end = same_day_of(start.year, start.month + 1, start.day)
    opening = same_day_of(reference.year, reference.month - 1, reference.day)
    if reference <= end:
        return IN
    if opening <= start:
        return MONTH_END
    # Every day from the last one to the day before the reference day is free.
    days = [end + timedelta(days=n) for n in range((reference - end).days)]
    return HOLIDAY if all(map(free, days)) else OVER


ALL_STARTS = [date(2020, 1, 1) + timedelta(days=n) for n in range((date(2033, 1, 1) - date(2020, 1, 1)).days)]


@pytest.mark.parametrize("year", range(2020, 2033))
def test_every_start_with_every_reference_to_the_fortieth_day(year: int) -> None:
    wrong = [
        (start, reference)
        for start in ALL_STARTS
        if start.year == year
        for reference in (start + timedelta(days=n) for n in range(41))
        if last_month(start, reference) is not expected(start, reference)
    ]
    assert wrong == []


def test_counts_disagree_on_seven_pairs_a_common_year_and_six_a_leap_year() -> None:
    for year, pairs in ((2023, 7), (2024, 6), (2025, 7), (2028, 6)):
        found = [
            (start, day)
            for start in ALL_STARTS
            if start.year == year
            for day in range(28, 34)
            if last_month(start, start + timedelta(days=day)) is MONTH_END
        ]
        assert len(found) == pairs


DATES = st.dates(date(1990, 1, 1), date(2099, 12, 31))


@given(DATES, DATES)
@settings(max_examples=200)
def test_verdict_agrees_with_the_order_of_days(start: date, reference: date) -> None:
    verdict = last_month(start, reference)
    assert (verdict is FUTURE) == (start > reference)
    assert (verdict is IN) == (start <= reference <= period_end(start))


@given(DATES)
@settings(max_examples=200)
def test_a_day_more_never_brings_a_case_back(start: date) -> None:
    order = [IN, MONTH_END, HOLIDAY, OVER]
    verdicts = [last_month(start, start + timedelta(days=n)) for n in range(60)]
    ranks = [order.index(verdict) for verdict in verdicts]
    assert ranks == sorted(ranks)
    assert verdicts[-1] is OVER


@pytest.mark.parametrize(
    ("day", "following"),
    [
        ("2026-11-20", "2026-11-23"),
        ("2026-11-23", "2026-11-24"),
        ("2025-04-30", "2025-05-02"),
        ("2025-12-31", "2026-01-02"),
        ("2026-03-18", "2026-03-23"),
        ("2024-04-08", "2024-04-15"),
        ("2025-10-27", "2025-10-30"),
    ],
)
def test_next_working_day(day: str, following: str) -> None:
    assert next_working_day(date.fromisoformat(day)) == date.fromisoformat(following)


# The days of the two religious holidays as proclaimed; the library must know them.
RELIGIOUS = [
    ("2020-05-24", 3), ("2020-07-31", 4), ("2021-05-13", 3), ("2021-07-20", 4), ("2022-05-02", 3),
    ("2022-07-09", 4), ("2023-04-21", 3), ("2023-06-28", 4), ("2024-04-10", 3), ("2024-06-16", 4),
    ("2025-03-30", 3), ("2025-06-06", 4), ("2026-03-20", 3), ("2026-05-27", 4),
]  # fmt: skip


@pytest.mark.parametrize(("first", "length"), RELIGIOUS)
def test_religious_holidays_and_their_eves_are_no_working_days(first: str, length: int) -> None:
    eve = date.fromisoformat(first) - timedelta(days=1)
    for number in range(length + 1):
        assert eve + timedelta(days=number) in days_off()
    assert next_working_day(eve - timedelta(days=1)) > eve + timedelta(days=length)


@pytest.mark.parametrize("year", range(2020, 2033))
def test_every_year_has_its_fixed_and_moving_holidays(year: int) -> None:
    fixed = {(1, 1), (4, 23), (5, 1), (5, 19), (7, 15), (8, 30), (10, 28), (10, 29)}
    known = {(day.month, day.day) for day in days_off() if day.year == year}
    assert fixed <= known
    assert len(known - fixed) >= 6


@pytest.mark.parametrize(
    ("start", "first", "last"),
    [
        ("2026-01-01", "2026-02-02", "2026-02-26"),
        ("2026-01-15", "2026-02-16", "2026-02-26"),
        ("2026-01-25", "2026-02-26", "2026-02-26"),
        ("2026-12-01", "2027-01-02", "2027-01-26"),
    ],
)
def test_evidence_gap(start: str, first: str, last: str) -> None:
    began, opening, closing = (date.fromisoformat(text) for text in (start, first, last))
    days = [began + timedelta(days=n) for n in range(-5, 70)]
    assert [day for day in days if in_evidence_gap(began, day)] == [
        day for day in days if opening <= day <= closing
    ]


@pytest.mark.parametrize("day", [26, 27, 28, 29, 30, 31])
def test_no_evidence_gap_for_those_who_start_late_in_a_month(day: int) -> None:
    start = date(2026, 1, day)
    assert not any(in_evidence_gap(start, start + timedelta(days=n)) for n in range(-5, 70))


def test_evidence_gap_of_a_start_at_the_end_of_time() -> None:
    assert not in_evidence_gap(date.max, date(2026, 1, 1))


def test_statement_is_due_on_the_26th_of_the_following_month() -> None:
    assert statement_due(date(2026, 1, 31)) == date(2026, 2, 26)
    assert statement_due(date(2026, 12, 1)) == date(2027, 1, 26)


@pytest.mark.parametrize(
    ("day", "period"),
    [
        ("2026-11-26", (2026, 9)),
        ("2026-11-27", (2026, 10)),
        ("2026-02-26", (2025, 12)),
        ("2026-01-26", (2025, 11)),
        ("2026-01-31", (2025, 12)),
        ("2026-03-31", (2026, 2)),
    ],
)
def test_newest_period_due(day: str, period: tuple[int, int]) -> None:
    assert newest_period_due(date.fromisoformat(day)) == period


@given(DATES)
@settings(max_examples=200)
def test_the_newest_period_due_was_due_before_the_day(day: date) -> None:
    year, month = newest_period_due(day)
    assert statement_due(date(year, month, 1)) < day
    following = date(year, month, 28) + timedelta(days=4)
    assert statement_due(following) >= day
