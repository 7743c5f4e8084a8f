"""The queue: what waits for an officer, found by filters or a search, claimed, ruled on together where that is safe."""

import re
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from review.access import OFFICERS, needs
from review.desk import Desk, desk_of
from review.forms import Form
from review.pages import go, own_path, page
from review.queue_bulk import MOST, Chosen, Plan, carry_out, may_join, plan
from review.queue_listing import BARS, PER_PAGE, listing_of, quick_views
from review.queue_query import (
    AGES,
    SEVERITIES,
    Asked,
    NumberKind,
    States,
    address_of_view,
    read_asked,
    seal_number,
)
from review.queue_watch import watch
from review.sessions import account_of, actor_of
from storage.columns import now
from storage.database import UnitOfWork
from storage.desk.accounts import Account, Role
from storage.desk.audit import Action, Actor, about, record
from storage.desk.claims import HeldBy, NoSuchCase, claim_case, release
from storage.desk.queue import (
    CaseLine,
    CaseState,
    Claimed,
    Filter,
    Sort,
    case_line,
    cases,
    count,
)
from storage.desk.views import delete_view, save_view
from validators.application import ISTANBUL, Procedure
from validators.finding import Code, Proposal
from validators.identity import is_national_id, is_tax_number, redact

REFRESHES: Final = 20
"""How often a page that lies open asks who works on what: after ten minutes it is silent, so that sessions can end."""
EVERYWHERE: Final = tuple(CaseState)
_SEPARATORS = re.compile(r"[\s.\-]+")
_LONGEST_VIEW = 60


def case_address(application_id: str) -> str:
    """Return the address of a case's page."""
    return f"/cases/{quote(application_id, safe='')}"


@needs(*OFFICERS, Role.OPERATOR)
def show(request: Request) -> Response:
    """Show the cases that an address asks for; to operators without anything about anybody."""
    asked = read_asked(request)
    account = _account(request)
    if account.role is Role.OPERATOR:
        return watch(request, asked)
    listing = desk_of(request).database.read(lambda work: listing_of(work, asked, account))
    _note_search(request, asked, listing.total)
    headers = {"HX-Push-Url": asked.address(after=True)}
    return _page(request, "queue/list.html", headers, **_context(asked, account), listing=listing)


@needs(*OFFICERS)
def search(request: Request) -> Response:
    """Find a case, a provider or a person by what was typed; a T.C. number goes on sealed."""
    form = Form(request.state.form)
    typed = form.line("q", required=False, longest=100)
    if form.errors or not typed:
        return go(request, "/queue", form.errors.get("q", ""))
    if desk_of(request).database.read(lambda work: case_line(work, typed)) is not None:
        return go(request, case_address(typed))
    digits = _SEPARATORS.sub("", typed)
    if re.fullmatch(r"[0-9]{11}", digits):
        return _search_number(request, digits)
    if redact(typed) != typed:
        return go(request, "/queue", "queue.number_mixed")
    is_provider = len(digits) == 10 and is_tax_number(digits)
    wanted = Filter(EVERYWHERE, provider=digits) if is_provider else Filter(EVERYWHERE, text=typed)
    return go(request, Asked(wanted).address())


@needs(*OFFICERS)
def claim(request: Request) -> Response:
    """Claim a case, and tell so: in its line, or on the list as a whole where there is no HTMX."""
    application_id, account = _application(request), _account(request)
    desk, actor = desk_of(request), actor_of(request)
    try:
        claimed = claim_case(desk.database, application_id, account, actor.address)
    except NoSuchCase:
        raise HTTPException(409, "queue.gone") from None
    return _marked(request, application_id, "queue.held" if isinstance(claimed, HeldBy) else "queue.claimed")


@needs(*OFFICERS)
def give_back(request: Request) -> Response:
    """Give a claimed case back."""
    application_id, actor = _application(request), actor_of(request)
    release(desk_of(request).database, application_id, _account(request), actor.address)
    return _marked(request, application_id, "queue.released")


@needs(*OFFICERS)
def take_next(request: Request) -> Response:
    """Claim the first of the asked cases that nobody works on, and open it."""
    asked = read_asked(request, request.state.form)
    taken = _take(request, replace(asked.filter, claimed=Claimed.NOBODY), asked.sort)
    if taken is None:
        return go(request, asked.address(), "queue.nothing_left")
    return go(request, case_address(taken))


@needs(*OFFICERS)
def marks(request: Request) -> Response:
    """Tell who works on the cases of a page that lies open."""
    form = Form(request.query_params)
    left = form.whole("left", 0, REFRESHES) or 0
    shown = _chosen(form)
    if form.errors:
        raise HTTPException(400)
    lines = desk_of(request).database.read(lambda work: [_same(work, each) for each in shown])
    marked = tuple(zip(shown, lines, strict=True))
    return _page(request, "queue/marks.html", left=left, marked=marked, shown=shown)


@needs(*OFFICERS)
def keep_view(request: Request) -> Response:
    """Keep the filter under a name."""
    asked = read_asked(request, request.state.form)
    form = Form(request.state.form)
    name = form.line("name", longest=_LONGEST_VIEW)
    if form.errors or asked.number or redact(name) != name:
        return go(request, asked.address(), "queue.view_unnamed")
    account = _account(request)
    desk_of(request).database.transact(lambda work: save_view(work, account.id, name, asked.filter))
    return go(request, asked.address(), "queue.view_kept")


@needs(*OFFICERS)
def forget_view(request: Request) -> Response:
    """Forget a saved view of one's own."""
    form = Form(request.state.form)
    number = form.whole("view", 1, 2**31 - 1)
    if number is None:
        raise HTTPException(400)
    account = _account(request)
    desk_of(request).database.transact(lambda work: delete_view(work, account.id, number))
    return go(request, _back(request), "queue.view_forgotten")


@needs(*OFFICERS)
def preview(request: Request) -> Response:
    """Show of every chosen case what ruling on them together would do."""
    planned = _plan(request)
    if not planned.cases:
        return go(request, _back(request), "queue.none_chosen")
    return _page(request, "queue/preview.html", plan=planned, back=_back(request))


@needs(*OFFICERS)
def rule_together(request: Request) -> Response:
    """Rule on what was previewed, and list what came of each case."""
    form = Form(request.state.form)
    code, proposal = form.choice("code", Code), form.choice("proposal", Proposal)
    if code is None or proposal is None:
        raise HTTPException(400)
    done = carry_out(desk_of(request), _plan(request), _account(request), actor_of(request), (code, proposal))
    return _page(request, "queue/result.html", done=done, back=_back(request))


def _context(asked: Asked, account: Account) -> dict[str, Any]:
    return {
        "asked": asked,
        "bars_shown": max(BARS, len(asked.filter.reasons)),
        "refreshes": REFRESHES,
        "states": tuple(States),
        "severities": SEVERITIES,
        "procedures": tuple(Procedure),
        "proposals": tuple(Proposal),
        "ages": sorted({*AGES, *((asked.filter.older_than,) if asked.filter.older_than is not None else ())}),
        "claims": tuple(Claimed),
        "sorts": tuple(Sort),
        "quick": quick_views(_today()),
        "address_of_view": address_of_view,
        "may_join": lambda line: may_join(line, account),
        "chosen": lambda line: str(Chosen(line.application_id, line.judgement)),
    }


def _note_search(request: Request, asked: Asked, found: int) -> None:
    """Audit that cases of a person were shown: on every page of them, however the address was come by."""
    if asked.number is None:
        return
    actor, number = actor_of(request), asked.number
    desk_of(request).database.transact(
        lambda work: record(
            work, actor, Action.QUEUE_SEARCH, about("queue", "person"), number, details={"found": found}
        )
    )


def _search_number(request: Request, number: str) -> Response:
    """Go to the cases of a person; where there are none, to those of the sole trader with that number."""
    if not is_national_id(number):
        return go(request, "/queue", "queue.number_wrong")
    persons, traders = Filter(EVERYWHERE, person=number), Filter(EVERYWHERE, provider=number)

    def trades(work: UnitOfWork) -> bool:
        return not count(work, persons) and bool(count(work, traders))

    is_trader = desk_of(request).database.read(trades)
    kind = NumberKind.PROVIDER if is_trader else NumberKind.PERSON
    wanted = traders if is_trader else persons
    return go(request, Asked(wanted, sealed=seal_number(request, kind, number)).address())


def _take(request: Request, wanted: Filter, sort: Sort) -> str | None:
    """Claim the first case that can be had and return its id; cases are passed over that others take meanwhile."""
    desk, account, actor = desk_of(request), _account(request), actor_of(request)
    after: str | None = None
    while True:
        found = desk.database.read(partial(cases, wanted=wanted, sort=sort, after=after, limit=PER_PAGE))
        for line in found.lines:
            if line.state in (CaseState.OPEN, CaseState.WAITING) and _claims(
                desk, line.application_id, account, actor
            ):
                return line.application_id
        if found.after is None:
            return None
        after = found.after


def _claims(desk: Desk, application_id: str, account: Account, actor: Actor) -> bool:
    try:
        return not isinstance(claim_case(desk.database, application_id, account, actor.address), HeldBy)
    except NoSuchCase:
        return False


def _marked(request: Request, application_id: str, notice: str) -> Response:
    """Answer a claim: with the mark of the case's line, or with the way back to the list."""
    if "HX-Request" not in request.headers:
        return go(request, _back(request), notice)
    line = desk_of(request).database.read(lambda work: case_line(work, application_id))
    if line is None:
        raise HTTPException(409, "queue.gone")
    return _page(request, "queue/claimed.html", line=line, told=notice)


def _same(work: UnitOfWork, shown: Chosen) -> CaseLine | None:
    """Return the line of a case that is still as it was shown."""
    line = case_line(work, shown.application_id)
    return line if line is not None and line.judgement == shown.judgement else None


def _plan(request: Request) -> Plan:
    chosen, account = _chosen(Form(request.state.form)), _account(request)
    return desk_of(request).database.read(lambda work: plan(work, chosen, account, _today()))


def _chosen(form: Form) -> list[Chosen]:
    """Return the cases that a form names. Raises HTTPException 400."""
    parsed = [Chosen.parse(each) for each in dict.fromkeys(form.several("case"))]
    chosen = [each for each in parsed if each is not None]
    if len(chosen) != len(parsed) or len(chosen) > MOST:
        raise HTTPException(400)
    return chosen


def _application(request: Request) -> str:
    form = Form(request.state.form)
    name = form.line("application", longest=100)
    if form.errors:
        raise HTTPException(400)
    return name


def _back(request: Request) -> str:
    """Return where a deed came from: a list of ours."""
    back = own_path(Form(request.state.form)["back"])
    return back if back.split("?")[0] == "/queue" else "/queue"


def _account(request: Request) -> Account:
    account = account_of(request)
    assert account is not None  # noqa: S101 - narrows the type; `needs` lets nobody else in
    return account


def _page(request: Request, template: str, headers: dict[str, str] | None = None, **context: Any) -> Response:
    """Return a page with what all of the queue's templates know."""
    known: dict[str, Any] = {
        "account_name": _account(request).name,
        "case_address": case_address,
        "clock": _clock,
    }
    return page(request, template, headers=headers, today=_today(), **known, **context)


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(ISTANBUL):%H:%M}"


def _today() -> date:
    return now().astimezone(ISTANBUL).date()


routes = [
    Route("/queue", show, name="queue"),
    Route("/queue/search", search, methods=["POST"], name="queue_search"),
    Route("/queue/claim", claim, methods=["POST"], name="queue_claim"),
    Route("/queue/release", give_back, methods=["POST"], name="queue_release"),
    Route("/queue/next", take_next, methods=["POST"], name="queue_next"),
    Route("/queue/marks", marks, name="queue_marks"),
    Route("/queue/views", keep_view, methods=["POST"], name="queue_view"),
    Route("/queue/views/forget", forget_view, methods=["POST"], name="queue_view_forget"),
    Route("/queue/bulk", preview, methods=["POST"], name="queue_bulk"),
    Route("/queue/bulk/rule", rule_together, methods=["POST"], name="queue_bulk_rule"),
]
