"""The points at which a run can be killed: around every commit, and around every operation on files.

A process that is killed leaves its files as they are at that moment. So a run need not be killed to see what it would
leave: at each point its folder is copied. Points between which nothing changed share one image.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event

FILE_OPERATIONS = ("fsync", "replace", "rename", "link", "unlink", "remove", "mkdir", "rmdir")
"""What Python asks the system to do with files, writing aside; SQLite's own writing shows at its commits."""
_SHARED_MEMORY = "-shm"
"""SQLite makes this file anew from its log; it is no part of what a process leaves."""


class Points:
    """Calls a function at each point, with its number from 1 and its name, one point after the other."""

    def __init__(self, reached: Callable[[int, str], None]) -> None:
        self._reached = reached
        self._lock = threading.RLock()
        self._telling = False
        self.names: list[str] = []

    def pass_by(self, name: str) -> None:
        """Count a point and tell of it."""
        with self._lock:
            if self._telling:  # what is done with a point is no point
                return
            self._telling = True
            try:
                self.names.append(name)
                self._reached(len(self.names), name)
            finally:
                self._telling = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Tell of the points that any thread of this process passes while the block runs."""
        begins, commits = self._at("after the last commit"), self._at("before a commit")
        event.listen(Engine, "begin", begins)
        event.listen(Engine, "commit", commits)
        try:
            with standing_around(self._around):
                yield
            self.pass_by("the end")
        finally:
            event.remove(Engine, "begin", begins)
            event.remove(Engine, "commit", commits)

    def _at(self, name: str) -> Callable[[object], None]:
        return lambda _connection: self.pass_by(name)

    def _around(self, name: str, operation: Callable[..., Any], *given: Any, **options: Any) -> Any:
        self.pass_by(f"before {name}")
        try:
            return operation(*given, **options)
        finally:
            self.pass_by(f"after {name}")


@contextmanager
def standing_around(around: Callable[..., Any]) -> Iterator[None]:
    """Let a function be called with name, operation and arguments in the place of each operation on files."""
    patches = [patch.object(os, name, _wrapper(around, name)) for name in FILE_OPERATIONS]
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()


def _wrapper(around: Callable[..., Any], name: str) -> Callable[..., Any]:
    operation = getattr(os, name)

    def wrapped(*given: Any, **options: Any) -> Any:
        return around(name, operation, *given, **options)

    return wrapped


@dataclass(frozen=True, slots=True)
class Image:
    """What a process that is killed at a point leaves: a copy of its folder. `points` are the names of its points."""

    folder: Path
    points: list[str]

    def restore(self, world: Path) -> None:
        """Put it in the place of the folder that it was taken of."""
        shutil.rmtree(world)
        copy(self.folder, world)


def copy(world: Path, folder: Path) -> None:
    """Copy what a process that ends now would leave."""
    shutil.copytree(world, folder, symlinks=True, ignore=shutil.ignore_patterns(f"*{_SHARED_MEMORY}"))


class Camera:
    """Takes images of a folder, one for all points between which nothing changes."""

    def __init__(self, world: Path, album: Path) -> None:
        self._world, self._album = world, album
        self._seen: tuple[object, ...] = ()
        self.images: list[Image] = []

    def take(self, _number: int, name: str) -> None:
        """Take an image unless the folder is as it was at the point before."""
        seen = tuple(_looks(self._world))
        if seen != self._seen:
            folder = self._album / str(len(self.images))
            copy(self._world, folder)
            self.images.append(Image(folder, []))
            self._seen = seen
        self.images[-1].points.append(name)


def _looks(folder: Path) -> Iterator[tuple[str, int, int]]:
    for path in sorted(folder.rglob("*")):
        if not path.name.endswith(_SHARED_MEMORY):
            stat = path.stat()
            yield str(path), stat.st_size if path.is_file() else 0, stat.st_mtime_ns
