"""Compares the files of the evidence store with the rows that name them, folder by folder.

A batch may be at work meanwhile, and retention too. A file is kept before a row names it and removed after no row needs
it; so whatever looks wrong is asked about once more, and while applications are being read, a file that nobody names is
no fault yet.
"""

import re
from collections.abc import Collection, Iterator

from storage.database import Database
from storage.errors import EvidenceDamaged, EvidenceMissing, EvidenceUnreachable, WrongKey
from storage.evidence import DRAFTS_FOLDER, EvidenceStore
from storage.retention.running import anybody_reads
from storage.upkeep.faults import Fault, FaultKind
from storage.upkeep.names import FOLDERS, applications_with, named_in, needed_in

_NAME = re.compile(r"[0-9a-f]{64}")


class Files:
    """The files of a store. `seen` counts those that were looked at, `unsettled` those that nobody names yet."""

    def __init__(self, database: Database, store: EvidenceStore, *, quick: bool) -> None:
        """Take a registry and its store; `quick` looks whether files are there and opens none."""
        self._database = database
        self._store = store
        self._quick = quick
        self.seen = self.unsettled = 0

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong with the store. Raises EvidenceUnreachable when it cannot be listed."""
        for name in self._store.names():
            if name not in FOLDERS and name != DRAFTS_FOLDER:
                yield Fault(FaultKind.FILE_FOREIGN, name)
        for draft in self._store.abandoned():
            yield Fault(FaultKind.FILE_UNFINISHED, f"{DRAFTS_FOLDER}/{draft.name}")
        for folder in FOLDERS:
            yield from self._of_folder(folder)

    def _of_folder(self, folder: str) -> Iterator[Fault]:
        # In this order: a file that is needed by now is there by now.
        needed = self._database.read(lambda work: needed_in(work, folder))
        there = self._store.names(folder)
        self.seen += len(there)
        kept = {name for name in there if _NAME.fullmatch(name) and name.startswith(folder)}
        for name in there:
            if name not in kept:
                yield Fault(FaultKind.FILE_FOREIGN, f"{folder}/{name}")
        yield from self._missing(folder, needed - kept)
        yield from self._spare(folder, kept - needed)
        if not self._quick:
            yield from self._opened(folder, sorted(kept & needed))

    def _missing(self, folder: str, names: Collection[str]) -> Iterator[Fault]:
        if names:
            needed = self._database.read(lambda work: needed_in(work, folder))
            for name in sorted(needed.intersection(names)):
                if not self._store.holds(name):
                    yield self._of_applications(FaultKind.FILE_MISSING, name)

    def _spare(self, folder: str, names: set[str]) -> Iterator[Fault]:
        if not names:
            return
        # Asked before the names: whoever had put a file there by then, and reads no more, has entered its row.
        if self._database.read(anybody_reads):
            self.unsettled += len(names)
            return
        named = self._database.read(lambda work: named_in(work, folder))
        for name in sorted(names - named.needed - named.condemned):
            if self._store.holds(name):  # retention may have removed it by now
                outlived = name in named.destroyed
                yield Fault(FaultKind.FILE_OUTLIVED if outlived else FaultKind.FILE_ORPHANED, name)

    def _opened(self, folder: str, names: Collection[str]) -> Iterator[Fault]:
        for name in names:
            try:
                self._store.open(name)
            except EvidenceMissing:
                yield from self._missing(folder, [name])
            except (WrongKey, EvidenceDamaged, EvidenceUnreachable):
                yield self._of_applications(FaultKind.FILE_DAMAGED, name)

    def _of_applications(self, kind: FaultKind, name: str) -> Fault:
        """Name the applications too: their folders may still hold the file."""
        return Fault(kind, name, ", ".join(self._database.read(lambda work: applications_with(work, name))))
