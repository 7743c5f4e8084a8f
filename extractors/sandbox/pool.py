"""The program's side of the sandbox: calls go out, answers or the news of a death come back."""

import copy
import multiprocessing
import os
import pickle
import signal
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from threading import Event, RLock, Thread
from types import TracebackType
from typing import Any, Generic, ParamSpec, Self, TypeVar

from pebble import CONSTS, ProcessExpired, ProcessPool

from extractors.sandbox.answers import guard, loads, packages_of
from extractors.sandbox.child import GROUP, Outcome, answer, confine
from extractors.sandbox.confinement import Wall, require_walls, standing
from extractors.sandbox.limits import SandboxLimits

P = ParamSpec("P")
T = TypeVar("T")

_PRELOADED = (
    "extractors.clean_start",
    "extractors.sandbox.server",
    "extractors.document",
    "extractors.evidence",
)
"""What the fork server loads: first what readies it, then the readers."""
_LOOK_SECONDS = 0.01
"""How often the pool looks for children that have ended and for calls that are out of time. Its own tenth of a second
would leave a child's place empty for the time of ten papers."""
_ATTEMPTS = 3
"""How often a call is made that is lost: with the whole pool, or with its child, which others may kill, too."""
_WATCH_SECONDS = 1.0
"""How often is looked whether the pool still works: of a call that reached it as it broke down, it says nothing."""
_SLACK_SECONDS = 30.0
"""How much longer than one call may take nothing may be heard of any: what is lost between the program and a child is
never heard of, and a child killed at a bad moment leaves the pool's locks taken."""
_DEATHS = {-signal.SIGKILL: "memory", -signal.SIGALRM: "timeout", -signal.SIGXCPU: "timeout"}
"""Reasons by exit code. Nobody but the kernel, out of memory, sends SIGKILL to a child that is in time."""


class ChildDied(Exception):
    """The child was lost while it ran the function; `reason` is "timeout", "memory" or "crash"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ChildFailed(ChildDied):
    """The function raised an exception that is none of the extractors' own; the child lives on.

    `error` is the name of its type and `place` the file and line; its text, which may quote the paper,
    stays in the child.
    """

    def __init__(self, error: str, place: str) -> None:
        super().__init__("crash")
        self.args = (error, place)
        self.error = error
        self.place = place

    def __str__(self) -> str:
        return f"{self.error} at {self.place}"


@dataclass(eq=False, slots=True)
class _Job(Generic[T]):
    call: bytes
    future: "Future[T]"
    packages: frozenset[str]
    pool: ProcessPool | None = None
    attempts: int = _ATTEMPTS


class Sandbox:
    """A pool of confined child processes; use it as a context manager, from any number of threads.

    Leaving the context waits for the calls that are under way; leaving it by an exception (Ctrl-C) kills
    them. Children start with the first call. `start_method` is one of multiprocessing's; with "forkserver"
    children are forked from a process that has the readers loaded and nothing of the program.
    """

    def __init__(
        self, workers: int, limits: SandboxLimits | None = None, start_method: str = "forkserver"
    ) -> None:
        self._workers = workers
        self._limits = limits or SandboxLimits()
        self._context = _guarding(multiprocessing.get_context(start_method))
        if start_method == "forkserver":
            self._context.set_forkserver_preload(list(_PRELOADED))
            forkserver.ensure_running()  # it loads the readers while the program goes on
        self._groups, self._group = self._context.Pipe(duplex=False)
        self._known_groups: set[int] = set()
        self._lock = RLock()
        self._jobs: set[_Job[Any]] = set()
        self._endings: list[Thread] = []
        self._watch: Thread | None = None
        self._heard = 0.0
        self._ended = Event()
        self._closed = False
        self._pool = self._new_pool()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(finish=error is None)

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a module-level function in a child and return its result.

        Arguments and result are pickled. Raises ChildDied, ChildFailed, or the function's own exception
        where the extractors define it.
        """
        return self.submit(function, *args, **kwargs).result()

    def submit(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Start a call as `run` does and return its future.

        Raises RuntimeError when the sandbox is closed, or (BrokenProcessPool) no children can be started.
        """
        job: _Job[T] = _Job(pickle.dumps((function, args, kwargs)), Future(), packages_of(function))
        with self._lock:
            if self._closed:
                raise RuntimeError("the sandbox is closed")
            self._hear()
            self._jobs.add(job)
            try:
                self._start(job)
            except BrokenProcessPool:
                self._jobs.discard(job)
                raise
            if self._watch is None:
                self._watch = Thread(target=self._watch_over, name="sandbox-watch", daemon=True)
                self._watch.start()
        return job.future

    def walls(self) -> frozenset[Wall]:
        """Return what stands around a child of this machine."""
        return self.run(standing)

    def require_walls(self) -> None:
        """Raise SandboxUnfit where the limits ask for walls that this machine has not."""
        if self._limits.walls_required:
            self.run(require_walls)

    def close(self, *, finish: bool = True) -> None:
        """End all children; calls under way are waited for, or cancelled when not `finish`."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            waiting = [job.future for job in self._jobs]
        try:
            if finish:
                # Each call has its own limit; beyond all of them, one was lost, and waiting would never end.
                wait(waiting, timeout=self._limits.seconds * (1 + len(waiting) / self._workers))
        finally:
            for future in waiting:
                future.cancel()
            self._ended.set()
            if self._watch is not None:
                self._watch.join()
            self._end(self._pool)
            for ending in self._endings:
                ending.join()
            self._kill_remnants()
            self._groups.close()
            self._group.close()

    def _new_pool(self) -> ProcessPool:
        CONSTS.sleep_unit = _LOOK_SECONDS
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=self._limits.tasks_per_child,
            initializer=confine,
            initargs=(self._limits, self._group),
            context=self._context,
        )

    def _start(self, job: "_Job[Any]") -> None:
        """Hand a call to a pool that works. Raises BrokenProcessPool when none can be made."""
        job.pool = None
        made = self._scheduled(job.call)
        job.pool = self._pool
        job.future.add_done_callback(partial(_pass_cancellation, made))
        made.add_done_callback(partial(self._settle, job, job.pool))

    def _scheduled(self, call: bytes) -> "Future[bytes]":
        for _ in range(_ATTEMPTS):
            with suppress(RuntimeError):  # it broke down just now
                if self._is_active():
                    return self._pool.schedule(
                        answer, args=(call, self._limits), timeout=self._limits.seconds
                    )
            self._replace_pool()
        raise BrokenProcessPool("no children can be started")

    def _settle(self, job: "_Job[Any]", pool: ProcessPool, made: "Future[bytes]") -> None:
        """Turn what the pool says about a call into the result of the job's future."""
        if job.pool is not pool:
            return  # the call is made again in another pool
        self._hear()
        try:
            outcome, value = loads(made.result(), job.packages)
        except BrokenProcessPool:
            self._recover(pool)
        except (Exception, CancelledError) as error:  # the pool's words for a lost child
            if _may_be_chance(error):
                self._try_again(job, ChildDied(_reason(error)))
            else:
                self._finish(job, error=ChildDied(_reason(error)))
            self._kill_remnants()
        else:
            if outcome is Outcome.RETURNED:
                self._finish(job, value)
            else:
                self._finish(job, error=_error(outcome, value))
            if self._has_news():
                self._kill_remnants()

    def _finish(self, job: "_Job[Any]", value: object = None, error: Exception | None = None) -> None:
        with self._lock:
            if job not in self._jobs:
                return  # a pool that breaks down may tell of a call that another one has answered
            self._jobs.discard(job)
        if not job.future.set_running_or_notify_cancel():
            return
        if error is None:
            job.future.set_result(value)
        else:
            job.future.set_exception(error)

    def _recover(self, broken: ProcessPool) -> None:
        """Make the calls of a pool that broke down again in a new one."""
        with self._lock:
            for job in [job for job in self._jobs if job.pool is broken]:
                self._try_again(job, ChildDied("crash"))

    def _try_again(self, job: "_Job[Any]", error: ChildDied) -> None:
        with self._lock:
            job.attempts -= 1
            if self._closed or job.future.cancelled() or not job.attempts:
                self._finish(job, error=error)
                return
            try:
                self._start(job)
            except BrokenProcessPool as broken:
                self._finish(job, error=broken)

    def _hear(self) -> None:
        self._heard = time.monotonic()

    def _watch_over(self) -> None:
        """Give up a pool that broke down, or in which nothing happens: each call that was begun has its own limit."""
        longest = self._limits.seconds + _SLACK_SECONDS
        while not self._ended.wait(_WATCH_SECONDS):
            with self._lock:
                is_silent = time.monotonic() - self._heard > longest
                if self._jobs and (is_silent or not self._is_active()):
                    self._hear()
                    self._replace_pool()

    def _is_active(self) -> bool:
        # A new pool starts its children here, and the fork server may die under it.
        with suppress(RuntimeError):
            return bool(self._pool.active)
        return False

    def _replace_pool(self) -> None:
        # A pool cannot be joined by its own threads, which is where its end is learnt of.
        broken = self._pool
        ending = Thread(target=self._end, args=(broken,), daemon=True)
        ending.start()
        self._endings.append(ending)
        self._pool = self._new_pool()
        self._recover(broken)

    @staticmethod
    def _end(pool: ProcessPool) -> None:
        pool.stop()  # type: ignore[no-untyped-call]  # the library has gaps in its types
        pool.join()

    def _has_news(self) -> bool:
        """Tell whether a child has begun, and so perhaps another ended; the pipe that says so must not fill up."""
        with self._lock:
            return not self._closed and self._groups.poll()

    def _kill_remnants(self) -> None:
        """Kill what dead children have started and left."""
        with self._lock:
            while self._groups.poll():
                self._known_groups.update(GROUP.unpack(self._groups.recv_bytes(GROUP.size)))
            for group in [group for group in self._known_groups if not _is_alive(group)]:
                self._known_groups.discard(group)
                # The number of a dead leader stays taken as long as its group has members.
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(group, signal.SIGKILL)


def _guarding(context: BaseContext) -> Any:
    """Return a context whose pipes take nothing but data from a child."""
    guarding = copy.copy(context)

    def pipe(duplex: bool = True) -> tuple[Connection, Connection]:  # multiprocessing's own
        ends = context.Pipe(duplex)
        guard(ends[0])
        return ends

    setattr(guarding, "Pipe", pipe)  # noqa: B010  # an instance's own
    return guarding


def _pass_cancellation(made: "Future[bytes]", future: "Future[Any]") -> None:
    if future.cancelled():
        made.cancel()


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, ProcessExpired):
        return _DEATHS.get(error.exitcode, "crash")
    return "crash"


def _may_be_chance(error: BaseException) -> bool:
    """Tell whether a child may have died of something else than its call: killed, or lost with the fork server."""
    return isinstance(error, ProcessExpired) and _DEATHS.get(error.exitcode) != "timeout"


def _error(outcome: Outcome, value: Any) -> Exception:
    if outcome is Outcome.OUT_OF_MEMORY:
        return ChildDied("memory")
    if outcome is Outcome.FAILED:
        return ChildFailed(*value)
    return value if isinstance(value, Exception) else ChildDied("crash")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
