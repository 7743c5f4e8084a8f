"""The queries of Kılavuz m.8 for health-service providers: six facts of a person, the provider that counts (m.8(2)).

Whatever is asked travels in the body of a request, never in an address. Every query is audited before it is answered,
and an account may ask only so often: the registry is for looking people up, not for copying it.
"""

import base64
import binascii
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from review.access import needs
from review.desk import desk_of
from review.exports import download
from review.forms import Form
from review.leaves import infected_files
from review.pages import page
from review.sessions import actor_of
from storage.cases import load_uploads
from storage.columns import now
from storage.database import UnitOfWork
from storage.desk.accounts import Role
from storage.desk.audit import Action, Actor, LineFilter, about, count_lines, record
from storage.errors import EvidenceDamaged, EvidenceMissing, WrongKey
from storage.matching import NameQuery, TitleQuery
from storage.models import UploadRow
from storage.search import (
    PersonRecord,
    ProviderRecord,
    Registration,
    people_by_name,
    person_by_national_id,
    providers_by_title,
    registration_of,
)
from validators.identity import is_national_id, mask_national_id, redact

ASKERS = (Role.PROVIDER_QUERY, Role.SUPERVISOR)
"""Who may query. Officers have the cards of `kanit registry`, which tell more."""
QUERIES = 100
"""Queries and files that an account may ask for in `WITHIN`."""
WITHIN = timedelta(hours=1)
MOST = 50
"""Records that are shown, at most."""
_TOKEN = "desk.certificate"  # noqa: S105 - what it is sealed for


class Kind(StrEnum):
    """What is asked by."""

    PERSON = "person"
    NAME = "name"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it was typed; `title` is that of a provider, `asked` that of m.8(2)."""

    kind: Kind
    national_id: str = ""
    name: str = ""
    title: str = ""
    asked: str = ""
    reveal: bool = False

    @property
    def typed(self) -> str:
        """The words of the query, for the audit trail, where they are sealed."""
        return " · ".join(filter(None, (self.name, self.title, self.asked)))


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found: people, or providers with theirs, and the answer of m.8(2) about a T.C. number."""

    people: tuple[PersonRecord, ...] = ()
    providers: tuple[ProviderRecord, ...] = ()
    registration: Registration | None = None
    count: int = field(default=0)


@needs(*ASKERS)
def show(request: Request) -> Response:
    """Show the forms of both queries."""
    return page(request, "query/query.html", form=Form(), found=None, query=None)


@needs(*ASKERS)
def ask(request: Request) -> Response:
    """Answer a query, after it was entered into the audit trail."""
    form = Form(request.state.form)
    query = _query(form)
    if query is None:
        return page(request, "query/query.html", 422, form=form, found=None, query=None)
    database, who = desk_of(request).database, actor_of(request)
    if not database.transact(lambda work: _enter(work, who, query)):
        raise HTTPException(429, "query.too_many")
    found = database.read(lambda work: _find(work, query))
    return page(
        request,
        "query/query.html",
        form=form,
        found=found,
        query=query,
        most=MOST,
        shown=lambda number: number if query.reveal else mask_national_id(number),
        hide=lambda words: words if query.reveal else redact(words),
        token_of=lambda person, sha256: _seal(request, person, sha256),
    )


@needs(*ASKERS)
def certificate(request: Request) -> Response:
    """Send a file of certificates that an answer offered, as long as it stands in the person's record."""
    desk, who = desk_of(request), actor_of(request)
    national_id, sha256 = _opened(request)
    if not desk.database.transact(lambda work: _enter_file(work, who, national_id, sha256)):
        raise HTTPException(429, "query.too_many")
    person = desk.database.read(lambda work: person_by_national_id(work, national_id))
    if person is None or all(each.sha256 != sha256 for each in person.certificates):
        raise HTTPException(404, "query.gone")
    if desk.database.read(lambda work: _is_infected(work, sha256)):
        raise HTTPException(403, "query.infected")
    try:
        data = desk.evidence.open(sha256)
    except (EvidenceMissing, EvidenceDamaged):
        raise HTTPException(404, "query.gone") from None
    return download(data, f"sertifika-{sha256[:12]}.zip", "application/zip")


def _is_infected(work: UnitOfWork, sha256: str) -> bool:
    """Tell whether malware was found in a file, in whatever application it came."""
    versions = work.session.scalars(select(UploadRow.version_key).where(UploadRow.sha256 == sha256)).all()
    return any(sha256 in infected_files(uploads) for uploads in load_uploads(work, versions).values())


def _query(form: Form) -> Query | None:
    """Return what is asked; None where the form tells what is wrong."""
    kind = form.choice("kind", Kind)
    if kind is Kind.PROVIDER:
        query = _by_provider(form)
    elif kind is not None:
        query = _by_person(form)
    return None if form.errors or kind is None else query


def _by_person(form: Form) -> Query:
    national_id, name = form.line("national_id", required=False), form.line("name", required=False)
    asked, reveal = form.line("asked", required=False), form.ticked("reveal")
    if not national_id and not name:
        form.refuse({"national_id": "query.empty"})
    elif national_id and name:
        form.refuse({"name": "query.one_only"})
    elif national_id and not is_national_id(national_id):
        form.refuse({"national_id": "query.bad_number"})
    elif name and not NameQuery.of(name).is_whole:
        form.refuse({"name": "query.half_name"})
    elif asked and not national_id:
        form.refuse({"asked": "query.asked_hint"})
    kind = Kind.PERSON if national_id else Kind.NAME
    return Query(kind, national_id=national_id, name=name, asked=asked, reveal=reveal)


def _by_provider(form: Form) -> Query:
    title = form.line("title")
    if not form.errors and TitleQuery.of(title).is_empty:
        form.refuse({"title": "query.no_words"})
    return Query(Kind.PROVIDER, title=title, reveal=form.ticked("reveal"))


def _enter(work: UnitOfWork, who: Actor, query: Query) -> bool:
    """Enter a query into the audit trail; return whether the account may ask it."""
    action = _action(work, who)
    subject, details = (
        about("registry", query.kind.value),
        {"reveal": query.reveal, "asked": bool(query.asked)},
    )
    record(work, who, action, subject, query.national_id or None, query.typed, details)
    return action is Action.QUERY


def _enter_file(work: UnitOfWork, who: Actor, national_id: str, sha256: str) -> bool:
    action = _action(work, who)
    record(work, who, action, about("certificate", sha256), national_id)
    return action is Action.QUERY


def _action(work: UnitOfWork, who: Actor) -> Action:
    """Return what one more query of an account is: a query, or refused where it asked too often."""
    wanted = LineFilter(account_id=who.account_id, actions=(Action.QUERY,), since=now() - WITHIN)
    return Action.QUERY if count_lines(work, wanted) < QUERIES else Action.REFUSED


def _find(work: UnitOfWork, query: Query) -> Found:
    if query.kind is Kind.PROVIDER:
        providers = providers_by_title(work, query.title)
        return Found(providers=providers[:MOST], count=len(providers))
    if query.kind is Kind.NAME:
        people = people_by_name(work, query.name)
        return Found(people=people[:MOST], count=len(people))
    person = person_by_national_id(work, query.national_id)
    registration = registration_of(work, query.national_id, query.asked or None)
    people = (person,) if person else ()
    return Found(people, registration=registration, count=len(people))


def _seal(request: Request, person: PersonRecord, sha256: str) -> str:
    """Return what names a person's file to us alone, for this account: no T.C. number stands in the page for it."""
    owner = actor_of(request).account_id
    sealed = desk_of(request).database.keys.seal(f"{owner} {person.national_id} {sha256}", _TOKEN)
    return base64.urlsafe_b64encode(sealed).decode()


def _opened(request: Request) -> tuple[str, str]:
    """Return the T.C. number and the hash of a token of this account. Raises HTTPException 400."""
    try:
        sealed = base64.urlsafe_b64decode(Form(request.state.form).line("file", longest=500).encode())
        owner, national_id, sha256 = desk_of(request).database.keys.unseal(sealed, _TOKEN).split()
    except (binascii.Error, ValueError, WrongKey):
        raise HTTPException(400) from None
    if owner != str(actor_of(request).account_id):
        raise HTTPException(400)
    return national_id, sha256


routes = [
    Route("/query", show, name="query"),
    Route("/query", ask, methods=["POST"], name="query_ask"),
    Route("/query/certificates", certificate, methods=["POST"], name="query_certificates"),
]
"""Health-service providers and supervisors."""
