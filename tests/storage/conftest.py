import pytest

from tests.storage.backed_up import bare, empty, made, origin
from tests.storage.fixtures import database_on, inbox, postgres_database, sqlite_database
from tests.storage.retained import ended, flagged, petitioned, replaced
from tests.storage.samples import Inbox
from tests.storage.views import put_two

__all__ = [
    "bare",
    "database",
    "empty",
    "ended",
    "flagged",
    "inbox",
    "made",
    "origin",
    "petitioned",
    "postgres_database",
    "replaced",
    "sqlite_database",
    "two",
]

database = database_on("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


@pytest.fixture
def two(inbox: Inbox) -> Inbox:
    """That inbox with two people of one provider, and their records."""
    put_two(inbox)
    return inbox
