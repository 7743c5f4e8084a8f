from pathlib import Path

import pytest

from storage.settings import Settings, load_settings
from tests.storage.fixtures import database_on, inbox, postgres_database, sqlite_database

__all__ = ["database", "inbox", "postgres_database", "settings", "sqlite_database"]

database = database_on("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose evidence store is the one beside the test's inbox."""
    return load_settings(home=tmp_path, evidence_url=str(tmp_path / "evidence"))
