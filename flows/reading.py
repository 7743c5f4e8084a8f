"""Reading what a batch has found: planned, claimed in chunks, read in the sandbox, and stored with its evidence."""

import hashlib
import logging
import math
import time
from concurrent.futures import CancelledError
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from extractors.clamd import ScanFailed
from flows.batch import Batch
from flows.errors import RegistryUnusable
from flows.foreign_errors import lacks_room
from flows.scanning import scan_of
from flows.verification import Reading, read_application
from storage.columns import now
from storage.errors import ApplicationTooLarge, EvidenceDamaged
from storage.evidence import read_upload
from storage.folders import fingerprint
from storage.presence import release_departed
from storage.queue import (
    FOLDER_CHANGED,
    Backlog,
    Claim,
    backlog,
    claim,
    record_failures,
    release,
    store_readings,
)
from storage.queue import Reading as StoredReading
from storage.settings import Settings, hide_passwords

log = logging.getLogger(__name__)

CHUNKS_PER_WORKER = 4
"""Small inboxes are cut so that every worker has several chunks: cores stay busy, the progress bar moves."""
MAX_CHUNKS = 1000
"""Chunks of one plan; what is left afterwards is planned anew."""
POLL_SECONDS = 2.0
"""How often a batch looks whether what another worker claimed is done."""
WORTH_WAITING = timedelta(seconds=90)
"""A failed application that may be tried again so soon is waited for; what rests longer is left for the next batch."""

INTERNAL_ERROR = "INTERNAL_ERROR"
INPUT_OUTPUT_ERROR = "INPUT_OUTPUT_ERROR"
APPLICATION_TOO_LARGE = "APPLICATION_TOO_LARGE"


@dataclass(frozen=True, slots=True)
class Failure:
    """An application that could not be read for a reason of ours; `code` says why."""

    application_id: str
    code: str


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """So many chunks of so many applications are free to be read."""

    chunks: int
    size: int


def plan_reading(batch: Batch) -> ReadingPlan | None:
    """Return what is to be read now; None when there is nothing, or the batch's bounds are reached.

    Waits while other workers read what they have claimed, and for what failed and may soon be tried again. To be called
    while nothing of the batch is in work.
    """
    while True:
        left = _left(batch)
        if plan := _plan(batch, left):
            return plan
        if not _is_worth_waiting(batch, left):
            return None
        time.sleep(POLL_SECONDS)
        release_departed(batch.database, batch.settings.home)


def plan_slice(batch: Batch) -> ReadingPlan | None:
    """Return what is to be read now; None when nothing is free. To be called while nothing of the batch is in work."""
    return _plan(batch, _left(batch))


def _left(batch: Batch) -> Backlog:
    # A claim of ours that nobody works on was made by a transaction whose answer was lost with its connection.
    release(batch.database, batch.owner)
    return backlog(batch.database, batch.name)


def _plan(batch: Batch, left: Backlog) -> ReadingPlan | None:
    applications = batch.bounds.room(left.free)
    if not applications:
        return None
    batch.progress.begin("reading", batch.tally.read + applications)
    size = chunk_size(batch.settings, applications)
    return ReadingPlan(min(MAX_CHUNKS, math.ceil(applications / size)), size)


def _is_worth_waiting(batch: Batch, left: Backlog) -> bool:
    if left.claimed:
        return True
    soon = left.next_due is not None and left.next_due <= now() + WORTH_WAITING
    return soon and not batch.bounds.reached


def chunk_size(settings: Settings, applications: int) -> int:
    """Return how many applications make a chunk: the setting, fewer when there are few applications."""
    return min(settings.chunk_size, math.ceil(applications / (settings.workers * CHUNKS_PER_WORKER)))


def read_chunk(batch: Batch, size: int) -> int:
    """Claim up to `size` applications, read them, store the facts in one transaction; return how many were claimed.

    An application that cannot be read for a reason of ours is counted against it and stops nothing else. Trouble with
    the registry or the evidence store that does not pass stops the batch: there is no place to put results then.
    """
    allowed = batch.bounds.take(size)
    claims = claim(batch.database, batch.name, batch.owner, allowed) if allowed else ()
    batch.bounds.give_back(allowed - len(claims))
    outcomes = list(batch.readers.map(lambda claimed: _read(batch, claimed), claims))
    readings = [outcome for outcome in outcomes if isinstance(outcome, StoredReading)]
    failures = {outcome.application_id: outcome.code for outcome in outcomes if isinstance(outcome, Failure)}
    if readings:
        store_readings(batch.database, batch.owner, readings)
    if failures:
        batch.progress.advance(len(record_failures(batch.database, batch.owner, failures)))
    return len(claims)


def _read(batch: Batch, claimed: Claim) -> StoredReading | Failure:
    with ExitStack() as until_kept:
        return _read_and_keep(batch, claimed, until_kept)


def _read_and_keep(batch: Batch, claimed: Claim, until_kept: ExitStack) -> StoredReading | Failure:
    started = time.monotonic()
    try:
        folder = until_kept.enter_context(batch.inbox.local(claimed.application_id))
        reading = read_application(
            folder,
            batch.sandbox,
            batch.policies,
            named_by_id=True,
            ocr=batch.settings.ocr,
            scan=scan_of(batch.settings),
        )
        if fingerprint(folder) != claimed.fingerprint:
            return _failure(claimed, None)
        petition = _keep_evidence(batch, folder, reading)
    except (CancelledError, RegistryUnusable):
        raise
    except Exception as error:
        # That the disk is full is no fault of the application, which would be parked for it.
        if batch.stopping.is_set() or lacks_room(error):
            raise
        return _failure(claimed, error)
    batch.tally.add_reading(claimed.application_id, time.monotonic() - started)
    batch.progress.advance()
    return StoredReading(claimed, reading.application, reading.problems, reading.uploads, petition)


def _failure(claimed: Claim, error: Exception | None) -> Failure:
    code = _code_of(error)
    log.error("%s: reading failed: %s", claimed.application_id, code, exc_info=error)
    return Failure(claimed.application_id, code)


def _code_of(error: Exception | None) -> str:
    match error:
        case None:
            return FOLDER_CHANGED
        case ScanFailed():
            return error.code
        case FileNotFoundError() | _OtherFile():
            return FOLDER_CHANGED
        case OSError():
            return INPUT_OUTPUT_ERROR
        case ApplicationTooLarge():
            return APPLICATION_TOO_LARGE
        case _:
            return INTERNAL_ERROR


def _keep_evidence(batch: Batch, folder: Path, reading: Reading) -> str | None:
    """Keep the uploads and the petition (m.4(3)); return the hash of the petition.

    Raises _OtherFile where an upload is not the one that was read, and OSError where it cannot be read again.
    """
    for upload in reading.uploads:
        _keep(batch, folder / upload.name, reading.application_id, upload.sha256)
    petition = reading.application and reading.application.petition
    return _keep(batch, folder / petition, reading.application_id) if petition else None


class _OtherFile(Exception):
    """A file of the folder is not the one that was read any more."""


def _keep(batch: Batch, path: Path, application_id: str, sha256: str | None = None) -> str | None:
    """Keep a file of a folder. That the store fails stops the batch; that the folder does, this application."""
    try:
        data = read_upload(path)
    except EvidenceDamaged:
        log.warning("%s: an upload is too large to be kept", application_id)
        return None
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise _OtherFile
    try:
        return batch.evidence.put(data)
    except OSError as error:
        raise RegistryUnusable(
            reason=f"{hide_passwords(batch.settings.evidence_url)}: {error.strerror}", remedy=""
        ) from error
