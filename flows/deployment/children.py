"""Keeps processes alive and ends them in order: what `kanit serve` is made of. Knows nothing of Prefect."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event
from types import FrameType
from typing import Self

from flows.deployment.watch import children_of, watched

ENDING = (signal.SIGTERM, signal.SIGINT)
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
LOOK = 0.25
"""Seconds between two looks at the processes."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive."""

    name: str
    """Its name in the texts: `serve.child.NAME`."""
    command: Sequence[str]
    environment: Mapping[str, str]
    seconds: float
    """How long it may take to end after SIGTERM."""
    drain: float = 0.0
    """How long what it has started may take to finish before that: a worker of Prefect's takes its flow run along."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses before a process that ended by itself is started again: twice as long every time."""

    first: float = 1.0
    longest: float = 60.0
    well: float = 120.0
    """Having lived so many seconds, it is counted as healthy, and the pauses begin anew."""

    def pause(self, deaths: int) -> float:
        """Return the seconds to wait after so many deaths in a row."""
        # The power is bounded: after years of deaths it would not be a float any more.
        return min(self.first * 2.0 ** min(deaths - 1, 30), self.longest)


@dataclass(frozen=True, slots=True)
class Told:
    """What happened: `ready`, `ending`; or to a process: `died` (exit code, pause), `killed` (time it had)."""

    what: str
    child: str = ""
    seconds: float = 0.0
    code: int = 0


Tell = Callable[[Told], None]
_BACKOFF = Backoff()


class Keeper:
    """One child and the process that it is at the moment; every process has a session of its own.

    A Ctrl-C on the terminal therefore reaches only us, and the order of the end is ours. Should we be killed, the
    process is killed too.
    """

    def __init__(self, child: Child, backoff: Backoff, tell: Tell) -> None:
        self.child = child
        self._backoff, self._tell = backoff, tell
        self._deaths, self._started, self._due = 0, 0.0, 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._watch = ExitStack()
        self.ours: set[int] = set()

    def start(self) -> None:
        """Start the process."""
        command = list(self.child.command)
        environment = dict(self.child.environment)
        self._process = subprocess.Popen(  # noqa: S603 - our own programs
            command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True
        )
        watch = self._watch.enter_context(watched(self._process.pid, signal.SIGKILL))
        self.ours = {self._process.pid, watch}
        self._started = time.monotonic()

    def exit_code(self) -> int | None:
        """Return how the process ended, or None while it lives or waits to be started again."""
        return self._process.poll() if self._process else None

    def look(self) -> None:
        """Start the process again if it died and its pause is over."""
        now = time.monotonic()
        if self._process is None and now >= self._due:
            self.start()
        elif (code := self.exit_code()) is not None:
            self._bury()
            self._deaths = 1 if now - self._started > self._backoff.well else self._deaths + 1
            pause = self._backoff.pause(self._deaths)
            self._due = now + pause
            self._tell(Told("died", self.child.name, pause, code))

    def end(self, hurry: Event) -> None:
        """Ask the process to end and wait; kill it when its time is over, or when `hurry` is set."""
        if (process := self._process) is None:
            return
        _wait(lambda: process.poll() is not None or not children_of(process.pid), self.child.drain, hurry)
        process.terminate()
        if not _wait(lambda: process.poll() is not None, self.child.seconds, hurry):
            self._tell(Told("killed", self.child.name, self.child.seconds))
        self._bury()

    def _bury(self) -> None:
        if self._process is not None:
            self._watch.close()
            self._process.kill()
            self._process.wait()
            self._process, self.ours = None, set()


def _wait(condition: Callable[[], bool], seconds: float, hurry: Event) -> bool:
    """Wait for a condition until its time is over or `hurry` is set; return whether it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline or hurry.wait(LOOK):
            return condition()
    return True


class Ending:
    """Whether we were asked to end (SIGTERM, SIGINT), and whether for the second time."""

    def __init__(self) -> None:
        self.asked, self.hurry = Event(), Event()

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Take note of a signal."""
        (self.hurry if self.asked.is_set() else self.asked).set()


@contextmanager
def ending() -> Iterator[Ending]:
    """Take note of signals instead of ending by them."""
    heard = Ending()
    before = {number: signal.signal(number, heard) for number in ENDING}
    try:
        yield heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Household:
    """The processes kept alive together. They end in the reverse order of their start, whatever ends this block."""

    def __init__(self, heard: Ending, tell: Tell) -> None:
        self.heard, self.tell = heard, tell
        self._keepers: list[Keeper] = []
        self._others: set[int] = set()

    def start(self, child: Child, backoff: Backoff = _BACKOFF) -> Keeper:
        """Start one more process."""
        keeper = Keeper(child, backoff, self.tell)
        self._keepers.append(keeper)
        keeper.start()
        return keeper

    def keep(self) -> None:
        """Keep the processes alive until we are asked to end."""
        while not self.heard.asked.wait(LOOK):
            for keeper in self._keepers:
                keeper.look()
            self._end_orphans()
        self.tell(Told("ending"))

    def _orphans(self) -> set[int]:
        """Return what processes that ended have left behind: a flow run goes on without its worker."""
        ours = self._others.union(*(keeper.ours for keeper in self._keepers))
        return {each for each in children_of(os.getpid()) - ours if os.waitpid(each, os.WNOHANG) == (0, 0)}

    def _end_orphans(self) -> None:
        while orphans := self._orphans():  # whose own children become ours with their end
            for orphan in orphans:
                os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, 0)

    def __enter__(self) -> Self:
        self._others = children_of(os.getpid())  # whoever started them answers for them
        _adopt_orphans(True)
        return self

    def __exit__(self, *_: object) -> None:
        """End every process."""
        for keeper in reversed(self._keepers):
            keeper.end(self.heard.hurry)
            self._end_orphans()
        _adopt_orphans(False)


def _adopt_orphans(adopt: bool) -> None:
    """Become the parent of every descendant whose own parent dies, which is else the first process; or no more."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, int(adopt), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
