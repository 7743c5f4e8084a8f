"""What the registry knows around a case: judgements and rulings, people and provider, other cases with its papers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from extractors.facts import Kind
from flows.records import person_card_lines, provider_card_lines
from review.case_view import CaseView
from review.texts import Language, text
from storage.cards import person_card, provider_card
from storage.database import UnitOfWork
from storage.desk.history import Event, history
from storage.keys import person_index, tax_index
from storage.models import (
    ApplicationRow,
    CaseState,
    DeskCase,
    DocumentRow,
    JudgedPerson,
    JudgementRow,
    Version,
)
from validators.application import Procedure
from validators.finding import Decision

OTHERS = 20
"""Other applications that are named; whoever wants more asks the queue."""
LINES = 120
"""Lines of a card that are shown; a provider may have hundreds of people."""


@dataclass(frozen=True, slots=True)
class Step:
    """A judgement, or a ruling, of a case, and when; exactly one of the two is there."""

    at: datetime
    judgement: JudgementRow | None = None
    ruling: Event | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """Another application; without a decision it was not judged yet, without a state it was never in the queue."""

    application_id: str
    procedure: Procedure | None
    decision: Decision | None
    state: CaseState | None
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """What the registry holds of a person or provider, as indented lines; `more` of them are not shown.

    `title` is what the declaration calls them. `others` are their other applications.
    """

    title: str
    lines: tuple[tuple[int, str], ...]
    more: int
    others: tuple[Other, ...]


@dataclass(frozen=True, slots=True)
class History:
    """All of it; `provider` is None where the application names none."""

    steps: tuple[Step, ...]
    people: tuple[Card, ...]
    provider: Card | None


def history_of(work: UnitOfWork, case: CaseView, language: Language) -> History:
    """Load the history of a case. Raises WrongKey."""
    return History(
        tuple(_steps(work, case)), tuple(_people(work, case, language)), _provider(work, case, language)
    )


def same_papers(work: UnitOfWork, case: CaseView) -> tuple[Other, ...]:
    """Return other applications, whenever submitted, that hold a file of this one, or its barcode number."""
    mine, theirs = aliased(DocumentRow), aliased(DocumentRow)
    barcode = mine.barcode_index == theirs.barcode_index
    told = or_(mine.kind != Kind.UNKNOWN, mine.barcode_index.is_not(None))
    keys = (
        select(Version.application_key)
        .join(theirs, theirs.version_key == Version.id)
        .join(mine, or_(mine.sha256 == theirs.sha256, barcode))
        .where(mine.version_key == case.version, told)
    )
    return _others(work, case, ApplicationRow.id.in_(keys))


def _steps(work: UnitOfWork, case: CaseView) -> list[Step]:
    rows = work.session.scalars(
        select(JudgementRow)
        .where(JudgementRow.application_key == case.application_key)
        .order_by(JudgementRow.id)
    ).all()
    steps = [Step(row.created_at, judgement=row) for row in rows]
    steps += [Step(event.ruled_at, ruling=event) for event in history(work, case.application_id)]
    return sorted(steps, key=lambda step: step.at, reverse=True)


def _people(work: UnitOfWork, case: CaseView, language: Language) -> Iterator[Card]:
    for shown, person in zip(case.explanation["people"], case.judgement.people, strict=True):
        number = person.national_id
        card = person_card(work, number)
        lines = person_card_lines(card, language, reveal=False) if card else _unknown(language)
        index = person_index(work.keys, number)
        keys = (
            select(JudgementRow.application_key)
            .join(JudgedPerson, JudgedPerson.judgement_key == JudgementRow.id)
            .where(JudgedPerson.person_index == index, JudgementRow.current)
        )
        name = " ".join(filter(None, (shown["given_name"], shown["family_name"], shown["national_id"])))
        yield _card(name, lines, _others(work, case, ApplicationRow.id.in_(keys)))


def _provider(work: UnitOfWork, case: CaseView, language: Language) -> Card | None:
    provider = case.application.provider if case.application is not None else None
    if provider is None:
        return None
    card = provider_card(work, provider.tax_number)
    lines = provider_card_lines(card, language, reveal=False) if card else _unknown(language)
    keys = select(DeskCase.application_key).where(
        DeskCase.provider_index == tax_index(work.keys, provider.tax_number)
    )
    others = _others(work, case, ApplicationRow.id.in_(keys))
    return _card(case.mask.text(provider.title), lines, others)


def _unknown(language: Language) -> Iterator[str]:
    yield text("case.history.unknown", language)


def _card(title: str, lines: Iterator[str], others: tuple[Other, ...]) -> Card:
    shown = tuple(_indented(line) for line in islice(lines, LINES))
    return Card(title, shown, sum(1 for _ in lines), others)


def _indented(line: str) -> tuple[int, str]:
    bare = line.lstrip()
    return (len(line) - len(bare)) // 2, bare


def _others(work: UnitOfWork, case: CaseView, which: ColumnElement[bool]) -> tuple[Other, ...]:
    rows: Sequence[tuple[str, Procedure | None, Decision | None, CaseState | None, datetime | None]] = (
        work.session.execute(
            select(
                ApplicationRow.application_id,
                Version.procedure,
                JudgementRow.decision,
                DeskCase.state,
                ApplicationRow.submitted_at,
            )
            .outerjoin(
                JudgementRow, (JudgementRow.application_key == ApplicationRow.id) & JudgementRow.current
            )
            .outerjoin(Version, Version.id == JudgementRow.version_key)
            .outerjoin(DeskCase, DeskCase.application_key == ApplicationRow.id)
            .where(which, ApplicationRow.id != case.application_key)
            .order_by(ApplicationRow.submitted_at.desc(), ApplicationRow.id.desc())
            .limit(OTHERS)
        )
        .tuples()
        .all()
    )
    return tuple(Other(*row) for row in rows)
