"""`kanit store verify`: looks at everything that is kept, and changes nothing."""

from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import func, select

from storage.database import Database, UnitOfWork, open_existing
from storage.desk import audit
from storage.evidence import EvidenceStore
from storage.models import ApplicationRow
from storage.schema import check_current
from storage.settings import Settings
from storage.upkeep.faults import Fault, FaultKind, Findings, Report
from storage.upkeep.files import Files
from storage.upkeep.invariants import row_faults
from storage.upkeep.schema_faults import schema_faults
from storage.upkeep.sealed import SealedValues


def verify_store(settings: Settings, *, quick: bool = False) -> Report:
    """Look at the registry and the evidence store of the settings; `quick` opens no file of evidence.

    Raises StorageError where there is none, or it cannot be opened.
    """
    with closing(open_existing(settings)) as database:
        return verify(database, EvidenceStore(settings.evidence_url, database.keys), quick=quick)


def verify(database: Database, store: EvidenceStore, *, quick: bool = False) -> Report:
    """Look at an open registry and its store.

    All of the database is seen as of one moment, so that a batch at work raises no false alarm. What is held in memory
    does not grow with the registry: rows are streamed, files opened one by one.
    """
    findings = Findings()
    with database.snapshot() as work:
        schema = check_current(work.session.connection())
        values = SealedValues(work)
        findings.take(database_faults(work, values))
        applications = work.session.scalar(select(func.count()).select_from(ApplicationRow)) or 0
        lines = audit.count_lines(work)
    files = Files(database, store, quick=quick)
    findings.take(files.faults())
    return Report(
        schema=schema,
        quick=quick,
        applications=applications,
        values=values.opened,
        audit_lines=lines,
        files=files.seen,
        unsettled=files.unsettled,
        findings=findings,
    )


def database_faults(work: UnitOfWork, values: SealedValues) -> Iterator[Fault]:
    """Yield what is wrong with a database as a unit of work sees it; `values` counts what was opened."""
    yield from schema_faults(work.session.connection())
    yield from row_faults(work)
    yield from values.faults()
    for fault in audit.verify(work):
        yield Fault(FaultKind.AUDIT_TRAIL, f"audit_lines {fault.line}", fault.kind.value)
