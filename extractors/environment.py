"""The environment of the program, which may hold keys and passwords, kept from the sandbox's children."""

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

_KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "PYTHON",
    "OMP_",
    "OPENBLAS_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
    "TESSDATA_PREFIX",
)
"""Beginnings of the names of variables that libraries need; the others may hold secrets."""
_START_FIELD = 50 - 3
"""`env_start` in /proc/self/stat (proc(5)), counted from the first field after the name; `env_end` follows."""
_AGAIN = "PYTHON_STARTED_AGAIN"
"""Says that this is the second start: what adds variables at each start would cause another one without end."""


def kept() -> dict[str, str]:
    """Return the variables that libraries need."""
    return {name: value for name, value in os.environ.items() if name.startswith(_KEPT)}


def forget() -> None:
    """Drop all other variables, and overwrite what this process was started with: the system shows that to others."""
    needed = kept()
    os.environ.clear()
    start, end = _where()
    ctypes.memset(start, 0, end - start)
    os.environ.update(needed)


def start_again_without() -> None:
    """Become the same program with the variables that libraries need and no others.

    Python has copied the environment by now; nothing but another start leaves no copy in its memory. Descriptors that
    are to be inherited stay open. Where there can be no other start, the variables are dropped.
    """
    if _AGAIN not in os.environ:
        with suppress(OSError):
            command = [sys.executable, *sys.orig_argv[1:]]
            os.execve(sys.executable, command, kept() | {_AGAIN: "1"})  # noqa: S606  # its own command line
    forget()


def _where() -> tuple[int, int]:
    """Return where in memory the environment lies that this process was started with; nowhere if that is not told."""
    try:
        line = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0, 0
    fields = line.rpartition(")")[2].split()
    return int(fields[_START_FIELD]), int(fields[_START_FIELD + 1])
