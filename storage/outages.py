"""When the database is away for a while: which errors say so, and waiting until it is back."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

log = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_PAUSE = 10.0
"""Seconds between two tries, at most."""

# PostgreSQL's classes of errors: connection exceptions, insufficient resources (a full disk, too many connections), and
# the server shutting down or starting up.
_POSTGRES = ("08", "53", "57P")
# Busy beyond its time-out, disk full, disk not answering.
_SQLITE = ("SQLITE_BUSY", "SQLITE_FULL", "SQLITE_IOERR")


def is_outage(error: BaseException) -> bool:
    """Return whether an error says that the database cannot be used for now, whatever is asked of it."""
    if not isinstance(error, DBAPIError):
        return False
    sqlite = getattr(error.orig, "sqlite_errorname", None)
    if sqlite is not None:
        return str(sqlite).startswith(_SQLITE)
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return error.connection_invalidated or str(state).startswith(_POSTGRES)
    # A connection that could not be made, or that ended while it was used, comes without a state.
    return error.connection_invalidated or isinstance(error, OperationalError)


def through_outages(patience: timedelta, function: Callable[[], T]) -> T:
    """Call a function again, after growing pauses, while the database is away; for so long, then let its error out.

    The function may therefore do its work twice: the answer to a commit can be lost, too.
    """
    tries = Retrying(
        retry=retry_if_exception(is_outage),
        stop=stop_after_delay(patience),
        wait=wait_random_exponential(multiplier=0.1, max=LONGEST_PAUSE),
        before_sleep=_tell,
        reraise=True,
    )
    return tries(function)


def _tell(state: RetryCallState) -> None:
    error = state.outcome and state.outcome.exception()
    log.warning("the database is away (%s); trying again", type(error).__name__)
