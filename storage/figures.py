"""The registry in figures, for monitoring: how much is in which state, and how the last batches went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from storage.database import UnitOfWork
from storage.models import ApplicationRow, ApplicationState, JudgementRow, Run
from storage.nights import IN_GOOD_ORDER, Night, night_of
from validators.finding import Decision

RUNNING = "running"
"""Stands for the end of a batch that has not ended."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts over all inboxes. `decisions` are the current ones.

    `runs` counts batches by how they ended. `last_start` is that of the newest batch, however it went; `last` is the
    newest one that ended in good order, `last_reasons` the applications that it flagged, by code.
    """

    applications: Mapping[ApplicationState, int]
    decisions: Mapping[Decision, int]
    oldest_waiting: datetime | None
    runs: Mapping[str, int]
    last_start: datetime | None
    last: Night | None
    last_reasons: Mapping[str, int]


def figures(work: UnitOfWork) -> Figures:
    """Count the registry."""
    last = work.session.scalars(
        select(Run)
        .where(Run.ended.in_(IN_GOOD_ORDER), Run.finished_at.is_not(None))
        .order_by(Run.finished_at.desc())
        .limit(1)
    ).first()
    return Figures(
        _applications(work),
        _decisions(work),
        _oldest_waiting(work),
        _runs(work),
        work.session.scalar(select(func.max(Run.started_at))),
        night_of(last) if last else None,
        last.reasons or {} if last else {},
    )


def _applications(work: UnitOfWork) -> dict[ApplicationState, int]:
    rows = work.session.execute(select(ApplicationRow.state, func.count()).group_by(ApplicationRow.state))
    return dict.fromkeys(ApplicationState, 0) | {row[0]: row[1] for row in rows}


def _decisions(work: UnitOfWork) -> dict[Decision, int]:
    rows = work.session.execute(
        select(JudgementRow.decision, func.count())
        .where(JudgementRow.current)
        .group_by(JudgementRow.decision)
    )
    return dict.fromkeys(Decision, 0) | {row[0]: row[1] for row in rows}


def _oldest_waiting(work: UnitOfWork) -> datetime | None:
    since = func.coalesce(ApplicationRow.submitted_at, ApplicationRow.created_at)
    return work.session.scalar(
        select(func.min(since)).where(ApplicationRow.state == ApplicationState.PENDING)
    )


def _runs(work: UnitOfWork) -> dict[str, int]:
    rows = work.session.execute(select(Run.ended, func.count()).group_by(Run.ended))
    return {row[0].value if row[0] else RUNNING: row[1] for row in rows}
