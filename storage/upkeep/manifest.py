"""What a backup consists of: its parts, the list of its files, and the manifest that is written last.

    DEST/
    ├── manifest.json        when, of which schema, under which keys; the hash of the list; sealed under the key
    ├── files.jsonl          path, size and SHA-256 of every file below, in the order of their paths
    ├── database/            registry.db (SQLite) or registry.dump (PostgreSQL's custom format)
    └── evidence/ab/ab…      the files of the evidence store, sealed as they are kept

A folder without a manifest is no backup: it was cut off while it was made.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from storage.errors import RestoreImpossible, WrongKey
from storage.keys import Keyring

FORM = 1
"""Form of the backups that this version makes, and the only one that it restores."""
MANIFEST, LISTING = "manifest.json", "files.jsonl"
DATABASE, EVIDENCE = "database", "evidence"
COPIES = {"sqlite": "registry.db", "postgresql": "registry.dump"}
"""Name of the copy of the database in its folder, by the kind of database."""

_SEALED_AS = "backup.manifest"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup tells of itself, without opening anything.

    `database` is `sqlite` or `postgresql`, `schema` its revision, `kanit` the version that made the backup. `key_ids`
    names the keys, the current one first, that it is sealed under; they are not in it. `evidence` counts the files of
    the evidence store, `missing` those that the registry named and that were not there; `total_bytes` is of all files.
    """

    backup: int
    made_at: datetime
    kanit: str
    database: str
    schema: str
    key_ids: tuple[str, ...]
    evidence: int
    missing: int
    total_bytes: int
    listing_sha256: str
    seal: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the manifest as plain JSON values."""
        return {**asdict(self), "made_at": self.made_at.isoformat(), "key_ids": list(self.key_ids)}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a backup: its path in it, with `/`, its size in bytes and its hash."""

    path: str
    size: int
    sha256: str


_MANIFEST, _ENTRY = TypeAdapter(Manifest), TypeAdapter(Entry)


def files_of(folder: Path) -> Iterator[str]:
    """Yield the paths of all files of a backup but its manifest and list, in their order."""
    for part in (DATABASE, EVIDENCE):
        yield from _below(folder, part)


def _below(folder: Path, path: str) -> Iterator[str]:
    for entry in sorted(os.scandir(folder / path), key=lambda each: each.name):
        inside = f"{path}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _below(folder, inside)
        else:
            yield inside


def write_listing(folder: Path) -> tuple[int, str]:
    """List the files of a backup as they were written; return their bytes and the hash of the list."""
    total, digest = 0, hashlib.sha256()
    with (folder / LISTING).open("xb") as listing:
        for path in files_of(folder):
            entry = _entry(folder, path)
            total += entry.size
            line = json.dumps(asdict(entry)).encode() + b"\n"
            digest.update(line)
            listing.write(line)
        listing.flush()
        os.fsync(listing.fileno())
    return total, digest.hexdigest()


def write_manifest(folder: Path, manifest: Manifest, keys: Keyring) -> Manifest:
    """Seal and write the manifest, whole or not at all, and return it."""
    sealed = replace(manifest, seal=keys.seal(_content(manifest), _SEALED_AS).hex())
    draft = folder / f".{MANIFEST}"
    with draft.open("x", encoding="utf-8") as file:
        file.write(json.dumps(sealed.as_json(), indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / MANIFEST)
    _keep(folder)
    return sealed


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a backup. Raises RestoreImpossible when there is none, or one of another form."""

    def missing(reason: str) -> RestoreImpossible:
        return RestoreImpossible(text="backup_missing", path=folder, reason=reason, manifest=MANIFEST)

    try:
        content = json.loads((folder / MANIFEST).read_text("utf-8"))
        form = content["backup"]
        if form != FORM:
            raise RestoreImpossible(text="backup_unknown_form", found=form)
        return _MANIFEST.validate_python(content)
    except OSError:
        raise missing("no_manifest") from None
    except (ValueError, KeyError, TypeError, ValidationError):
        raise missing("unreadable_manifest") from None


def check_seal(manifest: Manifest, keys: Keyring) -> None:
    """See that the keys at hand are those of the backup, and that its manifest is as it was sealed.

    Raises RestoreImpossible.
    """
    try:
        content = keys.unseal(bytes.fromhex(manifest.seal), _SEALED_AS)
    except (WrongKey, ValueError):
        content = ""
    if content != _content(manifest):
        found = ", ".join(manifest.key_ids)
        raise RestoreImpossible(text="backup_of_another_key", found=found, own=", ".join(keys.ids))


def check_files(folder: Path, manifest: Manifest) -> None:
    """Compare every file with the manifest. Raises RestoreImpossible at the first that is not as it says."""
    if _hash(folder / LISTING)[1] != manifest.listing_sha256:
        raise _damaged(LISTING, "altered")
    for part in (DATABASE, EVIDENCE):
        if not (folder / part).is_dir():
            raise _damaged(part, "missing")
    for path, entry in zip_longest(files_of(folder), entries(folder)):
        if entry is None or (path is not None and path < entry.path):
            raise _damaged(path, "surplus")
        if path != entry.path:
            raise _damaged(entry.path, "missing")
        if _entry(folder, path) != entry:
            raise _damaged(path, "altered")


def entries(folder: Path) -> Iterator[Entry]:
    """Yield what the list of a backup says."""
    with (folder / LISTING).open("rb") as listing:
        for line in listing:
            yield _ENTRY.validate_json(line)


def _damaged(file: str, reason: str) -> RestoreImpossible:
    return RestoreImpossible(text="backup_damaged", file=file, reason=reason)


def _content(manifest: Manifest) -> str:
    return json.dumps({**manifest.as_json(), "seal": ""}, sort_keys=True)


def _entry(folder: Path, path: str) -> Entry:
    return Entry(path, *_hash(folder / path))


def _hash(path: Path) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                size += len(block)
                digest.update(block)
    except FileNotFoundError:
        raise _damaged(path.name, "missing") from None
    return size, digest.hexdigest()


def _keep(folder: Path) -> None:
    """Make a folder's entries survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
