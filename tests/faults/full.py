"""A disk without room: at the nth time that Python asks for some, or from a certain size of the database on."""

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event

_ASK_FOR_ROOM = ("fsync", "replace", "rename", "link")


class Disk:
    """Has no room at the nth time that it is asked for some; the times after that it has again.

    `asked` counts the times, `refused` names what was refused.
    """

    def __init__(self, refusing: int) -> None:
        self._refusing = refusing
        self.asked = 0
        self.refused = ""

    def ask(self, name: str) -> None:
        """Count, and raise OSError when it is the nth time."""
        self.asked += 1
        if self.asked == self._refusing:
            self.refused = name
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Stand in for the disk of this process while the block runs."""
        with ExitStack() as stack:
            for name in _ASK_FOR_ROOM:
                stack.enter_context(patch.object(os, name, self._asking(name)))
            stack.enter_context(patch.object(os, "mkdir", self._making()))
            stack.enter_context(patch.object(os, "open", self._opening()))
            stack.enter_context(patch.object(os, "fdopen", self._writing()))
            yield

    def _asking(self, name: str) -> Callable[..., Any]:
        operation = getattr(os, name)

        def asking(*given: Any, **options: Any) -> Any:
            self.ask(name)
            return operation(*given, **options)

        return asking

    def _making(self) -> Callable[..., None]:
        operation = os.mkdir

        def making(path: Any, *given: Any, **options: Any) -> None:
            if not Path(path).exists():
                self.ask("mkdir")
            operation(path, *given, **options)

        return making

    def _opening(self) -> Callable[..., int]:
        operation = os.open

        def opening(path: Any, flags: int, *given: Any, **options: Any) -> int:
            if flags & os.O_CREAT and not Path(path).exists():
                self.ask("create")
            return operation(path, flags, *given, **options)

        return opening

    def _writing(self) -> Callable[..., "_File"]:
        operation = os.fdopen
        return lambda *given, **options: _File(operation(*given, **options), self)


class _File:
    """A file that asks before it writes."""

    def __init__(self, file: Any, disk: Disk) -> None:
        self._file = file
        self._disk = disk

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: Any) -> Any:
        """Write, if there is room."""
        self._disk.ask("write")
        return self._file.write(data)

    def writelines(self, lines: Iterable[Any]) -> None:
        """Write, if there is room."""
        self._disk.ask("write")
        self._file.writelines(lines)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def database_of_at_most(pages: int) -> Iterator[None]:
    """Let no SQLite database that is opened while the block runs grow beyond so many pages."""

    def bound(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", bound)
    try:
        yield
    finally:
        event.remove(Engine, "connect", bound)
