"""The child's side of the sandbox: take on the limits, then answer calls."""

import gc
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from enum import Enum
from multiprocessing.queues import SimpleQueue
from pathlib import Path

from extractors.sandbox.limits import SandboxLimits

_GRACE_SECONDS = 2.0
"""How much longer than the parent the child's own alarm waits: it is for the case that the parent is gone."""

_NEW_OBJECTS = 20_000
"""Objects after which Python looks for garbage: with its own 700, it takes a twentieth of the time of a page."""

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
_KEPT_VARIABLES = (
    "PATH",
    "HOME",
    "LANG",
    "LC_",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "PYTHON",
    "OMP_",
    "TESSDATA_PREFIX",
)
"""Beginnings of the names of environment variables that libraries need; the others may hold secrets."""
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


def confine(limits: SandboxLimits, groups: "SimpleQueue[int]") -> None:
    """Take on the limits for the life of this process, in a process group that `groups` is told of."""
    os.setsid()
    groups.put(os.getpid())
    forget_the_environment()
    use_one_thread()
    sys.dont_write_bytecode = True
    # The default actions end the process even while native code runs, where no Python handler would.
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    _limit(resource.RLIMIT_AS, limits.memory_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    silence(0, 1, 2)
    gc.freeze()  # the readers loaded so far are no garbage
    gc.set_threshold(_NEW_OBJECTS)


def _limit(kind: int, value: int) -> None:
    """Set a soft limit; one that the machine's owner has set lower stays."""
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def forget_the_environment() -> None:
    """Drop the environment variables that no library needs: keys and passwords are among them."""
    for name in [name for name in os.environ if not name.startswith(_KEPT_VARIABLES)]:
        del os.environ[name]


def use_one_thread() -> None:
    """Keep numpy and OpenCV, loaded later, to one thread: the children share the cores among them."""
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")


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
