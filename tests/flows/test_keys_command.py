"""`kanit keys`: what it prints, refuses, and never prints."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from flows.cli import run
from flows.texts import Language
from storage.keys import load_keys
from tests.storage.rotated import Registry, fill, registry_at


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A filled registry in KANIT_HOME."""
    home = tmp_path / "home"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KANIT_HOME", str(home))
    with registry_at(home, f"sqlite:///{home / 'registry.db'}") as made:
        fill(made)
        yield made


def secrets_of(registry: Registry) -> list[str]:
    """The keys themselves, as they stand in the file."""
    return [line.split(":")[2] for line in registry.settings.key_file.read_text().split()]


def kanit(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command of `keys`; return its exit code and what it printed."""
    code = run(["keys", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_keys_are_listed_rotated_and_dropped_as_json(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    old = load_keys(registry.settings.key_file).id
    (key,) = [json.loads(line) for line in kanit(capsys, "list", "--json")[1].splitlines()]
    assert (key["id"], key["state"], key["since"], key["droppable"]) == (old, "current", None, False)
    prepared = json.loads(kanit(capsys, "rotate", "--prepare", "--json")[1])["prepared"]
    done = json.loads(kanit(capsys, "rotate", "--json")[1])
    assert (done["key"], done["before"], done["values"]["damaged"]) == (prepared, old, 0)
    again = json.loads(kanit(capsys, "rotate", "--json")[1])["key"]
    keys = [json.loads(line) for line in kanit(capsys, "list", "--json")[1].splitlines()]
    assert [(key["id"], key["droppable"]) for key in keys] == [(again, False), (prepared, True), (old, False)]
    last = keys[-1]
    kept = datetime.fromisoformat(last["audit_lines_due"]) - datetime.fromisoformat(last["until"])
    assert (kept.days, keys[1]["audit_lines_due"]) == (730, None)
    code, out, err = kanit(capsys, "drop", prepared, "--lang", "en")
    assert (code, prepared in out, err) == (0, True, "")
    assert load_keys(registry.settings.key_file).ids == (again, old)


@pytest.mark.parametrize("language", list(Language))
def test_every_answer_is_told_in_both_languages_and_none_holds_a_key(
    registry: Registry, capsys: pytest.CaptureFixture[str], language: Language
) -> None:
    old = load_keys(registry.settings.key_file).id
    deeds = (
        ["rotate", "--dry-run"],
        ["rotate", "--prepare"],
        ["rotate"],
        ["list"],
        ["drop", old],
        ["drop", "x"],
    )
    told = [kanit(capsys, *deed, "--lang", language.value) for deed in deeds]
    assert [code for code, _, _ in told] == [0, 0, 0, 0, 1, 1]
    printed = "".join(out + err for _, out, err in told)
    assert "ROTATION_IMPOSSIBLE" in printed
    assert old in printed
    assert "{" not in printed
    assert not any(secret in printed for secret in secrets_of(registry))


def test_a_key_of_the_environment_is_moved_into_a_file(
    registry: Registry, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KANIT_KEY", registry.settings.key_file.read_text())
    registry.settings.key_file.unlink()
    code, out, err = kanit(capsys, "rotate", "--lang", "en")
    assert (code, out) == (1, "")
    assert "--new-key-file" in err
    new = tmp_path / "new"
    code, out, _ = kanit(capsys, "rotate", "--new-key-file", str(new), "--lang", "en")
    assert (code, str(new) in out, oct(new.stat().st_mode)) == (0, True, "0o100600")
    assert kanit(capsys, "rotate", "--new-key-file", str(new))[0] == 1, "it overwrites nothing"
    monkeypatch.delenv("KANIT_KEY")
    monkeypatch.setenv("KANIT_KEY_FILE", str(new))
    assert json.loads(kanit(capsys, "rotate", "--json")[1])["key"] == load_keys(new).id
    assert len(load_keys(new).ids) == 2


def test_a_new_file_is_for_keys_of_the_environment(
    registry: Registry, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, err = kanit(capsys, "rotate", "--new-key-file", str(tmp_path / "new"))
    assert (code, (tmp_path / "new").exists()) == (2, False)
    assert "KANIT_KEY" in err
    assert len(load_keys(registry.settings.key_file).ids) == 1
