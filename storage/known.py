"""What the registry knows of the people whom an application names: records, certificates, employments.

All of it is as of the moment of the application's e-signature, and what the application itself did is left out: judged
again, it is asked the same question.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import aliased

from storage.batches import IN_VALUES, batched
from storage.database import UnitOfWork
from storage.desk.cases import was_approved
from storage.keys import Keyring, person_index, tax_index
from storage.models import (
    RUNNING,
    ApplicationRow,
    ApplicationState,
    DocumentRow,
    Employment,
    JudgedPerson,
    JudgementRow,
    Person,
    Provider,
    RegistryState,
    UploadRow,
    Version,
)
from validators.application import ADDS_PEOPLE, OWN_RECORD, Application, Procedure
from validators.case import Certificate, RegistryFacts
from validators.finding import Decision

NEEDS_RECORD = ADDS_PEOPLE | {Procedure.PERSONNEL_UPDATE}
"""Procedures that need a personnel record of everybody they name (m.5(1), m.6(3)(ğ), m.7(1)(d))."""

Moment = tuple[datetime, str]
"""When an application was signed, and its id: of two that were signed at one moment, the first id comes first."""


def known_of(work: UnitOfWork, applications: Iterable[Application]) -> Mapping[str, RegistryFacts]:
    """Return by application id what the registry knows of the declared people; at most four queries for some thousand.

    What a procedure does not ask about is None.
    """
    asked = list(applications)
    registered = _registered(work, [a for a in asked if a.procedure in NEEDS_RECORD])
    sets = _certificates(work, [a for a in asked if a.procedure in OWN_RECORD])
    employed = _employed(work, [a for a in asked if a.procedure is Procedure.PERSONNEL_REMOVAL])
    return {
        a.application_id: RegistryFacts(
            registered=registered & _numbers(a) if a.procedure in NEEDS_RECORD else None,
            certificates=sets.get(a.application_id),
            employed=employed.get(a.application_id),
        )
        for a in asked
    }


def is_recorded() -> Any:
    """Return the condition that a person has a personnel record: one that was made and is no tombstone (m.4(3))."""
    return and_(Person.registered_at.is_not(None), Person.state != RegistryState.DELETED)


def unseal_declaration(keys: Keyring, sealed: bytes) -> Application:
    """Return the declaration that a version holds. Raises WrongKey."""
    return Application.model_validate_json(keys.unseal(sealed, "versions.declaration"))


def newly_employed(work: UnitOfWork, inbox: str) -> frozenset[int]:
    """Return the keys of judged removals whose people were not found at the provider then, and are found now.

    Their addition was signed before the removal and verified only after it, for instance because a personnel record
    was missing.
    """
    found = work.session.execute(_not_found().where(ApplicationRow.inbox == inbox)).all()
    removals = {row.id: unseal_declaration(work.keys, row.declaration) for row in found}
    employed = _employed(work, list(removals.values()))
    missed = ((row.id, work.keys.unseal(row.national_id, "judged_people.national_id")) for row in found)
    return frozenset(key for key, number in missed if number in employed[removals[key].application_id])


def _not_found() -> Select[tuple[Any, ...]]:
    runs = select(Employment.id).where(Employment.person_key == Person.id, Employment.state.in_(RUNNING))
    return (
        select(ApplicationRow.id, Version.declaration, JudgedPerson.national_id)
        .join(JudgementRow, JudgementRow.application_key == ApplicationRow.id)
        .join(Version, Version.id == JudgementRow.version_key)
        .join(JudgedPerson, JudgedPerson.judgement_key == JudgementRow.id)
        .join(Person, Person.person_index == JudgedPerson.person_index)
        .where(
            ApplicationRow.state == ApplicationState.JUDGED,
            JudgementRow.current,
            JudgedPerson.employed.is_(False),
            Version.declaration.is_not(None),
            runs.exists(),
        )
    )


def _numbers(application: Application) -> frozenset[str]:
    return frozenset(person.national_id for person in application.people)


def _moment(application: Application) -> Moment:
    return application.submitted_at, application.application_id


def _by_index(keys: Keyring, applications: Iterable[Application]) -> dict[bytes, str]:
    numbers = {number for application in applications for number in _numbers(application)}
    return {person_index(keys, number): number for number in numbers}


def _registered(work: UnitOfWork, applications: Iterable[Application]) -> frozenset[str]:
    """Return which of the declared people have a personnel record, by one query for all."""
    people = _by_index(work.keys, applications)
    known: set[bytes] = set()
    for indexes in batched(people, IN_VALUES):
        where = (Person.person_index.in_(indexes), is_recorded())
        known.update(work.session.scalars(select(Person.person_index).where(*where)))
    return frozenset(people[index] for index in known)


@dataclass(frozen=True, slots=True)
class _Set:
    """A set of certificates that was in force once: since when, and the version whose uploads it is."""

    since: Moment
    version_key: int


def _certificates(
    work: UnitOfWork, applications: Sequence[Application]
) -> Mapping[str, Mapping[str, tuple[Certificate, ...]]]:
    """Return by application and person the set that the application would replace (m.5(2)(ç))."""
    sets = _sets(work, applications)
    replaced = {
        application.application_id: {
            number: newest
            for number in _numbers(application)
            if (newest := _newest_before(sets[number], application)) is not None
        }
        for application in applications
    }
    files = _files(work, {one.version_key for people in replaced.values() for one in people.values()})
    return {
        name: {number: files[one.version_key] for number, one in people.items()}
        for name, people in replaced.items()
    }


def _newest_before(sets: Iterable[_Set], application: Application) -> _Set | None:
    before = (one for one in sets if one.since < _moment(application))
    return max(before, key=lambda one: (one.since, one.version_key), default=None)


def _sets(work: UnitOfWork, applications: Iterable[Application]) -> Mapping[str, list[_Set]]:
    people = _by_index(work.keys, applications)
    sets: dict[str, list[_Set]] = defaultdict(list)
    for indexes in batched(people, IN_VALUES):
        for row in work.session.execute(_in_force().where(JudgedPerson.person_index.in_(indexes))):
            found = _Set((row.submitted_at, row.application_id), row.id)
            sets[people[row.person_index]].append(found)
    return sets


def _in_force() -> Select[tuple[Any, ...]]:
    """Return the query for sets of certificates that were ever in force, and were not deleted with the record.

    Those uploaded for several people together belong to nobody.
    """
    uploaded = select(UploadRow.position).where(UploadRow.version_key == Version.id)
    other = aliased(JudgedPerson)
    together = select(other.position).where(other.judgement_key == JudgementRow.id, other.position > 0)
    return (
        select(JudgedPerson.person_index, Version.id, Version.submitted_at, ApplicationRow.application_id)
        .join(JudgementRow, JudgementRow.id == JudgedPerson.judgement_key)
        .join(Version, Version.id == JudgementRow.version_key)
        .join(ApplicationRow, ApplicationRow.id == Version.application_key)
        .join(Person, Person.person_index == JudgedPerson.person_index)
        .where(
            or_(JudgementRow.decision == Decision.VERIFIED, was_approved(JudgementRow)),
            Version.procedure.in_(OWN_RECORD),
            or_(Person.deleted_as_of.is_(None), Version.submitted_at > Person.deleted_as_of),
            uploaded.exists(),
            ~together.exists(),
        )
        .distinct()
    )


def _files(work: UnitOfWork, version_keys: Collection[int]) -> Mapping[int, tuple[Certificate, ...]]:
    files: dict[int, dict[str, Certificate]] = defaultdict(dict)
    for keys in batched(sorted(version_keys), IN_VALUES):
        rows = (
            select(DocumentRow.version_key, DocumentRow.name, DocumentRow.sha256)
            .where(DocumentRow.version_key.in_(keys))
            .order_by(DocumentRow.version_key, DocumentRow.position)
        )
        for row in work.session.execute(rows):
            name = work.keys.unseal(row.name, "documents.name")
            files[row.version_key].setdefault(row.sha256, Certificate(name, row.sha256))
    return defaultdict(tuple, {key: tuple(inside.values()) for key, inside in files.items()})


@dataclass(frozen=True, slots=True)
class _Post:
    """An employment: signed when, and the removal that ended it, where one did."""

    signed_at: datetime
    runs: bool
    ended_by: str | None


def _employed(work: UnitOfWork, applications: Sequence[Application]) -> Mapping[str, frozenset[str]]:
    """Return by application the people who worked at its provider when it was signed (m.7(1)(g)).

    What the application itself has ended counts as running.
    """
    posts = _posts(work, applications)
    return {a.application_id: frozenset(_working(work.keys, a, posts)) for a in applications}


def _working(
    keys: Keyring, removal: Application, posts: Mapping[tuple[str, bytes], Sequence[_Post]]
) -> Iterator[str]:
    provider = tax_index(keys, removal.provider.tax_number) if removal.provider else b""
    for number in _numbers(removal):
        for post in posts.get((number, provider), ()):
            runs = post.runs or post.ended_by == removal.application_id
            if runs and post.signed_at <= removal.submitted_at:
                yield number


def _posts(
    work: UnitOfWork, applications: Iterable[Application]
) -> Mapping[tuple[str, bytes], Sequence[_Post]]:
    people = _by_index(work.keys, applications)
    removal = aliased(ApplicationRow)
    posts: dict[tuple[str, bytes], list[_Post]] = defaultdict(list)
    for indexes in batched(people, IN_VALUES):
        rows = (
            select(
                Person.person_index,
                Provider.tax_index,
                Employment.state,
                Version.submitted_at,
                removal.application_id,
            )
            .join(Employment, Employment.person_key == Person.id)
            .join(Provider, Provider.id == Employment.provider_key)
            .join(JudgementRow, JudgementRow.id == Employment.judgement_key)
            .join(Version, Version.id == JudgementRow.version_key)
            .outerjoin(removal, removal.id == Employment.ended_by)
            .where(Person.person_index.in_(indexes))
        )
        for row in work.session.execute(rows):
            post = _Post(row.submitted_at, row.state in RUNNING, row.application_id)
            posts[people[row.person_index], row.tax_index].append(post)
    return posts
