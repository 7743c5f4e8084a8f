"""Runs retention, or counts what a run would destroy."""

import shutil
import uuid
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, text

from storage.columns import now
from storage.database import Database, UnitOfWork, open_database
from storage.evidence import PAGES_FOLDER, EvidenceStore
from storage.models import ApplicationRow, ApplicationState, CondemnedFile, Destruction
from storage.retention.destroying import Step, steps
from storage.retention.due import Due, needs_file
from storage.retention.orphans import condemn_orphans, count_orphans
from storage.retention.periods import DataClass, Periods, periods_of
from storage.settings import Settings

CHUNK = 200
"""Rows of one kind, or files, that one transaction destroys."""
ALL = tuple(DataClass)


@dataclass(frozen=True, slots=True)
class Report:
    """What was destroyed, or would be, by class; numbers only.

    `held` counts open applications older than the period of the evidence: nothing of them is destroyed before somebody
    decides. `files_waiting` counts files that were not removed because a batch is at work, which may be about to keep
    the same ones: the next run removes them. `run_id` names the run in the destruction log, None for a preview.
    """

    run_id: str | None
    destroyed: Mapping[DataClass, int]
    held: int
    files_waiting: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the object of `kanit retention run --json`."""
        return {"dry_run": self.run_id is None, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the destruction log names it."""

    id: str
    moment: datetime


def destroy_due(settings: Settings, *, dry_run: bool) -> Report:
    """Destroy what is due by the settings, or count it alone. Raises StorageError."""
    periods = periods_of(settings, now())
    with closing(open_database(settings)) as database:
        store = EvidenceStore(settings.evidence_url, database.keys)
        if dry_run:
            return preview(database, periods, store)
        try:
            return run_retention(database, store, periods)
        finally:
            shutil.rmtree(settings.home / PAGES_FOLDER, ignore_errors=True)


def preview(database: Database, periods: Periods, store: EvidenceStore) -> Report:
    """Count what a run would destroy, and destroy nothing. Raises EvidenceUnreachable."""
    report = preview_of(database, Due(periods), ALL)
    orphans = count_orphans(database, store, Due(periods).evidence_before)
    files = report.destroyed[DataClass.FILES] + orphans
    return replace(report, destroyed={**report.destroyed, DataClass.FILES: files})


def preview_of(database: Database, due: Due, classes: Collection[DataClass]) -> Report:
    """Count what `destroy_of` would destroy."""
    return database.read(lambda work: _preview(work, due, classes))


def _preview(work: UnitOfWork, due: Due, classes: Collection[DataClass]) -> Report:
    _prepare(work)
    counts = {
        step.data_class: work.session.scalar(select(func.count(step.key)).where(step.due)) or 0
        for step in steps(due)
        if step.data_class is not None and step.data_class in classes
    }
    files = select(func.count()).select_from(due.files().subquery())
    counts[DataClass.FILES] = work.session.scalar(files) or 0
    return Report(None, counts, work.session.scalar(due.held()) or 0)


def run_retention(database: Database, store: EvidenceStore, periods: Periods) -> Report:
    """Destroy what is due: rows, then the files that none of them needs, of runs that were cut off as well.

    Raises EvidenceUnreachable when files cannot be listed or removed; the next run goes on with them.
    """
    return destroy_of(database, store, Due(periods), Run(str(uuid.uuid4()), periods.moment), ALL)


def destroy_of(
    database: Database, store: EvidenceStore, due: Due, run: Run, classes: Collection[DataClass]
) -> Report:
    """Destroy what is due of these classes by the conditions given. Raises EvidenceUnreachable."""
    for step in steps(due):
        if (step.data_class or DataClass.RUNS) in classes:
            _take(database, step, run)
    if DataClass.FILES in classes:
        condemn_orphans(database, store, due.evidence_before)
    _remove_files(database, store, run)
    forget_written(database)
    return database.read(lambda work: _report(work, due, run, classes))


def _report(work: UnitOfWork, due: Due, run: Run, classes: Collection[DataClass]) -> Report:
    rows = work.session.execute(
        select(Destruction.data_class, func.sum(Destruction.amount))
        .where(Destruction.run_id == run.id)
        .group_by(Destruction.data_class)
    )
    amounts = {DataClass(name): int(amount) for name, amount in rows}
    waiting = work.session.scalar(select(func.count()).select_from(CondemnedFile)) or 0
    held = work.session.scalar(due.held()) or 0
    counted = [each for each in DataClass if each in classes or each is DataClass.FILES]
    return Report(run.id, {each: amounts.get(each, 0) for each in counted}, held, waiting)


def _take(database: Database, step: Step, run: Run) -> None:
    last: Any = None
    while True:
        after = last

        def once(work: UnitOfWork, after: Any = after) -> Any:
            return _take_chunk(work, step, run, after)

        last = database.transact(once)
        if last is None:
            return


def _take_chunk(work: UnitOfWork, step: Step, run: Run, after: Any) -> Any:
    """Destroy the next rows of a step that are due; return the last key that was looked at, None at the end."""
    _prepare(work)
    found = select(step.key).where(step.due).distinct().order_by(step.key).limit(CHUNK)
    keys = work.session.scalars(found if after is None else found.where(step.key > after)).all()
    if not keys:
        return None
    step.lock(work, keys)
    # Asked again under the lock: somebody may have judged or decided in between.
    due = work.session.scalars(select(step.key).where(step.due, step.key.in_(keys)).distinct()).all()
    amount = step.destroy(work, due) if due else 0
    if step.data_class is not None:
        _enter(work, run, step.data_class, amount)
    return None if step.at_once else keys[-1]


def _enter(work: UnitOfWork, run: Run, data_class: DataClass, amount: int) -> None:
    if amount:
        entry = {"run_id": run.id, "data_class": data_class, "amount": amount, "destroyed_at": run.moment}
        work.session.execute(insert(Destruction).values(entry))


def _remove_files(database: Database, store: EvidenceStore, run: Run) -> None:
    while database.transact(lambda work: _remove_chunk(work, store, run)):
        pass


def _remove_chunk(work: UnitOfWork, store: EvidenceStore, run: Run) -> bool:
    """Remove the next condemned files that no row needs; return whether there may be more.

    Done again after a lost commit it changes nothing more. While applications are claimed nothing is removed: their
    readers count on the files that are there by now.
    """
    _keep_from_claiming(work)
    if anybody_reads(work):
        return False
    condemned = set(work.session.scalars(select(CondemnedFile.sha256).limit(CHUNK)))
    if not condemned:
        return False
    where = CondemnedFile.sha256.in_(condemned)
    free = work.session.scalars(
        select(CondemnedFile.sha256).where(where, ~needs_file(CondemnedFile.sha256.expression))
    ).all()
    for sha256 in free:
        store.delete(sha256)
    work.session.execute(delete(CondemnedFile).where(where))
    _enter(work, run, DataClass.FILES, len(free))
    return True


def _keep_from_claiming(work: UnitOfWork) -> None:
    """Let nobody claim applications until the transaction ends (SQLite has one writer anyway)."""
    if work.session.get_bind().dialect.name == "postgresql":
        work.session.execute(text("LOCK TABLE applications IN SHARE ROW EXCLUSIVE MODE"))


def anybody_reads(work: UnitOfWork) -> bool:
    """Return whether applications are claimed, whose files may be kept by now and are named by no row yet."""
    claimed = exists().where(
        ApplicationRow.state == ApplicationState.PENDING, ApplicationRow.leased_until > now()
    )
    return bool(work.session.scalar(select(claimed)))


def _prepare(work: UnitOfWork) -> None:
    """Let SQLite overwrite with zeros what it deletes, and keep PostgreSQL from compiling the conditions.

    They are long, and compiling them takes seven times as long as running them.
    """
    work.overwrite()
    if work.session.get_bind().dialect.name == "postgresql":
        work.session.execute(text("SET LOCAL jit = off"))


def forget_written(database: Database) -> None:
    """Empty SQLite's write-ahead log, which holds what was deleted until it is written over."""
    if database.engine.dialect.name == "sqlite":
        connection = database.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
