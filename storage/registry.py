"""What a judgement changes in the registry: people, providers, employments.

Only a verified application writes: one flagged person makes the application wait for an officer, with everybody in it.
Nothing is ever removed here. When an application that once was verified is judged again and does not confirm a record
that came from it (it is flagged now, or its new version does not name the person), the record stays and is marked
`under_review` until an officer, or a later verified judgement, says otherwise. A record that was deleted on petition is
a tombstone (`storage.decisions`): only a registration that was signed after the petition makes it active again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from storage.batches import IN_VALUES, batched
from storage.cases import CaseFile
from storage.columns import Base
from storage.database import UnitOfWork
from storage.employments import (
    Ending,
    Shown,
    end_employments,
    proof_of,
    put_under_review,
    write_employments,
)
from storage.keys import Keyring, person_index, tax_index
from storage.models import Basis, Person, Provider, ProviderWorkplace, RegistryState
from validators.application import ADDS_PEOPLE, OWN_RECORD, Application, Procedure
from validators.application import Person as DeclaredPerson
from validators.case import Judgement
from validators.finding import Decision

_BASIS = {Procedure.PROVIDER_REGISTRATION: Basis.APPROVAL, Procedure.PERSONNEL_ADDITION: Basis.POST_HOC}


@dataclass(frozen=True, slots=True)
class Effect:
    """A judgement that has just become the current one of its application."""

    file: CaseFile
    judgement: Judgement
    judgement_key: int

    @property
    def verified(self) -> Application | None:
        """The declaration, where the application was verified."""
        return self.file.application if self.judgement.decision is Decision.VERIFIED else None


def apply_effects(work: UnitOfWork, effects: Sequence[Effect]) -> None:
    """Write what these judgements change, in their order; a fixed number of queries, however many they are."""
    verified = [(effect, application) for effect in effects if (application := effect.verified) is not None]
    people = _people(work, [application for _, application in verified])
    providers = _providers(work, [a for _, a in verified if a.procedure in ADDS_PEOPLE])
    _write_records(work, verified, people)
    _write_providers(work, verified, providers)
    shown = [
        item
        for effect, application in verified
        for item in _shown(work.keys, effect, application, people, providers)
    ]
    write_employments(work, shown)
    end_employments(work, [ending for effect, _ in verified for ending in _endings(work.keys, effect)])
    changed = [effect.file.application_key for effect in effects]
    put_under_review(work, changed, shown)
    _put_people_under_review(work, changed, verified)


def _shown(
    keys: Keyring,
    effect: Effect,
    application: Application,
    people: Mapping[bytes, Person],
    providers: Mapping[bytes, Provider],
) -> Iterator[Shown]:
    if application.procedure not in ADDS_PEOPLE or application.provider is None:
        return
    provider = providers[tax_index(keys, application.provider.tax_number)]
    for person in effect.judgement.people:
        row = people[person_index(keys, person.national_id)]
        if row.state is RegistryState.DELETED:  # since the judgement was made
            continue
        evidence, since = proof_of(person)
        yield Shown(
            person_key=row.id,
            provider_key=provider.id,
            application_key=effect.file.application_key,
            judgement_key=effect.judgement_key,
            signed_at=application.submitted_at,
            basis=_BASIS[application.procedure],
            route=person.route,
            since=since,
            evidence=evidence,
        )


def _endings(keys: Keyring, effect: Effect) -> Iterator[Ending]:
    application = effect.verified
    if application is None or application.procedure is not Procedure.PERSONNEL_REMOVAL:
        return
    if application.provider is not None:
        tax = tax_index(keys, application.provider.tax_number)
        for person in application.people:
            index = person_index(keys, person.national_id)
            yield Ending(index, tax, effect.file.application_key, application.submitted_at)


def _put_people_under_review(
    work: UnitOfWork, application_keys: Sequence[int], verified: Sequence[tuple[Effect, Application]]
) -> None:
    """Mark the personnel records that came from these applications and that they do not confirm any more."""
    confirmed = {
        (effect.file.application_key, person_index(work.keys, person.national_id))
        for effect, application in verified
        if application.procedure is Procedure.PERSONNEL_REGISTRATION
        for person in application.people
    }
    for row in work.session.scalars(select(Person).where(Person.registered_by.in_(application_keys))):
        if (row.registered_by, row.person_index) not in confirmed and row.state is RegistryState.ACTIVE:
            row.state = RegistryState.UNDER_REVIEW


def _people(work: UnitOfWork, applications: Sequence[Application]) -> Mapping[bytes, Person]:
    """Return the records of all declared people, new ones without a date of registration."""
    declared = {
        person_index(work.keys, person.national_id): (person, application)
        for application in applications
        if application.procedure in OWN_RECORD | ADDS_PEOPLE
        for person in application.people
    }
    # In the order of the index, so that two batches at once wait for each other and do not deadlock.
    ordered = sorted(declared)
    _insert_missing(work, Person, [_new_person(work.keys, *declared[index]) for index in ordered])
    people: dict[bytes, Person] = {}
    for indexes in batched(ordered, IN_VALUES):
        rows = (
            select(Person)
            .where(Person.person_index.in_(indexes))
            .order_by(Person.person_index)
            .with_for_update()
        )
        people |= {row.person_index: row for row in work.session.scalars(rows)}
    return people


def _new_person(keys: Keyring, person: DeclaredPerson, application: Application) -> dict[str, object]:
    return {
        "national_id": keys.seal(person.national_id, "people.national_id"),
        "person_index": person_index(keys, person.national_id),
        **_names(keys, person),
        "as_of": application.submitted_at,
        "state": RegistryState.ACTIVE,
    }


def _names(keys: Keyring, person: DeclaredPerson) -> dict[str, bytes]:
    return {
        "given_name": keys.seal(person.given_name, "people.given_name"),
        "family_name": keys.seal(person.family_name, "people.family_name"),
    }


def _write_records(
    work: UnitOfWork, verified: Sequence[tuple[Effect, Application]], people: Mapping[bytes, Person]
) -> None:
    for effect, application in verified:
        if application.procedure in OWN_RECORD:
            for declared in application.people:
                row = people[person_index(work.keys, declared.national_id)]
                _write_record(work.keys, effect, application, declared, row)


def _write_record(
    keys: Keyring, effect: Effect, application: Application, declared: DeclaredPerson, row: Person
) -> None:
    """Write a person's own record: earliest registration, newest names, newest set of certificates.

    A second registration is entered as an update is. What was signed before the record was deleted has no effect.
    """
    moment, key = application.submitted_at, effect.file.application_key
    if row.deleted_as_of is not None and moment <= row.deleted_as_of:
        return
    if application.procedure is Procedure.PERSONNEL_REGISTRATION:
        _register(row, moment, key)
    if row.state is RegistryState.DELETED:
        return
    if moment >= row.as_of:
        row.as_of = moment
        for name, value in _names(keys, declared).items():
            setattr(row, name, value)
    own = (
        bool(effect.file.uploads) and len(application.people) == 1
    )  # of several people's, nobody knows whose
    if own and (row.certified_as_of is None or moment >= row.certified_as_of):
        row.certified_by, row.certified_as_of = effect.file.version_key, moment


def _register(row: Person, moment: datetime, application_key: int) -> None:
    """Make the record active; one that was deleted begins anew, without the certificates of the old one."""
    deleted = row.state is RegistryState.DELETED
    if deleted:
        row.certified_by = row.certified_as_of = None
    doubtful = deleted or row.state is RegistryState.UNDER_REVIEW
    if row.registered_at is None or moment < row.registered_at or doubtful:
        row.registered_at, row.registered_by = moment, application_key
    row.state = RegistryState.ACTIVE


def _providers(work: UnitOfWork, applications: Sequence[Application]) -> Mapping[bytes, Provider]:
    """Return the providers of applications, made where they are new."""
    declared = {
        tax_index(work.keys, a.provider.tax_number): a for a in applications if a.provider is not None
    }
    _insert_missing(
        work, Provider, [_new_provider(work.keys, index, declared[index]) for index in sorted(declared)]
    )
    rows = (
        select(Provider)
        .where(Provider.tax_index.in_(declared))
        .order_by(Provider.tax_index)
        .with_for_update()
    )
    return {row.tax_index: row for row in work.session.scalars(rows)}


def _new_provider(keys: Keyring, index: bytes, application: Application) -> dict[str, object]:
    assert application.provider is not None  # noqa: S101 - the caller chose these applications
    return {
        "tax_number": keys.seal(application.provider.tax_number, "providers.tax_number"),
        "tax_index": index,
        "title": keys.seal(application.provider.title, "providers.title"),
        "as_of": application.submitted_at,
    }


def _write_providers(
    work: UnitOfWork, verified: Sequence[tuple[Effect, Application]], providers: Mapping[bytes, Provider]
) -> None:
    numbers: set[tuple[int, str]] = set()
    for effect, application in verified:
        if application.procedure not in ADDS_PEOPLE or application.provider is None:
            continue
        row = providers[tax_index(work.keys, application.provider.tax_number)]
        numbers |= {(row.id, number) for number in application.provider.workplace_numbers}
        if application.procedure is Procedure.PROVIDER_REGISTRATION and row.registered_at is None:
            row.registered_at, row.registered_by = application.submitted_at, effect.file.application_key
        if application.submitted_at >= row.as_of:
            mersis = application.provider.mersis_number
            row.as_of = application.submitted_at
            row.title = work.keys.seal(application.provider.title, "providers.title")
            row.mersis_number = (
                work.keys.seal(mersis, "providers.mersis_number") if mersis else row.mersis_number
            )
    rows = [{"provider_key": provider, "number": number} for provider, number in sorted(numbers)]
    _insert_missing(work, ProviderWorkplace, rows)


def _insert_missing(work: UnitOfWork, table: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert the rows that are not there yet, whoever else inserts them at the same time."""
    if rows:
        insert = postgresql.insert if work.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        work.session.execute(insert(table).on_conflict_do_nothing(), rows)
