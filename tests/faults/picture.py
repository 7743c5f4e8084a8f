"""What a registry says, without keys of rows and moments of work; and what must hold of it when nobody is at work."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from storage.database import UnitOfWork
from storage.evidence import EvidenceStore
from storage.models import (
    ApplicationRow,
    ApplicationState,
    AuditLine,
    CaseReason,
    ClaimRow,
    CondemnedFile,
    DeskCase,
    Destruction,
    Employment,
    JudgementRow,
    RecordDecision,
    RulingRow,
    Run,
)
from storage.upkeep.verifying import verify
from tests.chaos.invariants import remnants
from tests.faults.story import World
from tests.flows.helpers import dump

_OF_APPLICATION = {
    "judgements": (JudgementRow, ("decision", "policy", "current")),
    "cases": (DeskCase, ("state", "pending", "rank", "procedure", "people", "proposal")),
    "reasons": (CaseReason, ("code",)),
    "rulings": (RulingRow, ("kind", "state", "override", "codes", "lifted", "officer_key", "second_key")),
    "decisions": (RecordDecision, ("decision",)),
    "evidence of employments": (Employment, ("since", "route", "basis", "evidence", "state", "ended_at")),
    "claims at the desk": (ClaimRow, ("account_key",)),
}


_STATES = select(ApplicationRow.application_id, ApplicationRow.state)


def picture(world: World) -> dict[str, Any]:
    """Return all that two lives of a registry must agree on, part by part."""
    with world.database() as database, database.reading() as work:
        return {
            **dump(database, world.inbox),
            "states": sorted(map(repr, work.session.execute(_STATES))),
            **{name: _of_application(work, *what) for name, what in _OF_APPLICATION.items()},
            "audit": Counter(work.session.execute(select(AuditLine.action, AuditLine.object)).all()),
            "destroyed": _destroyed(work),
            "evidence": _files(world),
        }


def differences(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """Return in which parts two pictures differ, and how."""
    parts = [name for name in expected if found[name] != expected[name]]
    return [f"{name}: {found[name]!r} instead of {expected[name]!r}" for name in parts]


def faults(world: World) -> list[str]:
    """Return what does not hold of a world in which nobody is at work and nothing is left to do."""
    with world.database() as database:
        store = EvidenceStore(world.settings.evidence_url, database.keys)
        found = verify(database, store).findings.shown
        with database.reading() as work:
            left = [*_work(work), *remnants(world.settings.home)]
    drafts = [*world.settings.home.glob(".key-*"), *Path(world.settings.evidence_url).glob(".drafts/*")]
    return [*map(str, found.values()), *left, *(f"{path.name} was left" for path in drafts)]


def _of_application(work: UnitOfWork, table: Any, names: tuple[str, ...]) -> list[str]:
    columns = [getattr(table, name) for name in names]
    rows = work.session.execute(
        select(ApplicationRow.application_id, *columns).join(
            table, table.application_key == ApplicationRow.id
        )
    )
    return sorted(map(repr, rows))


def _destroyed(work: UnitOfWork) -> dict[str, int]:
    rows = select(Destruction.data_class, func.sum(Destruction.amount)).group_by(Destruction.data_class)
    return {name: int(amount) for name, amount in work.session.execute(rows)}


def _work(work: UnitOfWork) -> Iterator[str]:
    waiting = ApplicationRow.state != ApplicationState.JUDGED
    wrong = {
        "not every application is judged": select(func.count()).select_from(ApplicationRow).where(waiting),
        "claims stand whose owner is gone": _count(ApplicationRow, ApplicationRow.owner.is_not(None)),
        "runs still count as running": _count(Run, Run.ended.is_(None)),
        "files are condemned and were not removed": _count(CondemnedFile),
    }
    for fault, count in wrong.items():
        if number := work.session.scalar(count):
            yield f"{fault}: {number}"
    current = Counter(work.session.scalars(select(JudgementRow.application_key).where(JudgementRow.current)))
    judged = work.session.scalars(select(ApplicationRow.id).where(~waiting))
    yield from (
        f"{current[key]} current judgements of one application" for key in judged if current[key] != 1
    )


def _count(table: Any, *where: Any) -> Any:
    return select(func.count()).select_from(table).where(*where)


def _files(world: World) -> set[str]:
    return {path.name for path in Path(world.settings.evidence_url).rglob("*") if path.is_file()}
