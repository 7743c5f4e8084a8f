"""The audit trail on a page: filters, paging, files, and whether it was whole when somebody last verified it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from review.access import needs
from review.audit_trail import last_verification, verify_trail
from review.audit_words import told_details, told_subject
from review.desk import desk_of
from review.exports import TYPES, Cell, Form, Table, download, exported
from review.forms import Form as Fields
from review.pages import go, page, say
from review.sessions import actor_of, language_of
from review.texts import catalogue
from storage.columns import now
from storage.desk.accounts import Account, Role, accounts
from storage.desk.audit import COMMAND_LINE, Action, Line, LineFilter, about, count_lines, lines, record
from validators.application import ISTANBUL
from validators.identity import redact

READERS = (Role.AUDITOR, Role.SUPERVISOR)
"""Who may read the trail."""
PAGE = 100
"""Lines of a page."""
MOST = 50_000
"""Lines of a file, at most."""
_LONGEST_NUMBER = 10**15


@dataclass(frozen=True, slots=True)
class Asked:
    """What the filter of a request asks for; `given` are the fields that narrow, as they stand in addresses."""

    filter: LineFilter
    given: dict[str, str]
    fields: Fields


@needs(*READERS)
def show(request: Request) -> Response:
    """Show a page of the trail, the newest lines first."""
    asked, database = _asked(request), desk_of(request).database
    before = asked.fields.whole("before", 1, _LONGEST_NUMBER, required=False)
    with database.reading() as work:
        found = lines(work, asked.filter, before=before, limit=PAGE + 1)
        known = accounts(work)
        context: dict[str, Any] = {
            "count": count_lines(work, asked.filter),
            "accounts": known,
            "verified": last_verification(work),
        }
    _note(request, Action.AUDIT_READ, asked, before=before)
    shown = found[:PAGE]
    return page(
        request,
        "audit/lines.html",
        422 if asked.fields.errors else 200,
        form=asked.fields,
        lines=[_shown(request, line, known) for line in shown],
        query=urlencode(asked.given),
        older=urlencode({**asked.given, "before": shown[-1].id}) if len(found) > PAGE else "",
        later=before is not None,
        actions=[(action.value, _action(request, action)) for action in Action],
        forms=tuple(Form),
        most=MOST,
        name_account=lambda line: _account(request, line),
        **context,
    )


@needs(*READERS)
def export(request: Request) -> Response:
    """Send the lines that a filter finds as a file."""
    asked, form = _asked(request), request.path_params["form"]
    if form not in tuple(Form) or asked.fields.errors:
        raise HTTPException(404)
    database = desk_of(request).database
    with database.reading() as work:
        if count_lines(work, asked.filter) > MOST:
            raise HTTPException(409, "audit.too_many")
        found = lines(work, asked.filter, limit=MOST)
    _note(request, Action.EXPORT, asked, form=form)
    columns = ("number", "at", "account", "address", "action", "object", "person", "reason", "details")
    table = Table(
        say(request, "audit.title"),
        tuple(say(request, f"audit.{column}") for column in columns),
        tuple(_row(request, line) for line in found),
    )
    name = f"kanit-audit-{now().astimezone(ISTANBUL):%Y%m%d-%H%M}.{form}"
    return download(exported(table, Form(form)), name, TYPES[Form(form)])


@needs(*READERS)
def verify(request: Request) -> Response:
    """Verify the trail now; the page then tells of it."""
    verify_trail(desk_of(request).database, actor_of(request))
    return go(request, "/audit")


def _asked(request: Request) -> Asked:
    fields = Fields(request.query_params)
    account = fields.whole("account", 1, _LONGEST_NUMBER, required=False)
    action = fields.choice("action", Action, required=False)
    application = fields.line("application", required=False)
    first, last = fields.day("from", required=False), fields.day("to", required=False)
    if {first, last} & {date.min, date.max} or (first and last and last < first):
        fields.refuse({"to": "audit.bad_period"})
    wanted = LineFilter(
        account_id=account,
        actions=(action,) if action else (),
        object=about("application", application) if application else None,
        since=_begin(first) if first and not fields.errors else None,
        until=_begin(last + timedelta(1)) if last and not fields.errors else None,
    )
    names = ("account", "action", "application", "from", "to")
    given = {name: fields[name].strip() for name in names if fields[name].strip()}
    return Asked(wanted, given, fields)


def _begin(day: date) -> datetime:
    return datetime.combine(day, clock(), ISTANBUL)


def _note(request: Request, action: Action, asked: Asked, **facts: Any) -> None:
    """Enter that the trail was read, and by which filter; who typed nonsense into it reads all of it."""
    told = {} if asked.fields.errors else {name: redact(value) for name, value in asked.given.items()}
    details = {**told, **{name: fact for name, fact in facts.items() if fact is not None}}
    desk_of(request).database.transact(
        lambda work: record(work, actor_of(request), action, about("audit", "trail"), details=details)
    )


def _account(request: Request, line: Line) -> str:
    if line.account is not None:
        return line.account
    return say(request, "audit.command_line" if line.address == COMMAND_LINE.address else "audit.nobody")


def _action(request: Request, action: str) -> str:
    """Return what people call an action; one that has no name yet, by its own."""
    key = f"audit.actions.{action}"
    return say(request, key) if key in catalogue(language_of(request)) else str(action)


def _details(line: Line) -> str:
    return "; ".join(f"{name}: {_plain(value)}" for name, value in line.details.items())


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return json.dumps(value) if isinstance(value, bool | None) else str(value)


def _shown(request: Request, line: Line, known: Sequence[Account]) -> dict[str, Any]:
    """Return a line as the page shows it, in words; T.C. numbers that somebody wrote into a reason are masked."""
    language = language_of(request)
    from_here = line.account is None and line.address == COMMAND_LINE.address
    return {
        "id": line.id,
        "at": line.at,
        "account": _account(request, line),
        "address": "" if from_here else line.address,
        "action": _action(request, line.action),
        "subject": told_subject(line.object, known, language),
        "concerns_person": line.concerns_person,
        "reason": redact(line.reason),
        "details": told_details(line.details, language),
    }


def _row(request: Request, line: Line) -> tuple[Cell, ...]:
    return (
        line.id,
        line.at,
        _account(request, line),
        line.address,
        _action(request, line.action),
        line.object,
        say(request, "audit.person") if line.concerns_person else "",
        redact(line.reason),
        _details(line),
    )


routes = [
    Route("/audit", show, name="audit"),
    Route("/audit/verify", verify, methods=["POST"], name="audit_verify"),
    Route("/audit/lines.{form}", export, name="audit_export"),
]
"""Auditors and supervisors."""
