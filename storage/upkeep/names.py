"""Which files of the evidence store the rows of a registry name, a folder of the store at a time."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute

from storage.database import UnitOfWork
from storage.evidence import MAX_BYTES
from storage.models import ApplicationRow, CondemnedFile, UploadRow, Version

FOLDERS = tuple(f"{number:02x}" for number in range(256))
"""The folders of an evidence store. Each holds some four thousandths of all names, so that these fit into memory."""

_TOLD = 3
"""Applications that are named of a file that several have."""


@dataclass(frozen=True, slots=True)
class Named:
    """Names of files: those that rows need, those that retention is about to remove, those that it has destroyed."""

    needed: frozenset[str]
    condemned: frozenset[str]
    destroyed: frozenset[str]


def named_in(work: UnitOfWork, folder: str) -> Named:
    """Return the names that rows have for files of a folder."""
    condemned = select(CondemnedFile.sha256).where(_within(CondemnedFile.sha256, folder))
    everything = union(*_named(folder, destroyed=True)).subquery()
    return Named(
        needed_in(work, folder),
        frozenset(work.session.scalars(condemned)),
        frozenset(work.session.scalars(select(everything.c.sha256))),
    )


def needed_in(work: UnitOfWork, folder: str) -> frozenset[str]:
    """Return the names of the files of a folder that must be there."""
    needed = union(*_named(folder, destroyed=False)).subquery()
    return frozenset(work.session.scalars(select(needed.c.sha256)))


def applications_with(work: UnitOfWork, sha256: str) -> list[str]:
    """Return the ids of the first applications that have this file as upload or petition."""
    uploaded = select(UploadRow.version_key).where(UploadRow.sha256 == sha256)
    found = (
        select(ApplicationRow.application_id)
        .join(Version, Version.application_key == ApplicationRow.id)
        .where(or_(Version.petition == sha256, Version.id.in_(uploaded)))
        .distinct()
        .order_by(ApplicationRow.application_id)
        .limit(_TOLD)
    )
    return list(work.session.scalars(found))


def _named(folder: str, *, destroyed: bool) -> tuple[Select[Any], ...]:
    """Select hashes of uploads and petitions. An upload that is too large to be kept is named and never there."""
    mark = Version.evidence_destroyed_at
    kept = mark.is_not(None) if destroyed else mark.is_(None)
    uploads = select(UploadRow.sha256).join(Version, Version.id == UploadRow.version_key)
    return (
        uploads.where(_within(UploadRow.sha256, folder), UploadRow.size <= MAX_BYTES, kept),
        select(Version.petition.label("sha256")).where(_within(Version.petition, folder), kept),
    )


def _within(column: InstrumentedAttribute[Any], folder: str) -> ColumnElement[bool]:
    following = f"{int(folder, 16) + 1:02x}" if folder != FOLDERS[-1] else "g"
    return (column >= folder) & (column < following)
