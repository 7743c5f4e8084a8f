"""`kanit store verify` on files of evidence: what is wrong is told, not what a batch or retention does meanwhile."""

import os
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from storage.columns import now
from storage.database import Database, connect
from storage.evidence import MAX_BYTES, EvidenceStore
from storage.keys import Keyring, format_key
from storage.models import ApplicationRow, ApplicationState, CondemnedFile, UploadRow, Version
from storage.retention import run_retention
from storage.settings import load_settings
from storage.upkeep.backup import back_up_from
from storage.upkeep.faults import Fault, FaultKind
from storage.upkeep.files import Files
from storage.upkeep.restoring import restore
from storage.upkeep.verifying import verify
from tests.s3 import Bucket
from tests.storage.filled import fill
from tests.storage.procedures import add, certify, remove
from tests.storage.retained import files, keep_files, later, store_of
from tests.storage.samples import AYSE, ISIL, KEYS, Inbox, certificate

SECRET = b"an invented secret of 32 bytes!!"


@pytest.fixture
def kept(inbox: Inbox) -> Inbox:
    """Three applications with files: one whose employment runs, one whose has ended, one of certificates."""
    certify(inbox, "P-1", "01T09:00", certificate(AYSE), procedure="registration")
    certify(inbox, "P-2", "01T10:00", procedure="registration", person=ISIL)
    add(inbox, "A-1", "10T10:00", "hd11-1111-1111-1111")
    add(inbox, "A-2", "11T10:00", "hd22-2222-2222-2222", person=ISIL)
    remove(inbox, "R-2", "15T10:00", people=[ISIL])
    inbox.run()
    keep_files(inbox)
    return inbox


def looked_at(inbox: Inbox, *, quick: bool = False) -> Files:
    return Files(inbox.database, store_of(inbox), quick=quick)


def faults(inbox: Inbox, *, quick: bool = False) -> list[Fault]:
    return list(looked_at(inbox, quick=quick).faults())


def path_of(inbox: Inbox, application_id: str) -> Path:
    sha256 = inbox.facts[application_id][0].sha256
    return inbox.path.parent / "evidence" / sha256[:2] / sha256


def test_files_that_rows_name_are_no_fault(kept: Inbox) -> None:
    looked = looked_at(kept)
    assert list(looked.faults()) == []
    assert (looked.seen, looked.unsettled) == (3, 0)


def test_a_file_that_is_gone_is_told_with_its_application(kept: Inbox) -> None:
    path_of(kept, "A-1").unlink()
    assert faults(kept) == [Fault(FaultKind.FILE_MISSING, path_of(kept, "A-1").name, "A-1")]


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"),
        lambda path: path.write_bytes(path.read_bytes()[:20]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(KEYS.seal_evidence(b"other bytes", path.name)),
        lambda path: path.write_bytes(Keyring(b"y" * 32).seal_evidence(b"of another key", path.name)),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: os.truncate(path, MAX_BYTES + 1000),
    ],
    ids=["altered", "cut short", "empty", "other content", "other key", "a folder", "too large"],
)
def test_a_file_that_is_not_what_it_was_is_told(kept: Inbox, damage: Callable[[Path], object]) -> None:
    damage(path_of(kept, "A-1"))
    assert faults(kept) == [Fault(FaultKind.FILE_DAMAGED, path_of(kept, "A-1").name, "A-1")]
    assert faults(kept, quick=True) == [], "a quick look opens nothing"


def test_a_file_that_no_row_names_is_told(kept: Inbox) -> None:
    name = store_of(kept).put(b"nobody's")
    assert faults(kept) == [Fault(FaultKind.FILE_ORPHANED, name)]


def test_what_is_no_file_of_the_store_is_told(kept: Inbox) -> None:
    folder = path_of(kept, "A-1").parent
    (folder / "notes.txt").write_text("…")
    (folder.parent / "zz").mkdir()
    (folder / ("a" * 64 if folder.name != "aa" else "b" * 64)).write_text("…")
    kinds = [fault.kind for fault in faults(kept)]
    assert kinds == [FaultKind.FILE_FOREIGN] * 3


def test_a_draft_is_told_once_its_writer_must_be_dead(kept: Inbox) -> None:
    drafts = kept.path.parent / "evidence" / ".drafts"
    (drafts / "young").write_bytes(b"")
    (drafts / "old").write_bytes(b"")
    os.utime(drafts / "old", (time.time() - 7200,) * 2)
    assert faults(kept) == [Fault(FaultKind.FILE_UNFINISHED, ".drafts/old")]


def test_what_retention_destroyed_is_not_missing(kept: Inbox) -> None:
    run_retention(kept.database, store_of(kept), later(61, kept.path.parent))
    assert path_of(kept, "A-2").name not in files(kept)
    assert faults(kept) == []


def test_what_retention_should_have_destroyed_is_told(kept: Inbox) -> None:
    data = path_of(kept, "A-2").read_bytes()
    run_retention(kept.database, store_of(kept), later(61, kept.path.parent))
    path_of(kept, "A-2").write_bytes(data)
    assert faults(kept) == [Fault(FaultKind.FILE_OUTLIVED, path_of(kept, "A-2").name)]


def test_what_retention_has_yet_to_remove_is_no_fault(kept: Inbox) -> None:
    """Rows go first, files afterwards; a run may have been killed in between."""
    with kept.database.unit_of_work() as work:
        mine = Version.application_key == kept.key("A-2")
        work.session.execute(update(Version).where(mine).values(evidence_destroyed_at=now()))
        work.session.add(CondemnedFile(sha256=path_of(kept, "A-2").name))
        work.commit()
    assert faults(kept) == []


def test_an_upload_that_was_too_large_to_be_kept_is_not_missing(kept: Inbox) -> None:
    with kept.database.unit_of_work() as work:
        mine = UploadRow.sha256 == path_of(kept, "A-1").name
        work.session.execute(update(UploadRow).where(mine).values(size=MAX_BYTES + 1))
        work.commit()
    path_of(kept, "A-1").unlink()
    assert faults(kept) == []


def claim(database: Database, moment: timedelta) -> None:
    with database.unit_of_work() as work:
        values = {"state": ApplicationState.PENDING, "owner": "reader", "leased_until": now() + moment}
        work.session.execute(
            update(ApplicationRow).where(ApplicationRow.application_id == "P-2").values(**values)
        )
        work.commit()


def test_while_a_batch_reads_a_file_that_nobody_names_yet_is_no_fault(kept: Inbox) -> None:
    """Files are kept before rows name them; they may have been there for long, from a batch that was killed."""
    name = store_of(kept).put(b"being read")
    claim(kept.database, timedelta(minutes=5))
    looked = looked_at(kept)
    assert list(looked.faults()) == []
    assert looked.unsettled == 1
    claim(kept.database, timedelta(minutes=-5))
    assert faults(kept) == [Fault(FaultKind.FILE_ORPHANED, name)]


class Meanwhile(EvidenceStore):
    """A store in which something happens at the moment that a folder of it is listed."""

    def __init__(self, inbox: Inbox, folder: str, happens: Callable[[], object]) -> None:
        super().__init__(str(inbox.path.parent / "evidence"), KEYS)
        self._folder = folder
        self._happens = happens

    def names(self, folder: str = "") -> list[str]:
        found = super().names(folder)
        if folder == self._folder:
            self._happens()
        return found


def enter(inbox: Inbox, sha256: str) -> None:
    """What a batch does: the row of a file that was kept a moment ago."""
    with inbox.database.unit_of_work() as work:
        row = work.session.scalars(select(UploadRow).limit(1)).one()
        values = {name: getattr(row, name) for name in ("version_key", "name", "size", "facts")}
        work.session.add(UploadRow(position=9, sha256=sha256, **values))
        work.commit()


def test_a_row_that_is_entered_while_files_are_listed_makes_no_orphan(kept: Inbox) -> None:
    name = store_of(kept).put(b"being read")
    store = Meanwhile(kept, name[:2], lambda: enter(kept, name))
    assert list(Files(kept.database, store, quick=False).faults()) == []


def test_files_that_retention_removes_while_they_are_looked_at_are_not_missing(kept: Inbox) -> None:
    periods = later(61, kept.path.parent)
    folder = path_of(kept, "A-2").parent.name
    store = Meanwhile(kept, folder, lambda: run_retention(kept.database, store_of(kept), periods))
    assert list(Files(kept.database, store, quick=False).faults()) == []
    assert path_of(kept, "A-2").name not in files(kept)


def test_a_condemned_file_whose_row_is_gone_is_an_orphan(kept: Inbox) -> None:
    """The same bytes, put back by a reader that was killed, once nobody names them any more."""
    data = path_of(kept, "A-2").read_bytes()
    run_retention(kept.database, store_of(kept), later(800, kept.path.parent))
    path_of(kept, "A-2").write_bytes(data)
    with kept.database.unit_of_work() as work:
        work.session.execute(delete(CondemnedFile))
        work.commit()
    assert faults(kept) == [Fault(FaultKind.FILE_ORPHANED, path_of(kept, "A-2").name)]


@pytest.mark.slow
def test_a_store_at_a_url_is_looked_at_copied_and_brought_back(
    sqlite_url: str, bucket: Bucket, tmp_path: Path
) -> None:
    with closing(connect(sqlite_url, KEYS)) as database:
        kept = fill(Inbox.at(tmp_path / "inbox", database))
        store = EvidenceStore(f"s3://{bucket.name}/kanit", KEYS)
        for folder in kept.names():
            for name in kept.names(folder):
                store.put_sealed(name, kept.sealed(name))
        report = verify(database, store)
        assert (report.sound, report.files) == (True, len(files_at(store)))
        made = back_up_from(database, store, tmp_path / "backup")
        gone = files_at(store)[0]
        store.delete(gone)
        orphan = store.put(b"nobody's")
        found = verify(database, store).findings.shown
        assert [[fault.place for fault in found[kind]] for kind in found] == [[gone], [orphan]]
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "key").write_text(format_key(SECRET))
    settings = load_settings(home=tmp_path / "home", evidence_url=f"s3://{bucket.name}/again")
    assert restore(settings, made.folder)[1].sound
    assert files_at(EvidenceStore(settings.evidence_url, KEYS)) == files_at(kept)


def files_at(store: EvidenceStore) -> list[str]:
    return [name for folder in store.names() if folder != ".drafts" for name in store.names(folder)]
