"""Rows of the acceptance matrix, and short ways to say how a case differs from a good one."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.validators import factory as f
from validators.case import Case

STATEMENT, DECLARATION, OFFICIAL = "service_statement", "entry_declaration", "official_document"
RETURN, BY_HAND, WAIT = "return_to_applicant", "check_by_hand", "wait_until"


@dataclass(frozen=True)
class Person:
    """What must be decided on one person: flagging codes (none: verified), route, proposal."""

    codes: frozenset[str]
    route: str | None
    proposal: str | None = None


@dataclass(frozen=True)
class Row:
    """One case and its judgement; `application` are the flagging codes that belong to nobody declared."""

    name: str
    case: Case
    people: tuple[Person, ...]
    application: frozenset[str] = frozenset()


def verified(name: str, case: Case, route: str | None = STATEMENT, people: int = 1) -> Row:
    """A row in which everybody is verified by one route."""
    return Row(name, case, (Person(frozenset(), route),) * people)


def flagged(
    name: str,
    case: Case,
    codes: str,
    proposal: str,
    *,
    route: str | None = STATEMENT,
    application: str = "",
) -> Row:
    """A row with one person, who is flagged by exactly these codes."""
    person = Person(frozenset(codes.split()), route, proposal)
    return Row(name, case, (person,), frozenset(application.split()))


def rows(*records: Any, listed: Any = f.LISTED, issued_on: str | None = "2026-11-10") -> Case:
    """A case on one statement with these rows."""
    return f.case(f.statement(rows=records, listed=listed, issued_on=issued_on))


def starting(start: date, submitted: str, uploaded: str | None = None, **policy: Any) -> Case:
    """A case on one declaration, with the days that matter."""
    about = f.application(
        submitted_at=f"{submitted}T12:00:00+03:00",
        uploaded_at=f"{uploaded}T12:00:00+03:00" if uploaded else None,
    )
    return f.case(f.declaration(start=start), about=about, policy=f.policy(**policy))


def provided(*documents: Any, policy: Any = f.POLICY, **provider: Any) -> Case:
    """A case whose application says something else about the provider."""
    return f.case(*documents, about=f.application(provider=provider), policy=policy)


def declared(**fields: Any) -> Case:
    """A case on one declaration with some fields changed; None leaves one out."""
    paper = f.declaration()
    for name, value in fields.items():
        paper = f.without_field(paper, name) if value is None else f.with_field(paper, name, value)
    return f.case(paper)


NO_NUMBERS: dict[str, Any] = {"workplace_numbers": []}
GOOD = f.statement()
