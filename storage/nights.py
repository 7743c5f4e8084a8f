"""Looking back from a night: its figures beside those of the nights before it, and what it leaves behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from storage.columns import now
from storage.database import UnitOfWork
from storage.models import ApplicationRow, ApplicationState, Run, RunEnd
from storage.queued import oldest_waiting
from storage.runs import Counts

NIGHTS = 7
"""How many nights one is compared with."""
IN_GOOD_ORDER = (RunEnd.FINISHED, RunEnd.DEADLINE)


@dataclass(frozen=True, slots=True)
class Night:
    """A batch that ended in good order. Shares are of the applications that it judged."""

    run: str
    started_at: datetime
    finished_at: datetime
    counts: Counts

    @property
    def seconds(self) -> float:
        """Wall time from beginning to end."""
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def judged(self) -> int:
        """How many applications were decided on."""
        return self.counts.verified + self.counts.flagged


@dataclass(frozen=True, slots=True)
class LookBack:
    """A night, those before it with something judged (the newest first), and what still waits or is parked."""

    night: Night
    earlier: Sequence[Night]
    parked: int
    oldest_waiting: datetime | None

    @property
    def queue_days(self) -> float | None:
        """Age in days of the oldest application that waits; None when nothing waits."""
        if self.oldest_waiting is None:
            return None
        return (now() - self.oldest_waiting).total_seconds() / 86400


@dataclass(frozen=True, slots=True)
class ToDo:
    """Applications of an inbox that a night has before it: to be read, and read but not judged."""

    unread: int
    unjudged: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.unread + self.unjudged

    def percent_done(self, left: "ToDo") -> int:
        """Return how many percent of this are done while so much is left, at most 99: there may come more."""
        effort = self.effort
        return min(99, max(0, int(100 * (effort - left.effort) / effort))) if effort else 0

    @property
    def effort(self) -> int:
        """Work in tenths of an application: reading takes nine of them, judging one."""
        return 10 * self.unread + self.unjudged


def flagged_share(nights: Sequence[Night]) -> float | None:
    """Return the flagged part of all that was judged in some nights; None where nothing was judged."""
    judged = sum(night.judged for night in nights)
    return sum(night.counts.flagged for night in nights) / judged if judged else None


def to_do(work: UnitOfWork, inbox: str) -> ToDo:
    """Count what is to be done; applications that were judged before and are only judged anew do not count."""
    rows = work.session.execute(
        select(ApplicationRow.state, func.count())
        .where(
            ApplicationRow.inbox == inbox,
            ApplicationRow.state.in_((ApplicationState.PENDING, ApplicationState.READ)),
        )
        .group_by(ApplicationRow.state)
    )
    counts = {state: count for state, count in rows}  # noqa: C416 - a row is no pair to mypy
    return ToDo(counts.get(ApplicationState.PENDING, 0), counts.get(ApplicationState.READ, 0))


def look_back(work: UnitOfWork, run_id: str) -> LookBack:
    """Return a night that ended in good order, with the nights of the same inbox before it."""
    row = work.session.get_one(Run, run_id)
    earlier = work.session.scalars(
        select(Run)
        .where(
            Run.inbox == row.inbox,
            Run.id != run_id,
            Run.started_at <= row.started_at,
            Run.finished_at.is_not(None),
            Run.ended.in_(IN_GOOD_ORDER),
            func.coalesce(Run.verified, 0) + func.coalesce(Run.flagged, 0) > 0,
        )
        .order_by(Run.started_at.desc(), Run.id)
        .limit(NIGHTS)
    )
    parked = select(func.count()).where(
        ApplicationRow.inbox == row.inbox, ApplicationRow.state == ApplicationState.FAILED
    )
    return LookBack(
        night_of(row),
        [night_of(each) for each in earlier],
        work.session.scalar(parked) or 0,
        oldest_waiting(work, row.inbox),
    )


def night_of(row: Run) -> Night:
    """Return the figures of a batch that ended in good order."""
    assert row.finished_at is not None  # noqa: S101 - narrows the type: what ended in good order has its end
    counts = Counts(*(getattr(row, name) or 0 for name in Counts.__slots__))
    return Night(row.id, row.started_at, row.finished_at, counts)
