import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError, InternalError, StatementError

import storage
from storage.columns import Base
from storage.database import Database, UnitOfWork, connect, make_engine, open_database
from storage.errors import DatabaseUnusable, SchemaTooNew, WrongKey
from storage.keys import Keyring
from storage.models import Run
from storage.schema import VERSION_TABLE, current_revision, upgrade
from storage.settings import load_settings
from tests.storage.samples import KEYS

OTHER = Keyring(b"another secret of thirty-two byt")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A registry of this test alone."""
    opened = connect(database_url, KEYS)
    yield opened
    opened.close()


def _run(number: int) -> dict[str, object]:
    moment = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    return {"id": str(number), "inbox": "/i", "policy": "p", "pipeline_version": "1", "started_at": moment}


def _add(work: UnitOfWork, number: int) -> None:
    work.session.execute(insert(Run).values(_run(number)))


def _count(database: Database) -> int:
    with database.reading() as work:
        return work.session.scalar(select(func.count()).select_from(Run)) or 0


def test_models_and_migrations_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_conditional_indexes_are_in_the_database(database: Database) -> None:
    """Alembic does not compare the condition of an index, so it is looked at here."""
    conditional = {
        index["name"]
        for table in ("judgements", "employments")
        for index in inspect(database.engine).get_indexes(table)
        if any(option.endswith("_where") for option in index.get("dialect_options", {}))
    }
    assert conditional == {"uq_judgements_current", "uq_employments_running"}


def test_processes_that_start_at_once_migrate_once(database_url: str) -> None:
    versions = Path(storage.__file__).with_name("migrations") / "versions"
    newest = max(path.name for path in versions.glob("*.py"))[:4]

    def start(_: int) -> str:
        database = connect(database_url, KEYS)
        with database.engine.connect() as connection:
            revision = current_revision(connection)
        database.close()
        return str(revision)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(start, range(4))) == {newest}


def test_a_new_file_that_another_process_is_just_opening_is_waited_for(sqlite_url: str) -> None:
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("CREATE TABLE x (y)")
    other.execute("BEGIN")
    other.execute("SELECT * FROM x").fetchall()
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(connect, sqlite_url, KEYS)
        with pytest.raises(TimeoutError):
            opening.result(timeout=0.3)
        other.execute("COMMIT")
        opening.result().close()
    other.close()


def test_upgrade_of_a_current_database_changes_nothing(database: Database) -> None:
    before = inspect(database.engine).get_table_names()
    upgrade(database.engine)
    assert inspect(database.engine).get_table_names() == before


def test_a_newer_schema_is_refused_and_left_alone(database: Database, database_url: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))  # noqa: S608 - a constant
    with pytest.raises(SchemaTooNew, match="9999") as refused:
        connect(database_url, KEYS)
    assert refused.value.remedy
    with database.engine.connect() as connection:
        assert current_revision(connection) == "9999"


def test_nothing_stays_unless_committed(database: Database) -> None:
    with database.unit_of_work() as work:
        _add(work, 1)
    assert _count(database) == 0
    with database.unit_of_work() as work:
        _add(work, 2)
        work.commit()
    assert _count(database) == 1


def test_an_error_undoes_everything_of_its_unit(database: Database) -> None:
    def fails(work: UnitOfWork) -> None:
        _add(work, 1)
        raise LookupError

    with pytest.raises(LookupError):
        database.transact(fails)
    assert _count(database) == 0


def test_a_transaction_that_met_another_is_tried_again(database: Database) -> None:
    tries = []

    def insert_once(work: UnitOfWork) -> None:
        tries.append(1)
        if len(tries) == 1:
            _add(work, 1)
            _add(work, 1)
        _add(work, 2)

    database.transact(insert_once)
    assert (len(tries), _count(database)) == (2, 1)


def test_a_conflict_that_stays_is_told(database: Database) -> None:
    def always(work: UnitOfWork) -> None:
        _add(work, 1)
        _add(work, 1)

    with pytest.raises(IntegrityError):
        database.transact(always)


def test_writers_that_read_first_wait_for_each_other(database: Database) -> None:
    """Each of many threads reads a count and writes by it: none fails, none is lost."""
    barrier = threading.Barrier(4)

    def read_and_add(work: UnitOfWork, number: int) -> None:
        work.session.scalar(select(func.count(Run.id)))
        _add(work, number)

    def add(number: int) -> None:
        barrier.wait()
        database.transact(lambda work: read_and_add(work, number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    assert _count(database) == 4


def test_a_reader_sees_the_last_commit_while_a_writer_is_at_work(database: Database) -> None:
    with database.unit_of_work() as writer:
        _add(writer, 1)
        assert _count(database) == 0
        writer.commit()
    assert _count(database) == 1


@pytest.mark.postgres
def test_a_reading_unit_cannot_write_on_postgresql(postgres_url: str) -> None:
    database = connect(postgres_url, KEYS)
    with pytest.raises(InternalError, match="read-only"), database.reading() as work:
        _add(work, 1)
    database.close()


@pytest.mark.postgres
@pytest.mark.parametrize(("asked", "milliseconds"), [("", "30000"), ("&tcp_user_timeout=5000", "5000")])
def test_a_connection_that_the_network_lost_is_not_waited_for_for_ever(
    postgres_url: str, asked: str, milliseconds: str
) -> None:
    engine = make_engine(f"{postgres_url}{asked}")
    with engine.connect() as connection:
        driver: psycopg.Connection | None = connection.connection.driver_connection
        assert driver is not None
        parameters = driver.info.get_parameters()
    engine.dispose()
    assert (parameters["tcp_user_timeout"], parameters["keepalives_idle"]) == (milliseconds, "20")


def test_foreign_keys_are_kept(database: Database) -> None:
    orphan = "INSERT INTO provider_workplaces (provider_key, number) VALUES (7, '1')"
    with pytest.raises(IntegrityError):
        database.transact(lambda work: work.session.execute(text(orphan)))


def test_moments_come_back_in_utc(database: Database) -> None:
    istanbul = datetime(2026, 11, 20, 14, 5, tzinfo=timezone(timedelta(hours=3)))
    with database.unit_of_work() as work:
        work.session.execute(insert(Run).values({**_run(1), "started_at": istanbul}))
        work.commit()
    with database.reading() as work:
        moment = work.session.scalar(select(Run.started_at))
    assert moment == istanbul
    assert moment is not None
    assert moment.tzinfo is UTC


def test_a_moment_without_a_time_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 11, 20, 14, 5)  # noqa: DTZ001 - that is the point
    with pytest.raises(StatementError, match="without a time zone"), database.unit_of_work() as work:
        work.session.execute(insert(Run).values({**_run(1), "started_at": naive}))


def test_a_database_opens_with_its_own_key_only(database: Database, database_url: str) -> None:
    connect(database_url, KEYS).close()
    with pytest.raises(WrongKey, match=f"{KEYS.id}.*{OTHER.id}") as refused:
        connect(database_url, OTHER)
    assert "KANIT_KEY" in refused.value.remedy


def test_settings_open_the_embedded_registry_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    database = open_database(load_settings(home=tmp_path / "home"))
    assert _count(database) == 0
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "home").iterdir()}
    assert modes.pop("key") == 0o600
    assert set(modes.values()) == {0o600}
    database.close()


def test_sqlite_is_set_up_to_keep_what_was_committed(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}
    engine.dispose()


@pytest.mark.parametrize("url", ["postgresql://u@h/d", "postgres://u@h/d", "postgresql+asyncpg://u@h/d"])
def test_any_postgresql_url_gets_the_driver_at_hand(url: str) -> None:
    assert make_engine(url).url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize("url", ["mysql://u:hush@h/d", "no url", "", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(DatabaseUnusable) as refused:
        make_engine(url)
    assert refused.value.remedy
    assert "hush" not in str(refused.value)


def test_a_server_that_does_not_answer_is_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable) as refused:
        connect(f"postgresql://kanit:hush@/kanit?host={tmp_path}", KEYS)
    assert "hush" not in str(refused.value)


def test_a_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseUnusable, match="cannot be opened"):
        connect(f"sqlite:///{tmp_path}/file/registry.db", KEYS)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "registry.db").write_bytes(os.urandom(4096))
    with pytest.raises(DatabaseUnusable, match="cannot be opened"):
        connect(f"sqlite:///{tmp_path}/registry.db", KEYS)


def test_an_interrupted_migration_leaves_an_empty_database(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(sqlite_url)
    with monkeypatch.context() as patch:
        patch.setattr(
            "storage.schema._migrate",
            lambda connection: (connection.execute(text("CREATE TABLE x (y)")), 1 / 0),
        )
        with pytest.raises(ZeroDivisionError):
            upgrade(engine)
    engine.dispose()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    connection.close()
    assert tables == []
