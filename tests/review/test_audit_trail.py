"""Verifying the trail while others write into it."""

import pytest
from sqlalchemy import event

from review.audit_trail import last_verification, verify_trail
from storage.database import Database
from storage.desk.audit import COMMAND_LINE, Action, about, record
from tests.storage.fixtures import database_on, postgres_database, sqlite_database

__all__ = ["database", "postgres_database", "sqlite_database"]

database = database_on("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


def write(database: Database) -> None:
    database.transact(lambda work: record(work, COMMAND_LINE, Action.VIEW_PAPER, about("application", "A-1")))


def test_a_line_that_is_written_meanwhile_is_no_fault(database: Database) -> None:
    write(database)
    late = [1]

    def interrupt(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if late and "ORDER BY audit_lines.id" in statement:
            late.clear()
            write(database)

    event.listen(database.engine, "before_cursor_execute", interrupt)
    try:
        found = verify_trail(database, COMMAND_LINE)
    finally:
        event.remove(database.engine, "before_cursor_execute", interrupt)
    assert not late
    assert (found.lines, found.faults) == (1, ())


def test_the_last_verification_is_the_newest(database: Database) -> None:
    assert database.read(last_verification) is None
    for _ in range(2):
        verify_trail(database, COMMAND_LINE)
    told = database.read(last_verification)
    assert told is not None
    assert (told.id, told.details) == (2, {"lines": 1, "faults": 0})
