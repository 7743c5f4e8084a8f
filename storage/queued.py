"""What stands in the reading queue, for people: what waits, is in work, was parked and why; and trying it anew."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, update

from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.leases import is_held
from storage.models import ApplicationRow, ApplicationState
from storage.queue import AFRESH, LEASE, PAUSES


class Place(StrEnum):
    """Where an application stands that was not read yet."""

    WAITING = "waiting"
    IN_WORK = "in_work"
    RESTING = "resting"
    """Its reading failed; it is tried again later by itself."""
    PARKED = "parked"
    """Its readings failed too often; it is not tried again until its folder changes or somebody asks for it."""


@dataclass(frozen=True, slots=True)
class Queued:
    """An application that was not read yet.

    `since` is when it was signed, where its declaration tells, else when it was found. `reason` is the code of its last
    failure. A resting one is not tried before `not_before`.
    """

    application_id: str
    inbox: str
    place: Place
    reason: str | None
    failures: int
    since: datetime
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class Unread:
    """What of an inbox was not read: how many applications simply wait, and which failed, with the code of each."""

    waiting: int
    failures: dict[str, str]


_since = func.coalesce(ApplicationRow.submitted_at, ApplicationRow.created_at)
_unread = ApplicationRow.state.in_((ApplicationState.PENDING, ApplicationState.FAILED))
_is_unclaimed = ApplicationRow.owner.is_(None)
_failed = or_(ApplicationRow.state == ApplicationState.FAILED, ApplicationRow.attempts > 0)


def queued(work: UnitOfWork) -> tuple[Queued, ...]:
    """Return every application of every inbox that was not read yet, the oldest first."""
    rows = work.session.execute(
        select(ApplicationRow, _since).where(_unread).order_by(_since, ApplicationRow.id)
    )
    return tuple(_queued(row, since) for row, since in rows)


def _queued(row: ApplicationRow, since: datetime) -> Queued:
    return Queued(row.application_id, row.inbox, _place(row), row.error, row.claims, since, row.not_before)


def _place(row: ApplicationRow) -> Place:
    if row.state is ApplicationState.FAILED:
        return Place.PARKED
    if is_held(row.leased_until, now(), LEASE):
        return Place.IN_WORK
    return Place.RESTING if is_held(row.not_before, now(), PAUSES[-1]) else Place.WAITING


def unread(work: UnitOfWork, inbox: str) -> Unread:
    """Return what of an inbox was not read."""
    here = and_(_unread, ApplicationRow.inbox == inbox)
    failures = work.session.execute(
        select(ApplicationRow.application_id, ApplicationRow.error).where(here, _failed)
    )
    waiting = work.session.scalar(select(func.count()).select_from(ApplicationRow).where(here, not_(_failed)))
    return Unread(waiting or 0, {name: error or "" for name, error in failures})


def oldest_waiting(work: UnitOfWork, inbox: str) -> datetime | None:
    """Return since when the oldest application of an inbox waits that is not parked; None when nothing waits."""
    pending = and_(ApplicationRow.inbox == inbox, ApplicationRow.state == ApplicationState.PENDING)
    return work.session.scalar(select(func.min(_since)).where(pending))


def retry_all(database: Database) -> frozenset[str]:
    """Let every parked application be tried afresh; return their ids."""
    return database.transact(lambda work: _retry(work, ApplicationRow.state == ApplicationState.FAILED))


def retry(database: Database, application_ids: Collection[str]) -> frozenset[str]:
    """Let parked or resting applications be tried afresh and at once; return the ids of those that were."""
    stuck = and_(ApplicationRow.application_id.in_(application_ids), _unread, _failed, _is_unclaimed)
    return database.transact(lambda work: _retry(work, stuck))


def _retry(work: UnitOfWork, where: ColumnElement[bool]) -> frozenset[str]:
    change = update(ApplicationRow).where(where).values(AFRESH).returning(ApplicationRow.application_id)
    return frozenset(work.session.scalars(change))
