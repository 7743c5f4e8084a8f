"""The nightly batch as plain functions: discover, read in parallel, judge in order, count. No Prefect in here.

The registry database holds the state of the work: what is claimed, read, judged. A batch that is killed at any moment
and started again ends in the same registry as one that was not, and any number of workers may share an inbox.
"""

import gc
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from extractors.sandbox import Sandbox, SandboxLimits
from flows.errors import RegistryUnusable
from flows.issuer.checking import Checker, checker_of
from flows.issuer.night import Night, ask_for_inbox
from flows.progress import Progress
from flows.rejudging import judge_file, kept_policies
from flows.summary import Summary
from flows.tally import Tally
from flows.verification import Reading, read_application
from storage.batches import batched
from storage.cases import due_for_rejudging, load_cases, unjudged
from storage.database import Database, UnitOfWork, open_database
from storage.errors import EvidenceDamaged
from storage.evidence import EvidenceStore
from storage.inbox import discover, fingerprint, inbox_name
from storage.judgements import Judged, save_judgements
from storage.models import ApplicationState
from storage.presence import release_departed, worker
from storage.queue import LEASE, Claim, backlog, claim, record_failures, renew, states, store_readings
from storage.queue import Reading as StoredReading
from storage.runs import Counts, finish_run, start_run
from storage.settings import Settings
from validators.case import Judgement
from validators.finding import Decision
from validators.policy_series import Policies

log = logging.getLogger(__name__)

CHUNKS_PER_WORKER = 4
"""Small inboxes are cut so that every worker has several chunks: cores stay busy, the progress bar moves."""
READERS_PER_WORKER = 3
"""Applications in work for each reading process: one is read while others are hashed, judged, or written to disk."""
MAX_CHUNKS = 1000
"""Task runs that are submitted at a time; Prefect's server loses count of more than some three thousand."""
POLL_SECONDS = 2.0
"""How often a batch looks whether what another worker claimed is done."""
RENEWALS_PER_LEASE = 5
NEW_OBJECTS = 20_000
"""Objects after which Python looks for garbage."""

INTERNAL_ERROR = "INTERNAL_ERROR"
INPUT_OUTPUT_ERROR = "INPUT_OUTPUT_ERROR"
FOLDER_CHANGED = "FOLDER_CHANGED"


@dataclass(frozen=True, slots=True)
class Failure:
    """An application that could not be read for a reason of ours; `code` says why."""

    application_id: str
    code: str


@dataclass(eq=False, slots=True)
class Batch:
    """One run over an inbox with everything its steps share. Make it with `open_batch`."""

    inbox: Path
    settings: Settings
    policies: Policies
    progress: Progress
    database: Database
    evidence: EvidenceStore
    sandbox: Sandbox
    readers: ThreadPoolExecutor
    owner: str
    run_id: str
    checker: Checker | None = None
    tally: Tally = field(default_factory=Tally)
    started: float = field(default_factory=time.monotonic)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def name(self) -> str:
        """The name by which the registry knows the inbox."""
        return inbox_name(self.inbox)


@contextmanager
def open_batch(inbox: Path, settings: Settings, policies: Policies, progress: Progress) -> Iterator[Batch]:
    """Open registry, evidence store and sandbox for one run, and begin it.

    Leaving by an exception gives back what was claimed and not read. Raises StorageError.
    """
    with ExitStack() as stack:
        database = stack.enter_context(closing(open_database(settings)))
        owner = stack.enter_context(worker(database, settings.home))
        stack.enter_context(_renewed(database, owner))
        readers = stack.enter_context(ThreadPoolExecutor(READERS_PER_WORKER * settings.workers, "reader"))
        # After the readers, so that it is left before them: its end is what ends readings that wait for it.
        sandbox = stack.enter_context(
            Sandbox(settings.workers, SandboxLimits(seconds=settings.document_timeout))
        )
        checker = stack.enter_context(checker_of(settings, sandbox))
        batch = Batch(
            inbox,
            settings,
            policies,
            progress,
            database,
            EvidenceStore(settings.evidence_url, database.keys),
            sandbox,
            readers,
            owner,
            start_run(database, inbox_name(inbox), policies.name),
            checker,
        )
        stack.callback(batch.stopping.set)
        stack.enter_context(_calm_collector())
        yield batch


def discover_applications(batch: Batch) -> None:
    """Enter new and changed folders of the inbox into the queue. Raises OSError when it cannot be listed."""
    found = discover(batch.database, batch.inbox)
    batch.tally.found = found.found
    log.info("inbox: %d applications, %d new, %d changed", found.found, found.new, found.changed)


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """So many chunks of so many applications are free to be read."""

    chunks: int
    size: int


def plan_reading(batch: Batch) -> ReadingPlan | None:
    """Return what is to be read now; None when everything is read.

    Waits while the only applications left are those that other workers have claimed.
    """
    while True:
        left = backlog(batch.database, batch.name)
        if left.free:
            batch.progress.begin("reading", batch.tally.read + left.free)
            size = chunk_size(batch.settings, left.free)
            return ReadingPlan(min(MAX_CHUNKS, math.ceil(left.free / size)), size)
        if not left.claimed:
            return None
        time.sleep(POLL_SECONDS)
        release_departed(batch.database, batch.settings.home)


def chunk_size(settings: Settings, applications: int) -> int:
    """Return how many applications make a chunk: the setting, fewer when there are few applications."""
    return min(settings.chunk_size, math.ceil(applications / (settings.workers * CHUNKS_PER_WORKER)))


def read_chunk(batch: Batch, size: int) -> int:
    """Claim up to `size` applications, read them, store the facts in one transaction; return how many were read.

    An application that cannot be read for a reason of ours is counted against it and stops nothing else. Trouble with
    the registry or the evidence store stops the batch: there is no place to put results then.
    """
    claims = claim(batch.database, batch.name, batch.owner, size)
    outcomes = list(batch.readers.map(lambda claimed: _read(batch, claimed), claims))
    readings = [outcome for outcome in outcomes if isinstance(outcome, StoredReading)]
    failures = {outcome.application_id: outcome.code for outcome in outcomes if isinstance(outcome, Failure)}
    if readings:
        store_readings(batch.database, batch.owner, readings)
    if failures:
        batch.progress.advance(len(record_failures(batch.database, batch.owner, failures)))
    return len(readings)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some applications of a wave, and their judgements under these policies, which may still be under way."""

    application_keys: Sequence[int]
    policies: Policies
    judged: "Future[list[Judged]]"


def chunks_to_judge(batch: Batch) -> Iterator[Chunk]:
    """Yield the applications to be judged, by chunks in the order that the registry demands.

    Each chunk must be entered by `judge_chunk` before the next one is asked for: what is due for judging anew depends
    on it. While one is entered, the next one of its wave is judged; nothing that a wave enters changes what the rest of
    it is judged on (`storage.cases`). What is judged anew is so under the policy of its last judgement.
    """
    _ask_issuer(batch)
    for wave in _waves(batch, unjudged):
        yield from _judged_ahead(batch, wave, batch.policies)
    for _ in range(2):  # what is verified the first time can be what a removal did not find at the provider
        for wave in _waves(batch, due_for_rejudging):
            for policies, keys in kept_policies(batch.database, wave, batch.policies, batch.settings):
                yield from _judged_ahead(batch, keys, policies)


def _ask_issuer(batch: Batch) -> None:
    """Ask the issuer about papers, where there is one to ask; the answers are part of what is judged."""
    if batch.checker is not None:
        ask_for_inbox(
            Night(
                batch.database,
                batch.name,
                batch.checker,
                batch.readers,
                batch.settings.chunk_size,
                batch.progress,
            )
        )


def _waves(
    batch: Batch, due: Callable[[UnitOfWork, str], tuple[tuple[int, ...], ...]]
) -> tuple[tuple[int, ...], ...]:
    with batch.database.reading() as work:
        waves = due(work, batch.name)
    if waves:
        batch.progress.begin("judging", batch.tally.judged + sum(map(len, waves)))
    return waves


def _judged_ahead(batch: Batch, wave: Sequence[int], policies: Policies) -> Iterator[Chunk]:
    ahead: deque[Chunk] = deque()
    for keys in batched(wave, batch.settings.chunk_size):
        ahead.append(Chunk(keys, policies, batch.readers.submit(_judge, batch, keys, policies)))
        if len(ahead) > 1:
            yield ahead.popleft()
    yield from ahead


def _judge(batch: Batch, application_keys: Sequence[int], policies: Policies) -> list[Judged]:
    with batch.database.reading() as work:
        files = load_cases(work, application_keys)
    judged = []
    for file in files:
        try:
            judged.append(Judged(file, judge_file(file, policies)))
        except Exception:  # a fault of one application's rules must not stop the others
            log.exception("%s: judging failed", file.application_id)
            batch.tally.add_unjudged(file.application_id, INTERNAL_ERROR)
    return judged


def judge_chunk(batch: Batch, chunk: Chunk) -> int:
    """Enter the judgements of a chunk with their effects; return how many were entered."""
    judged = chunk.judged.result()
    saved = save_judgements(batch.database, judged, chunk.policies, batch.run_id)
    entered = [item.judgement for item in judged if item.judgement.application_id not in saved.stale]
    for judgement in entered:
        _count(batch, judgement)
    batch.progress.advance(len(chunk.application_keys))
    return len(entered)


def finish(batch: Batch) -> Summary:
    """Enter the run's figures into the registry and return them with the tally."""
    with batch.database.reading() as work:
        parked = states(work, batch.name).get(ApplicationState.FAILED, 0)
    verified, flagged = batch.tally.count(Decision.VERIFIED), batch.tally.count(Decision.FLAGGED)
    failed = parked + len(batch.tally.unjudged)
    unchanged = max(0, batch.tally.found - verified - flagged - failed)
    counts = Counts(batch.tally.found, verified, flagged, unchanged, failed)
    finish_run(batch.database, batch.run_id, counts, batch.tally.sources)
    return Summary(batch.run_id, counts, time.monotonic() - batch.started, batch.tally)


def _count(batch: Batch, judgement: Judgement) -> None:
    batch.tally.add_judgement(judgement)
    log.debug("%s: %s", judgement.application_id, judgement.decision)


def _read(batch: Batch, claimed: Claim) -> StoredReading | Failure:
    started = time.monotonic()
    folder = batch.inbox / claimed.application_id
    try:
        reading = read_application(
            folder, batch.sandbox, batch.policies, named_by_id=True, ocr=batch.settings.ocr
        )
        changed = fingerprint(folder) != claimed.fingerprint
    except CancelledError:
        raise
    except Exception as error:
        if batch.stopping.is_set():
            raise
        return _failure(batch, claimed, error)
    if changed:
        return _failure(batch, claimed, None)
    petition = _keep_evidence(batch, folder, reading)
    batch.tally.add_reading(claimed.application_id, time.monotonic() - started, reading.uploads)
    batch.progress.advance()
    return StoredReading(claimed, reading.application, reading.problems, reading.uploads, petition)


def _failure(batch: Batch, claimed: Claim, error: Exception | None) -> Failure:
    code = (
        FOLDER_CHANGED
        if error is None
        else INPUT_OUTPUT_ERROR
        if isinstance(error, OSError)
        else INTERNAL_ERROR
    )
    log.error("%s: reading failed: %s", claimed.application_id, code, exc_info=error)
    batch.tally.add_failure(claimed.application_id, code)
    return Failure(claimed.application_id, code)


def _keep_evidence(batch: Batch, folder: Path, reading: Reading) -> str | None:
    """Keep the uploads and the petition (m.4(3)); return the hash of the petition."""
    for upload in reading.uploads:
        _keep(batch, folder / upload.name, reading.application_id)
    petition = reading.application and reading.application.petition
    return _keep(batch, folder / petition, reading.application_id) if petition else None


def _keep(batch: Batch, path: Path, application_id: str) -> str | None:
    try:
        return batch.evidence.put(path)
    except EvidenceDamaged:
        log.warning("%s: an upload is too large to be kept", application_id)
    except OSError as error:
        raise RegistryUnusable(
            reason=f"{batch.settings.evidence_url}: {error.strerror}", remedy=""
        ) from error
    return None


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
    """Renew the owner's claims again and again while the block runs."""
    ended = threading.Event()

    def renew_often() -> None:
        while not ended.wait(LEASE.total_seconds() / RENEWALS_PER_LEASE):
            try:
                renew(database, owner)
            except Exception:  # the next renewal may work; if none does, the claims run out
                log.exception("claims could not be renewed")

    thread = threading.Thread(target=renew_often, name="renewal", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
