import pytest

from tests.storage.desk.cases import Desk
from tests.storage.fixtures import database_on, inbox, postgres_database, sqlite_database
from tests.storage.samples import Inbox

__all__ = ["database", "desk", "inbox", "postgres_database", "sqlite_database"]

database = database_on("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


@pytest.fixture
def desk(inbox: Inbox) -> Desk:
    """That inbox with officers at a desk."""
    return Desk.at(inbox)
