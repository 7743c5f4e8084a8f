"""What the tests of retention share: an inbox whose files are in an evidence store, and a run some days later."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text, update

from storage.columns import Base, now
from storage.errors import EvidenceMissing
from storage.evidence import EvidenceStore
from storage.models import (
    ApplicationRow,
    JudgedPerson,
    JudgementRow,
    RecordDecision,
    Ruling,
    Version,
)
from storage.retention import DataClass, Periods, Report, periods_of, preview, run_retention
from storage.settings import load_settings
from tests.storage.procedures import add, certify, petition, remove
from tests.storage.samples import AYSE, ISIL, KEYS, Inbox, application, certificate, register, statement
from tests.storage.views import decision_of
from validators.finding import Decision

PAPER = "hd11-1111-1111-1111"
BEYOND = 800
"""Days after which every default period is over but that of the destruction log."""


def store_of(inbox: Inbox) -> EvidenceStore:
    """The evidence store beside the inbox."""
    return EvidenceStore(str(inbox.path.parent / "evidence"), KEYS)


def keep_files(inbox: Inbox) -> None:
    """Keep what was uploaded, as a batch does."""
    for uploads in inbox.facts.values():
        for upload in uploads:
            assert store_of(inbox).put(repr(upload.documents).encode()) == upload.sha256


def later(days: int, folder: Path, **changed: int) -> Periods:
    """The periods of a run so many days from now; periods are changed by the names of their classes.

    That of the audit trail is the longest unless it is named: its destruction writes a line of today, which such a run
    would find as old as all others.
    """
    changed = {"audit": 36500, **changed}
    options = {f"retention_{name}_days": value for name, value in changed.items()}
    return periods_of(load_settings(home=folder, **options), now() + timedelta(days=days))


def retain(inbox: Inbox, days: int, **changed: int) -> dict[str, int]:
    """Run retention some days from now, and return what was destroyed.

    A preview tells the same and changes nothing, a second run finds nothing, and the tables stay consistent.
    """
    periods = later(days, inbox.path.parent, **changed)
    before = sizes(inbox)
    told = preview(inbox.database, periods, store_of(inbox))
    assert sizes(inbox) == before
    report = run_retention(inbox.database, store_of(inbox), periods)
    assert (report.destroyed, report.held) == ({each: told.destroyed[each] for each in DataClass}, told.held)
    assert destroyed(run_retention(inbox.database, store_of(inbox), periods)) == {}
    assert_consistent(inbox)
    return destroyed(report)


def destroyed(report: Report) -> dict[str, int]:
    """What was destroyed of anything, by the name of its class."""
    return {each.value: count for each, count in report.destroyed.items() if count}


def sizes(inbox: Inbox) -> Mapping[str, Any]:
    """How many rows each table has, how many versions lack files or facts, and the files of the store."""
    marks = (Version.evidence_destroyed_at, Version.facts_destroyed_at)
    with inbox.database.reading() as work:
        rows = {
            table.name: work.session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }
        lost = work.session.execute(select(*(func.count(mark) for mark in marks))).one()
    return {**rows, "lost": tuple(lost), "files": files(inbox)}


def files(inbox: Inbox) -> set[str]:
    """The hashes under which the store keeps files."""
    return {path.name for path in (inbox.path.parent / "evidence").glob("*/*")}


def is_kept(inbox: Inbox, application_id: str) -> bool:
    """Whether the uploads of an application can all be opened; some but not all would be an error."""
    kept = []
    for upload in inbox.facts[application_id]:
        try:
            kept.append(bool(store_of(inbox).open(upload.sha256)))
        except EvidenceMissing:
            kept.append(False)
    assert len(set(kept)) == 1
    return kept[0]


def assert_consistent(inbox: Inbox) -> None:
    """Every foreign key points somewhere (PostgreSQL sees to that by itself)."""
    engine = inbox.database.engine
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert inspect(connection).has_table("destructions")


def run(inbox: Inbox) -> None:
    """A batch, and the files that it keeps."""
    inbox.run()
    keep_files(inbox)


@pytest.fixture
def ended(inbox: Inbox) -> Inbox:
    """Somebody who was added and removed, and somebody who still works; nobody has certificates."""
    for person in (AYSE, ISIL):
        certify(inbox, f"P-{person.given_name[0]}", "01T09:00", procedure="registration", person=person)
    add(inbox, "A-1", "10T10:00", PAPER)
    add(inbox, "A-2", "11T10:00", "hd22-2222-2222-2222", person=ISIL)
    remove(inbox, "R-2", "15T10:00", people=[ISIL])
    run(inbox)
    return inbox


@pytest.fixture
def flagged(inbox: Inbox) -> Inbox:
    """An application that waits for an officer."""
    inbox.put(application("F-1", "personnel_addition"), statement(exit_date="2026-10-10"))
    run(inbox)
    assert decision_of(inbox, "F-1") is Decision.FLAGGED
    return inbox


@pytest.fixture
def petitioned(inbox: Inbox) -> Inbox:
    """Somebody with a record, certificates and an employment, who asked for the deletion of the record (m.4(3))."""
    certify(inbox, "P-1", "01T09:00", certificate(AYSE), procedure="registration")
    add(inbox, "A-1", "10T10:00", PAPER)
    petition(inbox, "D-1", "15T10:00")
    run(inbox)
    sha256 = store_of(inbox).put(b"dilekce")
    with inbox.database.unit_of_work() as work:
        row = update(Version).where(Version.application_key == inbox.key("D-1"))
        work.session.execute(row.values(petition=sha256))
        work.commit()
    return inbox


@pytest.fixture
def replaced(inbox: Inbox) -> Inbox:
    """An application whose folder was replaced by one with another paper."""
    register(inbox, AYSE)
    inbox.put(application("A-1", "personnel_addition"), statement(barcode="hd33-3333-3333-3333"))
    run(inbox)
    inbox.put(application("A-1", "personnel_addition"), statement(barcode=PAPER))
    run(inbox)
    return inbox


def version_of(inbox: Inbox, application_id: str) -> Version:
    with inbox.database.reading() as work:
        return work.session.scalars(
            select(Version)
            .join(ApplicationRow, ApplicationRow.id == Version.application_key)
            .where(ApplicationRow.application_id == application_id)
            .order_by(Version.id.desc())
        ).first() or pytest.fail("no such application")


def versions(inbox: Inbox, application_id: str) -> list[Version]:
    with inbox.database.reading() as work:
        rows = select(Version).where(Version.application_key == inbox.key(application_id))
        return list(work.session.scalars(rows.order_by(Version.id)))


def count(inbox: Inbox, table: type) -> int:
    return int(sizes(inbox)[table.__tablename__])  # type: ignore[attr-defined]  # every table has a name


def rule(inbox: Inbox, application_id: str, wait_until: date | None = None) -> None:
    """Enter an officer's decision as the review of flagged applications does, and what the judgement waits for."""
    with inbox.database.unit_of_work() as work:
        row = work.session.scalars(
            select(JudgementRow).where(
                JudgementRow.application_key == inbox.key(application_id), JudgementRow.current
            )
        ).one()
        sealed = {
            name: work.keys.seal("Ayşe Örnek", f"record_decisions.{name}") for name in ("officer", "note")
        }
        work.session.add(
            RecordDecision(
                application_key=row.application_key,
                version_key=row.version_key,
                judgement_key=row.id,
                decision=Ruling.REFUSED,
                decided_at=now(),
                **sealed,
            )
        )
        waits = update(JudgedPerson).where(JudgedPerson.judgement_key == row.id)
        work.session.execute(waits.values(wait_until=wait_until))
        work.commit()
