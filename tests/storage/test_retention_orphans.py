"""Files that no version needs and nobody has condemned do not stay for ever; nobody else's are touched."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.columns import now
from storage.errors import EvidenceUnreachable
from storage.evidence import EvidenceStore
from storage.inbox import discover
from storage.keys import Keyring
from storage.queue import claim, store_readings
from storage.retention import DataClass, preview, run_retention
from tests.s3 import Bucket
from tests.storage.fixtures import database_on, inbox, postgres_database, sqlite_database
from tests.storage.retained import BEYOND, keep_files, later, retain, store_of
from tests.storage.samples import AYSE, KEYS, OWNER, Inbox, application, register, statement

__all__ = ["database", "inbox", "postgres_database", "sqlite_database"]

database = database_on("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


def orphan(inbox: Inbox, content: bytes = b"nobody's", days: int = 0, keys: Keyring = KEYS) -> str:
    """Keep a file that no row names, written so many days ago."""
    store = EvidenceStore(str(inbox.path.parent / "evidence"), keys)
    sha256 = store.put(content)
    moment = (now() - timedelta(days=days)).timestamp()
    os.utime(inbox.path.parent / "evidence" / sha256[:2] / sha256, (moment, moment))
    return sha256


def test_an_orphan_goes_when_evidence_of_its_age_would_and_is_counted(inbox: Inbox) -> None:
    old, young = orphan(inbox, b"old", days=3), orphan(inbox, b"young", days=1)
    assert retain(inbox, 58) == {"files": 1}
    assert (store_of(inbox).holds(old), store_of(inbox).holds(young)) == (False, True)
    assert retain(inbox, 60) == {"files": 1}
    assert not store_of(inbox).holds(young)


def test_what_an_application_needs_is_no_orphan_however_old(inbox: Inbox) -> None:
    register(inbox)
    inbox.put(application("A-1"), statement())
    inbox.run()
    keep_files(inbox)
    (upload,) = inbox.facts["A-1"]
    assert retain(inbox, 400) == {}
    assert store_of(inbox).holds(upload.sha256)


def test_a_file_under_another_key_is_somebody_else_s(inbox: Inbox) -> None:
    theirs = orphan(inbox, keys=Keyring(b"another invented secret, 32 byte"))
    assert retain(inbox, BEYOND) == {}
    assert store_of(inbox).holds(theirs)


def test_nothing_is_removed_while_somebody_reads_who_may_need_it(inbox: Inbox) -> None:
    sha256 = orphan(inbox, days=100)
    inbox.put(application("A-1"), statement())
    discover(inbox.database, inbox.source)
    assert claim(inbox.database, inbox.name, OWNER, 1)
    report = run_retention(inbox.database, store_of(inbox), later(0, inbox.path.parent))
    assert (report.destroyed[DataClass.FILES], report.files_waiting) == (0, 1)
    assert store_of(inbox).holds(sha256)


def test_what_was_needed_by_then_stays_though_it_was_condemned(inbox: Inbox) -> None:
    """An applicant uploads the same bytes again: they are an orphan no more."""
    inbox.put(application("A-1"), statement())
    (upload,) = inbox.facts["A-1"]
    sha256 = orphan(inbox, repr(upload.documents).encode(), days=100)
    assert sha256 == upload.sha256
    discover(inbox.database, inbox.source)
    (claimed,) = claim(inbox.database, inbox.name, OWNER, 1)
    run_retention(inbox.database, store_of(inbox), later(0, inbox.path.parent))
    store_readings(inbox.database, OWNER, [inbox.read(claimed)])
    report = run_retention(inbox.database, store_of(inbox), later(0, inbox.path.parent))
    assert (report.destroyed[DataClass.FILES], report.files_waiting) == (0, 0)
    assert store_of(inbox).holds(sha256)


def test_a_store_at_a_url_tells_the_age_too(inbox: Inbox, bucket: Bucket) -> None:
    store = EvidenceStore(bucket.url, KEYS)
    sha256 = store.put(b"nobody's")
    for days, gone in ((59, False), (61, True)):
        periods = later(days, inbox.path.parent)
        assert preview(inbox.database, periods, store).destroyed[DataClass.FILES] == gone
        assert run_retention(inbox.database, store, periods).destroyed[DataClass.FILES] == gone
        assert store.holds(sha256) is not gone


def test_a_store_that_does_not_tell_ages_or_tells_them_without_a_zone(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = orphan(inbox)
    store = store_of(inbox)
    moment = now()

    def naive(_path: str) -> datetime:
        return moment.astimezone(UTC).replace(tzinfo=None)

    def silent(_path: str) -> datetime:
        raise NotImplementedError

    monkeypatch.setattr(store._files, "modified", naive)
    assert store.is_ours(sha256, moment + timedelta(seconds=1))
    assert not store.is_ours(sha256, moment)
    monkeypatch.setattr(store._files, "modified", silent)
    assert not store.is_ours(sha256, moment + timedelta(days=99))
    assert not store.is_ours("00" * 32, moment + timedelta(days=99))


@pytest.mark.usefixtures("dead_s3")
def test_a_store_that_cannot_be_listed_is_told_after_the_rows_were_destroyed(inbox: Inbox) -> None:
    register(inbox, AYSE)
    inbox.put(application("A-1"), statement(exit_date="2026-10-15"))
    inbox.run()
    with pytest.raises(EvidenceUnreachable):
        run_retention(inbox.database, EvidenceStore("s3://evidence", KEYS), later(BEYOND, Path()))
    assert preview(inbox.database, later(BEYOND, Path()), store_of(inbox)).destroyed[DataClass.FACTS] == 0
