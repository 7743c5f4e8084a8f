"""Brings a database to the schema of this version (Alembic), once, whoever comes first."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text

from storage.errors import RegistryMissing, SchemaTooNew, SchemaTooOld

VERSION_TABLE = "kanit_schema"
"""Not Alembic's default name: another program's tables, Prefect's for instance, may share the database."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6B616E6974  # "kanit": any number that no other program locks in the same database


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest schema; return at once when it is there.

    Two processes that start at the same time wait for each other. Raises SchemaTooNew when a newer kanit
    has been at work: its data is not touched.
    """
    scripts = ScriptDirectory(str(_MIGRATIONS))
    with engine.connect() as connection:
        if _is_current(connection, scripts):
            return
    with engine.begin() as connection:
        _lock(connection)
        if not _is_current(connection, scripts):
            _migrate(connection)


def current_revision(connection: Connection) -> str | None:
    """Return the revision that the database is at, None for an empty one."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def check_current(connection: Connection) -> str:
    """Return the newest revision when the database is at it; change nothing.

    Raises SchemaTooNew, SchemaTooOld, and RegistryMissing for a database without any schema of kanit's.
    """
    scripts = ScriptDirectory(str(_MIGRATIONS))
    newest, revision = str(scripts.get_current_head()), current_revision(connection)
    if revision is None:
        raise RegistryMissing(text="registry_missing", url=connection.engine.url.render_as_string())
    if not _is_current(connection, scripts):
        raise SchemaTooOld(text="schema_too_old", found=revision, wanted=newest)
    return newest


def check_known(connection: Connection) -> str | None:
    """Return the revision that the database is at, None for an empty one. Raises SchemaTooNew."""
    revision = current_revision(connection)
    if revision is not None and not is_known(revision):
        raise SchemaTooNew(text="schema_too_new", found=revision)
    return revision


def is_known(revision: str) -> bool:
    """Return whether this version of kanit has a migration to a schema."""
    scripts = ScriptDirectory(str(_MIGRATIONS))
    return revision in {script.revision for script in scripts.walk_revisions()}


@cache
def reference() -> Mapping[tuple[str, str], str]:
    """Return what the migrations make of an empty SQLite database: the statement of each table, index and trigger.

    By kind and name. All databases went through the same migrations, so that those on SQLite have the same statements.
    """
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        _migrate(connection)
        found = statements(connection)
    engine.dispose()
    return found


def statements(connection: Connection) -> Mapping[tuple[str, str], str]:
    """Return the statements that made a SQLite database, by kind and name."""
    rows = connection.execute(text("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    return {(row.type, row.name): row.sql for row in rows}


def _is_current(connection: Connection, scripts: ScriptDirectory) -> bool:
    return check_known(connection) == scripts.get_current_head()


def _lock(connection: Connection) -> None:
    """Keep others out until the transaction ends (a SQLite transaction has the write lock from its beginning)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
