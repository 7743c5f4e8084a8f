"""The queue of cases that an officer must look at: filters, order, counts.

What is due first comes first, and of that what is severe. A person is found by the keyed index of the T.C. number, and
neither a number nor a name stands in a cursor.
"""

import base64
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, not_, select, true, tuple_

from storage.columns import now
from storage.database import UnitOfWork
from storage.desk.cases import TITLE
from storage.desk.claims import DISPLAY, LEASE
from storage.keys import person_index, tax_index
from storage.leases import holds
from storage.matching import TitleQuery
from storage.models import (
    AccountRow,
    ApplicationRow,
    CaseReason,
    CaseState,
    ClaimRow,
    DeskCase,
    JudgedPerson,
    Run,
)
from validators.application import ISTANBUL, Procedure
from validators.finding import Code, Level, Proposal

__all__ = [
    "CaseLine",
    "CaseState",
    "Claimed",
    "Filter",
    "Page",
    "Sort",
    "case_line",
    "cases",
    "count",
    "counts_by_reason",
    "runs",
]


class Sort(StrEnum):
    """Orders of the queue; what is equal goes by the order in which applications came."""

    DUE = "due"
    """Due first; of one day what blocks first."""
    SEVERITY = "severity"
    """What blocks first; of that what is due first."""
    OLDEST = "oldest"
    """Flagged longest ago first."""


class Claimed(StrEnum):
    """Whose cases are asked for."""

    ANYBODY = "anybody"
    NOBODY = "nobody"
    MINE = "mine"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases are asked for; what is empty does not narrow, and everything given must hold.

    Without `states`, those that somebody must do something about today: open, proposed, and waiting ones that are due.
    `reasons` finds cases with any of these codes, `provider` a tax number, `person` a T.C. number, `text` a part of an
    application id or else of a provider's title; `older_than` counts days since the case was flagged; `account` is
    who asks (for `claimed`).
    """

    states: tuple[CaseState, ...] = ()
    reasons: tuple[Code, ...] = ()
    severity: Level | None = None
    run: str | None = None
    procedure: Procedure | None = None
    proposal: Proposal | None = None
    provider: str | None = None
    person: str | None = None
    text: str | None = None
    older_than: int | None = None
    due_by: date | None = None
    claimed: Claimed = Claimed.ANYBODY
    account: int | None = None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in the queue. `severity` is None where nothing blocks and nothing is for review.

    `claimed_by` is the log-in name of who works on it, `holder` that person's own name.
    """

    application_id: str
    judgement: int
    state: CaseState
    severity: Level | None
    due_on: date
    procedure: Procedure | None
    provider: str | None
    people: int
    reasons: tuple[Code, ...]
    proposal: Proposal
    run: str | None
    submitted_at: datetime | None
    opened_at: datetime
    claimed_by: str | None
    holder: str | None
    claimed_until: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """Cases of one page, and the cursor behind the last of them; None at the end."""

    lines: tuple[CaseLine, ...]
    after: str | None


_SEVERITIES = {0: Level.BLOCK, 1: Level.REVIEW, 2: None}
_RANKS = {Level.BLOCK: 0, Level.REVIEW: 1, Level.NOTE: 2}
_ORDERS: Mapping[Sort, tuple[Any, ...]] = {
    Sort.DUE: (DeskCase.due_on, DeskCase.rank, DeskCase.application_key),
    Sort.SEVERITY: (DeskCase.rank, DeskCase.due_on, DeskCase.application_key),
    Sort.OLDEST: (DeskCase.opened_at, DeskCase.application_key),
}


def cases(
    work: UnitOfWork,
    wanted: Filter = Filter(),
    sort: Sort = Sort.DUE,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Return a page of cases; `after` is the cursor of the page before. Raises ValueError for what is no cursor."""
    order = _ORDERS[sort]
    where = _conditions(work, wanted)
    if after is not None:
        where.append(tuple_(*order) > tuple_(*_opened(after, order)))
    rows = work.session.execute(_lines().where(*where).order_by(*order).limit(limit + 1)).all()
    page = rows[:limit]
    cursor = (
        _cursor([getattr(page[-1].DeskCase, column.key) for column in order]) if len(rows) > limit else None
    )
    return Page(tuple(_read(work, page)), cursor)


def case_line(work: UnitOfWork, application_id: str) -> CaseLine | None:
    """Return one case as the queue shows it, whatever its state."""
    rows = work.session.execute(_lines().where(ApplicationRow.application_id == application_id)).all()
    return next(_read(work, rows), None)


def count(work: UnitOfWork, wanted: Filter = Filter()) -> int:
    """Count the cases that a filter finds."""
    found = select(func.count()).select_from(DeskCase).where(*_conditions(work, wanted))
    return work.session.scalar(found) or 0


def counts_by_reason(work: UnitOfWork, wanted: Filter = Filter()) -> Mapping[Code, int]:
    """Count the cases that a filter finds by code, the most frequent first; one with two codes counts twice."""
    number = func.count()
    found = select(DeskCase.application_key).where(*_conditions(work, wanted))
    rows = work.session.execute(
        select(CaseReason.code, number)
        .where(CaseReason.application_key.in_(found))
        .group_by(CaseReason.code)
        .order_by(number.desc(), CaseReason.code)
    )
    return {row[0]: row[1] for row in rows}


def runs(work: UnitOfWork, limit: int = 30) -> tuple[tuple[str, datetime], ...]:
    """Return the newest batches, by id and beginning, for the filter."""
    rows = work.session.execute(select(Run.id, Run.started_at).order_by(Run.started_at.desc()).limit(limit))
    return tuple((row.id, row.started_at) for row in rows)


def _lines() -> Select[tuple[Any, ...]]:
    held = and_(
        ClaimRow.application_key == DeskCase.application_key, holds(ClaimRow.leased_until, now(), LEASE)
    )
    return (
        select(
            DeskCase,
            ApplicationRow.application_id,
            AccountRow.name,
            AccountRow.display,
            ClaimRow.leased_until,
        )
        .join(ApplicationRow, ApplicationRow.id == DeskCase.application_key)
        .outerjoin(ClaimRow, held)
        .outerjoin(AccountRow, AccountRow.id == ClaimRow.account_key)
    )


def _read(work: UnitOfWork, rows: Sequence[Any]) -> Iterator[CaseLine]:
    codes: dict[int, list[Code]] = defaultdict(list)
    keys = [row.DeskCase.application_key for row in rows]
    for key, code in work.session.execute(
        select(CaseReason.application_key, CaseReason.code)
        .where(CaseReason.application_key.in_(keys))
        .order_by(CaseReason.code)
    ):
        codes[key].append(code)
    for row in rows:
        yield _line(work, row, tuple(codes[row.DeskCase.application_key]))


def _line(work: UnitOfWork, row: Any, codes: tuple[Code, ...]) -> CaseLine:
    case: DeskCase = row.DeskCase
    return CaseLine(
        application_id=row.application_id,
        judgement=case.judgement_key,
        state=case.state,
        severity=_SEVERITIES[case.rank],
        due_on=case.due_on,
        procedure=case.procedure,
        provider=work.keys.unseal(case.provider_title, TITLE) if case.provider_title else None,
        people=case.people,
        reasons=codes,
        proposal=case.proposal,
        run=case.run_id,
        submitted_at=case.submitted_at,
        opened_at=case.opened_at,
        claimed_by=row.name,
        holder=work.keys.unseal(row.display, DISPLAY) if row.display is not None else None,
        claimed_until=row.leased_until,
    )


def _conditions(work: UnitOfWork, wanted: Filter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter on the queue's rows."""
    equal = {
        DeskCase.run_id: wanted.run,
        DeskCase.procedure: wanted.procedure,
        DeskCase.proposal: wanted.proposal,
        DeskCase.rank: _RANKS[wanted.severity] if wanted.severity is not None else None,
        DeskCase.provider_index: tax_index(work.keys, wanted.provider) if wanted.provider else None,
    }
    where = [column == value for column, value in equal.items() if value is not None]
    where.append(_in_states(wanted.states))
    where += _found(work, wanted)
    if wanted.older_than is not None:
        where.append(DeskCase.opened_at < now() - timedelta(days=wanted.older_than))
    if wanted.due_by is not None:
        where.append(DeskCase.due_on <= wanted.due_by)
    if wanted.claimed is not Claimed.ANYBODY:
        where.append(_claimed(wanted.claimed, wanted.account))
    return where


def _in_states(states: Collection[CaseState]) -> ColumnElement[bool]:
    if states:
        return DeskCase.state.in_(states)
    today = now().astimezone(ISTANBUL).date()
    put_off = and_(DeskCase.state == CaseState.WAITING, DeskCase.due_on > today)
    return and_(DeskCase.pending == true(), not_(put_off))


def _found(work: UnitOfWork, wanted: Filter) -> Iterator[ColumnElement[bool]]:
    """Yield what is looked up elsewhere: codes, a person, a text."""
    if wanted.reasons:
        flagged = select(CaseReason.application_key).where(CaseReason.code.in_(wanted.reasons))
        yield DeskCase.application_key.in_(flagged)
    if wanted.person:
        index = person_index(work.keys, wanted.person)
        named = select(JudgedPerson.judgement_key).where(JudgedPerson.person_index == index)
        yield DeskCase.judgement_key.in_(named)
    if wanted.text and wanted.text.strip():
        yield _has_text(work, wanted.text.strip())


def _has_text(work: UnitOfWork, text: str) -> ColumnElement[bool]:
    """Look for a part of an application's id, and where there is none of a provider's title, as other queries do."""
    ids = select(ApplicationRow.id).where(ApplicationRow.application_id.icontains(text, autoescape=True))
    query = TitleQuery.of(text)
    if query.is_empty or work.session.scalar(ids.limit(1)) is not None:
        return DeskCase.application_key.in_(ids)
    return DeskCase.provider_index.in_(_providers(work, query))


def _providers(work: UnitOfWork, query: TitleQuery) -> list[bytes]:
    """Open one title of each provider in the queue; each is sealed anew, so no index could find it."""
    one = select(func.min(DeskCase.application_key)).where(DeskCase.provider_index.is_not(None))
    rows = work.session.execute(
        select(DeskCase.provider_index, DeskCase.provider_title).where(
            DeskCase.application_key.in_(one.group_by(DeskCase.provider_index))
        )
    )
    return [row.provider_index for row in rows if query.finds(work.keys.unseal(row.provider_title, TITLE))]


def _claimed(claimed: Claimed, account: int | None) -> ColumnElement[bool]:
    held = select(ClaimRow.application_key).where(holds(ClaimRow.leased_until, now(), LEASE))
    if claimed is Claimed.NOBODY:
        return DeskCase.application_key.not_in(held)
    mine = ClaimRow.account_key == account
    return DeskCase.application_key.in_(held.where(mine if claimed is Claimed.MINE else ~mine))


def _cursor(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode()


def _opened(cursor: str, order: Sequence[Any]) -> list[Any]:
    """Give back what `_cursor` wrote. Raises ValueError."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor))
        pairs = zip(values, order, strict=True)
        return [literal(_value(value, column), column.type) for value, column in pairs]
    except TypeError as error:
        raise ValueError("no cursor of this order") from error


def _value(value: Any, column: Any) -> Any:
    kinds: Mapping[str, Callable[[Any], Any]] = {
        DeskCase.opened_at.key: datetime.fromisoformat,
        DeskCase.due_on.key: date.fromisoformat,
    }
    return kinds.get(column.key, int)(value)
