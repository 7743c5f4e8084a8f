from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database, connect
from tests.storage.samples import KEYS, Inbox


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Database]:
    """An empty registry."""
    database = connect(f"sqlite:///{tmp_path / 'registry.db'}", KEYS)
    yield database
    database.close()


@pytest.fixture
def inbox(tmp_path: Path, registry: Database) -> Inbox:
    """An empty inbox of that registry."""
    return Inbox.at(tmp_path / "inbox", registry)
