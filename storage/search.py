"""The queries of Kılavuz m.8: who works where.

A record shows the six facts of m.8(1)(c) and nothing else: T.C. number, name, state, day of registration, where the
person works, and the certificate files. What the evidence says stays with the officers (`storage.cards`). A record that
was deleted on petition (m.4(3)) is not found.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, select

from storage.batches import IN_VALUES, batched
from storage.database import UnitOfWork
from storage.keys import person_index, tax_index
from storage.matching import NameQuery, TitleQuery
from storage.models import RUNNING, Employment, Person, Provider, RegistryState, UploadRow
from validators.titles import TitleMatch, compare_titles


@dataclass(frozen=True, slots=True)
class Workplace:
    """An organisation that a person works at (çalıştığı kuruluş)."""

    title: str


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
    """A provider and the people who work there (m.8(1)(e))."""

    title: str
    people: tuple[PersonRecord, ...]


class Answer(StrEnum):
    """Whether a person is recorded under the provider that was asked about."""

    YES = "yes"
    NO = "no"
    UNCERTAIN = "uncertain"
    """The titles agree only in part, or but for Turkish letters: somebody must compare."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Under which providers a person is recorded (m.8(2)): in subcontracting this counts, whoever won the contract.

    Without a record, `state` is None and `works_at` empty. `asked` is the title that was asked about, and
    `recorded_there` the answer; both None where nobody asked.
    """

    national_id: str
    given_name: str | None
    family_name: str | None
    state: RegistryState | None
    registered_at: datetime | None
    works_at: tuple[Workplace, ...]
    asked: str | None
    recorded_there: Answer | None


def registration_of(work: UnitOfWork, national_id: str, asked: str | None = None) -> Registration:
    """Answer under which providers a person is recorded, and whether one of them is the provider asked about."""
    found = person_by_national_id(work, national_id)
    works_at = found.works_at if found else ()
    return Registration(
        national_id=national_id,
        given_name=found.given_name if found else None,
        family_name=found.family_name if found else None,
        state=found.state if found else None,
        registered_at=found.registered_at if found else None,
        works_at=works_at,
        asked=asked,
        recorded_there=_recorded_at(works_at, asked) if asked is not None else None,
    )


def _recorded_at(works_at: tuple[Workplace, ...], asked: str) -> Answer:
    matches = [compare_titles(place.title, asked) for place in works_at]
    if TitleMatch.SAME in matches:
        return Answer.YES
    part = any(TitleQuery.of(asked).finds(place.title) for place in works_at)
    return Answer.UNCERTAIN if part or any(match.uncertain for match in matches) else Answer.NO


def person_by_national_id(work: UnitOfWork, national_id: str) -> PersonRecord | None:
    """Find a person by T.C. number (m.8(1)(ç))."""
    records = _people(work, Person.person_index == person_index(work.keys, national_id))
    return records[0] if records else None


def people_by_name(work: UnitOfWork, name: str) -> tuple[PersonRecord, ...]:
    """Find people by given and family name (m.8(1)(ç)): those of exactly this name first, then those with more names.

    Case, Turkish letters, order and spaces do not count. One word alone finds nobody. Names are sealed, so all of them
    are opened: two seconds for a hundred thousand people.
    """
    found = list(_named(work, NameQuery.of(name)))
    exact = [key for key, whole in found if whole]
    more = [key for key, whole in found if not whole]
    return _people(work, Person.id.in_(exact)) + _people(work, Person.id.in_(more))


def _named(work: UnitOfWork, asked: NameQuery) -> Iterator[tuple[int, bool]]:
    """Yield the keys of the people of a name, each with whether nothing of the name was left out."""
    if not asked.is_whole:
        return
    for row in work.session.execute(select(Person.id, Person.given_name, Person.family_name)):
        given = work.keys.unseal(row.given_name, "people.given_name")
        family = work.keys.unseal(row.family_name, "people.family_name")
        if asked.finds(given, family):
            yield row.id, asked.is_all_of(given, family)


def provider_by_tax_number(work: UnitOfWork, tax_number: str) -> ProviderRecord | None:
    """Find a provider by its tax number, with the people who work there."""
    records = _providers(work, Provider.tax_index == tax_index(work.keys, tax_number))
    return records[0] if records else None


def providers_by_title(work: UnitOfWork, title: str) -> tuple[ProviderRecord, ...]:
    """Find providers by their title or a part of it, with the people who work there (m.8(1)(e))."""
    return _providers(work, Provider.id.in_(titled(work, title)))


def titled(work: UnitOfWork, title: str) -> list[int]:
    """Return the keys of the providers whose title contains the text (see `TitleQuery`).

    Titles are sealed, so all of them are opened and compared: some milliseconds for a thousand providers.
    """
    asked = TitleQuery.of(title)
    if asked.is_empty:
        return []
    rows = work.session.execute(select(Provider.id, Provider.title))
    return [row.id for row in rows if asked.finds(work.keys.unseal(row.title, "providers.title"))]


def _people(work: UnitOfWork, where: ColumnElement[bool]) -> tuple[PersonRecord, ...]:
    rows = work.session.scalars(
        select(Person).where(where, Person.state != RegistryState.DELETED).order_by(Person.id)
    ).all()
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
    """Return where people work now; employments that have ended are not among the facts of m.8."""
    found: dict[int, list[Workplace]] = defaultdict(list)
    for keys in batched(person_keys, IN_VALUES):
        rows = work.session.execute(
            select(Employment.person_key, Provider.title)
            .join(Provider, Provider.id == Employment.provider_key)
            .where(Employment.person_key.in_(keys), Employment.state.in_(RUNNING))
            .order_by(Employment.id)
        )
        for row in rows:
            found[row.person_key].append(Workplace(work.keys.unseal(row.title, "providers.title")))
    return found


def _certificates(work: UnitOfWork, version_keys: Collection[int]) -> Mapping[int | None, list[Certificates]]:
    found: dict[int | None, list[Certificates]] = defaultdict(list)
    for keys in batched(version_keys, IN_VALUES):
        rows = work.session.scalars(
            select(UploadRow).where(UploadRow.version_key.in_(keys)).order_by(UploadRow.position)
        )
        for row in rows:
            name = work.keys.unseal(row.name, "uploads.name")
            found[row.version_key].append(Certificates(name, row.sha256))
    return found


def _providers(work: UnitOfWork, where: ColumnElement[bool]) -> tuple[ProviderRecord, ...]:
    rows = work.session.execute(select(Provider.id, Provider.title).where(where).order_by(Provider.id)).all()
    return tuple(
        ProviderRecord(work.keys.unseal(row.title, "providers.title"), _employed(work, row.id))
        for row in rows
    )


def _employed(work: UnitOfWork, provider_key: int) -> tuple[PersonRecord, ...]:
    running = (Employment.provider_key == provider_key, Employment.state.in_(RUNNING))
    return _people(work, Person.id.in_(select(Employment.person_key).where(*running)))
