"""What the tests of rotation share: a registry in which every sealed column and every index holds something."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import LargeBinary, Table, select

from extractors.facts import Document
from storage.columns import Base
from storage.database import Database, open_database
from storage.decisions import decide
from storage.desk.accounts import link_subject
from storage.desk.asks import Correct
from storage.desk.audit import LineFilter, lines, verify
from storage.desk.queue import Filter
from storage.desk.views import save_view
from storage.evidence import EvidenceStore
from storage.issuer import store_answers
from storage.keys import key_of
from storage.models import IndexMove, Ruling
from storage.rotation import Report, rotate
from storage.rotation_values import sealed_columns
from storage.settings import Settings, load_settings
from tests.storage.desk.cases import Desk, named_otherwise, put_blocked, put_for_review
from tests.storage.procedures import petition
from tests.storage.samples import ISIL, Inbox, application
from validators.issuer import Compared, IssuerAnswer, IssuerStatus

ISSUER, SUBJECT = "https://idp.example", "officer-7"
BARCODE = "hd22-2222-2222-2222"
CORRECTED = "hd33-3333-3333-3333"
SAME = IssuerAnswer(IssuerStatus.IDENTICAL, Compared.BYTES)


def settings_at(home: Path, database_url: str) -> Settings:
    """The settings of a registry whose key file lies in its home."""
    return load_settings(home=home, database_url=database_url)


@dataclass
class Registry:
    """A registry of the settings with an inbox, and the store of its evidence."""

    settings: Settings
    inbox: Inbox

    @property
    def database(self) -> Database:
        """The open database."""
        return self.inbox.database

    @property
    def store(self) -> EvidenceStore:
        """The store, as another process would open it with the same keys."""
        return EvidenceStore(self.settings.evidence_url, self.database.keys)


@contextmanager
def registry_at(home: Path, database_url: str) -> Iterator[Registry]:
    """Open an empty registry with a key of its own."""
    settings = settings_at(home, database_url)
    with closing(open_database(settings)) as database:
        (home / "in").mkdir(exist_ok=True)
        yield Registry(settings, Inbox.at(home / "in", database))


def fill(registry: Registry) -> Desk:
    """Put something into every sealed column and every index, and the uploads into the store."""
    inbox, database = registry.inbox, registry.database
    desk = Desk.at(inbox)
    put_for_review(inbox)
    put_blocked(inbox, "A-2", ISIL)
    (inbox.path / "broken").mkdir()
    (inbox.path / "broken" / "application.json").write_text("{")
    unread = replace(named_otherwise(barcode=BARCODE), qrs=())
    inbox.put(application("A-3", day="2026-11-21"), unread)
    petition(inbox, "D-1", "15T10:00")
    inbox.run()
    desk.enter("A-3", Correct(paper_of(registry, "A-3").key, "barcode", CORRECTED, "Silik."))
    lifted = Correct(paper_of(registry, "A-2").key, "records.2.exit_date", None, "Tarih yok.")
    desk.second(desk.enter("A-2", lifted).ruling)
    decide(database, "D-1", Ruling.REFUSED, "Görevli Deneme", "Yersiz.")
    link_subject(database, "ayla", ISSUER, SUBJECT)
    database.transact(lambda work: save_view(work, desk.reviewer.id, "Benimkiler", Filter()))
    store_answers(database, [(paper_of(registry, "A-1"), SAME)])
    inbox.run()  # the answer is judged
    for uploads in inbox.facts.values():
        for upload in uploads:
            registry.store.put(repr(upload.documents).encode())
    return desk


def paper_of(registry: Registry, name: str) -> Document:
    """The paper of an application, as it was read."""
    (upload,) = registry.inbox.facts[name]
    return upload.documents[0]


def contents(registry: Registry) -> Mapping[str, Any]:
    """Everything sealed, opened: every column by the key of its row, the reasons of the trail, every evidence file."""
    found: dict[str, Any] = {}
    with registry.database.reading() as work:
        for table, columns in sealed_columns().items():
            for row in work.session.execute(select(table)).mappings():
                key = ".".join(str(row[name]) for name in _plain_key(table))
                for column in columns:
                    if row[column.name] is not None:
                        purpose = f"{table.name}.{column.name}"
                        found[f"{purpose} {key}"] = work.keys.unseal_bytes(row[column.name], purpose)
        found |= {f"line {line.id}": line.reason for line in lines(work, LineFilter(), limit=1000)}
    found |= {f"file {name}": registry.store.open(name) for name in registry.store.hashes()}
    return found


def _plain_key(table: Table) -> Iterator[str]:
    """The columns that name a row and are no index, which changes."""
    return (column.name for column in table.primary_key.columns if not isinstance(column.type, LargeBinary))


def keys_found(registry: Registry) -> dict[str, set[str]]:
    """The ids of keys that anything sealed begins with, by table, and of the evidence files."""
    found: dict[str, set[str]] = {}
    with registry.database.reading() as work:
        for table in Base.metadata.sorted_tables:
            for row in work.session.execute(select(table)):
                for column, value in zip(table.columns, row, strict=True):
                    if isinstance(value, bytes) and not getattr(column.type, "length", None):
                        found.setdefault(table.name, set()).add(key_of(value))
    found["files"] = {key_of(path.read_bytes()) for path in _files(registry)}
    return found


def _files(registry: Registry) -> Iterator[Path]:
    return (path for path in Path(registry.settings.evidence_url).rglob("*") if path.is_file())


def digests(registry: Registry) -> frozenset[bytes]:
    """Every index in the registry but those of the audit trail."""
    with registry.database.reading() as work:
        return frozenset(
            value
            for table in Base.metadata.sorted_tables
            if table.name != "audit_lines"
            for row in work.session.execute(select(table))
            for column, value in zip(table.columns, row, strict=True)
            if isinstance(value, bytes) and getattr(column.type, "length", None)
        )


def turn(registry: Registry) -> Report:
    """Rotate to the end."""
    return rotate(registry.settings, registry.database, registry.store)


def assert_turned(registry: Registry, before: Mapping[str, object], old: str) -> None:
    """Everything opens as before, nothing but lines of the trail is under the old key, and the trail is whole."""
    after = contents(registry)
    assert {name: after.get(name) for name in before} == before
    found = keys_found(registry)
    assert found.pop("audit_lines") >= {old}
    assert set().union(*found.values()) == {registry.database.keys.now().id} != {old}
    with registry.database.reading() as work:
        assert verify(work) == []
        assert work.session.scalars(select(IndexMove)).all() == []
