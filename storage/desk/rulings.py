"""What officers rule on a case: entered only on the judgement that the officer saw, and under the officer's claim.

A ruling is never erased: who wants something undone rules anew. An approval writes the registry in the same
transaction, by the same code as a verified judgement. Approving against a finding of level block, or past one that a
correction took away, is an override: it is proposed, and takes effect when a second officer with the role of a
supervisor agrees (`second`); the database itself refuses anything else. So is a correction that would by itself verify
an application which a block flagged.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import func, insert, select, update

from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.desk.accounts import account_of
from storage.desk.asks import (
    Approve,
    Ask,
    Correct,
    MarkKind,
    Obstacle,
    Reject,
    Reopen,
    Request,
    Return,
    Wait,
    change_of,
    kind_of,
    missing_in,
    seal_request,
    unseal_request,
)
from storage.desk.audit import Action, Actor, about, record
from storage.desk.cases import blocks_of, codes_of, set_state
from storage.desk.claims import give_back
from storage.desk.corrections import value_at
from storage.desk.effects import (
    FindPolicies,
    Trial,
    enter_correction,
    take_effect,
    try_correction,
)
from storage.desk.held import (
    Held,
    Refusal,
    application_row,
    claim_fault,
    held_of,
    locked,
    officer_of,
    state_fault,
)
from storage.desk.history import Event, Proposed, history, proposals
from storage.models import (
    AccountRow,
    ApplicationRow,
    CaseState,
    JudgementRow,
    Role,
    RulingKind,
    RulingRow,
    RulingState,
    RulingText,
)
from validators.finding import Code, Decision

__all__ = [
    "Approve",
    "Ask",
    "Correct",
    "Entered",
    "Event",
    "FindPolicies",
    "MarkKind",
    "Obstacle",
    "Proposed",
    "Refused",
    "Reject",
    "Reopen",
    "Return",
    "RulingKind",
    "RulingState",
    "Wait",
    "history",
    "needs_second",
    "proposals",
    "rule",
    "second",
]

_OFFICERS = (Role.REVIEWER, Role.SUPERVISOR)
_STATES = {
    RulingKind.APPROVE: CaseState.APPROVED,
    RulingKind.RETURN: CaseState.RETURNED,
    RulingKind.REJECT: CaseState.REJECTED,
    RulingKind.WAIT: CaseState.WAITING,
    RulingKind.REOPEN: CaseState.OPEN,
}
_SECOND = "desk_ruling_texts.second_reason"


@dataclass(frozen=True, slots=True)
class Refused:
    """A ruling that was not entered."""

    obstacle: Obstacle


@dataclass(frozen=True, slots=True)
class Entered:
    """A ruling as it was entered. `judgement` and `decision` are those that count now (a correction makes new ones)."""

    ruling: int
    state: RulingState
    judgement: int
    decision: Decision


Outcome: TypeAlias = Entered | Refused


def rule(  # noqa: PLR0913, PLR0917 - the parts of a ruling
    database: Database, application_id: str, judgement: int, who: Actor, ask: Ask, policies: FindPolicies
) -> Outcome:
    """Enter an officer's ruling on the judgement that the officer saw, with all that follows, in one transaction.

    The officer must hold the case (`claims.claim_case`); a ruling that ends the work on it gives it back. Raises
    PolicyInvalid where a correction is to be judged by a policy that cannot be found any more.
    """
    try:
        return database.transact(lambda work: _rule(work, application_id, judgement, who, ask, policies))
    except Refusal as refusal:
        return Refused(refusal.obstacle)


def second(  # noqa: PLR0913 - as above
    database: Database, ruling: int, who: Actor, policies: FindPolicies, *, agree: bool, reason: str = ""
) -> Outcome:
    """Agree to a proposed override, which takes effect at once, or decline it; by a supervisor who did not propose it.

    No claim is needed. Raises as `rule`.
    """
    try:
        return database.transact(lambda work: _second(work, ruling, who, policies, agree, reason))
    except Refusal as refusal:
        return Refused(refusal.obstacle)


def needs_second(work: UnitOfWork, application_id: str) -> bool:
    """Return whether approving the application, as it is judged now, is an override."""
    row = work.session.scalar(application_row(application_id))
    held = held_of(work, row) if row is not None else None
    return held is not None and _is_against_block(work, held)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a ruling is entered: as an override or at once, the blocks that it takes away, and where policies are."""

    override: bool
    lifted: frozenset[Code]
    policies: FindPolicies

    @property
    def state(self) -> RulingState:
        return RulingState.PROPOSED if self.override else RulingState.EFFECTIVE


def _rule(  # noqa: PLR0913, PLR0917 - as above
    work: UnitOfWork, application_id: str, judgement: int, who: Actor, ask: Ask, policies: FindPolicies
) -> Entered:
    held = locked(work, application_id)
    officer = officer_of(work, who, _OFFICERS)
    if held.row.id != judgement:
        raise Refusal(Obstacle.JUDGEMENT_CHANGED)
    obstacle = claim_fault(work, held, who) or state_fault(work, held, ask) or missing_in(ask)
    if obstacle is not None:
        raise Refusal(obstacle)
    trial = try_correction(work, held, ask, policies)
    lifted = blocks_of(held.judgement) - blocks_of(trial.judgement) if trial else frozenset[Code]()
    override = _is_override(work, held, ask, trial, lifted)
    if override and not ask.reason.strip():
        raise Refusal(Obstacle.REASON_MISSING)
    request = Request(ask, value_at(trial.old, trial.change.place) if trial else None)
    return _enter(work, held, who, officer, request, _Plan(override, lifted, policies))


def _enter(  # noqa: PLR0913, PLR0917 - as above
    work: UnitOfWork, held: Held, who: Actor, officer: str, request: Request, plan: _Plan
) -> Entered:
    decision = None if plan.override else take_effect(work, held, request.ask, officer)
    ruling = _insert(work, held, who, request, plan, decision)
    if plan.override:
        set_state(work, held.key, CaseState.PROPOSED)
    else:
        _settle(work, held, ruling, request.ask, plan.policies)
    if plan.override or not isinstance(request.ask, Correct | MarkKind | Reopen):
        give_back(work, held.key)
    _tell(work, held, who, Action.RULING, ruling, plan.state, request.ask.reason)
    return _entered(work, held, ruling, plan.state)


def _insert(  # noqa: PLR0913, PLR0917 - as above
    work: UnitOfWork, held: Held, who: Actor, request: Request, plan: _Plan, decision: int | None
) -> int:
    moment = now()
    values = {
        "application_key": held.key,
        "version_key": held.version.id,
        "judgement_key": held.row.id,
        "kind": kind_of(request.ask),
        "state": plan.state,
        "override": plan.override,
        "codes": sorted(codes_of(held.judgement)),
        "lifted": sorted(plan.lifted),
        "officer_key": who.account_id,
        "ruled_at": moment,
        "effective_at": None if plan.override else moment,
        "record_decision_key": decision,
    }
    ruling = work.session.scalars(insert(RulingRow).values(values).returning(RulingRow.id)).one()
    text = {"ruling_key": ruling, "request": seal_request(request, work.keys)}
    work.session.execute(insert(RulingText).values(text))
    return ruling


def _settle(work: UnitOfWork, held: Held, ruling: int, ask: Ask, policies: FindPolicies) -> None:
    """Do to the case, or to the facts, what an effective ruling does."""
    change = change_of(ask)
    if change is not None:
        enter_correction(work, held, ruling, change, policies)
    else:
        due = ask.until if isinstance(ask, Wait) else None
        set_state(work, held.key, _STATES[kind_of(ask)], due)


def _second(  # noqa: PLR0913, PLR0917 - as above
    work: UnitOfWork, ruling: int, who: Actor, policies: FindPolicies, agree: bool, reason: str
) -> Entered:
    held, row = _proposal(work, ruling)
    if row.officer_key == who.account_id:
        raise Refusal(Obstacle.SAME_OFFICER)
    officer_of(work, who, (Role.SUPERVISOR,))
    text = work.session.scalars(select(RulingText).where(RulingText.ruling_key == ruling)).one()
    ask = unseal_request(row.kind, text.request, work.keys).ask
    text.second_reason = work.keys.seal(reason, _SECOND) if reason else None
    first = work.session.get_one(AccountRow, row.officer_key)
    decision = take_effect(work, held, ask, account_of(work, first).display) if agree else None
    state = RulingState.EFFECTIVE if agree else RulingState.DECLINED
    _add_second(work, ruling, who, state, decision)
    if agree:
        _settle(work, held, ruling, ask, policies)
    else:
        set_state(work, held.key, CaseState.OPEN)
    _tell(work, held, who, Action.SECOND, ruling, state, reason)
    return _entered(work, held, ruling, state)


def _proposal(work: UnitOfWork, ruling: int) -> tuple[Held, RulingRow]:
    """Lock the case of a proposal, and see that it still waits for a second officer."""
    name = (
        select(ApplicationRow.application_id)
        .join(RulingRow, RulingRow.application_key == ApplicationRow.id)
        .where(RulingRow.id == ruling)
    )
    application_id = work.session.scalar(name)
    if application_id is None:
        raise Refusal(Obstacle.NO_PROPOSAL)
    held = locked(work, application_id)
    row = work.session.get_one(RulingRow, ruling)
    newest = select(func.max(RulingRow.id)).where(RulingRow.application_key == held.key)
    waits = row.state is RulingState.PROPOSED and held.case.state is CaseState.PROPOSED
    if not waits or work.session.scalar(newest) != ruling:
        raise Refusal(Obstacle.NO_PROPOSAL)
    if held.row.id != row.judgement_key:
        raise Refusal(Obstacle.JUDGEMENT_CHANGED)
    return held, row


def _add_second(work: UnitOfWork, ruling: int, who: Actor, state: RulingState, decision: int | None) -> None:
    moment = now()
    values = {
        "state": state,
        "second_key": who.account_id,
        "seconded_at": moment,
        "effective_at": moment if state is RulingState.EFFECTIVE else None,
        "record_decision_key": decision,
    }
    work.session.execute(update(RulingRow).where(RulingRow.id == ruling).values(values))


def _is_override(
    work: UnitOfWork, held: Held, ask: Ask, trial: Trial | None, lifted: frozenset[Code]
) -> bool:
    """Tell whether a ruling would let somebody past a block: by approval, or by a correction that alone verifies."""
    if trial is not None:
        verifies = trial.judgement.decision is Decision.VERIFIED
        return verifies and (bool(lifted) or _was_lifted(work, held))
    return isinstance(ask, Approve) and _is_against_block(work, held)


def _is_against_block(work: UnitOfWork, held: Held) -> bool:
    return bool(blocks_of(held.judgement)) or _was_lifted(work, held)


def _was_lifted(work: UnitOfWork, held: Held) -> bool:
    """Return whether a correction on these files took a block away."""
    effective = (RulingRow.version_key == held.version.id, RulingRow.state == RulingState.EFFECTIVE)
    return any(work.session.scalars(select(RulingRow.lifted).where(*effective)))


def _tell(  # noqa: PLR0913, PLR0917 - as above
    work: UnitOfWork, held: Held, who: Actor, action: Action, ruling: int, state: RulingState, reason: str
) -> None:
    """Write the audit line; it names the person where the application is of one."""
    row = work.session.get_one(RulingRow, ruling)
    details: dict[str, Any] = {
        "ruling": ruling,
        "kind": row.kind.value,
        "state": state.value,
        "judgement": row.judgement_key,
        "override": row.override,
        "codes": row.codes,
    }
    people = held.judgement.people
    person = people[0].national_id if len(people) == 1 else None
    record(work, who, action, about("application", held.application_id), person, reason, details)


def _entered(work: UnitOfWork, held: Held, ruling: int, state: RulingState) -> Entered:
    row = work.session.execute(
        select(JudgementRow.id, JudgementRow.decision).where(
            JudgementRow.application_key == held.key, JudgementRow.current
        )
    ).one()
    return Entered(ruling, state, row.id, row.decision)
