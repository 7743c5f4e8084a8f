"""Connections to PostgreSQL that end at a chosen moment: at each statement once, before each commit, and after it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
from sqlalchemy import Connection, Engine, event

from tests.postgres import PostgresServer


class Terminator:
    """Ends a connection the first time that something is about to happen on it; the next time it lets that pass.

    What is done again after it goes one step farther each time, so all of it is cut off once at every step.
    """

    def __init__(self, server: PostgresServer) -> None:
        self._administrator = psycopg.connect(server.url("postgres"), autocommit=True)
        self._seen: set[str] = set()
        self._last = ""

    @property
    def times(self) -> int:
        """How often a connection was ended."""
        return len(self._seen)

    @contextmanager
    def at_statements(self) -> Iterator[None]:
        """End connections before each statement while the block runs."""
        with self._listening("before_cursor_execute", self._statement):
            yield

    @contextmanager
    def before_commits(self) -> Iterator[None]:
        """End connections before each commit while the block runs."""
        with (
            self._listening("before_cursor_execute", self._remember),
            self._listening("commit", self._commit),
        ):
            yield

    @contextmanager
    def after_commits(self) -> Iterator[None]:
        """End connections after each commit while the block runs, before its answer comes."""
        commit = psycopg.Connection.commit
        terminator = self

        def losing(connection: "psycopg.Connection[Any]") -> None:
            commit(connection)
            if terminator._is_first(f"after {terminator._last}"):
                connection.close()
                raise psycopg.OperationalError("the answer was lost")

        with (
            self._listening("before_cursor_execute", self._remember),
            patch.object(psycopg.Connection, "commit", losing),
        ):
            yield

    def close(self) -> None:
        """End the administrator's connection."""
        self._administrator.close()

    def _statement(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if self._is_first(statement):
            self._terminate(connection)

    def _remember(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self._last = statement

    def _commit(self, connection: Connection) -> None:
        if self._is_first(f"before {self._last}"):
            self._terminate(connection)

    def _is_first(self, moment: str) -> bool:
        first = moment not in self._seen
        self._seen.add(moment)
        return first

    def _terminate(self, connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        pid = (driver.info.backend_pid,)
        self._administrator.execute("select pg_terminate_backend(%s)", pid)
        while self._administrator.execute("select 1 from pg_stat_activity where pid = %s", pid).fetchone():
            time.sleep(0.001)

    @contextmanager
    def _listening(self, name: str, listener: Callable[..., None]) -> Iterator[None]:
        event.listen(Engine, name, listener)
        try:
            yield
        finally:
            event.remove(Engine, name, listener)
