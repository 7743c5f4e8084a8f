"""The decisions that a case may get: in which states, what its form asks for, and what was asked by a form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from starlette.datastructures import QueryParams

from extractors.facts import Document, Kind
from extractors.groups import GROUPS
from flows.explanation import mask_of
from flows.letter_kept import letter_paragraphs
from review.decide_case import Opened, Reason, reasons_of
from review.decide_fields import (
    choices,
    entry_of,
    is_place,
    place_label,
    prefilled,
    read_value,
    shown,
    spots,
)
from review.decide_letters import Draft, rejecting, returning
from review.forms import Form
from review.texts import Language
from storage.columns import now
from storage.desk.cases import CLOSED, flagging
from storage.desk.queue import CaseState
from storage.desk.rulings import (
    Approve,
    Ask,
    Correct,
    MarkKind,
    Obstacle,
    Reject,
    Reopen,
    Return,
    Wait,
)
from validators.application import ISTANBUL
from validators.finding import Code, Proposal

OPEN: Final = frozenset({CaseState.OPEN, CaseState.WAITING})
DECIDED: Final = CLOSED | {CaseState.WAITING, CaseState.PROPOSED}
REASON: Final = 2_000
"""Characters of a reason, at most."""
FIELDS: Final[Mapping[Obstacle, str]] = {
    Obstacle.REASON_MISSING: "reason",
    Obstacle.LETTER_MISSING: "letter",
    Obstacle.CODES_MISSING: "codes",
    Obstacle.DAY_PAST: "until",
    Obstacle.VALUE_INVALID: "value",
    Obstacle.SAME_VALUE: "value",
}
"""The field of a form that an obstacle is about."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A kind of decision: the last word of its address, the states of a case in which it can be had, and its form.

    `begin` gives what the form holds when it is opened, `show` what its template knows, `read` what was asked for
    (None where the form has errors).
    """

    name: str
    template: str
    states: frozenset[CaseState]
    begin: Callable[[Opened, QueryParams], list[tuple[str, str]]]
    show: Callable[[Opened, Form, Language], dict[str, Any]]
    read: Callable[[Opened, Form], Ask | None]


def today() -> date:
    """Return the calendar day in Istanbul."""
    return now().astimezone(ISTANBUL).date()


def draft_of(deed: str, case: Opened, codes: tuple[Code, ...]) -> Draft:
    """Return the letter that the machine would write for these codes."""
    write = returning if deed == "return" else rejecting
    return write(case.verdict, codes, today())


def codes_ticked(case: Opened, form: Form) -> tuple[Code, ...]:
    """Return the codes that were ticked, of those that flag the case."""
    ticked = set(form.several("codes"))
    return tuple(code for code in case.line.reasons if code.value in ticked)


def paper_chosen(case: Opened, form: Form) -> Document | None:
    """Return the paper that was chosen by its position."""
    documents = [document for document, _ in case.verdict.judgement.documents]
    position = form.whole("document", 0, max(len(documents) - 1, 0))
    if position is None or not documents or documents[position].part_of is not None:
        form.errors.setdefault("document", "forms.choice")
        return None
    return documents[position]


def _nothing(_case: Opened, _query: QueryParams) -> list[tuple[str, str]]:
    return []


def _reason(form: Form, *, required: bool) -> str:
    return form.letter("reason", required=required, longest=REASON)


def _show_approve(case: Opened, _form: Form, language: Language) -> dict[str, Any]:
    return {"reasons": reasons_of(case.verdict, language)}


def _read_approve(case: Opened, form: Form) -> Ask | None:
    return Approve(_reason(form, required=case.needs_second or case.is_petition))


def _begin_letter(deed: str) -> Callable[[Opened, QueryParams], list[tuple[str, str]]]:
    def begin(case: Opened, _query: QueryParams) -> list[tuple[str, str]]:
        codes = _proposed(case) if deed == "return" else case.line.reasons
        body = draft_of(deed, case, codes).body if codes else ""
        return [*(("codes", code.value) for code in codes), ("letter", body)]

    return begin


def _proposed(case: Opened) -> tuple[Code, ...]:
    """Return the codes for which the machine proposes a return; all of them where it does so for none."""
    reasons: tuple[Reason, ...] = reasons_of(case.verdict, Language.TURKISH)
    proposed = {reason.code for reason in reasons if reason.proposal is not Proposal.CHECK_BY_HAND}
    return tuple(code for code in case.line.reasons if code in proposed) or case.line.reasons


def _show_letter(deed: str) -> Callable[[Opened, Form, Language], dict[str, Any]]:
    def show(case: Opened, form: Form, language: Language) -> dict[str, Any]:
        codes = codes_ticked(case, form)
        draft = draft_of(deed, case, codes or case.line.reasons)
        return {
            "reasons": reasons_of(case.verdict, language),
            "ticked": {code.value for code in codes},
            "preview": letter_paragraphs(draft.whole(form["letter"])) if form["letter"].strip() else (),
        }

    return show


def _read_letter(deed: str, kind: type[Return] | type[Reject]) -> Callable[[Opened, Form], Ask | None]:
    def read(case: Opened, form: Form) -> Ask | None:
        codes, body = codes_ticked(case, form), form.letter("letter")
        reason = _reason(form, required=case.is_petition and kind is Reject)
        if not codes:
            form.refuse({"codes": "decide.obstacles.CODES_MISSING"})
        return None if form.errors else kind(codes, draft_of(deed, case, codes).whole(body), reason)

    return read


def _begin_wait(case: Opened, _query: QueryParams) -> list[tuple[str, str]]:
    """Begin with the day that the findings name, else none."""
    days = [finding.wait_until for finding in flagging(case.verdict.judgement) if finding.wait_until]
    later = [day for day in days if date.fromisoformat(day) > today()]
    return [("until", max(later))] if later else []


def _show_wait(_case: Opened, _form: Form, _language: Language) -> dict[str, Any]:
    return {"earliest": (today() + timedelta(days=1)).isoformat()}


def _read_wait(_case: Opened, form: Form) -> Ask | None:
    until, reason = form.day("until"), _reason(form, required=False)
    return None if form.errors or until is None else Wait(until, reason)


def _begin_correct(case: Opened, query: QueryParams) -> list[tuple[str, str]]:
    """Begin with the paper and the place of the address, and with the value that was read there."""
    asked = query if "document" in query else QueryParams([*query.multi_items(), *_only_paper(case)])
    begun = [(name, asked[name]) for name in ("document", "field") if name in asked]
    form = Form(asked)
    document = paper_chosen(case, form) if "document" in asked else None
    if document is None or not is_place(document, form["field"]):
        return begun
    return [*begun, *prefilled(document, form["field"]).items()]


def _only_paper(case: Opened) -> list[tuple[str, str]]:
    """Return the choice of the paper where there is only one; none where there are several, or none."""
    documents = [document for document, _ in case.verdict.judgement.documents]
    papers = [position for position, document in enumerate(documents) if document.part_of is None]
    return [("document", str(papers[0]))] if len(papers) == 1 else []


def _show_correct(case: Opened, form: Form, language: Language) -> dict[str, Any]:
    """Show the papers; of one, its places; of a place, what was read there."""
    documents = [document for document, _ in case.verdict.judgement.documents]
    mask = mask_of(case.verdict)
    context: dict[str, Any] = {
        "papers": choices(documents, case.verdict.application, mask, language),
        "paper": None,
        "place": "",
    }
    document = paper_chosen(case, Form(QueryParams({"document": form["document"]})))
    if document is None:
        return context
    context |= {"paper": form["document"], "spots": spots(document, mask, language)}
    if is_place(document, place := form["field"]):
        context |= {"place": place, "label": place_label(place, language), "groups": GROUPS}
        context |= {"old": shown(document, place, mask, language), "entry": entry_of(place).value}
        context |= {"may_be_none": may_be_none(place)}
    return context


def may_be_none(place: str) -> bool:
    """Return whether a paper can tell nothing at a place; the other cells of a row always tell something."""
    cell = place.startswith(("records.", "workplaces."))
    return not cell or place.rpartition(".")[2] in ("entry_date", "exit_date", "days")


def _read_correct(case: Opened, form: Form) -> Ask | None:
    document, place = paper_chosen(case, form), form.line("field")
    if document is not None and not is_place(document, place):
        form.refuse({"field": "forms.choice"})
    value, reason = read_value(form, place), _reason(form, required=True)
    return None if form.errors or document is None else Correct(document.key, place, value, reason)


def _show_kind(case: Opened, _form: Form, language: Language) -> dict[str, Any]:
    documents = [document for document, _ in case.verdict.judgement.documents]
    papers = choices(documents, case.verdict.application, mask_of(case.verdict), language)
    return {"papers": papers, "kinds": tuple(Kind)}


def _begin_kind(_case: Opened, query: QueryParams) -> list[tuple[str, str]]:
    return [("document", query["document"])] if "document" in query else []


def _read_kind(case: Opened, form: Form) -> Ask | None:
    document, kind = paper_chosen(case, form), form.choice("kind", Kind)
    reason = _reason(form, required=True)
    return None if form.errors or document is None or kind is None else MarkKind(document.key, kind, reason)


def _show_reopen(case: Opened, _form: Form, _language: Language) -> dict[str, Any]:
    return {"state": case.line.state}


def _read_reopen(_case: Opened, form: Form) -> Ask | None:
    return Reopen(_reason(form, required=True))


DEEDS: Final[Mapping[str, Deed]] = {
    deed.name: deed
    for deed in (
        Deed("approve", "approve", OPEN, _nothing, _show_approve, _read_approve),
        Deed(
            "return",
            "letter",
            OPEN,
            _begin_letter("return"),
            _show_letter("return"),
            _read_letter("return", Return),
        ),
        Deed(
            "reject",
            "letter",
            OPEN,
            _begin_letter("reject"),
            _show_letter("reject"),
            _read_letter("reject", Reject),
        ),
        Deed("wait", "wait", OPEN, _begin_wait, _show_wait, _read_wait),
        Deed("correct", "correct", OPEN, _begin_correct, _show_correct, _read_correct),
        Deed("kind", "kind", OPEN, _begin_kind, _show_kind, _read_kind),
        Deed("reopen", "reopen", frozenset(DECIDED), _nothing, _show_reopen, _read_reopen),
    )
}
"""By the last word of their addresses."""
