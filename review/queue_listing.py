"""What the page of the queue tells: cases, their number, their reasons as a chart, and the views at hand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from starlette.exceptions import HTTPException

from review.queue_bulk import MOST
from review.queue_query import Asked
from storage.database import UnitOfWork
from storage.desk.accounts import Account
from storage.desk.queue import CaseState, Claimed, Filter, Page, cases, count, counts_by_reason, runs
from storage.desk.views import View, views
from validators.finding import Code

PER_PAGE: Final = MOST
"""Cases of a page."""
BARS: Final = 8
"""Reasons that the chart shows at once; the others are folded away."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the chart: how many cases have a reason, and that as percent of the most frequent one."""

    code: Code
    count: int
    percent: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that the page of the queue tells."""

    page: Page
    total: int
    bars: tuple[Bar, ...]
    runs: Mapping[str, datetime]
    views: tuple[View, ...]


def listing_of(work: UnitOfWork, asked: Asked, account: Account) -> Listing:
    """Return what the page tells of what is asked for. Raises HTTPException 400 for a cursor that is not ours."""
    counted = counts_by_reason(work, replace(asked.filter, reasons=()))
    try:
        found = cases(work, asked.filter, asked.sort, asked.after, PER_PAGE)
    except ValueError:  # no cursor of ours
        raise HTTPException(400) from None
    return Listing(
        found,
        count(work, asked.filter),
        _bars(counted, asked.filter.reasons),
        dict(runs(work)),
        views(work, account.id),
    )


def _bars(counted: Mapping[Code, int], chosen: tuple[Code, ...]) -> tuple[Bar, ...]:
    """Return the bars: chosen reasons first, though nothing may be left of them, then the most frequent."""
    most = max(counted.values(), default=0)
    codes = dict.fromkeys((*chosen, *sorted(counted, key=lambda code: -counted[code])))
    return tuple(
        Bar(code, counted.get(code, 0), round(100 * counted.get(code, 0) / most) if most else 0)
        for code in codes
    )


def quick_views(today: date) -> tuple[tuple[str, str], ...]:
    """Return address and key of the name of the views that everybody has."""
    return (
        (Asked(Filter()).address(), "queue.quick.all"),
        (Asked(Filter(claimed=Claimed.MINE)).address(), "queue.quick.mine"),
        (Asked(Filter(due_by=today)).address(), "queue.quick.due"),
        (Asked(Filter((CaseState.PROPOSED,))).address(), "queue.quick.proposed"),
    )
