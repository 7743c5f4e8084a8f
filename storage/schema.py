"""Brings a database to the schema of this version (Alembic), once, whoever comes first."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from storage.errors import SchemaTooNew

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


def _is_current(connection: Connection, scripts: ScriptDirectory) -> bool:
    revision = current_revision(connection)
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        raise SchemaTooNew(
            f"The database has the schema {revision}, which this version of kanit does not know.",
            "Install the version of kanit that wrote it, or a newer one.",
        )
    return revision == scripts.get_current_head()


def _lock(connection: Connection) -> None:
    """Keep others out until the transaction ends (a SQLite transaction has the write lock from its beginning)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
