"""E2, the entry declaration (Sigortalı İşe Giriş Bildirgesi): for those whose workplace the statement lacks yet.

Three conditions, all of them (Kılavuz m.6(3)(d)): the person has begun to work at the provider, the workplace
is not on the statement yet, and the start date lies within the last month.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from extractors.facts import Value
from validators.application import Procedure
from validators.employer import Employer, EmployerAnswer, KnownProvider, employer_of_declaration
from validators.finding import Code, Finding, Level, Outcome, Proposal
from validators.period import (
    MonthVerdict,
    in_evidence_gap,
    last_month,
    next_working_day,
    period_end,
    statement_shown_from,
)
from validators.subjects import Ask, Claim, Paper


class Absence(StrEnum):
    """What is known of the condition that the statement lacks the workplace."""

    PROVEN = "proven"
    NO_STATEMENT = "no_statement"
    NO_ROWS = "no_rows"


@dataclass(frozen=True, slots=True)
class DeclarationView:
    """One declaration on a person, with its employer compared."""

    claim: Claim
    paper: Paper
    answer: EmployerAnswer
    absence: Absence

    @property
    def ask(self) -> Ask:
        """How answers are made."""
        return self.claim.ask

    @property
    def start_date(self) -> date | None:
        """The day on which the person began to work, or None where it is not known."""
        return self.paper.day("start_date")


DeclarationRule = Callable[[DeclarationView], Iterator[Finding]]


def view_declarations(claim: Claim, absence: Absence) -> tuple[DeclarationView, ...]:
    """Compare the employers; a declaration for somebody else beside one for the provider does not count."""
    known = KnownProvider.of(claim.provider, claim.ask.policy.parameters)
    views = tuple(
        DeclarationView(
            claim,
            paper,
            employer_of_declaration(
                known,
                paper.groups("workplace_number"),
                paper.text("employer_tax_number"),
                paper.text("employer_title"),
            ),
            absence,
        )
        for paper in claim.declarations
    )
    ours = tuple(view for view in views if view.answer.employer is not Employer.SOMEBODY_ELSE)
    return ours or views


def is_foreseen(view: DeclarationView) -> Iterator[Finding]:
    """Ask whether the procedure names the declaration: m.7(1)(e) names the statement alone."""
    if view.claim.application.procedure is not Procedure.PERSONNEL_ADDITION:
        return
    accepted = view.ask.policy.parameters.declaration_in_addition == "accept"
    answer = view.ask.passed if accepted else view.ask.failed
    yield answer(Code.DECLARATION_NOT_FORESEEN, view.paper.at())


def employer_is_provider(view: DeclarationView) -> Iterator[Finding]:
    """Ask whether the employer on the declaration is the provider."""
    at = view.paper.at(view.paper.field("workplace_number") or view.paper.field("employer_title"))
    facts: dict[str, Value] = dict(view.answer.facts)
    match view.answer.employer:
        case Employer.PROVIDER:
            yield view.ask.passed(Code.EMPLOYER_DIFFERENT, at, **facts)
            yield view.ask.passed(Code.EMPLOYER_UNCERTAIN, at, **facts)
        case Employer.UNCERTAIN:
            yield view.ask.failed(Code.EMPLOYER_UNCERTAIN, at, reason=view.answer.reason, **facts)
        case Employer.SOMEBODY_ELSE:
            yield view.ask.failed(Code.EMPLOYER_DIFFERENT, at, **facts)
        case Employer.UNREAD:
            yield view.ask.unclear(Code.EMPLOYER_DIFFERENT, at, **facts)


def has_start_date(view: DeclarationView) -> Iterator[Finding]:
    """Ask whether the start date could be read."""
    field = view.paper.field("start_date")
    at = view.paper.at(field)
    if field is None:
        yield view.ask.failed(Code.START_DATE_MISSING, at)
    elif view.start_date is None:
        yield view.ask.unclear(Code.START_DATE_MISSING, at, printed=field.raw)
    else:
        yield view.ask.passed(Code.START_DATE_MISSING, at, start_date=view.start_date.isoformat())


def is_within_last_month(view: DeclarationView) -> Iterator[Finding]:
    """Ask whether the start date lies within the last month, on the day of submission and on that of the upload.

    Where the day of the upload gives another answer, an officer decides (contract, section 1).
    """
    if view.start_date is None:
        return
    application = view.claim.application
    finding = _month_finding(view, view.start_date, application.reference_day)
    if application.upload_day is not None:
        other = _month_finding(view, view.start_date, application.upload_day)
        if (finding.code, finding.outcome) != (other.code, other.outcome):
            finding = _by_day_of_upload(other if finding.outcome is Outcome.PASSED else finding, view)
    yield finding


def absence_is_shown(view: DeclarationView) -> Iterator[Finding]:
    """Ask whether a statement shows that the workplace is not on it yet."""
    if view.absence is Absence.PROVEN:
        yield view.ask.passed(Code.ABSENCE_NOT_EVIDENCED, view.paper.at())
    else:
        at = view.paper.at()
        yield view.ask.unclear(Code.ABSENCE_NOT_EVIDENCED, at, reason=view.absence.value)


DECLARATION_RULES: tuple[DeclarationRule, ...] = (
    is_foreseen,
    employer_is_provider,
    has_start_date,
    is_within_last_month,
    absence_is_shown,
)


def rehired_on(views: Sequence[DeclarationView], ended_on: date) -> date | None:
    """Return the start date of a declaration for the provider that lies after an exit, or None."""
    starts = (
        view.start_date
        for view in views
        if view.answer.employer in (Employer.PROVIDER, Employer.UNCERTAIN) and view.start_date is not None
    )
    return max((start for start in starts if start > ended_on), default=None)


def _month_finding(view: DeclarationView, start: date, reference: date) -> Finding:
    """Answer for one day; every answer but `WITHIN` has its own code."""
    ask, at = view.ask, view.paper.at(view.paper.field("start_date"))
    end = period_end(start)
    facts: dict[str, Value] = {
        "start_date": start.isoformat(),
        "reference_day": reference.isoformat(),
        "period_end": end.isoformat(),
    }
    match last_month(start, reference, ask.policy.parameters.month_counting):
        case MonthVerdict.WITHIN:
            return ask.passed(Code.START_DATE_TOO_OLD, at, **facts)
        case MonthVerdict.NOT_STARTED:
            waiting = ask.failed(Code.NOT_STARTED, at, **facts)
            return replace(waiting, proposal=Proposal.WAIT_UNTIL, wait_until=start.isoformat())
        case MonthVerdict.MONTH_END:
            return ask.failed(Code.START_DATE_MONTH_END, at, **facts)
        case MonthVerdict.HOLIDAY:
            working_day = next_working_day(end).isoformat()
            return ask.failed(Code.START_DATE_HOLIDAY, at, working_day=working_day, **facts)
        case MonthVerdict.OVER:
            return _over(view, start, reference, facts)


def _over(view: DeclarationView, start: date, reference: date, facts: dict[str, Value]) -> Finding:
    """The month is over; up to the 26th of the following month no statement need show the work either.

    The gap ends on that day (contract); the day from which a statement will do moves past weekends and holidays.
    """
    ask, at = view.ask, view.paper.at(view.paper.field("start_date"))
    statement_from = statement_shown_from(start).isoformat()
    code = Code.EVIDENCE_GAP if in_evidence_gap(start, reference) else Code.START_DATE_TOO_OLD
    return ask.failed(code, at, statement_from=statement_from, **facts)


def _by_day_of_upload(finding: Finding, view: DeclarationView) -> Finding:
    """Turn an answer on which submission and upload differ into a question for an officer."""
    application = view.claim.application
    assert application.upload_day is not None  # noqa: S101 -- the caller compared it
    days = {
        "reference_day": application.reference_day.isoformat(),
        "upload_day": application.upload_day.isoformat(),
    }
    return replace(
        finding,
        outcome=Outcome.INDETERMINATE,
        level=Level.REVIEW,
        facts={**finding.facts, **days, "reason": "day_of_upload"},
        proposal=Proposal.CHECK_BY_HAND,
        wait_until=None,
    )
