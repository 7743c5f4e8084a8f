"""Whether a database is what the migrations made: its file, tables, columns, indexes, constraints, triggers."""

from collections.abc import Iterator
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, inspect, text

from storage.columns import Base
from storage.schema import VERSION_TABLE, reference, statements
from storage.upkeep.faults import Fault, FaultKind

_TRIGGERS = text(
    "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND relnamespace = current_schema()::regnamespace"
)
"""Triggers of PostgreSQL that fire."""


def schema_faults(connection: Connection) -> Iterator[Fault]:
    """Yield what of the schema is not as the migrations made it; what other programs keep beside it is theirs."""
    if connection.dialect.name == "sqlite":
        yield from _file(connection)
        yield from _statements(connection)
    else:
        yield from _differences(connection)
        yield from _checks(connection)
        yield from _triggers(connection)


def _file(connection: Connection) -> Iterator[Fault]:
    """Yield what SQLite finds in its file: pages, the order of rows, indexes that lack a row, unique values."""
    for (message,) in connection.execute(text("PRAGMA integrity_check")):
        if message != "ok":
            yield Fault(FaultKind.DATABASE_DAMAGED, "sqlite", str(message).splitlines()[0])


def _statements(connection: Connection) -> Iterator[Fault]:
    """Compare statement by statement: also what is more than the migrations made on a table of ours, as a trigger."""
    wanted, found = reference(), statements(connection)
    for kind, name in sorted(wanted):
        if found.get((kind, name)) != wanted[kind, name]:
            yield Fault(FaultKind.SCHEMA_DIFFERS, name, kind)
    rows = connection.execute(text("SELECT type, name, tbl_name FROM sqlite_master WHERE type = 'trigger'"))
    for row in rows:
        if row.tbl_name in Base.metadata.tables and (row.type, row.name) not in wanted:
            yield Fault(FaultKind.SCHEMA_DIFFERS, row.name, row.type)


def _differences(connection: Connection) -> Iterator[Fault]:
    options = {"version_table": VERSION_TABLE, "compare_type": True, "include_object": _is_ours}
    context = MigrationContext.configure(connection, opts=options)
    for difference in compare_metadata(context, Base.metadata):
        for deed, *parts in difference if isinstance(difference, list) else [difference]:
            names = (getattr(part, "name", part) for part in parts)
            yield Fault(
                FaultKind.SCHEMA_DIFFERS,
                ".".join(filter(None, (n for n in names if isinstance(n, str)))),
                deed,
            )


def _is_ours(_item: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
    return not (kind == "table" and reflected and name not in Base.metadata.tables)


def _checks(connection: Connection) -> Iterator[Fault]:
    looking = inspect(connection)
    for table in Base.metadata.sorted_tables:
        wanted = {str(each.name) for each in table.constraints if isinstance(each, CheckConstraint)}
        if wanted:
            missing = wanted - {str(each["name"]) for each in looking.get_check_constraints(table.name)}
            yield from (Fault(FaultKind.SCHEMA_DIFFERS, name, "check") for name in sorted(missing))


def _triggers(connection: Connection) -> Iterator[Fault]:
    """Migrations give a trigger the same name on both databases."""
    there = set(connection.scalars(_TRIGGERS))
    for kind, name in sorted(reference()):
        if kind == "trigger" and name not in there:
            yield Fault(FaultKind.SCHEMA_DIFFERS, name, kind)
