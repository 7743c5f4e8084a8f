"""`kanit store backup`: a copy of one moment, whatever happens meanwhile, and nothing is ever overwritten."""

import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from storage.columns import now
from storage.database import Database, connect
from storage.errors import BackupImpossible
from storage.evidence import EvidenceStore
from storage.keys import format_key
from storage.models import CondemnedFile, UploadRow, Version
from storage.retention import run_retention
from storage.settings import load_settings
from storage.upkeep import backup, copies
from storage.upkeep.backup import Backup, back_up, back_up_from
from storage.upkeep.manifest import read_manifest
from storage.upkeep.restoring import restore
from tests.storage.backed_up import SECRET, Empty, Origin, evidence_of, tree
from tests.storage.filled import fill
from tests.storage.retained import later, store_of
from tests.storage.samples import KEYS, Inbox

OTHER = b"another secret of thirty-two byt"


@pytest.fixture
def store(inbox: Inbox) -> EvidenceStore:
    """The evidence store of a registry of this test that holds something of everything."""
    return fill(inbox)


def test_a_backup_tells_what_it_is_and_holds_no_key(made: Backup, origin: Origin) -> None:
    manifest = read_manifest(made.folder)
    assert manifest == made.manifest
    assert (manifest.key_ids, manifest.database) == ((KEYS.id,), origin.database.engine.dialect.name)
    assert manifest.total_bytes == sum(
        len(data) for name, data in tree(made.folder).items() if name not in {"manifest.json", "files.jsonl"}
    )
    assert (made.missing, manifest.missing) == ((), 0)
    whole = b"".join(tree(made.folder).values())
    assert SECRET not in whole
    assert format_key(SECRET).split(":")[2].encode() not in whole


def test_a_backup_is_its_owner_s_alone(made: Backup) -> None:
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    for path in (made.folder / "evidence").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_files_that_no_row_needs_are_not_copied(
    database: Database, store: EvidenceStore, tmp_path: Path
) -> None:
    """What retention has condemned, and what nobody names, must not come back with a backup."""
    orphan, condemned = store.put(b"nobody's"), store.put(b"condemned")
    with database.unit_of_work() as work:
        work.session.add(CondemnedFile(sha256=condemned))
        work.commit()
    copied = tree(back_up_from(database, store, tmp_path / "backup").folder)
    assert not [name for name in copied if name.endswith((orphan, condemned))]


def test_files_that_are_missing_are_told_and_all_else_is_copied(
    database: Database, store: EvidenceStore, inbox: Inbox, tmp_path: Path, bare: Empty
) -> None:
    gone = inbox.facts["C-1"][0].sha256
    store.delete(gone)
    made = back_up_from(database, store, tmp_path / "backup")
    assert (made.missing, made.manifest.missing) == ((gone,), 1)
    _, report = restore(bare.settings(), made.folder)
    assert [fault.place for faults in report.findings.shown.values() for fault in faults] == [gone]


class Meanwhile(EvidenceStore):
    """A store in which something happens when one of its files is copied, each time that it is."""

    def __init__(self, inbox: Inbox, happens: Callable[[], object]) -> None:
        super().__init__(str(inbox.path.parent / "evidence"), KEYS)
        self._happens = happens

    def sealed(self, sha256: str) -> bytes:
        data = super().sealed(sha256)
        self._happens()
        return data


def enter_new(inbox: Inbox, data: bytes) -> str:
    """What a batch does: keep a file, then enter its row."""
    sha256 = store_of(inbox).put(data)
    with inbox.database.unit_of_work() as work:
        row = work.session.query(UploadRow).order_by(UploadRow.position.desc()).limit(1).one()
        values = {name: getattr(row, name) for name in ("version_key", "name", "size", "facts")}
        work.session.add(UploadRow(position=row.position + 1, sha256=sha256, **values))
        work.commit()
    return sha256


def test_what_a_batch_enters_while_the_backup_is_made_is_in_it_with_its_files_or_not_at_all(
    database: Database, store: EvidenceStore, inbox: Inbox, tmp_path: Path, bare: Empty
) -> None:
    numbers = iter(range(1000))
    writing = Meanwhile(inbox, lambda: enter_new(inbox, f"page {next(numbers)}".encode()))
    made = back_up_from(database, writing, tmp_path / "backup")
    assert made.missing == ()
    assert next(numbers) > made.manifest.evidence / 2, "files came all the time"
    _, report = restore(bare.settings(), made.folder)
    assert {kind.value for kind in report.findings.counts} == {"facts_unreadable"}, "files are all there"


def destroy(inbox: Inbox, application_id: str) -> None:
    """What retention does: mark the version, remove the file."""
    with inbox.database.unit_of_work() as work:
        mine = Version.application_key == inbox.key(application_id)
        work.session.execute(update(Version).where(mine).values(evidence_destroyed_at=now()))
        work.commit()
    store_of(inbox).delete(inbox.facts[application_id][0].sha256)


def test_what_retention_destroys_while_the_backup_is_made_is_not_in_it(
    store: EvidenceStore, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bare: Empty
) -> None:
    """Destroyed right after the database was copied, when a new file of it was not copied yet: it is copied again."""
    rounds = []

    def interrupted(work: Any, target: Path) -> None:
        copies.copy_database(work, target)
        rounds.append(target.name)
        if len(rounds) == 1:
            destroy(inbox, "C-2")
            shutil.rmtree(tmp_path / "backup" / "evidence" / inbox.facts["C-2"][0].sha256[:2])

    monkeypatch.setattr(backup, "copy_database", interrupted)
    made = back_up_from(inbox.database, store, tmp_path / "backup")
    assert (len(rounds), made.missing) == (2, ())
    assert not [name for name in tree(made.folder) if name.endswith(inbox.facts["C-2"][0].sha256)]
    assert restore(bare.settings(), made.folder)[1].sound


def test_what_was_copied_and_then_destroyed_is_taken_out_again(
    database: Database, store: EvidenceStore, inbox: Inbox, tmp_path: Path
) -> None:
    periods = later(20_000, inbox.path.parent)
    runs = iter([periods])

    def destroy_once() -> None:
        for each in runs:
            run_retention(database, store_of(inbox), each)

    before = len(evidence_of(inbox))
    made = back_up_from(database, Meanwhile(inbox, destroy_once), tmp_path / "backup")
    assert made.missing == ()
    assert set(tree(made.folder / "evidence")) == set(evidence_of(inbox))
    assert 0 < made.manifest.evidence < before


def test_a_retention_that_never_rests_ends_the_backup(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup._Maker, "_destroyed", lambda self, missing: True)
    with pytest.raises(BackupImpossible, match="three times"):
        back_up_from(origin.database, origin.store, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


@pytest.mark.parametrize("what", ["file", "folder", "made"])
def test_a_backup_overwrites_nothing(origin: Origin, made: Backup, tmp_path: Path, what: str) -> None:
    place = tmp_path / what
    if what == "file":
        place.write_text("mine")
    elif what == "folder":
        place.mkdir()
        (place / "mine").write_text("mine")
    else:
        place = made.folder
    before = tree(tmp_path)
    with pytest.raises(BackupImpossible, match="already"):
        back_up_from(origin.database, origin.store, place)
    assert tree(tmp_path) == before


def test_an_empty_folder_does_and_stays_when_the_backup_fails(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "mounted"
    place.mkdir()

    def full(folder: Path) -> Any:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(backup, "write_listing", full)
        with pytest.raises(BackupImpossible, match="Input/output error"):
            back_up_from(origin.database, origin.store, place)
    assert list(place.iterdir()) == []
    assert back_up_from(origin.database, origin.store, place).missing == ()


def test_a_registry_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    with pytest.raises(Exception, match="no registry"):
        back_up(settings, tmp_path / "backup")
    assert list(tmp_path.iterdir()) == []


def test_the_copy_of_sqlite_is_whole_and_leaves_no_companions(
    sqlite_database: Database, tmp_path: Path
) -> None:
    made = back_up_from(sqlite_database, EvidenceStore(str(tmp_path / "none"), KEYS), tmp_path / "backup")
    names = [path.name for path in (made.folder / "database").iterdir()]
    assert names == ["registry.db"]
    with closing(sqlite3.connect(made.folder / "database" / "registry.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.postgres
def test_the_password_is_on_no_command_line(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    real = copies.subprocess.run  # type: ignore[attr-defined]  # the module of the standard library

    def run(command: list[str], **how: Any) -> Any:
        seen.append(("hush" in " ".join(command), how["env"].get("PGPASSWORD")))
        return real(command, **how)

    monkeypatch.setattr("storage.upkeep.copies.subprocess.run", run)
    with closing(connect(postgres_url.replace("postgres@", "postgres:hush@"), KEYS)) as database:
        made = back_up_from(database, EvidenceStore(str(tmp_path / "none"), KEYS), tmp_path / "backup")
    assert seen == [(False, "hush")]
    assert b"hush" not in b"".join(tree(made.folder).values())


@pytest.mark.postgres
def test_without_postgresql_s_programs_it_is_said_what_to_install(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        closing(connect(postgres_url, KEYS)) as database,
        pytest.raises(BackupImpossible, match="pg_dump is not installed") as refused,
    ):
        back_up_from(database, EvidenceStore(str(tmp_path / "none"), KEYS), tmp_path / "backup")
    assert "postgresql-client" in refused.value.remedy
    assert not (tmp_path / "backup").exists()


@pytest.mark.postgres
def test_what_a_program_complains_of_is_told_in_one_line(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(connect(postgres_url, KEYS)) as database:
        monkeypatch.setattr(copies, "_address", lambda engine: f"host={tmp_path} dbname=nowhere")
        with pytest.raises(BackupImpossible, match="pg_dump failed: pg_dump: error") as refused:
            back_up_from(database, EvidenceStore(str(tmp_path / "none"), KEYS), tmp_path / "backup")
    assert "\n" not in str(refused.value)
