"""What a child of the sandbox takes away from itself, as far as the kernel allows: network, files, programs.

Three walls that know nothing of one another; what one cannot hold, another one does:

    NAMESPACE   no network interface but an empty one (unshare)
    LANDLOCK    files are read and nothing else; other processes cannot be looked into nor sent signals; no TCP
    SECCOMP     the calls for network, programs, processes, writing and the rarer parts of the kernel fail

A part of LANDLOCK is told by itself, since a machine may have the one without the other:

    SECRETS     what the program hides from its children, if anything, cannot be read

Besides, everywhere: no new privileges, no rights of root but that of reading.
"""

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from extractors.sandbox import calls, kernel, landlock
from extractors.sandbox.readable import all_but, are_apart

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


class Wall(StrEnum):
    """What stands between a child and the machine."""

    NAMESPACE = "namespace"
    LANDLOCK = "landlock"
    SECCOMP = "seccomp"
    SECRETS = "secrets"


ESSENTIAL = frozenset({Wall.LANDLOCK, Wall.SECCOMP, Wall.SECRETS})
"""Walls that together hold all that is promised; the namespace is a second one before the network."""


class SandboxUnfit(Exception):
    """Walls that are asked for cannot be had on this machine; `missing` says which, in alphabetical order."""

    def __init__(self, missing: tuple[Wall, ...]) -> None:
        super().__init__(missing)
        self.missing = missing

    def __str__(self) -> str:
        return ", ".join(self.missing)


_standing: set[Wall] = set()
"""The walls around this process."""


def standing() -> frozenset[Wall]:
    """Return the walls around this process: none in the program itself."""
    return frozenset(_standing)


def build_walls(hidden: Collection[Path] = ()) -> None:
    """Take away from this process, for ever, what the kernel lets it take away, and reading `hidden`."""
    with suppress(OSError):  # no wall stands without it then, and that is told
        kernel.never_gain_privileges()
    _build(Wall.NAMESPACE)
    with suppress(OSError):
        kernel.drop_capabilities()
    _build_landlock(hidden)
    _build(Wall.SECCOMP)


def require_walls() -> None:
    """Raise SandboxUnfit where an essential wall does not stand around this process."""
    missing = ESSENTIAL - standing()
    if missing:
        raise SandboxUnfit(tuple(sorted(missing)))


def _build(wall: Wall, *arguments: object) -> bool:
    # Where the kernel, its owner or a container says no, the others stand, and `standing` tells.
    with suppress(OSError):
        _BUILDERS[wall](*arguments)
        _standing.add(wall)
    return wall in _standing


def _build_landlock(hidden: Collection[Path]) -> None:
    readable = all_but(hidden)
    if _build(Wall.LANDLOCK, readable) and are_apart(readable, hidden):
        _standing.add(Wall.SECRETS)


def _leave_the_network() -> None:
    """Go into a network of one's own, with no way out.

    Root goes there alone: in a user namespace as well, it could no longer read what other users have uploaded.
    """
    kernel.unshare(_CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWUSER | _CLONE_NEWNET)


_BUILDERS: Mapping[Wall, Callable[..., None]] = {
    Wall.NAMESPACE: _leave_the_network,
    Wall.LANDLOCK: landlock.allow_reading_alone,
    Wall.SECCOMP: calls.refuse_calls,
}
