"""What a power failure could take: names of files and folders whose folder was not synced since they came into it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from tests.faults.points import standing_around

_PUTS = {"replace": 1, "rename": 1, "link": 1, "mkdir": 0}
"""Operations that put a name into a folder, by the place of that name among their arguments."""
_PASSING = ("tmp", "workers", ".drafts")
"""Folders in which nothing need last."""


class Power:
    """Watches which names a power failure could take at the moment of each commit.

    `lost` names what it could take while something committed may rest on it, `kept` counts what was made to last.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: set[Path] = set()
        self.lost: list[str] = []
        self.kept = 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch while the block runs."""
        event.listen(Engine, "commit", self._commit)
        try:
            with standing_around(self._around):
                yield
        finally:
            event.remove(Engine, "commit", self._commit)

    def _around(self, name: str, operation: Any, *given: Any, **options: Any) -> Any:
        done = operation(*given, **options)
        if name in _PUTS:
            self._put(Path(given[_PUTS[name]]).absolute())
        elif name == "fsync":
            synced = Path(f"/proc/self/fd/{given[0]}").readlink()
            lasting = {path for path in self._open if path.parent == synced}
            self.kept += len(lasting)
            self._open -= lasting
        return done

    def _put(self, path: Path) -> None:
        if path.is_relative_to(self._folder) and not {*path.relative_to(self._folder).parts} & {*_PASSING}:
            self._open.add(path)

    def _commit(self, _connection: object) -> None:
        self.lost += [str(path) for path in self._open if str(path) not in self.lost]
