"""What an officer sees of a record: the registry card (sicil kartı) of a provider, and that of a person.

Other than the queries of Kılavuz m.8 (`storage.search`), a card tells on what evidence and by which judgement, shows
who worked at a provider and does not any more, and keeps a record that was deleted on petition (m.4(3)) as a tombstone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from storage.database import UnitOfWork
from storage.keys import person_index, tax_index
from storage.models import (
    ApplicationRow,
    Basis,
    Employment,
    JudgementRow,
    Person,
    Provider,
    ProviderWorkplace,
    RegistryState,
    Standing,
    Version,
)
from storage.proofs import Proof, Rest, proofs_of
from storage.search import titled
from validators.finding import Route


@dataclass(frozen=True, slots=True)
class EmploymentCard:
    """Who works, or worked, where; since when, on what evidence, by which application and judgement.

    `since` is None where the paper does not print the day. `basis` says who looks at it when: approval (m.6(3)(ı)) or
    afterwards (m.7(1)(f)). `ended_by` is the id of the application that ended it. `evidence_destroyed_at` says since
    when the uploaded files are gone by retention; once the facts are gone as well, `evidence` is None.
    """

    national_id: str
    given_name: str
    family_name: str
    provider: str
    standing: Standing
    basis: Basis
    since: date | None
    route: Route | None
    evidence: Proof | None
    application_id: str
    judgement: int
    judged_at: datetime
    policy: str
    policy_version: str
    ended_at: datetime | None
    ended_by: str | None
    evidence_destroyed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProviderCard:
    """The registry card of a provider. `registered_at` is None for one that is known from later additions only."""

    title: str
    tax_number: str
    mersis_number: str | None
    workplace_numbers: tuple[str, ...]
    registered_at: datetime | None
    registered_by: str | None
    employments: tuple[EmploymentCard, ...]


@dataclass(frozen=True, slots=True)
class PersonCard:
    """All that the registry knows of a person's record; `deleted_as_of` is the moment of a petition (m.4(3))."""

    national_id: str
    given_name: str
    family_name: str
    state: RegistryState
    registered_at: datetime | None
    registered_by: str | None
    deleted_as_of: datetime | None
    employments: tuple[EmploymentCard, ...]


def provider_card(work: UnitOfWork, tax_number: str) -> ProviderCard | None:
    """Return the card of the provider with this tax number."""
    cards = _provider_cards(work, Provider.tax_index == tax_index(work.keys, tax_number))
    return cards[0] if cards else None


def provider_cards(work: UnitOfWork, title: str) -> tuple[ProviderCard, ...]:
    """Return the cards of the providers whose title contains the text."""
    return _provider_cards(work, Provider.id.in_(titled(work, title)))


def person_card(work: UnitOfWork, national_id: str) -> PersonCard | None:
    """Return the card of a person, of a deleted record too."""
    found = work.session.execute(
        select(Person, ApplicationRow.application_id)
        .outerjoin(ApplicationRow, ApplicationRow.id == Person.registered_by)
        .where(Person.person_index == person_index(work.keys, national_id))
    ).one_or_none()
    if found is None:
        return None
    row = found.Person
    return PersonCard(
        national_id=work.keys.unseal(row.national_id, "people.national_id"),
        given_name=work.keys.unseal(row.given_name, "people.given_name"),
        family_name=work.keys.unseal(row.family_name, "people.family_name"),
        state=row.state,
        registered_at=row.registered_at,
        registered_by=found.application_id,
        deleted_as_of=row.deleted_as_of,
        employments=_employments(work, Employment.person_key == row.id),
    )


def _provider_cards(work: UnitOfWork, where: ColumnElement[bool]) -> tuple[ProviderCard, ...]:
    rows = work.session.execute(
        select(Provider, ApplicationRow.application_id)
        .outerjoin(ApplicationRow, ApplicationRow.id == Provider.registered_by)
        .where(where)
        .order_by(Provider.id)
    ).all()
    return tuple(_provider(work, row.Provider, row.application_id) for row in rows)


def _provider(work: UnitOfWork, row: Provider, registered_by: str | None) -> ProviderCard:
    mersis = row.mersis_number
    return ProviderCard(
        title=work.keys.unseal(row.title, "providers.title"),
        tax_number=work.keys.unseal(row.tax_number, "providers.tax_number"),
        mersis_number=work.keys.unseal(mersis, "providers.mersis_number") if mersis else None,
        workplace_numbers=_numbers(work, row.id),
        registered_at=row.registered_at,
        registered_by=registered_by,
        employments=_employments(work, Employment.provider_key == row.id),
    )


def _numbers(work: UnitOfWork, provider_key: int) -> tuple[str, ...]:
    numbers = select(ProviderWorkplace.number).where(ProviderWorkplace.provider_key == provider_key)
    return tuple(work.session.scalars(numbers.order_by(ProviderWorkplace.number)))


def _employments(work: UnitOfWork, where: ColumnElement[bool]) -> tuple[EmploymentCard, ...]:
    """Load employments with what they rest on: those that run first, then the ended ones, each in their order."""
    ending = aliased(ApplicationRow)
    rows: Sequence[Any] = work.session.execute(
        select(
            Employment,
            Person.national_id,
            Person.given_name,
            Person.family_name,
            Provider.title,
            ApplicationRow.application_id,
            JudgementRow,
            Version.evidence_destroyed_at,
            ending.application_id.label("ended_by"),
        )
        .join(Person, Person.id == Employment.person_key)
        .join(Provider, Provider.id == Employment.provider_key)
        .join(ApplicationRow, ApplicationRow.id == Employment.application_key)
        .join(JudgementRow, JudgementRow.id == Employment.judgement_key)
        .join(Version, Version.id == JudgementRow.version_key)
        .outerjoin(ending, ending.id == Employment.ended_by)
        .where(where)
        .order_by(Employment.id)
    ).all()
    cards = _cards(work, rows)
    return tuple(sorted(cards, key=lambda card: card.standing is Standing.ENDED))


def _cards(work: UnitOfWork, rows: Sequence[Any]) -> Iterator[EmploymentCard]:
    numbers = [work.keys.unseal(row.national_id, "people.national_id") for row in rows]
    rests = [
        Rest(row.JudgementRow.version_key, row.Employment.evidence, number)
        for row, number in zip(rows, numbers, strict=True)
    ]
    proofs = proofs_of(work, rests)
    for row, rest in zip(rows, rests, strict=True):
        yield _card(work, row, rest.national_id, proofs.get(rest))


def _card(work: UnitOfWork, row: Any, national_id: str, evidence: Proof | None) -> EmploymentCard:
    employment, judgement = row.Employment, row.JudgementRow
    return EmploymentCard(
        national_id=national_id,
        given_name=work.keys.unseal(row.given_name, "people.given_name"),
        family_name=work.keys.unseal(row.family_name, "people.family_name"),
        provider=work.keys.unseal(row.title, "providers.title"),
        standing=employment.standing,
        basis=employment.basis,
        since=employment.since,
        route=employment.route,
        evidence=evidence,
        application_id=row.application_id,
        judgement=judgement.id,
        judged_at=judgement.created_at,
        policy=judgement.policy,
        policy_version=judgement.policy_version,
        ended_at=employment.ended_at,
        ended_by=row.ended_by,
        evidence_destroyed_at=row.evidence_destroyed_at,
    )
