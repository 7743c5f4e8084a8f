"""The papers of a case: what there is to look at, pages drawn for it, and the route that sends their pictures.

A paper is named by the position of its document in the case (from 0), a page as the facts count it, so no address tells
anything about anybody. Every look at a paper is audited, once a document and hour of a session.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Final
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from sqlalchemy import func, select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from extractors.page_views import READING_WIDTH, WIDTHS, Size
from flows.sandboxing import open_sandbox
from review.access import needs
from review.cache import PageCache
from review.desk import Desk
from review.drawing import Drawing, Sizes, Unseen
from review.leaves import Leaf, Paper, papers_of
from review.sessions import actor_of, language_of, session_in
from review.texts import Language, text
from storage.cases import load_uploads
from storage.columns import now
from storage.database import Database, UnitOfWork
from storage.desk.accounts import Role
from storage.desk.audit import Action, Actor, about, record
from storage.evidence import PAGES_FOLDER
from storage.facts import unpack_document
from storage.models import ApplicationRow, DocumentRow, JudgementRow, Version

VIEWERS: Final = (Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)
"""Who may look at papers."""
MAX_SECONDS: Final = 15.0
"""Seconds that a file may take to be drawn while somebody waits; the worst sound ones take two or three."""
_CHILDREN: Final = 2
_KNOWN_CASES: Final = 256
_PICTURES_AT_ONCE: Final = 8
"""Requests for pictures that are answered at the same time: slow papers keep nobody from the other pages."""
_LONGEST: Final = 10
"""Digits of a number in an address."""
_HEADERS: Final = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
_TYPES: Final = {b"\x89PNG": "image/png", b"\xff\xd8\xff\xe0": "image/jpeg"}
_STATUS: Final = {Unseen.DESTROYED: 410, Unseen.MISSING: 404, Unseen.UNREACHABLE: 503}
"""HTTP status of what cannot be shown; 422 where it is the file's own fault."""


@dataclass(frozen=True, slots=True)
class CasePapers:
    """The papers of one version of an application. `destroyed_at`: since when files or facts are gone by retention."""

    version: int
    papers: tuple[Paper, ...]
    destroyed_at: datetime | None = None

    def paper(self, document: int) -> Paper | None:
        """Return the paper of a document, also one that the document continues; None where there is none to draw."""
        return next((paper for paper in self.papers if document in paper.documents), None)


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A page of an open paper: its size in the unit of its boxes, or why it cannot be shown."""

    page: int
    size: Size | None
    unseen: Unseen | None = None


@dataclass(frozen=True, slots=True)
class OpenPaper:
    """A paper that was opened: its pages in order, or why there are none."""

    pages: tuple[OpenPage, ...]
    unseen: Unseen | None = None

    @property
    def sizes(self) -> Mapping[int, Size]:
        """The sizes of the pages that can be shown, by page, as `places` takes them."""
        return {page.page: page.size for page in self.pages if page.size is not None}


@dataclass(slots=True)
class Papers:
    """Finds and draws the papers of cases. Threads may share it."""

    database: Database
    drawing: Drawing
    at_once: CapacityLimiter = field(default_factory=partial(CapacityLimiter, _PICTURES_AT_ONCE))
    _known: OrderedDict[int, tuple[Paper, ...]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)
    _hour: str = ""
    _looks: set[tuple[str, int, int]] = field(default_factory=set)

    def of(self, application_id: str, version: int | None = None) -> CasePapers | None:
        """Return the papers of an application, in the version that was judged unless another is asked for.

        None where there is no such application, or no such version of it. Raises WrongKey.
        """
        return self.database.read(partial(self._find, application_id=application_id, wanted=version))

    def open(self, case: CasePapers, document: int) -> OpenPaper | None:
        """Open a paper: its first pages are drawn and kept. None where the case has no such paper."""
        paper = case.paper(document)
        if paper is None:
            return None
        if (sealed := _stays_sealed(case, paper)) is not None:
            return OpenPaper((), sealed)
        found = {leaf.source: self.drawing.sizes(leaf.source) for leaf in paper.leaves}
        if isinstance(whole := found[paper.leaves[0].source], Unseen) and len(found) == 1:
            return OpenPaper((), whole)
        leaves = paper.leaves if paper.counted or isinstance(whole, Unseen) else _counted(paper, len(whole))
        return OpenPaper(tuple(_page(leaf, found[leaf.source]) for leaf in leaves))

    def picture(self, case: CasePapers, document: int, page: int, width: int) -> bytes | Unseen | None:
        """Return a page of a paper in one of `WIDTHS` as PNG or JPEG; None where the case has no such page."""
        paper = case.paper(document)
        leaf = paper.leaf(page) if paper is not None else None
        if paper is None or leaf is None:
            return None
        if (sealed := _stays_sealed(case, paper)) is not None:
            return sealed
        return self.drawing.picture(leaf.source, leaf.file_page, width)

    def note_look(
        self, application_id: str, case: CasePapers, document: int, session: str, who: Actor
    ) -> None:
        """Enter into the audit trail that a paper is looked at, unless this session did so within the hour."""
        look = (session, case.version, document)
        hour = f"{now():%Y-%m-%d %H}"
        with self._lock:
            if self._hour != hour:
                self._hour, self._looks = hour, set()
            if look not in self._looks:
                self.database.transact(partial(_note, application_id, case.version, document, who))
                self._looks.add(look)

    def _find(self, work: UnitOfWork, application_id: str, wanted: int | None) -> CasePapers | None:
        version = _version(work, application_id, wanted)
        if version is None:
            return None
        destroyed = version.evidence_destroyed_at or version.facts_destroyed_at
        return CasePapers(version.id, self._papers(work, version), destroyed)

    def _papers(self, work: UnitOfWork, version: Version) -> tuple[Paper, ...]:
        """Return the papers of a version, which never change: they hold hashes and page numbers only."""
        known = self._known.pop(version.id, None)
        papers = (
            papers_of(load_uploads(work, [version.id])[version.id], version.petition)
            if known is None
            else known
        )
        self._known[version.id] = papers
        while len(self._known) > _KNOWN_CASES:
            self._known.popitem(last=False)
        return papers


@contextmanager
def open_papers(desk: Desk) -> Iterator[Papers]:
    """Yield what finds and draws the papers of a desk, with its sandbox; children start with the first paper."""
    settings, keys = desk.settings, desk.database.keys
    cache = PageCache(settings.home / PAGES_FOLDER, keys)
    cache.sweep()
    seconds = min(settings.document_timeout, MAX_SECONDS)
    with open_sandbox(settings, min(settings.workers, _CHILDREN), seconds=seconds) as sandbox:
        yield Papers(desk.database, Drawing(desk.evidence, cache, sandbox))


def papers_in(request: Request) -> Papers:
    """Return what finds and draws papers for the application of a request."""
    papers = request.app.state.papers
    assert isinstance(papers, Papers)  # noqa: S101 - narrows the type; `create_app` put it there
    return papers


def picture_path(application_id: str, document: int, page: int, width: int, version: int) -> str:
    """Return the address of a picture of a page."""
    return f"/cases/{quote(application_id, safe='')}/papers/{document}/pages/{page}?w={width}&v={version}"


def why_unseen(unseen: Unseen, language: Language) -> str:
    """Return in a sentence why a paper or page cannot be shown, and what can be done."""
    return text(f"papers.unseen.{unseen}", language)


def _stays_sealed(case: CasePapers, paper: Paper) -> Unseen | None:
    """Return why a paper is not even opened: it is gone, or malware was found in it."""
    if case.destroyed_at is not None:
        return Unseen.DESTROYED
    return Unseen.MALWARE if paper.infected else None


def _page(leaf: Leaf, sizes: Sizes | Unseen) -> OpenPage:
    if isinstance(sizes, Unseen):
        return OpenPage(leaf.page, None, sizes)
    size = sizes[leaf.file_page - 1] if leaf.file_page <= len(sizes) else None
    return OpenPage(leaf.page, size, None if size is not None else Unseen.DAMAGED)


def _counted(paper: Paper, pages: int) -> tuple[Leaf, ...]:
    """Return the pages of a paper that could not be read, which drawing has counted."""
    return tuple(Leaf(page, paper.leaves[0].source, page) for page in range(1, pages + 1))


def _version(work: UnitOfWork, application_id: str, wanted: int | None) -> Version | None:
    """Return a version of an application: the one that was judged, else the newest, unless another is asked for."""
    named = ApplicationRow.application_id == application_id
    found = select(Version).join(ApplicationRow, ApplicationRow.id == Version.application_key).where(named)
    if wanted is not None:
        return work.session.scalar(found.where(Version.id == wanted))
    judged = (
        select(JudgementRow.version_key)
        .join(ApplicationRow, ApplicationRow.id == JudgementRow.application_key)
        .where(named, JudgementRow.current)
    ).scalar_subquery()
    newest = (
        select(func.max(Version.id))
        .join(ApplicationRow, ApplicationRow.id == Version.application_key)
        .where(named, Version.fingerprint == ApplicationRow.fingerprint)
    ).scalar_subquery()
    return work.session.scalar(found.where(Version.id == func.coalesce(judged, newest)))


def _note(application_id: str, version: int, document: int, who: Actor, work: UnitOfWork) -> None:
    details = {"document": document, "version": version}
    person = _person(work, version, document)
    record(work, who, Action.VIEW_PAPER, about("application", application_id), person, details=details)


def _person(work: UnitOfWork, version: int, document: int) -> str | None:
    """Return the T.C. number on a paper."""
    row = work.session.get(DocumentRow, (version, document))
    if row is None:
        return None
    read = unpack_document(work.keys.unseal_bytes(row.facts, "documents.facts")).fields.get("national_id")
    return read.value if read is not None and isinstance(read.value, str) else None


@needs(*VIEWERS)
async def picture(request: Request) -> Response:
    """Send the picture of a page; with `w`, its width, and `v`, the version of the application."""
    return await to_thread.run_sync(_send_picture, request, limiter=papers_in(request).at_once)


def _send_picture(request: Request) -> Response:
    papers, place = papers_in(request), request.path_params
    application_id, document, page = place["application_id"], place["document"], place["page"]
    width = _number(request, "w", READING_WIDTH)
    case = papers.of(application_id, _number(request, "v", None))
    session = session_in(request)
    if case is None or session is None or width not in WIDTHS:
        raise HTTPException(404)
    found = papers.picture(case, document, page, width)
    if found is None:
        raise HTTPException(404)
    if isinstance(found, Unseen):
        return _calm(found, language_of(request))
    papers.note_look(application_id, case, document, session.token, actor_of(request))
    return Response(found, headers=_HEADERS, media_type=_TYPES.get(found[:4], "application/octet-stream"))


def _calm(unseen: Unseen, language: Language) -> Response:
    return PlainTextResponse(why_unseen(unseen, language), _STATUS.get(unseen, 422), _HEADERS)


def _number(request: Request, name: str, otherwise: int | None) -> int | None:
    """Return a number of the query. Raises HTTPException 404."""
    told = request.query_params.get(name)
    if told is None:
        return otherwise
    if not (told.isascii() and told.isdecimal() and len(told) < _LONGEST):
        raise HTTPException(404)
    return int(told)


routes = [
    Route("/cases/{application_id}/papers/{document:int}/pages/{page:int}", picture, name="paper_page"),
]
