"""Files of the evidence store that no version needs, and that no run has condemned: no row takes them along.

A reader that was killed after it kept a file, and whose folder was withdrawn, leaves such a one; so does a registry
that was brought back from before. None may stay for ever (KVKK m.7): each is destroyed when it is as old as the
evidence of a decided application may become. What is sealed under a key that is not at hand is another registry's.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import partial
from itertools import groupby

from sqlalchemy import insert

from storage.database import Database, UnitOfWork
from storage.evidence import EvidenceStore
from storage.models import CondemnedFile
from storage.upkeep.names import named_in


def condemn_orphans(database: Database, store: EvidenceStore, before: datetime) -> None:
    """Condemn those written before a moment, so that the run removes them as all others, once nobody reads.

    Lists the whole store. Raises EvidenceUnreachable.
    """
    for folder, orphans in _orphans(database, store, before):
        if orphans:
            database.transact(partial(_condemn, folder=folder, orphans=orphans))


def count_orphans(database: Database, store: EvidenceStore, before: datetime) -> int:
    """Count them, and change nothing. Raises EvidenceUnreachable."""
    return sum(len(orphans) for _, orphans in _orphans(database, store, before))


def _orphans(
    database: Database, store: EvidenceStore, before: datetime
) -> Iterator[tuple[str, Collection[str]]]:
    """Yield them folder by folder."""
    for folder, hashes in groupby(store.hashes(), lambda sha256: sha256[:2]):
        unknown = database.read(partial(_unknown, folder=folder, hashes=set(hashes)))
        yield folder, {sha256 for sha256 in unknown if store.is_ours(sha256, before)}


def _condemn(work: UnitOfWork, folder: str, orphans: Collection[str]) -> None:
    rows = [{"sha256": sha256} for sha256 in sorted(_unknown(work, folder, orphans))]
    if rows:
        work.session.execute(insert(CondemnedFile), rows)


def _unknown(work: UnitOfWork, folder: str, hashes: Collection[str]) -> set[str]:
    """Return those of the hashes of a folder that no version needs, and that are not condemned yet."""
    named = named_in(work, folder)
    return set(hashes) - named.needed - named.condemned
