"""Verifying the audit trail, for the page and the command line: what was found is itself a line of the trail."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Verification:
    """How many lines the trail had, and what is wrong with it; no faults: it is whole."""

    lines: int
    faults: tuple[Fault, ...]


def verify_trail(database: Database, who: Actor) -> Verification:
    """Read the whole trail, write down what was found, and return it."""
    with database.reading() as work:
        found = _verified(work)
    details: dict[str, int] = {"lines": found.lines, "faults": len(found.faults)}
    if found.faults:
        details["first"] = found.faults[0].line
    database.transact(
        lambda work: record(work, who, Action.AUDIT_VERIFIED, about("audit", "trail"), details=details)
    )
    return found


def last_verification(work: UnitOfWork) -> Line | None:
    """Return the line that tells of the last verification; its details are `lines`, `faults` and `first`."""
    return next(iter(lines(work, LineFilter(actions=(Action.AUDIT_VERIFIED,)), limit=1)), None)


def _verified(work: UnitOfWork) -> Verification:
    if work.session.get_bind().dialect.name == "postgresql":
        # One sight of the trail: a line that is added meanwhile must not look as if it were past the end.
        work.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return Verification(count_lines(work), tuple(verify(work)))
