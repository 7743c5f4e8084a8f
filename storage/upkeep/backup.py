"""`kanit store backup`: database and evidence copied together, consistently, while everything goes on.

Files are copied before the database and after it. A file is kept before a row names it, so whatever the copy of the
database names was there when it was made; only retention removes files, and if it removed one in between, the database
is copied again. Files that the copy does not name are taken out of it: a backup must not bring back what was destroyed.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

from storage.columns import now
from storage.database import Database, open_existing
from storage.errors import BackupImpossible, EvidenceMissing
from storage.evidence import EvidenceStore
from storage.schema import check_current
from storage.settings import Settings
from storage.upkeep.copies import copy_database
from storage.upkeep.manifest import (
    COPIES,
    DATABASE,
    EVIDENCE,
    FORM,
    Manifest,
    write_listing,
    write_manifest,
)
from storage.upkeep.names import FOLDERS, needed_in

TRIES = 3
"""How often the database is copied when retention has removed files meanwhile."""
_NAMES = ".names"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made; `missing` are the files that the registry needs and the store does not have."""

    folder: Path
    manifest: Manifest
    missing: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the object of `kanit store backup --json`."""
        return {"folder": str(self.folder), **self.manifest.as_json(), "missing": list(self.missing)}


def back_up(settings: Settings, folder: Path) -> Backup:
    """Copy the registry and the evidence of the settings into a folder that is not there yet, or empty.

    Raises BackupImpossible, and StorageError where there is nothing to copy or it cannot be read; then nothing is left.
    """
    with closing(open_existing(settings)) as database:
        return back_up_from(database, EvidenceStore(settings.evidence_url, database.keys), folder)


def back_up_from(database: Database, store: EvidenceStore, folder: Path) -> Backup:
    """Copy an open registry and its store. Raises as `back_up`."""
    with _new(folder):
        try:
            return _Maker(database, store, folder).make()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise BackupImpossible(text="backup_unwritable", path=folder, reason=reason) from error


@contextmanager
def _new(folder: Path) -> Iterator[None]:
    """Make the folder, where it is not there; take out of it again what was put into it, if that fails."""
    try:
        was_there = folder.is_dir()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise BackupImpossible(text="backup_place_taken", path=folder)
        (folder / DATABASE).mkdir(mode=0o700)  # of two backups to one place, the second one stops here
    except (FileExistsError, NotADirectoryError):
        raise BackupImpossible(text="backup_place_taken", path=folder) from None
    except OSError as error:
        raise BackupImpossible(text="backup_unwritable", path=folder, reason=error.strerror) from error
    try:
        yield
    except BaseException:
        for entry in folder.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        if not was_there:
            folder.rmdir()
        raise


class _Maker:
    def __init__(self, database: Database, store: EvidenceStore, folder: Path) -> None:
        self._database = database
        self._store = store
        self._folder = folder
        self._kind = database.engine.dialect.name
        self._names = folder / _NAMES

    def make(self) -> Backup:
        (self._folder / EVIDENCE).mkdir(mode=0o700)
        for part in FOLDERS:
            self._copy(self._needed(part))
        schema, missing = self._copy_as_of_one_moment()
        self._prune()
        self._names.unlink()
        copied = sum(1 for part in FOLDERS for _ in self._copied(part))
        total, listing = write_listing(self._folder)
        keys = self._database.keys.now()
        manifest = Manifest(
            backup=FORM,
            made_at=now(),
            kanit=version("kanit"),
            database=self._kind,
            schema=schema,
            key_ids=(keys.id, *(each for each in keys.ids if each != keys.id)),
            evidence=copied,
            missing=len(missing),
            total_bytes=total,
            listing_sha256=listing,
        )
        return Backup(self._folder, write_manifest(self._folder, manifest, keys), missing)

    def _copy_as_of_one_moment(self) -> tuple[str, tuple[str, ...]]:
        """Copy the database and what it names; return its schema, and what it names and is not there."""
        for _ in range(TRIES):
            schema = self._copy_database()
            missing = [name for _, names in self._named() for name in self._copy(names)]
            if not self._destroyed(missing):
                return schema, tuple(missing)
            (self._folder / DATABASE / COPIES[self._kind]).unlink()
        raise BackupImpossible(text="backup_retention_runs")

    def _copy_database(self) -> str:
        with self._database.snapshot() as work:
            schema = check_current(work.session.connection())
            copy_database(work, self._folder / DATABASE / COPIES[self._kind])
            with self._names.open("w", encoding="ascii") as names:
                for part in FOLDERS:
                    names.writelines(f"{name}\n" for name in sorted(needed_in(work, part)))
        return schema

    def _needed(self, part: str) -> frozenset[str]:
        return self._database.read(lambda work: needed_in(work, part))

    def _named(self) -> Iterator[tuple[str, list[str]]]:
        """Yield what the copy of the database names, folder by folder."""
        with self._names.open(encoding="ascii") as names:
            for part, lines in groupby(names, key=lambda line: line[:2]):
                yield part, [line.rstrip("\n") for line in lines]

    def _destroyed(self, missing: Iterable[str]) -> bool:
        """Return whether a file is missing that the registry does not need by now: retention removed it meanwhile."""
        return any(name not in self._needed(name[:2]) for name in missing)

    def _copy(self, names: Iterable[str]) -> list[str]:
        """Copy the files that were not copied yet, and return those that are not there."""
        missing = []
        for name in sorted(names):
            target = self._folder / EVIDENCE / name[:2] / name
            if not target.exists():
                try:
                    _write(target, self._store.sealed(name))
                except EvidenceMissing:
                    missing.append(name)
        return missing

    def _copied(self, part: str) -> list[Path]:
        folder = self._folder / EVIDENCE / part
        return list(folder.iterdir()) if folder.is_dir() else []

    def _prune(self) -> None:
        """Take out what was copied and the copy of the database does not name."""
        named = dict.fromkeys(FOLDERS, frozenset[str]())
        for part, names in self._named():
            self._keep_only(part, frozenset(names))
            del named[part]
        for part in named:
            self._keep_only(part, frozenset())

    def _keep_only(self, part: str, names: frozenset[str]) -> None:
        for file in self._copied(part):
            if file.name not in names:
                file.unlink()


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
