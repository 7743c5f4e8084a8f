"""A registry of every schema that there ever was, with rows in all its tables, is brought to the present one whole."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, insert, select

from storage.database import connect, make_engine
from storage.evidence import EvidenceStore
from storage.schema import VERSION_TABLE
from storage.upkeep.verifying import verify
from tests.storage.filled import ROTATION, fill
from tests.storage.fixtures import unguarded
from tests.storage.migrated import migrate, revisions
from tests.storage.samples import KEYS, Inbox

GONE = {("people", "name_index"): b"n" * 32}
"""Columns that a later schema does not have, and what stood in them."""
_KINDS = ("0002", "0006", "0007", "9999")
"""The newest schemas with the same kinds of rows (see `fill`)."""

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Content:
    """What a registry holds: its rows by table, and its evidence store."""

    rows: Mapping[str, Rows]
    store: EvidenceStore


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Content]:
    """What registries hold that could be of these schemas."""
    made = {}
    for kind in _KINDS:
        folder = tmp_path_factory.mktemp("content")
        with closing(connect(f"sqlite:///{folder / 'registry.db'}", KEYS)) as database:
            store = fill(Inbox.at(folder / "inbox", database), kind)
            with database.engine.connect() as connection:
                rows = {table.name: list(_rows(connection, table)) for table in _tables(connection)}
        made[kind] = Content(rows, store)
    return made


def _tables(connection: Connection) -> list[Table]:
    """The tables of a database as it is, in the order of their references."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    for row in connection.execute(select(table)).mappings():
        yield {name: _aware(value) for name, value in row.items()}


def _aware(value: Any) -> Any:
    """SQLite keeps moments without their time zone, which is UTC."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def put(connection: Connection, content: Content) -> None:
    """Put into every table what it has columns for."""
    for table in _tables(connection):
        rows = [_fitting(table, row) for row in content.rows[table.name]]
        if rows:
            connection.execute(insert(table), rows)


def _fitting(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    names = [column.name for column in table.columns]
    return {name: row[name] if name in row else GONE[table.name, name] for name in names}


def _shown(rows: Rows, columns: list[str]) -> list[str]:
    return sorted(repr([row[name] for name in columns]) for row in rows)


@pytest.mark.parametrize("revision", revisions())
def test_a_registry_of_every_schema_comes_whole_to_the_present_one(
    database_url: str, contents: Mapping[str, Content], revision: str
) -> None:
    content = contents[next(kind for kind in _KINDS if revision <= kind)]
    engine = make_engine(database_url)
    migrate(engine, revision)
    with engine.begin() as connection, unguarded(connection):
        put(connection, content)
    with engine.connect() as connection:
        before = {table.name: list(_rows(connection, table)) for table in _tables(connection)}
    engine.dispose()
    assert {name for name, rows in before.items() if not rows} <= ROTATION
    with closing(connect(database_url, KEYS)) as database:
        report = verify(database, content.store)
        assert report.sound, report.as_json()
        assert (report.schema, report.files) == (revisions()[-1], len(_files(content.store)))
        with database.engine.connect() as connection:
            after = {table.name: list(_rows(connection, table)) for table in _tables(connection)}
    for name, rows in before.items():
        columns = [column for column in rows[0] if (name, column) not in GONE] if rows else []
        assert _shown(after[name], columns) == _shown(rows, columns), name


def _files(store: EvidenceStore) -> list[str]:
    return [name for folder in store.names() for name in store.names(folder)]
