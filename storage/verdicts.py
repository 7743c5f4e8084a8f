"""The judgement that counts for an application, with all that explains it: declaration, policy, officers' decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.cases import declared_application
from storage.database import UnitOfWork
from storage.desk.history import Event, history
from storage.findings import current_row, judgement_of
from storage.models import ApplicationRow, ApplicationState, CaseState, DeskCase, RulingKind
from validators.application import Application
from validators.case import Judgement

_KINDS: Mapping[CaseState, RulingKind] = {
    CaseState.APPROVED: RulingKind.APPROVE,
    CaseState.PROPOSED: RulingKind.APPROVE,
    CaseState.RETURNED: RulingKind.RETURN,
    CaseState.REJECTED: RulingKind.REJECT,
    CaseState.WAITING: RulingKind.WAIT,
}


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A stored judgement; `application` is the declaration it was made on, None where that did not parse.

    `decisions` are what officers decided on the application, at the desk or by `kanit decide`, the oldest first;
    `stands` is the one of them that the case rests on now, None where it is open or was never in the queue. What
    retention destroyed of it, files or facts, has the moment of that; without facts, the judgement has neither people
    nor findings.
    """

    judgement: Judgement
    application: Application | None
    policy_version: str
    pipeline_version: str
    judged_at: datetime
    decisions: tuple[Event, ...]
    stands: Event | None
    evidence_destroyed_at: datetime | None
    facts_destroyed_at: datetime | None


def stored_verdict(work: UnitOfWork, application_id: str) -> StoredVerdict | None:
    """Load the current judgement of an application; None where there is none. Raises WrongKey."""
    found = current_row(work, application_id)
    if found is None:
        return None
    row, version = found
    decisions = history(work, application_id)
    return StoredVerdict(
        judgement_of(work, application_id, row, version),
        declared_application(version, work.keys),
        row.policy_version,
        row.pipeline_version,
        row.created_at,
        decisions,
        _standing(work, row.application_key, decisions),
        version.evidence_destroyed_at,
        version.facts_destroyed_at,
    )


def _standing(work: UnitOfWork, application_key: int, decisions: Sequence[Event]) -> Event | None:
    """Return the newest decision of the kind that the state of the case comes from."""
    case = work.session.get(DeskCase, application_key)
    kind = _KINDS.get(case.state) if case is not None else None
    return next((event for event in reversed(decisions) if event.kind is kind), None)


def state_of(work: UnitOfWork, application_id: str) -> ApplicationState | None:
    """Return how far the work on an application is, None where the registry does not know it."""
    where = ApplicationRow.application_id == application_id
    return work.session.scalar(select(ApplicationRow.state).where(where))
