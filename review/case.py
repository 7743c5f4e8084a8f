"""The case page: papers with what was read on them, the declaration beside it, the questions asked, and the history.

Every load of the page is audited, and so is every reveal of a T.C. number, which comes by POST and is never kept by the
browser. Room for the decision is `decide/panel.html`, which knows `case` (`CaseView`), `claim` (`HeldBy` or None) and
`judgement_id`.
"""

from functools import partial
from typing import Any, Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.texts import say
from review.access import OFFICERS, needs
from review.case_history import history_of, same_papers
from review.case_leaves import PaperView, tabs_of, view_paper
from review.case_questions import asked_of
from review.case_view import CaseView, comparisons_of, is_known, load_case, numbers_of
from review.desk import desk_of
from review.forms import Form
from review.pages import go, page
from review.papers import VIEWERS, CasePapers, papers_in
from review.places import targets
from review.sessions import account_of, actor_of, address_of, language_of, session_in
from storage.database import UnitOfWork
from storage.desk.accounts import Account
from storage.desk.audit import Action, about, record
from storage.desk.claims import NoSuchCase, claim_case, release, renew

_MOST_PEOPLE: Final = 100_000
_MOST_DOCUMENTS: Final = 100_000


def case_path(application_id: str) -> str:
    """Return the address of a case."""
    return f"/cases/{quote(application_id, safe='')}"


@needs(*VIEWERS)
def show(request: Request) -> Response:
    """Show a case; `document` says which paper is open, `finding` which finding is pointed at."""
    case = desk_of(request).database.transact(partial(_look, request=request))
    return page(request, "case/page.html", **_whole(request, case))


@needs(*VIEWERS)
def paper(request: Request) -> Response:
    """Show another paper of the case, in place of the one that is open."""
    document = request.path_params["document"]
    if "HX-Request" not in request.headers:
        return go(request, f"{case_path(_id(request))}?document={document}")
    case = _case(request)
    return page(request, "case/paper.html", case=case, **_said(request), **_papers(request, case, document))


@needs(*VIEWERS)
def history(request: Request) -> Response:
    """Show what the registry knows around a case."""
    case = desk_of(request).database.transact(partial(_look, request=request, part="history"))
    found = desk_of(request).database.read(partial(history_of, case=case, language=language_of(request)))
    return page(request, "case/history.html", history=found, **_held(request, case))


@needs(*OFFICERS)
def reveal(request: Request) -> Response:
    """Show the T.C. numbers of a person of the case and of that person's papers."""
    form = Form(request.state.form)
    person = form.whole("person", 0, _MOST_PEOPLE)
    case = desk_of(request).database.transact(partial(_reveal, request=request, person=person))
    number, read = numbers_of(case, person or 0)
    return page(
        request, "case/number.html", **_said(request), case=case, person=person, number=number, read=read
    )


@needs(*OFFICERS)
def claim(request: Request) -> Response:
    """Take the case, hold it for another while, or give it back, as `do` says."""
    database, account = desk_of(request).database, _account(request)
    deed = request.state.form.get("do")
    try:
        if deed == "take":
            claim_case(database, _id(request), account, address_of(request))
        elif deed == "renew":
            renew(database, _id(request), account)
        elif deed == "release":
            release(database, _id(request), account, address_of(request))
        else:
            raise HTTPException(400)
    except NoSuchCase:
        raise HTTPException(404, "case.not_in_queue") from None
    if "HX-Request" not in request.headers:
        return go(request, case_path(_id(request)))
    # The panel is drawn anew only when somebody asked for a change: what is typed in it outlives a renewal.
    return page(request, "case/claimed.html", panel=deed != "renew", **_held(request, _case(request)))


def _id(request: Request) -> str:
    return str(request.path_params["application_id"])


def _account(request: Request) -> Account:
    account = account_of(request)
    assert account is not None  # noqa: S101 - narrows the type; `needs` let nobody else in
    return account


def _case(request: Request) -> CaseView:
    return desk_of(request).database.read(partial(_load, application_id=_id(request)))


def _load(work: UnitOfWork, application_id: str) -> CaseView:
    case = load_case(work, application_id)
    if case is None:
        known = is_known(work, application_id)
        raise HTTPException(404, "case.not_judged" if known else "case.unknown")
    return case


def _look(work: UnitOfWork, request: Request, part: str = "page") -> CaseView:
    case = _load(work, _id(request))
    details = {"judgement": case.judgement_id, "part": part}
    record(
        work, actor_of(request), Action.VIEW_CASE, about("application", case.application_id), details=details
    )
    return case


def _reveal(work: UnitOfWork, request: Request, person: int | None) -> CaseView:
    """Enter a line for everybody whose number is shown: a paper may be somebody else's."""
    case = _load(work, _id(request))
    if person is None or person >= len(case.judgement.people):
        raise HTTPException(400)
    number, read = numbers_of(case, person)
    about_case, details = about("application", case.application_id), {"person": person}
    for shown in dict.fromkeys((number, *read.values())):
        record(work, actor_of(request), Action.REVEAL, about_case, shown, details=details)
    return case


def _whole(request: Request, case: CaseView) -> dict[str, Any]:
    database, language = desk_of(request).database, language_of(request)
    people, rest = comparisons_of(case, language)
    papers = _papers(request, case, _asked_number(request, "document"))
    asked = asked_of(case.explanation, targets(case.judgement, papers["papers"]), language)
    return {
        **_held(request, case),
        **papers,
        "asked": asked,
        "comparisons": people,
        "nobodys": rest,
        "same_papers": database.read(partial(same_papers, case=case)),
    }


def _said(request: Request) -> dict[str, Any]:
    """What every template of the room knows: addresses of cases, and the words of the command line."""
    return {"case_path": case_path, "words": partial(say, language=language_of(request))}


def _held(request: Request, case: CaseView) -> dict[str, Any]:
    account = _account(request)
    return {
        **_said(request),
        "case": case,
        "claim": case.holder,
        "mine": case.is_held_by(account.id),
        "officer": account.role in OFFICERS,
        "judgement_id": case.judgement_id,
    }


def _papers(request: Request, case: CaseView, wanted: int | None) -> dict[str, Any]:
    """Open a paper: the one that is asked for, else one on which a finding that flags is seen, else the first."""
    language = language_of(request)
    found = papers_in(request).of(case.application_id, case.version) or CasePapers(case.version, ())
    pointed = _asked_number(request, "finding")
    return {
        "papers": found.papers,
        "tabs": tabs_of(case.judgement, found.papers, case.mask, language),
        "pointed": pointed,
        "open": _opened(request, case, found, _chosen(case, found, wanted)),
    }


def _chosen(case: CaseView, found: CasePapers, wanted: int | None) -> int | None:
    if wanted is not None:
        return wanted
    seen = targets(case.judgement, found.papers)
    flagging = (seen[n].document for n, finding in enumerate(case.findings) if finding.flags and n in seen)
    return next(flagging, found.papers[0].document if found.papers else None)


def _opened(request: Request, case: CaseView, found: CasePapers, document: int | None) -> PaperView | None:
    if document is None:
        return None
    chosen, session = found.paper(document), session_in(request)
    opened = papers_in(request).open(found, document)
    if chosen is None or opened is None or session is None:
        raise HTTPException(404)
    papers_in(request).note_look(
        case.application_id, found, chosen.document, session.token, actor_of(request)
    )
    return view_paper(
        case.application_id,
        found,
        chosen,
        opened,
        case.judgement,
        case.findings,
        case.mask,
        language_of(request),
    )


def _asked_number(request: Request, name: str) -> int | None:
    return Form(request.query_params).whole(name, 0, _MOST_DOCUMENTS, required=False)


routes = [
    Route("/cases/{application_id}", show, name="case"),
    Route("/cases/{application_id}/papers/{document:int}", paper, name="case_paper"),
    Route("/cases/{application_id}/history", history, name="case_history"),
    Route("/cases/{application_id}/reveal", reveal, methods=["POST"], name="case_reveal"),
    Route("/cases/{application_id}/claim", claim, methods=["POST"], name="case_claim"),
]
