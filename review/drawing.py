"""Pages of uploaded files drawn in the sandbox, and kept in the cache: what officers look at.

Whatever is wrong with a file is an answer, never an error: `Unseen` says why there is nothing to see.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import TypeAlias

from extractors.archive import ArchiveRefused
from extractors.facts import FaultCode
from extractors.held import Held
from extractors.images import Unreadable
from extractors.page_views import Size, Views, view_upload
from extractors.sandbox import ChildDied, Sandbox
from review.cache import PageCache
from review.leaves import Source
from storage.errors import EvidenceMissing, StorageError
from storage.evidence import EvidenceStore

log = logging.getLogger(__name__)

SECONDS = 0.4
"""Processor time for which a child goes on to draw pages of the file that it has opened: a statement of ten pages takes
0.2 seconds, a book is drawn bit by bit."""
_DRAWING = "1"
"""Changes when pages are drawn in another way: what was kept before is drawn anew."""
_LOCKS = 64


class Unseen(StrEnum):
    """Why a paper or a page cannot be shown; the texts stand under `papers.unseen`."""

    DAMAGED = "damaged"
    PASSWORD = "password"  # noqa: S105 - no password
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    MALWARE = "malware"
    """A scanner found something in the file: it stays sealed."""
    DESTROYED = "destroyed"
    """By retention (KVKK m.7)."""
    MISSING = "missing"
    """The evidence store has no such file, or the file no such document."""
    UNREACHABLE = "unreachable"
    """The evidence store does not answer, or what is kept there is not what it should be: the operator's matter."""


_LASTING = frozenset(
    {
        Unseen.DAMAGED,
        Unseen.PASSWORD,
        Unseen.TOO_LARGE,
        Unseen.UNSUPPORTED,
        Unseen.TIMEOUT,
        Unseen.CRASHED,
    }
)
"""What is kept, too: a file that hangs its parser is not opened for every picture."""
_TRY_AGAIN = 600.0
"""Seconds after which a file that could not be opened is tried again: perhaps the machine was only too busy."""

Sizes: TypeAlias = tuple[Size | None, ...]
"""Sizes of the pages of a file in order; None for a page that cannot be drawn."""


@dataclass(slots=True)
class Drawing:
    """Draws pages and keeps them. Threads may share it: a file is opened by one of them at a time."""

    evidence: EvidenceStore
    cache: PageCache
    sandbox: Sandbox
    _locks: tuple[Lock, ...] = field(default_factory=lambda: tuple(Lock() for _ in range(_LOCKS)))

    def sizes(self, source: Source) -> Sizes | Unseen:
        """Return the sizes of a file's pages; the first pages are drawn with them."""
        with self._lock(source):
            return self._kept_sizes(source) or self._sizes(self._drawn(source, 1))

    def picture(self, source: Source, page: int, width: int) -> bytes | Unseen:
        """Return a page (from 1) of a file in one of `WIDTHS` as PNG or JPEG; pages after it are drawn with it."""
        name = _name(source, page, width)
        if kept := self.cache.get(source.upload, name):
            return kept
        with self._lock(source):
            if kept := self.cache.get(source.upload, name):  # somebody drew it meanwhile
                return kept
            known = self._kept_sizes(source)
            if isinstance(known, Unseen) or (known and not _is_drawable(known, page)):
                return known if isinstance(known, Unseen) else Unseen.DAMAGED
            views = self._drawn(source, page)
        return views if isinstance(views, Unseen) else views.pictures.get((page, width), Unseen.DAMAGED)

    def _lock(self, source: Source) -> Lock:
        return self._locks[hash(source) % _LOCKS]

    @staticmethod
    def _sizes(views: Views | Unseen) -> Sizes | Unseen:
        return views if isinstance(views, Unseen) else views.sizes

    def _kept_sizes(self, source: Source) -> Sizes | Unseen | None:
        """Return what is known of a file from when it was opened before."""
        kept = self.cache.get(source.upload, _name(source, "sizes"))
        if kept is None:
            return None
        known = json.loads(kept)
        if isinstance(known, dict):
            return Unseen(known["unseen"]) if time.time() < known["at"] + _TRY_AGAIN else None
        return tuple((size[0], size[1]) if size else None for size in known)

    def _drawn(self, source: Source, page: int) -> Views | Unseen:
        """Open a file, draw a page and those after it, and keep them."""
        views = self._tried(source, page)
        if isinstance(views, Views):
            files = {_name(source, *key): picture for key, picture in views.pictures.items()}
            self._keep(source, {**files, _name(source, "sizes"): json.dumps(views.sizes).encode()})
        elif views in _LASTING:
            self._keep(source, {_name(source, "sizes"): _trouble(views)})
        return views

    def _keep(self, source: Source, files: Mapping[str, bytes]) -> None:
        try:
            self.cache.put(source.upload, files)
        except (
            OSError
        ) as error:  # a full disk, or another process that made room: the pages are shown all the same
            log.warning("pages cannot be kept: %s", type(error).__name__)

    def _tried(self, source: Source, page: int) -> Views | Unseen:
        try:
            upload = Held(self.evidence.open(source.upload))
            return self.sandbox.run(view_upload, upload, source.document, page, SECONDS)
        except Unreadable as error:
            return _unseen(error)
        except ArchiveRefused:
            return Unseen.DAMAGED
        except ChildDied as death:
            return Unseen.TIMEOUT if death.reason == "timeout" else Unseen.CRASHED
        except EvidenceMissing:
            return Unseen.MISSING
        except StorageError as error:
            log.warning("evidence cannot be opened: %s", type(error).__name__)
            return Unseen.UNREACHABLE


def _trouble(unseen: Unseen) -> bytes:
    return json.dumps({"unseen": unseen, "at": time.time()}).encode()


def _is_drawable(sizes: Sizes, page: int) -> bool:
    return 1 <= page <= len(sizes) and sizes[page - 1] is not None


def _name(source: Source, *what: object) -> str:
    document = (source.document or source.upload).removeprefix("sha256:")
    return "-".join(map(str, (document, *what, _DRAWING)))


def _unseen(error: Unreadable) -> Unseen:
    reason = str(error.fault.facts.get("reason"))
    if error.fault.code is FaultCode.DOCUMENT_ENCRYPTED:
        return Unseen.PASSWORD
    if reason.startswith("limit_"):
        return Unseen.TOO_LARGE
    return {"missing": Unseen.MISSING, "unsupported": Unseen.UNSUPPORTED, "heic": Unseen.UNSUPPORTED}.get(
        reason, Unseen.DAMAGED
    )
