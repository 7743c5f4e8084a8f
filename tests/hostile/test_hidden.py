"""What is hidden from the children of the sandbox: keys, passwords, the registry, and what is kept of papers."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.evidence import read_upload
from extractors.sandbox import ChildFailed, Sandbox, SandboxLimits, SandboxUnfit, Wall
from extractors.sandbox.readable import all_but, are_apart
from flows.sandboxing import hidden, open_sandbox
from storage.database import open_database
from storage.evidence import EvidenceStore
from storage.settings import Settings, load_settings
from tests.hostile import attacks
from tests.papers.inbox import write_sample_inbox

METHODS = ("forkserver", "fork")
READS = (attacks.read, attacks.look_through)


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a key, what lies beside it, and ways around."""
    for name in ("home/key", "home/kept/one", "home/tmp/paper", "inbox/paper"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    (tmp_path / "inbox" / "link").symlink_to(tmp_path / "home" / "key")
    (tmp_path / "way").symlink_to(tmp_path / "home")
    return tmp_path


@pytest.fixture
def box(place: Path, method: str) -> Iterator[Sandbox]:
    home = place / "home"
    concealed = (place / "way" / "key", home / "kept", home / "later", place / "nowhere" / "key")
    with Sandbox(1, SandboxLimits(hidden=concealed), method) as opened:
        if Wall.SECRETS not in opened.walls():
            pytest.skip("this machine has no Landlock")
        yield opened


def error_of(box: Sandbox, attack: Callable[[Path], bytes], path: Path) -> str:
    with pytest.raises(ChildFailed) as caught:
        box.run(attack, path)
    return caught.value.error


@pytest.mark.parametrize("attack", READS)
@pytest.mark.parametrize("name", ["home/key", "home/kept/one", "inbox/link", "way/key"])
def test_no_child_reads_what_is_hidden(
    box: Sandbox, place: Path, name: str, attack: Callable[[Path], bytes]
) -> None:
    assert attack(place / name)
    assert error_of(box, attack, place / name) == "PermissionError"


def test_what_is_hidden_may_be_made_later(box: Sandbox, place: Path) -> None:
    (place / "home" / "later").write_bytes(b"made")
    assert error_of(box, attacks.read, place / "home" / "later") == "PermissionError"


def test_all_else_is_read_also_what_comes_later(box: Sandbox, place: Path) -> None:
    assert box.run(attacks.read, place / "inbox" / "paper") == b"inbox/paper"
    assert box.run(attacks.read, place / "way" / "tmp" / "paper") == b"home/tmp/paper"
    (place / "inbox" / "A-1").mkdir()
    (place / "inbox" / "A-1" / "new").write_bytes(b"new")
    assert box.run(attacks.read, place / "inbox" / "A-1" / "new") == b"new"
    assert box.run(attacks.read, Path(os.__file__))


def test_no_child_reads_a_disk(box: Sandbox) -> None:
    assert box.run(attacks.read, Path("/dev/null")) == b""
    assert error_of(box, attacks.read, Path("/dev/full")) == "PermissionError"


def test_where_a_folder_may_not_be_listed_papers_are_read_and_it_is_told(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_folder = os.scandir

    def scandir(path: Path) -> Any:
        if path == place / "inbox":
            raise PermissionError(errno.EACCES, "not to be listed")
        return list_folder(path)

    monkeypatch.setattr(os, "scandir", scandir)
    nowhere, key, paper = (place / name for name in ("inbox/nothing", "home/key", "inbox/paper"))
    with Sandbox(1, SandboxLimits(hidden=(nowhere, key)), "fork") as box:
        assert Wall.SECRETS in box.walls(), "what is not there need not be hidden"
        assert error_of(box, attacks.read, key) == "PermissionError"
        assert box.run(attacks.read, paper)
    required = SandboxLimits(hidden=(paper, key), walls_required=True)
    with Sandbox(1, SandboxLimits(hidden=required.hidden), "fork") as box:
        assert Wall.SECRETS not in box.walls()
        assert error_of(box, attacks.read, key) == "PermissionError"
        assert box.run(attacks.read, paper)
    with Sandbox(1, required, "fork") as box, pytest.raises(SandboxUnfit, match="secrets"):
        box.require_walls()


def test_what_may_not_even_be_looked_for_ends_no_child(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root's `~/.aws` is for a service that was started with root's HOME."""
    look = os.stat

    def stat(path: Any, **options: Any) -> os.stat_result:
        if str(path).endswith("unseen"):
            raise PermissionError(errno.EACCES, "not to be looked for")
        return look(path, **options)

    monkeypatch.setattr(os, "stat", stat)
    monkeypatch.setattr(os, "lstat", stat)
    with Sandbox(1, SandboxLimits(hidden=(place / "home" / "unseen",)), "fork") as box:
        assert box.run(attacks.read, place / "inbox" / "paper")
        assert Wall.SECRETS in box.walls()


# What the settings hide


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home", sandbox_required=True)


def test_a_night_reads_its_inbox_and_none_of_its_children_what_kanit_keeps(
    settings: Settings, tmp_path: Path, method: str
) -> None:
    inbox = tmp_path / "home" / "inbox"  # the worst place for it
    (expected, *_) = write_sample_inbox(inbox, 1, registrations=False)
    (upload,) = (inbox / expected.application_id).glob("*.zip")
    database = open_database(settings)
    store = EvidenceStore(settings.evidence_url, database.keys)
    try:
        store.put(upload)
        with open_sandbox(settings, 1, method) as box:
            assert read_upload(upload, box, ocr=False).documents
            secrets = [
                path
                for path in (tmp_path / "home").rglob("*")
                if path.is_file() and inbox not in path.parents
            ]
            assert {path.name for path in secrets} > {"key", "registry.db", "registry.db-wal"}
            assert any("evidence" in path.parts for path in secrets)
            for path in secrets:
                assert error_of(box, attacks.read, path) == "PermissionError", path
    finally:
        database.close()


@pytest.mark.parametrize("scheme", ["", "file://", "local://"])
def test_a_store_on_this_machine_is_hidden_however_it_is_addressed(scheme: str, tmp_path: Path) -> None:
    found = hidden(load_settings(home=tmp_path / "home", evidence_url=f"{scheme}{tmp_path}/kept"))
    assert tmp_path / "kept" in found


def test_passwords_in_files_are_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/kanit")
    assert tmp_path / "kanit.toml" not in hidden(load_settings())
    (tmp_path / "kanit.toml").write_text('database_url = "postgresql://kanit:secret@db/kanit"\n')
    found = hidden(load_settings(prefect_auth_file=tmp_path / "auth"))
    wanted = {tmp_path / "kanit.toml", tmp_path / "auth", Path("/home/kanit/.aws")}
    assert wanted <= set(found)


@pytest.mark.parametrize(
    "url", ["sqlite:///{}/some.db", "sqlite+pysqlite:///{}/some.db", "sqlite:///{}/some.db?timeout=5"]
)
def test_a_registry_is_hidden_however_it_is_addressed(url: str, tmp_path: Path) -> None:
    found = hidden(load_settings(home=tmp_path / "home", database_url=url.format(tmp_path)))
    assert {tmp_path / "some.db", tmp_path / "some.db-wal"} <= set(found)


@pytest.mark.parametrize("url", ["nonsense", "sqlite://", "postgresql:///kanit"])
def test_a_registry_that_is_no_file_hides_nothing(url: str, tmp_path: Path) -> None:
    assert not [
        path for path in hidden(load_settings(home=tmp_path, database_url=url)) if "kanit-wal" in path.name
    ]


# Which paths are allowed

NAMES = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4).map(lambda parts: Path(*parts))


@given(files=st.sets(NAMES, min_size=1, max_size=8), concealed=st.sets(NAMES, max_size=4))
def test_every_file_is_allowed_or_hidden(
    tmp_path_factory: pytest.TempPathFactory, files: set[Path], concealed: set[Path]
) -> None:
    root = tmp_path_factory.mktemp("tree", numbered=True)
    for name in files:
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name / "file").touch()
    secret = {root / name for name in concealed}
    allowed = set(all_but(secret))
    assert are_apart(allowed, secret)
    for name in files:
        path = root / name / "file"
        above = {path, *path.parents}
        assert bool(above & allowed) != bool(above & secret)
