"""Decisions on a case: a form for each kind, what came of it, and the page for whoever comes second.

A form is a page of its own without JavaScript; with it, the case page shows it beside the papers (`decide/panel.html`).
Opening a form claims the case. What was entered is told on a page of its own, which offers the next case.
"""

from typing import Any, Final
from urllib.parse import quote

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.explanation import mask_of
from flows.letter_pdf import letter_as_pdf
from flows.recorded import as_verdict
from review import decide_second
from review.access import OFFICERS, needs
from review.decide_asks import DEEDS, FIELDS, Deed, codes_ticked, draft_of
from review.decide_case import (
    Opened,
    changed_since,
    find_policies_of,
    is_held_by_another,
    next_case,
    open_case,
    reasons_of,
    take,
)
from review.decide_events import tell
from review.desk import desk_of
from review.forms import Form
from review.pages import go, page
from review.sessions import actor_of, language_of
from storage.database import UnitOfWork
from storage.desk.audit import Action, about, record
from storage.desk.rulings import Ask, Entered, Event, Obstacle, Reject, Return, history, rule
from storage.verdicts import StoredVerdict, stored_verdict

CONFLICTS: Final = frozenset(
    {
        Obstacle.JUDGEMENT_CHANGED,
        Obstacle.NOT_CLAIMED,
        Obstacle.HELD,
        Obstacle.STATE,
        Obstacle.ALREADY_DECIDED,
        Obstacle.RECORD_CHANGED,
    }
)
"""Obstacles that somebody else's work put there."""
_MOST = 2**53
_PDF: Final = "application/pdf"


@needs(*OFFICERS)
def show(request: Request) -> Response:
    """Show the form of a decision, and claim the case for who asks."""
    deed, case, query = _deed(request), open_case(request), request.query_params
    seen = _number(Form(query), "judgement") or case.line.judgement
    in_the_way = _in_the_way(request, deed, case, seen, case.seen)
    return in_the_way or _form_page(request, deed, case, Form(QueryParams(deed.begin(case, query))))


@needs(*OFFICERS)
def enter(request: Request) -> Response:
    """Enter a decision; or make a letter's draft again, show it, or hand it out as a PDF."""
    deed, case, form = _deed(request), open_case(request), Form(request.state.form)
    seen = _number(form, "judgement"), _number(form, "seen")
    if in_the_way := _in_the_way(request, deed, case, *seen):
        return in_the_way
    if form["action"] == "draft" and deed.template == "letter":
        return _form_page(request, deed, case, _drafted_anew(deed, case, form))
    ask = deed.read(case, form)
    if ask is None or form.errors:
        return _form_page(request, deed, case, form, 422)
    if form["action"] == "preview":
        return _form_page(request, deed, case, form, previewed=True)
    if form["action"] == "pdf" and isinstance(ask, Return | Reject):
        return _pdf(request, case.application_id, ask.letter, {"draft": True})
    return _rule(request, deed, case, form, ask)


@needs(*OFFICERS)
def show_ruling(request: Request) -> Response:
    """Tell what was decided and what came of it, and offer the next case."""
    application_id = request.path_params["application_id"]
    found, event = _ruled(request)
    line = next_case(request, application_id)
    verdict, language = as_verdict(found), language_of(request)
    documents = [document for document, _ in found.judgement.documents]
    _note(request, Action.VIEW_CASE, application_id, {"ruling": event.ruling})
    return page(
        request,
        "decide/ruling.html",
        application_id=application_id,
        told=tell(event, documents, mask_of(verdict), language),
        codes_then=event.codes,
        reasons=reasons_of(verdict, language),
        verified=verdict.is_verified,
        next_case=line,
    )


@needs(*OFFICERS)
def send_letter(request: Request) -> Response:
    """Send the letter of a decision as a PDF."""
    _, event = _ruled(request)
    if not isinstance(event.ask, Return | Reject):
        raise HTTPException(404)
    return _pdf(request, request.path_params["application_id"], event.ask.letter, {"ruling": event.ruling})


def _deed(request: Request) -> Deed:
    deed = DEEDS.get(request.path_params["deed"])
    if deed is None:
        raise HTTPException(404)
    return deed


def _number(form: Form, name: str) -> int:
    """Return the key of a judgement or ruling that a form brings back; 0 where it does not."""
    return form.whole(name, 0, _MOST, required=False) or 0


def _in_the_way(request: Request, deed: Deed, case: Opened, judgement: int, seen: int) -> Response | None:
    """Claim the case; return the page that tells what keeps the officer from this decision."""
    if (judgement, seen) != (case.line.judgement, case.seen):
        return _conflict(request, case, Obstacle.JUDGEMENT_CHANGED, judgement, seen)
    if case.line.state not in deed.states:
        return _conflict(request, case, Obstacle.STATE, judgement, seen)
    if is_held_by_another(request, take(request, case)):
        return _conflict(request, open_case(request), Obstacle.HELD, judgement, seen)
    return None


def _rule(request: Request, deed: Deed, case: Opened, form: Form, ask: Ask) -> Response:
    desk, judgement = desk_of(request), case.line.judgement
    policies = find_policies_of(request)
    outcome = rule(desk.database, case.application_id, judgement, actor_of(request), ask, policies)
    if isinstance(outcome, Entered):
        return go(request, f"/cases/{quote(case.application_id, safe='')}/decisions/{outcome.ruling}")
    if outcome.obstacle in CONFLICTS:
        return _conflict(request, open_case(request), outcome.obstacle, judgement, case.seen)
    form.refuse({FIELDS.get(outcome.obstacle, "form"): f"decide.obstacles.{outcome.obstacle}"})
    return _form_page(request, deed, case, form, 422)


def _drafted_anew(deed: Deed, case: Opened, form: Form) -> Form:
    """Return the form with the machine's letter for the codes that are ticked, in place of the edited one."""
    codes = codes_ticked(case, form)
    drafted = draft_of(deed.name, case, codes).body if codes else ""
    kept = [*(("codes", code.value) for code in codes), ("reason", form["reason"])]
    return Form(QueryParams([*kept, ("letter", drafted)]))


def _form_page(  # noqa: PLR0913 - the parts of a page
    request: Request, deed: Deed, case: Opened, form: Form, status: int = 200, *, previewed: bool = False
) -> Response:
    context: dict[str, Any] = {"case": case, "deed": deed.name, "form": form, "previewed": previewed}
    context |= deed.show(case, form, language_of(request))
    return page(request, f"decide/{deed.template}.html", status, **context)


def _conflict(request: Request, case: Opened, obstacle: Obstacle, judgement: int, seen: int) -> Response:
    """Show what changed since the officer saw the case, and what was typed, which is not entered."""
    mask, language = mask_of(case.verdict), language_of(request)
    documents = [document for document, _ in case.verdict.judgement.documents]
    changed = changed_since(request, case, judgement, seen)
    form = Form(getattr(request.state, "form", None))
    return page(
        request,
        "decide/conflict.html",
        409,
        case=case,
        obstacle=obstacle,
        changed=changed,
        events=[tell(event, documents, mask, language) for event in changed.events],
        typed=[form[name] for name in ("letter", "reason", "value") if form[name].strip()],
    )


def _ruled(request: Request) -> tuple[StoredVerdict, Event]:
    """Return the judgement that counts for an application and one of its rulings. Raises HTTPException 404."""
    application_id, ruling = request.path_params["application_id"], request.path_params["ruling"]

    def find(work: UnitOfWork) -> tuple[StoredVerdict | None, Event | None]:
        events = (event for event in history(work, application_id) if event.ruling == ruling)
        return stored_verdict(work, application_id), next(events, None)

    found, event = desk_of(request).database.read(find)
    if found is None or event is None:
        raise HTTPException(404)
    return found, event


def _pdf(request: Request, application_id: str, letter: str, details: dict[str, Any]) -> Response:
    _note(request, Action.LETTER, application_id, details)
    name = quote(f"{application_id}.pdf", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(letter_as_pdf(letter, application_id), headers=headers, media_type=_PDF)


def _note(request: Request, action: Action, application_id: str, details: dict[str, Any]) -> None:
    def note(work: UnitOfWork) -> None:
        record(work, actor_of(request), action, about("application", application_id), details=details)

    desk_of(request).database.transact(note)


routes = [
    Route("/cases/{application_id}/decide/{deed}", show, name="decide"),
    Route("/cases/{application_id}/decide/{deed}", enter, methods=["POST"], name="decide_enter"),
    Route("/cases/{application_id}/decisions/{ruling:int}", show_ruling, name="ruling"),
    Route("/cases/{application_id}/decisions/{ruling:int}/letter", send_letter, name="ruling_letter"),
    *decide_second.routes,
]
