"""What a judgement is made of and what it says: plain data on both sides of `judgement.judge`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from extractors.facts import Document, Upload
from validators.application import Application
from validators.finding import Decision, Finding, Proposal, Route
from validators.issuer import IssuerAnswer
from validators.policy import Policy


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate file that the registry holds of a person: its path inside the zip, and its SHA-256."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RegistryFacts:
    """What the registry knows of a case.

    `registered` holds the declared T.C. numbers that have a personnel record; None when nobody was asked.
    `reused` names, by the document's key, the other applications whose evidence it was.
    `elsewhere` gives, by T.C. number, the titles of other providers where declared people work; None when not asked.
    `certificates` gives, by T.C. number, the certificates that were in force before this application (md. 4, 5; nobody
    without one is in it), and `employed` the declared people who worked at the provider then (md. 7(1)(g)); both None
    when not asked.
    `issuer` holds, by the document's key, what the issuer answered; a document without an entry was not checked.
    """

    registered: frozenset[str] | None = None
    reused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: Mapping[str, tuple[str, ...]] | None = None
    certificates: Mapping[str, tuple[Certificate, ...]] | None = None
    employed: frozenset[str] | None = None
    issuer: Mapping[str, IssuerAnswer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that one application is judged on."""

    application: Application
    uploads: tuple[Upload, ...]
    registry: RegistryFacts
    policy: Policy


@dataclass(frozen=True, slots=True)
class PersonJudgement:
    """The decision on one declared person. `proposal` and `wait_until` (ISO date) only when flagged."""

    national_id: str
    decision: Decision
    route: Route | None
    findings: tuple[Finding, ...]
    proposal: Proposal | None = None
    wait_until: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The decision on one application: its people in their order, its own findings, its documents.

    `procedure` is None when `application.json` did not parse. Findings about a document stand beside it
    and with the person it belongs to, or in `findings` where it belongs to nobody declared.
    """

    application_id: str
    procedure: str | None
    decision: Decision
    policy: str
    people: tuple[PersonJudgement, ...]
    findings: tuple[Finding, ...]
    documents: tuple[tuple[Document, tuple[Finding, ...]], ...]

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Every finding once: those on the people, then the application's own."""
        return (*(finding for person in self.people for finding in person.findings), *self.findings)
