"""An inbox in an object store such as S3, or wherever else fsspec reaches: listed whole, copied folder by folder.

An object store has no folders and renames nothing: a folder is what its objects' names begin with, and a writer uploads
`application.json` last. A folder without it is taken as it is when nothing was added for `SETTLED`.

Names in a store may be any text. What cannot be the name of a file here is not copied: an application that declares
such a file lacks it.
"""

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

from storage.addresses import as_os_errors, file_system, without_credentials
from storage.columns import now
from storage.copies import private_folder
from storage.errors import ApplicationTooLarge
from storage.evidence import MAX_BYTES
from storage.folders import DECLARATION, Folder, combined
from validators.application import MAX_BYTES as MAX_DECLARATION_BYTES

log = logging.getLogger(__name__)

SETTLED = timedelta(minutes=15)
"""Time without a new object after which a folder is taken although it lacks its `application.json`."""
MAX_FILES = 1000
"""Files that are copied of one application."""
MAX_FOLDER_BYTES = 1024 * 1024 * 1024
"""Bytes that are copied of one application: what an archive may expand to."""
BLOCK_BYTES = 4 * 1024 * 1024
"""Bytes that are asked for, and held in memory, at a time."""

_MAX_NAME_BYTES = 255
_TIMES = ("LastModified", "last_modified", "mtime", "updated", "created")
_MARKS = ("ETag", "etag")


@dataclass(frozen=True, slots=True)
class Object:
    """A file of a folder: its name there (which may be any text), its path in the store, and its size in bytes.

    `mark` is the store's own word for its content; `modified` is None where the store does not tell.
    """

    name: str
    path: str
    size: int
    mark: str
    modified: datetime | None


class RemoteInbox:
    """An inbox at a URL. Copies are made in a folder of this machine."""

    at_once = 16

    def __init__(self, url: str, copies: Path) -> None:
        self._files, self._root = file_system(url)
        self._copies = copies
        self.name = without_credentials(url)

    def folders(self) -> Iterator[Folder]:
        """Yield the folders that are ready, in the order of their names. Raises OSError."""
        with as_os_errors():
            # Where there is nothing, and where nothing may be looked at, `find` may just find nothing.
            self._files.info(self._root)
        grouped: dict[str, list[Object]] = {}
        for key, info in self._found(self._root):
            name, slash, rest = key.partition("/")
            if slash and name and not name.startswith("."):
                grouped.setdefault(_told(name), []).append(_object(rest, info))
        for name, objects in sorted(grouped.items()):
            if _is_ready(objects):
                yield Folder(name, _signature(objects))

    def fingerprint(self, name: str) -> str:
        """Return the fingerprint of a folder's files, streamed. Raises OSError, ApplicationTooLarge."""
        return combined((file.name, self._digest(file)) for file in self._files_of(name))

    def declaration(self, name: str) -> bytes:
        """Return the beginning of a folder's `application.json`. Raises OSError."""
        with as_os_errors():
            data: bytes = self._files.cat_file(
                f"{self._root}/{name}/{DECLARATION}", start=0, end=MAX_DECLARATION_BYTES + 1
            )
        return data

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Give a private copy of a folder, removed at the end. Raises OSError, ApplicationTooLarge."""
        files = self._files_of(name)
        with private_folder(self._copies, name) as folder:
            for file in files:
                self._copy(file, folder / file.name)
            yield folder

    def _files_of(self, name: str) -> Sequence[Object]:
        """List the files of a folder that are to be copied, in the order of their names."""
        if not is_file_name(name):
            raise FileNotFoundError
        objects = [_object(key, info) for key, info in self._found(f"{self._root}/{name}")]
        if not objects:
            raise FileNotFoundError
        files = sorted((each for each in objects if is_file_name(each.name)), key=attrgetter("name"))
        largest = max((file.size for file in files), default=0)
        total = sum(file.size for file in files)
        if len(files) > MAX_FILES or largest > MAX_BYTES or total > MAX_FOLDER_BYTES:
            raise ApplicationTooLarge(
                text="application_too_large", files=len(files), total=total, largest=largest
            )
        return files

    def _found(self, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield what is anywhere below a path: the rest of its path, and what the store tells about it."""
        with as_os_errors():
            found = self._files.find(path, detail=True)
        for key, info in found.items():
            if key.startswith(f"{path}/"):
                yield key.removeprefix(f"{path}/"), info

    def _copy(self, file: Object, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as copy:
            copy.writelines(self._blocks(file))

    def _digest(self, file: Object) -> bytes:
        digest = hashlib.sha256()
        for block in self._blocks(file):
            digest.update(block)
        return digest.digest()

    def _blocks(self, file: Object) -> Iterator[bytes]:
        for start in range(0, file.size, BLOCK_BYTES):
            end = min(start + BLOCK_BYTES, file.size)
            with as_os_errors():
                block: bytes = self._files.cat_file(file.path, start=start, end=end)
            if len(block) != end - start:
                raise OSError("changed while it was read")
            yield block


def is_file_name(name: str) -> bool:
    """Return whether a name can be that of a visible file here, in the folder itself and nowhere else."""
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return False
    return 0 < size <= _MAX_NAME_BYTES and not name.startswith(".") and "/" not in name and "\0" not in name


def _told(name: str) -> str:
    """Return a folder's name as the registry can hold it, also one under which no folder can be made here."""
    text = name.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
    if len(text.encode()) <= _MAX_NAME_BYTES:
        return text
    return f"{text[:40]}…{hashlib.sha256(text.encode()).hexdigest()}"


def _object(name: str, info: Mapping[str, Any]) -> Object:
    mark = next((str(info[key]) for key in _MARKS if key in info), "")
    times = (_time(info[key]) for key in _TIMES if key in info)
    return Object(name, info["name"], info["size"], mark, next(times, None))


def _time(value: object) -> datetime | None:
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return None


def _is_ready(objects: Sequence[Object]) -> bool:
    if any(each.name == DECLARATION for each in objects):
        return True
    times = [each.modified for each in objects if each.modified is not None]
    # What was written on a day to come, by a clock that is ahead, would never be ready until then.
    return not times or not now() - SETTLED <= max(times) <= now() + SETTLED


def _signature(objects: Iterable[Object]) -> str:
    described = sorted(repr((each.name, each.size, each.mark, each.modified)) for each in objects)
    return hashlib.sha256("\n".join(described).encode()).hexdigest()
