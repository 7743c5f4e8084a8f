"""What rules ask about: a paper, a person's claim, a whole dossier; and how they answer (`Ask`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from extractors.facts import Box, Document, FaultCode, Field, Kind, TextSource, Value
from validators.application import Application, Person, Procedure, Provider
from validators.case import Case, RegistryFacts
from validators.catalogue import legal_basis
from validators.fields import day_in, groups_of, owner_of, text_of
from validators.finding import Code, Finding, Level, Outcome
from validators.official import Conclusion, Proof, is_sole_trader, read_proof
from validators.policy import Policy

EVIDENCE_KINDS = frozenset({Kind.SERVICE_STATEMENT, Kind.ENTRY_DECLARATION})
"""The papers that show a person's bond by themselves; both come from e-Devlet with a QR code."""
REFUSED_KINDS = frozenset({Kind.EXIT_DECLARATION, Kind.SOCIAL_SECURITY_RECORD})
"""Genuine papers that are no evidence in any procedure of the guide."""
_UNREAD = frozenset({FaultCode.DOCUMENT_UNREADABLE, FaultCode.DOCUMENT_ENCRYPTED, FaultCode.MALWARE_FOUND})


class Seen(Protocol):
    """Anything that was seen on a page."""

    @property
    def page(self) -> int:
        """Page, from 1."""

    @property
    def box(self) -> Box:
        """Where on the page."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer was seen: document (its key), page and box, each None where there is no such place."""

    document: str | None = None
    page: int | None = None
    box: Box | None = None


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Ask:
    """Makes findings under one policy and procedure: the only place where levels and clauses are looked up."""

    policy: Policy
    procedure: Procedure | None

    def passed(self, code: Code, at: Place = NOWHERE, /, **facts: Value) -> Finding:
        """Answer that a question was asked and passed."""
        return self._finding(code, Outcome.PASSED, Level.NOTE, at, facts)

    def failed(self, code: Code, at: Place = NOWHERE, /, **facts: Value) -> Finding:
        """Answer that a question was asked and failed."""
        return self._finding(code, Outcome.FAILED, self.policy.level(code), at, facts)

    def unclear(self, code: Code, at: Place = NOWHERE, /, **facts: Value) -> Finding:
        """Answer that a question could not be decided."""
        return self._finding(code, Outcome.INDETERMINATE, self.policy.level(code), at, facts)

    def _finding(
        self, code: Code, outcome: Outcome, level: Level, at: Place, facts: Mapping[str, Value]
    ) -> Finding:
        basis = legal_basis(code, self.procedure)
        return Finding(code, outcome, level, basis, facts, at.document, at.page, at.box)


@dataclass(frozen=True, slots=True)
class Paper:
    """One document as the rules see it."""

    document: Document
    ask: Ask

    @property
    def kind(self) -> Kind:
        """The kind the document was recognised as."""
        return self.document.kind

    @property
    def unread(self) -> bool:
        """True when the bytes could not be read at all."""
        return any(fault.code in _UNREAD for fault in self.document.faults)

    @property
    def supported(self) -> bool:
        """True for PDFs and images."""
        return all(fault.code is not FaultCode.DOCUMENT_UNSUPPORTED for fault in self.document.faults)

    @property
    def has_text(self) -> bool:
        """True when the words of the paper are known."""
        return self.document.text is not TextSource.NONE

    @property
    def readable(self) -> bool:
        """True for a supported document that was read and has text."""
        return self.supported and not self.unread and self.has_text

    @property
    def is_evidence(self) -> bool:
        """True for a readable statement or declaration."""
        return self.readable and self.kind in EVIDENCE_KINDS and not self.is_continuation

    @property
    def is_continuation(self) -> bool:
        """True for a file that holds further pages of a paper: what it says stands in that paper's document."""
        return self.document.part_of is not None

    @property
    def printed_person(self) -> str | None:
        """The T.C. number that the paper prints, or None when it could not be read."""
        return self.text("national_id")

    @property
    def coded_people(self) -> frozenset[str]:
        """The T.C. numbers in the e-Devlet codes of the paper."""
        return frozenset(qr.national_id for qr in self.document.qrs if qr.national_id is not None)

    @property
    def owner(self) -> str | None:
        """The person the paper belongs to: the printed T.C. number, else that of the QR code.

        An official document is a company's, whoever fetched it.
        """
        if self.kind is Kind.TRADE_REGISTRY_GAZETTE:
            return None
        return owner_of(self.document)

    def at(self, seen: Seen | None = None) -> Place:
        """Return the place of something on this paper, or of the paper as a whole."""
        if seen is None:
            return Place(self.document.key)
        return Place(self.document.key, seen.page, seen.box)

    def field(self, name: str) -> Field | None:
        """Return a field of the paper, or None."""
        return self.document.fields.get(name)

    def text(self, name: str) -> str | None:
        """Return the value of a field that is a text, or None where it was not read or is disputed."""
        return text_of(self.field(name))

    def groups(self, name: str) -> dict[str, str] | None:
        """Return the value of a field that has groups, or None where it was not read or is disputed."""
        return groups_of(self.field(name))

    def day(self, name: str) -> date | None:
        """Return the calendar day of a field that is a date or a moment, or None."""
        return day_in(self.field(name))


@dataclass(frozen=True, slots=True)
class Claim:
    """One declared person of an application that adds people to a provider, with the papers on them.

    `papers` are the documents that belong to the person, `gazettes` the official documents of the whole
    application (they are a company's papers, not a person's). `registered` is None when the registry was not
    asked, and so is `elsewhere`, the titles of other providers where the person works.
    """

    person: Person
    application: Application
    papers: tuple[Paper, ...]
    gazettes: tuple[Paper, ...]
    ask: Ask
    registered: bool | None = None
    elsewhere: tuple[str, ...] | None = None

    @property
    def provider(self) -> Provider:
        """The provider; every procedure whose papers are judged has one (`Application` sees to it)."""
        if self.application.provider is None:
            raise ValueError(f"{self.application.procedure} without a provider")
        return self.application.provider

    @property
    def statements(self) -> tuple[Paper, ...]:
        """The person's readable service statements."""
        return tuple(p for p in self.papers if p.is_evidence and p.kind is Kind.SERVICE_STATEMENT)

    @property
    def declarations(self) -> tuple[Paper, ...]:
        """The person's readable entry declarations."""
        return tuple(p for p in self.papers if p.is_evidence and p.kind is Kind.ENTRY_DECLARATION)

    @property
    def is_official(self) -> bool:
        """True for a declared partner or authorised person of the provider (firma ortağı vb.), and a sole trader."""
        declared = self.person.national_id in self.provider.officials
        return declared or is_sole_trader(self.person, self.provider)

    @property
    def official_documents(self) -> tuple[Paper, ...]:
        """The official documents that say something of the person's bond."""
        return tuple(paper for paper, _ in self.proofs)

    @property
    def proofs(self) -> tuple[tuple[Paper, Proof], ...]:
        """What official documents say of the bond of a declared official, or of somebody they name with a role.

        One that names neither the person nor the provider says nothing.
        """
        found = [
            (paper, read_proof(paper.document, self.person, self.provider))
            for paper in self.gazettes
            if paper.readable
        ]
        return tuple(
            (paper, proof)
            for paper, proof in found
            if proof.names_with_role or (self.is_official and proof.conclusion is not Conclusion.NEITHER)
        )

    @property
    def reference_day(self) -> date:
        """The day of the e-signature."""
        return self.application.reference_day


@dataclass(frozen=True, slots=True)
class Dossier:
    """One application with its papers, each of them once however often it was uploaded."""

    case: Case
    ask: Ask
    papers: tuple[Paper, ...]

    @classmethod
    def of(cls, case: Case) -> "Dossier":
        """Lay out the documents of a case."""
        ask = Ask(case.policy, case.application.procedure)
        documents = {document.key: document for document in documents_of(case)}
        return cls(case, ask, tuple(Paper(document, ask) for document in documents.values()))

    @property
    def application(self) -> Application:
        """The applicant's declaration."""
        return self.case.application

    @property
    def gazettes(self) -> tuple[Paper, ...]:
        """The official documents of the application: they belong to nobody by number."""
        return tuple(
            paper
            for paper in self.papers
            if paper.kind is Kind.TRADE_REGISTRY_GAZETTE and not paper.is_continuation
        )

    @property
    def registry(self) -> RegistryFacts:
        """What the registry knows."""
        return self.case.registry

    @property
    def declared(self) -> frozenset[str]:
        """The T.C. numbers of the declared people."""
        return frozenset(person.national_id for person in self.application.people)


def documents_of(case: Case) -> Iterator[Document]:
    """Yield every document of every upload, in order."""
    for upload in case.uploads:
        yield from upload.documents
