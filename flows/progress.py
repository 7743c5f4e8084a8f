"""How a batch shows that it moves: a bar on a terminal, now and then a log line elsewhere."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LINES = 15.0


class Progress(Protocol):
    """What a batch tells about its progress. Phases follow one another; threads may advance at the same time."""

    def begin(self, phase: str, total: int) -> None:
        """Begin a phase of so many applications; beginning the same phase again changes its total."""

    def advance(self, count: int = 1) -> None:
        """Count applications of the phase as done."""


class LogProgress:
    """A line at the beginning of each phase, and every quarter of a minute."""

    def __init__(self) -> None:
        self._phase, self._total, self._done, self._said = "", 0, 0, 0.0

    def begin(self, phase: str, total: int) -> None:
        """Say what begins."""
        if phase != self._phase:
            self._phase, self._done = phase, 0
        self._total = total
        self._say()

    def advance(self, count: int = 1) -> None:
        """Say how far the phase is, when the last line is old enough."""
        self._done += count
        if self._done == self._total or time.monotonic() - self._said > SECONDS_BETWEEN_LINES:
            self._say()

    def _say(self) -> None:
        self._said = time.monotonic()
        log.info("%s: %d of %d applications", self._phase, self._done, self._total)


class BarProgress:
    """A bar for each phase."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._phases: dict[str, TaskID] = {}
        self._phase = ""

    def begin(self, phase: str, total: int) -> None:
        """Show the bar of a phase."""
        self._phase = phase
        if phase in self._phases:
            self._bars.update(self._phases[phase], total=total)
        else:
            self._phases[phase] = self._bars.add_task(phase, total=total)

    def advance(self, count: int = 1) -> None:
        """Move the bar."""
        self._bars.advance(self._phases[self._phase], count)


CURRENT: ContextVar[Progress | None] = ContextVar("progress", default=None)
"""The progress of the batch that runs in this context; a flow's parameters could not carry it."""


@contextmanager
def shown(console: Console) -> Iterator[None]:
    """Show the progress of every batch inside: bars where the console is a terminal, log lines elsewhere."""
    if not console.is_terminal:
        yield
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console) as bars:
        token = CURRENT.set(BarProgress(bars))
        try:
            yield
        finally:
            CURRENT.reset(token)


def current() -> Progress:
    """Return the progress of this context."""
    return CURRENT.get() or LogProgress()
