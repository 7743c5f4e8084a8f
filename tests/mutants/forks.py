"""A piece of work in a forked process, within bounds of time and memory."""

import os
import pickle
import resource
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PYTEST = [
    "-q",
    "-p",
    "no:cacheprovider",
    "-W",
    "ignore:Module already imported:pytest.PytestAssertRewriteWarning",
]
"""How pytest runs here: without a cache; that Hypothesis is in memory before pytest begins is no fault."""

_SPARE_SECONDS = 5
_MORE_OFTEN = 4
_SPARE_BYTES = 2 << 30


@dataclass(frozen=True)
class Ended:
    """How a fork ended: what the work returned (None if it returned nothing), or the signal that ended it."""

    value: Any = None
    signal: str = ""


def limited(seconds: float) -> Callable[[], None]:
    """Return what bounds a fork: several times the seconds of processor time, and some memory on top."""

    def apply() -> None:
        most = int(_MORE_OFTEN * seconds) + _SPARE_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (most, most + 2))
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        size = pages * resource.getpagesize() + _SPARE_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (size, size))

    return apply


def in_fork(work: Callable[[], Any], bound: Callable[[], None] | None = None) -> Ended:
    """Do the work in a fork and return how it ended."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _child(work, bound, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = answer.read()
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        return Ended(signal=signal.Signals(os.WTERMSIG(status)).name)
    return Ended(pickle.loads(told) if told else None)  # noqa: S301  # written by our own fork


def _child(work: Callable[[], Any], bound: Callable[[], None] | None, writing: int) -> None:
    try:
        if bound:
            bound()
        value = pickle.dumps(work())
        with os.fdopen(writing, "wb") as answer:
            answer.write(value)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def hush() -> None:
    """Send what the tests print nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
