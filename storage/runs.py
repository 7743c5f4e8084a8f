"""One row a batch: when it ran, under which policy and version, how it ended, and what came of it."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version

from sqlalchemy import func, insert, not_, or_, select, update

from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.models import Run, RunEnd
from storage.queue import LEASE


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of a batch, as the contract's `kanit batch --json` prints them.

    `waiting` counts what was left unread for a later batch, because its hour or its limit had come.
    """

    applications: int
    verified: int
    flagged: int
    unchanged: int
    failed: int
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Sources:
    """What the papers of a batch were read by: e-Devlet codes by decoder rung, papers by the source of their words."""

    decoders: Mapping[str, int]
    texts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a batch that ended in good order; `reasons` counts the flagged applications by code."""

    counts: Counts
    sources: Sources
    reasons: Mapping[str, int]
    ended: RunEnd = RunEnd.FINISHED


@cache
def pipeline_version() -> str:
    """Return the version of kanit; judgements name it, so that the next version can judge anew."""
    return version("kanit")


def start_run(database: Database, inbox: str, policy: str, owner: str) -> str:
    """Enter a batch that begins now, with the owner of its claims, and return its id."""
    row = {
        "id": str(uuid.uuid4()),
        "inbox": inbox,
        "policy": policy,
        "pipeline_version": pipeline_version(),
        "started_at": now(),
        "owner": owner,
        "heard_at": now(),
    }
    database.transact(lambda work: _enter(work, row))
    return str(row["id"])


def _enter(work: UnitOfWork, row: Mapping[str, object]) -> None:
    if work.session.get(Run, row["id"]) is None:  # it is there if the answer to the first commit was lost
        work.session.execute(insert(Run).values(row))


def name_flow_run(database: Database, run_id: str, flow_run_id: str) -> None:
    """Enter Prefect's id of the flow run that a batch is."""
    change = update(Run).where(Run.id == run_id).values(flow_run_id=flow_run_id)
    database.transact(lambda work: work.session.execute(change))


def hear_from(database: Database, owner: str) -> None:
    """Note that the owner's batch is alive; to be called as often as its claims are renewed."""
    change = update(Run).where(Run.owner == owner, Run.ended.is_(None)).values(heard_at=now())
    database.transact(lambda work: work.session.execute(change))


def finish_run(database: Database, run_id: str, outcome: Outcome) -> None:
    """Enter what came of a batch that ends now in good order."""
    values = {
        **asdict(outcome.counts),
        "sources": asdict(outcome.sources),
        "reasons": dict(outcome.reasons),
        "ended": outcome.ended,
        "finished_at": now(),
    }
    change = update(Run).where(Run.id == run_id).values(values)
    database.transact(lambda work: work.session.execute(change))


def break_run(database: Database, run_id: str, ended: RunEnd) -> None:
    """Enter that a batch ended before its work was done; its figures stay empty."""
    change = update(Run).where(Run.id == run_id, Run.ended.is_(None)).values(ended=ended)
    database.transact(lambda work: work.session.execute(change))


def interrupt_lost(database: Database, dead: Collection[str] = ()) -> None:
    """Mark as interrupted the batches of owners that died, and those that were not heard from for a lease.

    As well as those that were heard from on a later day only, by a clock that was ahead.
    """
    heard = func.coalesce(Run.heard_at, Run.started_at)
    silent = not_(heard.between(now() - LEASE, now() + LEASE))
    change = (
        update(Run)
        .where(Run.ended.is_(None), or_(Run.owner.in_(dead), silent))
        .values(ended=RunEnd.INTERRUPTED)
    )
    database.transact(lambda work: work.session.execute(change))


def interrupted_lately(database: Database, inbox: str, since: datetime) -> int:
    """Count the batches over an inbox that began since then and were killed, after the last one in good order."""
    of_inbox = (Run.inbox == inbox, Run.started_at >= since)
    last_good = (
        select(func.max(Run.started_at)).where(*of_inbox, Run.finished_at.is_not(None)).scalar_subquery()
    )
    killed = (
        select(func.count())
        .select_from(Run)
        .where(*of_inbox, Run.ended == RunEnd.INTERRUPTED)
        .where(Run.started_at > func.coalesce(last_good, since))
    )
    return database.read(lambda work: work.session.scalars(killed).one())


def lost_flow_runs(database: Database, flow_run_ids: Collection[str]) -> frozenset[str]:
    """Return those of Prefect's flow runs that were batches which ended otherwise than in good order."""
    lost = select(Run.flow_run_id).where(
        Run.flow_run_id.in_(flow_run_ids), Run.ended.in_((RunEnd.INTERRUPTED, RunEnd.FAILED))
    )
    found = database.read(lambda work: work.session.scalars(lost).all())
    return frozenset(each for each in found if each is not None)


def finished_flow_runs(database: Database, flow_run_ids: Collection[str]) -> frozenset[str]:
    """Return those of Prefect's flow runs that were batches which ended in good order, a lease ago or longer."""
    long_ago = now() - LEASE
    finished = select(Run.flow_run_id).where(
        Run.flow_run_id.in_(flow_run_ids), Run.finished_at.is_not(None), Run.finished_at < long_ago
    )
    found = database.read(lambda work: work.session.scalars(finished).all())
    return frozenset(each for each in found if each is not None)


def unknown_flow_runs(database: Database, flow_run_ids: Collection[str]) -> frozenset[str]:
    """Return those of Prefect's flow runs that no batch of this registry says to have been."""
    known = select(Run.flow_run_id).where(Run.flow_run_id.in_(flow_run_ids))
    found = database.read(lambda work: work.session.scalars(known).all())
    return frozenset(flow_run_ids) - {each for each in found if each is not None}
