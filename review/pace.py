"""How often an account may do what gives away or costs much: whoever copies the registry is slowed, nobody else is.

An officer at work stays far below. Counted by account, in the memory of the one process that serves the application;
the queries of Kılavuz m.8 are counted in the registry as well (`query_page`).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from review.desk import desk_of
from review.security import RateLimit
from review.sessions import account_of, actor_of
from storage.desk.audit import Action, about, record

WITHIN: Final = 600.0
"""Seconds in which requests are counted."""
REQUESTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "case_reveal": 60,
        "queue_search": 60,
        "dossier": 60,
        "audit_export": 20,
        "audit_verify": 10,
        "statistics_export": 60,
        "paper_page": 2000,
    }
)
"""Names of routes, and how often each may be asked for in that time."""


@dataclass(frozen=True, slots=True)
class _Counted:
    asked: RateLimit
    told: RateLimit


class Paces:
    """The counts of an application."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, requests: Mapping[str, int] = REQUESTS
    ) -> None:
        self._counted = {
            name: _Counted(RateLimit(most, WITHIN, clock), RateLimit(1, WITHIN, clock))
            for name, most in requests.items()
        }

    def wait(self, route: str, account: str) -> float:
        """Return the seconds that an account must wait before it asks for a route again; 0 counts as asked."""
        counted = self._counted.get(route)
        if counted is None:
            return 0.0
        seconds = counted.asked.wait(account)
        if not seconds:
            counted.asked.note(account)
        return seconds

    def is_news(self, route: str, account: str) -> bool:
        """Return whether this refusal is the first in the time: the audit trail is not to be flooded either."""
        told = self._counted[route].told
        if told.wait(account):
            return False
        told.note(account)
        return True


async def keep_pace(request: Request) -> None:
    """Refuse what an account asks for too often, with a line of the audit. Raises HTTPException 429."""
    account = account_of(request)
    route = getattr(request.scope.get("route"), "name", "")
    if account is None:
        return
    paces: Paces = request.app.state.paces
    if seconds := paces.wait(route, str(account.id)):
        if paces.is_news(route, str(account.id)):
            await run_in_threadpool(_note, request, route)
        raise HTTPException(429, "errors.pace", {"Retry-After": str(ceil(seconds))})


def _note(request: Request, route: str) -> None:
    details = {"reason": "pace"}
    desk_of(request).database.transact(
        lambda work: record(work, actor_of(request), Action.REFUSED, about("page", route), details=details)
    )
