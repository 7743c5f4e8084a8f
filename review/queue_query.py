"""What an address of the queue asks for, and the addresses that the queue writes.

A number of a person never stands in an address. Whoever searches for one sends it with a form, and the address that
follows holds it sealed: it opens only in the same log-in, so that a copied address tells nobody anything.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request

from review.desk import desk_of
from review.forms import Form
from review.security import token_of
from review.sessions import account_of
from storage.desk.queue import CaseState, Claimed, Filter, Sort
from storage.errors import WrongKey
from storage.keys import Keyring
from validators.application import Procedure
from validators.finding import Code, Level, Proposal
from validators.identity import mask_national_id, redact


class States(StrEnum):
    """Which states are asked for; an address without one asks for what must be done today."""

    TODAY = "today"
    OPEN = "open"
    WAITING = "waiting"
    PROPOSED = "proposed"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    ALL = "all"


class NumberKind(StrEnum):
    """Whose number is looked for: a sole trader's tax number is the T.C. number."""

    PERSON = "person"
    PROVIDER = "provider"


SEVERITIES: Final = (Level.BLOCK, Level.REVIEW)
AGES: Final = (1, 3, 7, 14, 30)
"""Days that the list of ages offers; an address may ask for any number of them."""
_LONGEST_AGE = 3650


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for. `sealed` is the number in `filter.person` or `filter.provider` as addresses hold it."""

    filter: Filter
    sort: Sort = Sort.DUE
    sealed: str = ""
    after: str | None = None

    @property
    def states(self) -> States:
        """The choice of states that the filter stands for."""
        if len(self.filter.states) == 1:
            return States(self.filter.states[0].value)
        return States.ALL if self.filter.states else States.TODAY

    @property
    def number(self) -> str | None:
        """The T.C. number that is looked for, whether as a person's or as a sole trader's."""
        return (self.filter.person or self.filter.provider) if self.sealed else None

    @property
    def masked(self) -> str:
        """The T.C. number as it may be shown."""
        return mask_national_id(self.number) if self.number else ""

    @property
    def narrows(self) -> bool:
        """True when fewer cases are asked for than the queue holds."""
        return self.filter != Filter(account=self.filter.account)

    def pairs(self, *, after: bool = False) -> list[tuple[str, str]]:
        """Return name and value of everything that is asked for; the place in the list only if wanted."""
        pairs = _pairs(self.filter, numbers=not self.sealed)
        pairs += [("sort", self.sort.value)] if self.sort is not Sort.DUE else []
        pairs += [("who", self.sealed)] if self.sealed else []
        return pairs + ([("after", self.after)] if after and self.after else [])

    def address(self, *, after: bool = False) -> str:
        """Return the address of these cases."""
        return _address(self.pairs(after=after))

    def without(self, *names: str) -> str:
        """Return the address of these cases with some conditions left out."""
        return _address([pair for pair in self.pairs() if pair[0] not in names])

    def behind(self, cursor: str) -> str:
        """Return the address of the page behind a cursor."""
        return replace(self, after=cursor).address(after=True)


def address_of_view(wanted: Filter) -> str:
    """Return the address of a saved view."""
    return _address(_pairs(wanted, numbers=True))


def read_asked(request: Request, sent: QueryParams | FormData | None = None) -> Asked:
    """Return what an address, or a form with the same fields, asks for.

    Raises HTTPException 400 for a value that no page of ours writes, 409 for a sealed number of another log-in.
    """
    form = Form(request.query_params if sent is None else sent)
    number = _opened(request, form.line("who", required=False, longest=400))
    wanted = _filter(form, request)
    sort = form.choice("sort", Sort, required=False) or Sort.DUE
    after = form.line("after", required=False) or None
    if form.errors:
        raise HTTPException(400)
    wanted = replace(
        wanted,
        person=number.get(NumberKind.PERSON),
        provider=number.get(NumberKind.PROVIDER, wanted.provider),
    )
    return Asked(wanted, sort, form["who"] if number else "", after)


def seal_number(request: Request, kind: NumberKind, number: str) -> str:
    """Return a T.C. number as addresses of this log-in hold it."""
    sealed = _keys(request).seal(f"{kind}:{number}", _purpose(request))
    return base64.urlsafe_b64encode(sealed).decode()


def _filter(form: Form, request: Request) -> Filter:
    account = account_of(request)
    return Filter(
        states=_states(form.choice("state", States, required=False)),
        reasons=_reasons(form),
        severity=form.choice("severity", Level, required=False),
        run=form.line("run", required=False, longest=36) or None,
        procedure=form.choice("procedure", Procedure, required=False),
        proposal=form.choice("proposal", Proposal, required=False),
        provider=_without_numbers(form, "provider") or None,
        text=_without_numbers(form, "text") or None,
        older_than=form.whole("older", 0, _LONGEST_AGE, required=False),
        due_by=form.day("due", required=False),
        claimed=form.choice("claimed", Claimed, required=False) or Claimed.ANYBODY,
        account=account.id if account else None,
    )


def _states(asked: States | None) -> tuple[CaseState, ...]:
    if asked is None or asked is States.TODAY:
        return ()
    return tuple(CaseState) if asked is States.ALL else (CaseState(asked.value),)


def _reasons(form: Form) -> tuple[Code, ...]:
    known = {code.value for code in Code}
    asked = dict.fromkeys(form.several("reason"))
    if not known.issuperset(asked):
        form.refuse({"reason": "forms.choice"})
        return ()
    return tuple(Code(each) for each in asked)


def _without_numbers(form: Form, name: str) -> str:
    """Return a line; one with a T.C. number is refused, for it would stand in an address."""
    line = form.line(name, required=False)
    if redact(line) != line:
        form.refuse({name: "queue.number_in_address"})
    return line


def _pairs(wanted: Filter, *, numbers: bool) -> list[tuple[str, str]]:
    """Return the fields of a filter that narrow; a person's number is never among them."""
    fields: dict[str, object] = {
        "state": _state_field(wanted),
        "severity": wanted.severity,
        "run": wanted.run,
        "procedure": wanted.procedure,
        "proposal": wanted.proposal,
        "provider": wanted.provider if numbers else None,
        "text": wanted.text,
        "older": wanted.older_than,
        "due": wanted.due_by,
        "claimed": wanted.claimed if wanted.claimed is not Claimed.ANYBODY else None,
    }
    reasons = [("reason", code.value) for code in wanted.reasons]
    return reasons + [(name, str(value)) for name, value in fields.items() if value is not None]


def _state_field(wanted: Filter) -> States | None:
    states = Asked(wanted).states
    return None if states is States.TODAY else states


def _address(pairs: list[tuple[str, str]]) -> str:
    return f"/queue?{urlencode(pairs)}" if pairs else "/queue"


def _opened(request: Request, sealed: str) -> Mapping[NumberKind, str]:
    """Return a sealed number by its kind. Raises HTTPException 409 when it was sealed for another log-in."""
    if not sealed:
        return MappingProxyType({})
    try:
        opened = _keys(request).unseal(base64.urlsafe_b64decode(sealed.encode()), _purpose(request))
    except (WrongKey, ValueError):
        raise HTTPException(409, "queue.search_over") from None
    kind, _, number = opened.partition(":")
    return {NumberKind(kind): number}


def _keys(request: Request) -> Keyring:
    return desk_of(request).database.keys


def _purpose(request: Request) -> str:
    return f"queue.number:{token_of(request)}"
