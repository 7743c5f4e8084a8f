"""Fixtures that all tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import PostgresServer, postgres_server
from tests.s3 import Bucket, forget_file_systems, new_bucket, point_to, s3_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this test session."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """URL of an empty PostgreSQL database of this test."""
    with postgres.database() as url:
        yield url


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """Address of an S3 server of this test session."""
    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty bucket of this test."""
    point_to(s3, monkeypatch)
    return new_bucket()


@pytest.fixture
def dead_s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An environment that tells of an S3 server where nobody listens."""
    forget_file_systems()
    point_to("http://127.0.0.1:9", monkeypatch)
    yield
    forget_file_systems()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of a SQLite database of this test."""
    return f"sqlite:///{tmp_path / 'registry.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of an empty database: the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
