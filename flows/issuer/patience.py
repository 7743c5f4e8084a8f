"""How an issuer is asked: not too fast, again when that may help, not at all for a while after many failures."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from flows.issuer.port import Issuer, IssuerUnreachable, Reason, Reply
from validators.issuer import Question

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""Requests for one paper at most."""
LONGEST_WAIT = 20.0
"""Seconds between two of them at most, whatever the issuer asks for."""
FAILURES = 5
"""Requests in a row that may fail before the issuer is left alone."""
PAUSE_SECONDS = 60.0
"""How long it is left alone; then one request tries whether it is back."""


class Breaker:
    """Opens after `failures` requests in a row that failed; after `pause` seconds lets one through.

    That one decides: if it succeeds the breaker closes, if it fails the pause begins anew. Own code because the kept
    library holds its lock while a call runs, and so never lets two through at once.
    """

    def __init__(
        self,
        failures: int = FAILURES,
        pause: float = PAUSE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._open_until = 0.0
        self._trying = False

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let one request through and learn from how it ends. Raises IssuerUnreachable where it may not be made."""
        self._enter()
        try:
            yield
        except BaseException as error:
            self._learn(failed=True, why=str(error) if isinstance(error, IssuerUnreachable) else "error")
            raise
        self._learn(failed=False, why="")

    def seconds_left(self) -> float:
        """Return how long requests are not let through; 0 when they are."""
        with self._lock:
            is_open = self._failed >= self._limit
            return max(0.0, self._open_until - self._clock()) if is_open else 0.0

    def _enter(self) -> None:
        with self._lock:
            if self._failed < self._limit:
                return
            if self._trying or self._clock() < self._open_until:
                raise IssuerUnreachable(Reason.GIVEN_UP)
            self._trying = True

    def _learn(self, *, failed: bool, why: str) -> None:
        with self._lock:
            was_open = self._failed >= self._limit
            self._trying = False
            self._failed = self._failed + 1 if failed else 0
            if self._failed >= self._limit:
                self._open_until = self._clock() + self._pause
            opened = self._failed >= self._limit and not was_open
        if opened:
            log.warning("issuer: no answer (%s); not asked for the next %.0f seconds", why, self._pause)
        elif was_open and not failed:
            log.info("issuer: answers again")


class Pace:
    """Spreads requests evenly: so many a second, from all threads together."""

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._step = 1.0 / rate
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Wait for one's turn."""
        with self._lock:
            turn = max(self._next, self._clock())
            self._next = turn + self._step
        if (left := turn - self._clock()) > 0:
            self._sleep(left)


class PatientIssuer:
    """An issuer behind rate, retries and breaker. Threads may share it."""

    def __init__(
        self, issuer: Issuer, pace: Pace, breaker: Breaker, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._issuer = issuer
        self._pace = pace
        self._breaker = breaker
        self._retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=_wait,
            retry=retry_if_exception(_may_help),
            sleep=sleep,
            reraise=True,
        )

    def ask(self, question: Question) -> Reply:
        """Ask, again where that may help. Raises IssuerUnreachable."""
        return self._retrying.copy()(self._once, question)

    def _once(self, question: Question) -> Reply:
        # The pace inside the guard: an open breaker must cost no time.
        with self._breaker.guard():
            self._pace.wait()
            return self._issuer.ask(question)


_backing_off = wait_random_exponential(multiplier=0.5, max=LONGEST_WAIT)


def _wait(state: RetryCallState) -> float:
    """Wait as long as the issuer asked, else a random time that grows: many workers must not come back at once."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.after if isinstance(error, IssuerUnreachable) else None
    return _backing_off(state) if asked is None else min(asked, LONGEST_WAIT)


def _may_help(error: BaseException) -> bool:
    return isinstance(error, IssuerUnreachable) and error.again
