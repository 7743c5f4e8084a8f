"""Fixtures of tests that enter applications into a registry; a `conftest` imports those that its tests use."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, text

from storage.columns import Base
from storage.database import Database, connect
from storage.models import KeyMark
from tests.postgres import PostgresServer
from tests.storage.samples import KEYS, Inbox


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A registry on SQLite, of this test session."""
    database = connect(f"sqlite:///{tmp_path_factory.mktemp('registry') / 'registry.db'}", KEYS)
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgres_database(postgres: PostgresServer) -> Iterator[Database]:
    """A registry on PostgreSQL, of this test session."""
    with postgres.database() as url:
        database = connect(url, KEYS)
        yield database
        database.close()


def database_on(*kinds: Any) -> Callable[..., Iterator[Database]]:
    """Return the fixture `database`: an empty registry, once on each kind of database."""

    @pytest.fixture(name="database", params=kinds)
    def emptied(request: pytest.FixtureRequest) -> Iterator[Database]:
        """Emptied after each test instead of made anew: the engine keeps the statements that it has compiled."""
        database: Database = request.getfixturevalue(f"{request.param}_database")
        yield database
        with database.engine.begin() as connection, unguarded(connection):
            for table in reversed(Base.metadata.sorted_tables):
                if table.name != KeyMark.__tablename__:
                    connection.execute(delete(table))

    return emptied


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """Let everything be changed and deleted while the block runs: the work of somebody who owns the database."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        connection.execute(text("SET LOCAL session_replication_role = origin"))
        return
    triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for trigger in triggers:
        connection.execute(text(f"DROP TRIGGER {trigger.name}"))
    yield
    for trigger in triggers:
        connection.exec_driver_sql(trigger.sql)


@pytest.fixture
def inbox(tmp_path: Path, database: Database) -> Inbox:
    """An empty inbox of that registry."""
    return Inbox.at(tmp_path / "inbox", database)
