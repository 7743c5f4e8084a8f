"""Which versions of applications name a person, in what role, and who else is declared in them.

Declarations and facts are sealed, so all of them are opened: some seconds for a hundred thousand applications. An index
would find declared people only; whoever asks what is kept about them asks for the papers in other people's uploads too.
"""

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from extractors.facts import Document
from storage.batches import IN_VALUES, batched
from storage.database import UnitOfWork
from storage.desk.audit import Action, LineFilter, lines
from storage.facts import unpack_document
from storage.keys import person_indexes
from storage.known import unseal_declaration
from storage.models import ApplicationRow, DocumentRow, JudgedPerson, JudgementRow, Version
from validators.application import Application

_ROWS = 500


class Role(StrEnum):
    """What a person is in an application."""

    DECLARED = "declared"
    """One of its people."""
    PROVIDER = "provider"
    """The provider: a sole trader, whose tax number is the T.C. number."""
    OFFICIAL = "official"
    """A partner or authorised person of the provider."""
    PAPER = "paper"
    """Named by a paper that was uploaded."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A version of an application that names a person.

    `papers` are the positions of the documents that name the person, `others` the T.C. numbers of the other declared
    people; `application` is None where the declaration did not parse.
    """

    version: Version
    application_id: str
    is_current: bool
    application: Application | None
    roles: frozenset[Role]
    papers: frozenset[int]
    others: frozenset[str]

    @property
    def is_sole(self) -> bool:
        """Whether the application is about nobody else, as far as it could be read: all of it is the person's."""
        return not self.others and (self.application is None or Role.DECLARED in self.roles)


def mentions_of(work: UnitOfWork, national_id: str) -> tuple[Mention, ...]:
    """Return the versions that name a person and still hold facts, the oldest first. Raises WrongKey."""
    roles: dict[int, set[Role]] = defaultdict(set)
    for key in _judged(work, national_id):
        roles[key].add(Role.DECLARED)
    for key, application in _declaring(work, national_id):
        roles[key] |= _roles(application, national_id)
    papers = _papers(work, national_id)
    for key in papers:
        roles[key].add(Role.PAPER)
    return tuple(_mentions(work, national_id, roles, papers))


def applications_naming(work: UnitOfWork, national_id: str) -> frozenset[str]:
    """Return the ids of the applications that name a person, or named the person until an erasure."""
    named = {mention.application_id for mention in mentions_of(work, national_id)}
    erasures = LineFilter(person=national_id, actions=(Action.PERSON_ERASED,))
    for line in lines(work, erasures, limit=_ROWS):
        named.update(line.details.get("applications", ()))
    return frozenset(named)


def names(document: Document, national_id: str) -> bool:
    """Tell whether a paper is the person's by its text or its QR code."""
    return national_id in numbers_on(document)


def numbers_on(document: Document) -> frozenset[str]:
    """Return the T.C. numbers of the owner that a paper shows: printed, and in its QR codes."""
    coded = {qr.national_id for qr in document.qrs if qr.national_id}
    printed = document.fields.get("national_id")
    return frozenset(
        coded | ({printed.value} if printed is not None and isinstance(printed.value, str) else set())
    )


def _judged(work: UnitOfWork, national_id: str) -> Iterator[int]:
    index = person_indexes(work.keys, national_id)
    found = (
        select(JudgementRow.version_key)
        .join(JudgedPerson, JudgedPerson.judgement_key == JudgementRow.id)
        .where(JudgedPerson.person_index.in_(index))
        .distinct()
    )
    yield from work.session.scalars(found)


def _declaring(work: UnitOfWork, national_id: str) -> Iterator[tuple[int, Application]]:
    """Yield the declarations that name the number anywhere."""
    sealed = select(Version.id, Version.declaration).where(Version.declaration.is_not(None))
    for row in work.session.execute(sealed.execution_options(yield_per=_ROWS)):
        # Parsing all of them would take ten times as long.
        if national_id in work.keys.unseal(row.declaration, "versions.declaration"):
            yield row.id, unseal_declaration(work.keys, row.declaration)


def _roles(application: Application, national_id: str) -> set[Role]:
    provider = application.provider
    is_role = {
        Role.DECLARED: any(person.national_id == national_id for person in application.people),
        Role.PROVIDER: provider is not None and provider.tax_number == national_id,
        Role.OFFICIAL: provider is not None and national_id in provider.officials,
    }
    return {role for role, is_so in is_role.items() if is_so}


def _papers(work: UnitOfWork, national_id: str) -> Mapping[int, set[int]]:
    """Return by version the positions of the documents in whose facts the number stands."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = select(DocumentRow.version_key, DocumentRow.position, DocumentRow.facts)
    whole = re.compile(rf"(?<![0-9]){national_id}(?![0-9])".encode())
    for row in work.session.execute(rows.execution_options(yield_per=_ROWS)):
        facts = zlib.decompress(work.keys.unseal_bytes(row.facts, "documents.facts"))
        if whole.search(facts):
            found[row.version_key].add(row.position)
    return found


def _mentions(
    work: UnitOfWork, national_id: str, roles: Mapping[int, set[Role]], papers: Mapping[int, set[int]]
) -> Iterator[Mention]:
    for keys in batched(sorted(roles), IN_VALUES):
        rows = work.session.execute(
            select(Version, ApplicationRow.application_id, ApplicationRow.fingerprint)
            .join(ApplicationRow, ApplicationRow.id == Version.application_key)
            .where(Version.id.in_(keys), Version.facts_destroyed_at.is_(None))
            .order_by(Version.id)
        )
        for row in rows:
            version: Version = row.Version
            sealed = version.declaration
            application = unseal_declaration(work.keys, sealed) if sealed is not None else None
            people = application.people if application is not None else ()
            # Of what did not parse only the papers are known, and whose they are.
            others = ({p.national_id for p in people} if people else _owners(work, version.id)) - {
                national_id
            }
            yield Mention(
                version,
                row.application_id,
                row.fingerprint == version.fingerprint,
                application,
                frozenset(roles[version.id]),
                frozenset(papers.get(version.id, ())),
                frozenset(others),
            )


def _owners(work: UnitOfWork, version_key: int) -> set[str]:
    facts = select(DocumentRow.facts).where(DocumentRow.version_key == version_key)
    documents = (
        unpack_document(work.keys.unseal_bytes(sealed, "documents.facts"))
        for sealed in work.session.scalars(facts)
    )
    return {number for document in documents for number in numbers_on(document)}
