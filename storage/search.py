"""The queries of Kılavuz m.8: who works where.

A record shows the six facts of m.8(1)(c) and nothing else: T.C. number, name, state, day of registration, where the
person works, and the certificate files. What the evidence says stays with the reviewers.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select

from extractors.turkish import fold
from storage.database import UnitOfWork
from storage.models import Employment, Person, Provider, ProviderWorkplace, RegistryState, UploadRow
from storage.registry import name_index, person_index, tax_index


@dataclass(frozen=True, slots=True)
class Workplace:
    """An organisation that a person works at (çalıştığı kuruluş)."""

    title: str
    since: date | None
    state: RegistryState


@dataclass(frozen=True, slots=True)
class Certificates:
    """One uploaded file of certificates; its bytes are in the evidence store under its hash."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What a health-service provider may see of a person. `registered_at` is None without a personnel record."""

    national_id: str
    given_name: str
    family_name: str
    state: RegistryState
    registered_at: datetime | None
    works_at: tuple[Workplace, ...]
    certificates: tuple[Certificates, ...]


@dataclass(frozen=True, slots=True)
class ProviderRecord:
    """A provider with its identifiers and the people who work there."""

    title: str
    tax_number: str
    mersis_number: str | None
    workplace_numbers: tuple[str, ...]
    registered_at: datetime | None
    people: tuple[PersonRecord, ...]


def person_by_national_id(work: UnitOfWork, national_id: str) -> PersonRecord | None:
    """Find a person by T.C. number (m.8(1)(ç))."""
    records = _people(work, Person.person_index == person_index(work.keys, national_id))
    return records[0] if records else None


def people_by_name(work: UnitOfWork, name: str) -> tuple[PersonRecord, ...]:
    """Find people by given and family name together (m.8(1)(ç)); case and Turkish letters do not count."""
    return _people(work, Person.name_index == name_index(work.keys, name))


def provider_by_tax_number(work: UnitOfWork, tax_number: str) -> ProviderRecord | None:
    """Find a provider by its tax number."""
    records = _providers(work, Provider.tax_index == tax_index(work.keys, tax_number))
    return records[0] if records else None


def providers_by_title(work: UnitOfWork, title: str) -> tuple[ProviderRecord, ...]:
    """Find providers whose title contains the text, with the people who work there (m.8(1)(e)).

    Titles are sealed, so all of them are opened and compared: some milliseconds for a thousand providers.
    """
    wanted = " ".join(fold(title).split())
    rows = work.session.execute(select(Provider.id, Provider.title))
    ids = [
        row.id
        for row in rows
        if wanted in " ".join(fold(work.keys.unseal(row.title, "providers.title")).split())
    ]
    return _providers(work, Provider.id.in_(ids)) if wanted else ()


def _people(work: UnitOfWork, where: ColumnElement[bool]) -> tuple[PersonRecord, ...]:
    rows = work.session.scalars(select(Person).where(where).order_by(Person.id)).all()
    works_at = _workplaces(work, [row.id for row in rows])
    certificates = _certificates(work, [row.certified_by for row in rows if row.certified_by is not None])
    return tuple(
        PersonRecord(
            national_id=work.keys.unseal(row.national_id, "people.national_id"),
            given_name=work.keys.unseal(row.given_name, "people.given_name"),
            family_name=work.keys.unseal(row.family_name, "people.family_name"),
            state=row.state,
            registered_at=row.registered_at,
            works_at=tuple(works_at[row.id]),
            certificates=tuple(certificates[row.certified_by]),
        )
        for row in rows
    )


def _workplaces(work: UnitOfWork, person_keys: Collection[int]) -> Mapping[int, list[Workplace]]:
    """Return where people work now; employments that were closed are not among the facts of m.8."""
    found: dict[int, list[Workplace]] = defaultdict(list)
    rows = work.session.execute(
        select(Employment.person_key, Employment.since, Employment.state, Provider.title)
        .join(Provider, Provider.id == Employment.provider_key)
        .where(Employment.person_key.in_(person_keys), Employment.state != RegistryState.CLOSED)
        .order_by(Employment.id)
    )
    for row in rows:
        title = work.keys.unseal(row.title, "providers.title")
        found[row.person_key].append(Workplace(title, row.since, row.state))
    return found


def _certificates(work: UnitOfWork, version_keys: Collection[int]) -> Mapping[int | None, list[Certificates]]:
    found: dict[int | None, list[Certificates]] = defaultdict(list)
    rows = work.session.scalars(
        select(UploadRow).where(UploadRow.version_key.in_(version_keys)).order_by(UploadRow.position)
    )
    for row in rows:
        found[row.version_key].append(Certificates(work.keys.unseal(row.name, "uploads.name"), row.sha256))
    return found


def _providers(work: UnitOfWork, where: ColumnElement[bool]) -> tuple[ProviderRecord, ...]:
    rows = work.session.scalars(select(Provider).where(where).order_by(Provider.id)).all()
    return tuple(_provider(work, row, _numbers(work, row.id)) for row in rows)


def _provider(work: UnitOfWork, row: Provider, numbers: Sequence[str]) -> ProviderRecord:
    running = (Employment.provider_key == row.id, Employment.state != RegistryState.CLOSED)
    employed = select(Employment.person_key).where(*running)
    mersis = row.mersis_number
    return ProviderRecord(
        title=work.keys.unseal(row.title, "providers.title"),
        tax_number=work.keys.unseal(row.tax_number, "providers.tax_number"),
        mersis_number=work.keys.unseal(mersis, "providers.mersis_number") if mersis else None,
        workplace_numbers=tuple(numbers),
        registered_at=row.registered_at,
        people=_people(work, Person.id.in_(employed)),
    )


def _numbers(work: UnitOfWork, provider_key: int) -> Sequence[str]:
    numbers = select(ProviderWorkplace.number).where(ProviderWorkplace.provider_key == provider_key)
    return work.session.scalars(numbers.order_by(ProviderWorkplace.number)).all()
