"""The reading queue: pending applications are claimed in chunks under a lease, read, and entered with their facts.

A claim says who works on an application and until when. It ends with `store_readings`, `record_failures` or
`release`; or when the lease runs out because its owner died, or when `release_departed` finds that out sooner. Any
number of workers on any number of hosts may share one inbox; their clocks must agree to a few seconds.

What failed least comes first, then what was submitted first. An application whose reading failed rests for a while
before it is tried again, longer each time, and is parked in the end; `storage.queued` shows those and lets them go.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, String, and_, cast, func, not_, or_, select, update

from extractors.edevlet import normalise_barcode
from extractors.facts import Document, Upload
from storage.batches import bulk_insert
from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.facts import pack_document, pack_upload
from storage.keys import Keyring
from storage.leases import holds
from storage.models import ApplicationRow, ApplicationState, DocumentRow, UploadRow, Version
from validators.application import Application, Problem

LEASE = timedelta(minutes=5)
"""How long a claim holds without `renew`."""
PAUSES = (timedelta(seconds=5), timedelta(minutes=1), timedelta(hours=1))
"""How long an application rests after its first, second and third failed reading; the fourth parks it."""
MAX_ATTEMPTS = len(PAUSES) + 1
"""Readings of an application that may fail before it is parked."""
MAX_CLAIMS = 5
"""Claims that may end with the owner's death before the application is suspected of it and parked. More than
`MAX_ATTEMPTS`: documents are read in children, so a worker mostly dies for reasons of its own."""
FOLDER_CHANGED = "FOLDER_CHANGED"
"""Error of an application whose folder changed while it was read. It rests for the longest pause, since only the next
discovery makes it readable, and that frees it."""
OWNER_DIED = "OWNER_DIED"
"""Error of an application that was parked because `MAX_CLAIMS` owners in turn died."""

AFRESH: Mapping[str, Any] = {
    "state": ApplicationState.PENDING,
    "attempts": 0,
    "claims": 0,
    "error": None,
    "owner": None,
    "leased_until": None,
    "not_before": None,
}
"""The state of the work on an application that is to be read as if for the first time."""

PROBLEMS = TypeAdapter(tuple[Problem, ...])


@dataclass(frozen=True, slots=True)
class Claim:
    """An application to be read: its folder's name, and the fingerprint that its files had when it was found."""

    application_id: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read under a claim: the declaration or what is wrong with it, and the uploads with their documents.

    `petition` is the SHA-256 of the petition (m.4(3)), None where there is none or it was not kept.
    """

    claim: Claim
    application: Application | None
    problems: tuple[Problem, ...] = ()
    uploads: tuple[Upload, ...] = ()
    petition: str | None = None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is still to be read: free applications, claimed ones, and those that rest after a failure.

    `next_free` is when the first claim runs out, `next_due` when the first rest is over; None where there is none.
    """

    free: int
    claimed: int
    next_free: datetime | None
    resting: int = 0
    next_due: datetime | None = None


def claim(
    database: Database, inbox: str, owner: str, limit: int, lease: timedelta = LEASE
) -> tuple[Claim, ...]:
    """Claim up to `limit` pending applications for the owner; an empty result means that none is free.

    Two callers never get the same one. The oldest come first; after them those that failed or whose owners died.
    """
    return database.transact(lambda work: _claim(work, inbox, owner, limit, lease))


def _claim(work: UnitOfWork, inbox: str, owner: str, limit: int, lease: timedelta) -> tuple[Claim, ...]:
    rows = work.session.execute(
        select(
            ApplicationRow.id,
            (ApplicationRow.claims - ApplicationRow.attempts).label("deaths"),
            ApplicationRow.application_id,
            ApplicationRow.fingerprint,
        )
        .where(_pending(inbox), _unclaimed(), _rested())
        .order_by(ApplicationRow.claims, ApplicationRow.submitted_at.nulls_last(), ApplicationRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    _park(work, [row.id for row in rows if row.deaths >= MAX_CLAIMS])
    taken = [row for row in rows if row.deaths < MAX_CLAIMS]
    work.session.execute(
        update(ApplicationRow)
        .where(ApplicationRow.id.in_([row.id for row in taken]))
        .values(owner=owner, leased_until=now() + lease, claims=ApplicationRow.claims + 1)
    )
    return tuple(Claim(row.application_id, row.fingerprint) for row in taken)


def _park(work: UnitOfWork, ids: Sequence[int]) -> None:
    values = {"state": ApplicationState.FAILED, "error": OWNER_DIED, "owner": None, "leased_until": None}
    if ids:
        work.session.execute(update(ApplicationRow).where(ApplicationRow.id.in_(ids)).values(values))


def renew(database: Database, owner: str, lease: timedelta = LEASE) -> None:
    """Extend every claim of the owner; to be called well before the lease runs out."""
    where = and_(ApplicationRow.owner == owner, ApplicationRow.state == ApplicationState.PENDING)
    values = {"leased_until": now() + lease}
    database.transact(lambda work: work.session.execute(update(ApplicationRow).where(where).values(values)))


def release(database: Database, owner: str) -> None:
    """Give back what the owner claimed and did not read; it does not count against the applications."""
    _release(database, [owner], {"claims": ApplicationRow.claims - 1})


def release_dead(database: Database, owners: Collection[str]) -> None:
    """Take back what owners had claimed when they died."""
    if owners:
        _release(database, owners, {})


def _release(database: Database, owners: Collection[str], values: Mapping[str, Any]) -> None:
    where = and_(ApplicationRow.owner.in_(owners), ApplicationRow.state == ApplicationState.PENDING)
    change = update(ApplicationRow).where(where).values(owner=None, leased_until=None, **values)
    database.transact(lambda work: work.session.execute(change))


def backlog(database: Database, inbox: str) -> Backlog:
    """Return what of the inbox is still to be read. Judging may begin when nothing is."""
    return database.read(lambda work: _backlog(work, inbox))


def _backlog(work: UnitOfWork, inbox: str) -> Backlog:
    total, free, resting, next_free, next_due = work.session.execute(
        select(
            func.count(),
            func.count().filter(and_(_unclaimed(), _rested())),
            func.count().filter(and_(_unclaimed(), not_(_rested()))),
            func.min(ApplicationRow.leased_until),
            func.min(ApplicationRow.not_before).filter(and_(_unclaimed(), not_(_rested()))),
        ).where(_pending(inbox))
    ).one()
    return Backlog(free, total - free - resting, next_free, resting, next_due)


def store_readings(database: Database, owner: str, readings: Iterable[Reading]) -> frozenset[str]:
    """Enter what was read, all of it or nothing, and return the ids of the applications that it was entered for.

    A reading whose claim no longer stands (the lease ran out and somebody else has it, or the folder changed since) is
    left out: whoever has the claim now enters it.
    """
    listed, keys = tuple(readings), database.keys.under(database.keys.id)
    packed = [_pack(reading, keys) for reading in listed]

    def enter(work: UnitOfWork) -> frozenset[str]:
        if work.keys.id == keys.id:
            return _store(work, owner, packed)
        return _store(work, owner, [_pack(reading, work.keys) for reading in listed])  # rotated a moment ago

    return database.transact(enter)


def record_failures(database: Database, owner: str, errors: Mapping[str, str]) -> frozenset[str]:
    """Count a failed reading for each application id, with its error code, and return the ids that are now parked.

    Codes are short names such as `INTERNAL_ERROR`, never texts of a paper.
    """
    return database.transact(lambda work: _fail(work, owner, errors))


def _fail(work: UnitOfWork, owner: str, errors: Mapping[str, str]) -> frozenset[str]:
    parked = set()
    for row in _claimed(work, owner, errors):
        row.attempts += 1
        row.error = errors[row.application_id]
        row.owner = row.leased_until = None
        if row.attempts >= MAX_ATTEMPTS:
            row.state = ApplicationState.FAILED
            parked.add(row.application_id)
        else:
            row.not_before = now() + _pause(row.attempts, row.error)
    return frozenset(parked)


def _pause(attempts: int, error: str) -> timedelta:
    return PAUSES[-1] if error == FOLDER_CHANGED else PAUSES[attempts - 1]


def states(work: UnitOfWork, inbox: str) -> dict[ApplicationState, int]:
    """Count the applications of the inbox by the state of the work on them."""
    rows = work.session.execute(
        select(ApplicationRow.state, func.count())
        .where(ApplicationRow.inbox == inbox)
        .group_by(ApplicationRow.state)
    )
    return {state: count for state, count in rows}  # noqa: C416 - a row is no pair to mypy


@dataclass(frozen=True, slots=True)
class _Packed:
    claim: Claim
    version: Mapping[str, Any]
    uploads: Sequence[Mapping[str, Any]]
    documents: Sequence[Mapping[str, Any]]


def _store(work: UnitOfWork, owner: str, readings: Sequence[_Packed]) -> frozenset[str]:
    rows = {
        row.application_id: row for row in _claimed(work, owner, [r.claim.application_id for r in readings])
    }
    valid = [r for r in readings if _stands(rows.get(r.claim.application_id), r.claim)]
    _take_back(work, [rows[r.claim.application_id].id for r in valid])
    known = _known_versions(work, [rows[r.claim.application_id].id for r in valid])
    fresh = [r for r in valid if (rows[r.claim.application_id].id, r.claim.fingerprint) not in known]
    _insert(work, [(rows[r.claim.application_id].id, r) for r in fresh])
    done = [rows[r.claim.application_id].id for r in valid]
    work.session.execute(
        update(ApplicationRow)
        .where(ApplicationRow.id.in_(done))
        .values(state=ApplicationState.READ, error=None, owner=None, leased_until=None, not_before=None)
    )
    return frozenset(r.claim.application_id for r in valid)


def _take_back(work: UnitOfWork, application_keys: Sequence[int]) -> None:
    """Let files that come again, after retention destroyed them, count as kept, and be read as if for the first time.

    A version without facts gives up its fingerprint to the one that is read now.
    """
    current = select(ApplicationRow.fingerprint).where(ApplicationRow.id == Version.application_key)
    again = and_(
        Version.application_key.in_(application_keys), Version.fingerprint == current.scalar_subquery()
    )
    for gone, values in (
        (Version.facts_destroyed_at, {"fingerprint": cast(Version.id, String)}),
        (Version.evidence_destroyed_at, {"evidence_destroyed_at": None}),
    ):
        work.session.execute(update(Version).where(again, gone.is_not(None)).values(values))


def _stands(row: ApplicationRow | None, claim: Claim) -> bool:
    return row is not None and row.fingerprint == claim.fingerprint


def _claimed(work: UnitOfWork, owner: str, application_ids: Collection[str]) -> Sequence[ApplicationRow]:
    return work.session.scalars(
        select(ApplicationRow)
        .where(
            ApplicationRow.application_id.in_(application_ids),
            ApplicationRow.owner == owner,
            ApplicationRow.state == ApplicationState.PENDING,
        )
        .order_by(ApplicationRow.id)
        .with_for_update()
    ).all()


def _known_versions(work: UnitOfWork, application_keys: Sequence[int]) -> set[tuple[int, str]]:
    rows = work.session.execute(
        select(Version.application_key, Version.fingerprint).where(
            Version.application_key.in_(application_keys)
        )
    )
    return {(row.application_key, row.fingerprint) for row in rows}


def _insert(work: UnitOfWork, readings: Sequence[tuple[int, _Packed]]) -> None:
    if not readings:
        return
    keys = work.session.scalars(
        bulk_insert(Version).returning(Version.id, sort_by_parameter_order=True),
        [{**reading.version, "application_key": application} for application, reading in readings],
    ).all()
    rows: dict[type[UploadRow | DocumentRow], list[dict[str, Any]]] = defaultdict(list)
    for key, (_, reading) in zip(keys, readings, strict=True):
        rows[UploadRow] += [{**upload, "version_key": key} for upload in reading.uploads]
        rows[DocumentRow] += [{**document, "version_key": key} for document in reading.documents]
    for table in (UploadRow, DocumentRow):
        if rows[table]:
            work.session.execute(bulk_insert(table), rows[table])


def _pack(reading: Reading, keys: Keyring) -> _Packed:
    placed = [
        (place, document) for place, upload in enumerate(reading.uploads) for document in upload.documents
    ]
    return _Packed(
        reading.claim,
        _version_values(reading, keys),
        [_upload_values(place, upload, keys) for place, upload in enumerate(reading.uploads)],
        [_document_values(n, place, document, keys) for n, (place, document) in enumerate(placed)],
    )


def _version_values(reading: Reading, keys: Keyring) -> dict[str, Any]:
    application = reading.application
    problems = PROBLEMS.dump_json(reading.problems)
    return {
        "fingerprint": reading.claim.fingerprint,
        "procedure": application and application.procedure,
        "submitted_at": application and application.submitted_at,
        "declaration": application and keys.seal(application.model_dump_json(), "versions.declaration"),
        "problems": None if application else keys.seal_bytes(problems, "versions.problems"),
        "petition": reading.petition,
        "read_at": now(),
    }


def _upload_values(position: int, upload: Upload, keys: Keyring) -> dict[str, Any]:
    return {
        "position": position,
        "name": keys.seal(upload.name, "uploads.name"),
        "sha256": upload.sha256,
        "size": upload.size,
        "facts": keys.seal_bytes(pack_upload(upload), "uploads.facts"),
    }


def _document_values(position: int, upload: int, document: Document, keys: Keyring) -> dict[str, Any]:
    return {
        "position": position,
        "upload": upload,
        "name": keys.seal(document.name, "documents.name"),
        "sha256": document.id.removeprefix("sha256:"),
        "kind": document.kind,
        "media": document.media,
        "barcode_index": barcode_index(document, keys),
        "facts": keys.seal_bytes(pack_document(document), "documents.facts"),
    }


def barcode_index(document: Document, keys: Keyring) -> bytes | None:
    """Return the index of a paper's barcode number, that of its QR code first; None for a paper without one."""
    printed = document.barcodes[0].value if document.barcodes else None
    barcode = document.qr.barcode if document.qr else printed
    normal = normalise_barcode(barcode) if isinstance(barcode, str) else ""
    return keys.index(normal, "barcode") if normal else None


def _pending(inbox: str) -> ColumnElement[bool]:
    return and_(ApplicationRow.inbox == inbox, ApplicationRow.state == ApplicationState.PENDING)


def _unclaimed() -> ColumnElement[bool]:
    return or_(ApplicationRow.leased_until.is_(None), not_(holds(ApplicationRow.leased_until, now(), LEASE)))


def _rested() -> ColumnElement[bool]:
    return or_(ApplicationRow.not_before.is_(None), not_(holds(ApplicationRow.not_before, now(), PAUSES[-1])))
