"""Counting "son bir ay": the month within which a person must have begun to work (Kılavuz m.6(3)(d)).

The period runs forward from the start date to the corresponding day of the next month, and to that month's
last day where it has no such day; the last day is inside (TBK m.92/1-3, HMK m.92/2). It is not thirty days.
Days are calendar days in Europe/Istanbul; an electronic act is in time until midnight.
"""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal, TypeAlias

from dateutil.relativedelta import relativedelta

Counting: TypeAlias = Literal["strict", "lenient"]

STATEMENT_DAY = 26
"""Day of the following month by which an employer reports a month's service to SGK (SSİY m.102)."""

_SATURDAY = 5
_MONTH = relativedelta(months=1)  # clips to the last day of a shorter month


class MonthVerdict(StrEnum):
    """Where the reference day stands to the month that begins with the start date."""

    WITHIN = "within"
    """Not before the start date, not after the month's last day."""
    NOT_STARTED = "not_started"
    """The start date is after the reference day."""
    MONTH_END = "month_end"
    """Forward counting says over, backward counting (one month before the reference day) says within."""
    HOLIDAY = "holiday"
    """Over, but the last day was no working day and the reference day is not after the next one (TBK m.93)."""
    OVER = "over"
    """The month has passed."""


def last_month(start: date, reference: date, counting: Counting = "strict") -> MonthVerdict:
    """Say whether `start` lies within the last month as seen on `reference`.

    `lenient` counts backward from the reference day where the two counts disagree, so that it never
    answers `MONTH_END`. The start date may be any; the reference day lies in the years 2 to 9998.
    """
    if start > reference:
        return MonthVerdict.NOT_STARTED
    end = period_end(start)
    if reference <= end:
        return MonthVerdict.WITHIN
    if start >= reference - _MONTH:
        return MonthVerdict.MONTH_END if counting == "strict" else MonthVerdict.WITHIN
    if not _surely_working(end) and reference <= next_working_day(end):
        return MonthVerdict.HOLIDAY
    return MonthVerdict.OVER


def period_end(start: date) -> date:
    """Last day of the month that begins with `start`, itself inside (TBK m.92/1-3)."""
    return start + _MONTH


def next_working_day(day: date) -> date:
    """First day after `day` that is surely a working day: no weekend, no public holiday, no half day.

    Whether the day of a half holiday (arefe, 28 October) counts as a holiday is disputed, so it does not
    end the extension: a human looks at the case. Moving religious holidays come from the `holidays`
    library; those of far years are its estimates.
    """
    following = day + timedelta(days=1)
    while not _surely_working(following):
        following += timedelta(days=1)
    return following


def in_evidence_gap(start: date, reference: date) -> bool:
    """Tell whether the month is over although SGK need not show the work yet.

    True from the day after the period's end up to the 26th of the month after the start date's month.
    """
    if start > reference:
        return False
    return period_end(start) < reference <= statement_due(start)


def statement_due(month: date) -> date:
    """Day by which SGK has the service of the month in which `month` lies (SSİY m.102)."""
    return month.replace(day=STATEMENT_DAY) + _MONTH


def statement_shown_from(month: date) -> date:
    """Day from which a statement surely shows the service of the month in which `month` lies.

    The day after the last one for reporting; where the 26th is no working day, that is the next working day.
    """
    due = statement_due(month)
    return (due if _surely_working(due) else next_working_day(due)) + timedelta(days=1)


def newest_period_due(day: date) -> tuple[int, int]:
    """Year and month of the newest period that a statement issued on `day` must already show."""
    back = 1 if day.day > STATEMENT_DAY else 2
    period = day.replace(day=1) - back * _MONTH
    return period.year, period.month


def _surely_working(day: date) -> bool:
    return day.weekday() < _SATURDAY and day not in _days_off(day.year)


@lru_cache(maxsize=256)
def _days_off(year: int) -> frozenset[date]:
    """Public holidays of Turkey and the days whose afternoon is one (Law 2429)."""
    import holidays  # noqa: PLC0415 -- it takes longer to load than most applications to judge

    return frozenset(holidays.country_holidays("TR", years=year, categories=("public", "half_day")))
