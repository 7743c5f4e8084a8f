"""What was ruled on an application, and what waits for a second officer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import aliased

from extractors.facts import Value
from storage.database import UnitOfWork
from storage.desk.asks import Ask, unseal_request
from storage.models import (
    AccountRow,
    ApplicationRow,
    CaseState,
    DeskCase,
    RecordDecision,
    Ruling,
    RulingKind,
    RulingRow,
    RulingState,
    RulingText,
)
from validators.finding import Code

_DISPLAY = "accounts.display"
_SECOND = "desk_ruling_texts.second_reason"


@dataclass(frozen=True, slots=True)
class Event:
    """An entry in the history of a case: a ruling, or a decision by `kanit decide` (`ruling` and `ask` None).

    `codes` flagged the application then. `officer` and `second` are names as shown; `old` is the value that a
    correction replaced (a kind's name for MarkKind). `ask` is None, too, once retention has destroyed what was written.
    A proposal that a later ruling overtook stays PROPOSED; `proposals` tells those that still wait.
    """

    ruling: int | None
    kind: RulingKind
    state: RulingState
    override: bool
    judgement: int
    codes: tuple[Code, ...]
    officer_id: int | None
    officer: str
    ruled_at: datetime
    ask: Ask | None
    reason: str
    old: Value
    second_id: int | None
    second: str | None
    seconded_at: datetime | None
    second_reason: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """An override that waits for a second officer."""

    application_id: str
    ruling: int
    kind: RulingKind
    officer_id: int
    officer: str
    ruled_at: datetime


def history(work: UnitOfWork, application_id: str) -> tuple[Event, ...]:
    """Return all rulings on an application and all decisions by `kanit decide`, the oldest first. Raises WrongKey."""
    events = [*_rulings(work, application_id), *_decisions(work, application_id)]
    return tuple(sorted(events, key=lambda event: event.ruled_at))


def proposals(work: UnitOfWork) -> tuple[Proposed, ...]:
    """Return the overrides that wait for a second officer, the oldest first."""
    rows = work.session.execute(
        select(RulingRow, ApplicationRow.application_id)
        .join(ApplicationRow, ApplicationRow.id == RulingRow.application_key)
        .join(DeskCase, DeskCase.application_key == RulingRow.application_key)
        .where(
            RulingRow.state == RulingState.PROPOSED,
            DeskCase.state == CaseState.PROPOSED,
            RulingRow.id == newest_ruling(),
        )
        .order_by(RulingRow.id)
    ).all()
    names = _names(work)
    return tuple(
        Proposed(
            row.application_id,
            row.RulingRow.id,
            row.RulingRow.kind,
            row.RulingRow.officer_key,
            names[row.RulingRow.officer_key],
            row.RulingRow.ruled_at,
        )
        for row in rows
    )


def newest_ruling() -> ScalarSelect[int | None]:
    """Return the key of the newest ruling on the application of the case that is asked about."""
    other = aliased(RulingRow)
    newest = select(func.max(other.id)).where(other.application_key == DeskCase.application_key)
    return newest.correlate(DeskCase).scalar_subquery()


def _rulings(work: UnitOfWork, application_id: str) -> Iterator[Event]:
    names = _names(work)
    rows = work.session.execute(
        select(RulingRow, RulingText)
        .join(ApplicationRow, ApplicationRow.id == RulingRow.application_key)
        .outerjoin(RulingText, RulingText.ruling_key == RulingRow.id)
        .where(ApplicationRow.application_id == application_id)
        .order_by(RulingRow.id)
    )
    for row in rows:
        yield _event(work, row.RulingRow, row.RulingText, names)


def _event(work: UnitOfWork, row: RulingRow, text: RulingText | None, names: Mapping[int, str]) -> Event:
    request = unseal_request(row.kind, text.request, work.keys) if text else None
    second_reason = work.keys.unseal(text.second_reason, _SECOND) if text and text.second_reason else ""
    return Event(
        ruling=row.id,
        kind=row.kind,
        state=row.state,
        override=row.override,
        judgement=row.judgement_key,
        codes=tuple(map(Code, row.codes)),
        officer_id=row.officer_key,
        officer=names[row.officer_key],
        ruled_at=row.ruled_at,
        ask=request.ask if request else None,
        reason=request.ask.reason if request else "",
        old=request.old if request else None,
        second_id=row.second_key,
        second=names[row.second_key] if row.second_key is not None else None,
        seconded_at=row.seconded_at,
        second_reason=second_reason,
    )


def _decisions(work: UnitOfWork, application_id: str) -> Iterator[Event]:
    """Yield the decisions that were made by the command, not at the desk."""
    at_desk = select(RulingRow.record_decision_key).where(RulingRow.record_decision_key.is_not(None))
    rows = work.session.scalars(
        select(RecordDecision)
        .join(ApplicationRow, ApplicationRow.id == RecordDecision.application_key)
        .where(ApplicationRow.application_id == application_id, RecordDecision.id.not_in(at_desk))
    )
    for row in rows:
        yield Event(
            ruling=None,
            kind=RulingKind.APPROVE if row.decision is Ruling.APPROVED else RulingKind.REJECT,
            state=RulingState.EFFECTIVE,
            override=False,
            judgement=row.judgement_key,
            codes=(),
            officer_id=None,
            officer=work.keys.unseal(row.officer, "record_decisions.officer"),
            ruled_at=row.decided_at,
            ask=None,
            reason=work.keys.unseal(row.note, "record_decisions.note"),
            old=None,
            second_id=None,
            second=None,
            seconded_at=None,
            second_reason="",
        )


def _names(work: UnitOfWork) -> Mapping[int, str]:
    rows = work.session.execute(select(AccountRow.id, AccountRow.display))
    return {row.id: work.keys.unseal(row.display, _DISPLAY) for row in rows}
