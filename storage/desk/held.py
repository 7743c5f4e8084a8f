"""A case taken hold of for a ruling, and who may rule on it in which state."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, select

from storage.cases import declared_application
from storage.database import UnitOfWork
from storage.desk.accounts import account_of
from storage.desk.asks import Approve, Ask, Obstacle, Reopen
from storage.desk.audit import Actor
from storage.desk.cases import CLOSED
from storage.desk.claims import holder_of
from storage.findings import judgement_of
from storage.models import (
    AccountRow,
    ApplicationRow,
    ApplicationState,
    CaseState,
    DeskCase,
    JudgementRow,
    RecordDecision,
    Role,
    Version,
)
from validators.application import Application
from validators.case import Judgement


class Refusal(Exception):
    """A ruling cannot be entered: everything of the transaction is given up."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


@dataclass(frozen=True, slots=True)
class Held:
    """A case whose application is locked: the judgement that counts, what it was made on, and the queue's row."""

    application_id: str
    version: Version
    row: JudgementRow
    judgement: Judgement
    case: DeskCase
    application: Application | None

    @property
    def key(self) -> int:
        """The application's key."""
        return self.row.application_key


def locked(work: UnitOfWork, application_id: str) -> Held:
    """Lock an application and return its case. Raises Refusal."""
    row = work.session.scalar(application_row(application_id).with_for_update())
    if row is None or work.session.get(DeskCase, row.id) is None:
        raise Refusal(Obstacle.NO_CASE)
    held = held_of(work, row) if row.state is ApplicationState.JUDGED else None
    if held is None:
        raise Refusal(Obstacle.JUDGEMENT_CHANGED)
    return held


def application_row(application_id: str) -> Select[tuple[ApplicationRow]]:
    """Return the query for an application."""
    return select(ApplicationRow).where(ApplicationRow.application_id == application_id)


def held_of(work: UnitOfWork, row: ApplicationRow) -> Held | None:
    """Return the case with the judgement on the files as they are; None where there is none (any more)."""
    case = work.session.get(DeskCase, row.id)
    found = work.session.execute(
        select(JudgementRow, Version)
        .join(Version, Version.id == JudgementRow.version_key)
        .where(
            JudgementRow.application_key == row.id,
            JudgementRow.current,
            Version.fingerprint == row.fingerprint,
            Version.facts_destroyed_at.is_(None),
        )
    ).one_or_none()
    if case is None or found is None:
        return None
    judgement = judgement_of(work, row.application_id, found.JudgementRow, found.Version)
    declared = declared_application(found.Version, work.keys)
    return Held(row.application_id, found.Version, found.JudgementRow, judgement, case, declared)


def officer_of(work: UnitOfWork, who: Actor, roles: Collection[Role]) -> str:
    """Return the name of an officer who may do this, as shown; as the account is now, not when the session began.

    Raises Refusal.
    """
    row = work.session.get(AccountRow, who.account_id) if who.account_id is not None else None
    if row is None or row.disabled_at is not None or row.role not in roles:
        raise Refusal(Obstacle.ROLE)
    return account_of(work, row).display


def claim_fault(work: UnitOfWork, held: Held, who: Actor) -> Obstacle | None:
    """Return what of the claim is in the way: the officer must hold the case."""
    holder = holder_of(work, held.key)
    if holder is None:
        return Obstacle.NOT_CLAIMED
    return None if holder.account_id == who.account_id else Obstacle.HELD


def state_fault(work: UnitOfWork, held: Held, ask: Ask) -> Obstacle | None:
    """What is closed or proposed can be opened again only; what is open cannot be opened."""
    if _is_decided_petition(work, held):
        return Obstacle.ALREADY_DECIDED
    if isinstance(ask, Approve) and held.application is None:
        return Obstacle.NOT_PARSED
    open_states = (CaseState.OPEN, CaseState.WAITING)
    closed_states = (*CLOSED, CaseState.WAITING, CaseState.PROPOSED)
    fits = held.case.state in (closed_states if isinstance(ask, Reopen) else open_states)
    return None if fits else Obstacle.STATE


def _is_decided_petition(work: UnitOfWork, held: Held) -> bool:
    """Return whether the version is a petition that was decided, for good."""
    decided = select(RecordDecision.id).where(RecordDecision.version_key == held.version.id)
    return work.session.scalar(decided) is not None
