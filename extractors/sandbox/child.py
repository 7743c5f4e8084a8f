"""The child's side of the sandbox: take on the limits, then answer calls."""

import gc
import os
import pickle
import resource
import signal
import stat
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path

from extractors import environment
from extractors.sandbox.confinement import build_walls, require_walls
from extractors.sandbox.limits import SandboxLimits

_GRACE_SECONDS = 2.0
"""How much longer than the parent the child's own alarm waits: it is for the case that the parent is gone."""

_NEW_OBJECTS = 20_000
"""Objects after which Python looks for garbage: with its own 700, it takes a twentieth of the time of a page."""

_MOST_FILES = 512
"""Files that a child may have open; a reader opens a handful."""
GROUP = struct.Struct("=i")
"""How a child tells its process group: one number, written at once."""
_STDERR = 2
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
_OWN_PACKAGE = __name__.partition(".")[0]


class Outcome(Enum):
    """The first half of an answer; the second is given in brackets."""

    RETURNED = "returned"
    """The function's result (the value)."""
    RAISED = "raised"
    """An exception that the extractors define (the exception)."""
    FAILED = "failed"
    """Any other exception (its type's name, the place in the code): its text may hold personal data."""
    OUT_OF_MEMORY = "memory"
    """MemoryError (None)."""


def confine(limits: SandboxLimits, groups: Connection) -> None:
    """Take on the limits for the life of this process, in a process group that `groups` is told of."""
    os.setsid()
    groups.send_bytes(GROUP.pack(os.getpid()))
    groups.close()  # who names a group has it killed
    hang_up()
    environment.forget()
    use_one_thread()
    sys.dont_write_bytecode = True
    # The default actions end the process even while native code runs, where no Python handler would.
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    for kind, value in _bounds(limits):
        _limit(kind, value, for_ever=True)
    silence(0, 1, 2, *inherited())
    build_walls(limits.hidden)
    gc.freeze()  # the readers loaded so far are no garbage
    gc.set_threshold(_NEW_OBJECTS)


def hang_up() -> None:
    """Close the lines to multiprocessing's helpers: who writes there ends the fork server or misleads the tracker."""
    server, tracker = forkserver._forkserver, resource_tracker._resource_tracker  # noqa: SLF001  # no public names
    for owner, name in ((server, "_forkserver_alive_fd"), (tracker, "_fd")):
        line = getattr(owner, name)
        if line is not None:
            os.close(line)
            setattr(owner, name, None)


def _bounds(limits: SandboxLimits) -> Iterator[tuple[int, int]]:
    yield resource.RLIMIT_AS, max(limits.memory_bytes, _address_space() + limits.memory_bytes // 2)
    yield resource.RLIMIT_CORE, 0
    yield resource.RLIMIT_FSIZE, 0
    yield resource.RLIMIT_NOFILE, _MOST_FILES
    yield resource.RLIMIT_MEMLOCK, 0
    yield resource.RLIMIT_MSGQUEUE, 0


def _address_space() -> int:
    """Return the bytes that this process has taken already: of a large program's copy, perhaps more than a task may."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()


def _limit(kind: int, value: int, *, for_ever: bool = False) -> None:
    """Set a limit, which this process may lift unless `for_ever`; one that the machine's owner has set lower stays."""
    _, hard = resource.getrlimit(kind)
    lower = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (lower, lower if for_ever else hard))


def use_one_thread() -> None:
    """Keep numpy and OpenCV, loaded later, to one thread: the children share the cores among them."""
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")


def inherited() -> list[int]:
    """Return the open files and sockets of a program that this process began as a copy of.

    Pipes are left out: by them the pool and its children speak.
    """
    found = []
    for descriptor in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208  # numbers, no paths
        with suppress(OSError):  # the listing's own
            if descriptor > _STDERR and not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                found.append(descriptor)
    return found


def silence(*descriptors: int) -> None:
    """Point file descriptors to the null device: native readers print warnings past Python's streams."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        os.dup2(null, descriptor)
    os.close(null)


def answer(call: bytes, limits: SandboxLimits) -> bytes:
    """Run a pickled `(function, args, kwargs)`; return a pickled pair of Outcome and what goes with it."""
    _start_clocks(limits)
    try:
        if limits.walls_required:
            require_walls()
        function, args, kwargs = pickle.loads(call)  # noqa: S301  # comes from the parent
        return pickle.dumps((Outcome.RETURNED, function(*args, **kwargs)))
    except MemoryError:
        return pickle.dumps((Outcome.OUT_OF_MEMORY, None))
    except BaseException as error:  # whatever a parser raises is an answer
        return _told(error)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _start_clocks(limits: SandboxLimits) -> None:
    used = os.times()
    _limit(resource.RLIMIT_CPU, int(used.user + used.system) + limits.cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, limits.seconds + _GRACE_SECONDS)


def _told(error: BaseException) -> bytes:
    if type(error).__module__.partition(".")[0] == _OWN_PACKAGE:
        return _pickled_or_named(error)
    return _named(error)


def _pickled_or_named(error: BaseException) -> bytes:
    function: Callable[..., bytes] = pickle.dumps
    try:
        return function((Outcome.RAISED, error))
    except Exception:  # pickling calls code of the exception
        return _named(error)


def _named(error: BaseException) -> bytes:
    place = ""
    trace = error.__traceback__
    while trace is not None:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return pickle.dumps((Outcome.FAILED, (type(error).__name__, place)))
