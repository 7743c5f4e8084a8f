"""Several cases ruled on together, where that is safe: one reason, the same for all, and the same proposal.

Nothing is ruled unseen. The preview tells of every chosen case what would happen or why it is left out; what was
previewed is ruled case by case, each under a claim and only on the judgement that the preview showed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Final, Self

from flows.letter import why_no_letter
from flows.recorded import as_verdict
from flows.verdict import Verdict
from review.decide_letters import returning
from review.desk import Desk
from storage.database import UnitOfWork
from storage.desk.accounts import Account
from storage.desk.audit import Action, Actor, about, record
from storage.desk.cases import flagging
from storage.desk.claims import HeldBy, NoSuchCase, claim_case, release
from storage.desk.queue import CaseLine, CaseState, case_line
from storage.desk.rulings import Obstacle, Refused, Return, Wait, rule
from storage.verdicts import stored_verdict
from validators.finding import Code, Proposal
from validators.policy_series import find_policies

MOST: Final = 50
"""Cases that may be chosen at once: those of a page."""
TOGETHER: Final = frozenset({Proposal.RETURN_TO_APPLICANT, Proposal.WAIT_UNTIL})
"""Proposals that may be followed without looking at each paper: the machine asks nobody to look."""
_RULABLE = frozenset({CaseState.OPEN, CaseState.WAITING})


class LeftOut(StrEnum):
    """Why a chosen case is not ruled on together with the others."""

    GONE = "gone"
    """It is not in the queue any more."""
    CHANGED = "changed"
    """It was judged again since it was chosen."""
    DECIDED = "decided"
    """Somebody decided it, or a proposal waits for a second officer."""
    HELD = "held"
    """Somebody else works on it."""
    SEVERAL = "several"
    """It has more than one reason."""
    BY_HAND = "by_hand"
    """An officer is to look at it."""
    OTHER = "other"
    """It has another reason or proposal than most of the chosen ones."""
    NO_DAY = "no_day"
    """The day to wait for is not known or has come."""
    REFUSED = "refused"
    """The rules of rulings do not allow it."""


_OBSTACLES = {
    Obstacle.NO_CASE: LeftOut.GONE,
    Obstacle.JUDGEMENT_CHANGED: LeftOut.CHANGED,
    Obstacle.NOT_CLAIMED: LeftOut.HELD,
    Obstacle.HELD: LeftOut.HELD,
    Obstacle.STATE: LeftOut.DECIDED,
    Obstacle.ALREADY_DECIDED: LeftOut.DECIDED,
    Obstacle.DAY_PAST: LeftOut.NO_DAY,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A case as somebody chose it: with the judgement that was shown."""

    application_id: str
    judgement: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read `17:TS-2026-000001`; None for anything else."""
        judgement, _, application_id = text.partition(":")
        short = judgement.isascii() and judgement.isdigit() and len(judgement) < 19
        return cls(application_id, int(judgement)) if short and application_id else None

    def __str__(self) -> str:
        """Write it as a form holds it."""
        return f"{self.judgement}:{self.application_id}"


@dataclass(frozen=True, slots=True)
class Planned:
    """What would happen to a chosen case: a ruling, or why it is left out. `line` is None for one that is gone."""

    chosen: Chosen
    line: CaseLine | None
    ask: Return | Wait | None = None
    left_out: LeftOut | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen to all chosen cases, for the reason and proposal that most of them have."""

    cases: tuple[Planned, ...]

    @property
    def ruled(self) -> tuple[Planned, ...]:
        """The cases that would be ruled on."""
        return tuple(case for case in self.cases if case.ask is not None)

    @property
    def left_out(self) -> tuple[Planned, ...]:
        """The cases that would not."""
        return tuple(case for case in self.cases if case.ask is None)

    @property
    def kind(self) -> tuple[Code, Proposal] | None:
        """Reason and proposal; None where nothing would be ruled."""
        return next((_kind(case.line) for case in self.ruled if case.line is not None), None)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a case: `hindrance` is None where the ruling was entered, else why it was not."""

    planned: Planned
    hindrance: LeftOut | None = None


def may_join(line: CaseLine, account: Account) -> bool:
    """Return whether a case may be ruled on together with others, as far as its line tells."""
    return _why_not(line, account) is None


def plan(work: UnitOfWork, chosen: Sequence[Chosen], account: Account, today: date) -> Plan:
    """Tell of every chosen case what would happen."""
    lines = [(each, case_line(work, each.application_id)) for each in chosen]
    planned = [_first_look(each, line, account) for each, line in lines]
    kinds = Counter(_kind(case.line) for case in planned if case.line and case.left_out is None)
    most = kinds.most_common(1)[0][0] if kinds else None
    return Plan(tuple(_with_ask(work, case, most, today) for case in planned))


def carry_out(
    desk: Desk, previewed: Plan, account: Account, actor: Actor, kind: tuple[Code, Proposal]
) -> tuple[Done, ...]:
    """Rule on what was previewed, case by case, and audit it as one deed; one that fails keeps no other back.

    `kind` is reason and proposal of the preview: nothing else is ruled.
    """
    done = tuple(
        _rule(desk, case, account, actor)
        if case.ask and case.line and _kind(case.line) == kind
        else Done(case, case.left_out or LeftOut.OTHER)
        for case in previewed.cases
    )
    entered = [each.planned.chosen.application_id for each in done if each.hindrance is None]
    code, proposal = kind
    details = {"code": code.value, "proposal": proposal.value, "chosen": len(done), "entered": entered}
    desk.database.transact(
        lambda work: record(work, actor, Action.BULK_RULING, about("queue", proposal.value), details=details)
    )
    return done


def _first_look(chosen: Chosen, line: CaseLine | None, account: Account) -> Planned:
    if line is None:
        return Planned(chosen, None, left_out=LeftOut.GONE)
    if line.judgement != chosen.judgement:
        return Planned(chosen, line, left_out=LeftOut.CHANGED)
    return Planned(chosen, line, left_out=_why_not(line, account))


def _why_not(line: CaseLine, account: Account) -> LeftOut | None:
    hindrances = (
        (line.state not in _RULABLE, LeftOut.DECIDED),
        (line.claimed_by not in (None, account.name), LeftOut.HELD),
        (len(line.reasons) != 1, LeftOut.SEVERAL),
        (line.proposal not in TOGETHER, LeftOut.BY_HAND),
    )
    return next((left_out for hinders, left_out in hindrances if hinders), None)


def _kind(line: CaseLine) -> tuple[Code, Proposal]:
    return line.reasons[0], line.proposal


def _with_ask(work: UnitOfWork, case: Planned, most: tuple[Code, Proposal] | None, today: date) -> Planned:
    if case.left_out is not None or case.line is None:
        return case
    if _kind(case.line) != most:
        return Planned(case.chosen, case.line, left_out=LeftOut.OTHER)
    found = stored_verdict(work, case.chosen.application_id)
    ask = _ask(as_verdict(found), case.line, today) if found is not None else LeftOut.GONE
    if isinstance(ask, LeftOut):
        return Planned(case.chosen, case.line, left_out=ask)
    return Planned(case.chosen, case.line, ask)


def _ask(verdict: Verdict, line: CaseLine, today: date) -> Return | Wait | LeftOut:
    """Return the ruling that follows the proposal."""
    if line.proposal is Proposal.WAIT_UNTIL:
        day = _last_day(finding.wait_until for finding in flagging(verdict.judgement))
        return Wait(day) if day is not None and day > today else LeftOut.NO_DAY
    if why_no_letter(verdict) is not None:
        return LeftOut.BY_HAND
    draft = returning(verdict, line.reasons, today)
    return Return(line.reasons, draft.whole(draft.body))


def _last_day(days: Iterable[str | None]) -> date | None:
    return max((date.fromisoformat(day) for day in days if day), default=None)


def _rule(desk: Desk, case: Planned, account: Account, actor: Actor) -> Done:
    """Rule on one case under a claim, which is given back where it was taken for this and nothing came of it."""
    chosen, line = case.chosen, case.line
    assert case.ask is not None and line is not None  # noqa: S101, PT018 - narrows the types
    try:
        claim = claim_case(desk.database, chosen.application_id, account, actor.address)
    except NoSuchCase:
        return Done(case, LeftOut.GONE)
    if isinstance(claim, HeldBy):
        return Done(case, LeftOut.HELD)
    policies = partial(find_policies, folder=desk.settings.policies)
    entered = rule(desk.database, chosen.application_id, chosen.judgement, actor, case.ask, policies)
    if not isinstance(entered, Refused):
        return Done(case)
    if line.claimed_by is None:
        release(desk.database, chosen.application_id, account, actor.address)
    return Done(case, _OBSTACLES.get(entered.obstacle, LeftOut.REFUSED))
