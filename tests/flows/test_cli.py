"""The command line as a whole: its commands, how they end, and what they load."""

import importlib
import subprocess
import sys
from pathlib import Path

import click
import httpx
import pytest
from sqlalchemy.exc import SQLAlchemyError

from flows import errors, texts
from flows.cli import Commands, cli
from flows.errors import Exit, KanitError
from flows.foreign_errors import error_of
from flows.texts import Language
from storage.errors import DatabaseUnusable, SettingsInvalid
from tests.flows.helpers import command, sample
from validators.messages import places


@pytest.mark.parametrize("name", Commands.SUMMARIES)
def test_every_command_loads_and_has_a_help_page(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = Commands.ELSEWHERE.get(name, f"flows.commands.{name}")
    assert isinstance(importlib.import_module(module).command, click.Command)
    printed = command(capsys, name, "--help")
    assert printed.code == Exit.OK
    assert printed.out.startswith(f"Usage: kanit {name}")


def test_help_names_every_command_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    printed = command(capsys, "--help")
    places = [printed.out.index(f"\n  {name} ") for name in Commands.SUMMARIES]
    assert printed.code == Exit.OK
    assert places == sorted(places)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["verify"],
        ["verify", "--nonsense", "."],
        ["verify", "missing"],
        ["read", "missing.pdf"],
        ["unpack", "missing.zip"],
        ["batch", "missing"],
        ["schema", "nonsense"],
        ["registry", "search"],
    ],
)
def test_wrong_usage_ends_with_2_and_prints_nothing_on_standard_output(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    printed = command(capsys, *arguments)
    assert printed.code == 2
    assert printed.out == ""
    assert printed.err.strip()


def test_a_wrong_setting_is_told_with_its_origin(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KANIT_WORKERS", "many")
    printed = command(capsys, "verify", "--lang", "en", tmp_path)
    assert printed.code == Exit.USAGE
    assert "KANIT_WORKERS" in printed.err


def test_an_unknown_policy_is_a_wrong_setting(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KANIT_POLICY", "kilavuz-v99")
    printed = command(capsys, "verify", tmp_path)
    assert printed.code == Exit.USAGE
    assert "kilavuz-v99" in printed.err


def test_a_fault_of_our_own_is_one_line_and_a_traceback_only_with_debug(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("something about 10000000146")

    monkeypatch.setattr("flows.verdict.read_application", fail)
    printed = command(capsys, "verify", tmp_path)
    assert printed.code == Exit.INTERNAL
    assert printed.out == ""
    assert "RuntimeError: something about 10*********" in printed.err
    assert "Traceback" not in printed.err
    debugged = command(capsys, "--debug", "verify", tmp_path)
    assert "Traceback" in debugged.err
    assert "10000000146" not in debugged.err


def test_ctrl_c_ends_with_130(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("flows.verdict.read_application", interrupt)
    assert command(capsys, "verify", tmp_path).code == Exit.INTERRUPTED


def test_foreign_errors_are_mapped_to_exits() -> None:
    assert error_of(SettingsInvalid("no", "do")).exit_code == Exit.USAGE
    assert error_of(DatabaseUnusable("no", "do")).exit_code == Exit.INTERNAL
    assert error_of(DatabaseUnusable("no", "do")).remedy(Language.ENGLISH) == "do"
    assert error_of(OSError("no")).exit_code == Exit.INTERNAL
    assert isinstance(error_of(httpx.ConnectError("no")), errors.PrefectUnusable)
    assert isinstance(error_of(SQLAlchemyError("SELECT 1")), errors.RegistryUnusable)
    assert "SELECT" not in error_of(SQLAlchemyError("SELECT 1")).message(Language.ENGLISH)


def _errors() -> list[type[KanitError]]:
    return [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, KanitError)]


@pytest.mark.parametrize("error", _errors(), ids=lambda error: error.__name__)
@pytest.mark.parametrize("language", Language)
def test_every_error_has_a_message_and_a_remedy(error: type[KanitError], language: Language) -> None:
    assert f"errors.{error.code}.message" in texts.catalogue(language)
    assert f"errors.{error.code}.remedy" in texts.catalogue(language)


def test_both_languages_have_the_same_texts_with_the_same_places() -> None:
    turkish, english = (texts.catalogue(language) for language in Language)
    assert list(turkish) == list(english)
    for key, text in turkish.items():
        assert places(text) == places(english[key]), key


@pytest.mark.parametrize("arguments", [["--help"], ["verify"], ["read"], ["unpack"]], ids=str)
def test_prefect_is_not_loaded_where_it_is_not_needed(arguments: list[str], tmp_path: Path) -> None:
    """`kanit verify`, `read` and `unpack` load neither Prefect nor the database."""
    targets = {
        "verify": [str(sample(tmp_path, "statement"))] if "verify" in arguments else [],
        "read": [__file__],
        "unpack": [__file__],
    }
    script = (
        "import sys; from flows.cli import run; run(sys.argv[1:]);"
        "print([name for name in ('prefect', 'sqlalchemy') if name in sys.modules], file=sys.stderr)"
    )
    call = [sys.executable, "-c", script, *arguments, *targets.get(arguments[0], [])]
    done = subprocess.run(call, check=True, capture_output=True, text=True, timeout=120)
    assert done.stderr.splitlines()[-1] == "[]"


def test_the_group_help_does_not_load_commands() -> None:
    script = "import sys; from flows.cli import run; run(['--help']); print('flows.commands' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.splitlines()[-1] == "False"


def test_the_version_is_the_project_s(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.name == "cli"
    assert "0.1" in command(capsys, "--version").out
