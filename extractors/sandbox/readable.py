"""Which parts of the file system a child may read: all but what is hidden from it.

Landlock can only allow, and what it allows it allows with all that lies beneath. So a path is hidden by allowing all
that lies beside it, and beside each folder above it. A file right there that is deleted keeps its room on the disk
until the children are gone that were allowed it: the kernel holds what a rule names.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

DEVICES = tuple(map(Path, ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")))
"""Devices that libraries read; root could read the disks themselves by the others."""
_ALL_DEVICES = Path("/dev")
_ROOT = Path("/")


def all_but(hidden: Iterable[Path]) -> list[Path]:
    """Return paths that, with all beneath them, are everything but devices and `hidden`. Symbolic links are left out.

    What is made later right beside a hidden path, or beside a folder above it, is in none of them. Where such a folder
    may not be listed, all beneath it is among them: papers must be read, wherever they lie.
    """
    secret = {_ALL_DEVICES, *map(_real, hidden)}
    above = {folder for path in secret for folder in path.parents}
    return [*DEVICES, *_around(_ROOT, secret, above)]


def are_apart(readable: Collection[Path], hidden: Iterable[Path]) -> bool:
    """Return whether nothing that is there and hidden lies beneath what is readable."""
    allowed = set(readable)
    there = filter(
        os.path.lexists, map(_real, hidden)
    )  # what may not be looked for is not there for a child, either
    return not any(allowed.intersection([path, *path.parents]) for path in there)


def _around(path: Path, secret: Collection[Path], above: Collection[Path]) -> Iterator[Path]:
    if path in secret:
        return
    if path not in above:
        yield path
        return
    try:
        with os.scandir(path) as entries:
            beneath = [Path(entry.path) for entry in entries if not entry.is_symlink()]
    except FileNotFoundError:  # it was removed just now
        return
    except OSError:
        yield path
        return
    for each in beneath:
        yield from _around(each, secret, above)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
