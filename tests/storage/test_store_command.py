"""`kanit store` as it is typed, and the refusal of a newer schema by every command and the web application."""

import os
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from flows.cli import Commands
from flows.errors import Exit
from review.app import create_app
from storage.database import connect, refuse_newer
from storage.errors import SchemaTooNew, SchemaTooOld
from storage.keys import format_key
from storage.schema import VERSION_TABLE
from storage.settings import load_settings
from storage.upkeep.verifying import verify_store
from tests.flows.helpers import command
from tests.storage.filled import fill
from tests.storage.samples import KEYS, Inbox

SECRET = b"an invented secret of 32 bytes!!"
Capsys = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("KANIT_", "PREFECT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KANIT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose registry holds something of everything."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "key").write_text(format_key(SECRET))
    with closing(connect(f"sqlite:///{folder / 'registry.db'}", KEYS)) as database:
        fill(Inbox.at(folder / "inbox", database))
    return folder


def test_a_sound_store_is_told_and_so_is_what_was_done_to_it(home: Path, capsys: Capsys) -> None:
    printed = command(capsys, "store", "verify")
    assert (printed.code, printed.out.splitlines()[-1]) == (Exit.OK, "Her şey yerinde.")
    (line,) = command(capsys, "store", "verify", "--json", "--quick").lines
    assert (line["sound"], line["quick"], line["faults"]) == (True, True, [])
    file = next(path for path in (home / "evidence").glob("??/*") if path.is_file())
    file.unlink()
    (line,) = command(capsys, "store", "verify", "--json").lines
    assert line["faults"][0]["kind"] == "file_missing"
    assert line["faults"][0]["places"][0]["place"] == file.name
    printed = command(capsys, "store", "verify", "--lang", "en")
    assert printed.code == Exit.FLAGGED
    assert "1  A file is missing that a row names." in printed.out
    assert file.name in printed.out


def test_looking_changes_nothing(home: Path, capsys: Capsys) -> None:
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert command(capsys, "store", "verify").code == Exit.OK
    after = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    companions = {home / "registry.db-wal", home / "registry.db-shm"}
    assert {path: data for path, data in after.items() if path not in companions} == before


def test_a_backup_goes_there_and_back(home: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = command(capsys, "store", "backup", "b", "--lang", "en")
    assert printed.code == Exit.OK, printed.err
    assert f"sealed under the key {KEYS.id}, which is not in it" in printed.out
    (line,) = command(capsys, "store", "backup", "c", "--json").lines
    assert (line["folder"], line["missing"], line["key_ids"]) == ("c", [], [KEYS.id])
    again = command(capsys, "store", "backup", "b")
    assert (again.code, again.out) == (Exit.INTERNAL, "")
    assert "[BACKUP_IMPOSSIBLE]" in again.err
    assert "boş bir klasör verin" in again.err
    monkeypatch.setenv("KANIT_HOME", "elsewhere")
    refused = command(capsys, "store", "restore", "b")
    assert (refused.code, Path("elsewhere").exists()) == (Exit.INTERNAL, False)
    assert "Yedekte anahtar bulunmaz" in refused.err
    monkeypatch.setenv("KANIT_KEY", format_key(SECRET))
    printed = command(capsys, "store", "restore", "b")
    assert printed.code == Exit.OK, printed.err
    assert "geri yüklendi" in printed.out
    assert printed.out.splitlines()[-1] == "Her şey yerinde."
    assert "[RESTORE_IMPOSSIBLE]" in command(capsys, "store", "restore", "c").err


def test_a_backup_of_a_store_that_lacks_a_file_ends_with_ten(home: Path, capsys: Capsys) -> None:
    file = next(path for path in (home / "evidence").glob("??/*") if path.is_file())
    file.unlink()
    printed = command(capsys, "store", "backup", "b", "--lang", "en")
    assert printed.code == Exit.FLAGGED
    assert file.name in printed.out


@pytest.mark.parametrize("asked", [["verify"], ["backup", "b"]], ids=str)
def test_where_there_is_no_registry_none_is_made(tmp_path: Path, capsys: Capsys, asked: list[str]) -> None:
    printed = command(capsys, "store", *asked)
    assert (printed.code, list(tmp_path.iterdir())) == (Exit.INTERNAL, [])
    assert "kayıt yok" in printed.err


def test_data_without_its_key_gets_none(home: Path, capsys: Capsys) -> None:
    (home / "key").unlink()
    printed = command(capsys, "store", "verify")
    assert (printed.code, (home / "key").exists()) == (Exit.INTERNAL, False)
    assert "yeni anahtar üretilmez" in printed.err


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A home that a newer kanit has worked in."""
    return _at_schema(tmp_path / "home", "9999")


def _at_schema(home: Path, revision: str) -> Path:
    home.mkdir()
    (home / "key").write_text(format_key(SECRET))
    with (
        closing(connect(f"sqlite:///{home / 'registry.db'}", KEYS)) as database,
        database.engine.begin() as connection,
    ):
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{revision}'"))  # noqa: S608 - constants
    return home


REFUSING = {
    "batch": ["batch", "inbox"],
    "queue": ["queue"],
    "rejudge": ["rejudge", "--policy", "kilavuz"],
    "explain": ["explain", "A-1"],
    "letter": ["letter", "A-1"],
    "decide": ["decide", "A-1", "refuse", "--officer", "O", "--note", "N"],
    "registry": ["registry", "card", "--provider", "X"],
    "review": ["review"],
    "account": ["account", "list"],
    "audit": ["audit", "verify"],
    "person": ["person", "export", "--reference", "1", "--number-file", "number"],
    "retention": ["retention", "run"],
    "store": ["store", "verify"],
    "keys": ["keys", "list"],
    "serve": ["serve"],
    "metrics": ["metrics", "--textfile", "kanit.prom"],
}
"""A command line of every command that opens the registry."""
OTHERS = {"demo", "verify", "read", "unpack", "deploy", "schema", "doctor", "config"}
"""Commands that open none, or one of their own."""


def test_every_command_is_tried_here_or_opens_no_registry() -> None:
    assert set(Commands.SUMMARIES) == {*REFUSING, *OTHERS}


@pytest.mark.parametrize("name", REFUSING)
def test_a_newer_schema_is_refused_by_every_command_and_left_alone(
    newer: Path, tmp_path: Path, capsys: Capsys, name: str
) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "number").write_text("10000000078")
    before = (newer / "registry.db").read_bytes()
    printed = command(capsys, *REFUSING[name])
    assert printed.code == Exit.INTERNAL, printed.err
    assert "Veritabanının şeması 9999; kanit'in bu sürümü bu şemayı tanımıyor." in printed.err
    assert "Veritabanını yazan kanit sürümünü ya da daha yenisini kurun." in printed.err
    assert (newer / "registry.db").read_bytes() == before


def test_the_web_application_does_not_start_on_a_newer_schema(newer: Path) -> None:
    with pytest.raises(SchemaTooNew, match="9999"):
        create_app(load_settings())


def test_the_doctor_names_a_newer_schema(newer: Path, capsys: Capsys) -> None:
    found = {line["name"]: line for line in command(capsys, "doctor", "--json").lines}
    assert (found["database"]["state"], "9999" in found["database"]["detail"]) == ("missing", True)


def test_an_older_schema_is_not_changed_by_looking_at_it(tmp_path: Path, capsys: Capsys) -> None:
    home = _at_schema(tmp_path / "home", "0007")
    before = (home / "registry.db").read_bytes()
    with pytest.raises(SchemaTooOld, match="0007"):
        verify_store(load_settings())
    assert command(capsys, "store", "backup", "b").code == Exit.INTERNAL
    assert (home / "registry.db").read_bytes() == before


def test_a_registry_that_is_away_does_not_keep_the_server_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may come up later than kanit does, after a power failure for instance."""
    monkeypatch.setenv("KANIT_DATABASE_URL", f"postgresql://kanit@/kanit?host={tmp_path}")
    refuse_newer(load_settings())
    monkeypatch.setenv("KANIT_DATABASE_URL", f"sqlite:///{tmp_path / 'none' / 'registry.db'}")
    refuse_newer(load_settings())
    assert not (tmp_path / "none").exists()
