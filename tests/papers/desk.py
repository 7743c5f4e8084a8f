"""Where one sample application is put together: people, papers, uploads, expectations."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, TypeAlias

from tests.papers import archives, builders, identities, with_reportlab
from tests.papers.applications import (
    FLAGGED,
    VERIFIED,
    Application,
    Expected,
    ExpectedDocument,
    ExpectedPerson,
)
from tests.papers.builders import ISTANBUL, Job
from tests.papers.identities import Company, Person
from tests.papers.model import (
    EntryDeclaration,
    ExitDeclaration,
    GazettePage,
    Letter,
    Paper,
    ServiceStatement,
    SocialSecurityRecord,
)
from tests.papers.style import any_style

REGISTRATION, ADDITION = "provider_registration", "personnel_addition"
STATEMENT, DECLARATION = "service_statement", "entry_declaration"
KINDS: Mapping[type, str] = {
    ServiceStatement: STATEMENT,
    EntryDeclaration: DECLARATION,
    ExitDeclaration: "exit_declaration",
    SocialSecurityRecord: "social_security_record",
    GazettePage: "trade_registry_gazette",
    Letter: "unknown",
}
"""The contract's name of each kind of paper."""


@dataclass(frozen=True, slots=True)
class Case:
    """An application and what must come out. `known` are the people who have registered themselves before;
    `raw` replaces the bytes of `application.json`, without `declared` there is none.
    """

    application: Application
    expected: Expected
    known: tuple[Person, ...] = ()
    raw: bytes | None = None
    declared: bool = True


Cases: TypeAlias = tuple[Case, ...]
"""The applications of one case: nearly always one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What must come out: decision, route and codes of every person, flagging codes of the application."""

    decision: str = VERIFIED
    route: str | None = None
    codes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    application: tuple[str, ...] = ()


@dataclass(slots=True)
class Desk:
    """Makes one application; everything it does follows from its `rng`."""

    rng: Random
    now: datetime
    application_id: str
    case: str = ""
    submitted: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.submitted = self.now - timedelta(minutes=self.rng.randrange(20 * 60))

    @property
    def day(self) -> date:
        """The day of submission in Istanbul."""
        return self.submitted.astimezone(ISTANBUL).date()

    def submit_on(self, day: date) -> None:
        """Move the submission to another day."""
        self.submitted = datetime(day.year, day.month, day.day, 11, 20, tzinfo=ISTANBUL)

    def last_day(self, fits: Callable[[date], bool]) -> date:
        """Return the last day, today at the latest, that fits."""
        day = self.now.astimezone(ISTANBUL).date()
        while not fits(day):
            day -= timedelta(days=1)
        return day

    def days_ago(self, days: int) -> date:
        """Return the day so many days before the submission."""
        return self.day - timedelta(days=days)

    def person(self) -> Person:
        """Invent somebody."""
        return identities.person(self.rng)

    def company(self, *, leading_zeros: bool = False) -> Company:
        """Invent a company."""
        return identities.company(self.rng, leading_zeros=leading_zeros)

    def entry_day(self) -> date:
        """Return a day some months or years ago, long enough to stand on a statement."""
        return self.days_ago(self.rng.randrange(130, 1500))

    def issued(self) -> datetime:
        """Return a moment some days before the submission."""
        return self.submitted - timedelta(days=self.rng.randrange(1, 9), minutes=self.rng.randrange(600))

    def statement(self, who: Person, *jobs: Job) -> ServiceStatement:
        """Return the statement of those jobs, issued some days before the submission."""
        return builders.service_statement(self.rng, who, jobs, self.issued())

    def open_statement(self, who: Person, firm: Company) -> ServiceStatement:
        """Return a statement with a running job at the company, often after another elsewhere."""
        entry = self.entry_day()
        jobs = [Job(firm, entry)]
        if self.rng.random() < 0.6:
            leaving = entry - timedelta(days=self.rng.randrange(3, 200))
            before = Job(self.company(), leaving - timedelta(days=self.rng.randrange(40, 700)), leaving)
            jobs.insert(0, before)
        return self.statement(who, *jobs)

    def statement_elsewhere(self, who: Person) -> ServiceStatement:
        """Return a statement with a finished job at another company."""
        leaving = self.days_ago(self.rng.randrange(150, 900))
        return self.statement(who, Job(self.company(), leaving - timedelta(days=400), leaving))

    def declaration(self, who: Person, firm: Company, start: date | None = None) -> EntryDeclaration:
        """Return a declaration of work from `start`, or from some days before the submission."""
        start = start or self.days_ago(self.rng.randrange(2, 21))
        return builders.entry_declaration(self.rng, who, firm, start)

    def draw(self, paper: Paper) -> bytes:
        """Return the paper as a PDF in some style."""
        return with_reportlab.draw(paper, any_style(self.rng.randrange(1, 10**6)))

    def files(self, papers: Iterable[Paper]) -> dict[str, bytes]:
        """Return the papers as PDF files under the names that people give them."""
        return {name: self.draw(paper) for name, paper in named(papers).items()}

    def finish(
        self,
        people: Sequence[Person],
        provider: Company,
        papers: Sequence[Paper],
        outcome: Outcome,
        *,
        procedure: str = REGISTRATION,
        upload: bytes | None = None,
        **details: Any,
    ) -> Cases:
        """Return the application with its papers in one zip; `upload` replaces the zip.

        `details` are fields of `Application` that differ from the usual.
        """
        zip_file = archives.plain(self.files(papers)) if upload is None else upload
        given: dict[str, Any] = {"uploads": {"evidence.zip": zip_file}, **details}
        application = Application(
            self.application_id, procedure, self.submitted, tuple(people), provider, **given
        )
        return (Case(application, self.expect(application, papers, outcome), tuple(people)),)

    def expect(self, application: Application, papers: Iterable[Paper], outcome: Outcome) -> Expected:
        """Return the expectation of an application in which all people fare alike."""
        person = (outcome.decision, outcome.route, frozenset(outcome.codes), frozenset(outcome.notes))
        return Expected(
            application_id=application.application_id,
            case=self.case,
            procedure=application.procedure,
            decision=FLAGGED if outcome.application else outcome.decision,
            people=tuple(ExpectedPerson(who.national_id, *person) for who in application.people),
            codes=frozenset((*outcome.codes, *outcome.application)),
            notes=frozenset(outcome.notes),
            documents=tuple(
                ExpectedDocument(name, KINDS[type(paper)], printed_barcode(paper))
                for name, paper in named(papers).items()
            ),
        )


def printed_barcode(paper: Paper) -> str | None:
    """Return the barcode number that stands on the paper."""
    if isinstance(paper, GazettePage) or paper.footer is None:
        return None
    return paper.footer.barcode or None


def named(papers: Iterable[Paper]) -> dict[str, Paper]:
    """Return the papers by file name, as people name them."""
    found: dict[str, Paper] = {}
    for number, paper in enumerate(papers, start=1):
        match paper:
            case ServiceStatement():
                name = f"sgk-tescil-ve-hizmet-dokumu{f' ({number})' if number > 1 else ''}.pdf"
            case EntryDeclaration() | ExitDeclaration():
                name = f"{paper.person.full_name} BİLDİRGE {number}.pdf"
            case _:
                name = f"belge-{number}.pdf"
        found[name] = paper
    return found
