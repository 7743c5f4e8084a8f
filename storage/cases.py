"""Which applications are to be judged, in which order, and on what: facts that were read, and what the registry knows.

The order is the same in every run, so that a batch that was killed and one that was not come to the same registry:
personnel records first, because providers may only add people who have one (Kılavuz m.6(3)(ğ), m.7(1)(d)), then
providers, then their additions and removals; within a wave by the moment of e-signature (`storage.turns`). Judging
begins when the whole inbox has been read, so that the earlier of two applications that share a paper is known to the
later one.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import ColumnElement, and_, case, or_, select

from extractors.facts import Document, Upload
from storage.batches import IN_VALUES, batched
from storage.database import UnitOfWork
from storage.desk.corrections import NONE as NOT_CORRECTED
from storage.desk.corrections import corrections_of
from storage.elsewhere import Post, lacking_the_note, posts_of, titles_elsewhere
from storage.facts import unpack_document, unpack_upload
from storage.issuer import answered_since, stored_answers
from storage.keys import Keyring, person_index
from storage.known import is_recorded, known_of, newly_employed, unseal_declaration
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
from storage.turns import CHANGES_WHAT_IS_ASKED, Step, in_turns
from validators.application import ADDS_PEOPLE, Application, Problem, Procedure
from validators.case import RegistryFacts
from validators.issuer import IssuerAnswer
from validators.policy import Policy

WAVES = {
    Procedure.PERSONNEL_REGISTRATION: 0,
    Procedure.PERSONNEL_UPDATE: 1,
    Procedure.PROVIDER_REGISTRATION: 2,
    Procedure.PERSONNEL_ADDITION: 3,
    Procedure.PERSONNEL_REMOVAL: 3,
}
"""Places of the procedures in the order of judging; all others, and what could not be parsed, come last."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One application as it is to be judged; `application` is None exactly when there are `problems`.

    `corrections` are the keys of the rulings by which officers corrected what was read; the uploads are as corrected.
    """

    application_key: int
    application_id: str
    version_key: int
    fingerprint: str
    application: Application | None
    problems: tuple[Problem, ...]
    uploads: tuple[Upload, ...]
    registry: RegistryFacts
    corrections: tuple[int, ...] = ()

    def run_key(self, policy: Policy, pipeline_version: str, keys: Keyring) -> str:
        """Return the hash of all that the judgement depends on; the same key means the same judgement."""
        content = {
            "application": self.application_id,
            "fingerprint": self.fingerprint,
            "policy": policy.model_dump(mode="json"),
            "pipeline": pipeline_version,
            "registered": _indexes(keys, self.registry.registered),
            "employed": _indexes(keys, self.registry.employed),
            "certificates": _certificates(keys, self.registry),
            "reused": {document: sorted(users) for document, users in self.registry.reused.items()},
            "issuer": {document: asdict(answer) for document, answer in self.registry.issuer.items()},
            "elsewhere": sorted(
                (person_index(keys, p).hex(), titles) for p, titles in (self.registry.elsewhere or {}).items()
            ),
            **({"corrections": self.corrections} if self.corrections else {}),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _indexes(keys: Keyring, people: Collection[str] | None) -> list[str] | None:
    return None if people is None else sorted(person_index(keys, person).hex() for person in people)


def _certificates(keys: Keyring, registry: RegistryFacts) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the sets that were known; names of files may hold a T.C. number, so they are indexed."""
    return sorted(
        (
            person_index(keys, person).hex(),
            sorted((one.sha256, keys.index(one.name, "certificate").hex()) for one in certificates),
        )
        for person, certificates in (registry.certificates or {}).items()
    )


def unjudged(work: UnitOfWork, inbox: str) -> tuple[tuple[int, ...], ...]:
    """Return the keys of the applications that were read and not judged: one tuple a wave, in order.

    A wave must be judged whole before the next one begins; within it, in any order.
    """
    return _waves(work, ApplicationRow.inbox == inbox, ApplicationRow.state == ApplicationState.READ)


def due_for_rejudging(work: UnitOfWork, inbox: str) -> tuple[tuple[int, ...], ...]:
    """Return the keys, by wave, of judged applications that lacked a personnel record which exists by now.

    And of removals that did not find the person at the provider, whose addition was verified since; of those that did
    not know that a person works at another provider by an application submitted earlier; and of those that lacked an
    issuer's answer which has come since.
    """
    lacking = (
        select(JudgementRow.application_key)
        .join(JudgedPerson, JudgedPerson.judgement_key == JudgementRow.id)
        .join(Person, Person.person_index == JudgedPerson.person_index)
        .where(JudgementRow.current, JudgedPerson.registered.is_(False), is_recorded())
    )
    judged = ApplicationRow.state == ApplicationState.JUDGED
    due = or_(
        ApplicationRow.id.in_(lacking),
        ApplicationRow.id.in_(newly_employed(work, inbox)),
        ApplicationRow.id.in_(lacking_the_note(work, inbox)),
        ApplicationRow.id.in_(answered_since()),
    )
    return _waves(work, ApplicationRow.inbox == inbox, judged, due)


def judged_before(work: UnitOfWork, application_ids: Collection[str] = ()) -> tuple[tuple[int, ...], ...]:
    """Return the keys, by wave, of the judged applications of all inboxes, or of those with these ids."""
    judged = ApplicationRow.state == ApplicationState.JUDGED
    if application_ids:
        return _waves(work, judged, ApplicationRow.application_id.in_(application_ids))
    return _waves(work, judged)


def _waves(work: UnitOfWork, *where: ColumnElement[bool]) -> tuple[tuple[int, ...], ...]:
    wave = case(WAVES, value=Version.procedure, else_=len(WAVES))
    rows = work.session.execute(
        select(ApplicationRow.id, Version.procedure, wave)
        .join(Version, current_version())
        .where(*where)
        .order_by(wave, Version.submitted_at, ApplicationRow.application_id)
    )
    waves: dict[int, list[tuple[int, Procedure | None]]] = defaultdict(list)
    for key, procedure, place in rows:
        waves[place].append((key, procedure))
    return tuple(turn for wave in waves.values() for turn in _turns(work, wave))


def _turns(work: UnitOfWork, wave: Sequence[tuple[int, Procedure | None]]) -> tuple[tuple[int, ...], ...]:
    """Cut a wave where applications on one person must see each other's effects."""
    if all(procedure not in CHANGES_WHAT_IS_ASKED for _, procedure in wave):
        return (tuple(key for key, _ in wave),)
    people = _people_of(work, [key for key, _ in wave])
    return in_turns(
        Step(key, procedure, people[key])
        for key, procedure in wave
        if procedure is not None and key in people
    )


def _people_of(work: UnitOfWork, application_keys: Sequence[int]) -> Mapping[int, frozenset[str]]:
    people: dict[int, frozenset[str]] = {}
    for keys in batched(application_keys, IN_VALUES):
        rows = work.session.execute(
            select(ApplicationRow.id, Version)
            .join(Version, current_version())
            .where(ApplicationRow.id.in_(keys))
        )
        for row in rows:
            declared = declared_application(row.Version, work.keys)
            people[row.id] = frozenset(p.national_id for p in declared.people) if declared else frozenset()
    return people


def load_cases(work: UnitOfWork, application_keys: Sequence[int]) -> tuple[CaseFile, ...]:
    """Load what these applications are judged on, in their order; ten queries, however many they are.

    Applications that have not been read, or changed since, are left out, as are those whose facts were destroyed.
    """
    rows = work.session.execute(
        select(ApplicationRow, Version)
        .join(Version, current_version())
        .where(ApplicationRow.id.in_(application_keys))
    ).all()
    versions = {row.ApplicationRow.id: row.Version for row in rows}
    names = {row.ApplicationRow.id: row.ApplicationRow.application_id for row in rows}
    declared = {version.id: declared_application(version, work.keys) for version in versions.values()}
    uploads = load_uploads(work, list(declared))
    corrections = corrections_of(work, list(declared))
    parsed = [application for application in declared.values() if application is not None]
    known, posts = known_of(work, parsed), posts_of(work, [a for a in parsed if a.procedure in ADDS_PEOPLE])
    reused = reused_papers(work, list(declared))
    files = tuple(
        CaseFile(
            application_key=key,
            application_id=names[key],
            version_key=version.id,
            fingerprint=version.fingerprint,
            application=declared[version.id],
            problems=_problems(version, work.keys),
            uploads=uploads[version.id],
            registry=_registry_facts(
                work.keys,
                declared[version.id],
                known,
                _by_key(uploads[version.id], reused[version.id]),
                posts,
            ),
            corrections=corrections.get(version.id, NOT_CORRECTED).rulings,
        )
        for key in application_keys
        if (version := versions.get(key)) is not None
    )
    return _with_answers(work, files)


def load_uploads(work: UnitOfWork, version_keys: Collection[int]) -> Mapping[int, tuple[Upload, ...]]:
    """Load the uploads of versions with their documents as officers corrected them, in their order. Raises WrongKey."""
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
    for key, corrections in corrections_of(work, version_keys).items():
        uploads[key] = tuple(map(corrections.of_upload, uploads[key]))
    return uploads


def _with_answers(work: UnitOfWork, files: tuple[CaseFile, ...]) -> tuple[CaseFile, ...]:
    """Add what the issuers of the papers answered."""
    answers = stored_answers(work, (d for file in files for d in _documents(file)))
    return tuple(
        replace(file, registry=replace(file.registry, issuer=_of(answers, file))) if answers else file
        for file in files
    )


def _of(answers: Mapping[str, IssuerAnswer], file: CaseFile) -> Mapping[str, IssuerAnswer]:
    return {d.key: answers[d.key] for d in _documents(file) if d.key in answers}


def _documents(file: CaseFile) -> Iterator[Document]:
    return (document for upload in file.uploads for document in upload.documents)


def current_version() -> ColumnElement[bool]:
    """Tie applications to what was read of them; to nothing once retention has destroyed that."""
    return and_(
        Version.application_key == ApplicationRow.id,
        Version.fingerprint == ApplicationRow.fingerprint,
        Version.facts_destroyed_at.is_(None),
    )


def declared_application(version: Version, keys: Keyring) -> Application | None:
    """Return the declaration of a version, None where it did not parse. Raises WrongKey."""
    if version.declaration is None:
        return None
    return unseal_declaration(keys, version.declaration)


def _problems(version: Version, keys: Keyring) -> tuple[Problem, ...]:
    if version.problems is None:
        return ()
    return PROBLEMS.validate_json(keys.unseal_bytes(version.problems, "versions.problems"))


def _by_key(uploads: Iterable[Upload], users: Mapping[int, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """Name by their keys the documents that are known by their positions."""
    keys = [document.key for upload in uploads for document in upload.documents]
    return {keys[position]: applications for position, applications in users.items()}


def _registry_facts(
    keys: Keyring,
    application: Application | None,
    known: Mapping[str, RegistryFacts],
    reused: Mapping[str, tuple[str, ...]],
    posts: Mapping[str, tuple[Post, ...]],
) -> RegistryFacts:
    if application is None:
        return RegistryFacts(reused=reused)
    facts = replace(known[application.application_id], reused=reused)
    if application.procedure not in ADDS_PEOPLE:
        return facts
    return replace(facts, elsewhere=titles_elsewhere(keys, application, posts))
