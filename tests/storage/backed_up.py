"""What the tests of backups share: a registry that was backed up, and empty places to restore it to."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from storage.database import Database, connect
from storage.evidence import EvidenceStore
from storage.keys import format_key
from storage.settings import Settings, load_settings
from storage.upkeep.backup import Backup, back_up_from
from tests.storage.filled import fill
from tests.storage.samples import KEYS, Inbox

SECRET = b"an invented secret of 32 bytes!!"
OTHER = b"another secret of thirty-two byt"


@dataclass(frozen=True)
class Origin:
    """A registry that holds something of everything, which no test changes, and a backup of it."""

    inbox: Inbox
    store: EvidenceStore
    backup: Backup

    @property
    def database(self) -> Database:
        return self.inbox.database

    @property
    def evidence(self) -> dict[str, bytes]:
        return evidence_of(self.inbox)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def origin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    """Once on SQLite and once on PostgreSQL."""
    folder = tmp_path_factory.mktemp("origin")
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'registry.db'}"
        if request.param == "postgres":
            url = stack.enter_context(request.getfixturevalue("postgres").database())
        database = stack.enter_context(closing(connect(url, KEYS)))
        inbox = Inbox.at(folder / "inbox", database)
        store = fill(inbox)
        yield Origin(inbox, store, back_up_from(database, store, folder / "backup"))


@pytest.fixture
def made(origin: Origin, tmp_path: Path) -> Backup:
    """That backup, for this test to do with as it likes."""
    return replace(origin.backup, folder=shutil.copytree(origin.backup.folder, tmp_path / "backup"))


@dataclass(frozen=True)
class Empty:
    """A place that a backup can be restored to."""

    folder: Path
    database_url: str

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def settings(self) -> Settings:
        return load_settings(home=self.home, database_url=self.database_url)

    def give_key(self, secret: bytes = SECRET) -> None:
        self.home.mkdir(exist_ok=True)
        (self.home / "key").write_text(format_key(secret))


def _empty(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Empty]:
    """An empty home with the key in it, and an empty database of a kind."""
    folder.mkdir()
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'home' / 'registry.db'}"
        if kind == "postgresql":
            url = stack.enter_context(request.getfixturevalue("postgres").database())
        place = Empty(folder, url)
        place.give_key()
        yield place


@pytest.fixture
def empty(request: pytest.FixtureRequest, origin: Origin, tmp_path: Path) -> Iterator[Empty]:
    """A place for that backup."""
    yield from _empty(origin.database.engine.dialect.name, tmp_path / "elsewhere", request)


@pytest.fixture
def bare(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[Empty]:
    """A place for a backup of this test's registry."""
    yield from _empty(database.engine.dialect.name, tmp_path / "elsewhere", request)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def evidence_of(inbox: Inbox) -> dict[str, bytes]:
    return tree(inbox.path.parent / "evidence")
