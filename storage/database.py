"""The registry database: opening it, and units of work that roll back unless committed.

SQLite and PostgreSQL hold the same tables. SQLite runs in WAL mode, so that readers do not wait for the
writer, with `synchronous=FULL`: NORMAL could lose the last commits in a power failure, and a reviewer's
decision cannot be computed again; a chunk of applications shares one commit, so the price is one fsync a
chunk. Writers begin with BEGIN IMMEDIATE: a transaction that reads first and writes later would fail at
once, without waiting, when another wrote in between.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from pydantic_core import to_json
from sqlalchemy import Connection, Engine, create_engine, event, insert, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from storage.durable import make_folder
from storage.errors import DatabaseUnusable, KeyUnusable, RegistryMissing
from storage.keys import Keyring, LiveKeyring, load_keys
from storage.models import KeyMark
from storage.outages import through_outages
from storage.schema import check_current, check_known, upgrade
from storage.settings import Settings, hide_passwords

T = TypeVar("T")

BUSY_SECONDS = 60
"""How long a writer waits for SQLite's one write lock; a transaction of kanit holds it far shorter."""
ATTEMPTS = 5
"""How often a transaction that met another one is tried before the error is let through."""

_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_SILENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Seconds (the last one: milliseconds) after which a server on the network counts as gone. By default a connection that
the network lost without a word is waited for for a quarter of an hour, and up to two hours."""
_MARKED = select(KeyMark.key_id)
_RETRIED = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock


class UnitOfWork:
    """One transaction: `session` for queries, `keys` for what is sealed. Nothing stays without `commit`.

    The current one of `keys` is the one that the database is marked with, and stays so until the transaction ends.
    """

    def __init__(self, session: Session, keys: Keyring) -> None:
        self.session = session
        self.keys = keys

    def commit(self) -> None:
        """Make everything of this unit durable."""
        self.session.commit()

    def overwrite(self) -> None:
        """Let SQLite overwrite with zeros what is deleted or replaced from now on; PostgreSQL cannot."""
        if self.session.get_bind().dialect.name == "sqlite":
            self.session.execute(text("PRAGMA secure_delete = ON"))


class Database:
    """An open registry: schema at its newest, key checked. Threads may share it, processes may not.

    `patience` is how long `transact` and `read` wait for a database that is away: a command that somebody looks at
    fails at once, a batch can wait until the server is back.
    """

    def __init__(self, engine: Engine, keys: Keyring) -> None:
        self.engine = engine
        self.keys = LiveKeyring(keys, lambda: self.read(lambda work: work.session.scalar(_MARKED)))
        self.patience = timedelta(0)
        self._reader = engine.execution_options(postgresql_readonly=True)
        # SQLite shows a transaction one moment anyway.
        still = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
        self._still_reader = self._reader.execution_options(**still)

    @contextmanager
    def unit_of_work(self) -> Iterator[UnitOfWork]:
        """Yield a unit of work that writes; it is rolled back unless committed."""
        with Session(self.engine) as session:
            yield self._unit(session)

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """Yield a unit of work that only reads and keeps no writer waiting."""
        with Session(self._reader) as session:
            yield self._unit(session)

    @contextmanager
    def snapshot(self) -> Iterator[UnitOfWork]:
        """Yield a unit of work that only reads, and sees one moment, whatever others write meanwhile."""
        with Session(self._still_reader) as session:
            yield self._unit(session)

    def _unit(self, session: Session) -> UnitOfWork:
        """Begin with the mark: it was changed by whoever rotated the keys, which may have been a moment ago.

        To have read it keeps a rotation on PostgreSQL from changing it until this transaction ends; on SQLite a reader
        sees what was before, and a writer is alone. Raises WrongKey where the marked key is not at hand.
        """
        return UnitOfWork(session, self.keys.follow(session.scalar(_MARKED)))

    def read(self, function: Callable[[UnitOfWork], T]) -> T:
        """Run a function in a unit of work that only reads; run it again when the database was away meanwhile."""

        def once() -> T:
            with self.reading() as work:
                return function(work)

        return through_outages(self.patience, once)

    def transact(self, function: Callable[[UnitOfWork], T]) -> T:
        """Run a function in a unit of work and commit; run it again when another transaction was in the way.

        And when the database was away meanwhile. The function may therefore run several times, even after a commit
        whose answer was lost, and must have no effect outside the database.
        """
        return through_outages(self.patience, lambda: self._transact(function))

    def _transact(self, function: Callable[[UnitOfWork], T]) -> T:
        attempt = 1
        while True:
            try:
                with self.unit_of_work() as work:
                    result = function(work)
                    work.commit()
                    return result
            except DBAPIError as error:
                if attempt == ATTEMPTS or not _was_conflict(error):
                    raise
                attempt += 1

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_database(settings: Settings) -> Database:
    """Open the registry of the settings, making it where there is none.

    Raises DatabaseUnusable, SchemaTooNew, KeyUnusable, or WrongKey when the data is sealed under another key.
    """
    keys = load_keys(settings.key_file, settings.key.get_secret_value() if settings.key else None)
    return connect(settings.database_url, keys)


def open_existing(settings: Settings) -> Database:
    """Open the registry of the settings as it is: no database or key is made, no schema is changed.

    Raises RegistryMissing, SchemaTooOld, and as `open_database`.
    """
    url, key = settings.database_url, settings.key
    file = sqlite_file(url)
    if file is not None and not file.exists():
        raise RegistryMissing(text="registry_missing", url=hide_passwords(url))
    if key is None and not settings.key_file.exists():
        raise KeyUnusable(text="key_file_missing", path=settings.key_file)
    keys = load_keys(settings.key_file, key.get_secret_value() if key else None)
    return _opened(url, keys, _look_at)


def refuse_newer(settings: Settings) -> None:
    """Raise SchemaTooNew where a newer kanit has written the registry; one that is away or not made yet is no obstacle.

    For what opens no registry itself and would keep a machine at work that cannot do any.
    """
    file = sqlite_file(settings.database_url)
    if file is not None and not file.exists():
        return
    engine = make_engine(settings.database_url)
    try:
        with engine.execution_options(postgresql_readonly=True).connect() as connection:
            check_known(connection)
    except DBAPIError:
        return
    finally:
        engine.dispose()


def _look_at(database: Database) -> None:
    with database.engine.execution_options(postgresql_readonly=True).connect() as connection:
        check_current(connection)
    database.keys.now()


def connect(url: str, keys: Keyring) -> Database:
    """Open the registry at a URL with keys at hand. Raises as `open_database`."""
    return _opened(url, keys, _make_ready)


def _make_ready(database: Database) -> None:
    upgrade(database.engine)
    _check_key(database)


def _opened(url: str, keys: Keyring, prepare: Callable[[Database], None]) -> Database:
    engine = make_engine(url)
    try:
        database = Database(engine, keys)
        prepare(database)
    except DBAPIError as error:
        engine.dispose()
        raise DatabaseUnusable(text="database_unopened", url=engine.url.render_as_string()) from error
    except BaseException:
        engine.dispose()
        raise
    return database


def make_engine(url: str) -> Engine:
    """Return an engine for a SQLite or PostgreSQL URL, whatever driver it names. Raises DatabaseUnusable."""
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed)
    silence = {name: value for name, value in _SILENCE.items() if name not in parsed.query}
    return create_engine(
        parsed, pool_pre_ping=True, hide_parameters=True, json_serializer=_to_json, connect_args=silence
    )


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite URL, None for any other. Raises DatabaseUnusable."""
    parsed = _parse(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        return parsed.set(drivername=_DRIVERS[parsed.drivername.split("+")[0]])
    except (ArgumentError, KeyError):
        raise DatabaseUnusable(text="database_kind") from None


def _sqlite_engine(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise DatabaseUnusable(text="database_file_not_named")
    _make_private(Path(url.database))
    engine = create_engine(url, hide_parameters=True, json_serializer=_to_json)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _to_json(value: object) -> str:
    return to_json(value).decode()


def _make_private(path: Path) -> None:
    """Create the file for its owner alone; SQLite gives its companions the same mode."""
    try:
        make_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise DatabaseUnusable(text="database_file_unopened", path=path, reason=error.strerror) from error


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # Python's driver would begin transactions by its own rules
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to WAL mode. A new file's first switch does not wait for others by itself, unlike all else."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorname.startswith("SQLITE_BUSY")
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("postgresql_readonly", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _was_conflict(error: DBAPIError) -> bool:
    """Return whether another transaction was in the way: trying again will see what it did."""
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in _RETRIED


def _check_key(database: Database) -> None:
    """Refuse other keys than those that the database was written with: half a registry under each is lost."""
    if database.read(lambda work: work.session.scalar(_MARKED)) is None:
        database.transact(_mark_key)


def _mark_key(work: UnitOfWork) -> None:
    if work.session.scalar(_MARKED) is None:
        work.session.execute(insert(KeyMark).values(id=1, key_id=work.keys.id))
