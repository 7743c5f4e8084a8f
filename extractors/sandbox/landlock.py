"""Landlock: a process takes away from itself all access to files, but for reading, and to other processes.

What the kernel knows of it is told by its ABI number (linux/landlock.h); the more it knows, the more is refused:
from 1 on writing, creating, removing and running files, and looking into processes outside (`/proc/PID/environ`,
their memory); from 3 on cutting files short; from 4 on TCP; from 6 on signals to processes outside.
"""

import ctypes
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from extractors.sandbox.kernel import system_call

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
"""Numbers of the system calls, the same on every architecture."""
_ASK_VERSION = 1
_PATH_BENEATH = 1
_READ_FILE, _READ_DIRECTORY = 1 << 2, 1 << 3
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights over files the kernel knows by ABI; each is a bit."""
_TCP_SINCE, _TCP = 4, 0b11
_OUTSIDE_SINCE, _OUTSIDE = 6, 0b11
"""Abstract sockets of, and signals to, processes outside."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Return the ABI of the kernel's Landlock, 0 where it is not to be had."""
    with suppress(OSError):
        return system_call(_CREATE, None, 0, _ASK_VERSION)
    return 0


def allow_reading_alone(readable: Iterable[Path]) -> None:
    """Refuse this process for ever everything but listing folders, and reading `readable` with all beneath.

    Raises OSError where Landlock is not to be had. Needs `kernel.never_gain_privileges` before. Descriptors that are
    open stay as they are.
    """
    abi = version()
    rights = (1 << _FILE_RIGHTS[min(max(abi, 1), max(_FILE_RIGHTS))]) - 1
    ruleset = _Ruleset(rights, _TCP if abi >= _TCP_SINCE else 0, _OUTSIDE if abi >= _OUTSIDE_SINCE else 0)
    rules = system_call(_CREATE, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
    try:
        _allow(rules, Path("/"), _READ_DIRECTORY)
        for path in readable:
            with suppress(FileNotFoundError, PermissionError):  # removed just now; not to be reached anyway
                _allow(rules, path, _READ_FILE)
        system_call(_RESTRICT, rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, rights: int) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _Beneath(rights, parent)
        system_call(_ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)
