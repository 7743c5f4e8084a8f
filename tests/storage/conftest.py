from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from storage.columns import Base
from storage.database import Database, connect
from storage.models import KeyMark
from tests.postgres import PostgresServer
from tests.storage.samples import KEYS, Inbox
from tests.storage.views import put_two


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = connect(f"sqlite:///{tmp_path_factory.mktemp('registry') / 'registry.db'}", KEYS)
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgres_database(postgres: PostgresServer) -> Iterator[Database]:
    with postgres.database() as url:
        database = connect(url, KEYS)
        yield database
        database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty registry, once on SQLite and once on PostgreSQL.

    Emptied after each test instead of made anew: the engine keeps the statements that it has compiled.
    """
    database: Database = request.getfixturevalue(f"{request.param}_database")
    yield database
    with database.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name != KeyMark.__tablename__:
                connection.execute(delete(table))


@pytest.fixture
def inbox(tmp_path: Path, database: Database) -> Inbox:
    """An empty inbox of that registry."""
    return Inbox.at(tmp_path / "inbox", database)


@pytest.fixture
def two(inbox: Inbox) -> Inbox:
    """That inbox with two people of one provider, and their records."""
    put_two(inbox)
    return inbox
