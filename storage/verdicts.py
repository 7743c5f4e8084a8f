"""The judgement that counts for an application, with all that explains it: declaration, policy, officers' decisions."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.cases import declared_application
from storage.database import UnitOfWork
from storage.decisions import Decided, decisions_on
from storage.findings import current_row, judgement_of
from storage.models import ApplicationRow, ApplicationState
from validators.application import Application
from validators.case import Judgement


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A stored judgement; `application` is the declaration it was made on, None where that did not parse.

    `decisions` are what officers decided on the application, the oldest first. What retention destroyed of it, files or
    facts, has the moment of that; without facts, the judgement has neither people nor findings.
    """

    judgement: Judgement
    application: Application | None
    policy_version: str
    pipeline_version: str
    judged_at: datetime
    decisions: tuple[Decided, ...]
    evidence_destroyed_at: datetime | None
    facts_destroyed_at: datetime | None


def stored_verdict(work: UnitOfWork, application_id: str) -> StoredVerdict | None:
    """Load the current judgement of an application; None where there is none. Raises WrongKey."""
    found = current_row(work, application_id)
    if found is None:
        return None
    row, version = found
    return StoredVerdict(
        judgement_of(work, application_id, row, version),
        declared_application(version, work.keys),
        row.policy_version,
        row.pipeline_version,
        row.created_at,
        decisions_on(work, application_id),
        version.evidence_destroyed_at,
        version.facts_destroyed_at,
    )


def state_of(work: UnitOfWork, application_id: str) -> ApplicationState | None:
    """Return how far the work on an application is, None where the registry does not know it."""
    where = ApplicationRow.application_id == application_id
    return work.session.scalar(select(ApplicationRow.state).where(where))
