"""One row a batch: when it ran, under which policy and version, and what came of it."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version

from sqlalchemy import insert, update

from storage.columns import now
from storage.database import Database
from storage.models import Run


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of a batch, as the contract's `kanit batch --json` prints them."""

    applications: int
    verified: int
    flagged: int
    unchanged: int
    failed: int


@dataclass(frozen=True, slots=True)
class Sources:
    """What the papers of a batch were read by: e-Devlet codes by decoder rung, papers by the source of their words."""

    decoders: Mapping[str, int]
    texts: Mapping[str, int]


@cache
def pipeline_version() -> str:
    """Return the version of kanit; judgements name it, so that the next version can judge anew."""
    return version("kanit")


def start_run(database: Database, inbox: str, policy: str) -> str:
    """Enter a batch that begins now and return its id."""
    run_id = str(uuid.uuid4())
    row = {
        "id": run_id,
        "inbox": inbox,
        "policy": policy,
        "pipeline_version": pipeline_version(),
        "started_at": now(),
    }
    database.transact(lambda work: work.session.execute(insert(Run).values(row)))
    return run_id


def finish_run(database: Database, run_id: str, counts: Counts, sources: Sources) -> None:
    """Enter the figures of a batch that ends now. One that was killed keeps empty figures."""
    change = (
        update(Run)
        .where(Run.id == run_id)
        .values(finished_at=now(), sources=asdict(sources), **asdict(counts))
    )
    database.transact(lambda work: work.session.execute(change))
