"""An inbox as a folder of folders on this machine, and what any inbox can do.

A local inbox is asked with `os.scandir` alone: it is looked through every night, nearly always in vain.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from validators.application import MAX_BYTES

DECLARATION = "application.json"


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of an inbox: its name is the application's id, its signature differs when its files may do."""

    name: str
    signature: str


class Inbox(Protocol):
    """Where applications are uploaded to. Nothing in it is ever written. Threads may share it."""

    name: str
    """The name by which the registry knows it: an absolute path, or a URL without credentials."""
    at_once: int
    """Folders that are best asked for at the same time: 1 where asking costs no waiting."""

    def folders(self) -> Iterator[Folder]:
        """Yield the folders that are ready, in the order of their names. Raises OSError."""

    def fingerprint(self, name: str) -> str:
        """Return the SHA-256 over names and bytes of a folder's files. Raises OSError, ApplicationTooLarge."""

    def declaration(self, name: str) -> bytes:
        """Return a folder's `application.json`, of a larger one than is allowed the beginning. Raises OSError."""

    def local(self, name: str) -> AbstractContextManager[Path]:
        """Give a folder of that name and content on this machine. Raises OSError, ApplicationTooLarge."""


class LocalInbox:
    """An inbox on this machine."""

    at_once = 1

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = text_of(path.resolve())

    def folders(self) -> Iterator[Folder]:
        """Yield the folders in the order of their names; those that start with a dot are not ready."""
        with os.scandir(self._path) as entries:
            ready = sorted(e.name for e in entries if not e.name.startswith(".") and e.is_dir())
        for name in ready:
            yield Folder(text_of(name), _signature(self._path / name))

    def fingerprint(self, name: str) -> str:
        """Return the fingerprint of a folder's files. Raises OSError."""
        return fingerprint(self._path / name)

    def declaration(self, name: str) -> bytes:
        """Return the beginning of a folder's `application.json`. Raises OSError."""
        with (self._path / name / DECLARATION).open("rb") as file:
            return file.read(MAX_BYTES + 1)

    def local(self, name: str) -> AbstractContextManager[Path]:
        """Give the folder itself."""
        return nullcontext(self._path / name)


def text_of(name: str | Path) -> str:
    """Return a name as text; bytes that are no UTF-8 are written as escapes, since no database holds them."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 over the names and bytes of the folder's files. Raises OSError."""
    return combined((path.name, _digest(path)) for path in _files(folder))


def combined(files: Iterable[tuple[str, bytes]]) -> str:
    """Return the fingerprint of files of these names and SHA-256 digests, in the order of their names."""
    total = hashlib.sha256()
    for name, digest in files:
        total.update(hashlib.sha256(os.fsencode(name)).digest() + digest)
    return total.hexdigest()


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _signature(folder: Path) -> str:
    total = hashlib.sha256()
    try:
        for path in _files(folder):
            stat = path.stat()
            total.update(
                repr((path.name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)).encode("utf-8", "replace")
            )
    except OSError as error:
        total.update(type(error).__name__.encode())
    return total.hexdigest()


def _files(folder: Path) -> list[Path]:
    """Return the folder's files in the order of their names, hidden ones left out."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_file())
    return [folder / name for name in names]
