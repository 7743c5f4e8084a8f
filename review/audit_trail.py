"""Verifying the audit trail, and asking it who opened what: that somebody did is itself a line of the trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.database import Database, UnitOfWork
from storage.desk.audit import (
    Action,
    Actor,
    Fault,
    Line,
    LineFilter,
    about,
    count_lines,
    lines,
    record,
    verify,
)
from storage.subject.access import Access, accesses, affected
from storage.subject.mentions import applications_naming


@dataclass(frozen=True, slots=True)
class Verification:
    """How many lines the trail had, and what is wrong with it; no faults: it is whole."""

    lines: int
    faults: tuple[Fault, ...]


def verify_trail(database: Database, who: Actor) -> Verification:
    """Read the whole trail, write down what was found, and return it."""
    with database.snapshot() as work:  # lines are counted and looked at as of one moment
        found = Verification(count_lines(work), tuple(verify(work)))
    details: dict[str, int] = {"lines": found.lines, "faults": len(found.faults)}
    if found.faults:
        details["first"] = found.faults[0].line
    database.transact(
        lambda work: record(work, who, Action.AUDIT_VERIFIED, about("audit", "trail"), details=details)
    )
    return found


@dataclass(frozen=True, slots=True)
class Question:
    """What the access log is asked: what an account opened, who opened anything of a person (T.C. number), or both."""

    account_id: int | None = None
    person: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The lines, the newest first, and the T.C. numbers of the people whom they concern, as far as those are kept."""

    found: tuple[Access, ...]
    people: tuple[str, ...]


def ask_access_log(database: Database, asked: Question, who: Actor) -> Answered:
    """Answer from the audit trail who opened what, and write down that it was asked (KVKK m.12)."""
    answered = database.read(lambda work: _answered(work, asked))
    details = {
        "account": asked.account_id,
        "from": asked.since.isoformat() if asked.since else None,
        "to": asked.until.isoformat() if asked.until else None,
        "lines": len(answered.found),
    }
    told = {name: value for name, value in details.items() if value is not None}
    database.transact(
        lambda work: record(
            work, who, Action.AUDIT_READ, about("audit", "access"), asked.person, details=told
        )
    )
    return answered


def _answered(work: UnitOfWork, asked: Question) -> Answered:
    found = accesses(
        work,
        person=asked.person,
        applications=applications_naming(work, asked.person) if asked.person else (),
        account_id=asked.account_id,
        since=asked.since,
        until=asked.until,
    )
    return Answered(found, _people(work, asked, found))


def _people(work: UnitOfWork, asked: Question, found: Sequence[Access]) -> tuple[str, ...]:
    return (asked.person,) if asked.person is not None else affected(work, found)


def last_verification(work: UnitOfWork) -> Line | None:
    """Return the line that tells of the last verification; its details are `lines`, `faults` and `first`."""
    return next(iter(lines(work, LineFilter(actions=(Action.AUDIT_VERIFIED,)), limit=1)), None)
