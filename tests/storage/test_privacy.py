"""What somebody sees who has the database and not the key."""

import io
from pathlib import Path

import psycopg
import pytest

from storage.database import Database, connect
from tests.marked import forms, found_in
from tests.postgres import PostgresServer
from tests.storage.samples import AYSE, ISIL, KEYS, PROVIDER, Inbox, application, register, statement

SOLE_TRADER = PROVIDER.model_copy(
    update={"title": "AYŞE ÖRNEK TEKNİK SERVİS", "tax_number": AYSE.national_id}
)
BARCODE = "hd12-3456-7890-abcd"
SECRETS = (
    *(value for person in (AYSE, ISIL) for value in person.model_dump().values()),
    PROVIDER.title,
    PROVIDER.tax_number,
    SOLE_TRADER.title,
    BARCODE,
    BARCODE.replace("-", ""),
    "hizmet.pdf",
    "evidence.zip",
)
WANTED = {secret: forms(secret, shortest=5) for secret in SECRETS}


def _fill(tmp_path: Path, database: Database) -> None:
    inbox = Inbox.at(tmp_path / "inbox", database)
    register(inbox, AYSE, ISIL)
    inbox.put(application("B-1", people=[AYSE]), statement(AYSE, BARCODE))
    inbox.put(application("B-2", people=[ISIL], provider=SOLE_TRADER), statement(ISIL, "hd99-9999-9999-9999"))
    inbox.put(application("B-3", people=[ISIL], day="2026-11-21"), statement(AYSE, BARCODE))
    inbox.run()


def _seen(data: bytes) -> set[str]:
    """Secrets in every spelling and encoding."""
    return found_in(data, WANTED)


def test_the_search_for_secrets_finds_them() -> None:
    assert _seen(b"..." + "ÖRNEK".encode("utf-16-le")) == {"ÖRNEK"}
    assert _seen(b"..." + AYSE.national_id.encode().hex().encode()) == {AYSE.national_id}


def test_sqlite_files_show_nobody(tmp_path: Path) -> None:
    database = connect(f"sqlite:///{tmp_path / 'registry.db'}", KEYS)
    _fill(tmp_path, database)
    files = list(tmp_path.glob("registry.db*"))
    data = b"".join(path.read_bytes() for path in files)
    database.close()
    assert {path.name for path in files} >= {"registry.db", "registry.db-wal"}
    assert b"PERSON_NOT_DECLARED" in data  # the search is of the right files
    assert _seen(data) == set()


@pytest.mark.postgres
def test_a_dump_of_postgresql_shows_nobody(tmp_path: Path, postgres: PostgresServer) -> None:
    with postgres.database() as url:
        database = connect(url, KEYS)
        _fill(tmp_path, database)
        database.close()
        data = _dump(url)
    assert b"PERSON_NOT_DECLARED" in data
    assert _seen(data) == set()


def _dump(url: str) -> bytes:
    """All rows of all tables, as a dump writes them: sealed columns in hexadecimal."""
    out = io.BytesIO()
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            with connection.cursor().copy(
                psycopg.sql.SQL("COPY {} TO STDOUT").format(psycopg.sql.Identifier(table))
            ) as copy:
                for block in copy:
                    out.write(block)
    return out.getvalue()
