"""Fills the queue with applications that were flagged before there was a queue."""

from sqlalchemy import select

from storage.cases import declared_application
from storage.database import Database, UnitOfWork
from storage.desk.cases import Judged, enter_cases, standing_of
from storage.findings import judgement_of
from storage.models import ApplicationRow, DeskCase, JudgementRow, Version
from validators.finding import Decision

_CHUNK = 100


def fill_queue(database: Database) -> int:
    """Write the queue's rows that are missing, and return how many. Cheap where there is nothing to do."""
    filled = 0
    while done := database.transact(_fill):
        filled += done
    return filled


def _fill(work: UnitOfWork) -> int:
    rows = work.session.execute(
        select(ApplicationRow, JudgementRow, Version)
        .join(JudgementRow, JudgementRow.application_key == ApplicationRow.id)
        .join(Version, Version.id == JudgementRow.version_key)
        .outerjoin(DeskCase, DeskCase.application_key == ApplicationRow.id)
        .where(
            JudgementRow.current,
            JudgementRow.decision == Decision.FLAGGED,
            Version.facts_destroyed_at.is_(None),
            DeskCase.application_key.is_(None),
        )
        .order_by(ApplicationRow.id)
        .limit(_CHUNK)
        .with_for_update(of=ApplicationRow)
    ).all()
    cases = [_judged(work, row.ApplicationRow, row.JudgementRow, row.Version) for row in rows]
    enter_cases(work, cases, standing_of(work, [case.version_key for case in cases]))
    return len(rows)


def _judged(work: UnitOfWork, application: ApplicationRow, row: JudgementRow, version: Version) -> Judged:
    judgement = judgement_of(work, application.application_id, row, version)
    declared = declared_application(version, work.keys)
    return Judged(application.id, version.id, row.id, declared, judgement, row.run_id)
