"""Four eyes: overrides of a block that wait for a second officer, who agrees or declines."""

from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flows.explanation import mask_of
from flows.recorded import as_verdict
from review.access import OFFICERS, needs
from review.decide_case import find_policies_of, officer_of, reasons_of
from review.decide_events import tell
from review.desk import desk_of
from review.forms import Form
from review.pages import go, page
from review.sessions import actor_of, language_of
from storage.database import UnitOfWork
from storage.desk.accounts import Role
from storage.desk.rulings import Entered, Event, Obstacle, Proposed, history, proposals, second
from storage.verdicts import StoredVerdict, stored_verdict

REASON = 2_000
"""Characters of a reason, at most."""


@needs(*OFFICERS)
def show_proposals(request: Request) -> Response:
    """List the overrides that wait for a second officer."""
    waiting = desk_of(request).database.read(proposals)
    own = officer_of(request)
    return page(request, "decide/proposals.html", proposals=waiting, own=own.id)


@needs(*OFFICERS)
def show_proposal(request: Request) -> Response:
    """Show what is proposed and what it is against; to a supervisor who did not propose it, with the form."""
    return _proposal_page(request, Form())


@needs(Role.SUPERVISOR)
def answer(request: Request) -> Response:
    """Agree to a proposal, which takes effect at once, or decline it."""
    form, ruling = Form(request.state.form), request.path_params["ruling"]
    agree = form["answer"] == "agree"
    if form["answer"] not in ("agree", "decline"):
        form.refuse({"answer": "forms.choice"})
    reason = form.letter("reason", required=not agree, longest=REASON)
    if form.errors:
        return _proposal_page(request, form, 422)
    proposed, _, _ = _proposed(request)
    desk, actor, policies = desk_of(request), actor_of(request), find_policies_of(request)
    outcome = second(desk.database, ruling, actor, policies, agree=agree, reason=reason)
    if not isinstance(outcome, Entered):
        raise HTTPException(409, f"decide.obstacles.{outcome.obstacle}")
    return go(request, f"/cases/{quote(proposed.application_id, safe='')}/decisions/{ruling}")


def _proposal_page(request: Request, form: Form, status: int = 200) -> Response:
    proposed, event, found = _proposed(request)
    verdict, officer, language = as_verdict(found), officer_of(request), language_of(request)
    documents = [document for document, _ in found.judgement.documents]
    return page(
        request,
        "decide/proposal.html",
        status,
        proposed=proposed,
        told=tell(event, documents, mask_of(verdict), language),
        reasons=reasons_of(verdict, language),
        own=event.officer_id == officer.id,
        may=officer.role is Role.SUPERVISOR and event.officer_id != officer.id,
        form=form,
    )


def _proposed(request: Request) -> tuple[Proposed, Event, StoredVerdict]:
    """Return a proposal with its ruling and the judgement that counts. Raises HTTPException 409."""
    ruling = request.path_params["ruling"]

    def find(work: UnitOfWork) -> tuple[Proposed, Event, StoredVerdict] | None:
        proposed = next((each for each in proposals(work) if each.ruling == ruling), None)
        if proposed is None or (found := stored_verdict(work, proposed.application_id)) is None:
            return None
        events = history(work, proposed.application_id)
        return proposed, next(event for event in events if event.ruling == ruling), found

    found = desk_of(request).database.read(find)
    if found is None:
        raise HTTPException(409, f"decide.obstacles.{Obstacle.NO_PROPOSAL}")
    return found


routes = [
    Route("/proposals", show_proposals, name="proposals"),
    Route("/proposals/{ruling:int}", show_proposal, name="proposal"),
    Route("/proposals/{ruling:int}", answer, methods=["POST"], name="proposal_answer"),
]
