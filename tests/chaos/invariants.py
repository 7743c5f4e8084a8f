"""What must hold after a disturbed night, whatever was killed and when."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from storage.database import UnitOfWork, open_database
from storage.evidence import DRAFTS_FOLDER, EvidenceStore
from storage.models import ApplicationRow, ApplicationState, JudgementRow, Run, Version
from storage.upkeep.verifying import verify
from tests.chaos.processes import eventually, kill, marked
from tests.chaos.world import World
from tests.flows.helpers import dump

_ENDS_WITHIN = 60.0
"""Seconds that processes may live on after the one that they belong to was killed."""


def broken(world: World, undisturbed: dict[str, Any], *, others: int = 0) -> list[str]:
    """Return what does not hold of a world; `others` processes of it may still be alive."""
    return [
        *_registry(world, undisturbed),
        *_evidence(world),
        *remnants(world.home),
        *_processes(world, others),
    ]


def _registry(world: World, undisturbed: dict[str, Any]) -> Iterator[str]:
    with closing(open_database(world.settings())) as database:
        registry = dump(database, world.inbox)
        with database.reading() as work:
            yield from _work(work)
    for part, expected in undisturbed.items():
        if registry[part] != expected:
            yield f"{part}: {_difference(registry[part], expected)}"


def _difference(found: Any, expected: Any) -> str:
    if isinstance(expected, dict):
        names = sorted(name for name in expected if found.get(name) != expected[name])
        return f"{len(names)} differ: {[(name, _told(found.get(name)), _told(expected[name])) for name in names[:3]]}"
    surplus, missing = Counter(map(repr, found)), Counter(map(repr, expected))
    return f"{(surplus - missing).total()} too many, {(missing - surplus).total()} missing"


def _told(report: Any) -> Any:
    if report is None:
        return None
    findings = [*report["findings"], *(f for person in report["people"] for f in person["findings"])]
    findings += [f for document in report["documents"] for f in document["findings"]]
    return report["decision"], sorted({f["code"] for f in findings if f["outcome"] != "passed"})


def _work(work: UnitOfWork) -> Iterator[str]:
    session = work.session
    states = {
        str(k): n for k, n in session.execute(select(ApplicationRow.state, func.count()).group_by("state"))
    }
    if set(states) - {ApplicationState.JUDGED}:
        reasons = session.scalars(select(ApplicationRow.error).where(ApplicationRow.error.is_not(None))).all()
        yield f"not every application is judged: {states} {Counter(reasons)}"
    if claimed := session.scalar(select(func.count()).where(ApplicationRow.owner.is_not(None))):
        yield f"{claimed} claims stand whose owner is gone"
    applications = sum(states.values())
    if (versions := session.scalar(select(func.count()).select_from(Version))) != applications:
        yield f"{versions} versions of {applications} applications"
    current = session.scalar(select(func.count()).select_from(JudgementRow).where(JudgementRow.current))
    if current != applications:
        yield f"{current} current judgements of {applications} applications"
    if running := session.scalar(select(func.count()).select_from(Run).where(Run.ended.is_(None))):
        yield f"{running} runs still count as running"


def _evidence(world: World) -> Iterator[str]:
    """All that `kanit store verify` finds, and unfinished files: whoever wrote them is dead by now."""
    with closing(open_database(world.settings())) as database:
        found = verify(database, EvidenceStore(str(world.evidence), database.keys)).findings
    for kind, count in found.counts.items():
        yield f"{count} {kind}: {[fault.place for fault in found.shown[kind][:3]]}"
    if drafts := list(world.evidence.glob(f"{DRAFTS_FOLDER}/*")):
        yield f"{len(drafts)} drafts were left in the evidence store"


def remnants(home: Path) -> Iterator[str]:
    """Yield what workers left in their home that nobody works with any more."""
    workers, copies = home / "workers", home / "tmp"
    if workers.is_dir() and (locks := list(workers.iterdir())):
        yield f"{len(locks)} marks of workers were left"
    if copies.is_dir() and (left := [path for path in copies.iterdir() if path.name != ".lock"]):
        yield f"{len(left)} copies of applications were left"


def _processes(world: World, others: int) -> Iterator[str]:
    if not eventually(lambda: len(marked(world.mark)) <= others, _ENDS_WITHIN, 0.5):
        left = marked(world.mark)
        yield f"{len(left)} processes were left: {[' '.join(each.cmdline())[:120] for each in left]}"
        kill(left)
