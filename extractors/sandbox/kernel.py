"""Calls of the kernel that Python has no name for, through the C library."""

import ctypes
import os
from functools import cache

_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION = 0x20080522
"""`_LINUX_CAPABILITY_VERSION_3` of linux/capability.h: two words of 32 bits a set."""
_CAP_DAC_READ_SEARCH = 2
"""Reading what permissions forbid: what a child of root keeps, so that it reads an upload of another user's."""


@cache
def _c_library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def system_call(number: int, *arguments: object) -> int:
    """Make a system call by its number; integers stand for words. Raises OSError."""
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    return _checked(_c_library().syscall(ctypes.c_long(number), *words))


def unshare(flags: int) -> None:
    """Leave the namespaces of the parent. Raises OSError."""
    _checked(_c_library().unshare(ctypes.c_int(flags)))


def never_gain_privileges() -> None:
    """Let no program that is run from here on have more rights than this process. Raises OSError."""
    nothing = ctypes.c_ulong(0)
    _checked(_c_library().prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), nothing, nothing, nothing))


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


class _Word(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def drop_capabilities() -> None:
    """Give up what sets root apart from other users, but for reading. Raises OSError."""
    header, words = _Header(_CAPABILITY_VERSION, 0), (_Word * 2)()
    library = _c_library()
    _checked(library.capget(ctypes.byref(header), words))
    kept = words[0].permitted & (1 << _CAP_DAC_READ_SEARCH)
    words[0], words[1] = _Word(kept, kept, 0), _Word(0, 0, 0)
    _checked(library.capset(ctypes.byref(header), words))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
