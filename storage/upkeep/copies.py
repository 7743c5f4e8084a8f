"""Copies of a database: SQLite's by its backup API, PostgreSQL's by its own programs, each as of one moment."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, inspect, text

from storage.columns import Base
from storage.database import UnitOfWork
from storage.errors import BackupImpossible, RestoreImpossible, StorageError
from storage.schema import VERSION_TABLE

_DEBIAN = Path("/usr/lib/postgresql")
_OTHERS = text(
    "SELECT relname FROM pg_class AS r WHERE relnamespace = current_schema()::regnamespace"
    " AND relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND relname <> ALL (:own) AND NOT EXISTS ("
    "SELECT 1 FROM pg_depend JOIN pg_class AS owner ON owner.oid = refobjid"
    " WHERE objid = r.oid AND deptype IN ('a', 'i') AND owner.relname = ANY (:own))"
)
"""Tables, views and sequences that are neither kanit's nor belong to a table of kanit's."""
_TOLD = 300
"""Characters of a program's complaint that are told."""


def copy_database(work: UnitOfWork, target: Path) -> None:
    """Copy the database as a unit of work sees it, which must be a snapshot. Raises BackupImpossible."""
    if work.session.get_bind().dialect.name == "sqlite":
        _copy_sqlite(work, target)
    else:
        _dump(work, target)


def restore_sqlite(source: Path, file: Path) -> None:
    """Put a copy where the database is to be, whole or not at all. Raises FileExistsError, OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=".restore-")  # for its owner alone
    try:
        with os.fdopen(descriptor, "wb") as target, source.open("rb") as copy:
            shutil.copyfileobj(copy, target)
            target.flush()
            os.fsync(target.fileno())
        os.link(draft, file)  # unlike rename, never replaces what is there by now
    finally:
        Path(draft).unlink()


def restore_postgres(source: Path, engine: Engine) -> None:
    """Bring a dump into an empty database, all of it or nothing. Raises RestoreImpossible."""
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
    _run("pg_restore", (*options, f"--dbname={_address(engine)}", str(source)), engine, RestoreImpossible)


def _copy_sqlite(work: UnitOfWork, target: Path) -> None:
    """Copy by the connection of the snapshot, so that the copy is of its moment."""
    source = work.session.connection().connection.driver_connection
    assert isinstance(source, sqlite3.Connection)  # noqa: S101 - what the driver of SQLite connects by
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        raise BackupImpossible(text="backup_unwritable", path=target, reason=error) from error


def _dump(work: UnitOfWork, target: Path) -> None:
    engine = work.session.get_bind().engine
    snapshot = work.session.scalar(text("SELECT pg_export_snapshot()"))
    options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
    others = _others(work)
    _run(
        "pg_dump",
        (*options, *others, f"--file={target}", f"--dbname={_address(engine)}"),
        engine,
        BackupImpossible,
    )


def _others(work: UnitOfWork) -> list[str]:
    """Leave out what other programs keep in the same database, Prefect for instance: it is not ours to bring back."""
    relations = work.session.scalars(_OTHERS, {"own": [*Base.metadata.tables, VERSION_TABLE]})
    looking = inspect(work.session.connection())
    schemas = set(looking.get_schema_names()) - {looking.default_schema_name, "information_schema"}
    return [
        *(f"--exclude-table={_quoted(name)}" for name in relations),
        *(f"--exclude-schema={_quoted(name)}" for name in sorted(schemas)),
    ]


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _address(engine: Engine) -> str:
    """Return how to connect, without the password: command lines can be read by others."""
    _, arguments = engine.dialect.create_connect_args(engine.url)
    # "context" is psycopg's own: no option of libpq.
    return make_conninfo(**{k: v for k, v in arguments.items() if k not in {"password", "context"}})


def _run(name: str, options: Sequence[str], engine: Engine, failure: type[StorageError]) -> None:
    program = _program(name)
    if program is None:
        raise failure(text="backup_tool_missing", program=name)
    password = engine.url.password
    environment = {**os.environ, "LC_ALL": "C", **({"PGPASSWORD": str(password)} if password else {})}
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own program, no shell
        [program, "--no-password", *options], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or [str(done.returncode)]
        raise failure(text="backup_tool_failed", program=name, reason=lines[0][:_TOLD])


def _program(name: str) -> str | None:
    """Return the path of a program of PostgreSQL's, the newest where Debian keeps several; None without any."""
    versions = [path for path in _DEBIAN.glob(f"*/bin/{name}") if path.parent.parent.name.isdigit()]
    newest = max(versions, key=lambda path: int(path.parent.parent.name), default=None)
    return str(newest) if newest else shutil.which(name)
