"""A case as the decision pages know it: its judgement, its reasons, who works on it, what was ruled before.

Every form brings back the judgement and the last ruling that its officer saw. Where either is another by now, nothing
is entered and the officer is shown what changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.requests import Request

from flows.explanation import mask_of
from flows.recorded import as_verdict
from flows.verdict import Verdict
from review.desk import desk_of
from review.sessions import account_of, address_of
from review.texts import Language
from storage.database import UnitOfWork
from storage.desk.accounts import Account
from storage.desk.cases import flagging
from storage.desk.claims import Claim, HeldBy, NoSuchCase, claim_case
from storage.desk.queue import CaseLine, CaseState, Claimed, Filter, case_line, cases
from storage.desk.rulings import Event, FindPolicies, history, needs_second
from storage.models import ApplicationRow, FindingRow, JudgementRow
from storage.verdicts import stored_verdict
from validators.application import Procedure
from validators.catalogue import proposal_of
from validators.finding import Code, Finding, Level, Outcome, Proposal
from validators.messages import answer, question
from validators.policy_series import find_policies

_OFFERED = 20
"""Cases of the queue among which the next one is looked for."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A case under decision: its row in the queue, the judgement that counts, and its history, the oldest first.

    `needs_second`: whether an approval is an override, for which a second officer must agree.
    """

    line: CaseLine
    verdict: Verdict
    events: tuple[Event, ...]
    needs_second: bool

    @property
    def application_id(self) -> str:
        """The application's id."""
        return self.line.application_id

    @property
    def seen(self) -> int:
        """The newest ruling, 0 where there is none."""
        return max((event.ruling or 0 for event in self.events), default=0)

    @property
    def is_petition(self) -> bool:
        """Whether somebody asks for the deletion of a record (Kılavuz m.4(3))."""
        return self.line.procedure is Procedure.RECORD_DELETION


@dataclass(frozen=True, slots=True)
class Reason:
    """A code that flags a case: its question, what was found (each sentence once), the clause, what is proposed."""

    code: Code
    question: str
    sentences: tuple[str, ...]
    basis: str
    level: Level
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed since the officer saw the case: rulings, codes that are gone, codes that are new."""

    events: tuple[Event, ...]
    gone: tuple[Code, ...]
    new: tuple[Code, ...]
    judged_again: bool


def open_case(request: Request) -> Opened:
    """Return the case of a request's path.

    Raises HTTPException 404 where there is none, 409 where the application was verified meanwhile, 410 where retention
    destroyed its facts.
    """
    application_id = request.path_params["application_id"]
    found = desk_of(request).database.read(lambda work: _opened(work, application_id))
    if found is None:
        raise HTTPException(404)
    if isinstance(found, Verdict):
        raise HTTPException(409, "decide.gone")
    if found.verdict.facts_destroyed_at is not None:
        raise HTTPException(410, "decide.destroyed")
    return found


def take(request: Request, case: Opened) -> Claim | HeldBy:
    """Claim the case for who is asking, or tell who holds it. Raises HTTPException 404."""
    try:
        return claim_case(
            desk_of(request).database, case.application_id, officer_of(request), address_of(request)
        )
    except NoSuchCase as error:
        raise HTTPException(404) from error


def officer_of(request: Request) -> Account:
    """Return the account of a guarded request."""
    account = account_of(request)
    assert account is not None  # noqa: S101 - narrows the type; `needs` let the request through
    return account


def find_policies_of(request: Request) -> FindPolicies:
    """Return how policies are found by their names, among them those of the settings' folder."""
    return partial(find_policies, folder=desk_of(request).settings.policies)


def is_held_by_another(request: Request, held: Claim | HeldBy) -> bool:
    """Return whether somebody else works on the case."""
    return held.account_id != officer_of(request).id


def reasons_of(verdict: Verdict, language: Language) -> tuple[Reason, ...]:
    """Return the codes that flag an application, those that block first."""
    mask = mask_of(verdict)
    by_code: dict[Code, list[Finding]] = {}
    for finding in flagging(verdict.judgement):
        by_code.setdefault(finding.code, []).append(finding)
    reasons = [
        Reason(
            code,
            question(code, language.value),
            tuple(dict.fromkeys(mask.text(answer(finding, language.value)) for finding in findings)),
            findings[0].legal_basis,
            Level.BLOCK if any(finding.level is Level.BLOCK for finding in findings) else findings[0].level,
            proposal_of(findings[0]),
        )
        for code, findings in by_code.items()
    ]
    return tuple(sorted(reasons, key=lambda reason: reason.level is not Level.BLOCK))


def changed_since(request: Request, case: Opened, judgement: int, seen: int) -> Changed:
    """Tell what changed since an officer saw a judgement and a ruling."""
    database = desk_of(request).database
    before = database.read(lambda work: _codes_at(work, case.application_id, judgement))
    after = set(case.line.reasons)
    return Changed(
        tuple(event for event in case.events if (event.ruling or 0) > seen),
        tuple(sorted(before - after)),
        tuple(sorted(after - before)) if before else (),
        judgement != case.line.judgement,
    )


def next_case(request: Request, application_id: str) -> CaseLine | None:
    """Return the case of the queue that the officer may take next: due first, nobody's."""
    account = officer_of(request)

    def find(work: UnitOfWork) -> Sequence[CaseLine]:
        return cases(work, Filter(claimed=Claimed.NOBODY, account=account.id), limit=_OFFERED).lines

    def is_next(line: CaseLine) -> bool:
        return line.application_id != application_id and line.state is not CaseState.PROPOSED

    return next(filter(is_next, desk_of(request).database.read(find)), None)


def _opened(work: UnitOfWork, application_id: str) -> Opened | Verdict | None:
    """Return a case; the verdict alone where it is no case any more."""
    line, found = case_line(work, application_id), stored_verdict(work, application_id)
    if found is None:
        return None
    verdict = as_verdict(found)
    if line is None:
        return verdict
    return Opened(line, verdict, history(work, application_id), needs_second(work, application_id))


def _codes_at(work: UnitOfWork, application_id: str, judgement: int) -> set[Code]:
    """Return the codes that flagged an application in one of its judgements."""
    rows = (
        select(FindingRow.code)
        .join(JudgementRow, JudgementRow.id == FindingRow.judgement_key)
        .join(ApplicationRow, ApplicationRow.id == JudgementRow.application_key)
        .where(
            JudgementRow.id == judgement,
            ApplicationRow.application_id == application_id,
            FindingRow.level != Level.NOTE,
            FindingRow.outcome != Outcome.PASSED,
        )
    )
    return set(work.session.scalars(rows))
