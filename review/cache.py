"""Pictures of pages, kept sealed so that a page is drawn once: a folder for each uploaded file.

It is bounded in size and age. Nothing is lost with it: whatever destroys an uploaded file may remove the folder of that
name, or all of them.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from storage.errors import WrongKey
from storage.keys import Keyring

MAX_BYTES = 512 * 1024 * 1024
"""Size of the cache: some 700 statements of ten pages."""
MAX_AGE = 24 * 3600.0
"""Seconds after which the pages of a file that nobody looked at are dropped: they are kept for a day's work."""
_ROOM_LEFT = 0.8
"""Part of the size to which the cache is brought when it is full: then it need not be looked through soon again."""
_SWEEP_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class _Folder:
    path: Path
    used: float
    size: int


class PageCache:
    """Sealed files by upload (the SHA-256 of the uploaded file) and name.

    Threads and processes may share the folder.
    """

    def __init__(
        self, folder: Path, keys: Keyring, max_bytes: int = MAX_BYTES, max_age: float = MAX_AGE
    ) -> None:
        self._folder, self._keys = folder, keys
        self._max_bytes, self._max_age = max_bytes, max_age
        self._lock = Lock()
        self._room = 0
        self._swept = 0.0

    def get(self, upload: str, name: str) -> bytes | None:
        """Return what is kept under that name; None where nothing is, or not what was put there."""
        path = self._path(upload, name)
        try:
            data = self._keys.open_evidence(path.read_bytes(), _context(upload, name))
        except FileNotFoundError:
            return None
        except WrongKey:  # damaged, or of another key: it is drawn again
            path.unlink(missing_ok=True)
            return None
        with suppress(FileNotFoundError):
            os.utime(path.parent)
        return data

    def put(self, upload: str, files: Mapping[str, bytes]) -> None:
        """Keep files by name; the uploads that nobody looked at for longest make room. Raises OSError."""
        for name, data in files.items():
            self._write(self._path(upload, name), self._keys.seal_evidence(data, _context(upload, name)))
        with self._lock:
            self._room -= sum(map(len, files.values()))
            full = self._room < 0 or time.monotonic() > self._swept + _SWEEP_SECONDS
        if full:
            self.sweep()

    def forget(self, upload: str) -> None:
        """Drop what is kept of an upload."""
        shutil.rmtree(self._path(upload), ignore_errors=True)

    def sweep(self) -> None:
        """Drop what is too old, and the oldest while there is too much."""
        with self._lock:
            self._swept = time.monotonic()
            kept = sum(folder.size for folder in self._old_and_new())
            self._room = self._max_bytes - kept

    def _old_and_new(self) -> Iterator[_Folder]:
        """Yield the folders that stay, the newest first, and remove the others."""
        long_ago, total = time.time() - self._max_age, 0
        room = self._max_bytes * _ROOM_LEFT
        for folder in sorted(_folders(self._folder), key=lambda each: each.used, reverse=True):
            total += folder.size
            if folder.used < long_ago or total > room:
                shutil.rmtree(folder.path, ignore_errors=True)
            else:
                yield folder

    def _path(self, *names: str) -> Path:
        """Return a place in the folder. Raises ValueError for a name that leads elsewhere."""
        if not all(name.replace("-", "").isalnum() for name in names):
            raise ValueError("no name in a cache")
        return self._folder.joinpath(*names)

    def _write(self, path: Path, sealed: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent)  # for its owner alone
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise


def _context(upload: str, name: str) -> str:
    """Return what a file is sealed for: it does not open as another page, nor as evidence."""
    return f"page {upload} {name}"


def _folders(root: Path) -> Iterator[_Folder]:
    with suppress(FileNotFoundError):
        for path in root.iterdir():
            with suppress(FileNotFoundError, NotADirectoryError):  # another process dropped it just now
                yield _Folder(path, path.stat().st_mtime, _size(path))


def _size(folder: Path) -> int:
    with os.scandir(folder) as entries:
        return sum(entry.stat().st_size for entry in entries)
