from tests.storage.fixtures import database_on, inbox, sqlite_database

__all__ = ["database", "inbox", "sqlite_database"]

database = database_on("sqlite")
