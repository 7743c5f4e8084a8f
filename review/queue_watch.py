"""The queue for those who run the machine: how many cases wait, why and since when, and nothing about anybody.

Prefect's summary of a night links to the queue of that night, and an operator who follows the link finds this. Of what
an address asks for only what names nobody is taken: a provider, a person or a text to look for is not.
"""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from review.desk import desk_of
from review.pages import page
from review.queue_listing import PER_PAGE
from review.queue_query import Asked
from storage.columns import now
from storage.database import UnitOfWork
from storage.desk.queue import Filter, cases, count, counts_by_reason
from validators.application import ISTANBUL


def watch(request: Request, asked: Asked) -> Response:
    """Show numbers, reasons and due dates of the cases that an address asks for."""
    wanted = Filter(
        states=asked.filter.states,
        reasons=asked.filter.reasons,
        severity=asked.filter.severity,
        run=asked.filter.run,
        procedure=asked.filter.procedure,
        older_than=asked.filter.older_than,
    )
    shown = Asked(wanted, asked.sort, after=asked.after)
    context = desk_of(request).database.read(lambda work: _counted(work, shown))
    return page(request, "queue/watch.html", asked=shown, today=now().astimezone(ISTANBUL).date(), **context)


def _counted(work: UnitOfWork, asked: Asked) -> dict[str, Any]:
    try:
        found = cases(work, asked.filter, asked.sort, asked.after, PER_PAGE)
    except ValueError:  # no cursor of ours
        raise HTTPException(400) from None
    return {
        "found": found,
        "total": count(work, asked.filter),
        "reasons": counts_by_reason(work, asked.filter),
    }
