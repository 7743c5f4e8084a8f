"""Files of the evidence store that no version needs, and that no run has condemned: no row takes them along.

A reader that was killed after it kept a file, and whose folder was withdrawn, leaves such a one; so does a registry
that was brought back from before. None may stay for ever (KVKK m.7): each is destroyed when it is as old as the
evidence of a decided application may become. What is sealed under a key that is not at hand is another registry's.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import partial

from sqlalchemy import insert, select

from storage.batches import IN_VALUES, batched
from storage.database import Database, UnitOfWork
from storage.evidence import EvidenceStore
from storage.models import CondemnedFile, UploadRow, Version


def condemn_orphans(database: Database, store: EvidenceStore, before: datetime) -> None:
    """Condemn those written before a moment, so that the run removes them as all others, once nobody reads.

    Lists the whole store. Raises EvidenceUnreachable.
    """
    for orphans in _orphans(database, store, before):
        database.transact(partial(_condemn, orphans=orphans))


def count_orphans(database: Database, store: EvidenceStore, before: datetime) -> int:
    """Count them, and change nothing. Raises EvidenceUnreachable."""
    return sum(map(len, _orphans(database, store, before)))


def _orphans(database: Database, store: EvidenceStore, before: datetime) -> Iterator[Collection[str]]:
    for hashes in batched(store.hashes(), IN_VALUES):
        unknown = set(hashes) - database.read(partial(_known, hashes=hashes))
        yield {sha256 for sha256 in unknown if store.is_ours(sha256, before)}


def _condemn(work: UnitOfWork, orphans: Collection[str]) -> None:
    rows = [{"sha256": sha256} for sha256 in sorted(set(orphans) - _known(work, orphans))]
    if rows:
        work.session.execute(insert(CondemnedFile), rows)


def _known(work: UnitOfWork, hashes: Collection[str]) -> set[str]:
    """Return those of the hashes that a version needs, or that are condemned by now."""
    needing = Version.evidence_destroyed_at.is_(None)
    uploads = select(UploadRow.sha256).join(Version, Version.id == UploadRow.version_key)
    queries = (
        uploads.where(UploadRow.sha256.in_(hashes), needing),
        select(Version.petition).where(Version.petition.in_(hashes), needing),
        select(CondemnedFile.sha256).where(CondemnedFile.sha256.in_(hashes)),
    )
    return {str(sha256) for query in queries for sha256 in work.session.scalars(query)}
