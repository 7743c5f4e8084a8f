"""E1, the service statement (SGK hizmet dökümü): whether it shows the person working at the provider."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.facts import Value
from validators.employer import KnownProvider
from validators.employment import Bond, Employment, Status, judge_employment
from validators.finding import Code, Finding, Outcome
from validators.subjects import Claim, Paper


@dataclass(frozen=True, slots=True)
class StatementView:
    """One deciding statement and what its rows say."""

    paper: Paper
    employment: Employment

    @property
    def is_absent(self) -> bool:
        """True when no row is, or may be, the provider's."""
        return self.employment.bond is Bond.NOT_SHOWN

    @property
    def proves_absence(self) -> bool:
        """True when there were rows to look at, and none is the provider's."""
        return self.is_absent and bool(self.paper.document.records)

    @property
    def ended_on(self) -> str | None:
        """ISO date of the exit, where the employment has ended."""
        status = self.employment.status
        if status is None or (status.code, status.outcome) != (Code.EMPLOYMENT_ENDED, Outcome.FAILED):
            return None
        return str(status.facts["exit_date"])


def view_statements(claim: Claim) -> tuple[StatementView, ...]:
    """Judge the statements that decide: the newest by day of issue, or all where a day is not known."""
    known = KnownProvider.of(claim.provider, claim.ask.policy.parameters)
    return tuple(
        StatementView(
            paper,
            judge_employment(
                paper.document.records,
                paper.document.workplaces,
                known,
                claim.reference_day,
                paper.day("issued_on"),
            ),
        )
        for paper in _deciding(claim.statements)
    )


def _deciding(statements: Sequence[Paper]) -> tuple[Paper, ...]:
    days = [paper.day("issued_on") for paper in statements]
    known = [day for day in days if day is not None]
    if not known or len(known) < len(days):
        return tuple(statements)
    newest = max(known)
    return tuple(paper for paper, day in zip(statements, days, strict=True) if day == newest)


def statement_findings(claim: Claim, view: StatementView) -> Iterator[Finding]:
    """Say what a statement shows. One that does not show the provider is answered by `no_link`."""
    employment, paper = view.employment, view.paper
    at = paper.at(employment.record)
    if employment.bond is Bond.UNREAD:
        yield claim.ask.unclear(Code.NO_LINK, at, reason=employment.reason)
    elif employment.bond is Bond.UNCERTAIN:
        facts: dict[str, Value] = {"reason": employment.reason, **employment.facts}
        yield claim.ask.failed(Code.EMPLOYER_UNCERTAIN, at, **facts)
    elif employment.bond is Bond.SHOWN:
        yield claim.ask.passed(Code.NO_LINK, at, **employment.facts, **_age(claim, paper))
        yield claim.ask.passed(Code.EMPLOYER_UNCERTAIN, at, **employment.facts)
    if employment.status is not None:
        yield from _status_findings(claim, paper, employment.status)


def no_link(claim: Claim, view: StatementView, *, contradicted: bool) -> Finding:
    """Say that a statement does not show the provider; `contradicted` where another one of that day does."""
    at = view.paper.at()
    if contradicted:
        return claim.ask.unclear(Code.NO_LINK, at, reason="statements_differ")
    if not view.proves_absence:
        return claim.ask.unclear(Code.NO_LINK, at, reason="no_rows")
    reason = "official" if claim.is_official else "employee"
    return claim.ask.failed(Code.NO_LINK, at, reason=reason, rows=len(view.paper.document.records))


def _status_findings(claim: Claim, paper: Paper, status: Status) -> Iterator[Finding]:
    """Two questions: were the rows cancelled, has the employment ended. The second needs the first passed."""
    at = paper.at(status.record)
    if status.code is Code.EMPLOYMENT_ENDED:
        yield claim.ask.passed(Code.EMPLOYMENT_CANCELLED, at)
    answers = {
        Outcome.PASSED: claim.ask.passed,
        Outcome.FAILED: claim.ask.failed,
        Outcome.INDETERMINATE: claim.ask.unclear,
    }
    facts: dict[str, Value] = dict(status.facts)
    if status.reason:
        facts["reason"] = status.reason
    age = _age(claim, paper)
    if status.is_open and age["reason"] == "outdated":
        yield claim.ask.unclear(status.code, at, **{**facts, **age})
        return
    yield answers[status.outcome](status.code, at, **facts)


def _age(claim: Claim, paper: Paper) -> dict[str, Value]:
    """Tell the statement's day, and its age where the policy wants it noted (the guide sets no limit)."""
    issued = paper.day("issued_on")
    if issued is None:
        return {"reason": "undated"}
    days = (claim.reference_day - issued).days
    parameters = claim.ask.policy.parameters
    if days > parameters.statement_max_age_review_days:
        return {"issued_on": issued.isoformat(), "reason": "outdated", "age_days": days}
    if days > parameters.statement_max_age_note_days:
        return {"issued_on": issued.isoformat(), "reason": "old", "age_days": days}
    return {"issued_on": issued.isoformat(), "reason": "recent"}
