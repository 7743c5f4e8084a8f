"""A batch as plain functions: opened and discovered here, read by `flows.reading`, judged by `flows.judging`.

No Prefect in here. The registry database holds the state of the work: what is claimed, read, judged. A batch that is
killed at any moment and started again ends in the same registry as one that was not, and any number of workers may
share an inbox.
"""

import gc
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from extractors.sandbox import Sandbox
from flows.bounds import Bounds
from flows.errors import InboxUnreadable
from flows.issuer.checking import Checker, checker_of
from flows.progress import Progress
from flows.sandboxing import open_sandbox
from flows.summary import Summary
from flows.tally import Tally
from storage.database import Database, open_database
from storage.evidence import EvidenceStore
from storage.folders import Inbox
from storage.inbox import discover, open_inbox
from storage.models import RunEnd
from storage.presence import worker
from storage.queue import LEASE, renew
from storage.queued import Unread, unread
from storage.runs import Counts, Outcome, break_run, finish_run, hear_from, name_flow_run, start_run
from storage.settings import Settings
from validators.finding import Decision
from validators.policy_series import Policies

log = logging.getLogger(__name__)

READERS_PER_WORKER = 3
"""Applications in work for each reading process: one is read while others are hashed, judged, or written to disk."""
RENEWALS_PER_LEASE = 5
PATIENCE = timedelta(minutes=10)
"""How long a batch waits for a database that is away: long enough for an update, or for another host to take over."""
NEW_OBJECTS = 20_000
"""Objects after which Python looks for garbage."""


@dataclass(eq=False, slots=True)
class Batch:
    """One run over an inbox with everything its steps share. Make it with `open_batch` or `open_slice`.

    `run_id` is that of the registry's row; a slice is a part of another's run and has none.
    """

    inbox: Inbox
    settings: Settings
    policies: Policies
    progress: Progress
    database: Database
    evidence: EvidenceStore
    sandbox: Sandbox
    readers: ThreadPoolExecutor
    owner: str
    checker: Checker | None
    bounds: Bounds
    run_id: str | None = None
    tally: Tally = field(default_factory=Tally)
    started: float = field(default_factory=time.monotonic)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def name(self) -> str:
        """The name by which the registry knows the inbox."""
        return self.inbox.name


@contextmanager
def open_batch(
    address: str | Path,
    settings: Settings,
    policies: Policies,
    progress: Progress,
    bounds: Bounds | None = None,
) -> Iterator[Batch]:
    """Open all that a run over an inbox (a folder or a URL) needs, and begin it.

    Leaving by an exception gives back what was claimed and not read. Raises StorageError.
    """
    with open_slice(address, settings, policies, progress, bounds) as batch:
        batch.run_id = start_run(batch.database, batch.name, policies.name, batch.owner)
        with _broken_by_exceptions(batch.database, batch.run_id):
            yield batch


@contextmanager
def open_slice(
    address: str | Path,
    settings: Settings,
    policies: Policies,
    progress: Progress,
    bounds: Bounds | None = None,
) -> Iterator[Batch]:
    """Open inbox, registry, evidence store and sandbox for one that reads only, as a part of another's run."""
    with ExitStack() as stack:
        database = stack.enter_context(closing(open_database(settings)))
        owner = stack.enter_context(worker(database, settings.home))
        stack.enter_context(_renewed(database, owner))
        inbox = stack.enter_context(open_inbox(str(address), settings.home))
        readers = stack.enter_context(ThreadPoolExecutor(READERS_PER_WORKER * settings.workers, "reader"))
        evidence = EvidenceStore(settings.evidence_url, database.keys)
        with suppress(OSError):  # who puts something there will tell
            evidence.remove_abandoned()
        # After the readers, so that it is left before them: its end is what ends readings that wait for it.
        sandbox = stack.enter_context(open_sandbox(settings, settings.workers))
        batch = Batch(
            inbox,
            settings,
            policies,
            progress,
            database,
            evidence,
            sandbox,
            readers,
            owner,
            stack.enter_context(checker_of(settings, sandbox)),
            bounds or Bounds(),
        )
        stack.callback(batch.stopping.set)
        stack.enter_context(_calm_collector())
        stack.enter_context(_patient(database))
        yield batch


def run_by_prefect(batch: Batch, flow_run_id: str) -> None:
    """Note in the registry as which of its flow runs Prefect knows the batch."""
    assert batch.run_id is not None  # noqa: S101 - a slice has no run of its own
    name_flow_run(batch.database, batch.run_id, flow_run_id)


def discover_applications(batch: Batch) -> None:
    """Enter new and changed folders of the inbox into the queue. Raises InboxUnreadable."""
    try:
        found = discover(batch.database, batch.inbox)
    except OSError as error:
        raise InboxUnreadable(error, inbox=batch.name) from None
    batch.tally.found = found.found
    log.info("inbox: %d applications, %d new, %d changed", found.found, found.new, found.changed)


def finish(batch: Batch) -> Summary:
    """Enter the run's figures into the registry and return them with the tally."""
    assert batch.run_id is not None  # noqa: S101 - as above
    left = batch.database.read(lambda work: unread(work, batch.name))
    batch.tally.failures = left.failures
    counts = _counts(batch.tally, left)
    reasons = {code.value: len(ids) for code, ids in batch.tally.by_reason()}
    ended = RunEnd.DEADLINE if left.waiting and batch.bounds.reached else RunEnd.FINISHED
    finish_run(batch.database, batch.run_id, Outcome(counts, batch.tally.sources, reasons, ended))
    return Summary(batch.run_id, counts, time.monotonic() - batch.started, batch.tally)


def _counts(tally: Tally, left: Unread) -> Counts:
    """Count: what failed is parked, waits to be tried again, or could not be judged."""
    verified, flagged = tally.count(Decision.VERIFIED), tally.count(Decision.FLAGGED)
    failed = len(left.failures) + len(tally.unjudged)
    unchanged = max(0, tally.found - verified - flagged - failed - left.waiting)
    return Counts(tally.found, verified, flagged, unchanged, failed, left.waiting)


@contextmanager
def _broken_by_exceptions(database: Database, run_id: str) -> Iterator[None]:
    """Enter how the run ended, if it ends by an exception: by a fault, or by whoever stopped it."""
    try:
        yield
    except BaseException as error:
        ended = RunEnd.FAILED if isinstance(error, Exception) else RunEnd.INTERRUPTED
        database.patience = timedelta(0)
        with suppress(SQLAlchemyError):  # where the registry is away, whoever starts next enters it
            break_run(database, run_id, ended)
        raise


@contextmanager
def _patient(database: Database) -> Iterator[None]:
    """Wait for a database that is away; not when all ends, since what is not given back then runs out."""
    database.patience = PATIENCE
    try:
        yield
    finally:
        database.patience = timedelta(0)


@contextmanager
def _calm_collector() -> Iterator[None]:
    """Keep Python's collector off what is loaded by now, Prefect's modules too, and let it look less often.

    It takes a tenth of the time between two papers otherwise, and what a batch leaves behind is little.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


@contextmanager
def _renewed(database: Database, owner: str) -> Iterator[None]:
    """Renew the owner's claims, and the mark that its run is alive, again and again while the block runs."""
    ended = threading.Event()

    def renew_often() -> None:
        while not ended.wait(LEASE.total_seconds() / RENEWALS_PER_LEASE):
            try:
                renew(database, owner)
                hear_from(database, owner)
            except Exception:  # the next renewal may work; if none does, the claims run out
                log.exception("claims could not be renewed")

    thread = threading.Thread(target=renew_often, name="renewal", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
