"""Alembic's entry: runs migrations on the connection and in the transaction of `storage.schema.upgrade`."""

from alembic import context

from storage import models
from storage.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.Run.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
