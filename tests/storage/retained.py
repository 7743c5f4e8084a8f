"""What the tests of retention share: an inbox whose files are in an evidence store, and a run some days later."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, inspect, select, text

from storage.columns import Base, now
from storage.errors import EvidenceMissing
from storage.evidence import EvidenceStore
from storage.models import Version
from storage.retention import DataClass, Periods, Report, periods_of, preview, run_retention
from storage.settings import load_settings
from tests.storage.samples import KEYS, Inbox


def store_of(inbox: Inbox) -> EvidenceStore:
    """The evidence store beside the inbox."""
    return EvidenceStore(str(inbox.path.parent / "evidence"), KEYS)


def keep_files(inbox: Inbox) -> None:
    """Keep what was uploaded, as a batch does."""
    for uploads in inbox.facts.values():
        for upload in uploads:
            assert store_of(inbox).put(repr(upload.documents).encode()) == upload.sha256


def later(days: int, folder: Path, **changed: int) -> Periods:
    """The periods of a run so many days from now; periods are changed by the names of their classes."""
    options = {f"retention_{name}_days": value for name, value in changed.items()}
    return periods_of(load_settings(home=folder, **options), now() + timedelta(days=days))


def retain(inbox: Inbox, days: int, **changed: int) -> dict[str, int]:
    """Run retention some days from now, and return what was destroyed.

    A preview tells the same and changes nothing, a second run finds nothing, and the tables stay consistent.
    """
    periods = later(days, inbox.path.parent, **changed)
    before = sizes(inbox)
    told = preview(inbox.database, periods)
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
