"""Sample applications: what an applicant declares, and what must come out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tests.papers.identities import Company, Person

VERIFIED, FLAGGED = "verified", "flagged"


@dataclass(frozen=True, slots=True)
class Application:
    """What an applicant declares and uploads.

    `uploads` holds the bytes of each evidence file; those of `missing_files` are declared but not there.
    `extra` adds fields to `application.json`, `files` files that are not evidence.
    """

    application_id: str
    procedure: str
    submitted_at: datetime
    people: tuple[Person, ...]
    provider: Company | None = None
    declares_workplace: bool = True
    uploads: Mapping[str, bytes] = field(default_factory=dict)
    missing_files: tuple[str, ...] = ()
    uploaded_at: datetime | None = None
    extra: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def declaration(self) -> dict[str, object]:
        """Return the content of `application.json`."""
        found: dict[str, object] = {
            "application_id": self.application_id,
            "procedure": self.procedure,
            "submitted_at": self.submitted_at.isoformat(),
            "people": [
                {
                    "national_id": person.national_id,
                    "given_name": person.given_name,
                    "family_name": person.family_name,
                }
                for person in self.people
            ],
        }
        if self.uploaded_at:
            found["uploaded_at"] = self.uploaded_at.isoformat()
        if self.provider:
            found["provider"] = self._provider(self.provider)
        if self.uploads or self.missing_files:
            found["evidence"] = [*self.uploads, *self.missing_files]
        return {**found, **self.extra}

    def _provider(self, company: Company) -> dict[str, object]:
        found: dict[str, object] = {
            "title": company.title,
            "tax_number": company.tax_number,
            "mersis_number": company.mersis_number,
        }
        if self.declares_workplace:
            found["workplace_numbers"] = [company.workplace_number]
        return found


@dataclass(frozen=True, slots=True)
class ExpectedPerson:
    """What must come out for a person. `codes` must be among the codes that flag the person; `notes` among
    those that do not.
    """

    national_id: str
    decision: str = VERIFIED
    route: str | None = None
    codes: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ExpectedDocument:
    """What must be read of a paper: kind and printed barcode (None: not looked at)."""

    name: str
    kind: str
    barcode: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out for an application.

    `codes` must be among the flagging codes of the whole report, wherever they stand: with the application,
    a person or a document; `notes` likewise among those that do not flag. `case` is the name in
    `tests.papers.cases`, or `registration`.
    """

    application_id: str
    case: str
    procedure: str
    decision: str
    people: tuple[ExpectedPerson, ...] = ()
    codes: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()
    documents: tuple[ExpectedDocument, ...] = ()


def registration(application_id: str, person: Person, at: datetime) -> tuple[Application, Expected]:
    """Return the application by which a person becomes known to the registry (Kılavuz m.4): no evidence."""
    procedure = "personnel_registration"
    application = Application(application_id, procedure, at, (person,))
    expected = ExpectedPerson(person.national_id)
    return application, Expected(application_id, "registration", procedure, VERIFIED, (expected,))
