"""`kanit store verify`: a sound registry raises no alarm, and whatever is done to one behind kanit's back is found."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from storage.columns import Base, now
from storage.database import Database, UnitOfWork, connect
from storage.evidence import EvidenceStore
from storage.models import (
    AccountRow,
    ApplicationRow,
    AuditLine,
    DeskCase,
    DocumentRow,
    Employment,
    FindingRow,
    JudgedPerson,
    JudgementRow,
    Person,
    Provider,
    RegistryState,
    SavedView,
    UploadRow,
    Version,
)
from storage.upkeep.faults import SHOWN, Fault, FaultKind, Findings
from storage.upkeep.schema_faults import schema_faults
from storage.upkeep.sealed import SealedValues, sealed_columns
from storage.upkeep.verifying import database_faults, verify
from tests.storage.filled import ROTATION, fill
from tests.storage.fixtures import unguarded
from tests.storage.samples import KEYS, Inbox


@dataclass(frozen=True)
class Filled:
    """A registry that holds something of everything, and its evidence store; nobody commits a change to it."""

    database: Database
    store: EvidenceStore

    def faults(self) -> list[Fault]:
        report = verify(self.database, self.store)
        return [fault for kind in FaultKind for fault in report.findings.shown.get(kind, [])]

    @contextmanager
    def altered(self, *statements: Any) -> Iterator[UnitOfWork]:
        """What somebody does who owns the database, triggers and references and all; undone at the end."""
        with self.database.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            with unguarded(connection):
                for statement in statements:
                    connection.execute(statement)
            with Session(connection) as session:
                yield UnitOfWork(session, KEYS)
            connection.rollback()
            connection.invalidate()  # the next one looks at references again


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """Once on SQLite and once on PostgreSQL."""
    folder = tmp_path_factory.mktemp("filled")
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'registry.db'}"
        if request.param == "postgres":
            url = stack.enter_context(request.getfixturevalue("postgres").database())
        database = stack.enter_context(closing(connect(url, KEYS)))
        yield Filled(database, fill(Inbox.at(folder / "inbox", database)))


def found(work: UnitOfWork) -> set[FaultKind]:
    return {fault.kind for fault in database_faults(work, SealedValues(work))}


def test_the_registry_of_these_tests_has_something_in_every_table(filled: Filled) -> None:
    with filled.database.reading() as work:
        empty = {
            table.name
            for table in Base.metadata.sorted_tables
            if not work.session.scalar(select(func.count()).select_from(table))
        }
    assert empty <= ROTATION


def test_what_nobody_touched_is_sound(filled: Filled) -> None:
    report = verify(filled.database, filled.store)
    assert report.sound, report.as_json()
    with filled.database.reading() as work:
        lines = work.session.scalar(select(func.count()).select_from(AuditLine))
    assert (report.applications, report.audit_lines, report.unsettled) == (13, lines, 0)
    kept = [name for folder in filled.store.names() for name in filled.store.names(folder)]
    assert report.files == len(kept) > 0
    assert report.values > 100


def _one(table: Any, *where: Any) -> Any:
    """The key of one row, as a subquery."""
    return select(func.min(table)).where(*where).scalar_subquery()


RUNNING = Employment.state == RegistryState.ACTIVE
DECLARED = Version.declaration.is_not(None)
DESTROYED = Version.facts_destroyed_at.is_not(None)
ALTERATIONS: dict[str, tuple[FaultKind, Callable[[], Any]]] = {
    "an application read": (
        FaultKind.APPLICATION_UNREAD,
        lambda: (
            update(ApplicationRow)
            .where(ApplicationRow.id == _one(ApplicationRow.id))
            .values(fingerprint="f" * 64)
        ),
    ),
    "no current judgement": (
        FaultKind.APPLICATION_UNJUDGED,
        lambda: (
            update(JudgementRow)
            .where(JudgementRow.id == _one(JudgementRow.id, JudgementRow.current))
            .values(current=False)
        ),
    ),
    "a judgement without a declaration": (
        FaultKind.JUDGEMENT_WITHOUT_FACTS,
        lambda: update(Version).where(Version.id == _one(Version.id, DECLARED)).values(declaration=None),
    ),
    "a judgement without people": (
        FaultKind.JUDGEMENT_WITHOUT_FACTS,
        lambda: delete(JudgedPerson).where(JudgedPerson.judgement_key == _one(JudgedPerson.judgement_key)),
    ),
    "a judgement of another application": (
        FaultKind.JUDGEMENT_ELSEWHERE,
        lambda: (
            update(JudgementRow)
            .where(JudgementRow.id == _one(JudgementRow.id, ~JudgementRow.current | JudgementRow.current))
            .values(version_key=select(func.max(Version.id)).scalar_subquery())
        ),
    ),
    "a case of another version": (
        FaultKind.JUDGEMENT_ELSEWHERE,
        lambda: update(DeskCase).values(version_key=_one(Version.id)),
    ),
    "facts that were destroyed": (
        FaultKind.DESTROYED_REMAINS,
        lambda: (
            update(Version)
            .where(Version.id == _one(Version.id, DESTROYED))
            .values(declaration=KEYS.seal("{}", "versions.declaration"))
        ),
    ),
    "an employment that was not verified": (
        FaultKind.EMPLOYMENT_UNJUDGED,
        lambda: (
            update(JudgementRow)
            .where(JudgementRow.id == _one(Employment.judgement_key, RUNNING))
            .values(decision="flagged")
        ),
    ),
    "an employment of another application": (
        FaultKind.EMPLOYMENT_ELSEWHERE,
        lambda: (
            update(Employment)
            .where(Employment.id == _one(Employment.id))
            .values(application_key=select(func.max(ApplicationRow.id)).scalar_subquery())
        ),
    ),
    "an employment of a person not judged": (
        FaultKind.EMPLOYMENT_ELSEWHERE,
        lambda: (
            update(JudgedPerson)
            .where(JudgedPerson.judgement_key == _one(Employment.judgement_key, RUNNING))
            .values(person_index=b"x" * 32)
        ),
    ),
    "an employment that is closed and never ended": (
        FaultKind.EMPLOYMENT_END,
        lambda: (
            update(Employment).where(Employment.id == _one(Employment.id, RUNNING)).values(state="closed")
        ),
    ),
    "an employment that ended and runs": (
        FaultKind.EMPLOYMENT_END,
        lambda: (
            update(Employment)
            .where(Employment.id == _one(Employment.id, RUNNING))
            .values(ended_at=now(), ended_by=1)
        ),
    ),
    "an employment of a deleted record": (
        FaultKind.EMPLOYMENT_OF_DELETED,
        lambda: (
            update(Person)
            .where(Person.id == _one(Employment.person_key, RUNNING))
            .values(state="deleted", deleted_as_of=now())
        ),
    ),
    "an employment on one paper with another": (
        FaultKind.EVIDENCE_TWICE,
        lambda: (
            update(Employment)
            .where(RUNNING)
            .values(evidence=select(func.min(Employment.evidence)).scalar_subquery())
        ),
    ),
    "an employment on a paper from nowhere": (
        FaultKind.EVIDENCE_FOREIGN,
        lambda: (
            update(Employment).where(Employment.id == _one(Employment.id, RUNNING)).values(evidence="e" * 64)
        ),
    ),
    "a record without its application": (
        FaultKind.RECORD_UNCLEAR,
        lambda: update(Person).where(Person.id == _one(Person.id)).values(registered_by=None),
    ),
    "a value that was altered": (
        FaultKind.SEALED_CLOSED,
        lambda: update(Provider).values(title=KEYS.seal("ÖRNEK", "providers.title")[:-1] + b"x"),
    ),
    "a value that was moved": (
        FaultKind.SEALED_CLOSED,
        lambda: (
            update(AccountRow)
            .where(AccountRow.id == _one(AccountRow.id))
            .values(display=KEYS.seal("Ayla", "people.given_name"))
        ),
    ),
    "facts that are none": (
        FaultKind.FACTS_UNREADABLE,
        lambda: (
            update(DocumentRow)
            .where(DocumentRow.version_key == _one(DocumentRow.version_key))
            .values(facts=KEYS.seal("{}", "documents.facts"))
        ),
    ),
    "a declaration of another application": (
        FaultKind.FACTS_UNREADABLE,
        lambda: (
            update(Version)
            .where(Version.id == _one(Version.id, DECLARED))
            .values(procedure="record_deletion")
        ),
    ),
    "a file of another size": (
        FaultKind.FACTS_UNREADABLE,
        lambda: update(UploadRow).where(UploadRow.version_key == _one(UploadRow.version_key)).values(size=1),
    ),
    "the index of a person": (
        FaultKind.INDEX_DIFFERS,
        lambda: update(Person).where(Person.id == _one(Person.id)).values(person_index=b"x" * 32),
    ),
    "the index of a provider": (
        FaultKind.INDEX_DIFFERS,
        lambda: update(Provider).values(tax_index=b"x" * 32),
    ),
    "the index of a barcode": (
        FaultKind.INDEX_DIFFERS,
        lambda: update(DocumentRow).values(barcode_index=b"x" * 32),
    ),
    "the index of a case": (
        FaultKind.INDEX_DIFFERS,
        lambda: update(DeskCase).values(provider_index=b"x" * 32),
    ),
    "the index of a view": (FaultKind.INDEX_DIFFERS, lambda: update(SavedView).values(name_index=b"x" * 32)),
    "a line of the audit trail": (
        FaultKind.AUDIT_TRAIL,
        lambda: update(AuditLine).where(AuditLine.id == 2).values(action="reveal"),
    ),
    "the end of the audit trail": (
        FaultKind.AUDIT_TRAIL,
        lambda: delete(AuditLine).where(AuditLine.id == select(func.max(AuditLine.id)).scalar_subquery()),
    ),
    "a row that others refer to": (
        FaultKind.REFERENCE_BROKEN,
        lambda: delete(ApplicationRow).where(ApplicationRow.id == _one(ApplicationRow.id)),
    ),
    "a reference by two columns": (
        FaultKind.REFERENCE_BROKEN,
        lambda: update(FindingRow).where(FindingRow.person.is_not(None)).values(person=77),
    ),
}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_alteration_is_found(filled: Filled, name: str) -> None:
    kind, statement = ALTERATIONS[name]
    with filled.altered(statement()) as work:
        assert kind in found(work)


@pytest.mark.parametrize(
    "table", [table.name for table in Base.metadata.sorted_tables if sealed_columns(table)]
)
def test_every_sealed_column_of_every_table_is_opened(filled: Filled, table: str) -> None:
    """Whichever column a later version adds: what does not open in it is found."""
    columns = sealed_columns(Base.metadata.tables[table])
    for column in columns:
        with filled.altered(
            update(Base.metadata.tables[table]).values({column: b"nothing that opens"})
        ) as work:
            told = [f for f in SealedValues(work).faults() if f.kind is FaultKind.SEALED_CLOSED]
        assert {fault.detail for fault in told} == {column}
        assert all(fault.place.startswith(f"{table} ") for fault in told)


SCHEMA = {
    "an index": ["DROP INDEX ix_uploads_sha256"],
    "an index of running employments": ["DROP INDEX uq_employments_running"],
    "a column more": ["ALTER TABLE people ADD COLUMN nickname TEXT"],
    "a table": ["DROP TABLE desk_claims"],
}


@pytest.mark.parametrize("name", SCHEMA)
def test_a_schema_that_is_not_kanit_s_is_told(filled: Filled, name: str) -> None:
    with filled.altered(*map(text, SCHEMA[name])) as work:
        kinds = {fault.kind for fault in schema_faults(work.session.connection())}
    assert kinds == {FaultKind.SCHEMA_DIFFERS}


def test_a_trigger_that_was_taken_away_is_told(filled: Filled) -> None:
    """Without it, rulings and audit lines could be changed by any program."""
    on = " ON audit_lines" if filled.database.engine.dialect.name == "postgresql" else ""
    with filled.altered() as work:
        work.session.execute(text(f"DROP TRIGGER audit_lines_guard_0{on}"))
        told = [fault.place for fault in schema_faults(work.session.connection())]
    assert told == ["audit_lines_guard_0"]


def test_a_check_that_was_taken_away_is_told(filled: Filled) -> None:
    if filled.database.engine.dialect.name == "sqlite":
        return  # SQLite knows no way to do so; a table made anew has another statement, which is told
    with filled.altered(text("ALTER TABLE desk_rulings DROP CONSTRAINT ck_desk_rulings_four_eyes")) as work:
        told = [fault.place for fault in schema_faults(work.session.connection())]
    assert told == ["ck_desk_rulings_four_eyes"]


def test_what_other_programs_keep_in_the_database_is_theirs(filled: Filled) -> None:
    with filled.altered(text("CREATE TABLE flow_run (id INTEGER)")) as work:
        assert found(work) == set()


def test_many_faults_are_counted_and_the_first_are_named() -> None:
    findings = Findings()
    findings.take(Fault(FaultKind.FILE_ORPHANED, str(number)) for number in range(1000))
    assert findings.counts == {FaultKind.FILE_ORPHANED: 1000}
    assert [fault.place for fault in findings.shown[FaultKind.FILE_ORPHANED]] == [
        str(n) for n in range(SHOWN)
    ]


def test_a_place_tells_nothing_about_anybody(filled: Filled) -> None:
    """Tables, keys of rows and hashes; no value of a row."""
    with filled.altered(update(Person).values(given_name=b"x" * 40, registered_by=None)) as work:
        places = [fault.place for fault in database_faults(work, SealedValues(work))]
    assert places
    assert all(re.fullmatch(r"[a-z_]+ [0-9.]+", place) for place in places)
