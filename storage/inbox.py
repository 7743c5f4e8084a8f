"""The inbox: its folders, and what of them is new or changed since the last time.

Nothing in the inbox is ever written. A folder's files are read only when their names, sizes or times differ from what
is known (`signature`); the work itself goes by their bytes (`fingerprint`).
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, select, update

from storage.batches import batched
from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.models import ApplicationRow, ApplicationState

CHUNK = 500
"""Folders in one transaction."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of the inbox; its name is the application's id."""

    path: Path
    signature: str

    @property
    def name(self) -> str:
        """The folder's name; bytes that are no UTF-8 are written as escapes, since no database holds them."""
        return os.fsencode(self.path.name).decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Discovery:
    """How many folders were found, and how many of them were new, changed, or as they were."""

    found: int
    new: int
    changed: int
    unchanged: int


def inbox_name(inbox: Path) -> str:
    """Return the name by which the registry knows an inbox: its absolute path."""
    return os.fsencode(inbox.resolve()).decode("utf-8", "backslashreplace")


def folders(inbox: Path) -> Iterator[Folder]:
    """Yield the folders of the inbox in the order of their names; those that start with a dot are not ready."""
    with os.scandir(inbox) as entries:
        ready = sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())
    for name in ready:
        yield Folder(inbox / name, _signature(inbox / name))


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 over the names and bytes of the folder's files. Raises OSError."""
    total = hashlib.sha256()
    for path in _files(folder):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").digest()
        total.update(hashlib.sha256(os.fsencode(path.name)).digest() + content)
    return total.hexdigest()


def discover(database: Database, inbox: Path) -> Discovery:
    """Enter every new or changed folder into the registry as pending.

    A folder whose files cannot be read is entered too: reading it fails, and is counted, later. Raises OSError when
    the inbox itself cannot be listed.
    """
    found = new = changed = 0
    for chunk in batched(folders(inbox), CHUNK):
        added, altered = _enter(database, inbox_name(inbox), chunk)
        found, new, changed = found + len(chunk), new + added, changed + altered
    return Discovery(found, new, changed, found - new - changed)


@dataclass(frozen=True, slots=True)
class _Seen:
    name: str
    signature: str
    fingerprint: str


def _enter(database: Database, inbox: str, chunk: Sequence[Folder]) -> tuple[int, int]:
    with database.reading() as work:
        known = {
            name: row.signature
            for name, row in _known(work, [f.name for f in chunk]).items()
            if row.inbox == inbox
        }
    seen = [
        _Seen(folder.name, folder.signature, _fingerprint(folder))
        for folder in chunk
        if known.get(folder.name) != folder.signature
    ]
    return database.transact(lambda work: _register(work, inbox, seen)) if seen else (0, 0)


def _register(work: UnitOfWork, inbox: str, seen: Sequence[_Seen]) -> tuple[int, int]:
    known = _known(work, [folder.name for folder in seen])
    new = [folder for folder in seen if folder.name not in known]
    changed = [f for f in seen if f.name in known and known[f.name].fingerprint != f.fingerprint]
    touched = [f for f in seen if f.name in known and known[f.name].fingerprint == f.fingerprint]
    if new:
        work.session.execute(insert(ApplicationRow), [_new(inbox, folder) for folder in new])
    for folder in changed:
        _update(work, folder, inbox=inbox, fingerprint=folder.fingerprint, **_AFRESH)
    for folder in touched:
        _update(work, folder, inbox=inbox)
    return len(new), len(changed)


_AFRESH = {
    "state": ApplicationState.PENDING,
    "attempts": 0,
    "claims": 0,
    "error": None,
    "owner": None,
    "leased_until": None,
}


def _new(inbox: str, folder: _Seen) -> dict[str, object]:
    return {
        "application_id": folder.name,
        "inbox": inbox,
        "signature": folder.signature,
        "fingerprint": folder.fingerprint,
        "created_at": now(),
        **_AFRESH,
    }


def _update(work: UnitOfWork, folder: _Seen, **values: object) -> None:
    where = ApplicationRow.application_id == folder.name
    work.session.execute(update(ApplicationRow).where(where).values(signature=folder.signature, **values))


def _known(work: UnitOfWork, names: Sequence[str]) -> dict[str, ApplicationRow]:
    rows = work.session.scalars(select(ApplicationRow).where(ApplicationRow.application_id.in_(names)))
    return {row.application_id: row for row in rows}


def _fingerprint(folder: Folder) -> str:
    try:
        return fingerprint(folder.path)
    except OSError:
        return folder.signature  # not the bytes, but it changes when they do


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
