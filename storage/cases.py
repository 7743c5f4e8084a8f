"""Which applications are to be judged, in which order, and on what: facts that were read, and what the registry knows.

The order is the same in every run, so that a batch that was killed and one that was not come to the same registry:
personnel records first, because providers may only add people who have one (Kılavuz m.6(3)(ğ), m.7(1)(d)), then
providers, then their additions; within a wave by the moment of e-signature. Judging begins when the whole inbox has
been read, so that the earlier of two applications that share a paper is known to the later one.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, select

from extractors.facts import Document, Upload
from storage.batches import IN_VALUES, batched
from storage.database import UnitOfWork
from storage.facts import unpack_document, unpack_upload
from storage.keys import Keyring
from storage.models import (
    ApplicationRow,
    ApplicationState,
    DocumentRow,
    JudgedPerson,
    JudgementRow,
    Person,
    UploadRow,
    Version,
)
from storage.queue import PROBLEMS
from storage.reuse import reused_papers
from validators.application import Application, Problem, Procedure
from validators.case import RegistryFacts
from validators.policy import Policy

WAVES = (
    Procedure.PERSONNEL_REGISTRATION,
    Procedure.PERSONNEL_UPDATE,
    Procedure.PROVIDER_REGISTRATION,
    Procedure.PERSONNEL_ADDITION,
)
"""Procedures in the order of judging; all others, and what could not be parsed, come last."""
ADDS_PEOPLE = frozenset({Procedure.PROVIDER_REGISTRATION, Procedure.PERSONNEL_ADDITION})
"""Procedures that need a personnel record of everybody they name."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One application as it is to be judged; `application` is None exactly when there are `problems`."""

    application_key: int
    application_id: str
    version_key: int
    fingerprint: str
    application: Application | None
    problems: tuple[Problem, ...]
    uploads: tuple[Upload, ...]
    registry: RegistryFacts

    def run_key(self, policy: Policy, pipeline_version: str, keys: Keyring) -> str:
        """Return the hash of all that the judgement depends on; the same key means the same judgement."""
        registered = self.registry.registered
        indexes = (
            None if registered is None else sorted(keys.index(p, "national_id").hex() for p in registered)
        )
        content = {
            "application": self.application_id,
            "fingerprint": self.fingerprint,
            "policy": policy.model_dump(mode="json"),
            "pipeline": pipeline_version,
            "registered": indexes,
            "reused": {document: sorted(users) for document, users in self.registry.reused.items()},
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def unjudged(work: UnitOfWork, inbox: str) -> tuple[tuple[int, ...], ...]:
    """Return the keys of the applications that were read and not judged: one tuple a wave, in order.

    A wave must be judged whole before the next one begins; within it, in any order.
    """
    return _waves(work, ApplicationRow.inbox == inbox, ApplicationRow.state == ApplicationState.READ)


def due_for_rejudging(work: UnitOfWork, inbox: str) -> tuple[tuple[int, ...], ...]:
    """Return the keys, by wave, of judged applications that lacked a personnel record which exists by now."""
    lacking = (
        select(JudgementRow.application_key)
        .join(JudgedPerson, JudgedPerson.judgement_key == JudgementRow.id)
        .join(Person, Person.person_index == JudgedPerson.person_index)
        .where(JudgementRow.current, JudgedPerson.registered.is_(False), Person.registered_at.is_not(None))
    )
    judged = ApplicationRow.state == ApplicationState.JUDGED
    return _waves(work, ApplicationRow.inbox == inbox, judged, ApplicationRow.id.in_(lacking))


def _waves(work: UnitOfWork, *where: ColumnElement[bool]) -> tuple[tuple[int, ...], ...]:
    wave = case(
        {procedure: place for place, procedure in enumerate(WAVES)}, value=Version.procedure, else_=len(WAVES)
    )
    rows = work.session.execute(
        select(ApplicationRow.id, wave)
        .join(Version, _current_version())
        .where(*where)
        .order_by(wave, Version.submitted_at, ApplicationRow.application_id)
    )
    waves: dict[int, list[int]] = defaultdict(list)
    for key, place in rows:
        waves[place].append(key)
    return tuple(tuple(keys) for keys in waves.values())


def load_cases(work: UnitOfWork, application_keys: Sequence[int]) -> tuple[CaseFile, ...]:
    """Load what these applications are judged on, in their order; seven queries, however many they are.

    Applications that have not been read, or changed since, are left out.
    """
    rows = work.session.execute(
        select(ApplicationRow, Version)
        .join(Version, _current_version())
        .where(ApplicationRow.id.in_(application_keys))
    ).all()
    versions = {row.ApplicationRow.id: row.Version for row in rows}
    names = {row.ApplicationRow.id: row.ApplicationRow.application_id for row in rows}
    declared = {version.id: _application(version, work.keys) for version in versions.values()}
    uploads = load_uploads(work, list(declared))
    registered = _registered(work, [a for a in declared.values() if a and a.procedure in ADDS_PEOPLE])
    reused = reused_papers(work, list(declared))
    return tuple(
        CaseFile(
            application_key=key,
            application_id=names[key],
            version_key=version.id,
            fingerprint=version.fingerprint,
            application=declared[version.id],
            problems=_problems(version, work.keys),
            uploads=uploads[version.id],
            registry=_registry_facts(
                declared[version.id], registered, _by_key(uploads[version.id], reused[version.id])
            ),
        )
        for key in application_keys
        if (version := versions.get(key)) is not None
    )


def load_uploads(work: UnitOfWork, version_keys: Collection[int]) -> Mapping[int, tuple[Upload, ...]]:
    """Load the uploads of versions with their documents, in their order. Raises WrongKey."""
    documents: dict[tuple[int, int], list[Document]] = defaultdict(list)
    for row in work.session.execute(
        select(DocumentRow.version_key, DocumentRow.upload, DocumentRow.facts)
        .where(DocumentRow.version_key.in_(version_keys))
        .order_by(DocumentRow.version_key, DocumentRow.position)
    ):
        packed = work.keys.unseal_bytes(row.facts, "documents.facts")
        documents[row.version_key, row.upload].append(unpack_document(packed))
    uploads: dict[int, tuple[Upload, ...]] = defaultdict(tuple)
    for row in work.session.execute(
        select(UploadRow.version_key, UploadRow.position, UploadRow.facts)
        .where(UploadRow.version_key.in_(version_keys))
        .order_by(UploadRow.version_key, UploadRow.position)
    ):
        packed = work.keys.unseal_bytes(row.facts, "uploads.facts")
        inside = tuple(documents[row.version_key, row.position])
        uploads[row.version_key] += (unpack_upload(packed, inside),)
    return uploads


def _current_version() -> ColumnElement[bool]:
    return and_(
        Version.application_key == ApplicationRow.id, Version.fingerprint == ApplicationRow.fingerprint
    )


def _application(version: Version, keys: Keyring) -> Application | None:
    if version.declaration is None:
        return None
    return Application.model_validate_json(keys.unseal(version.declaration, "versions.declaration"))


def _problems(version: Version, keys: Keyring) -> tuple[Problem, ...]:
    if version.problems is None:
        return ()
    return PROBLEMS.validate_json(keys.unseal_bytes(version.problems, "versions.problems"))


def _by_key(uploads: Iterable[Upload], users: Mapping[int, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """Name by their keys the documents that are known by their positions."""
    keys = [document.key for upload in uploads for document in upload.documents]
    return {keys[position]: applications for position, applications in users.items()}


def _registry_facts(
    application: Application | None, registered: frozenset[str], reused: Mapping[str, tuple[str, ...]]
) -> RegistryFacts:
    if application is None or application.procedure not in ADDS_PEOPLE:
        return RegistryFacts(None, reused)
    return RegistryFacts(registered & {person.national_id for person in application.people}, reused)


def _registered(work: UnitOfWork, applications: Iterable[Application]) -> frozenset[str]:
    """Return which of the declared people have a personnel record, by one query for all."""
    people = {
        work.keys.index(person.national_id, "national_id"): person.national_id
        for application in applications
        for person in application.people
    }
    known: set[bytes] = set()
    for indexes in batched(people, IN_VALUES):
        registered = select(Person.person_index).where(
            Person.person_index.in_(indexes), Person.registered_at.is_not(None)
        )
        known.update(work.session.scalars(registered))
    return frozenset(people[index] for index in known)
