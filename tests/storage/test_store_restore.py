"""`kanit store restore`: what comes back is what was there, into an empty place only."""

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import connect, make_engine
from storage.errors import RestoreImpossible
from storage.evidence import EvidenceStore
from storage.settings import load_settings
from storage.upkeep import backup
from storage.upkeep.backup import Backup, back_up_from
from storage.upkeep.restoring import restore
from storage.upkeep.verifying import verify
from tests.postgres import PostgresServer
from tests.storage.backed_up import Empty, Origin, tree
from tests.storage.filled import content
from tests.storage.samples import KEYS, Inbox

OTHER = b"another secret of thirty-two byt"


def test_what_comes_back_is_what_was_there_row_by_row_and_file_by_file(
    made: Backup, origin: Origin, empty: Empty
) -> None:
    before = content(origin.database)
    manifest, report = restore(empty.settings(), made.folder)
    assert report.sound, report.as_json()
    assert (manifest.evidence, report.files) == (len(origin.evidence),) * 2
    with closing(connect(empty.database_url, KEYS)) as restored:
        assert content(restored) == before
        assert verify(restored, EvidenceStore(str(empty.home / "evidence"), KEYS)).sound
    assert tree(empty.home / "evidence") == origin.evidence
    assert content(origin.database) == before, "the original is as it was"


def test_the_database_that_comes_back_is_guarded_and_works(
    made: Backup, empty: Empty, tmp_path: Path
) -> None:
    """Triggers and sequences are there: nothing is changed in the record of the desk, and a night can run."""
    restore(empty.settings(), made.folder)
    with closing(connect(empty.database_url, KEYS)) as restored:
        with pytest.raises(Exception, match="never changed"), restored.engine.begin() as connection:
            connection.execute(text("UPDATE audit_lines SET action = 'x'"))
        again = Inbox.at(tmp_path / "inbox", restored)
        (again.path / "A-9").mkdir()
        (again.path / "A-9" / "application.json").write_text("{}")
        again.run()
        assert again.key("A-9") > again.key("C-4")


def test_a_backup_without_a_manifest_was_cut_off(made: Backup, empty: Empty) -> None:
    (made.folder / "manifest.json").unlink()
    with pytest.raises(RestoreImpossible, match="no manifest"):
        restore(empty.settings(), made.folder)


def _first_evidence(folder: Path) -> Path:
    return next(path for path in sorted((folder / "evidence").rglob("*")) if path.is_file())


def _edit_manifest(folder: Path, **changed: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


DAMAGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "evidence altered": ("damaged", lambda f: _first_evidence(f).write_bytes(b"x")),
    "evidence missing": ("damaged", lambda f: _first_evidence(f).unlink()),
    "evidence more": ("damaged", lambda f: (_first_evidence(f).parent / ("0" * 64)).write_bytes(b"x")),
    "a file more": ("damaged", lambda f: (f / "evidence" / "zz").write_bytes(b"x")),
    "database altered": (
        "damaged",
        lambda f: _append(next((f / "database").iterdir())),
    ),
    "database missing": ("damaged", lambda f: next((f / "database").iterdir()).unlink()),
    "no folder of the database": ("damaged", lambda f: shutil.rmtree(f / "database")),
    "list altered": ("damaged", lambda f: _append(f / "files.jsonl")),
    "list missing": ("damaged", lambda f: (f / "files.jsonl").unlink()),
    "manifest altered": ("altered", lambda f: _edit_manifest(f, missing=7)),
    "manifest of another form": ("of the form 2", lambda f: _edit_manifest(f, backup=2)),
    "manifest without a seal": ("altered", lambda f: _edit_manifest(f, seal="")),
    "manifest without a field": (
        "cannot be read",
        lambda f: (f / "manifest.json").write_text('{"backup": 1}'),
    ),
    "no manifest": ("cannot be read", lambda f: (f / "manifest.json").write_text("[]")),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_backup_that_is_not_whole_is_refused_before_anything_is_written(
    made: Backup, empty: Empty, name: str
) -> None:
    told, damage = DAMAGES[name]
    damage(made.folder)
    with pytest.raises(RestoreImpossible, match=told):
        restore(empty.settings(), made.folder)
    assert list(empty.home.rglob("*")) == [empty.home / "key"]


def test_a_backup_is_not_restored_without_its_key(made: Backup, empty: Empty) -> None:
    (empty.home / "key").unlink()
    with pytest.raises(RestoreImpossible, match=KEYS.id) as refused:
        restore(empty.settings(), made.folder)
    assert "does not hold the key" in refused.value.remedy
    assert list(empty.home.iterdir()) == [], "no key is made"
    empty.give_key(OTHER)
    with pytest.raises(RestoreImpossible, match=KEYS.id):
        restore(empty.settings(), made.folder)
    assert list(empty.home.iterdir()) == [empty.home / "key"]


@pytest.mark.parametrize("what", ["home", "database", "evidence"])
def test_a_backup_is_restored_into_an_empty_place_only(made: Backup, empty: Empty, what: str) -> None:
    if what == "home":
        (empty.home / "prefect").mkdir()
        (empty.home / "prefect" / "prefect.db").write_text("")
    elif what == "database":
        connect(empty.database_url, KEYS).close()
    else:
        (empty.home / "evidence" / "ab").mkdir(parents=True)
    before = tree(empty.home)
    with pytest.raises(RestoreImpossible, match="already"):
        restore(empty.settings(), made.folder)
    assert tree(empty.home) == before


def test_the_key_may_be_anywhere_in_the_home(made: Backup, empty: Empty) -> None:
    (empty.home / "keys").mkdir()
    place = (empty.home / "key").rename(empty.home / "keys" / "registry")
    settings = load_settings(home=empty.home, database_url=empty.database_url, key_file=place)
    assert restore(settings, made.folder)[1].sound


def test_a_second_restore_is_refused_and_leaves_the_first(made: Backup, empty: Empty) -> None:
    restore(empty.settings(), made.folder)
    with closing(connect(empty.database_url, KEYS)) as restored:
        before = content(restored)
    with pytest.raises(RestoreImpossible, match="already"):
        restore(empty.settings(), made.folder)
    with closing(connect(empty.database_url, KEYS)) as restored:
        assert content(restored) == before


def test_a_backup_of_a_newer_schema_is_refused(
    origin: Origin, tmp_path: Path, empty: Empty, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(backup, "check_current", lambda connection: "9999")
        made = back_up_from(origin.database, origin.store, tmp_path / "backup")
    with pytest.raises(RestoreImpossible, match="9999"):
        restore(empty.settings(), made.folder)


def test_a_backup_is_restored_into_the_same_kind_of_database(
    made: Backup, empty: Empty, origin: Origin, tmp_path: Path
) -> None:
    other = (
        "postgresql://u@h/d"
        if origin.database.engine.dialect.name == "sqlite"
        else f"sqlite:///{tmp_path}/x/r.db"
    )
    with pytest.raises(RestoreImpossible, match="SQLite"):
        restore(Empty(empty.folder, other).settings(), made.folder)


@pytest.mark.postgres
def test_what_other_programs_keep_in_the_same_database_stays_out(
    postgres: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    with closing(connect(postgres_url, KEYS)) as database:
        with database.engine.begin() as connection:
            for statement in (
                "CREATE TABLE flow_run (id serial)",
                "CREATE SCHEMA theirs",
                "CREATE TABLE theirs.x ()",
            ):
                connection.execute(text(statement))
        made = back_up_from(database, EvidenceStore(str(tmp_path / "none"), KEYS), tmp_path / "backup")
    with postgres.database() as url:
        place = Empty(tmp_path, url)
        place.give_key()
        engine = make_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE flow_run (id serial)"))
        engine.dispose()
        assert restore(place.settings(), made.folder)[1].sound
