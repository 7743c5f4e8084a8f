"""Databases as older versions of kanit left them."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

import storage

_MIGRATIONS = str(Path(storage.__file__).with_name("migrations"))


def revisions() -> list[str]:
    """The revisions of all schemas that there ever were, the oldest first."""
    return [script.revision for script in ScriptDirectory(_MIGRATIONS).walk_revisions()][::-1]


def migrate(engine: Engine, revision: str) -> None:
    """Bring a database to a revision."""
    config = Config()
    config.set_main_option("script_location", _MIGRATIONS)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
